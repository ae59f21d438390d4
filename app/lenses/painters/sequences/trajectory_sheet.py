"""Paths in the plane up to a step: one coloured by time, or many with a dot at the present step."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPen, QPolygonF

from app.lenses.colour_maps import sequential_pixels
from app.lenses.painter import Arrays
from app.lenses.painters.sequences.sheet import FOOT, LEFT, PaintedSheet, foot
from app.lenses.sample_paint import GENERATED, REAL
from app.lenses.samples import CATEGORIES
from app.style import theme as style
from app.style.theme import Theme
from app.widgets.numbers import number

_TALLEST, _SIDE, _REACH = 640.0, 10.0, 12.0
_LINE, _MOST_NAME, _DOT = 16.0, 160.0, 14.0
"""Height and greatest width of a line of the legend, and where its words begin."""


@dataclass(frozen=True, eq=False)
class PlanePaths:
    """`paths` (n, k, 2) of the `steps` (k), 0 for noise; `total` samples and steps; `shares` of the variance
    after PCA; `asked`, the class or prompt of each path, or none.
    """

    paths: NDArray[np.float32]
    steps: NDArray[np.int64]
    total: tuple[int, int]
    shares: tuple[float, float] | None
    real: NDArray[np.float32] | None
    asked: tuple[str, ...] = ()

    @property
    def count(self) -> int:
        """How many points a path has."""
        return int(self.paths.shape[1])

    @property
    def groups(self) -> tuple[str, ...]:
        """What was asked for, each once; none where there is nothing to tell apart, or more than colours."""
        found = tuple(dict.fromkeys(self.asked))
        return found if 1 < len(found) <= len(CATEGORIES) else ()

    def moment(self, place: int) -> str:
        """Which step the points at this place of all paths are of."""
        step = int(self.steps[place])
        return f"step {step:,} of {self.total[1]:,}" if step else "noise"

    def told(self) -> str:
        """What the axes are, and what is left out."""
        said = []
        if self.shares is not None:
            said.append(
                f"PCA: {self.shares[0]:.0%} + {self.shares[1]:.0%} of the variance".replace("%", " %")
            )
        samples, steps = self.total
        if len(self.paths) < samples:
            said.append(f"{len(self.paths)} of {samples:,} samples")
        shown = int((self.steps > 0).sum())
        if shown < steps:
            said.append(f"{shown} of {steps:,} steps")
        return " · ".join(said)


def read_paths(arrays: Arrays, classes: tuple[str, ...] = ()) -> PlanePaths | None:
    """None where there is no path in a frame. `classes` are the names of classes that were asked for."""
    if "paths" not in arrays or not arrays["paths"].size:
        return None
    shares = tuple(float(share) for share in arrays["shares"]) if "shares" in arrays else None
    samples, steps = (int(size) for size in arrays["total"])
    real = np.asarray(arrays["real"], np.float32) if "real" in arrays else None
    paths = np.nan_to_num(np.asarray(arrays["paths"], np.float32))
    two = None if shares is None else (shares[0], shares[1])
    known = {str(place): name for place, name in enumerate(classes)}
    asked = tuple(known.get(str(one), str(one)) for one in arrays.get("asked", ()))
    return PlanePaths(paths, np.asarray(arrays["steps"], np.int64), (samples, steps), two, real, asked)


@dataclass(frozen=True, eq=False)
class TrajectorySheet(PaintedSheet):
    """What has been passed until `step` is drawn strongly, the rest faintly."""

    read: PlanePaths
    step: int
    named: bool = True
    """Whether it says which colour is what."""

    def height(self, width: float) -> float:
        return min(width, _TALLEST) + FOOT

    def places(self, area: QRectF) -> NDArray[np.float64]:
        """Where the points of all paths are on screen, (n, k, 2)."""
        return self._placed(self.read.paths, area)

    def _placed(self, points: NDArray[np.float32], area: QRectF) -> NDArray[np.float64]:
        held = [self.read.paths.reshape(-1, 2)]
        held += [] if self.read.real is None else [self.read.real]
        every = np.concatenate(held)
        low, high = every.min(0), every.max(0)
        area = area.adjusted(self._legend_width(area), 0, 0, 0)
        room = np.array((area.width() - 2 * _SIDE, area.height() - FOOT - 2 * _SIDE))
        scale = float((room / np.maximum(high - low, 1e-9)).min())
        centre = np.array((area.center().x(), area.top() + (area.height() - FOOT) / 2))
        found: NDArray[np.float64] = centre + (points - (low + high) / 2) * np.array((scale, -scale))
        return found

    def _nearest(self, place: QPointF, area: QRectF) -> tuple[int, int] | None:
        """The path and step under the mouse; of many paths at the present step alone."""
        points = self.places(area)
        if len(points) > 1:
            points = points[:, self.step : self.step + 1]
        away = np.linalg.norm(points - np.array((place.x(), place.y())), axis=2)
        sample, step = np.unravel_index(int(away.argmin()), away.shape)
        if away[sample, step] > _REACH:
            return None
        return int(sample), self.step if len(points) > 1 else int(step)

    def words(self, place: QPointF, area: QRectF) -> str:
        found = self._nearest(place, area)
        if found is None:
            return ""
        sample, step = found
        x, y = (number(float(value)).replace("-", "−") for value in self.read.paths[sample, step])
        name = f"sample {sample} · " if len(self.read.paths) > 1 else ""
        asked = f"asked for {self.read.asked[sample]} · " if self.read.asked else ""
        return f"{name}{asked}{self.read.moment(step)} · {x}, {y}"

    def paint(self, painter: QPainter, area: QRectF, theme: Theme, mouse: QPointF | None) -> None:
        if self.read.real is not None:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(style.colour(theme.muted if self.read.groups else REAL, 0.35))
            for x, y in self._placed(self.read.real, area):
                painter.drawEllipse(QPointF(x, y), 1.5, 1.5)
        points = self.places(area)
        found = None if mouse is None else self._nearest(mouse, area)
        if len(points) == 1:
            self._one(painter, points[0], theme)
        else:
            self._many(painter, points, theme, -1 if found is None else found[0])
            self._legend(painter, area, theme)
        if found is not None:
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(style.colour(theme.accent), 1.5))
            painter.drawEllipse(QPointF(*points[found]), 7, 7)
        foot(painter, QRectF(area.left(), area.bottom() - FOOT, area.width(), FOOT), theme, self.read.told())

    def _one(self, painter: QPainter, points: NDArray[np.float64], theme: Theme) -> None:
        """A path by the colours of time."""
        painter.setPen(QPen(style.colour(theme.hairline), 1))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawPolyline(QPolygonF([QPointF(x, y) for x, y in points]))
        colours = sequential_pixels(np.arange(len(points)), 0.0, float(max(1, len(points) - 1)))
        for step in range(self.step + 1):
            blue, green, red, _ = (int(part) for part in colours[step])
            here, before = QPointF(*points[step]), QPointF(*points[max(0, step - 1)])
            painter.setPen(QPen(QColor(red, green, blue), 2))
            painter.drawLine(before, here)
            painter.setPen(QPen(style.colour(theme.panel), 1))
            painter.setBrush(QColor(red, green, blue))
            size = 6.0 if step == self.step else 3.0
            painter.drawEllipse(here, size, size)

    def _colour(self, sample: int) -> QColor:
        """Of a path: what was asked for, where there are several things."""
        groups = self.read.groups
        return QColor(CATEGORIES[groups.index(self.read.asked[sample])] if groups else GENERATED)

    def _many(self, painter: QPainter, points: NDArray[np.float64], theme: Theme, marked: int) -> None:
        """Tails until the present step, the whole way of the path that is marked, and dots there."""
        painter.setBrush(Qt.BrushStyle.NoBrush)
        grouped = bool(self.read.groups)
        for sample, path in enumerate(points):
            tail = self._colour(sample) if grouped else style.colour(theme.muted)
            tail.setAlphaF(0.7 if grouped else 0.5)
            shown = path if sample == marked else path[: self.step + 1]
            painter.setPen(QPen(style.colour(theme.accent), 2) if sample == marked else QPen(tail, 1))
            painter.drawPolyline(QPolygonF([QPointF(x, y) for x, y in shown]))
        painter.setPen(QPen(style.colour(theme.panel), 1))
        for sample, (x, y) in enumerate(points[:, self.step]):
            painter.setBrush(self._colour(sample))
            painter.drawEllipse(QPointF(x, y), 4, 4)

    def _entries(self, theme: Theme | None = None) -> list[tuple[str, QColor]]:
        """Which colour was asked for what; and what the small dots are."""
        if not self.named or len(self.read.paths) == 1:
            return []
        groups = self.read.groups
        entries = [(name, QColor(CATEGORIES[place])) for place, name in enumerate(groups)]
        if self.read.real is not None:
            entries += [] if entries else [("generated", QColor(GENERATED))]
            grey = QColor() if theme is None else style.colour(theme.muted)
            entries.append(("data", grey if groups else style.colour(REAL)))
        return entries

    def _legend_width(self, area: QRectF) -> float:
        """The room at the left that the legend takes from the paths."""
        metrics = QFontMetricsF(style.sans(11))
        widths = [metrics.horizontalAdvance(name) for name, _ in self._entries()]
        return min(max(widths) + _DOT, _MOST_NAME, area.width() / 3) if widths else 0.0

    def _legend(self, painter: QPainter, area: QRectF, theme: Theme) -> None:
        """At the top left, beside the paths."""
        entries, width = self._entries(theme), self._legend_width(area)
        painter.setFont(style.sans(11))
        for line, (name, colour) in enumerate(entries):
            box = QRectF(area.left() + _DOT, area.top() + line * _LINE, width - _DOT + 2, _LINE)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(colour)
            painter.drawEllipse(QPointF(area.left() + 5, box.center().y()), 4, 4)
            painter.setPen(style.colour(theme.text))
            told = painter.fontMetrics().elidedText(name, Qt.TextElideMode.ElideRight, int(box.width()))
            painter.drawText(box, LEFT, told)
