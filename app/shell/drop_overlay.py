"""What is seen while files are dragged over the window: that they can be dropped, and what that will do."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QFont, QFontMetricsF, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from app.shell.data_opening import is_project
from app.style import theme
from nodes.shown_text import shown

_EDGE, _PAD = 10, 18


class DropOverlay(QWidget):
    """Lies over the whole window and takes no mouse."""

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self.words = ""
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.hide()

    def offer(self, paths: tuple[Path, ...]) -> None:
        """Say what a drop of these would do."""
        self.words = words_for(paths)
        home = self.parentWidget()
        assert home is not None
        self.setGeometry(home.rect())
        self.raise_()
        self.show()
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter, tokens = QPainter(self), theme.current()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.fillRect(self.rect(), theme.colour(tokens.window, 0.55))
        frame = QRectF(self.rect()).adjusted(_EDGE, _EDGE, -_EDGE, -_EDGE)
        painter.setPen(QPen(theme.colour(tokens.accent), 2))
        painter.setBrush(theme.colour(tokens.accent, 0.08))
        painter.drawRoundedRect(frame, 12, 12)
        font = theme.sans(14, QFont.Weight.DemiBold)
        room = min(QFontMetricsF(font).horizontalAdvance(self.words), self.width() - 8.0 * _EDGE)
        pill = QRectF(0, 0, room + 2 * _PAD, 40)
        pill.moveCenter(frame.center())
        painter.setPen(QPen(theme.colour(tokens.accent), 1))
        painter.setBrush(theme.colour(tokens.panel))
        painter.drawRoundedRect(pill, 8, 8)
        painter.setFont(font)
        painter.setPen(theme.colour(tokens.text))
        words = QFontMetricsF(font).elidedText(self.words, Qt.TextElideMode.ElideMiddle, room + 1)
        painter.drawText(pill, int(Qt.AlignmentFlag.AlignCenter), words)
        painter.end()


def words_for(paths: tuple[Path, ...]) -> str:
    """What a drop of these does, in a few words."""
    if is_project(paths):
        return f"Open {shown(paths[0].stem)}"
    what = shown(paths[0].name or str(paths[0])) if len(paths) == 1 else f"{len(paths):,} files"
    return f"Look at {what}"
