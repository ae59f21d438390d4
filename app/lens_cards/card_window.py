"""A card in a window of its own, on any screen. Closing the window closes the card."""

from __future__ import annotations

from PySide6.QtCore import QPoint, QRect, QSize, Qt, QTimer, Signal
from PySide6.QtGui import (
    QCloseEvent,
    QGuiApplication,
    QHideEvent,
    QKeyEvent,
    QMoveEvent,
    QResizeEvent,
    QShowEvent,
)
from PySide6.QtWidgets import QVBoxLayout, QWidget

from app.lens_cards.card import LEAST, LensCard
from app.widgets.text import set_title
from engine.document.project import PixelPlace, PixelSize

_SETTLE_MS = 400
_FIRST = QSize(620, 520)


class CardWindow(QWidget):
    """`placed` tells where a person has put it and how large they have made it."""

    placed = Signal(object, object)  # PixelPlace, PixelSize
    closed = Signal()
    sight_changed = Signal()

    def __init__(self, card: LensCard, home: QWidget) -> None:
        super().__init__(home, Qt.WindowType.Window)
        self.card = card
        self.setProperty("role", "panel")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setMinimumSize(LEAST)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(card)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(_SETTLE_MS)
        self._timer.timeout.connect(self._tell)
        self.arrange()

    def arrange(self) -> None:
        """Where the project says; a place that no screen has any more is brought into sight."""
        set_title(self, self.card.heading)
        pin = self.card.pin
        size = QSize(*pin.size) if all(pin.size) else _FIRST
        corner = QPoint(*pin.corner) if any(pin.corner) else self._beside(size)
        wished = in_sight(QRect(corner, size))
        if wished != QRect(self.pos(), self.size()):
            self.setGeometry(wished)
        self._timer.stop()

    def _beside(self, size: QSize) -> QPoint:
        """In the middle of the window that it belongs to."""
        home = self.parentWidget()
        assert home is not None
        middle = home.window().geometry().center()
        return middle - QPoint(size.width() // 2, size.height() // 2)

    def _tell(self) -> None:
        self.placed.emit(PixelPlace(self.x(), self.y()), PixelSize(self.width(), self.height()))

    def moveEvent(self, event: QMoveEvent) -> None:
        super().moveEvent(event)
        self._changed()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._changed()
        self.sight_changed.emit()

    def _changed(self) -> None:
        if self.isVisible():
            self._timer.start()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.sight_changed.emit()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._timer.stop()
        self.sight_changed.emit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.close()
        else:
            super().keyPressEvent(event)

    def closeEvent(self, event: QCloseEvent) -> None:
        event.ignore()  # the panel takes it away, as for every card that is closed
        self.closed.emit()


def in_sight(wished: QRect) -> QRect:
    """This rectangle, moved onto a screen where too little of it would be seen."""
    rooms = [screen.availableGeometry() for screen in QGuiApplication.screens()]
    if not rooms or any(_is_seen(wished, room) for room in rooms):
        return wished
    room = QGuiApplication.primaryScreen().availableGeometry()
    size = wished.size().boundedTo(room.size())
    left = min(max(wished.left(), room.left()), room.right() + 1 - size.width())
    top = min(max(wished.top(), room.top()), room.bottom() + 1 - size.height())
    return QRect(QPoint(left, top), size)


def _is_seen(wished: QRect, room: QRect) -> bool:
    """Whether the bar of a window can be taken hold of on this screen."""
    shared = wished.intersected(room)
    return shared.width() >= 80 and shared.height() >= 40 and wished.top() >= room.top() - 8
