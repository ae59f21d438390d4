"""Reads the page of runs as a person does: its cells, its words, its colours."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QImage
from PySide6.QtTest import QTest

from app.runs.runs import RunsPanel
from app.style import theme


def names(panel: RunsPanel) -> list[str]:
    return [panel.model.columns[0].text(record) for record in panel.model.shown]


def cell(panel: RunsPanel, row: int, column: str) -> QPoint:
    at = next(i for i, one in enumerate(panel.model.columns) if one.id == column)
    return panel.table.visualRect(panel.model.index(row, at)).center()


def text(panel: RunsPanel, row: int, column: str) -> str:
    at = next(i for i, one in enumerate(panel.model.columns) if one.id == column)
    return panel.model.data(panel.model.index(row, at))


def click(panel: RunsPanel, row: int, column: str = "name", keys=Qt.KeyboardModifier.NoModifier) -> None:
    QTest.mouseClick(panel.table.viewport(), Qt.MouseButton.LeftButton, keys, cell(panel, row, column))


def pixels(picture: QImage, colour: str, area) -> int:
    """How many pixels of a part of a picture are near this colour."""
    plain = picture.copy(area).convertToFormat(QImage.Format.Format_RGB32)
    held = np.frombuffer(plain.constBits(), np.uint8).reshape(plain.height(), -1, 4)[..., 2::-1]
    wanted = theme.colour(colour)
    rgb = np.array([wanted.red(), wanted.green(), wanted.blue()], np.int32)
    return int((np.abs(held.astype(np.int32) - rgb).max(axis=-1) < 40).sum())
