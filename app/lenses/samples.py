"""Samples of a data set as a person would look at them: pictures, a cloud of points, curves, rows or text.

Takes arrays as the data set stores them; knows nothing of loading.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget

from app import theme
from app.lenses.colour_maps import sample_image
from app.lenses.tile_grid import TileGrid
from engine.data.dataset import DataInfo

CATEGORIES = (
    "#4c9aff",
    "#f59e42",
    "#3fb98c",
    "#d9747e",
    "#c58af9",
    "#b0884f",
    "#e58fc0",
    "#8c96a5",
    "#c9b93a",
    "#45b8c9",
)
"""Ten colours that stay apart for colour-blind eyes, for classes and for several curves."""

Samples = NDArray[np.generic]


class PointsView(QWidget):
    """Two-dimensional points coloured by class, or curves, in a square of the panel's width."""

    def __init__(self) -> None:
        super().__init__()
        self.points: NDArray[np.float32] = np.zeros((0, 2), np.float32)
        self.classes: NDArray[np.int64] = np.zeros(0, np.int64)
        self.curves: NDArray[np.float32] = np.zeros((0, 2), np.float32)
        theme.changed.connect(self.update)

    def sizeHint(self) -> QSize:
        return QSize(268, 200 if len(self.points) else 120)

    def show_points(self, points: Samples, classes: Samples | None) -> None:
        self.points = np.asarray(points, np.float32).reshape(len(points), -1)[:, :2]
        of_class = classes is not None and np.issubdtype(classes.dtype, np.integer)
        empty = np.zeros(len(points), np.int64)
        self.classes = np.asarray(classes).reshape(-1).astype(np.int64) if of_class else empty
        self.setFixedHeight(268)
        self.update()

    def show_curves(self, curves: Samples) -> None:
        """Rows `(n, T)`; the first is drawn strongest."""
        self.curves = np.asarray(curves, np.float32)
        self.points = self.points[:0]
        self.setFixedHeight(120)
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        tokens, painter = theme.current(), QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(theme.colour(tokens.hairline), 1))
        painter.setBrush(theme.colour(tokens.raised))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), 6, 6)
        if len(self.points):
            self._paint_points(painter)
        elif self.curves.size:
            self._paint_curves(painter)
        painter.end()

    def _paint_points(self, painter: QPainter) -> None:
        placed = _placed(self.points, self.width() - 24.0, self.height() - 24.0)
        painter.setPen(Qt.PenStyle.NoPen)
        for kind in np.unique(self.classes):
            painter.setBrush(theme.colour(CATEGORIES[int(kind) % len(CATEGORIES)], 0.85))
            for x, y in placed[self.classes == kind]:
                painter.drawEllipse(QPointF(12 + float(x), 12 + float(y)), 2.2, 2.2)

    def _paint_curves(self, painter: QPainter) -> None:
        count, length = self.curves.shape[:2]
        steps = np.linspace(0, 1, length, dtype=np.float32)
        flat = np.stack([np.tile(steps, count), self.curves.reshape(count, -1)[:, :length].ravel()], axis=1)
        placed = _placed(flat, self.width() - 24.0, self.height() - 24.0).reshape(count, length, 2) + 12
        for index in reversed(range(count)):
            colour = theme.colour(theme.current().accent, 1.0 if index == 0 else 0.25)
            painter.setPen(QPen(colour, 1.6 if index == 0 else 1.0))
            painter.drawPolyline(QPolygonF([QPointF(float(x), float(y)) for x, y in placed[index]]))


def _placed(points: NDArray[np.float32], width: float, height: float) -> NDArray[np.float32]:
    low, high = points.min(axis=0), points.max(axis=0)
    span = np.where(high > low, high - low, 1.0)
    placed: NDArray[np.float32] = (points - low) / span * np.array([width, -height]) + np.array([0.0, height])
    return placed


class SampleView(QWidget):
    """The picture that fits the kind of data. `pointed` names the class of the sample under the mouse."""

    pointed = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self.grid = TileGrid("sample", gap=4)
        self.points = PointsView()
        self.text = QLabel()
        self.text.setProperty("role", "code")
        self.text.setWordWrap(True)
        self.names: tuple[str, ...] = ()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        for widget in (self.grid, self.points, self.text):
            column.addWidget(widget)
            widget.hide()
        self.grid.hovered_changed.connect(self._point)

    def show_samples(self, info: DataInfo, inputs: Samples, targets: Samples | None) -> None:
        """The first samples of a split, as stored."""
        self.grid.setVisible(info.kind == "images")
        self.points.setVisible(info.kind in ("points", "series"))
        self.text.setVisible(info.kind not in ("images", "points", "series"))
        if info.kind == "images":
            self.names = tuple(_class_name(info, targets, row) for row in range(len(inputs)))
            self.grid.show_pictures(tuple(sample_image(sample) for sample in inputs))
        elif info.kind == "points":
            self.points.show_points(inputs, targets)
        elif info.kind == "series":
            self.points.show_curves(inputs.reshape(len(inputs), -1))
        else:
            self.text.setText(_as_text(info, inputs))

    def _point(self, index: int) -> None:
        self.pointed.emit(self.names[index] if 0 <= index < len(self.names) else "")


def _class_name(info: DataInfo, targets: Samples | None, row: int) -> str:
    if targets is None or not info.classes:
        return ""
    index = int(np.asarray(targets[row]).reshape(-1)[0])
    return info.classes[index] if 0 <= index < len(info.classes) else str(index)


def _as_text(info: DataInfo, inputs: Samples) -> str:
    """Text as it reads, a table as its columns with the values of the first row."""
    if np.issubdtype(inputs.dtype, np.integer) and info.classes:
        known = info.classes
        return "".join(known[int(token)] for token in inputs[0].ravel()[:240] if int(token) < len(known))
    first = np.asarray(inputs[0], np.float64).ravel()
    names = info.columns or tuple(f"x{index}" for index in range(first.size))
    lines = [f"{name}  {value:.4g}" for name, value in zip(names, first, strict=False)]
    return "\n".join(lines[:16]) + ("\n…" if len(lines) > 16 else "")
