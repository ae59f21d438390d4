"""A matrix of numbers, edited by keyboard: typed, cleared, copied to and pasted from a spreadsheet.

Knows rows and columns of numbers; what they mean, and how they are kept, it does not know.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt, Signal
from PySide6.QtGui import QBrush, QGuiApplication, QKeyEvent, QKeySequence, QPalette
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTableView

from app.forms.steps import read_number
from app.style import theme
from nodes.shared.given_weights import number_text

Index = QModelIndex | QPersistentModelIndex
ROW, COLUMN, HEAD = 24, 58, 20
MOST_ROWS_SHOWN = 8
_ROLES = Qt.ItemDataRole
_ROOT = QModelIndex()


class NumbersModel(QAbstractTableModel):
    """`columns` numbers a row; None: they are drawn at random. An edit is told and not made here."""

    edited = Signal(int, int, list)  # row, column and rows of numbers from there on
    refused = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self.numbers: tuple[float, ...] | None = None
        self.rows, self.columns = 0, 0

    def show(self, numbers: Sequence[float] | None, rows: int, columns: int) -> None:
        """Show these numbers, row by row; cells stay where the matrix has the same size."""
        same = (rows, columns) == (self.rows, self.columns)
        if not same:
            self.beginResetModel()
        self.numbers, self.rows, self.columns = None if numbers is None else tuple(numbers), rows, columns
        if not same:
            self.endResetModel()
        elif rows and columns:
            self.dataChanged.emit(self.index(0, 0), self.index(rows - 1, columns - 1))

    def rowCount(self, _parent: Index = _ROOT) -> int:
        return self.rows

    def columnCount(self, _parent: Index = _ROOT) -> int:
        return self.columns

    def flags(self, _index: Index) -> Qt.ItemFlag:
        return Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable | Qt.ItemFlag.ItemIsEditable

    def number(self, index: Index) -> float:
        """The number of a cell; 0 where it is drawn at random."""
        return 0.0 if self.numbers is None else self.numbers[index.row() * self.columns + index.column()]

    def data(self, index: Index, role: int = _ROLES.DisplayRole) -> Any:
        if role == _ROLES.EditRole:
            return number_text(self.number(index))
        if role == _ROLES.DisplayRole:
            return "·" if self.numbers is None else f"{self.number(index):.4g}".replace("-", "−")
        if role == _ROLES.ToolTipRole:
            return "at random" if self.numbers is None else number_text(self.number(index))
        if role == _ROLES.TextAlignmentRole:
            return Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        if role == _ROLES.FontRole:
            return theme.mono(11)
        if role == _ROLES.ForegroundRole and self.numbers is None:
            return QBrush(theme.colour(theme.current().faint))
        return None

    def headerData(self, section: int, _orientation: Qt.Orientation, role: int = _ROLES.DisplayRole) -> Any:
        return str(section) if role == _ROLES.DisplayRole else None

    def setData(self, index: Index, value: Any, role: int = _ROLES.EditRole) -> bool:
        if role != _ROLES.EditRole:
            return False
        number = read_number(str(value))
        if number is None or not math.isfinite(number):
            self.refused.emit(f"Expected a number. Received {str(value)[:40] or 'nothing'}.")
            return False
        if self.numbers is None or number != self.number(index):
            self.edited.emit(index.row(), index.column(), [[float(number)]])
        return True


class NumbersGrid(QTableView):
    """The matrix. Arrows move, a number or F2 or Return edits, Delete makes 0, Ctrl+C and Ctrl+V exchange."""

    def __init__(self) -> None:
        super().__init__()
        self.held = NumbersModel()
        self.setModel(self.held)
        triggers = QAbstractItemView.EditTrigger
        self.setEditTriggers(triggers.AnyKeyPressed | triggers.DoubleClicked | triggers.EditKeyPressed)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setAccessibleName("Weights")
        self.setToolTip("Type numbers; arrows move, Delete makes 0. Paste rows copied from a spreadsheet.")
        self.setCornerButtonEnabled(False)
        self.setTabKeyNavigation(False)
        self.setWordWrap(False)
        for head, size in ((self.verticalHeader(), ROW), (self.horizontalHeader(), COLUMN)):
            head.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
            head.setDefaultSectionSize(size)
            head.setMinimumSectionSize(size)
            head.setHighlightSections(False)
        self.horizontalHeader().setFixedHeight(HEAD)
        self.verticalHeader().setFixedWidth(30)
        theme.changed.connect(self._dress)
        self._dress()

    def show_numbers(self, numbers: Sequence[float] | None, rows: int, columns: int) -> None:
        """Show a matrix; the height follows its rows."""
        self.held.show(numbers, rows, columns)
        fits = columns * COLUMN + 32 <= 268
        self.setFixedHeight(HEAD + min(rows, MOST_ROWS_SHOWN) * ROW + (4 if fits else 18))

    def _dress(self) -> None:
        tokens = theme.current()
        self.setStyleSheet(
            f"QTableView {{ background: {tokens.raised}; gridline-color: {tokens.hairline};"
            f" border: 1px solid {tokens.hairline}; border-radius: 5px; color: {tokens.text};"
            f" selection-background-color: {tokens.accent}; selection-color: #ffffff; }}"
            f"QHeaderView, QHeaderView::section {{ background: {tokens.panel}; color: {tokens.faint};"
            ' border: none; padding: 0 4px; font-family: "JetBrains Mono"; font-size: 10px; }'
            f"QTableView::corner {{ background: {tokens.raised}; border: none; }}"
            f"QTableView QLineEdit {{ background: {tokens.panel}; color: {tokens.text}; border: none;"
            ' padding: 0 2px; min-height: 0; font-family: "JetBrains Mono"; font-size: 11px; }'
        )
        palette = self.palette()
        palette.setColor(QPalette.ColorRole.Text, theme.colour(tokens.text))
        self.setPalette(palette)

    # Keys ------------------------------------------------------------------------------------------

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.matches(QKeySequence.StandardKey.Copy):
            QGuiApplication.clipboard().setText(self.copied())
        elif event.matches(QKeySequence.StandardKey.Paste):
            self.paste(QGuiApplication.clipboard().text())
        elif event.key() in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace):
            self._clear()
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self.currentIndex().isValid():
            self.edit(self.currentIndex())
        else:
            super().keyPressEvent(event)

    def copied(self) -> str:
        """The selected cells as a spreadsheet takes them."""
        chosen = self.selectedIndexes()
        if not chosen:
            return ""
        rows = range(min(one.row() for one in chosen), max(one.row() for one in chosen) + 1)
        columns = range(min(one.column() for one in chosen), max(one.column() for one in chosen) + 1)
        model = self.held
        return "\n".join(
            "\t".join(number_text(model.number(model.index(row, column))) for column in columns)
            for row in rows
        )

    def paste(self, text: str) -> None:
        """Numbers from the current cell on: lines or `;` part rows; tabs, spaces or commas part cells."""
        lines = [line for line in text.replace(";", "\n").splitlines() if line.strip()]
        cells = [line.replace("\t", " ").replace(",", " ").split() for line in lines]
        rows = [[read_number(cell) for cell in line] for line in cells]
        wrong = [cell for line in cells for cell in line if read_number(cell) is None]
        here, model = self.currentIndex(), self.held
        top, left = (here.row(), here.column()) if here.isValid() else (0, 0)
        tall, wide = model.rows - top, model.columns - left
        received = f"{len(rows)}×{max(map(len, rows), default=0)}"
        if not rows or wrong:
            model.refused.emit(f"Expected numbers to paste. Received {wrong[0][:40] if wrong else 'none'}.")
        elif len(rows) > tall or max(map(len, rows)) > wide:
            model.refused.emit(
                f"Expected at most {tall}×{wide} numbers from this cell on. Received {received}."
            )
        elif len(set(map(len, rows))) > 1:
            model.refused.emit("Expected rows of one length. Received rows of several.")
        else:
            model.edited.emit(top, left, rows)

    def _clear(self) -> None:
        chosen = self.selectedIndexes()
        if not chosen:
            return
        rows, columns = sorted({one.row() for one in chosen}), sorted({one.column() for one in chosen})
        zeros = [[0.0] * (columns[-1] - columns[0] + 1) for _ in range(rows[-1] - rows[0] + 1)]
        self.held.edited.emit(rows[0], columns[0], zeros)
