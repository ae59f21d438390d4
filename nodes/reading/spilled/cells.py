"""Cells of words in files of the cache: their characters as UTF-8, and where each ends."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import TypeVar, overload

import numpy as np

from nodes.reading.dataset import Array
from nodes.reading.spilled import pages
from nodes.reading.spilled.writing import SpillWriter

Cell = str | None
T = TypeVar("T")
BLOCK = 4096
"""Cells that are written or read at a time."""


class SpilledCells(Sequence[Cell]):
    """Cells that are read from disk where they are asked for; None where there is none."""

    def __init__(self, arrays: Mapping[str, Array], name: str) -> None:
        self._bytes, self._ends, self._missing = (
            arrays[f"{name}-{part}"] for part in ("bytes", "ends", "missing")
        )

    def __len__(self) -> int:
        return len(self._ends)

    @property
    def missing(self) -> int:
        """How many there are not."""
        return int(np.count_nonzero(self._missing))

    @overload
    def __getitem__(self, place: int) -> Cell: ...
    @overload
    def __getitem__(self, place: slice) -> tuple[Cell, ...]: ...
    def __getitem__(self, place: int | slice) -> Cell | tuple[Cell, ...]:
        if isinstance(place, slice):
            start, stop, step = place.indices(len(self))
            if step != 1:
                return tuple(self[i] for i in range(start, stop, step))
            return tuple(self._between(start, stop))
        at = range(len(self))[place]
        return next(self._between(at, at + 1))

    def __iter__(self) -> Iterator[Cell]:
        for start in range(0, len(self), BLOCK):
            yield from self._between(start, min(start + BLOCK, len(self)))

    def _between(self, start: int, stop: int) -> Iterator[Cell]:
        if stop <= start:
            return
        begin = int(self._ends[start - 1]) if start else 0
        ends = [int(end) - begin for end in self._ends[start:stop]]
        held = self._bytes[begin : begin + ends[-1]].tobytes()
        pages.seen(self._bytes, min(len(held) + pages.AROUND, pages.HELD))
        for first, end, is_missing in zip([0, *ends], ends, self._missing[start:stop].tolist(), strict=False):
            yield None if is_missing else held[first:end].decode("utf-8", "surrogatepass")


class CellWriter:
    """Writes cells one after the other."""

    def __init__(self, writer: SpillWriter, name: str) -> None:
        self._bytes = writer.array(f"{name}-bytes", np.uint8)
        self._ends = writer.array(f"{name}-ends", np.int64)
        self._missing = writer.array(f"{name}-missing", np.bool_)

    def add(self, cells: Sequence[Cell]) -> None:
        """Write further cells."""
        encoded = [b"" if cell is None else cell.encode("utf-8", "surrogatepass") for cell in cells]
        ends = self._bytes.rows + np.cumsum(np.array([len(one) for one in encoded], np.int64))
        self._bytes.add(np.frombuffer(b"".join(encoded), np.uint8))
        self._ends.add(ends)
        self._missing.add(np.array([cell is None for cell in cells], np.bool_))


class LineNumbers(Sequence[int]):
    """Numbers of lines that are read from disk where they are asked for."""

    def __init__(self, numbers: Array) -> None:
        self._numbers = numbers

    def __len__(self) -> int:
        return len(self._numbers)

    @overload
    def __getitem__(self, place: int) -> int: ...
    @overload
    def __getitem__(self, place: slice) -> tuple[int, ...]: ...
    def __getitem__(self, place: int | slice) -> int | tuple[int, ...]:
        found = self._numbers[place]
        return tuple(map(int, found)) if isinstance(place, slice) else int(found)


class LineNames(Sequence[str]):
    """Where texts stand, in words, by the numbers of the lines at some places."""

    def __init__(self, numbers: Sequence[int], places: Sequence[int]) -> None:
        self._numbers, self._places = numbers, places

    def __len__(self) -> int:
        return len(self._places)

    @overload
    def __getitem__(self, place: int) -> str: ...
    @overload
    def __getitem__(self, place: slice) -> tuple[str, ...]: ...
    def __getitem__(self, place: int | slice) -> str | tuple[str, ...]:
        if isinstance(place, slice):
            return tuple(f"line {self._numbers[i]:,}" for i in self._places[place])
        return f"line {self._numbers[self._places[place]]:,}"


class SomeCells(Sequence[str]):
    """The cells at some places, each of which is there; read where they are asked for."""

    def __init__(self, cells: Sequence[Cell], places: Sequence[int]) -> None:
        self._cells, self._places = cells, places

    def __len__(self) -> int:
        return len(self._places)

    @overload
    def __getitem__(self, place: int) -> str: ...
    @overload
    def __getitem__(self, place: slice) -> tuple[str, ...]: ...
    def __getitem__(self, place: int | slice) -> str | tuple[str, ...]:
        if isinstance(place, slice):
            return tuple(self._cells[i] or "" for i in self._places[place])
        return self._cells[self._places[place]] or ""

    def __iter__(self) -> Iterator[str]:
        if isinstance(self._places, range) and self._places == range(len(self._cells)):
            yield from (cell or "" for cell in self._cells)
        else:
            yield from (self._cells[i] or "" for i in self._places)


def in_blocks(rows: Iterable[T]) -> Iterator[list[T]]:
    """The same, `BLOCK` at a time."""
    coming = iter(rows)
    while some := list(islice(coming, BLOCK)):
        yield some
