"""Weights as tiles of which a number can be typed: a double-click on a cell opens a field over it."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent
from PySide6.QtWidgets import QLineEdit

from app.lenses.kernels import LARGEST_SIDE
from app.lenses.painter import Arrays
from app.lenses.tile_grid import TileGrid

Cell = tuple[int, int, int]
"""A tile, and the row and column of one of its values."""


class TypedGrid(TileGrid):
    """Shows one of the tensors of a layer; what is typed is told, and not shown until it is so."""

    weights_given = Signal(str, object)  # path of a layer, and its tensors by name with the number typed

    def __init__(self, noun: str, height_limit: int) -> None:
        super().__init__(noun, height_limit=height_limit)
        self.tensors: dict[str, NDArray[np.generic]] = {}
        self.path, self.parameter = "", ""
        self._pressed: tuple[Cell, int | None] | None = None
        self._typed: tuple[str, str, Cell, dict[str, NDArray[np.generic]]] | None = None
        self.entry = QLineEdit(self)
        self.entry.setFixedSize(72, 24)
        self.entry.setAccessibleName("Weight")
        self.entry.hide()
        self.entry.returnPressed.connect(self._take)
        self.entry.editingFinished.connect(self.entry.hide)

    def show_weights(self, path: str, parameter: str, arrays: Arrays) -> None:
        """Remember of which layer and tensor the tiles are."""
        if path != self.path:
            self.entry.hide()
        self.path, self.parameter, self.tensors = path, parameter, dict(arrays)

    def cell_at(self, place: QPointF) -> Cell | None:
        """The value under a point."""
        index = self.index_at(place)
        if index is None or self.tiles is None:
            return None
        box, (height, width) = self.tile_rect(index), self.tiles.values.shape[1:]
        row = min(height - 1, int((place.y() - box.y()) / box.height() * height))
        column = min(width - 1, int((place.x() - box.x()) / box.width() * width))
        return index, row, column

    def mousePressEvent(self, event: QMouseEvent) -> None:
        cell = self.cell_at(event.position())
        self._pressed = (cell, self.enlarged) if cell is not None else None
        self.entry.hide()
        super().mousePressEvent(event)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Type the value that the first click pointed at; tiles are as large as before that click."""
        if self._pressed is None or event.button() != Qt.MouseButton.LeftButton:
            return
        cell, enlarged = self._pressed
        self.enlarge(enlarged)
        tensor = self.tensors.get(self.parameter)
        if tensor is None or tensor.ndim > 4:
            return  # tiles of volumes are means
        self._typed = self.path, self.parameter, cell, self.tensors
        self.entry.setText(f"{tensor.ravel()[_place(tensor.shape, cell)]:.6g}")
        left = min(round(event.position().x()), self.width() - self.entry.width())
        top = min(round(event.position().y()) + 6, self.height() - self.entry.height())
        self.entry.move(max(0, left), max(0, top))
        self.entry.show()
        self.entry.setFocus()
        self.entry.selectAll()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape and self.entry.isVisible():
            self.entry.hide()
            return
        super().keyPressEvent(event)

    def _take(self) -> None:
        """Hand on what was typed, where it is a number."""
        typed, self._typed = self._typed, None
        words = self.entry.text()
        try:
            value = float(words.replace("−", "-").replace(",", "."))
        except ValueError:
            value = math.nan
        if not math.isfinite(value):
            self.pointed.emit(f"Type a number. Expected one such as 0.5. Received {words[:40]!r}.")
            return
        if typed is None:
            return
        path, parameter, cell, tensors = typed
        changed = np.array(tensors[parameter], np.float32)
        changed.flat[_place(changed.shape, cell)] = value
        self.weights_given.emit(path, {**tensors, parameter: changed})


def _place(shape: tuple[int, ...], cell: Cell) -> int:
    """Where the value of a cell stands in the tensor, written in one row."""
    tile, row, column = cell
    if len(shape) <= 2:
        high, wide = (1, 1, *shape)[-2:]
        down, across = (max(1, -(-side // LARGEST_SIDE)) for side in (high, wide))
        return row * down * wide + column * across
    return (tile * shape[-2] + row) * shape[-1] + column
