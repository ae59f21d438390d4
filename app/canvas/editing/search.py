"""The search that opens on the canvas: type a few letters, Enter puts the layer there.

Lists what the registry finds and the project's definitions, cut down to what fits where it was asked for.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from PySide6.QtCore import (
    QEvent,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QPoint,
    QRect,
    QRectF,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import QColor, QKeyEvent, QPainter
from PySide6.QtWidgets import (
    QFrame,
    QListWidget,
    QListWidgetItem,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)

from app.canvas.items import measures as m
from app.style import theme
from app.widgets.enter_keys import keeps_key
from app.widgets.file_drops import LineField
from nodes.layers.structure import Network
from nodes.param import JSON
from nodes.registry import REGISTRY
from nodes.spec import Role

_WIDTH, _ROW, _ROWS = 340, 30, 9


@dataclass(frozen=True)
class SearchResult:
    """One thing that can be put on the canvas."""

    layer: str
    title: str
    summary: str
    family: str
    params: dict[str, JSON] = field(default_factory=dict, hash=False)


def choices(
    text: str, definitions: tuple[tuple[str, str], ...], fits: Callable[[SearchResult], bool]
) -> list[SearchResult]:
    """What matches the text and fits, best first; `definitions` are names with the layer that places them."""
    layers = REGISTRY.search(text) if text.strip() else list(REGISTRY.values())
    found = [
        SearchResult(layer.type, layer.title, layer.summary(), layer.family.value)
        for layer in layers
        if layer.role is not Role.PLACEMENT
    ]
    own = []
    for name, layer in definitions:
        if all(word in f"{name} {layer}".lower() for word in text.lower().split()):
            params: dict[str, JSON] = {"definition": name}
            words = f"A {REGISTRY.title_of(layer).lower()} of this project"
            own.append(SearchResult(layer, name, words, Network.family.value, params))
    found = [*own, *found]
    return [choice for choice in found if fits(choice)]


class _Rows(QStyledItemDelegate):
    def sizeHint(self, _option: QStyleOptionViewItem, _index: object) -> QSize:
        return QSize(_WIDTH - 20, _ROW)

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        choice: SearchResult = index.data(Qt.ItemDataRole.UserRole)
        now = theme.current()
        rect: QRect = option.rect
        state: QStyle.StateFlag = option.state
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        if state & QStyle.StateFlag.State_Selected:
            painter.setBrush(theme.colour(now.accent, 0.18))
            painter.drawRoundedRect(QRectF(rect).adjusted(2, 1, -2, -1), 5, 5)
        painter.setBrush(QColor(now.family(choice.family)))
        painter.drawRoundedRect(QRectF(rect.left() + 12, rect.center().y() - 3, 8, 8), 2, 2)
        painter.setPen(QColor(now.text))
        painter.setFont(theme.sans(13))
        left = rect.left() + 30
        room = QRect(left, rect.top(), rect.width() - 42, rect.height())
        middle = Qt.AlignmentFlag.AlignVCenter
        painter.drawText(room, middle, choice.title)
        left += int(painter.fontMetrics().horizontalAdvance(choice.title)) + 10
        painter.setPen(QColor(now.muted))
        painter.setFont(m.font("body"))
        width = rect.right() - 10 - left
        painter.drawText(
            QRect(left, rect.top(), width, rect.height()),
            middle,
            m.elided("body", choice.summary, float(width)),
        )
        painter.restore()


class SearchBox(QFrame):
    """A field and a list; it lives inside the view and goes when it loses the focus."""

    chosen = Signal(object)  # Choice
    closed = Signal()

    def __init__(
        self, parent: QWidget, definitions: tuple[tuple[str, str], ...], fits: Callable[[SearchResult], bool]
    ) -> None:
        super().__init__(parent)
        self._definitions, self._fits = definitions, fits
        self.setProperty("role", "card")
        self.field = LineField(self)
        self.field.setPlaceholderText("Search layers")
        self.list = QListWidget(self)
        self.list.setItemDelegate(_Rows(self.list))
        self.list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.setFrameShape(QFrame.Shape.NoFrame)
        self.list.setUniformItemSizes(True)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(8, 8, 8, 8)
        layout.setSpacing(6)
        layout.addWidget(self.field)
        layout.addWidget(self.list)
        self.setFixedWidth(_WIDTH)
        self.field.textChanged.connect(self.refresh)
        self.field.installEventFilter(self)
        self.list.itemClicked.connect(self._take)
        self.refresh()

    def open_at(self, place: QPoint) -> None:
        """Show it with its corner there, or as near as fits."""
        parent = self.parentWidget()
        assert parent is not None
        x = max(4, min(place.x(), parent.width() - self.width() - 4))
        tallest = _ROW * _ROWS + 64
        y = max(4, min(place.y(), parent.height() - tallest - 4))
        self.move(x, y)
        self.show()
        self.raise_()
        self.field.setFocus(Qt.FocusReason.PopupFocusReason)

    def refresh(self) -> None:
        self.list.clear()
        found = choices(self.field.text(), self._definitions, self._fits)
        for choice in found:
            item = QListWidgetItem(choice.title, self.list)
            item.setData(Qt.ItemDataRole.UserRole, choice)
            item.setToolTip(choice.summary)
        if not found:
            item = QListWidgetItem(self.list)
            nothing = "No layer of this name fits here" if self.field.text() else "Nothing fits here"
            item.setData(Qt.ItemDataRole.UserRole, SearchResult("", nothing, "", "shape"))
            item.setFlags(Qt.ItemFlag.NoItemFlags)
        self.list.setCurrentRow(0)
        self.list.setFixedHeight(_ROW * min(_ROWS, self.list.count()) + 4)
        self.adjustSize()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if watched is self.field and keeps_key(event):
            event.accept()
            return True
        if watched is self.field and event.type() == event.Type.KeyPress and isinstance(event, QKeyEvent):
            return self._key(event)
        if watched is self.field and event.type() == event.Type.FocusOut and self.isVisible():
            self.close_box()
        return False

    def _key(self, event: QKeyEvent) -> bool:
        key = event.key()
        if key == Qt.Key.Key_Escape:
            self.close_box()
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._take(self.list.currentItem())
        elif key in (Qt.Key.Key_Down, Qt.Key.Key_Up, Qt.Key.Key_PageDown, Qt.Key.Key_PageUp):
            by = {Qt.Key.Key_Down: 1, Qt.Key.Key_Up: -1, Qt.Key.Key_PageDown: 8}.get(Qt.Key(key), -8)
            self.list.setCurrentRow(max(0, min(self.list.count() - 1, self.list.currentRow() + by)))
        else:
            return False
        return True

    def _take(self, item: QListWidgetItem | None) -> None:
        choice = item.data(Qt.ItemDataRole.UserRole) if item is not None else None
        if choice is not None and choice.layer:
            self.close_box()
            self.chosen.emit(choice)

    def close_box(self) -> None:
        """Go away; the canvas gets the keys back."""
        if not self.isVisible():
            return
        self.hide()
        self.closed.emit()
        self.deleteLater()
