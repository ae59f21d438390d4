"""Draws heat as marks on the tokens of a text, in lines as wide as there is room."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QFontMetrics, QPainter, QPen

from app.lenses.painters.gradients.heat import Heat
from app.lenses.painters.gradients.heat_paint import FOOT, HEAD, LINE, draw_heading
from app.lenses.prediction import visible
from app.style import theme as style
from app.style.theme import NEGATIVE, POSITIVE, Theme
from app.widgets.numbers import number


@dataclass(frozen=True)
class Placed:
    """Tokens with the boxes in which they stand; those before `first` found no room."""

    first: int
    boxes: tuple[QRectF, ...]


def placed(heat: Heat, area: QRectF, *, small: bool) -> Placed:
    """The last tokens that find room, since they are nearest to what is predicted."""
    size, high, head, foot = (8, 11.0, 2.0, 2.0) if small else (12, LINE, HEAD, FOOT)
    widths, gap = _widths(heat, size)
    room = max(1, int((area.height() - head - foot) / high))
    lines = _lines(widths, gap, area.width())
    kept = lines[-room:]
    boxes = []
    for row, (start, end) in enumerate(kept):
        x, y = area.left(), area.top() + head + row * high
        for width in widths[start:end]:
            boxes.append(QRectF(x, y, min(width, area.width()), high - 1))
            x += width + gap
    return Placed(kept[0][0] if kept else 0, tuple(boxes))


def lines_for(heat: Heat, width: int) -> int:
    """How many lines all tokens need."""
    widths, gap = _widths(heat, 12)
    return len(_lines(widths, gap, float(max(width, 40))))


def _widths(heat: Heat, size: int) -> tuple[list[float], float]:
    """The room of each token and the gap between two; each word is measured once, however often it stands
    there.
    """
    told = QFontMetrics(style.mono(size))
    names = dict.fromkeys(heat.names)
    wide = any(len(name) > 1 for name in names)
    found = {name: told.horizontalAdvance(_shown(name)) + (4.0 if wide else 1.0) for name in names}
    return [found[name] for name in heat.names], 3.0 if wide else 0.0


def _lines(widths: list[float], gap: float, room: float) -> list[tuple[int, int]]:
    """Ranges of tokens, a line each."""
    lines, start, x = [], 0, 0.0
    for index, width in enumerate(widths):
        if x and x + width > room:
            lines.append((start, index))
            start, x = index, 0.0
        x += width + gap
    return [*lines, (start, len(widths))] if widths else []


def _shown(name: str) -> str:
    return " " if name == " " else visible(name)


def draw_tokens(
    painter: QPainter, area: QRectF, heat: Heat, theme: Theme, mouse: QPointF | None, *, small: bool
) -> None:
    """The text with marks: the stronger, the more a token counts; weak ones are lifted to be seen."""
    where = placed(heat, area, small=small)
    scale = float(np.abs(heat.values).max()) or 1.0
    painter.setFont(style.mono(8 if small else 12))
    for index, box in enumerate(where.boxes, where.first):
        value = float(heat.values[index])
        ground = style.colour(POSITIVE if value >= 0 else NEGATIVE, 0.75 * (abs(value) / scale) ** 0.6)
        painter.fillRect(box, ground)
        painter.setPen(style.colour(theme.text))
        painter.drawText(box, Qt.AlignmentFlag.AlignCenter, _shown(heat.names[index]))
        if mouse is not None and box.contains(mouse) and not small:
            painter.setPen(QPen(style.colour(theme.accent), 1.5))
            painter.drawRect(box)
    if small:
        return
    count = len(where.boxes)
    note = "" if count >= heat.total else f"{count:,} of {heat.total:,} tokens"
    draw_heading(painter, area, heat, theme, note)
    bottom = where.boxes[-1].bottom() if where.boxes else area.top() + HEAD
    foot = QRectF(area.left(), bottom + 6, area.width(), 16)
    painter.setFont(style.sans(10))
    painter.setPen(style.colour(theme.muted))
    words = f"Strongest mark: {heat.quantity} {number(scale)}" if not heat.is_nothing else "0 everywhere"
    shown = painter.fontMetrics().elidedText(words, Qt.TextElideMode.ElideRight, int(foot.width()))
    painter.drawText(foot, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, shown)


def token_at(place: QPointF, area: QRectF, heat: Heat) -> int | None:
    where = placed(heat, area, small=False)
    for index, box in enumerate(where.boxes, where.first):
        if box.contains(place):
            return index
    return None
