"""Draws heat: beside or over a picture, as bars by columns or steps, as marks on tokens, with its scale."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QImage, QPainter, QPen

from app.lenses.colour_maps import (
    RgbArray,
    grey_pixels,
    sample_image,
    sequential_pixels,
    signed_pixels,
    to_image,
)
from app.lenses.painters.gradients.heat import Heat
from app.style import theme as style
from app.style.theme import NEGATIVE, POSITIVE, Theme
from app.widgets.numbers import number

LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
HEAD, FOOT, GAP = 20.0, 30.0, 12.0
"""Heights of the line above and of the scale below, and the room between two pictures, in pixels."""
ROW, TALL_ROW, LINE = 19.0, 30.0, 17.0
MOST_ROWS = 24


def heat_image(heat: Heat, theme: Theme, *, over: bool = False) -> QImage:
    """A picture of the heat; `over`: on a grey picture of the sample."""
    if heat.signed:
        return to_image(signed_pixels(heat.values, heat.scale, theme))
    pixels = sequential_pixels(heat.values, 0.0, heat.scale)
    if over and heat.under is not None:
        share = np.clip(heat.values / heat.scale, 0.0, 1.0)[..., None] * 0.45 + 0.3
        pixels = _mixed(grey_pixels(np.asarray(heat.under, np.float32).mean(0)), pixels, share)
    return to_image(pixels)


def _mixed(below: RgbArray, above: RgbArray, share: np.ndarray) -> RgbArray:
    mixed: RgbArray = np.rint(below * (1.0 - share) + above * share).astype(np.uint8)
    return mixed


def draw_heading(painter: QPainter, area: QRectF, heat: Heat, theme: Theme, note: str = "") -> None:
    """What reacts with its value at the left, a note at the right."""
    line = QRectF(area.left(), area.top(), area.width(), HEAD - 4)
    painter.setFont(style.sans(11))
    told = painter.fontMetrics()
    wide = min(told.horizontalAdvance(note), line.width() / 2) + (8 if note else 0)
    painter.setPen(style.colour(theme.muted))
    painter.drawText(line, RIGHT, told.elidedText(note, Qt.TextElideMode.ElideRight, int(wide)))
    painter.setFont(style.sans(12))
    painter.setPen(style.colour(theme.text))
    shown = painter.fontMetrics().elidedText(
        heat.heading, Qt.TextElideMode.ElideRight, int(line.width() - wide)
    )
    painter.drawText(line, LEFT, shown)


def draw_scale(painter: QPainter, area: QRectF, heat: Heat, theme: Theme) -> None:
    """A strip of the colours with the values at its ends; words where there is nothing but 0."""
    painter.setFont(style.mono(10))
    painter.setPen(style.colour(theme.muted))
    words = QRectF(area.left(), area.top() + 11, area.width(), 14)
    if heat.is_nothing:
        painter.drawText(words, LEFT, "0 everywhere")
        return
    values = np.linspace(-heat.scale if heat.signed else 0.0, heat.scale, 128, dtype=np.float32)[None]
    strip = signed_pixels(values, heat.scale, theme) if heat.signed else sequential_pixels(values)
    painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
    bar = QRectF(area.left(), area.top() + 4, area.width(), 5)
    painter.drawImage(bar, to_image(strip))
    painter.setPen(QPen(style.colour(theme.hairline), 1))
    painter.drawRect(bar)
    painter.setPen(style.colour(theme.muted))
    painter.drawText(words, LEFT, number(-heat.scale) if heat.signed else "0")
    painter.drawText(words, RIGHT, number(heat.scale))


# Pictures ---------------------------------------------------------------------------------------


def picture_boxes(area: QRectF, heat: Heat, *, small: bool) -> list[QRectF]:
    """Where the sample and the heat are drawn; the heat alone where there is no sample."""
    head, foot = (0.0, 0.0) if small else (HEAD, FOOT)
    count = 1 if heat.under is None else 2
    gap = 4.0 if small else GAP
    high, wide = heat.values.shape
    room = (area.width() - gap * (count - 1)) / count
    scale = min(room / wide, (area.height() - head - foot) / high)
    size = (max(1.0, wide * scale), max(1.0, high * scale))
    start = area.left() + (area.width() - count * size[0] - gap * (count - 1)) / 2 if small else area.left()
    top = area.top() + head + ((area.height() - size[1]) / 2 if small else 0.0)
    return [QRectF(start + index * (size[0] + gap), top, *size) for index in range(count)]


def draw_picture(
    painter: QPainter,
    area: QRectF,
    heat: Heat,
    theme: Theme,
    mouse: QPointF | None,
    *,
    small: bool,
    over: bool,
) -> None:
    boxes = picture_boxes(area, heat, small=small)
    painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, False)
    images = [heat_image(heat, theme, over=over)]
    if heat.under is not None:
        images.insert(0, sample_image(heat.under))
    for box, image in zip(boxes, images, strict=True):
        painter.drawImage(box, image)
    if small:
        return
    draw_heading(painter, area, heat, theme, " · ".join(filter(None, (heat.quantity, heat.pooled))))
    below = boxes[-1]
    draw_scale(painter, QRectF(below.left(), below.bottom(), below.width(), FOOT), heat, theme)
    if len(boxes) > 1:
        painter.setFont(style.sans(10))
        painter.setPen(style.colour(theme.muted))
        painter.drawText(
            QRectF(boxes[0].left(), boxes[0].bottom() + 11, boxes[0].width(), 14), LEFT, "sample"
        )
    place = cell_at(mouse, boxes, heat) if mouse is not None else None
    if place is not None:
        _draw_cell(painter, boxes, heat, place, theme)


def cell_at(place: QPointF, boxes: Sequence[QRectF], heat: Heat) -> tuple[int, int] | None:
    """Row and column under a point of either picture."""
    high, wide = heat.values.shape
    for box in boxes:
        if box.contains(place):
            row = min(high - 1, int((place.y() - box.top()) / box.height() * high))
            return row, min(wide - 1, int((place.x() - box.left()) / box.width() * wide))
    return None


def _draw_cell(
    painter: QPainter, boxes: Sequence[QRectF], heat: Heat, place: tuple[int, int], theme: Theme
) -> None:
    high, wide = heat.values.shape
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(QPen(style.colour(theme.accent), 1.5))
    for box in boxes:
        across, down = box.width() / wide, box.height() / high
        cell = QRectF(box.left() + place[1] * across, box.top() + place[0] * down, across, down)
        painter.drawRect(cell.adjusted(-1, -1, 1, 1))


# Bars -------------------------------------------------------------------------------------------


def ranked(heat: Heat, most: int) -> list[int]:
    """Places of the columns that find room: all in their order, else the largest first."""
    if len(heat.values) <= most and heat.total <= len(heat.values):
        return list(range(len(heat.values)))
    return [int(one) for one in np.argsort(-np.abs(heat.values), kind="stable")[:most]]


def rows_in(area: QRectF, heat: Heat, *, small: bool) -> list[tuple[int, QRectF]]:
    """Columns with their places, from the top."""
    head, high = (2.0, 9.0) if small else (HEAD + 2, ROW)
    most = max(1, min(MOST_ROWS, int((area.height() - head) / high)))
    shown = ranked(heat, most)
    if not small:
        high = min(TALL_ROW, max(high, (area.height() - head) / len(shown)))
    return [
        (index, QRectF(area.left(), area.top() + head + place * high, area.width(), high))
        for place, index in enumerate(shown)
    ]


def draw_columns(
    painter: QPainter, area: QRectF, heat: Heat, theme: Theme, mouse: QPointF | None, *, small: bool
) -> None:
    """A row per column: name, bar from the zero line, value."""
    rows = rows_in(area, heat, small=small)
    names, values = (0.0, 0.0) if small else (min(area.width() * 0.36, 120.0), 62.0)
    scale = float(np.abs(heat.values).max()) or 1.0
    for index, box in rows:
        plot = box.adjusted(names + 4, 2, -values - 4, -2)
        value = float(heat.values[index])
        middle = plot.center().x()
        long = abs(value) / scale * plot.width() / 2
        bar = QRectF(
            middle if value >= 0 else middle - long, plot.top() + 1, max(1.0, long), plot.height() - 2
        )
        painter.fillRect(bar, style.colour(POSITIVE if value >= 0 else NEGATIVE))
        painter.setPen(QPen(style.colour(theme.hairline), 1))
        painter.drawLine(QPointF(middle, box.top()), QPointF(middle, box.bottom()))
        if small:
            continue
        pointed = mouse is not None and box.contains(mouse)
        painter.setFont(style.sans(12))
        painter.setPen(style.colour(theme.text if pointed else theme.muted))
        shown = painter.fontMetrics().elidedText(heat.names[index], Qt.TextElideMode.ElideRight, int(names))
        painter.drawText(QRectF(box.left(), box.top(), names, box.height()), LEFT, shown)
        painter.setFont(style.mono(11))
        painter.drawText(box, RIGHT, number(value))
    if not small:
        left_out = heat.total > len(rows)
        note = f"{len(rows)} of {heat.total:,}, largest first" if left_out else heat.quantity
        draw_heading(painter, area, heat, theme, note)


def steps_boxes(area: QRectF, *, small: bool) -> tuple[QRectF, QRectF]:
    """Where the series and the bars below it are drawn."""
    room = area.adjusted(0, 2, 0, -2) if small else area.adjusted(0, HEAD + 2, 0, -FOOT)
    split = room.top() + room.height() * 0.5
    return (
        QRectF(room.left(), room.top(), room.width(), split - room.top() - 6),
        QRectF(room.left(), split, room.width(), room.bottom() - split),
    )


def draw_steps(
    painter: QPainter, area: QRectF, heat: Heat, theme: Theme, mouse: QPointF | None, *, small: bool
) -> None:
    """The series above, a bar per step below."""
    curve, bars = steps_boxes(area, small=small)
    values = np.asarray(heat.under, np.float32)[:, 0] if heat.under is not None else np.zeros(1, np.float32)
    span = float(values.max() - values.min()) or 1.0
    across = bars.width() / len(heat.values)
    xs = bars.left() + (np.arange(len(values)) + 0.5) * across
    ys = curve.bottom() - (values - values.min()) / span * curve.height()
    painter.setPen(QPen(style.colour(theme.muted), 1.5))
    painter.drawPolyline([QPointF(float(x), float(y)) for x, y in zip(xs, ys, strict=True)])
    scale = float(np.abs(heat.values).max()) or 1.0
    above, below = max(0.0, float(heat.values.max())), min(0.0, float(heat.values.min()))
    room = bars.height() * scale / ((above - below) or scale)
    zero = bars.bottom() + below / scale * room
    for index, value in enumerate(heat.values.tolist()):
        high = abs(value) / scale * room
        top = zero - high if value >= 0 else zero
        box = QRectF(bars.left() + index * across, top, max(1.0, across - 1), max(0.5, high))
        painter.fillRect(box, style.colour(POSITIVE if value >= 0 else NEGATIVE))
    painter.setPen(QPen(style.colour(theme.hairline), 1))
    painter.drawLine(QPointF(bars.left(), zero), QPointF(bars.right(), zero))
    if small:
        return
    note = "" if heat.total <= len(heat.values) else f"first {len(heat.values):,} of {heat.total:,} steps"
    draw_heading(painter, area, heat, theme, note)
    foot = QRectF(area.left(), bars.bottom() + 4, area.width(), 14)
    painter.setFont(style.mono(10))
    painter.setPen(style.colour(theme.muted))
    painter.drawText(foot, LEFT, "step 1")
    painter.drawText(foot, RIGHT, f"{len(heat.values):,}")
    painter.setFont(style.sans(10))
    painter.drawText(foot, Qt.AlignmentFlag.AlignCenter, f"{heat.quantity} to {number(scale)}")
    at = step_at(mouse, area, heat) if mouse is not None else None
    if at is not None:
        painter.setPen(QPen(style.colour(theme.accent), 1))
        x = bars.left() + (at + 0.5) * across
        painter.drawLine(QPointF(x, curve.top()), QPointF(x, bars.bottom()))


def step_at(place: QPointF, area: QRectF, heat: Heat) -> int | None:
    curve, bars = steps_boxes(area, small=False)
    if not curve.united(bars).contains(place):
        return None
    return min(len(heat.values) - 1, int((place.x() - bars.left()) / bars.width() * len(heat.values)))
