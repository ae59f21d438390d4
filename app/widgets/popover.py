"""A panel that hangs below a button inside the window, and goes when one clicks elsewhere or presses Escape.

It is a child of the window, not a window of its own: no frame of the desktop, no focus games.
"""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QPoint, Qt
from PySide6.QtGui import QKeyEvent, QMouseEvent
from PySide6.QtWidgets import QApplication, QFrame, QGraphicsDropShadowEffect, QVBoxLayout, QWidget
from shiboken6 import isValid

from app.style import theme


class Popover(QFrame):
    """Put widgets into `layout()`; `pop_up` shows it below an anchor, `pop_center` near the window's top."""

    def __init__(self, window: QWidget, width: int) -> None:
        super().__init__(window)
        self.setProperty("role", "popover")
        self.setFixedWidth(width)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._before: QWidget | None = None
        self.body = QVBoxLayout(self)
        self.body.setContentsMargins(1, 1, 1, 1)
        self.body.setSpacing(0)
        shadow = QGraphicsDropShadowEffect(self)
        shadow.setBlurRadius(36)
        shadow.setOffset(0, 10)
        shadow.setColor(theme.colour("#000000", 0.45))
        self.setGraphicsEffect(shadow)
        self.hide()

    def pop_up(self, anchor: QWidget, gap: int = 6) -> None:
        """Show below `anchor`, its right edge with the anchor's."""
        home = self._home()
        self._fit_height(home)
        corner = anchor.mapTo(home, QPoint(anchor.width() - self.width(), anchor.height() + gap))
        left = max(12, min(corner.x(), home.width() - self.width() - 12))
        self.move(left, corner.y())
        self._open()

    def pop_center(self, top: int) -> None:
        home = self._home()
        self._fit_height(home)
        self.move((home.width() - self.width()) // 2, top)
        self._open()

    def close_up(self) -> None:
        """Hide, and give the keyboard back to who had it."""
        if self.isHidden():
            return
        app = QApplication.instance()
        if app is not None:
            app.removeEventFilter(self)
        had_focus = self.isAncestorOf(QApplication.focusWidget() or self)
        self.hide()
        before, self._before = self._before, None
        # The widget may be gone by now: an inspector that shows another node has other fields.
        if had_focus and before is not None and isValid(before) and before.isVisible():
            before.setFocus()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.MouseButtonPress and isinstance(event, QMouseEvent):
            inside = self.rect().contains(self.mapFromGlobal(event.globalPosition().toPoint()))
            if not inside and isinstance(watched, QWidget) and watched.window() is self.window():
                self.close_up()
        return False

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.close_up()
        else:
            super().keyPressEvent(event)

    def _open(self) -> None:
        app = QApplication.instance()
        if self.isHidden() and app is not None:
            self._before = QApplication.focusWidget()
            app.installEventFilter(self)
        self.show()
        self.raise_()
        self.setFocus()

    def _fit_height(self, home: QWidget) -> None:
        self.body.activate()
        self.resize(self.width(), min(self.sizeHint().height(), home.height() - 120))

    def _home(self) -> QWidget:
        home = self.parentWidget()
        assert home is not None
        return home
