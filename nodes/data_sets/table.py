"""Tables: columns of numbers and words become inputs, one or several columns the target.

Words go in as one column of zeros and ones per word. A target of words, or of few whole numbers, is a class
to predict; any other is a number.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import resources
from nodes.data_sets.declaration import DataSetDeclaration
from nodes.param import Choice, Text
from nodes.spec import N, TensorSpec

if TYPE_CHECKING:
    from nodes.reading.dataset import DataInfo, DataSet, DataSplit
    from nodes.reading.look import DataLook
    from nodes.reading.split import SplitMarks
    from nodes.reading.tables.choices import ColumnChoice
    from nodes.reading.tables.column import TableColumn
    from nodes.reading.tables.outline import TableOutline
    from nodes.reading.tables.plan import TablePlan
    from nodes.reading.tables.rows.arrays import TableArrays
    from nodes.reading.unseen.rows import ColumnRead, ColumnsRead, ExpectedData, UnseenRows


def columns_param() -> Text:
    """The parameter `input_columns`."""
    return Text("", help="Columns that go in, by commas; empty: all but the target (series: the last).")


def task_param() -> Choice:
    """The parameter `task`."""
    return Choice(
        "auto",
        choices=("auto", "classification", "regression"),
        help="Predict a class or a number; auto: a class where the targets are words or few whole numbers.",
    )


class TableSet(DataSetDeclaration):
    """What tables share. A set gives its table, and the columns that go in and are predicted."""

    kind = "table"

    def table(self) -> TableOutline:
        """The table that is read. Raises `DataError` where none is chosen."""
        raise NotImplementedError(f"{self.title} does not give its table")

    def columns(self) -> ColumnChoice:
        """Which columns are for what."""
        raise NotImplementedError(f"{self.title} does not choose its columns")

    def shown_title(self, _table: TableOutline) -> str:
        return self.title

    def plan(self) -> TablePlan:
        """Choose the columns as the source says. Raises `DataError`."""
        from nodes.reading.tables import plan

        return plan.plan(self.table(), self.columns())

    def describe(self) -> DataInfo:
        return self._info(self.plan())

    def load(self, seed: int) -> DataSet:
        return self.read(self.plan(), seed)

    def read(self, chosen: TablePlan, seed: int) -> DataSet:
        """The rows of a plan, ready to train on. Raises `DataError`."""
        from dataclasses import replace

        from nodes.reading.dataset import DataSet
        from nodes.reading.scaling import scaling_of_rows
        from nodes.reading.tables.plan import keep_columns
        from nodes.reading.tables.rows import arrays

        found = arrays.read(chosen)
        parts = self.divided(len(found.inputs), seed, _marks(chosen, found), found.kept)
        inside = parts.train
        found = found.filled(inside)
        choice = self.scaling_or("standardise")
        scaling = keep_columns(scaling_of_rows(found.inputs, inside, choice), chosen.is_word)
        target_scaling = None if chosen.is_coded else scaling_of_rows(found.targets, inside, choice)
        train, held = (
            self._split(chosen, found, part, scaling, target_scaling) for part in (inside, parts.validation)
        )
        info = replace(
            self._info(chosen),
            samples=len(inside) + len(parts.validation),
            division=parts.division,
        )
        notes = (
            *arrays.notes_of(chosen, found, scaling, target_scaling),
            *parts.notes,
        )
        return DataSet(info, train, held, found.left_out.lines(), notes, parts.sentence)

    def _split(
        self, chosen: TablePlan, found: TableArrays, part: Any, scaling: Any, target_scaling: Any
    ) -> DataSplit:
        """The rows of a part. Where lines do not fit the table, nobody knows which sample a later row is."""
        from nodes.reading.dataset import DataSplit
        from nodes.reading.tables.rows.arrays import part_of

        return DataSplit(
            part_of(found.inputs, part),
            part_of(found.targets, part),
            scaling,
            target_scaling,
            None if chosen.outline.misfits else found.kept[part],
            {port.name: part_of(found.weights(), part) for port in self.more},
        )

    def look(self, seed: int) -> DataLook:
        from nodes.reading.tables.table_look import look_at_table

        chosen = self.plan()
        return look_at_table(chosen, self.read(chosen, seed), self.can_choose)

    can_choose = False
    """Whether a person chooses columns, their types and roles."""

    def columns_read(self) -> ColumnsRead:
        from nodes.reading.tables import plan
        from nodes.reading.unseen.rows import ColumnRead, ColumnsRead

        chosen = self.plan()
        columns = chosen.outline.columns

        def read(column: TableColumn) -> ColumnRead:
            words = None if column.is_number else column.levels
            rounds = len(plan.rounds_of(column, chosen.choice.dates))
            return ColumnRead(column.name, words, column.form, column.marks, rounds)

        return ColumnsRead(
            tuple(read(columns[i]) for i in chosen.inputs), tuple(columns[i].name for i in chosen.targets)
        )

    def unseen(self, path: Path, expected: ExpectedData) -> UnseenRows:
        from nodes.reading.unseen.opening import of_table, unseen_rows

        if expected.columns is None or not of_table(path):
            return unseen_rows(path, expected)
        from nodes.reading.unseen.table_rows import TableRows

        marks = [column.marks for column in expected.columns.inputs if column.marks is not None]
        as_written = any(one.thousands == "." for one in marks)
        return TableRows(self.table_at(path, as_written=as_written), expected.columns, expected.fills)

    def table_at(self, path: Path, *, as_written: bool) -> TableOutline:
        """Another table, read as this one is, with numbers like 1.234,5 or without. Raises `DataError`."""
        from nodes.reading import csv_table

        return csv_table.outline(path, as_written=as_written)

    def _info(self, chosen: TablePlan) -> DataInfo:
        classes, labels = chosen.classes, () if chosen.labels is None else chosen.labels.names
        target = (
            TensorSpec((N,), "int64", classes=len(classes))
            if classes
            else TensorSpec((N, len(labels or chosen.targets)))
        )
        return self.info(
            title=self.shown_title(chosen.outline),
            samples=min(chosen.outline.rows, self.samples or chosen.outline.rows),
            input=TensorSpec((N, len(chosen.names))),
            target=target,
            classes=classes,
            columns=chosen.names,
            stored=chosen.outline.rows,
            more=tuple((port.name, TensorSpec((N,))) for port in self.more),
            labels=labels,
        )


def _marks(chosen: TablePlan, found: TableArrays) -> SplitMarks:
    """What is known of each row by which rows can be divided."""
    from nodes.reading.dataset import ArrayRows
    from nodes.reading.split import SplitMarks

    names = {role: chosen.outline.columns[place].name for role, place in chosen.roles}
    is_class = chosen.is_classification
    return SplitMarks(
        classes=found.targets.array if isinstance(found.targets, ArrayRows) and is_class else None,
        class_names=chosen.classes,
        groups=found.roles.get("group"),
        group_name=names.get("group", "group"),
        order=found.roles.get("order"),
        order_name=names.get("order", "time"),
        words=found.roles.get("split"),
        words_name=names.get("split", "split"),
    )


class _EmbeddedTable(TableSet):
    """A CSV file that comes with Layerloom."""

    name = ""
    resource = ""
    predicted = ""

    def table(self) -> TableOutline:
        from nodes.reading import csv_table

        return csv_table.outline(resources.DATA / self.resource)

    def columns(self) -> ColumnChoice:
        from nodes.reading.tables.choices import ColumnChoice

        return ColumnChoice(targets=(self.predicted,))


class Wine(_EmbeddedTable):
    """Wine."""

    name = "wine"
    title = "Wine"
    licence = "CC BY 4.0"
    description = (
        "Chemical analyses of 178 Italian wines of three cultivars (UCI, S. Aeberhard and M. Forina)."
    )
    place = 40

    resource = "wine/wine.csv"
    predicted = "cultivar"

    def card_label(self) -> str:
        return "178 · 13 columns"


class Diabetes(_EmbeddedTable):
    """Diabetes."""

    name = "diabetes"
    title = "Diabetes"
    licence = "BSD-3-Clause"
    description = (
        "Age, sex, body mass, blood pressure and six serum values of 442 patients, and how the "
        "disease went on in a year."
    )
    place = 41

    resource = "diabetes/diabetes.csv"
    predicted = "progression"

    def card_label(self) -> str:
        return "442 · 10 columns"
