"""Paints dead and saturated units: a cell for each unit, filled as often as it works, and their numbers."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QImage, QPainter, QPen

from app.lenses.fitted_view import FittedView
from app.lenses.painter import Arrays, Context, Painter, Subject, picture
from app.lenses.room import Room
from app.lenses.sets.told import of_set
from app.style import theme as style
from app.style.theme import POSITIVE, Theme
from app.widgets.numbers import grouped, percent

_ROOM = Room(1, 1, 184.0, 92.0)
_LINE, _LARGEST, _TALLEST = 17, 18.0, 260.0
_LISTED = 3
"""Lines of a list of units."""
_LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
DEAD, SATURATED = "dead", "saturated"


@dataclass(frozen=True, eq=False)
class Units:
    """Shares of the values of each unit that are 0, and that are at an end; `units` counts all."""

    zero: NDArray[np.float32]
    saturated: NDArray[np.float32] | None
    units: int
    dead: int
    stuck: int
    """How many are saturated."""
    values: int
    samples: str
    """Which samples they were shown."""

    def state(self, unit: int) -> str:
        """`dead`, `saturated` or empty."""
        if self.zero[unit] == 1:
            return DEAD
        return SATURATED if self.saturated is not None and self.saturated[unit] >= 0.95 else ""

    def working(self, unit: int) -> float:
        """Share of its values that are neither 0 nor at an end."""
        ends = 0.0 if self.saturated is None else float(self.saturated[unit])
        return max(0.0, 1.0 - float(self.zero[unit]) - ends)

    @property
    def scale(self) -> tuple[str, str]:
        """What it is to work never and always."""
        return ("never active", "always") if self.saturated is None else ("always at an end", "never")

    def words(self) -> str:
        """How many are dead and how many saturated."""
        parts = [f"{grouped(self.dead)} of {grouped(self.units)} dead"]
        if self.saturated is not None:
            parts.append(f"{grouped(self.stuck)} saturated")
        return " · ".join(parts)

    def list_of(self, state: str) -> list[int]:
        """The units that are shown and in this state."""
        return [unit for unit in range(len(self.zero)) if self.state(unit) == state]

    def text(self, unit: int) -> str:
        """One unit, as in `unit 12 · dead · 0 in 100.0 % of 50,176 values`."""
        parts = [f"unit {unit}"]
        if state := self.state(unit):
            parts.append(state)
        parts.append(f"0 in {percent(float(self.zero[unit]))} of {grouped(self.values)} values")
        if self.saturated is not None:
            parts.append(f"at an end in {percent(float(self.saturated[unit]))}")
        return " · ".join(parts)


class DeadUnitsPainter(Painter[FittedView]):
    """The cells in the node; with the lists in the inspector."""

    kind = "dead_units"
    empty = "Press Play to see which units never fire."

    def room(self, subject: Subject) -> Room | None:
        return _ROOM

    def thumbnail(self, arrays: Arrays, room: Room, context: Context, theme: Theme) -> QImage | None:
        units = _units(arrays)
        return picture(room, theme, partial(_paint_small, units)) if units is not None else None

    def view(self) -> FittedView:
        return FittedView(120)

    def show(self, view: FittedView, arrays: Arrays, context: Context) -> bool:
        units = _units(arrays)
        if units is None:
            return False
        view.show_fitted(units, partial(_paint, units), partial(_height, units), partial(_text_at, units))
        return True

    def note(self, view: FittedView, moment: str, context: Context) -> str:
        units: Units | None = view.shown
        if units is None:
            return moment
        parts = [units.samples, moment]
        if len(units.zero) < units.units:
            parts.insert(0, f"{grouped(len(units.zero))} of {grouped(units.units)} units")
        return " · ".join(parts)


def _units(arrays: Arrays) -> Units | None:
    if "counts" not in arrays:
        return None
    units, dead, stuck, values, count = (int(count) for count in arrays["counts"])
    samples = of_set(arrays["set"]) if "set" in arrays else f"{grouped(count)} samples"
    saturated = arrays.get("saturated")
    return Units(
        np.asarray(arrays["zero"], np.float32),
        None if saturated is None else np.asarray(saturated, np.float32),
        units, dead, stuck, values, samples,
    )  # fmt: skip


def _grid(count: int, width: float, tallest: float, largest: float = _LARGEST) -> tuple[int, float]:
    """Columns and the side of a cell, as large as the height allows."""
    side = largest
    while side > 2.0 and math.ceil(count / max(1, int(width // side))) * side > tallest:
        side -= 1.0
    return max(1, int(width // side)), side


def _grid_height(units: Units, width: float) -> float:
    columns, side = _grid(len(units.zero), width, _TALLEST)
    return math.ceil(len(units.zero) / columns) * side


def _height(units: Units, width: int) -> int:
    rows = sum(len(lines) for _, lines in _lists(units, float(width)))
    return math.ceil(_LINE + 4 + _grid_height(units, width) + 6 + rows * _LINE + _LINE)


def _lists(units: Units, width: float) -> list[tuple[str, list[str]]]:
    """The numbers of the units in each state, in lines."""
    told = QFontMetricsF(style.mono(10))
    found = []
    for state, total in ((DEAD, units.dead), (SATURATED, units.stuck)):
        listed = units.list_of(state)
        if listed:
            found.append((state, _in_lines(f"{state}: ", listed, total, told, width)))
    return found


def _in_lines(lead: str, listed: list[int], total: int, told: QFontMetricsF, width: float) -> list[str]:
    lines: list[str] = []
    line = lead
    for place, unit in enumerate(listed):
        word = f"{unit}, " if place < len(listed) - 1 else f"{unit}"
        more = f"and {grouped(total - place)} more"
        is_last = len(lines) == _LISTED - 1
        room = width - (told.horizontalAdvance(more) if is_last and place < len(listed) - 1 else 0.0)
        if told.horizontalAdvance(line + word) > room:
            if is_last:
                return [*lines, line + more]
            lines.append(line.rstrip())
            line = ""
        line += word
    left = total - len(listed)
    return [*lines, line + (f" and {grouped(left)} more" if left else "")]


def _inks(theme: Theme) -> dict[str, str]:
    return {DEAD: theme.bad, SATURATED: theme.warn}


def _cell_inks(units: Units, theme: Theme) -> Callable[[int, str], QColor]:
    """The colour of a unit in a state; blue in 64 strengths, each made once."""
    inks = {state: style.colour(name) for state, name in _inks(theme).items()}
    blues = [style.colour(POSITIVE, 0.9 * step / 63) for step in range(64)]
    return lambda unit, state: inks[state] if state else blues[round(63 * units.working(unit))]


def _paint_cells(
    painter: QPainter, area: QRectF, units: Units, theme: Theme, largest: float = _LARGEST
) -> None:
    """A cell for each unit: filled in blue as often as it works, in other colours where it never does."""
    columns, side = _grid(len(units.zero), area.width(), area.height() + 0.5, largest)
    air = 2.0 if side >= 8 else 1.0 if side >= 4 else 0.0
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
    ground, ink = style.colour(theme.hairline, 0.6), _cell_inks(units, theme)
    for unit in range(len(units.zero)):
        row, column = divmod(unit, columns)
        place = QPointF(area.left() + column * side, area.top() + row * side)
        cell = QRectF(place.x(), place.y(), side - air, side - air)
        if cell.bottom() > area.bottom() + 1:
            return
        painter.fillRect(cell, ground)
        state = units.state(unit)
        painter.fillRect(cell, ink(unit, state))
        if state == DEAD and side >= 8:
            painter.setPen(QPen(style.colour(theme.panel), 1.2))
            painter.drawLine(cell.topLeft() + QPointF(3, 3), cell.bottomRight() - QPointF(3, 3))
            painter.drawLine(cell.topRight() + QPointF(-3, 3), cell.bottomLeft() + QPointF(3, -3))


def _paint_small(units: Units, painter: QPainter, area: QRectF, theme: Theme) -> None:
    inner = area.adjusted(6, 4, -6, -4)
    painter.setFont(style.mono(9))
    painter.setPen(style.colour(theme.text))
    painter.drawText(QRectF(inner.left(), inner.top(), inner.width(), 13), _LEFT, units.words())
    _paint_cells(painter, inner.adjusted(0, 16, 0, 0), units, theme, largest=36.0)


def _paint(units: Units, painter: QPainter, area: QRectF, theme: Theme) -> None:
    painter.setFont(style.sans(12))
    painter.setPen(style.colour(theme.text))
    painter.drawText(QRectF(area.left(), area.top(), area.width(), _LINE), _LEFT, units.words())
    cells = _cells_area(units, area)
    _paint_cells(painter, cells, units, theme)
    painter.setFont(style.mono(10))
    y = cells.bottom() + 6
    for state, lines in _lists(units, area.width()):
        painter.setPen(style.colour(_inks(theme)[state]))
        for line in lines:
            painter.drawText(QRectF(area.left(), y, area.width(), _LINE), _LEFT, line)
            y += _LINE
    _paint_legend(painter, QRectF(area.left(), y, area.width(), _LINE), units.scale, theme)


def _paint_legend(painter: QPainter, line: QRectF, words: tuple[str, str], theme: Theme) -> None:
    """What the blue means."""
    painter.setFont(style.mono(10))
    painter.setPen(style.colour(theme.muted))
    told = QFontMetricsF(style.mono(10))
    painter.drawText(line, _LEFT, words[0])
    left = line.left() + told.horizontalAdvance(words[0]) + 6
    for step in range(6):
        cell = QRectF(left + step * 10, line.center().y() - 4, 10, 8)
        painter.fillRect(cell, style.colour(theme.hairline, 0.6))
        painter.fillRect(cell, style.colour(POSITIVE, 0.9 * step / 5))
    painter.drawText(line.adjusted(left + 66 - line.left(), 0, 0, 0), _LEFT, words[1])


def _cells_area(units: Units, area: QRectF) -> QRectF:
    return QRectF(area.left(), area.top() + _LINE + 4, area.width(), _grid_height(units, area.width()))


def _text_at(units: Units, place: QPointF, area: QRectF) -> str:
    cells = _cells_area(units, area)
    columns, side = _grid(len(units.zero), cells.width(), _TALLEST)
    column = int((place.x() - cells.left()) // side)
    unit = int((place.y() - cells.top()) // side) * columns + column
    if not cells.contains(place) or column >= columns or not 0 <= unit < len(units.zero):
        return ""
    return units.text(unit)
