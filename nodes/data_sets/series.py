"""Time series: a window of past values goes in, the next ones are predicted. The end of the series validates.

Rows of a CSV file in the order of time. Of several columns all go in and the first is predicted.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import resources
from nodes.data_sets.declaration import DataSetDeclaration, path_label, path_param
from nodes.data_sets.table import columns_param
from nodes.param import Int
from nodes.reading.error import DataError
from nodes.reading.tables.name_lists import names_in
from nodes.spec import N, TensorSpec

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from nodes.reading.dataset import DataInfo, DataSet, DataSplit, Scaling
    from nodes.reading.tables.outline import TableOutline
    from nodes.reading.unseen.rows import ColumnsRead, ExpectedData, UnseenRows


class SeriesSet(DataSetDeclaration):
    """What series share: a window of past values goes in, the next ones are predicted."""

    kind = "series"

    window = Int(24, min=1, max=100_000, help="Past values that go in.")
    horizon = Int(1, min=1, max=10_000, help="Next values to predict.")

    def file(self) -> Path:
        """The CSV file that is read. Raises `DataError` where none is chosen."""
        raise NotImplementedError(f"{self.title} does not name its file")

    def wanted_columns(self) -> tuple[str, ...]:
        """The columns that go in; empty: the last."""
        return ()

    def shown_title(self) -> str:
        return self.title

    def describe(self) -> DataInfo:
        from nodes.reading import csv_table

        table = csv_table.outline(self.file())
        return self._info(table, self._columns(table))

    def load(self, seed: int) -> DataSet:
        """The end of a series validates, whatever the seed."""
        import numpy as np

        from nodes.reading import budget, csv_table, split
        from nodes.reading.dataset import DataSet, Scaling
        from nodes.reading.tables.values import read

        del seed
        table = csv_table.outline(self.file())
        places = self._columns(table)
        info = self._info(table, places)
        budget.require_room(str(table.path), 4 * 8 * table.rows * len(places), f"{table.rows:,} rows")
        found = read(table, places, frozenset())
        columns, skipped = found.values, found.left_out.lines()
        if skipped:
            raise DataError(
                f"{table.path}: Expected a value at every time. Received {skipped[0]}; fill the gap."
            )
        sequence = np.stack(columns, axis=1).astype(np.float32)
        starts = np.arange(info.samples, dtype=np.int64)
        held = split.held_back(len(starts), self.validation)
        border = len(starts) - held
        # A training window must not show, even as a target, a value that validation predicts.
        inside = starts[: max(1, border - self.horizon + 1)] if held else starts
        choice = self.scaling_or("standardise")
        scaling = split.scaling(sequence[: border + self.window], choice)
        target_scaling = Scaling(scaling.divisor, scaling.mean[:1], scaling.deviation[:1])
        train = _part(self, sequence, inside, scaling, target_scaling)
        return DataSet(info, train, _part(self, sequence, starts[border:], scaling, target_scaling))

    def columns_read(self) -> ColumnsRead:
        from nodes.reading import csv_table
        from nodes.reading.unseen.rows import ColumnRead, ColumnsRead

        table = csv_table.outline(self.file())
        names = [table.columns[i].name for i in self._columns(table)]
        return ColumnsRead(tuple(map(ColumnRead, names)), tuple(names[:1]))

    def unseen(self, path: Path, expected: ExpectedData) -> UnseenRows:
        from nodes.reading.unseen.table_rows import number_columns
        from nodes.reading.unseen.text_rows import UnseenSeries

        return UnseenSeries(path, expected.columns or number_columns(expected.info.columns), self.window)

    def _columns(self, table: TableOutline) -> tuple[int, ...]:
        wanted = self.wanted_columns()
        places = tuple(table.find(name) for name in wanted)
        places = (
            places
            or tuple(i for i, one in enumerate(table.columns) if one.is_number and not one.is_empty)[-1:]
        )
        empty = [table.columns[i].name for i in places if table.columns[i].is_empty]
        if empty:
            raise DataError(f"{table.path}: Expected values in column {empty[0]!r}. Received none.")
        words = [table.columns[i].name for i in places if not table.columns[i].is_number]
        if words or not places:
            received = f"words in column {words[0]!r}" if words else "no column of numbers"
            raise DataError(f"{table.path}: Expected columns of numbers. Received {received}.")
        return places

    def _info(self, table: TableOutline, places: tuple[int, ...]) -> DataInfo:
        needed = self.window + self.horizon
        samples = table.rows - needed + 1
        if samples < 2:
            raise DataError(
                f"{table.path}: Expected at least {needed + 1:,} rows for a window of {self.window:,} and a "
                f"horizon of {self.horizon:,}. Received {table.rows:,}; choose a shorter window."
            )
        return self.info(
            title=self.shown_title(),
            samples=min(samples, self.samples or samples),
            input=TensorSpec((N, self.window, len(places))),
            target=TensorSpec((N, self.horizon)),
            columns=tuple(table.columns[i].name for i in places),
            division="end",
        )


class Sunspots(SeriesSet):
    """Sunspots."""

    name = "sunspots"
    title = "Sunspots"
    licence = "public domain"
    description = "Mean number of sunspots of each year, 1700–2008 (National Geophysical Data Center)."
    place = 50

    def file(self) -> Path:
        return resources.DATA / "sunspots" / "sunspots.csv"

    def card_label(self) -> str:
        return "309 years"


class SeriesFile(SeriesSet):
    """Time series."""

    name = "series-file"
    title = "Time series"
    licence = "yours"
    description = (
        "Columns of a CSV table in the order of time; predict the next values from a window of past ones."
    )
    place = 74

    path = path_param()
    input_columns = columns_param()

    def file(self) -> Path:
        if not self.path:
            raise DataError("path: Expected a CSV file. Received nothing; choose a file.")
        return Path(self.path)

    def wanted_columns(self) -> tuple[str, ...]:
        return names_in(self.input_columns)

    def shown_title(self) -> str:
        return self.file().name

    def card_label(self) -> str:
        return path_label(self.path)


def _part(
    source: SeriesSet,
    sequence: NDArray[np.float32],
    starts: NDArray[np.int64],
    scaling: Scaling,
    target_scaling: Scaling,
) -> DataSplit:
    from nodes.reading.dataset import DataSplit, WindowRows

    past = WindowRows(sequence, starts, source.window)
    coming = WindowRows(sequence[:, 0], starts, source.horizon, offset=source.window)
    return DataSplit(past, coming, scaling, target_scaling, starts)
