"""One IDX file as an array: mapped where it is not packed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from nodes.reading import idx
from nodes.reading.array.store import INPUT, ArrayHead
from nodes.reading.dataset import Array, ArrayRows, Rows
from nodes.reading.error import DataError
from nodes.reading.opened import GZIP, plain


@dataclass(frozen=True)
class IdxFile:
    """An IDX file: one array."""

    path: Path
    heads: Mapping[str, ArrayHead]
    format: str = "IDX"
    doubles: bool = False
    refused: Mapping[str, DataError] = field(default_factory=dict)

    def in_memory(self, _name: str) -> bool:
        with plain(self.path, "an IDX file") as file:
            return file.read(len(GZIP)) == GZIP

    def rows(self, name: str) -> Rows:
        """The array. Raises `DataError`."""
        head = self.heads[name]
        with plain(self.path, "an IDX file") as file:
            if file.read(len(GZIP)) != GZIP:
                offset = 4 + 4 * len(head.shape)
                array: Array = np.memmap(file, head.dtype, "r", offset, head.shape)
                return ArrayRows(array)
        return ArrayRows(idx.read(self.path))


def open_idx(path: Path) -> IdxFile:
    """The header of an IDX file, which fits its length. Raises `DataError`."""
    dtype, shape = idx.read_head(path)
    return IdxFile(path, {INPUT: ArrayHead(shape, dtype)})
