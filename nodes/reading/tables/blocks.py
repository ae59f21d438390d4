"""The rows of a table of any format in blocks of columns, as arrays of pyarrow."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from nodes.reading.look import Doubt, Fact


@dataclass(frozen=True, eq=False)
class TableBlock:
    """Some rows that follow each other.

    `columns` are arrays of words (as they are written), whole numbers or numbers, of one length. `lines` says
    which line or row of the file each row is, counted from 1. `misfits` are lines with another number of
    cells, and that number; they are not among the rows.
    """

    lines: Sequence[int]
    columns: tuple[Any, ...]
    misfits: tuple[tuple[int, int], ...] = ()

    def __len__(self) -> int:
        return len(self.lines)


@dataclass(frozen=True)
class SourceWords:
    """What a source tells of how it is read."""

    facts: tuple[Fact, ...] = ()
    doubts: tuple[Doubt, ...] = ()
    notes: tuple[str, ...] = ()


class TableSource(Protocol):
    """A table in a file. `names` are those of its columns; None: its first row may have them.

    `unit` is "line" or "row". `is_text` says of each column whether the file says that it has words, whatever
    they look like; empty: it says so of none. `decimals` are the signs that may stand before decimals. All
    methods raise `DataError`.
    """

    path: Path
    unit: str
    names: tuple[str, ...] | None
    is_text: tuple[bool, ...]
    decimals: str

    def blocks(self) -> AbstractContextManager[Iterator[TableBlock]]:
        """The rows; where there are no names, the first block holds the first row alone."""
        ...

    def told(self) -> SourceWords:
        """How it is read."""
        ...


@dataclass
class MisfitRows:
    """Lines that do not fit, while a block is made."""

    found: list[tuple[int, int]] = field(default_factory=list)

    def take(self) -> tuple[tuple[int, int], ...]:
        """Those since the last time."""
        taken, self.found = tuple(self.found), []
        return taken
