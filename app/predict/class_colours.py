"""Which colour stands for which class in pictures of classes: a square and a name for each, on one line."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetrics, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from app.style import theme
from nodes.shown_text import shown, shown_lines

Entry = tuple[str, tuple[int, int, int]]
_SQUARE, _NEAR, _FAR = 10, 6, 16


class ClassColours(QWidget):
    """The classes with their colours; those that find no room are counted, and all are in the tooltip."""

    def __init__(self) -> None:
        super().__init__()
        self.entries: tuple[Entry, ...] = ()
        self.setFixedHeight(18)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName("Colours of the classes")
        theme.changed.connect(self.update)
        self.hide()

    def show_entries(self, entries: tuple[Entry, ...]) -> None:
        """Show these; none: it takes no room."""
        self.entries = tuple((shown(name, 40), colour) for name, colour in entries)
        names = ", ".join(name for name, _ in self.entries)
        self.setToolTip(shown_lines(names))
        self.setAccessibleDescription(names)
        self.setVisible(bool(entries))
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(200, 18)

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter, tokens, told = QPainter(self), theme.current(), QFontMetrics(theme.sans(11))
        painter.setFont(theme.sans(11))
        left, middle = 0.5, self.height() / 2
        for at, (name, colour) in enumerate(self.entries):
            wide = _SQUARE + _NEAR + told.horizontalAdvance(name)
            painter.setPen(QPen(theme.colour(tokens.muted), 1))
            if left + wide + _FAR + 40 > self.width():
                rest = QRectF(left, 0, self.width() - left, self.height())
                painter.drawText(rest, int(Qt.AlignmentFlag.AlignVCenter), f"+ {len(self.entries) - at:,}")
                break
            painter.setBrush(QColor(*colour))
            painter.drawRect(QRectF(left, middle - _SQUARE / 2, _SQUARE, _SQUARE))
            words = QRectF(left + _SQUARE + _NEAR, 0, wide, self.height())
            painter.drawText(words, int(Qt.AlignmentFlag.AlignVCenter), name)
            left += wide + _FAR
        painter.end()
