"""Rows that are computed from those of another reader: features of points, say."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

from nodes.reading.dataset import Array
from nodes.reading.unseen.rows import UnseenBlock, UnseenRows


class DerivedRows:
    """The same rows at the same places, their values by a function of `(rows, *features)`."""

    def __init__(self, rows: UnseenRows, derive: Callable[[Any], Array]) -> None:
        self._rows, self._derive = rows, derive
        self.place, self.notes = rows.place, rows.notes

    def blocks(self, size: int) -> Iterator[UnseenBlock]:
        for block in self._rows.blocks(size):
            yield replace(block, inputs=self._derive(block.inputs))
