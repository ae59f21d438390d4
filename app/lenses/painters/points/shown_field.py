"""What a field shows, as values: maps or curves of the units of a node, and the points on them.

Reads the arrays of a frame; paints nothing.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from app.lenses.colour_maps import FloatArray, signed_scale
from app.lenses.painter import Arrays, Context
from app.widgets.numbers import number, percent


@dataclass(frozen=True, eq=False)
class ShownField:
    """`values` is (U, S, S) over a plane, the largest y first, or (U, S) over a line.

    `domain` is (size, 2), `axes` the names of the coordinates. `points` (n, size) have `labels` (n), where
    they have any; `made` (m, size) are points that the network made. `classes` are the names where the maps
    are probabilities of classes.
    """

    values: FloatArray
    domain: NDArray[np.float64]
    total: int
    scale: float
    axes: tuple[str, ...] = ()
    points: FloatArray | None = None
    labels: NDArray[np.generic] | None = None
    made: FloatArray | None = None
    classes: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    """Of the classes of the data."""
    more: int = 0
    """How many further points there are of those that are shown first."""
    asked: int = 0
    """Points along each side that were asked for, where there are fewer."""
    is_noise: bool = False
    """Whether `made` are random numbers that go in."""

    @property
    def count(self) -> int:
        return len(self.values)

    def coarser(self) -> str:
        """How many points there are of how many that were asked for; empty: all of them."""
        side = self.values.shape[1]
        if side >= self.asked:
            return ""
        if self.is_line:
            return f"{side:,} of {self.asked:,} points along it"
        return f"{side} × {side} of {self.asked} × {self.asked} points"

    @property
    def is_line(self) -> bool:
        return self.values.ndim == 2

    def name(self, unit: int) -> str:
        """How a unit is called; empty where there is one only."""
        if len(self.classes) > 2:
            return self.classes[unit]
        return f"unit {unit}" if self.total > 1 else ""

    def told(self, unit: int, value: float) -> str:
        """A value in words."""
        if len(self.classes) == 2:
            return f"{self.classes[1]} {percent((1.0 + value) / 2.0)}"
        return percent(value) if self.classes else number(value)

    def ends(self) -> tuple[str, str]:
        """What stands at both ends of the colours; empty: the values."""
        return (self.classes[0], self.classes[1]) if len(self.classes) == 2 else ("", "")

    def at(self, unit: int, point: tuple[float, ...]) -> str:
        """The value at the grid point that is nearest to a point, in words."""
        side = self.values.shape[1]
        places = []
        for coordinate, (low, high) in zip(point, self.domain.tolist(), strict=True):
            share = (coordinate - low) / ((high - low) or 1.0)
            places.append(min(side - 1, max(0, round(share * (side - 1)))))
        ticks = [
            low + place / (side - 1) * (high - low)
            for place, (low, high) in zip(places, self.domain.tolist(), strict=True)
        ]
        names = self.axes or (("x", "y") if len(places) == 2 else ("x",))
        held = (
            self.values[unit, places[0]]
            if self.is_line
            else self.values[unit, side - 1 - places[1], places[0]]
        )
        where = ", ".join(f"{name} {number(tick)}" for name, tick in zip(names, ticks, strict=True))
        return " · ".join(
            word for word in (self.name(unit), f"{where} → {self.told(unit, float(held))}") if word
        )


def read_field(arrays: Arrays, context: Context) -> ShownField | None:
    """The field in a frame; None where there is none."""
    field = arrays.get("field")
    if field is None or not field.size:
        return None
    values = np.asarray(field, np.float32)
    names = context.info.classes if context.info is not None else ()
    count = int(arrays["classes"][0])
    known = names if len(names) == count else tuple(f"class {index}" for index in range(count))
    return ShownField(
        values,
        np.asarray(arrays["domain"], np.float64),
        int(arrays["units"][0]),
        1.0 if count else signed_scale(values),
        tuple(str(name) for name in arrays["axes"]) if "axes" in arrays else (),
        _points(arrays, "points"),
        arrays.get("labels"),
        _points(arrays, "made" if "made" in arrays else "noise"),
        known,
        names,
        int(arrays["more"][0]) if len(arrays["more"]) else 0,
        int(arrays["asked"][0]) if "asked" in arrays else 0,
        "noise" in arrays,
    )


def _points(arrays: Arrays, name: str) -> FloatArray | None:
    return np.asarray(arrays[name], np.float32) if name in arrays and len(arrays[name]) else None
