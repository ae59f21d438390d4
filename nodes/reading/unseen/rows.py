"""Rows of data that a trained network has not seen: what it expects of them, and what readers hand out.

Rows come in blocks, each with the place it was read from, so that a file of any length takes bounded memory.
What a reader cannot use is left out and named. Nothing is fitted to these rows: classes, words and scaling
are those of the training data.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Protocol

from nodes.reading.dataset import Array, DataInfo
from nodes.reading.tables.marks import NumberMarks


@dataclass(frozen=True)
class ColumnRead:
    """A column of a table that goes in. `words` are those it has, in their order; None: it holds numbers.

    `form` is that of dates, `marks` what stands in numbers besides digits. `rounds` is how many places on
    circles go in beside a date.
    """

    name: str
    words: tuple[str, ...] | None = None
    form: str = ""
    marks: NumberMarks | None = None
    rounds: int = 0

    @property
    def width(self) -> int:
        """How many columns of the input it becomes."""
        return 1 + self.rounds if self.words is None else len(self.words)


@dataclass(frozen=True)
class ColumnsRead:
    """The columns of a table that go in, and the names of those that are predicted."""

    inputs: tuple[ColumnRead, ...]
    targets: tuple[str, ...] = ()


@dataclass(frozen=True)
class ExpectedData:
    """What a trained network expects: the description of its data and, of a table, the columns.

    `fills` are the values of the columns of the input where a cell has none, where gaps are filled.
    `levels` are the numbers that are black and white in deep pictures, where they were learnt from them;
    `rate` is that of sounds, in Hz.
    """

    info: DataInfo
    columns: ColumnsRead | None = None
    levels: tuple[float, float] | None = None
    fills: tuple[float, ...] | None = None
    rate: int | None = None


@dataclass(frozen=True)
class UnseenBlock:
    """Some rows as they are stored, `(rows, *features)`, not scaled, and where each was read.

    `more` has the further outputs of the set that are known without targets, as a mask, by their port.
    `skipped` names what stands before, between or after them and could not be used, with the reason.
    """

    places: tuple[str, ...]
    inputs: Array
    skipped: tuple[str, ...] = ()
    more: Mapping[str, Array] = field(default_factory=dict)
    texts: tuple[str, ...] = ()
    """The rows as people read them, where they are texts."""


class UnseenRows(Protocol):
    """Rows of a file or a folder."""

    @property
    def place(self) -> str:
        """What says where a row is: "line", "file", "sample", "characters" or "text"."""
        ...

    @property
    def notes(self) -> tuple[str, ...]:
        """What else of the file is not used, in sentences."""
        ...

    def blocks(self, size: int) -> Iterator[UnseenBlock]:
        """All rows in order, at most `size` at a time. Tells how far it is. Raises `DataError`."""
        ...
