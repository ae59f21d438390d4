"""The list of lenses that opens at a node: type to filter, a number or Enter opens one."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import (
    QEvent,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QRect,
    QRectF,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import QFont, QKeyEvent, QPainter
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

from app.lens_cards.offered import summary
from app.style import theme
from app.widgets.enter_keys import keeps_key
from app.widgets.file_drops import LineField
from app.widgets.text import caption
from engine.lens.lens import Lens

_WIDTH, _ROW, _ROWS = 400, 44, 8
_NUMBERED = 9
_NUMBER, _TITLE, _HELP, _KIND = (Qt.ItemDataRole.UserRole + place for place in range(4))


def matching(lenses: Sequence[Lens], text: str) -> list[Lens]:
    """The lenses whose title or help has every word; those with a word in the title first."""
    words = text.lower().split()
    found = [lens for lens in lenses if all(word in f"{lens.title} {lens.help}".lower() for word in words)]
    return sorted(found, key=lambda lens: not all(word in lens.title.lower() for word in words))


class _LensRows(QStyledItemDelegate):
    """A number, the title, and the first sentence of the help below it."""

    def sizeHint(self, _option: QStyleOptionViewItem, _index: object) -> QSize:
        return QSize(_WIDTH - 20, _ROW)

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        tokens, rect = theme.current(), QRect(option.rect)
        state: QStyle.StateFlag = option.state
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if state & QStyle.StateFlag.State_Selected:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme.colour(tokens.accent, 0.18))
            painter.drawRoundedRect(QRectF(rect).adjusted(2, 1, -2, -1), 5, 5)
        middle = int(Qt.AlignmentFlag.AlignVCenter)
        painter.setFont(theme.mono(11))
        painter.setPen(theme.colour(tokens.faint))
        painter.drawText(rect.adjusted(12, 0, 0, 0), middle, str(index.data(_NUMBER) or ""))
        upper, lower = (
            rect.adjusted(32, 5, -10, -rect.height() // 2),
            rect.adjusted(32, rect.height() // 2, -10, -4),
        )
        for room, role, font, tint in (
            (upper, _TITLE, theme.sans(13, QFont.Weight.DemiBold), tokens.text),
            (lower, _HELP, theme.sans(12), tokens.muted),
        ):
            painter.setFont(font)
            painter.setPen(theme.colour(tint))
            words = painter.fontMetrics().elidedText(
                str(index.data(role) or ""), Qt.TextElideMode.ElideRight, room.width()
            )
            painter.drawText(room, middle, words)
        painter.restore()


class OfferBox(QFrame):
    """A field and a list; it lives inside the view and goes when it loses the focus."""

    chosen = Signal(str)  # the kind of the lens
    closed = Signal()

    def __init__(self, parent: QWidget, lenses: Sequence[Lens], name: str) -> None:
        super().__init__(parent)
        self._lenses = lenses
        self.setProperty("role", "card")
        self.setAccessibleName(f"Look at {name}")
        self.field = LineField(self)
        self.field.setPlaceholderText(f"Look at {name}")
        self.field.setAccessibleName(f"Lenses of {name}")
        self.list = QListWidget(self)
        self.list.setItemDelegate(_LensRows(self.list))
        self.list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.setFrameShape(QFrame.Shape.NoFrame)
        self.list.setUniformItemSizes(True)
        self.hint = caption("Type to filter · 1 to 9 or Enter opens it in the Lenses panel")
        self.hint.setContentsMargins(6, 0, 0, 0)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(8, 8, 8, 8)
        layout.setSpacing(6)
        layout.addWidget(self.field)
        layout.addWidget(self.list)
        layout.addWidget(self.hint)
        self.setFixedWidth(_WIDTH)
        self.field.textChanged.connect(self.refresh)
        self.field.installEventFilter(self)
        self.list.itemClicked.connect(self._take)
        self.refresh()

    def open_beside(self, node: QRect) -> None:
        """Show it beside this rectangle of the view: at its right, else at its left, else over it."""
        parent = self.parentWidget()
        assert parent is not None
        right, left = node.right() + 12, node.left() - 12 - self.width()
        x = right if right + self.width() <= parent.width() - 4 else left
        x = max(4, min(x, parent.width() - self.width() - 4))
        tallest = _ROW * min(_ROWS, self.list.count()) + 86
        self.move(x, max(4, min(node.top(), parent.height() - tallest - 4)))
        self.show()
        self.raise_()
        self.field.setFocus(Qt.FocusReason.PopupFocusReason)

    @property
    def kinds(self) -> list[str]:
        """What is listed now."""
        found = (self.list.item(row).data(_KIND) for row in range(self.list.count()))
        return [kind for kind in found if kind]

    def refresh(self) -> None:
        self.list.clear()
        found = matching(self._lenses, self.field.text())
        for place, lens in enumerate(found, 1):
            item = QListWidgetItem(lens.title, self.list)
            item.setData(_NUMBER, place if place <= _NUMBERED else "")
            item.setData(_TITLE, lens.title)
            item.setData(_HELP, summary(lens))
            item.setData(_KIND, lens.kind)
            item.setToolTip(lens.help)
        if not found:
            item = QListWidgetItem(self.list)
            item.setData(
                _TITLE, "No lens of this name fits here" if self.field.text() else "No lens fits here"
            )
            item.setFlags(Qt.ItemFlag.NoItemFlags)
        self.list.setCurrentRow(0)
        self.list.setFixedHeight(_ROW * min(_ROWS, self.list.count()) + 4)
        self.adjustSize()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if watched is self.field and keeps_key(event):
            event.accept()
            return True
        if watched is self.field and event.type() == QEvent.Type.KeyPress and isinstance(event, QKeyEvent):
            return self._key(event)
        if watched is self.field and event.type() == QEvent.Type.FocusOut and self.isVisible():
            self.close_box()
        return False

    def _key(self, event: QKeyEvent) -> bool:
        key = event.key()
        if key == Qt.Key.Key_Escape:
            self.close_box()
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._take(self.list.currentItem())
        elif key in (Qt.Key.Key_Down, Qt.Key.Key_Up, Qt.Key.Key_PageDown, Qt.Key.Key_PageUp):
            by = {Qt.Key.Key_Down: 1, Qt.Key.Key_Up: -1, Qt.Key.Key_PageDown: _ROWS}.get(Qt.Key(key), -_ROWS)
            self.list.setCurrentRow(max(0, min(self.list.count() - 1, self.list.currentRow() + by)))
        elif Qt.Key.Key_1 <= key <= Qt.Key.Key_9 and not event.modifiers():
            self._take(self.list.item(key - Qt.Key.Key_1))
        else:
            return False
        return True

    def _take(self, item: QListWidgetItem | None) -> None:
        kind = item.data(_KIND) if item is not None else None
        if kind:
            self.close_box()
            self.chosen.emit(kind)

    def close_box(self) -> None:
        """Go away; the canvas gets the keys back."""
        if not self.isVisible():
            return
        self.hide()
        self.closed.emit()
        self.deleteLater()
