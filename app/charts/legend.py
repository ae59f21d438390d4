"""The legend of a chart: its curves by name with their current values, on one line.

A click on one leaves it out.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFontMetrics, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from app.style import theme

Colour = Callable[[], str]
_MARK, _GAP = 15, 14
"""Pixels from the mark of an entry to its words, and between two entries."""
_LEAST, _SHARE = 44, 96
"""Pixels below which words say nothing, and those that every entry has a claim to."""


class LegendEntry(NamedTuple):
    """One curve. `left_out`: it is not drawn now. `is_part`: of another curve; it is named with its value, or
    counted with those that have no room."""

    key: str
    colour: Colour
    name: str
    value: str
    left_out: bool = False
    is_part: bool = False

    @property
    def text(self) -> str:
        return f"{self.name} {self.value}".rstrip()


class Legend(QWidget):
    """What has no room for its value loses it, then is elided; what has none at all is counted at the end."""

    clicked = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self.entries: list[LegendEntry] = []
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setFixedHeight(18)
        self.setMouseTracking(True)
        theme.changed.connect(self.update)

    def show_entries(self, entries: list[LegendEntry]) -> None:
        self.entries = entries
        self.setToolTip("\n".join(entry.text for entry in entries))
        self.update()

    def text(self) -> str:
        return "   ".join(entry.text for entry in self.entries)

    def minimumSizeHint(self) -> QSize:
        return QSize(40, 18)

    def _layout(self) -> list[tuple[QRectF, str]]:
        """The rectangle and the words of each entry that has room."""
        metrics = QFontMetrics(theme.sans(12))
        advance = metrics.horizontalAdvance
        found: list[tuple[QRectF, str]] = []
        x = 0.0
        for index, entry in enumerate(self.entries):
            rest = self.entries[index + 1 :]
            left = self.width() - x - _MARK
            claims = [one for one in rest if not one.is_part]
            counted = advance(f"+{len(rest)}") + _GAP if len(claims) < len(rest) else 0
            room = left - counted - self._reserved(claims, advance, left - advance(entry.name))
            if room < min(_LEAST, advance(entry.name)) and found:
                break
            if entry.is_part and advance(entry.text) > room and found:
                break
            text = next((text for text in (entry.text, entry.name) if advance(text) <= room), "")
            text = text or metrics.elidedText(entry.name, Qt.TextElideMode.ElideRight, max(0, int(room)))
            found.append((QRectF(x, 0, _MARK + advance(text), self.height()), text))
            x += _MARK + advance(text) + _GAP
        return found

    def _reserved(self, rest: list[LegendEntry], advance: Callable[[str], int], most: float) -> float:
        """What the entries to come need at least, so that the first does not take all: their names, where
        `most` or half of the width has room for them.
        """
        if not rest:
            return 0.0
        needed = sum(_GAP + _MARK + min(advance(entry.name), _SHARE) for entry in rest)
        fits = needed < max(self.width() / 2, most)
        return needed if fits else advance(f"+{len(rest)}") + _GAP

    def paintEvent(self, _event: QPaintEvent) -> None:
        tokens, painter = theme.current(), QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(theme.sans(12))
        places = self._layout()
        for (place, text), entry in zip(places, self.entries, strict=False):
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme.colour(tokens.hairline if entry.left_out else entry.colour()))
            painter.drawRoundedRect(QRectF(place.left(), self.height() / 2 - 1.5, 10, 3), 1.5, 1.5)
            painter.setPen(theme.colour(tokens.faint if entry.left_out else tokens.muted))
            painter.drawText(place.adjusted(_MARK, 0, 8, 0), Qt.AlignmentFlag.AlignVCenter, text)
        hidden = len(self.entries) - len(places)
        if hidden:
            end = places[-1][0].right() + _GAP if places else 0.0
            painter.setPen(theme.colour(tokens.faint))
            painter.drawText(
                QRectF(end, 0, self.width() - end, self.height()), Qt.AlignmentFlag.AlignVCenter, f"+{hidden}"
            )
        painter.end()

    def key_at(self, place: QPointF) -> str | None:
        """The curve whose entry is here."""
        for (area, _), entry in zip(self._layout(), self.entries, strict=False):
            if area.contains(place):
                return entry.key
        return None

    def place_of(self, key: str) -> QPointF | None:
        """The middle of the entry of a curve; None where it had no room."""
        for (area, _), entry in zip(self._layout(), self.entries, strict=False):
            if entry.key == key:
                return area.center()
        return None

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        key = self.key_at(event.position())
        if event.button() == Qt.MouseButton.LeftButton and key is not None:
            self.clicked.emit(key)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        hand = self.key_at(event.position()) is not None and len(self.entries) > 1
        self.setCursor(Qt.CursorShape.PointingHandCursor if hand else Qt.CursorShape.ArrowCursor)

    def leaveEvent(self, event: QEvent) -> None:
        super().leaveEvent(event)
        self.unsetCursor()
