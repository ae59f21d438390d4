"""Text in the product's few styles: headings, captions, numbers, elided lines and empty states.

The style sheet gives each its font and colour by the dynamic property `role`; nothing here knows a colour.
"""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QLabel, QSizePolicy, QVBoxLayout, QWidget


def _label(text: str, role: str) -> QLabel:
    label = QLabel(text)
    label.setProperty("role", role)
    label.setTextFormat(Qt.TextFormat.PlainText)
    return label


def heading(text: str) -> QLabel:
    """The one heading of a panel: 14 px semibold."""
    return _label(text, "heading")


def caption(text: str) -> QLabel:
    """Secondary words beside a value or under a heading: 11 px, muted."""
    return _label(text, "caption")


def body(text: str) -> QLabel:
    """A paragraph that wraps: 12 px, muted."""
    label = _label(text, "body")
    label.setWordWrap(True)
    return label


def mono_label(text: str) -> QLabel:
    """Numbers and shapes: 11 px JetBrains Mono."""
    return _label(text, "mono")


class ElidedLabel(QLabel):
    """One line that is cut with … where the room ends; the whole text is then its tooltip."""

    def __init__(
        self,
        text: str = "",
        role: str = "",
        mode: Qt.TextElideMode = Qt.TextElideMode.ElideRight,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(text, parent)
        self._mode = mode
        self._own_tooltip = False
        if role:
            self.setProperty("role", role)
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)

    def minimumSizeHint(self) -> QSize:
        return QSize(self.fontMetrics().horizontalAdvance("…"), super().minimumSizeHint().height())

    def setText(self, text: str) -> None:
        super().setText(text)
        self._update_tooltip()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._update_tooltip()

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        rect = self.contentsRect()
        shown = self.fontMetrics().elidedText(self.text(), self._mode, rect.width())
        painter.setPen(self.palette().color(self.foregroundRole()))
        painter.drawText(rect, int(self.alignment() | Qt.AlignmentFlag.AlignVCenter), shown)
        painter.end()

    def _update_tooltip(self) -> None:
        cut = self.fontMetrics().horizontalAdvance(self.text()) > self.contentsRect().width()
        if cut and (self._own_tooltip or not self.toolTip()):
            self.setToolTip(self.text())
            self._own_tooltip = True
        elif not cut and self._own_tooltip:
            self.setToolTip("")
            self._own_tooltip = False


class EmptyState(QWidget):
    """What a panel shows where it has nothing yet: what this place is for, and what to do to fill it."""

    def __init__(self, title: str, hint: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.title = _label(title, "empty-title")
        self.hint = _label(hint, "empty-hint")
        for label in (self.title, self.hint):
            label.setAlignment(Qt.AlignmentFlag.AlignCenter)
            label.setWordWrap(True)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(24, 24, 24, 24)
        layout.setSpacing(4)
        layout.addStretch(2)
        layout.addWidget(self.title)
        layout.addWidget(self.hint)
        layout.addStretch(3)

    def set_text(self, title: str, hint: str) -> None:
        self.title.setText(title)
        self.hint.setText(hint)
