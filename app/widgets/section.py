"""The parts of which side panels are built: sections between hairlines, headings with a note.

Knows only the common look: 16 px at the sides, one heading style, numbers in mono at the right edge.
"""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from app.widgets.lines import hairline
from app.widgets.text import ElidedLabel, Label, heading, mono_label

MARGIN = 16


class Section(QWidget):
    """Content with a margin; a hairline above it, unless it is the first of its panel."""

    def __init__(self, *, line: bool = True, top: int = 12, bottom: int = 12) -> None:
        super().__init__()
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.setSpacing(0)
        self.line = hairline()
        if not line:
            self.line.hide()  # never shown before it has a parent: it would be a window of its own
        outer.addWidget(self.line)
        self.column = QVBoxLayout()
        self.column.setContentsMargins(MARGIN, top, MARGIN, bottom)
        self.column.setSpacing(6)
        outer.addLayout(self.column)

    def add(self, widget: QWidget) -> None:
        self.column.addWidget(widget)


class Heading(QWidget):
    """A heading, and at its right a faint note that is elided where there is no room."""

    def __init__(self, text: str, note: str = "") -> None:
        super().__init__()
        self.title = heading(text)
        self.title.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.note = ElidedLabel(note, role="faint")
        self.note.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self.row = QHBoxLayout(self)
        self.row.setContentsMargins(0, 0, 0, 0)
        self.row.setSpacing(0)
        self.row.addWidget(self.title)
        self.row.addSpacing(10)
        self.row.addWidget(self.note, 1)
        self.row.setContentsMargins(0, 0, 0, 2)


class Figures(QWidget):
    """Names at the left, numbers in mono at the right, one line each."""

    def __init__(self) -> None:
        super().__init__()
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(5)
        self.values: dict[str, Label] = {}
        self._rows: dict[str, QWidget] = {}

    def show_figures(self, figures: dict[str, str]) -> None:
        """Show these lines, in this order; lines that are there already only get their new value."""
        if list(figures) != list(self.values):
            for row in self._rows.values():
                self._column.removeWidget(row)
                row.hide()
                row.deleteLater()
            self.values, self._rows = {}, {}
            for name in figures:
                self._add(name)
        for name, value in figures.items():
            self.values[name].setText(value)

    def _add(self, name: str) -> None:
        row = QWidget()
        line = QHBoxLayout(row)
        line.setContentsMargins(0, 0, 0, 0)
        line.setSpacing(8)
        value = mono_label("")
        value.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        value.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        line.addWidget(ElidedLabel(name, role="body"), 1)
        line.addWidget(value)
        self._column.addWidget(row)
        self.values[name], self._rows[name] = value, row
