"""Quantities over time as heat: a row for each unit, time from left to right; all of them, or one large."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QPainter, QPen

from app.lenses.colour_maps import signed_scale
from app.lenses.painter import Arrays
from app.lenses.painters.sequences.sheet import (
    FOOT,
    LEFT,
    RIGHT,
    PaintedSheet,
    draw_sharp,
    foot,
    heat,
    legend,
)
from app.style import theme as style
from app.style.theme import Theme
from app.widgets.numbers import number

Floats = NDArray[np.float32]
_HEAD, _GAP = 16.0, 8.0
_LOW, _HIGH = 34.0, 260.0
"""Heights of a quantity among others, and alone."""


@dataclass(frozen=True, eq=False)
class TimedQuantity:
    """Values (steps, units); `units` counts those that are left out too."""

    name: str
    values: Floats
    units: int

    @property
    def is_signed(self) -> bool:
        known = self.values[np.isfinite(self.values)]
        return bool(known.size and known.min() < 0.0)

    @property
    def scale(self) -> float:
        """The value of the full colour: 1 for what lies in [0, 1] or [−1, 1], as gates do."""
        known = self.values[np.isfinite(self.values)]
        largest = float(np.abs(known).max()) if known.size else 1.0
        return 1.0 if 0.25 < largest <= 1.0 else signed_scale(self.values)


@dataclass(frozen=True, eq=False)
class Quantities:
    """What was read of a layer; `steps` are those of `total_steps` that are there."""

    all: tuple[TimedQuantity, ...]
    steps: NDArray[np.int64]
    total_steps: int


def read_quantities(arrays: Arrays) -> Quantities | None:
    """None where there is nothing over time in a frame."""
    if "names" not in arrays or not arrays["names"].size:
        return None
    names, units = arrays["names"], arrays["total_units"]
    found = tuple(
        TimedQuantity(str(name), np.asarray(arrays[f"values_{place}"], np.float32), int(units[place]))
        for place, name in enumerate(names)
    )
    return Quantities(found, np.asarray(arrays["steps"], np.int64), int(arrays["total_steps"]))


@dataclass(frozen=True, eq=False)
class OverTimeSheet(PaintedSheet):
    """All quantities, one below the other, or the `enlarged` one; a click goes from one to the other."""

    read: Quantities
    enlarged: int | None = None

    def _shown(self) -> Iterator[tuple[int, TimedQuantity]]:
        for place, quantity in enumerate(self.read.all):
            if self.enlarged is None or place == self.enlarged:
                yield place, quantity

    def _high(self, quantity: TimedQuantity) -> float:
        units = quantity.values.shape[1]
        if self.enlarged is not None:
            return float(min(max(_LOW, 12.0 * units), _HIGH))
        return float(min(max(_LOW, 3.0 * units), 2.0 * _LOW))

    def boxes(self, area: QRectF) -> list[tuple[int, TimedQuantity, QRectF]]:
        """Where the heat of each quantity is."""
        found, top = [], area.top()
        for place, quantity in self._shown():
            high = self._high(quantity)
            found.append((place, quantity, QRectF(area.left(), top + _HEAD, area.width(), high)))
            top += _HEAD + high + _GAP
        return found

    def height(self, width: float) -> float:
        boxes = self.boxes(QRectF(0, 0, width, 0))
        return (boxes[-1][2].bottom() if boxes else 0.0) + FOOT

    def _at(self, place: QPointF, area: QRectF) -> tuple[int, TimedQuantity, int, int] | None:
        """The quantity under the mouse, with its step and unit."""
        for index, quantity, box in self.boxes(area):
            if box.contains(place):
                steps, units = quantity.values.shape
                step = min(int((place.x() - box.left()) / box.width() * steps), steps - 1)
                unit = min(int((place.y() - box.top()) / box.height() * units), units - 1)
                return index, quantity, step, unit
        return None

    def words(self, place: QPointF, area: QRectF) -> str:
        at = self._at(place, area)
        if at is None:
            return ""
        _, quantity, step, unit = at
        value = float(quantity.values[step, unit])
        said = "passed over" if np.isnan(value) else number(value)
        time = f"step {int(self.read.steps[step]) + 1:,} of {self.read.total_steps:,}"
        return f"{quantity.name} · unit {unit} · {time} · {said}"

    def pressed(self, place: QPointF, area: QRectF) -> int | None:
        """The quantity to show alone; −1: all again."""
        if self.enlarged is not None:
            return -1
        at = self._at(place, area)
        return None if at is None else at[0]

    def paint(self, painter: QPainter, area: QRectF, theme: Theme, mouse: QPointF | None) -> None:
        at = None if mouse is None else self._at(mouse, area)
        for index, quantity, box in self.boxes(area):
            line = QRectF(box.left(), box.top() - _HEAD, box.width(), _HEAD)
            scale, signed = quantity.scale, quantity.is_signed
            wide = legend(painter, line, theme, -scale if signed else 0.0, scale, signed=signed)
            foot(painter, line.adjusted(0, 0, -wide - 8, 0), theme, quantity.name)
            draw_sharp(painter, box, heat(quantity.values.T, theme, signed=signed, scale=scale))
            painter.setPen(QPen(style.colour(theme.hairline), 1))
            painter.drawRect(box)
            if at is not None:
                self._mark(painter, box, theme, at, is_here=index == at[0])
        self._foot(painter, QRectF(area.left(), area.bottom() - FOOT + 2, area.width(), FOOT - 2), theme)

    def _mark(
        self,
        painter: QPainter,
        box: QRectF,
        theme: Theme,
        at: tuple[int, TimedQuantity, int, int],
        *,
        is_here: bool,
    ) -> None:
        """The step under the mouse in all quantities, and the unit in its own."""
        _, quantity, step, unit = at
        steps, units = quantity.values.shape
        wide, high = box.width() / steps, box.height() / units
        painter.setPen(QPen(style.colour(theme.accent), 1.5))
        painter.drawRect(QRectF(box.left() + step * wide, box.top(), wide, box.height()))
        if is_here and high >= 3.0:
            painter.drawRect(QRectF(box.left(), box.top() + unit * high, box.width(), high))

    def _foot(self, painter: QPainter, line: QRectF, theme: Theme) -> None:
        painter.setFont(style.mono(10))
        painter.setPen(style.colour(theme.faint))
        painter.drawText(line, LEFT, "step 1")
        painter.drawText(line, RIGHT, f"{self.read.total_steps:,}")

    def left_out(self) -> str:
        """What is not shown, with true counts."""
        said = []
        shown, total = len(self.read.steps), self.read.total_steps
        if shown < total:
            said.append(f"{shown} of {total:,} steps")
        trimmed = [each for each in self.read.all if each.values.shape[1] < each.units]
        if trimmed:
            said.append(f"{trimmed[0].values.shape[1]} of {max(each.units for each in trimmed):,} units")
        return " · ".join(said)
