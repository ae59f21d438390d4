"""The layout of a panel below the canvas: a first line, more lines, and content that gives way to a sentence
while there is none.
"""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QStackedLayout, QVBoxLayout, QWidget

from app.widgets.text import EmptyState

LINE_HEIGHT = 26
"""Pixels of a button in the first line."""


class PanelBody:
    """Lays out `panel`. `head` is the first line, which is filled by the panel."""

    def __init__(self, panel: QWidget, lines: Sequence[QWidget | QHBoxLayout], content: QWidget) -> None:
        panel.setProperty("role", "panel")
        panel.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.head, self.empty = QHBoxLayout(), EmptyState("", "")
        self.head.setSpacing(6)
        inner = QWidget()
        self._stack = QStackedLayout(inner)
        self._stack.addWidget(content)
        self._stack.addWidget(self.empty)
        column = QVBoxLayout(panel)
        column.setContentsMargins(16, 6, 16, 8)
        column.setSpacing(6)
        column.addLayout(self.head)
        for line in lines:
            if isinstance(line, QWidget):
                column.addWidget(line)
            else:
                column.addLayout(line)
        column.addWidget(inner, 1)

    def show_content(self, is_there: bool) -> None:
        """Show the content, or what `empty` says instead."""
        self._stack.setCurrentIndex(0 if is_there else 1)

    def leave_room(self, width: int) -> None:
        """Pixels at the left of the first line that something else takes."""
        self.head.setContentsMargins(width, 0, 0, 0)
