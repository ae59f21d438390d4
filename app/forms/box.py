"""The raised box of every field, and the entry inside it: typed in, stepped by keys or wheel, scrubbed.

Both draw themselves from the theme's tokens. They pass texts and steps on.
"""

from __future__ import annotations

from PySide6.QtCore import QEvent, QPointF, QRectF, Qt, Signal
from PySide6.QtGui import (
    QFocusEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPalette,
    QPen,
    QWheelEvent,
)
from PySide6.QtWidgets import QApplication, QHBoxLayout, QWidget

from app.style import theme
from app.widgets.enter_keys import keeps_key
from app.widgets.file_drops import LineField

BOX_HEIGHT = 26
_RADIUS = 5.0
_PIXELS_PER_STEP = 6


class Box(QWidget):
    """A rounded raised ground with a hairline edge: the accent with focus, `bad` when refused."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._invalid = False
        self._hint = ""
        self.row = QHBoxLayout(self)
        self.row.setContentsMargins(8, 0, 8, 0)
        self.row.setSpacing(4)
        self.setFixedHeight(BOX_HEIGHT)
        theme.changed.connect(self.update)

    @property
    def hint(self) -> str:
        return self._hint

    def set_hint(self, hint: str) -> None:
        """A faint note at the right, such as the range or the unit."""
        self._hint = hint
        self.update()

    @property
    def is_invalid(self) -> bool:
        return self._invalid

    def set_invalid(self, invalid: bool) -> None:
        self._invalid = invalid
        self.update()

    def used_width(self) -> int:
        """Pixels taken by the content from the left; the hint is drawn only where it does not meet it."""
        return 0

    def paintEvent(self, _event: QPaintEvent) -> None:
        tokens = theme.current()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        holder = QApplication.focusWidget()
        focus = holder is not None and (holder is self or self.isAncestorOf(holder))
        edge = tokens.bad if self._invalid else tokens.accent if focus else tokens.hairline
        painter.setPen(QPen(theme.colour(edge), 1.0))
        painter.setBrush(theme.colour(tokens.raised))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), _RADIUS, _RADIUS)
        if self._hint:
            self._paint_hint(painter, tokens)
        painter.end()

    def _paint_hint(self, painter: QPainter, tokens: theme.Theme) -> None:
        painter.setFont(theme.mono(11))
        width = painter.fontMetrics().horizontalAdvance(self._hint)
        if self.used_width() + width + 24 <= self.width():
            painter.setPen(theme.colour(tokens.faint))
            area = self.rect().adjusted(8, 0, -8, 0)
            painter.drawText(area, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, self._hint)


class LineEntry(LineField):
    """A frameless line of text. With `steps` on it can be stepped and scrubbed as a number is.

    A press that does not move puts the cursor in; a horizontal drag on an entry without focus scrubs.
    """

    committed = Signal(str)
    reverted = Signal()  # Escape: what was typed is given up
    stepped = Signal(int, bool)  # steps, coarse
    gesture_began = Signal()
    gesture_ended = Signal()

    def __init__(self, parent: QWidget | None = None, *, steps: bool = False) -> None:
        super().__init__(parent)
        self._steps = steps
        self._shown = ""
        self._press: QPointF | None = None
        self._scrubbed = 0
        self._scrubbing = False
        self.setFrame(False)
        self.setStyleSheet(
            "QLineEdit, QLineEdit:hover, QLineEdit:focus { background: transparent; border: none; padding: 0;"
            ' margin: 0; font-family: "JetBrains Mono"; font-size: 11px; min-height: 0; }'
        )
        self.setTextMargins(-2, 0, -2, 0)
        self.setMinimumWidth(20)
        self._colour()
        theme.changed.connect(self._colour)
        if steps:
            # A press gives no focus by itself: it may be the beginning of a drag that scrubs.
            self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
            self.setCursor(Qt.CursorShape.SizeHorCursor)

    def show_text(self, text: str) -> None:
        """Show what is so now; what is being typed stays."""
        if self._shown != text or not self.isModified():
            self._shown = text
            self.setText(text)
            self.setCursorPosition(0 if not self.hasFocus() else len(text))

    def revert(self) -> None:
        self.setText(self._shown)
        self.setModified(False)
        self.reverted.emit()

    def commit(self) -> None:
        if self.isModified():
            self.setModified(False)
            self.committed.emit(self.text())

    def _colour(self) -> None:
        tokens, palette = theme.current(), self.palette()
        palette.setColor(QPalette.ColorRole.Text, theme.colour(tokens.text))
        palette.setColor(QPalette.ColorRole.PlaceholderText, theme.colour(tokens.faint))
        palette.setColor(QPalette.ColorRole.Base, theme.colour(tokens.raised, 0.0))
        palette.setColor(QPalette.ColorRole.Highlight, theme.colour(tokens.accent, 0.45))
        palette.setColor(QPalette.ColorRole.HighlightedText, theme.colour(tokens.text))
        self.setPalette(palette)

    def _repaint_box(self) -> None:
        parent = self.parentWidget()
        if parent is not None:
            parent.update()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key, coarse = event.key(), bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
        if self._key_of_list(key):
            event.ignore()  # the list takes it from here
            return
        if key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.commit()
            self.selectAll()
        elif key == Qt.Key.Key_Escape:
            self.revert()
            self.clearFocus()
        elif self._steps and key in (Qt.Key.Key_Up, Qt.Key.Key_Down):
            self.commit()
            self.stepped.emit(1 if key == Qt.Key.Key_Up else -1, coarse)
        else:
            super().keyPressEvent(event)
            return
        event.accept()

    def _key_of_list(self, key: int) -> bool:
        """Whether a key is meant for the open list of suggestions: one that chooses in it, or closes it."""
        completer = self.completer()
        popup = completer.popup() if completer is not None else None
        if popup is None or not popup.isVisible():
            return False
        if key in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and not popup.currentIndex().isValid():
            popup.hide()  # what was typed is meant as it is
            return False
        return key in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Escape)

    def wheelEvent(self, event: QWheelEvent) -> None:
        if not self._steps or not self.hasFocus():
            event.ignore()
            return
        turns = event.angleDelta().y() or event.angleDelta().x()
        if turns:
            self.stepped.emit(
                1 if turns > 0 else -1, bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
            )
        event.accept()

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        self.setCursor(Qt.CursorShape.IBeamCursor)
        self.gesture_began.emit()
        self._repaint_box()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        if event.reason() != Qt.FocusReason.PopupFocusReason:
            self.commit()
        self.gesture_ended.emit()
        self.setCursor(Qt.CursorShape.SizeHorCursor if self._steps else Qt.CursorShape.IBeamCursor)
        self._repaint_box()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if self._steps and not self.hasFocus() and event.button() == Qt.MouseButton.LeftButton:
            self._press, self._scrubbed, self._scrubbing = event.position(), 0, False
            event.accept()
            return
        super().mousePressEvent(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._press is None:
            super().mouseMoveEvent(event)
            return
        moved = event.position().x() - self._press.x()
        if not self._scrubbing and abs(moved) >= QApplication.startDragDistance() / 2:
            self._scrubbing = True
            self.gesture_began.emit()
        steps = int(moved / _PIXELS_PER_STEP)
        if self._scrubbing and steps != self._scrubbed:
            coarse = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
            self.stepped.emit(steps - self._scrubbed, coarse)
            self._scrubbed = steps
        event.accept()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if self._press is None:
            super().mouseReleaseEvent(event)
            return
        self._press = None
        if self._scrubbing:
            self._scrubbing = False
            self.gesture_ended.emit()
        else:
            self.setFocus(Qt.FocusReason.MouseFocusReason)
            self.selectAll()
        event.accept()

    def event(self, event: QEvent) -> bool:
        if self.isModified() and keeps_key(event):
            event.accept()  # Ctrl+Enter commits what is typed before it is anything else
            return True
        # The window's undo shortcut wins over the line's own, so that Ctrl+Z takes back an edit of the
        # drawing once nothing is being typed.
        if event.type() == QEvent.Type.ShortcutOverride and not self.isModified():
            key = event.key() if isinstance(event, QKeyEvent) else 0
            if key in (Qt.Key.Key_Z, Qt.Key.Key_Y):
                event.ignore()
                return False
        return super().event(event)
