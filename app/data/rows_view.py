"""The first rows of a table, as a table: names above, values in mono, the target at the left.

Painted; columns that find no room are counted in the last one. Shows a preview and knows no file.
"""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QFont, QFontMetrics, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from app.data.part_paint import LEFT, RIGHT
from app.style import theme
from app.widgets.numbers import aligned, is_number
from nodes.reading.preview import SetPreview
from nodes.shown_text import shown

ROWS = 8
_LINE, _HEAD, _GAP, _PAD = 22, 28, 16, 12
_LEAST, _WIDEST = 44, 150
_MORE, _LOOSEST = 40, 56


class RowsView(QWidget):
    """Up to `ROWS` rows of a preview."""

    def __init__(self) -> None:
        super().__init__()
        self.heads: tuple[str, ...] = ()
        self.rows: tuple[tuple[str, ...], ...] = ()
        self.has_target = False
        self._widths: list[int] = []
        self._wanted: list[int] = []
        """The widths of the columns, and those with which nothing would be cut."""
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName("First samples")
        theme.changed.connect(self.update)

    def show_rows(self, preview: SetPreview, target: str = "target") -> None:
        """Show the first rows of a table; `target` names what is predicted."""
        rows = preview.rows[:ROWS]
        wide = len(rows[0]) if rows else 0
        heads = preview.columns if len(preview.columns) == wide else tuple(f"x{i + 1}" for i in range(wide))
        self.has_target = bool(preview.labels) and wide > 0
        if self.has_target:
            heads = (target, *heads)
            rows = tuple((label, *row) for label, row in zip(preview.labels, rows, strict=False))
        self.heads = tuple(shown(head) for head in heads)
        self.rows = _aligned(tuple(tuple(shown(cell) for cell in row) for row in rows))
        self._wanted = [self._width_of(at) for at in range(len(self.heads))]
        self._widths = [min(_WIDEST, wide) for wide in self._wanted]
        self.setFixedHeight(self.sizeHint().height())
        self.update()

    def _width_of(self, at: int) -> int:
        head = QFontMetrics(_head_font()).horizontalAdvance(self.heads[at])
        cells = QFontMetrics(theme.mono(11))
        widest = max((cells.horizontalAdvance(row[at]) for row in self.rows if at < len(row)), default=0)
        return max(_LEAST, head + 2, widest + 2)

    def sizeHint(self) -> QSize:
        return QSize(600, _HEAD + _LINE * len(self.rows) + 6 if self.rows else 0)

    def shown_columns(self) -> int:
        """How many columns find room; the others are counted."""
        room, used = self.width() - 2 * _PAD, 0
        for at, wide in enumerate(self._widths):
            last = at == len(self._widths) - 1
            if used + wide + (0 if last else _GAP + _MORE) > room:
                return at if at else 1
            used += wide + _GAP
        return len(self._widths)

    def _loosened(self, count: int, free: int) -> list[int]:
        """The widths of the first columns once the room that is free is given away: words that are cut take
        it first, the rest is between the columns.
        """
        widths = self._widths[:count]
        cut = [at for at in range(count) if self._wanted[at] > widths[at]]
        for place, at in enumerate(cut):
            more = max(0, min(self._wanted[at] - widths[at], free // (len(cut) - place)))
            widths[at] += more
            free -= more
        more = max(0, min(_LOOSEST, free // max(1, count)))
        return [min(wide + more, self.width() - 2 * _PAD) for wide in widths]

    def paintEvent(self, _event: QPaintEvent) -> None:
        if not self.rows:
            return
        painter, tokens = QPainter(self), theme.current()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(theme.colour(tokens.hairline))
        painter.setBrush(theme.colour(tokens.panel))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), 8, 8)
        painter.drawLine(1, _HEAD, self.width() - 2, _HEAD)
        count, left = self.shown_columns(), float(_PAD)
        free = self.width() - 2 * _PAD - sum(self._widths[:count]) - _GAP * (count - 1)
        if count < len(self._widths):
            free -= _GAP + _MORE
        for at, wide in enumerate(self._loosened(count, free)):
            is_numeric = all(is_number(row[at]) for row in self.rows if at < len(row))
            self._paint_column(painter, at, QRectF(left, 0, wide, _HEAD), RIGHT if is_numeric else LEFT)
            left += wide + _GAP
        if count < len(self.heads):
            painter.setFont(theme.sans(11))
            painter.setPen(theme.colour(tokens.muted))
            words = f"+ {len(self.heads) - count:,}"
            painter.drawText(QRectF(0, 0, self.width() - _PAD, _HEAD), RIGHT, words)
        painter.end()

    def _paint_column(self, painter: QPainter, at: int, head: QRectF, align: int) -> None:
        tokens = theme.current()
        is_target = at == 0 if self.has_target else self.heads[at] == "target"
        _cut(painter, head, self.heads[at], _head_font(), tokens.accent if is_target else tokens.muted, align)
        for row, cells in enumerate(self.rows):
            if at < len(cells):
                cell = QRectF(head.left(), _HEAD + 3 + _LINE * row, head.width(), _LINE)
                _cut(painter, cell, cells[at], theme.mono(11), tokens.text, align)


def _head_font() -> QFont:
    return theme.sans(11, QFont.Weight.DemiBold)


def _aligned(rows: tuple[tuple[str, ...], ...]) -> tuple[tuple[str, ...], ...]:
    """The same rows with the points of numbers below each other."""
    if len({len(row) for row in rows}) != 1:
        return rows
    return tuple(zip(*(aligned(column) for column in zip(*rows, strict=True)), strict=True))


def _cut(painter: QPainter, area: QRectF, words: str, font: QFont, colour: str, align: int) -> None:
    painter.setFont(font)
    painter.setPen(theme.colour(colour))
    painter.drawText(
        area, align, QFontMetrics(font).elidedText(words, Qt.TextElideMode.ElideRight, int(area.width()))
    )
