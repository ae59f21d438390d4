"""Sentences told in passing, at the foot of the window. Good news goes
by itself; bad news waits for a click.
"""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEasingCurve, QEvent, QObject, QPropertyAnimation, QRect, Qt, QTimer
from PySide6.QtGui import QEnterEvent, QMouseEvent
from PySide6.QtWidgets import (
    QFrame,
    QGraphicsOpacityEffect,
    QHBoxLayout,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from app.style import theme
from app.widgets.buttons import IconButton
from app.widgets.text import Label
from nodes.shown_text import shown_lines

_SECONDS = {"info": 4, "good": 4, "warn": 9, "bad": 20}
_MOST = 4
_WIDTH = 420


class Toast(QFrame):
    """One sentence with the colour of its kind at the left."""

    def __init__(self, message: str, kind: str, parent: QWidget) -> None:
        super().__init__(parent)
        self.message, self.kind = message, kind
        self.setObjectName("toast")
        self.setProperty("role", "toast")
        bar = QFrame()
        bar.setFixedWidth(3)
        tint = getattr(theme.current(), {"info": "accent"}.get(kind, kind))
        bar.setStyleSheet(f"background: {tint}; border: 0; border-radius: 1px;")
        words = Label(shown_lines(message))
        words.setWordWrap(True)
        words.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        words.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Minimum)
        close = IconButton("close", "Dismiss")
        close.clicked.connect(self.dismiss)
        layout = self._row = QHBoxLayout(self)
        layout.setContentsMargins(8, 8, 6, 8)
        layout.setSpacing(10)
        layout.addWidget(bar)
        layout.addWidget(words, 1)
        layout.addWidget(close, 0, Qt.AlignmentFlag.AlignTop)
        self.setFixedWidth(_WIDTH)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self._timer = QTimer(self, singleShot=True, interval=1000 * _SECONDS.get(kind, 4))
        self._timer.timeout.connect(self.dismiss)
        self._timer.start()

    def fit(self) -> None:
        """As high as its words need."""
        self._row.activate()
        self.setFixedHeight(self._row.totalHeightForWidth(_WIDTH))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self.dismiss()

    def enterEvent(self, event: QEnterEvent) -> None:
        self._timer.stop()
        super().enterEvent(event)

    def dismiss(self) -> None:
        """Fade out and go."""
        self._timer.stop()
        effect = QGraphicsOpacityEffect(self)
        self.setGraphicsEffect(effect)
        fade = QPropertyAnimation(effect, b"opacity", self)
        fade.setDuration(150)
        fade.setStartValue(1.0)
        fade.setEndValue(0.0)
        fade.setEasingCurve(QEasingCurve.Type.OutCubic)
        fade.finished.connect(self._gone)
        fade.start()

    def _gone(self) -> None:
        self.hide()
        self.deleteLater()


class Toasts(QWidget):
    """The pile of toasts over a window; lets the mouse through where there is none."""

    def __init__(self, parent: QWidget, room: Callable[[], QRect]) -> None:
        """`room` says which part of the parent they stand in, at its foot."""
        super().__init__(parent)
        self._room = room
        self._layout = QVBoxLayout(self)
        self._layout.setContentsMargins(0, 0, 0, 0)
        self._layout.setSpacing(8)
        self._settle = QTimer(self, singleShot=True, interval=0)
        self._settle.timeout.connect(self._place)
        parent.installEventFilter(self)
        self.hide()

    @property
    def messages(self) -> list[str]:
        return [toast.message for toast in self._toasts()]

    def tell(self, message: str, kind: str = "info") -> None:
        """Show one sentence. The same one twice in a row shows once."""
        if not message or (self.messages and self.messages[-1] == message):
            return
        shown = self._toasts()
        for old in shown[: max(0, len(shown) + 1 - _MOST)]:
            self._layout.removeWidget(old)
            old.deleteLater()
        toast = Toast(message, kind, self)
        toast.destroyed.connect(self._settle.start)
        self._layout.addWidget(toast)
        toast.show()
        self.show()
        self._place()
        self.raise_()

    def follow(self, part: QWidget) -> None:
        """Find the place again whenever this part of the window moves, grows or comes into view."""
        part.installEventFilter(self)

    def clear(self) -> None:
        for toast in self._toasts():
            toast.deleteLater()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() in (QEvent.Type.Resize, QEvent.Type.Move, QEvent.Type.Show):
            self._settle.start()
        return super().eventFilter(watched, event)

    def _toasts(self) -> list[Toast]:
        return [toast for toast in self.findChildren(Toast) if not toast.isHidden() or not self.isVisible()]

    def _place(self) -> None:
        home = self.parentWidget()
        if home is None or self._layout.isEmpty():
            self.hide()
            return
        self.setFixedWidth(_WIDTH)
        for toast in self._toasts():
            toast.fit()
        self._layout.activate()
        self.resize(self.width(), self._layout.totalHeightForWidth(self.width()))
        room = self._room()
        self.move(room.center().x() - self.width() // 2, room.bottom() - self.height() - 16)
