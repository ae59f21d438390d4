"""Time series: a window of past values goes in, the next ones are predicted.

Rows of a CSV file in the order of time. Of several columns all go in and the first is predicted, where
nothing else is chosen. The end of each series validates, or whole series do; no window goes from one series
to another.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import resources
from nodes.data_sets.declaration import (
    DataSetDeclaration,
    group_column_param,
    order_column_param,
    path_label,
    path_param,
)
from nodes.data_sets.table import columns_param
from nodes.param import Choice, Int, Text
from nodes.reading.error import DataError
from nodes.reading.tables.name_lists import names_in
from nodes.spec import N, TensorSpec

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from nodes.reading.dataset import DataInfo, DataSet, DataSplit, Scaling
    from nodes.reading.look import DataLook, Recognised
    from nodes.reading.series.series_rows import SeriesChoice, SeriesRows
    from nodes.reading.series.series_windows import WindowSizes
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

    def wanted_targets(self) -> tuple[str, ...]:
        """The columns to predict; empty: the first that goes in."""
        return ()

    def wanted_marks(self) -> tuple[str, str]:
        """The columns that say to which series a row belongs, and its time; empty: none."""
        return "", ""

    def sizes(self) -> WindowSizes:
        from nodes.reading.series.series_windows import WindowSizes

        return WindowSizes(self.window, self.horizon, int(self.values.get("window_step", 1)))

    def shown_title(self) -> str:
        return self.title

    def table(self) -> TableOutline:
        from nodes.reading import csv_table

        return csv_table.outline(self.file())

    def describe(self) -> DataInfo:
        table = self.table()
        choice = self.choice(table)
        return self._info(table, choice, self._count(table, choice))

    def _count(self, table: TableOutline, choice: SeriesChoice) -> int:
        """How many windows there are; of plain rows the outline tells."""
        from nodes.reading.series.series_rows import series_rows
        from nodes.reading.series.series_windows import starts_of

        sizes = self.sizes()
        if choice.is_plain:
            return len(range(0, table.rows - sizes.needed + 1, sizes.step)[: self.samples or None])
        return sum(map(len, starts_of(series_rows(table, choice).sections, sizes, self.samples)))

    def load(self, seed: int) -> DataSet:
        """The end of a series validates whatever the seed; whole series are drawn by it."""
        from dataclasses import replace

        from nodes.reading.dataset import ArrayRows, DataSet, Scaling
        from nodes.reading.scaling import scaling_of_rows
        from nodes.reading.series.series_rows import order_note, series_rows

        table = self.table()
        choice = self.choice(table)
        info = self._info(table, choice, self._count(table, choice))
        rows = series_rows(table, choice)
        train, held, notes = self._divided(rows, seed)
        how, known = self.scaling_or("standardise"), self._known(rows, train, held)
        scaling = scaling_of_rows(ArrayRows(rows.inputs), known, how)
        target_scaling = scaling_of_rows(ArrayRows(rows.targets), known, how)
        if choice.targets == choice.inputs[:1]:
            target_scaling = Scaling(scaling.divisor, scaling.mean[:1], scaling.deviation[:1])
        part, held_back = (self._part(rows, starts, scaling, target_scaling) for starts in (train, held))
        told = [*rows.notes, *notes, *filter(None, [order_note(table, choice)])]
        if self.values.get("validate_by") == "group":
            info = replace(info, division="group")
        return DataSet(info, part, held_back, notes=told)

    def _divided(
        self, rows: SeriesRows, seed: int
    ) -> tuple[NDArray[np.int64], NDArray[np.int64], tuple[str, ...]]:
        """Where windows begin that train, and that validate; and what could not be so."""
        from nodes.reading.series import series_windows

        starts = series_windows.starts_of(rows.sections, self.sizes(), self.samples)
        notes = self._short(rows, [len(own) for own in starts])
        if self.values.get("validate_by") == "group":
            train, held, more = series_windows.divided_by_group(starts, rows.groups, self.validation, seed)
            return train, held, (*notes, *more)
        return *series_windows.divided_at_ends(starts, self.sizes(), self.validation), notes

    def _short(self, rows: SeriesRows, counts: list[int]) -> tuple[str, ...]:
        """A sentence on the parts that are shorter than a window."""
        from nodes.shown_text import listed

        short = [name or "a part" for name, count in zip(rows.groups, counts, strict=True) if not count]
        if not short or self.samples:
            return ()
        what = f"{len(short):,} of {len(counts):,} series, or parts of one,"
        return (f"{what} are shorter than {self.sizes().needed:,} rows and left out: {listed(short)}",)

    def _known(self, rows: SeriesRows, train: Any, held: Any) -> NDArray[np.int64]:
        """The places of the rows by which numbers are scaled: those that training shows."""
        import numpy as np

        from nodes.reading.series.series_windows import seen_rows

        if len(rows.sections) == 1 and self.sizes().step == 1:
            border = int(held[0]) if len(held) else len(train)
            return np.arange(min(border + self.window, len(rows.inputs)))
        return np.flatnonzero(seen_rows(train, self.sizes(), len(rows.inputs)))

    def _part(
        self, rows: SeriesRows, starts: NDArray[np.int64], scaling: Scaling, target_scaling: Scaling
    ) -> DataSplit:
        from nodes.reading.dataset import DataSplit, WindowRows

        wanted = rows.targets[:, 0] if rows.targets.shape[1] == 1 else rows.targets
        past = WindowRows(rows.inputs, starts, self.window)
        coming = WindowRows(wanted, starts, self.horizon, offset=self.window)
        return DataSplit(past, coming, scaling, target_scaling, starts)

    def columns_read(self) -> ColumnsRead:
        from nodes.reading.unseen.rows import ColumnRead, ColumnsRead

        table = self.table()
        choice = self.choice(table)
        names, targets = (
            tuple(table.columns[i].name for i in places) for places in (choice.inputs, choice.targets)
        )
        return ColumnsRead(tuple(map(ColumnRead, names)), targets)

    def unseen(self, path: Path, expected: ExpectedData) -> UnseenRows:
        from nodes.reading.unseen.table_rows import number_columns
        from nodes.reading.unseen.text_rows import UnseenSeries

        group, order = self.wanted_marks()
        if group or order:
            raise DataError(
                f"{path}: Expected one series in the order of its rows, as it is predicted. Received "
                f"a run whose rows are put in order by {group or order!r}; keep the rows of one series, in "
                "order, in a file of their own and train without that column."
            )
        return UnseenSeries(path, expected.columns or number_columns(expected.info.columns), self.window)

    def choice(self, table: TableOutline) -> SeriesChoice:
        """The columns by place. Raises `DataError` for columns without numbers."""
        from nodes.reading.series.series_rows import SeriesChoice

        group, order = (table.find(name) if name else None for name in self.wanted_marks())
        inputs = tuple(table.find(name) for name in self.wanted_columns())
        fit = (i for i, one in enumerate(table.columns) if one.is_number and not one.is_empty)
        inputs = inputs or tuple(i for i in fit if i not in (group, order))[-1:]
        targets = tuple(table.find(name) for name in self.wanted_targets()) or inputs[:1]
        places = (*inputs, *targets)
        empty = [table.columns[i].name for i in places if table.columns[i].is_empty]
        if empty:
            raise DataError(f"{table.path}: Expected values in column {empty[0]!r}. Received none.")
        words = [table.columns[i].name for i in places if not table.columns[i].is_number]
        if words or not places:
            received = f"words in column {words[0]!r}" if words else "no column of numbers"
            raise DataError(f"{table.path}: Expected columns of numbers. Received {received}.")
        return SeriesChoice(inputs, targets, group, order, self.values.get("at_gaps") == "cut")

    def _info(self, table: TableOutline, choice: SeriesChoice, samples: int) -> DataInfo:
        needed = self.window + self.horizon
        if samples < (2 if self.samples != 1 else 1):
            raise DataError(
                f"{table.path}: Expected at least {needed + 1:,} rows for a window of {self.window:,} and a "
                f"horizon of {self.horizon:,}. Received {table.rows:,}; choose a shorter window."
            )
        targets = len(choice.targets)
        return self.info(
            title=self.shown_title(),
            samples=samples,
            input=TensorSpec((N, self.window, len(choice.inputs))),
            target=TensorSpec((N, self.horizon) if targets == 1 else (N, self.horizon, targets)),
            columns=tuple(table.columns[i].name for i in choice.inputs),
            division="group" if self.values.get("validate_by") == "group" else "end",
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
    target_columns = Text("", help="Columns to predict, by commas; empty: the first that goes in.")
    group_column = group_column_param()
    order_column = order_column_param()
    window_step = Int(1, min=1, max=100_000, advanced=True, help="Rows from one window to the next.")
    at_gaps = Choice(
        "refuse",
        choices=("refuse", "cut"),
        help="Where a value is missing: refuse the file, or let no window go across.",
    )
    validate_by = Choice(
        "end",
        choices=("end", "group"),
        titles={"group": "whole series"},
        help="What is held back: the end of each series, or whole series (group_column).",
    )

    @classmethod
    def recognise(cls, path: Path) -> Recognised | None:
        from nodes.reading.look import by_ending

        return by_ending(path, (".csv", ".tsv"), 15)

    def file(self) -> Path:
        if not self.path:
            raise DataError("path: Expected a CSV file. Received nothing; choose a file.")
        return Path(self.path)

    def wanted_columns(self) -> tuple[str, ...]:
        return names_in(self.input_columns)

    def wanted_targets(self) -> tuple[str, ...]:
        return names_in(self.target_columns)

    def wanted_marks(self) -> tuple[str, str]:
        return self.group_column, self.order_column

    def look(self, seed: int) -> DataLook:
        from nodes.reading.series.series_look import look_at_series

        table = self.table()
        return look_at_series(super().look(seed), table, self.choice(table))

    def values_for_role(self, part: str, role: str) -> dict[str, Any]:
        """A column goes in, is predicted, tells series apart or their order, or none of these."""
        table = self.table()
        choice = self.choice(table)
        inputs, targets = (
            [table.columns[i].name for i in places] for places in (choice.inputs, choice.targets)
        )
        if role == "input":
            return {"input_columns": ", ".join([*(one for one in inputs if one != part), part])}
        if role == "target":
            return {"target_columns": part, "input_columns": ", ".join(inputs)}
        if role in ("group", "order"):
            return {f"{role}_column": part}
        if role == "ignore":
            marks = {
                f"{one}_column": "" for one in ("group", "order") if self.values[f"{one}_column"] == part
            }
            kept = [one for one in inputs if one != part]
            return {
                **marks,
                "input_columns": ", ".join(kept),
                "target_columns": ", ".join(one for one in targets if one != part and one in inputs),
            }
        raise DataError(
            f"{self.title}: Expected a role of input, target, group, order or ignore. Received {role!r}."
        )

    def shown_title(self) -> str:
        return self.file().name

    def card_label(self) -> str:
        return path_label(self.path)
