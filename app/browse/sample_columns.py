"""The columns of samples that are no pictures: number, label, loss, what is predicted, and values or a text.

Each is as wide as what stands in it on this page; words get at most a share of the room, numbers are aligned.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QFontMetrics

from app.browse.browsing import PageAnswer
from app.style import theme
from app.widgets.numbers import aligned, is_number
from nodes.shown_text import LINE, shown

COLUMN_GAP = 24
_WORDS, _TEXT = 360.0, 1200.0
"""Pixels of a label, and of a text, at most."""


class _Told(Protocol):
    def rowCount(self) -> int: ...
    def label(self, row: int) -> str: ...
    def loss(self, row: int) -> str: ...
    def said(self, row: int) -> str: ...


@dataclass(frozen=True)
class SampleColumn:
    """A heading, and a cell for each sample of the page."""

    title: str
    cells: tuple[str, ...]
    width: float
    is_number: bool = False
    is_said: bool = False
    """Whether it is what the network says."""

    @property
    def align(self) -> int:
        side = Qt.AlignmentFlag.AlignRight if self.is_number else Qt.AlignmentFlag.AlignLeft
        return int(side | Qt.AlignmentFlag.AlignVCenter)

    def room(self, left: float, line: QRectF) -> QRectF:
        """Where a cell stands in a line, the column beginning at `left`."""
        return QRectF(left, line.top(), self.width, line.height())


def columns_of(answer: PageAnswer, told: _Told) -> tuple[SampleColumn, ...]:
    """The columns of this page."""
    page = answer.page
    assert page is not None
    rows = range(len(page.places))
    found = [_column("sample", [f"{place + 1:,}" for place in page.places.tolist()], number=True)]
    if any(page.labels):
        found.append(_column("target", [told.label(row) for row in rows]))
    if answer.losses is not None:
        found.append(_column("loss", [told.loss(row) for row in rows], number=True))
    if answer.said is not None:
        found.append(_column("predicted", [told.said(row) for row in rows], said=True))
    for at, title in enumerate(page.columns):
        cells = [shown(cells[at], LINE) for cells in page.cells]
        numbers = all(map(is_number, cells))
        found.append(_column(title, cells, number=numbers, most=_WORDS if len(page.columns) > 1 else _TEXT))
    return tuple(found)


def _column(
    title: str, cells: Sequence[str], *, number: bool = False, said: bool = False, most: float = _WORDS
) -> SampleColumn:
    shown_cells = aligned(cells) if number else tuple(cells)
    told = QFontMetrics(theme.mono(11) if number else theme.sans(11))
    widest = max((told.horizontalAdvance(cell) for cell in shown_cells), default=0)
    heading = QFontMetrics(theme.sans(11)).horizontalAdvance(shown(title))
    return SampleColumn(title, shown_cells, float(min(most, max(widest, heading) + 4)), number, said)
