"""A page of the samples that excite one unit most, and the arrows to the unit before and after."""

from __future__ import annotations

import math

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainter, QPen, QPolygonF

from app.lenses.painter import Arrays
from app.lenses.sets.naming import text_of
from app.lenses.sets.paged import LEFT, LINE, MIDDLE, RIGHT, Page, PagedView, elided
from app.lenses.sets.sample_pictures import SamplePictures, draw_image
from app.style import theme
from app.style.theme import NEGATIVE, Theme
from app.widgets.numbers import number, percent
from nodes.reading.dataset import DataInfo

_GAP = 8.0
_ARROW = 22.0
_TOP = LINE * 2 + 4


class ExemplarsPage(Page):
    """`view.state["unit"]` is the unit that is shown; those of the frame can be stepped through."""

    title = "Exemplars"

    def __init__(self, arrays: Arrays, info: DataInfo | None, view: PagedView) -> None:
        self._view, self._arrays, self._info = view, arrays, info
        self.units = [int(unit) for unit in arrays["units"]]
        self.count = int(arrays["unit_count"])
        self.samples = SamplePictures(arrays, info)
        self._shape = [int(size) for size in arrays["shape"]]
        if view.state.get("unit") not in self.units:
            view.state["unit"] = self.units[0]

    @property
    def unit(self) -> int:
        return int(self._view.state["unit"])

    @property
    def _row(self) -> int | None:
        """The place of the unit among those of the frame; None: another frame has it."""
        return self.units.index(self.unit) if self.unit in self.units else None

    @property
    def is_text(self) -> bool:
        return not self.samples.are_pictures

    @property
    def stretches(self) -> bool:
        return False

    # Where things stand ----------------------------------------------------------------------------

    def _layout(self, width: float) -> tuple[int, float, float]:
        """Columns, and the width and height of the room of a sample."""
        if self.is_text:
            return 1, width - 6, LINE + 4
        columns = max(1, min(9, int((width - 6 + _GAP) // (72.0 + _GAP))))
        wide = min(120.0, (width - 6 - _GAP * (columns - 1)) / columns)
        return columns, wide, wide + LINE - 2

    def height(self, width: float) -> float:
        columns, _, high = self._layout(width)
        each = int(self._arrays["samples"].shape[1])
        return _TOP + -(-each // columns) * (high + (_GAP if not self.is_text else 0))

    def box(self, at: int, area: QRectF) -> QRectF:
        """The room of one of the samples of the unit."""
        columns, wide, high = self._layout(area.width())
        gap = 0.0 if self.is_text else _GAP
        left = area.left() + at % columns * (wide + _GAP)
        return QRectF(left, area.top() + _TOP + at // columns * (high + gap), wide, high)

    def arrow(self, area: QRectF, step: int) -> QRectF:
        """The room of the arrow back or on."""
        right = area.right() - 6 - (_ARROW * 2 if step < 0 else _ARROW)
        return QRectF(right, area.top(), _ARROW, LINE)

    # Painting --------------------------------------------------------------------------------------

    def paint(self, painter: QPainter, area: QRectF, tokens: Theme) -> None:
        line = QRectF(area.left(), area.top(), area.width() - 2 * _ARROW - 10, LINE)
        painter.setFont(theme.sans(12))
        painter.setPen(theme.colour(tokens.text))
        painter.drawText(line, LEFT, elided(painter, f"unit {self.unit:,} of {self.count:,}", line.width()))
        for step in (-1, 1):
            self._paint_arrow(painter, self.arrow(area, step), step, tokens)
        row = self._row
        below = QRectF(area.left(), area.top() + LINE, area.width() - 6, LINE)
        painter.setFont(theme.mono(10))
        painter.setPen(theme.colour(tokens.muted))
        if row is None:
            words = f"Set unit to {self.unit} to see it: this look has {self.units[0]} to {self.units[-1]}."
            painter.drawText(below, LEFT, elided(painter, words, below.width()))
            return
        mean, deviation, share = self._arrays["figures"][row].tolist()
        words = f"mean {number(mean)} ± {number(deviation)} · {percent(share)} above 0"
        painter.drawText(below, LEFT, elided(painter, words, below.width()))
        for at in range(self._arrays["samples"].shape[1]):
            self._paint_sample(painter, self.box(at, area), row, at, tokens)

    def _paint_arrow(self, painter: QPainter, box: QRectF, step: int, tokens: Theme) -> None:
        able = 0 <= self.unit + step < self.count
        painter.setPen(QPen(theme.colour(tokens.muted if able else tokens.hairline), 1.6))
        middle, reach = box.center(), 3.5
        points = [(-step * reach / 2, -reach), (step * reach / 2, 0.0), (-step * reach / 2, reach)]
        painter.drawPolyline(QPolygonF([QPointF(middle.x() + x, middle.y() + y) for x, y in points]))

    def _paint_sample(self, painter: QPainter, box: QRectF, row: int, at: int, tokens: Theme) -> None:
        sample = int(self._arrays["samples"][row, at])
        told = number(float(self._arrays["values"][row, at]))
        if not self.is_text:
            image = self.samples.image(sample)
            room = QRectF(box.left(), box.top(), box.width(), box.width())
            if image is not None:
                draw_image(painter, room, image, framed=self.frame(row, at))
            painter.setFont(theme.mono(10))
            painter.setPen(theme.colour(tokens.muted))
            painter.drawText(QRectF(box.left(), room.bottom(), box.width(), LINE - 2), MIDDLE, told)
            return
        painter.setPen(QPen(theme.colour(tokens.hairline), 1))
        painter.drawLine(box.topLeft(), box.topRight())
        painter.setFont(theme.mono(10))
        wide = painter.fontMetrics().horizontalAdvance(told) + 8
        painter.setPen(theme.colour(tokens.muted))
        painter.drawText(box, RIGHT, told)
        room = box.adjusted(0, 0, -wide, 0)
        if "contexts" in self._arrays:
            self._paint_context(painter, room, row, at, tokens)
        else:
            self.samples.paint(painter, room.adjusted(0, 2, 0, -2), sample, tokens)

    def frame(self, row: int, at: int) -> tuple[float, float, float, float] | None:
        """The place in a picture, as shares of its width and height; None where there is none."""
        if len(self._shape) != 2 or math.prod(self._shape) <= 1:
            return None
        high, wide = self._shape
        y, x = divmod(int(self._arrays["at"][row, at]), wide)
        return x / wide, y / high, 1 / wide, 1 / high

    def context(self, row: int, at: int) -> tuple[str, str, str]:
        """The text before a token, the token, and the text after it."""
        tokens = np.asarray(self._arrays["contexts"][row, at], np.int64)
        half = len(tokens) // 2
        parts = (tokens[:half], tokens[half : half + 1], tokens[half + 1 :])
        before, word, after = (text_of(part.tolist(), self._info) for part in parts)
        return before, word or "␣", after

    def _paint_context(self, painter: QPainter, box: QRectF, row: int, at: int, tokens: Theme) -> None:
        """The token in the middle, marked, with what stands around it."""
        before, word, after = self.context(row, at)
        painter.setFont(theme.sans(11))
        told = painter.fontMetrics()
        wide = min(told.horizontalAdvance(word) + 4.0, box.width() * 0.5)
        room = (box.width() - wide) * 0.45
        shown = told.elidedText(before, Qt.TextElideMode.ElideLeft, int(room) - 4)
        painter.setPen(theme.colour(tokens.muted))
        painter.drawText(QRectF(box.left(), box.top(), room - 3, box.height()), RIGHT, shown)
        middle = QRectF(box.left() + room, box.top(), wide, box.height())
        painter.fillRect(middle.adjusted(0, 3, 0, -3), theme.colour(NEGATIVE, 0.35))
        painter.setPen(theme.colour(tokens.text))
        painter.drawText(middle, MIDDLE, elided(painter, word, wide))
        painter.setPen(theme.colour(tokens.muted))
        rest = QRectF(middle.right() + 3, box.top(), box.right() - middle.right() - 3, box.height())
        painter.drawText(rest, LEFT, elided(painter, after, rest.width()))

    # The mouse -------------------------------------------------------------------------------------

    def text_at(self, place: QPointF, area: QRectF) -> str:
        for step, words in ((-1, "Show the unit before"), (1, "Show the next unit")):
            if self.arrow(area, step).contains(place):
                return words
        row = self._row
        if row is None:
            return ""
        for at in range(self._arrays["samples"].shape[1]):
            if self.box(at, area).contains(place):
                return self._told(row, at)
        return ""

    def _told(self, row: int, at: int) -> str:
        sample, place = int(self._arrays["samples"][row, at]), int(self._arrays["at"][row, at])
        parts = [f"sample {sample:,}"]
        if len(self._shape) == 2:
            parts.append("at {}, {}".format(*divmod(place, self._shape[1])))
        elif self._shape:
            parts.append(f"at {place}")
        parts.append(number(float(self._arrays["values"][row, at])))
        if "contexts" in self._arrays:
            parts.append(" ".join(self.context(row, at)))
        elif self.is_text:
            parts.append(self.samples.words(sample))
        return " · ".join(part for part in parts if part)

    def click(self, place: QPointF, area: QRectF) -> str | None:
        for step in (-1, 1):
            if self.arrow(area, step).contains(place) and 0 <= self.unit + step < self.count:
                self._view.state["unit"] = self.unit + step
                if self._row is None:
                    self._view.options_chosen.emit({"unit": self.unit})
                return self.title
        return None
