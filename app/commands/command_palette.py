"""Search everything: actions, layers to add, nodes to go to, projects to open. Opened with Ctrl+K.

It is given entries each time it opens.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from PySide6.QtCore import (
    QAbstractListModel,
    QEvent,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QRectF,
    QSize,
    Qt,
)
from PySide6.QtGui import QFont, QFontMetrics, QKeyEvent, QPainter
from PySide6.QtWidgets import QListView, QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from app.style import theme
from app.widgets import fuzzy
from app.widgets.enter_keys import keeps_key
from app.widgets.file_drops import LineField
from app.widgets.lines import hairline
from app.widgets.popover import Popover
from app.widgets.text import EmptyState

_ROW, _SHOWN, _WIDTH = 34, 11, 620
_Index = QModelIndex | QPersistentModelIndex


@dataclass(frozen=True)
class PaletteEntry:
    """One thing that can be found: what it is called, its kind, and what choosing it does.

    `hint` stands at the right (keys, a shape); `tint` is a colour for its dot; `words` are found as well;
    `weight` breaks ties between kinds.
    """

    title: str
    kind: str
    run: Callable[[], object]
    hint: str = ""
    tint: str = ""
    words: str = ""
    weight: int = 0


def rank(entries: Sequence[PaletteEntry], typed: str) -> list[PaletteEntry]:
    """Those that match, the best first; all of them, in their order, where nothing is typed."""
    if not typed.strip():
        return list(entries)
    found = []
    for at, entry in enumerate(entries):
        own = fuzzy.score(typed, entry.title)
        other = fuzzy.score(typed, entry.words) if entry.words else None
        best = max(
            (value for value in (own, None if other is None else other - 300) if value is not None),
            default=None,
        )
        if best is not None and best > -20:
            found.append((-(best + entry.weight), at, entry))
    return [entry for _, _, entry in sorted(found, key=lambda ranked: ranked[:2])]


class _Model(QAbstractListModel):
    def __init__(self) -> None:
        super().__init__()
        self.entries: list[PaletteEntry] = []
        self.typed = ""

    def show(self, entries: list[PaletteEntry], typed: str) -> None:
        self.beginResetModel()
        self.entries, self.typed = entries, typed
        self.endResetModel()

    def rowCount(self, parent: _Index = QModelIndex()) -> int:  # noqa: B008 - Qt's own signature
        return 0 if parent.isValid() else len(self.entries)

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        return self.entries[index.row()].title if role == Qt.ItemDataRole.DisplayRole else None


class _RowPainter(QStyledItemDelegate):
    def sizeHint(self, option: QStyleOptionViewItem, _index: _Index) -> QSize:
        return QSize(option.rect.width(), _ROW)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        model = index.model()
        assert isinstance(model, _Model)
        entry, look, rect = model.entries[index.row()], theme.current(), QRectF(option.rect)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if option.state & QStyle.StateFlag.State_Selected:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme.colour(look.raised))
            painter.drawRoundedRect(rect.adjusted(6, 1, -6, -1), 6, 6)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.colour(entry.tint or look.faint))
        painter.drawRoundedRect(QRectF(18, rect.center().y() - 3.5, 8, 8), 2.5, 2.5)
        right = rect.right() - 18
        if entry.hint:
            painter.setFont(theme.mono(11))
            painter.setPen(theme.colour(look.muted))
            painter.drawText(QRectF(0, rect.top(), right, rect.height()), _RIGHT, entry.hint)
            right -= painter.fontMetrics().horizontalAdvance(entry.hint) + 16
        painter.setFont(theme.sans(11))
        painter.setPen(theme.colour(look.faint))
        painter.drawText(QRectF(0, rect.top(), right, rect.height()), _RIGHT, entry.kind)
        right -= painter.fontMetrics().horizontalAdvance(entry.kind) + 16
        _paint_title(painter, entry.title, model.typed, QRectF(38, rect.top(), right - 38, rect.height()))
        painter.restore()


_RIGHT = int(Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight)


def _paint_title(painter: QPainter, title: str, typed: str, room: QRectF) -> None:
    """The title with what matched in the accent."""
    look, plain, strong = theme.current(), theme.sans(13), theme.sans(13, QFont.Weight.DemiBold)
    shown = QFontMetrics(plain).elidedText(title, Qt.TextElideMode.ElideRight, int(room.width()))
    hits, left = fuzzy.marks(typed, title), room.left()
    for at, letter in enumerate(shown):
        hit = at in hits
        painter.setFont(strong if hit else plain)
        painter.setPen(theme.colour(look.accent if hit else look.text))
        painter.drawText(
            QRectF(left, room.top(), 40, room.height()), int(Qt.AlignmentFlag.AlignVCenter), letter
        )
        left += painter.fontMetrics().horizontalAdvance(letter)


class CommandPalette(Popover):
    """A line to type into and the best matches below it."""

    def __init__(self, window: QWidget) -> None:
        super().__init__(window, _WIDTH)
        self._entries: list[PaletteEntry] = []
        self.line = LineField()
        self.line.setProperty("role", "bare")
        self.line.setPlaceholderText("Search actions, layers, nodes and projects")
        self.line.textChanged.connect(self._on_text)
        self.line.returnPressed.connect(self.choose_current)
        self.line.installEventFilter(self)
        self.model = _Model()
        self.list = QListView()
        self.list.setModel(self.model)
        self.list.setItemDelegate(_RowPainter(self.list))
        self.list.setMouseTracking(True)
        self.list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.setViewportMargins(0, 6, 0, 6)
        self.list.entered.connect(self.list.setCurrentIndex)
        self.list.clicked.connect(lambda _index: self.choose_current())
        self.empty = EmptyState("Nothing found", "Try fewer letters: “mp” finds MaxPool2d.")
        self.empty.setFixedHeight(_ROW * 4)
        for widget in (self.line, hairline(), self.list, self.empty):
            self.body.addWidget(widget)

    def open_with(self, entries: Sequence[PaletteEntry]) -> None:
        """Show these entries, with nothing typed yet."""
        self._entries = list(entries)
        self.line.clear()
        self._on_text("")
        self.pop_center(64)
        self.line.setFocus()

    def choose_current(self) -> None:
        """Do what the marked entry does."""
        index = self.list.currentIndex()
        if index.isValid():
            entry = self.model.entries[index.row()]
            self.close_up()
            entry.run()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if watched is self.line and keeps_key(event):
            event.accept()
            return True
        if watched is self.line and isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress:
            if event.key() == Qt.Key.Key_Escape:
                self.close_up()
                return True
            step = {
                Qt.Key.Key_Down: 1,
                Qt.Key.Key_Up: -1,
                Qt.Key.Key_PageDown: _SHOWN,
                Qt.Key.Key_PageUp: -_SHOWN,
            }
            by = step.get(Qt.Key(event.key()))
            if by is not None:
                self._move(by)
                return True
        return super().eventFilter(watched, event)

    def _move(self, by: int) -> None:
        count = len(self.model.entries)
        if count:
            at = self.list.currentIndex().row() + by
            wrapped = at % count if abs(by) == 1 else max(0, min(count - 1, at))
            self.list.setCurrentIndex(self.model.index(wrapped))

    def _on_text(self, typed: str) -> None:
        found = rank(self._entries, typed)
        self.model.show(found, typed)
        self.list.setFixedHeight(_ROW * min(len(found), _SHOWN) + 12)
        self.list.setVisible(bool(found))
        self.empty.setVisible(not found)
        if found:
            self.list.setCurrentIndex(self.model.index(0))
            self.list.scrollToTop()
        if self.isVisible():
            self.body.activate()
            self.resize(self.width(), self.sizeHint().height())
