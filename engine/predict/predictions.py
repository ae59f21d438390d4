"""Predictions for a file or a folder, block by block: rows are read, computed and told one block at a time.

Nothing is fitted to the rows, and memory does not grow with their number. What could not be read is named.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from engine.data import catalogue
from engine.predict.cells import Cells, cells, different, headings, with_names
from engine.predict.network import TrainedNetwork
from engine.predict.results import PredictedValue
from nodes.reading.dataset import Array
from nodes.reading.error import DataError
from nodes.reading.progress import tell

SMALL_ROW = 4096
"""Bytes of a row up to which many are computed at once."""
MOST_BYTES = 256 << 20
"""Bytes of the rows that are computed at once."""
AT_ONCE = 1024
"""Small rows that are computed at once."""


@dataclass(frozen=True)
class PredictedBlock:
    """Some rows: where each was read, what went in as it is stored, and the cells of each result."""

    places: tuple[str, ...]
    inputs: Array
    results: tuple[Cells, ...]
    skipped: tuple[str, ...] = ()
    texts: tuple[str, ...] = ()
    """What went in as people read it, where it is a text."""

    def rows(self) -> Iterator[tuple[str, ...]]:
        """For each row the cells of the results that are written in columns."""
        columns = [column for one in self.results for column in one.columns]
        return iter(zip(*columns, strict=True)) if columns else iter(((),) * len(self.places))


class Predictions:
    """The predictions of a network for the data at a path. Raises `DataError` where they are no such data."""

    def __init__(self, network: TrainedNetwork, path: Path) -> None:
        self.network, self.path = network, path
        self.results = with_names(network.results)
        self._rows = catalogue.unseen(network.source, path, network.data.expected)

    @property
    def notes(self) -> tuple[str, ...]:
        """What has changed since the run, and what of the data is not used; grows while they are read."""
        return (*self.network.notes, *self._rows.notes)

    @property
    def headings(self) -> list[str]:
        """Those of a table of predictions: where a row is from, then those of each result."""
        return different([self._rows.place, *(name for one in self.results for name in headings(one))])

    @staticmethod
    def headings_of(result: PredictedValue) -> tuple[str, ...]:
        """Those of one result, as many as it has columns."""
        return headings(result)

    def blocks(self) -> Iterator[PredictedBlock]:
        """All rows in order. Tells how far it is and can be called off there. Raises `DataError`."""
        spec = self.network.data.info.input
        for block in catalogue.told_apart(self.network.source, self._rows.blocks(self._size())):
            tell("Predicting")
            if block.inputs.shape[1:] != spec.features:
                raise DataError(
                    f"{self.path}: Expected samples {spec}, as in training. "
                    f"Received sizes {block.inputs.shape[1:]}."
                )
            values = self.network.predict(block.inputs, block.more) if len(block.places) else []
            found = tuple(cells(one, value) for one, value in zip(self.results, values, strict=False))
            yield PredictedBlock(block.places, block.inputs, found, block.skipped, block.texts)

    def _size(self) -> int:
        sizes = [size for size in self.network.data.info.input.features if isinstance(size, int)]
        row, batch = 8 * math.prod(sizes), self.network.plan.project.settings.batch_size
        rows = max(batch, AT_ONCE) if row <= SMALL_ROW else min(batch, 256)
        return max(1, min(rows, MOST_BYTES // row))
