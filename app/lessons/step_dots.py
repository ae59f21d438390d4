"""The steps of a lesson as a row of marks: done, on show, to come. A click goes to a step."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QHelpEvent, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QToolTip, QWidget

from app.style import theme

_HEIGHT, _BAR, _GAP, _MARGIN = 18, 4, 4, 16


class StepDots(QWidget):
    """One bar for each step, as wide as there is room."""

    chosen = Signal(int)

    def __init__(self) -> None:
        super().__init__()
        self._titles: tuple[str, ...] = ()
        self._place = 0
        self._done: frozenset[int] = frozenset()
        self.setFixedHeight(_HEIGHT)
        self.setCursor(Qt.CursorShape.PointingHandCursor)

    def show_steps(self, titles: Sequence[str], place: int, done: frozenset[int]) -> None:
        """The titles of all steps, the place of the one on show, and those that are done."""
        if (tuple(titles), place, done) != (self._titles, self._place, self._done):
            self._titles, self._place, self._done = tuple(titles), place, done
            self.setAccessibleName(f"Step {place + 1} of {len(titles)}; {len(done)} done")
            self.update()

    def rect_of(self, place: int) -> QRectF:
        """Where the bar of a step is."""
        count = max(len(self._titles), 1)
        room = self.width() - 2 * _MARGIN
        gap = _GAP if room > 3 * _GAP * count else 1
        width = max((room - gap * (count - 1)) / count, 1.0)
        return QRectF(_MARGIN + place * (width + gap), (_HEIGHT - _BAR) / 2 - 3, width, _BAR)

    def paintEvent(self, _event: QPaintEvent) -> None:
        tokens = theme.current()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        for place in range(len(self._titles)):
            colour = tokens.good if place in self._done else tokens.hairline
            if place == self._place:
                colour = tokens.accent
            painter.setBrush(QColor(colour))
            painter.drawRoundedRect(self.rect_of(place), 2, 2)
        painter.end()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        place = self._at(event.position().x())
        if event.button() == Qt.MouseButton.LeftButton and place is not None:
            self.chosen.emit(place)

    def event(self, event: QEvent) -> bool:
        if isinstance(event, QHelpEvent):
            place = self._at(event.pos().x())
            words = f"{place + 1}. {self._titles[place]}" if place is not None else ""
            QToolTip.showText(event.globalPos(), words, self)
            return True
        return super().event(event)

    def _at(self, x: float) -> int | None:
        for place in range(len(self._titles)):
            bar = self.rect_of(place)
            if bar.left() - _GAP / 2 <= x <= bar.right() + _GAP / 2:
                return place
        return None
