"""The list of runs as a table: sorted by a click on a heading, edited in place, painted in one go per cell.

It shows records and tells what was chosen, typed or asked for; it reads and writes nothing itself.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from PySide6.QtCore import (
    QAbstractTableModel,
    QEvent,
    QItemSelection,
    QItemSelectionModel,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QRectF,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import QKeyEvent, QKeySequence, QMouseEvent, QPainter, QResizeEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
    QWidget,
)

from app.runs.run_columns import RunColumn, columns, matches, tags_of, tint
from app.style import theme
from app.widgets.enter_keys import keeps_key
from engine.document.project import Project
from engine.runs.archive import RunRecord

ROW = 26
PAD = 8
Index = QModelIndex | QPersistentModelIndex


class RunsModel(QAbstractTableModel):
    """Records in the order of the chosen column, those that match the search."""

    edited = Signal(object, str, object)  # Path of the run, "name", "tags" or "note", the new value

    def __init__(self) -> None:
        super().__init__()
        self.columns: list[RunColumn] = []
        self.shown: list[RunRecord] = []
        self.search = ""
        self.sorted_by, self.descending = "", True
        self._records: Sequence[RunRecord] = ()
        self._project = Project()

    def show_records(self, records: Sequence[RunRecord], project: Project) -> None:
        self._records, self._project = records, project
        self._arrange()

    def find(self, text: str) -> None:
        self.search = text
        self._arrange()

    def sort_by(self, column: str) -> None:
        """By this column; once more turns it round, a third time is by age again."""
        first = not self._column(column).editable and column != "status"
        if column != self.sorted_by:
            self.sorted_by, self.descending = column, first
        elif self.descending == first:
            self.descending = not first
        else:
            self.sorted_by = ""
        self._arrange()

    def row_of(self, folder: Path) -> int | None:
        return next((at for at, record in enumerate(self.shown) if record.folder == folder), None)

    def _column(self, name: str) -> RunColumn:
        return next(column for column in self.columns if column.id == name)

    def _arrange(self) -> None:
        found = [record for record in self._records if matches(record, self.search)]
        made = columns(self._records, self._project)
        if any(column.id == self.sorted_by for column in made):
            by = next(column for column in made if column.id == self.sorted_by)
            found.sort(key=by.key, reverse=self.descending)
        same = [column.id for column in made] == [column.id for column in self.columns]
        if same and [one.folder for one in found] == [one.folder for one in self.shown]:
            self.columns, self.shown = made, found
            if found:  # a cell that is being edited stays
                self.dataChanged.emit(self.index(0, 0), self.index(len(found) - 1, len(made) - 1))
            return
        self.beginResetModel()
        self.columns, self.shown = made, found
        self.endResetModel()

    # For Qt ------------------------------------------------------------------------------------

    def rowCount(self, parent: Index | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else len(self.shown)

    def columnCount(self, parent: Index | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else len(self.columns)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid():
            return None
        record, column = self.shown[index.row()], self.columns[index.column()]
        if role == Qt.ItemDataRole.DisplayRole:
            return column.text(record)
        if role == Qt.ItemDataRole.EditRole:
            return record.note if column.id == "note" else column.text(record)
        if role == Qt.ItemDataRole.ToolTipRole:
            return _tooltip(record, self.columns)
        return None

    def setData(self, index: Index, value: Any, role: int = Qt.ItemDataRole.EditRole) -> bool:
        if role != Qt.ItemDataRole.EditRole or not index.isValid():
            return False
        record, column = self.shown[index.row()], self.columns[index.column()]
        text = str(value).strip()
        if text != self.data(index, Qt.ItemDataRole.EditRole):
            self.edited.emit(record.folder, column.id, tags_of(text) if column.id == "tags" else text)
        return True

    def flags(self, index: Index) -> Qt.ItemFlag:
        flags = Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable
        return flags | Qt.ItemFlag.ItemIsEditable if self.columns[index.column()].editable else flags

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        if orientation == Qt.Orientation.Horizontal and section < len(self.columns):
            column = self.columns[section]
            if role == Qt.ItemDataRole.DisplayRole:
                arrow = f" {'↓' if self.descending else '↑'}" if column.id == self.sorted_by else ""
                return column.title + arrow
            if role == Qt.ItemDataRole.TextAlignmentRole:
                side = Qt.AlignmentFlag.AlignRight if column.numeric else Qt.AlignmentFlag.AlignLeft
                return side | Qt.AlignmentFlag.AlignVCenter
            if role == Qt.ItemDataRole.ToolTipRole:
                return f"Sort by {column.title.lower()}"
        return None


def _tooltip(record: RunRecord, shown: Sequence[RunColumn]) -> str:
    lines = [f"{column.title}: {text}" for column in shown if (text := column.text(record))]
    if record.device:
        lines.append(f"{record.device} · seed {record.seed} · {record.parameters:,} parameters")
    return "\n".join((*lines, str(record.folder)))


class RunsDelegate(QStyledItemDelegate):
    """Paints a cell: the ground of the row, the colour of its curve, its words."""

    def __init__(self, model: RunsModel, parent: QWidget) -> None:
        super().__init__(parent)
        self._model = model
        self.colours: Mapping[Path, str] = {}
        self.hovered = -1

    def eventFilter(self, editor: QObject, event: QEvent) -> bool:
        if keeps_key(event):
            event.accept()
            return True
        return super().eventFilter(editor, event)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        record, column = self._model.shown[index.row()], self._model.columns[index.column()]
        tokens, area = theme.current(), QRectF(option.rect)
        if option.state & QStyle.StateFlag.State_Selected:
            painter.fillRect(area, theme.colour(tokens.accent, 0.14))
        elif index.row() == self.hovered:
            painter.fillRect(area, theme.colour(tokens.raised))
        left = area.left() + PAD
        if column.id == "name":
            left = self._paint_mark(painter, area, record)
        room = QRectF(left, area.top(), area.right() - PAD - left, area.height())
        painter.setFont(theme.mono(11) if column.numeric or column.id == "started" else theme.sans(12))
        painter.setPen(theme.colour(self._tint(column, record)))
        text = painter.fontMetrics().elidedText(
            column.text(record), Qt.TextElideMode.ElideRight, int(room.width())
        )
        side = Qt.AlignmentFlag.AlignRight if column.numeric else Qt.AlignmentFlag.AlignLeft
        painter.drawText(room, int(side | Qt.AlignmentFlag.AlignVCenter), text)

    def _paint_mark(self, painter: QPainter, area: QRectF, record: RunRecord) -> float:
        """A dot in the colour of the status; of a chosen run, a line in the colour of its curve."""
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        middle = area.center().y()
        colour = self.colours.get(record.folder)
        if colour is not None:
            painter.setBrush(theme.colour(colour))
            painter.drawRoundedRect(QRectF(area.left() + 10, middle - 2, 14, 4), 2, 2)
        else:
            painter.setBrush(theme.colour(getattr(theme.current(), tint(record))))
            painter.drawEllipse(QRectF(area.left() + 14, middle - 3, 6, 6))
        painter.restore()
        return area.left() + 32

    @staticmethod
    def _tint(column: RunColumn, record: RunRecord) -> str:
        tokens = theme.current()
        if column.id == "status":
            return str(getattr(tokens, tint(record)))
        return tokens.text if column.id == "name" or column.numeric else tokens.muted

    def sizeHint(self, _option: QStyleOptionViewItem, _index: Index) -> QSize:
        return QSize(0, ROW)

    def updateEditorGeometry(self, editor: QWidget, option: QStyleOptionViewItem, _index: Index) -> None:
        editor.setGeometry(option.rect.adjusted(2, 0, 0, 0))


class RunsTable(QTableView):
    """The table. Keys: Return opens, F2 renames, Delete deletes."""

    asked = Signal(str)  # an action of a run: "open", "delete"
    chosen = Signal(list)  # list[Path]

    def __init__(self, model: RunsModel) -> None:
        super().__init__()
        self.runs = model
        self._keeps = False  # the choice is being put back, not made
        self._held: list[Path] = []
        self.setModel(model)
        self.delegate = RunsDelegate(model, self)
        self.setItemDelegate(self.delegate)
        self.setShowGrid(False)
        self.setMouseTracking(True)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setAccessibleName("Runs")
        self.setCornerButtonEnabled(False)
        self.setTabKeyNavigation(False)  # Tab leads on, not from cell to cell
        self.setWordWrap(False)
        rows = self.verticalHeader()
        rows.hide()
        rows.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        rows.setDefaultSectionSize(ROW)
        head = self.horizontalHeader()
        head.setSectionsClickable(True)
        head.setHighlightSections(False)
        head.setMinimumSectionSize(40)
        head.setTextElideMode(Qt.TextElideMode.ElideRight)
        head.setFixedHeight(24)
        head.sectionClicked.connect(self._sort)
        model.modelAboutToBeReset.connect(self._before_reset)
        model.modelReset.connect(self._after_reset)
        theme.changed.connect(self.viewport().update)

    # Choosing ----------------------------------------------------------------------------------

    def folders(self) -> list[Path]:
        """The chosen runs, from the top."""
        rows = sorted({index.row() for index in self.selectionModel().selectedRows()})
        return [self.runs.shown[row].folder for row in rows]

    def choose(self, folders: Sequence[Path]) -> None:
        """Show these as chosen; nothing is told."""
        wanted = [row for folder in folders if (row := self.runs.row_of(folder)) is not None]
        selection = QItemSelection()
        last = max(self.runs.columnCount() - 1, 0)
        for row in wanted:
            selection.select(self.runs.index(row, 0), self.runs.index(row, last))
        self._keeps = True
        self.selectionModel().select(selection, QItemSelectionModel.SelectionFlag.ClearAndSelect)
        if wanted and self.currentIndex().row() not in wanted:
            self.selectionModel().setCurrentIndex(
                self.runs.index(wanted[0], 0), QItemSelectionModel.SelectionFlag.NoUpdate
            )
        self._keeps = False

    def selectionChanged(self, selected: QItemSelection, deselected: QItemSelection) -> None:
        super().selectionChanged(selected, deselected)
        if not self._keeps:
            self.chosen.emit(self.folders())

    def _before_reset(self) -> None:
        self._held, self._keeps = self.folders(), True

    def _after_reset(self) -> None:
        self._keeps = False
        self.choose(self._held)
        self.arrange()

    # Columns -----------------------------------------------------------------------------------

    def arrange(self) -> None:
        """Give every column its width; those that matter least are hidden where all are too wide."""
        made, room = self.runs.columns, self.viewport().width()
        kept = sorted(made, key=lambda column: -column.keep)
        while len(kept) > 1 and sum(column.least for column in kept) > room:
            kept.pop()
        shown = {column.id for column in kept}
        spare = room - sum(column.width for column in kept)  # below 0: words are cut a little
        growing = {column.id: column.width for column in kept if column.has_words}
        for at, column in enumerate(made):
            self.setColumnHidden(at, column.id not in shown)
            share = 1 / len(growing) if spare > 0 else column.width / max(1, sum(growing.values()))
            extra = int(spare * share) if column.id in growing else 0
            self.setColumnWidth(at, column.width + extra if len(kept) > 1 else room)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.arrange()

    def edit_cell(self, column: str) -> None:
        """Type into this cell of the run that is current; the column is shown for it."""
        at = next((i for i, one in enumerate(self.runs.columns) if one.id == column), None)
        row = self.currentIndex().row()
        if at is None or row < 0:
            return
        if self.isColumnHidden(at):
            self.setColumnHidden(at, False)
            self.setColumnWidth(at, max(120, self.runs.columns[at].width))
        index = self.runs.index(row, at)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.scrollTo(index)
        self.edit(index)

    def _sort(self, section: int) -> None:
        self.runs.sort_by(self.runs.columns[section].id)
        self.horizontalHeader().viewport().update()

    # Hands -------------------------------------------------------------------------------------

    def event(self, event: QEvent) -> bool:
        """The keys of the list rule over those of the window while the list has the keyboard."""
        if event.type() == QEvent.Type.ShortcutOverride and self._is_own(event):
            event.accept()
            return True
        return super().event(event)

    def _is_own(self, event: QEvent) -> bool:
        if not isinstance(event, QKeyEvent):
            return False
        return bool(self._key_of(event)) or event.matches(QKeySequence.StandardKey.SelectAll)

    @staticmethod
    def _key_of(event: QKeyEvent) -> str:
        if event.modifiers() not in (Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.KeypadModifier):
            return ""
        keys = {Qt.Key.Key_Return: "open", Qt.Key.Key_Enter: "open", Qt.Key.Key_F2: "rename"}
        keys |= {Qt.Key.Key_Delete: "delete", Qt.Key.Key_Backspace: "delete"}
        return keys.get(Qt.Key(event.key()), "")

    def keyPressEvent(self, event: QKeyEvent) -> None:
        asked = self._key_of(event)
        if self.state() == QAbstractItemView.State.EditingState:
            return  # what the cell that is edited let pass is not for the list
        if asked and self.folders():
            self.asked.emit(asked)
        elif event.key() in (Qt.Key.Key_Home, Qt.Key.Key_End) and self.runs.shown:
            last = len(self.runs.shown) - 1
            self.setCurrentIndex(self.runs.index(last if event.key() == Qt.Key.Key_End else 0, 0))
        else:
            super().keyPressEvent(event)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        index = self.indexAt(event.position().toPoint())
        if not index.isValid() or event.button() != Qt.MouseButton.LeftButton:
            return
        column = self.runs.columns[index.column()]
        if column.editable and column.id != "name":
            self.edit(index)
        else:
            self.asked.emit("open")

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        super().mouseMoveEvent(event)
        self._hover(self.indexAt(event.position().toPoint()).row())

    def leaveEvent(self, event: QEvent) -> None:
        super().leaveEvent(event)
        self._hover(-1)

    def _hover(self, row: int) -> None:
        if row != self.delegate.hovered:
            self.delegate.hovered = row
            self.viewport().update()
