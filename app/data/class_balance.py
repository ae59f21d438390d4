"""How many samples each class has: a bar per class, or of very many classes all of them as one profile."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QHelpEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from app.data.part_paint import LEFT, RIGHT, paint_bar
from app.style import theme
from app.widgets.numbers import grouped
from nodes.shown_text import LINE, shown

MOST_BARS = 24
"""Classes that have a line each."""
_NAMED = 5
"""Of more classes, so many of the largest and of the smallest are named."""
_LINE, _PROFILE = 20, 64


class ClassBalance(QWidget):
    """Bars of the samples of each class; `balance` is sorted by how many there are."""

    def __init__(self) -> None:
        super().__init__()
        self.balance: tuple[tuple[str, int], ...] = ()
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName("Samples of each class")
        theme.changed.connect(self.update)

    def show_balance(self, balance: tuple[tuple[str, int], ...]) -> None:
        """Show these classes, in their order where each has a line, else by their number."""
        self.balance = balance
        if self.is_profile:
            self.balance = tuple(sorted(balance, key=lambda one: -one[1]))
        self.setFixedHeight(self.sizeHint().height())
        self.update()

    @property
    def is_profile(self) -> bool:
        return len(self.balance) > MOST_BARS

    def sizeHint(self) -> QSize:
        if self.is_profile:
            return QSize(280, _PROFILE + 8 + _LINE * (2 * _NAMED + 1))
        return QSize(280, _LINE * len(self.balance))

    def paintEvent(self, _event: QPaintEvent) -> None:
        if not self.balance:
            return
        painter, tokens = QPainter(self), theme.current()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        most = max(1, *(count for _name, count in self.balance))
        rows, top = self.balance, 0.0
        if self.is_profile:
            self._paint_profile(painter, most)
            top = _PROFILE + 8.0
            rows = (*self.balance[:_NAMED], ("", -1), *self.balance[-_NAMED:])
        for name, count in rows:
            line = QRectF(0, top, self.width(), _LINE)
            if count < 0:
                painter.setFont(theme.sans(11))
                painter.setPen(theme.colour(tokens.muted))
                painter.drawText(line, LEFT, f"… {len(self.balance) - 2 * _NAMED:,} classes between")
            else:
                paint_bar(painter, line, shown(name), count, most, tokens)
            top += _LINE
        painter.end()

    def _paint_profile(self, painter: QPainter, most: int) -> None:
        """One bar per pixel at most, each as high as the largest class that it stands for."""
        tokens, count = theme.current(), len(self.balance)
        wide = max(1.0, self.width() / count)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.colour(tokens.accent, 0.85))
        places = min(count, self.width())
        for place in range(places):
            at = place * count // places
            high = (_PROFILE - 1) * self.balance[at][1] / most
            painter.drawRect(QRectF(place * self.width() / places, _PROFILE - 1 - high, wide, high))
        painter.setBrush(theme.colour(tokens.hairline))
        painter.drawRect(QRectF(0, _PROFILE - 1, self.width(), 1))
        painter.setFont(theme.mono(11))
        painter.setPen(theme.colour(tokens.muted))
        painter.drawText(QRectF(0, 0, self.width(), 14), RIGHT, grouped(most))

    def event(self, event: QEvent) -> bool:
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip:
            words = self.text_at(QPointF(event.pos()))
            QToolTip.showText(event.globalPos(), words, self) if words else QToolTip.hideText()
            return True
        return super().event(event)

    def text_at(self, place: QPointF) -> str:
        """The class under the mouse with its samples; empty where there is none."""
        if self.is_profile and place.y() < _PROFILE:
            at = int(place.x() * len(self.balance) / max(1, self.width()))
        elif self.is_profile:
            line = int(place.y() - _PROFILE - 8) // _LINE
            at = line if line < _NAMED else len(self.balance) - 2 * _NAMED - 1 + line
            if line == _NAMED:
                return ""
        else:
            at = int(place.y()) // _LINE
        if not 0 <= at < len(self.balance):
            return ""
        name, count = self.balance[at]
        return shown(f"{name}: {count:,} samples", LINE)


def summary(balance: tuple[tuple[str, int], ...]) -> str:
    """The balance in words, as beside its heading: `3 · 48 to 71 samples`."""
    counts = [count for _name, count in balance]
    if not counts:
        return ""
    low, high = min(counts), max(counts)
    each = f"{low:,} samples each" if low == high else f"{low:,} to {high:,} samples"
    return f"{len(counts):,} · {each}"
