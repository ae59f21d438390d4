"""What was found, line by line, each with the reason; and the few numbers that stand above all."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from app.widgets.text import Label, body, caption
from nodes.reading.look import Fact
from nodes.shown_text import LINE, shown, shown_lines

_NAME = 108


class Facts(QWidget):
    """Names at the left, values beside them, and below a value why it is so."""

    def __init__(self) -> None:
        super().__init__()
        self.values: dict[str, Label] = {}
        self._shown: tuple[Fact, ...] | None = None
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(8)

    def show_facts(self, facts: tuple[Fact, ...]) -> None:
        """Show these, in this order."""
        if facts == self._shown:
            return
        self._shown, self.values = facts, {}
        while (item := self._column.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.hide()
                widget.deleteLater()
        for fact in facts:
            self._column.addWidget(self._row(fact))

    def _row(self, fact: Fact) -> QWidget:
        row = QWidget()
        line = QHBoxLayout(row)
        line.setContentsMargins(0, 0, 0, 0)
        line.setSpacing(8)
        name = body(shown(fact.name))
        name.setFixedWidth(_NAME)
        words = QVBoxLayout()
        words.setSpacing(1)
        value = Label(shown(fact.value, LINE))
        value.setWordWrap(True)
        value.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        value.setStyleSheet("font-size: 12px;")
        words.addWidget(value)
        if fact.why:
            why = caption(shown_lines(fact.why))
            why.setWordWrap(True)
            words.addWidget(why)
        line.addWidget(name, 0, Qt.AlignmentFlag.AlignTop)
        line.addLayout(words, 1)
        self.values[fact.name] = value
        return row


class BigFigures(QWidget):
    """A few numbers side by side, large, each over its name."""

    def __init__(self) -> None:
        super().__init__()
        self.values: dict[str, Label] = {}
        self._line = QHBoxLayout(self)
        self._line.setContentsMargins(0, 0, 0, 0)
        self._line.setSpacing(32)

    def show_figures(self, figures: Mapping[str, str]) -> None:
        """Show these, in this order; those that are there only get their new value."""
        if list(figures) != list(self.values):
            while (item := self._line.takeAt(0)) is not None:
                widget = item.widget()
                if widget is not None:
                    widget.hide()
                    widget.deleteLater()
            self.values = {name: self._add(name) for name in figures}
            self._line.addStretch(1)
        for name, value in figures.items():
            self.values[name].setText(value)

    def _add(self, name: str) -> Label:
        cell = QWidget()
        column = QVBoxLayout(cell)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(1)
        value = Label()
        value.setProperty("role", "mono")
        value.setStyleSheet('font-family: "JetBrains Mono"; font-size: 18px;')
        column.addWidget(value)
        column.addWidget(caption(name))
        self._line.addWidget(cell)
        return value
