"""Sequences of different lengths, each a sample: rows of a table that belong together, in their order.

A sequence has a class, or a number, to be predicted from all of it. Short ones are filled up with the mean,
and a mask says where a sequence is.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from nodes.data_sets.declaration import (
    DataSetDeclaration,
    group_column_param,
    order_column_param,
    path_label,
    path_param,
    split_param,
)
from nodes.data_sets.table import columns_param
from nodes.data_sets.texts import fill_param
from nodes.param import Int, Text
from nodes.reading.error import DataError
from nodes.reading.tables.name_lists import names_in
from nodes.spec import N, Port, TensorSpec

if TYPE_CHECKING:
    from nodes.reading.dataset import DataInfo, DataSet, DataSplit, Scaling
    from nodes.reading.series.sequence_rows import Sequences
    from nodes.reading.split import DividedSamples


class SequenceFile(DataSetDeclaration):
    """Sequences."""

    name = "sequence-file"
    title = "Sequences"
    kind = "series"
    licence = "yours"
    description = "Rows of a CSV table that belong together are a sequence; a class or a number is predicted."
    place = 74
    more = (Port("mask", "1 where the sequence is, 0 where it is filled up (N, length)", side=True),)

    path = path_param()
    input_columns = columns_param()
    target_columns = Text("", help="Column to predict, the same in all rows of a sequence; empty: nothing.")
    fill = fill_param()
    split = split_param()
    group_column = group_column_param()
    order_column = order_column_param()
    length = Int(64, min=1, max=100_000, help="Rows of a sample; longer ones are cut, shorter filled up.")

    def card_label(self) -> str:
        return path_label(self.path)

    def _sequences(self) -> Sequences:
        from nodes.reading import csv_table
        from nodes.reading.series.sequence_rows import sequences

        if not self.path:
            raise DataError("path: Expected a CSV file. Received nothing; choose a file.")
        if not self.group_column:
            raise DataError(
                f"{self.path}: group_column: Expected the column that says which rows belong together. "
                "Received nothing; choose one."
            )
        targets = names_in(self.target_columns)
        if len(targets) > 1:
            raise DataError(f"target_columns: Expected one column. Received {len(targets)}.")
        return sequences(
            csv_table.outline(Path(self.path)),
            names_in(self.input_columns),
            targets[0] if targets else "",
            self.group_column,
            self.order_column,
        )

    def describe(self) -> DataInfo:
        found = self._sequences()
        return self._info(found, self._divided(found, 0))

    def _info(self, found: Sequences, divided: DividedSamples) -> DataInfo:
        target = None
        if found.targets is not None:
            target = TensorSpec((N, 1))
            if found.classes:
                target = TensorSpec((N,), "int64", classes=len(found.classes))
        return self.info(
            title=Path(self.path).name,
            samples=len(divided.train) + len(divided.validation),
            input=TensorSpec((N, self.length, len(found.columns))),
            target=target,
            classes=found.classes,
            columns=found.columns,
            division=divided.division,
            stored=len(found.sections),
            more=(("mask", TensorSpec((N, self.length))),),
        )

    def _divided(self, found: Sequences, seed: int) -> DividedSamples:
        from nodes.reading import split

        split.require_samples(len(found.sections), self.path, "sequences")
        classes = found.targets if found.classes else None
        return self.divided(
            len(found.sections), seed, split.SplitMarks(classes=classes, class_names=found.classes)
        )

    def load(self, seed: int) -> DataSet:
        from nodes.reading import split
        from nodes.reading.dataset import DataSet

        found = self._sequences()
        divided = self._divided(found, seed)
        how = self.scaling_or("standardise")
        scaling = split.scaling(found.rows_of(divided.train, self.length), how)
        target_scaling = None
        if found.targets is not None and not found.classes:
            target_scaling = split.scaling(found.targets[divided.train, None], how)
        train, held = (
            self._part(found, places, scaling, target_scaling)
            for places in (divided.train, divided.validation)
        )
        longer = int((found.lengths > self.length).sum())
        notes = [*found.notes, *divided.notes]
        if longer:
            count = f"{longer:,} of {len(found.lengths):,} sequences"
            notes.append(f"{count} have more than {self.length:,} rows: their ends are left out")
        return DataSet(self._info(found, divided), train, held, notes=notes)

    def _part(
        self, found: Sequences, places: Any, scaling: Scaling, target_scaling: Scaling | None
    ) -> DataSplit:
        import numpy as np

        from nodes.reading.dataset import ArrayRows, DataSplit

        filler = np.array(scaling.mean, np.float32) * scaling.divisor
        rows, mask = found.padded(places, self.length, filler, in_front=self.fill == "in front")
        target = None
        if found.targets is not None:
            own = found.targets[places]
            target = ArrayRows(own.astype(np.int64) if found.classes else own[:, None].astype(np.float32))
        more = {"mask": ArrayRows(mask)}
        return DataSplit(ArrayRows(rows), target, scaling, target_scaling, places, more=more)

    def values_for_role(self, part: str, role: str) -> dict[str, Any]:
        """A column goes in, is predicted, tells sequences apart or their order."""
        if role == "input":
            names = [one for one in self._sequences().columns if one != part]
            return {"input_columns": ", ".join([*names, part])}
        if role in ("group", "order"):
            return {f"{role}_column": part}
        if role == "target":
            return {"target_columns": part}
        raise DataError(f"{self.title}: Expected a role of input, target, group or order. Received {role!r}.")
