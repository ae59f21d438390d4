"""Hairlines: the only thing that divides panels. Colour comes from the style sheet."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QWidget


def hairline(
    orientation: Qt.Orientation = Qt.Orientation.Horizontal, parent: QWidget | None = None
) -> QFrame:
    """A line of one pixel across its layout."""
    line = QFrame(parent)
    line.setProperty("role", "hairline")
    line.setFrameShape(QFrame.Shape.NoFrame)
    if orientation == Qt.Orientation.Horizontal:
        line.setFixedHeight(1)
    else:
        line.setFixedWidth(1)
    return line
