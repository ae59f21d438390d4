"""Tables: columns of numbers and words become inputs, one or several columns the target.

Words go in as one column of zeros and ones per word. A target of words, or of few whole numbers, is a class
to predict; any other is a number.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import resources
from nodes.data_sets.declaration import DataSetDeclaration, path_label, path_param
from nodes.param import Choice, Text
from nodes.reading.error import DataError
from nodes.spec import N, TensorSpec

if TYPE_CHECKING:
    from nodes.reading.csv_table import CsvOutline
    from nodes.reading.dataset import DataInfo, DataSet
    from nodes.reading.look import Recognised
    from nodes.reading.table import TablePlan
    from nodes.reading.unseen.rows import ColumnsRead


def names_in(text: str) -> tuple[str, ...]:
    """Column names out of a list with commas."""
    return tuple(name.strip() for name in text.split(",") if name.strip())


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
    """What tables share. A set names its file, and the columns that go in and are predicted."""

    kind = "table"

    def file(self) -> Path:
        """The CSV file that is read. Raises `DataError` where none is chosen."""
        raise NotImplementedError(f"{self.title} does not name its file")

    def wanted_inputs(self) -> tuple[str, ...]:
        """The columns that go in; empty: all that can but the targets."""
        return ()

    def wanted_targets(self) -> tuple[str, ...]:
        """The columns to predict; empty: the last."""
        return ()

    def wanted_task(self) -> str:
        """What is predicted: "classification", "regression" or "auto"."""
        return "auto"

    def shown_title(self, _table: CsvOutline) -> str:
        return self.title

    def plan(self) -> TablePlan:
        """Choose the columns as the source says. Raises `DataError`."""
        from nodes.reading import csv_table, table

        outline = csv_table.outline(self.file())
        return table.plan(outline, self.wanted_inputs(), self.wanted_targets(), self.wanted_task())

    def describe(self) -> DataInfo:
        return self._info(self.plan())

    def load(self, seed: int) -> DataSet:
        from dataclasses import replace

        from nodes.reading import split, table
        from nodes.reading.dataset import ArrayRows, DataSet, DataSplit

        chosen = self.plan()
        inputs, targets, skipped = table.read(chosen)
        parts = self.divided(len(inputs), seed)
        inside, outside = parts.train, parts.validation
        choice = self.scaling_or("standardise")
        scaling = table.keep_columns(split.scaling(inputs[inside], choice), chosen.is_word)
        target_scaling = None if chosen.is_classification else split.scaling(targets[inside], choice)
        train, held = (
            DataSplit(
                ArrayRows(inputs[part]),
                ArrayRows(targets[part]),
                scaling,
                target_scaling,
                None if skipped else part,
            )
            for part in (inside, outside)
        )
        info = replace(self._info(chosen), samples=len(inside) + len(outside))
        left_out = () if self.wanted_inputs() else table.left_out(chosen)
        return DataSet(info, train, held, skipped, left_out)

    def columns_read(self) -> ColumnsRead:
        from nodes.reading.unseen.rows import ColumnRead, ColumnsRead

        chosen = self.plan()
        columns = chosen.outline.columns
        return ColumnsRead(
            tuple(
                ColumnRead(columns[i].name, None if columns[i].is_number else columns[i].levels)
                for i in chosen.inputs
            ),
            tuple(columns[i].name for i in chosen.targets),
        )

    def _info(self, chosen: TablePlan) -> DataInfo:
        classes = chosen.classes
        target = (
            TensorSpec((N,), "int64", classes=len(classes))
            if classes
            else TensorSpec((N, len(chosen.targets)))
        )
        return self.info(
            title=self.shown_title(chosen.outline),
            samples=min(chosen.outline.rows, self.samples or chosen.outline.rows),
            input=TensorSpec((N, len(chosen.names))),
            target=target,
            classes=classes,
            columns=chosen.names,
            stored=chosen.outline.rows,
        )


class Wine(TableSet):
    """Wine."""

    name = "wine"
    title = "Wine"
    licence = "CC BY 4.0"
    description = (
        "Chemical analyses of 178 Italian wines of three cultivars (UCI, S. Aeberhard and M. Forina)."
    )
    place = 40

    def file(self) -> Path:
        return resources.DATA / "wine/wine.csv"

    def wanted_targets(self) -> tuple[str, ...]:
        return ("cultivar",)

    def card_label(self) -> str:
        return "178 · 13 columns"


class Diabetes(TableSet):
    """Diabetes."""

    name = "diabetes"
    title = "Diabetes"
    licence = "BSD-3-Clause"
    description = (
        "Age, sex, body mass, blood pressure and six serum values of 442 patients, and how the "
        "disease went on in a year."
    )
    place = 41

    def file(self) -> Path:
        return resources.DATA / "diabetes/diabetes.csv"

    def wanted_targets(self) -> tuple[str, ...]:
        return ("progression",)

    def card_label(self) -> str:
        return "442 · 10 columns"


class CsvFile(TableSet):
    """CSV table."""

    name = "csv-file"
    title = "CSV table"
    licence = "yours"
    description = "A table with a line of column names; pick what goes in and what is to be predicted."
    place = 71

    path = path_param()
    input_columns = columns_param()
    target_columns = Text("", help="Columns to predict, separated by commas; empty: the last.")
    task = task_param()

    @classmethod
    def recognise(cls, path: Path) -> Recognised | None:
        from nodes.reading.look import by_ending

        return by_ending(path, (".csv", ".tsv", ".tab", ".data"))

    def file(self) -> Path:
        if not self.path:
            raise DataError("path: Expected a CSV file. Received nothing; choose a file.")
        return Path(self.path)

    def wanted_inputs(self) -> tuple[str, ...]:
        return names_in(self.input_columns)

    def wanted_targets(self) -> tuple[str, ...]:
        return names_in(self.target_columns)

    def wanted_task(self) -> str:
        return self.task

    def shown_title(self, table: CsvOutline) -> str:
        return table.path.name

    def card_label(self) -> str:
        return path_label(self.path)
