"""Painting for one element: grids of numbers, maps with a frame, parts of groups, and lists of terms."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen, QPolygonF

from app.lenses.cell.shown import ShownCell
from app.lenses.colour_maps import signed_pixels, signed_scale, to_image
from app.style import theme as style
from app.style.theme import NEGATIVE, POSITIVE, Theme
from engine.lens.cell.cell import Cell
from engine.lens.cell.wording import told

Floats = NDArray[np.floating[Any]]
LEFT = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft
RIGHT = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight
CENTRE = Qt.AlignmentFlag.AlignCenter
CAPTION, ROW = 16, 18
"""Pixels of a line above a picture, and of a term in a list."""
_LEAST_CURVE = 104.0
_LEGIBLE = 19.0
"""From this side on a square has room for its number."""


def short(value: float) -> str:
    """A number for a narrow place: at most seven characters."""
    if not np.isfinite(value):
        return "–"
    size = abs(value)
    if size >= 9999.5 or 0 < size < 1e-3:
        words = f"{value:.0e}".replace("e+0", "e").replace("e-0", "e-")
    elif size >= 1000:
        words = f"{value:.0f}"
    else:
        words = f"{value:.3g}" if size >= 0.1 or not size else f"{value:.2g}"
    return words.replace("-", "−", 1) if value < 0 else words


def caption(painter: QPainter, box: QRectF, words: str, theme: Theme, *, strong: bool = False) -> None:
    """One line above a picture, cut where the room ends."""
    painter.setFont(style.sans(11))
    painter.setPen(style.colour(theme.text if strong else theme.muted))
    line = QRectF(box.left(), box.top() - CAPTION, box.width(), CAPTION - 2)
    cut = painter.fontMetrics().elidedText(words, Qt.TextElideMode.ElideRight, int(line.width()))
    painter.drawText(line, LEFT, cut)


def sign(painter: QPainter, centre: QPointF, word: str, theme: Theme) -> None:
    """An operator between two grids."""
    painter.setFont(style.mono(13))
    painter.setPen(style.colour(theme.muted))
    painter.drawText(QRectF(centre.x() - 12, centre.y() - 10, 24, 20), CENTRE, word)


def curve_box(output: QRectF, width: float) -> QRectF:
    """The room of a curve beside the output map, or below it where that leaves too little."""
    left = output.right() + 20
    if width - left >= _LEAST_CURVE:
        side = min(width - left - 1, max(_LEAST_CURVE, 1.6 * output.height()))
        return QRectF(left, output.top(), side, max(output.height(), _LEAST_CURVE * 0.75))
    return QRectF(output.left(), output.bottom() + CAPTION + 6, min(width - 2, 220.0), _LEAST_CURVE)


def curve(painter: QPainter, box: QRectF, cell: Cell, theme: Theme) -> None:
    """A function of one number, the axes through zero, and the point of this element."""
    x, y = cell.curve.astype(np.float64)
    caption(painter, box, f"x = {told(cell.total)} → {told(cell.value)}", theme)
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QPen(style.colour(theme.hairline), 1))
    painter.setBrush(style.colour(theme.canvas))
    painter.drawRect(box)
    low, high = min(0.0, float(y.min())), max(0.0, float(y.max()))
    pad = 0.08 * (high - low or 1.0)
    low, high = low - pad, high + pad

    def at(one: float, other: float) -> QPointF:
        across = (one - x[0]) / (x[-1] - x[0])
        return QPointF(
            box.left() + across * box.width(), box.bottom() - (other - low) / (high - low) * box.height()
        )

    zero = at(0.0, 0.0)
    painter.setPen(QPen(style.colour(theme.faint, 0.6), 1))
    painter.drawLine(QPointF(box.left(), zero.y()), QPointF(box.right(), zero.y()))
    painter.drawLine(QPointF(zero.x(), box.top()), QPointF(zero.x(), box.bottom()))
    painter.setPen(QPen(style.colour(theme.accent), 1.6))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawPolyline(QPolygonF([at(*each) for each in zip(x.tolist(), y.tolist(), strict=True)]))
    if np.isfinite(cell.total) and np.isfinite(cell.value):
        painter.setPen(QPen(style.colour(theme.panel), 1.2))
        painter.setBrush(style.colour(theme.text))
        painter.drawEllipse(at(cell.total, cell.value), 4.0, 4.0)
    painter.restore()


def scale_of(values: Floats) -> float:
    return signed_scale(values)


def grid(
    painter: QPainter,
    box: QRectF,
    values: Floats,
    scale: float,
    theme: Theme,
    marked: tuple[int, int] | None = None,
) -> None:
    """Values (h, w) as squares in their colours, with the numbers where they have room."""
    rows, columns = values.shape
    across, down = box.width() / columns, box.height() / rows
    painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, False)
    painter.drawImage(box, to_image(signed_pixels(values, scale, theme)))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(QPen(style.colour(theme.hairline), 1))
    if across >= 6:
        for column in range(1, columns):
            x = box.left() + column * across
            painter.drawLine(QPointF(x, box.top()), QPointF(x, box.bottom()))
        for row in range(1, rows):
            y = box.top() + row * down
            painter.drawLine(QPointF(box.left(), y), QPointF(box.right(), y))
    painter.drawRect(box)
    if across >= _LEGIBLE:
        _numbers(painter, box, values, scale, theme)
    if marked is not None:
        row, column = marked
        outline(painter, QRectF(box.left() + column * across, box.top() + row * down, across, down), theme)


def _numbers(painter: QPainter, box: QRectF, values: Floats, scale: float, theme: Theme) -> None:
    rows, columns = values.shape
    across, down = box.width() / columns, box.height() / rows
    size = 11 if across >= 38 else 10 if across >= 32 else 9 if across >= 28 else 8
    painter.setFont(style.mono(size))
    pixels = signed_pixels(values, scale, theme)
    for row in range(rows):
        for column in range(columns):
            blue, green, red, _ = (int(one) for one in pixels[row, column])
            painter.setPen(ink(QColor(red, green, blue)))
            cell = QRectF(box.left() + column * across, box.top() + row * down, across, down)
            painter.drawText(cell, CENTRE, _fitting(painter, float(values[row, column]), across - 1))


def _fitting(painter: QPainter, value: float, room: float) -> str:
    """The number with as many digits as there is room for; at least one decimal."""
    rounded = f"{value:.1f}".replace("-", "−") if abs(value) >= 0.05 else "0.0"
    written = (short(value), f"{value:.1g}".replace("-", "−"), rounded)
    told = painter.fontMetrics()
    return next((words for words in written if told.horizontalAdvance(words) <= room), written[-1])


def ink(ground: QColor) -> QColor:
    """Black or white, whichever is read better on this colour."""
    light = 0.299 * ground.red() + 0.587 * ground.green() + 0.114 * ground.blue()
    return QColor("#14161b" if light > 130 else "#f4f5f7")


def outline(painter: QPainter, box: QRectF, theme: Theme) -> None:
    """A frame round what counts, seen on every ground."""
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(QPen(style.colour(theme.panel), 4))
    painter.drawRect(box)
    painter.setPen(QPen(style.colour(theme.accent), 2))
    painter.drawRect(box)


def picture(painter: QPainter, box: QRectF, values: Floats, theme: Theme, scale: float = 0.0) -> None:
    """A map (H, W) in signed colours, one square per value; of a small one with the numbers."""
    if box.width() / values.shape[1] >= _LEGIBLE and box.height() / values.shape[0] >= 12:
        grid(painter, box, values, scale or signed_scale(values), theme)
        return
    painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, False)
    painter.drawImage(box, to_image(signed_pixels(values, scale or signed_scale(values), theme)))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(QPen(style.colour(theme.hairline), 1))
    painter.drawRect(box)


def strip(
    painter: QPainter,
    boxes: list[QRectF],
    parts: Floats,
    names: tuple[str, ...],
    chosen: int,
    theme: Theme,
) -> None:
    """What each group adds, as tiles, with their names where there are any; what is shown has a frame."""
    pixels = signed_pixels(parts, signed_scale(parts), theme)
    for place, box in enumerate(boxes):
        blue, green, red, _ = (int(one) for one in pixels[place])
        ground = QColor(red, green, blue)
        painter.setBrush(ground)
        painter.setPen(QPen(style.colour(theme.hairline), 1))
        painter.drawRect(box)
        painter.setPen(ink(ground))
        below = QRectF(box)
        if names:
            below.setTop(box.center().y())
            painter.setFont(style.sans(10))
            above = QRectF(box.left(), box.top() + 1, box.width(), box.height() / 2)
            painter.drawText(above, CENTRE, _cut(painter, names[place], box.width() - 4))
        painter.setFont(style.mono(9))
        words = short(float(parts[place]))
        if painter.fontMetrics().horizontalAdvance(words) <= box.width() - 2:
            painter.drawText(below, CENTRE, words)
    if 0 <= chosen < len(boxes):
        outline(painter, boxes[chosen], theme)


def terms(
    painter: QPainter, area: QRectF, shown: ShownCell, rows: NDArray[np.intp], hovered: int, theme: Theme
) -> None:
    """A list: where each term comes from, its numbers, and a bar for what it adds or is."""
    cell = shown.cell
    edges = columns_of(area, len(cell.columns))
    painter.setFont(style.sans(10))
    painter.setPen(style.colour(theme.muted))
    for name, (left, right) in zip(("", *cell.columns), edges, strict=False):
        head = QRectF(left, area.top(), right - left, ROW)
        painter.drawText(head, RIGHT if name else LEFT, _cut(painter, name, right - left))
    own = cell.table[cell.group == cell.group[rows[0]], -1] if len(rows) else cell.table[:, -1]
    largest = float(np.abs(own).max(initial=0.0)) or 1.0
    one_sided = bool((own >= 0).all())
    for place, row in enumerate(rows):
        line = QRectF(area.left(), area.top() + (place + 1) * ROW, area.width(), ROW)
        if row in (cell.marked, hovered):
            painter.fillRect(line, style.colour(theme.accent, 0.18 if row == cell.marked else 0.08))
        painter.setFont(style.mono(10))
        painter.setPen(style.colour(theme.muted))
        left, right = edges[0]
        words = _cut(painter, shown.term_place(int(row)), right - left)
        painter.drawText(QRectF(left, line.top(), right - left, ROW), LEFT, words)
        painter.setPen(style.colour(theme.text))
        for value, (left, right) in zip(cell.table[row], edges[1:], strict=False):
            painter.drawText(QRectF(left, line.top(), right - left, ROW), RIGHT, short(float(value)))
        left, right = edges[-1]
        share = float(cell.table[row, -1]) / largest
        box = QRectF(left, line.top() + 4, right - left, ROW - 8)
        bar(painter, box, share, theme, one_sided=one_sided)


def columns_of(area: QRectF, count: int) -> list[tuple[float, float]]:
    """Left and right edges of the place, of the numbers, and of the bar."""
    width = area.width()
    number = min(64.0, max(46.0, width * 0.12))
    place = min(110.0, max(48.0, width * 0.18))
    left = area.left()
    edges = [(left, left + place)]
    left += place
    for _ in range(count):
        edges.append((left + 2, left + number))
        left += number
    edges.append((left + 8, max(left + 10, area.right() - 1)))
    return edges


def bar(painter: QPainter, box: QRectF, share: float, theme: Theme, *, one_sided: bool = False) -> None:
    """From the middle to the right where it adds, to the left where it takes away; from the left edge where
    all of them add.
    """
    start, most = (box.left(), box.width()) if one_sided else (box.center().x(), box.width() / 2)
    painter.fillRect(QRectF(start, box.top() - 3, 1, box.height() + 6), style.colour(theme.hairline))
    reach = max(most * min(1.0, abs(share)), 0.5)
    left = start if share >= 0 else start - reach
    colour = QColor(POSITIVE if share >= 0 else NEGATIVE)
    painter.fillRect(QRectF(left, box.top(), reach, box.height()), colour)


def _cut(painter: QPainter, words: str, width: float) -> str:
    return painter.fontMetrics().elidedText(words, Qt.TextElideMode.ElideRight, int(width))
