"""Paths in the plane up to a step: one coloured by time, or many with a dot at the present step."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen, QPolygonF

from app.lenses.colour_maps import sequential_pixels
from app.lenses.painter import Arrays
from app.lenses.painters.sequences.sheet import FOOT, PaintedSheet, foot
from app.style import theme as style
from app.style.theme import NEGATIVE, POSITIVE, Theme
from app.widgets.numbers import number

_TALLEST, _SIDE, _REACH = 460.0, 10.0, 12.0


@dataclass(frozen=True, eq=False)
class PlanePaths:
    """`paths` (n, k, 2) of the `steps` (k); `total` samples and steps; `shares` of the variance after PCA."""

    paths: NDArray[np.float32]
    steps: NDArray[np.int64]
    total: tuple[int, int]
    shares: tuple[float, float] | None
    real: NDArray[np.float32] | None

    @property
    def count(self) -> int:
        """How many steps are shown."""
        return int(self.paths.shape[1])

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
        if self.count < steps:
            said.append(f"{self.count} of {steps:,} steps")
        return " · ".join(said)


def read_paths(arrays: Arrays) -> PlanePaths | None:
    """None where there is no path in a frame."""
    if "paths" not in arrays or not arrays["paths"].size:
        return None
    shares = tuple(float(share) for share in arrays["shares"]) if "shares" in arrays else None
    samples, steps = (int(size) for size in arrays["total"])
    real = np.asarray(arrays["real"], np.float32) if "real" in arrays else None
    paths = np.nan_to_num(np.asarray(arrays["paths"], np.float32))
    two = None if shares is None else (shares[0], shares[1])
    return PlanePaths(paths, np.asarray(arrays["steps"], np.int64), (samples, steps), two, real)


@dataclass(frozen=True, eq=False)
class TrajectorySheet(PaintedSheet):
    """What has been passed until `step` is drawn strongly, the rest faintly."""

    read: PlanePaths
    step: int

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
        return f"{name}step {int(self.read.steps[step]) + 1:,} of {self.read.total[1]:,} · {x}, {y}"

    def paint(self, painter: QPainter, area: QRectF, theme: Theme, mouse: QPointF | None) -> None:
        if self.read.real is not None:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(style.colour(NEGATIVE, 0.35))
            for x, y in self._placed(self.read.real, area):
                painter.drawEllipse(QPointF(x, y), 1.5, 1.5)
        points = self.places(area)
        if len(points) == 1:
            self._one(painter, points[0], theme)
        else:
            self._many(painter, points, theme)
        found = None if mouse is None else self._nearest(mouse, area)
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

    def _many(self, painter: QPainter, points: NDArray[np.float64], theme: Theme) -> None:
        """Tails until the present step, and dots there."""
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(style.colour(theme.muted, 0.5), 1))
        for path in points:
            painter.drawPolyline(QPolygonF([QPointF(x, y) for x, y in path[: self.step + 1]]))
        painter.setPen(QPen(style.colour(theme.panel), 1))
        painter.setBrush(style.colour(POSITIVE))
        for x, y in points[:, self.step]:
            painter.drawEllipse(QPointF(x, y), 4, 4)
