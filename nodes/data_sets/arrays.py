"""NumPy files: `.npz` with an array of inputs and one of targets, `.npy` with inputs alone.

What a file holds, and what is refused, is the business of `nodes.reading.arrays`.
"""

from __future__ import annotations

import math
from pathlib import Path
from typing import TYPE_CHECKING

from nodes.data_sets.declaration import DataSetDeclaration, path_label, path_param
from nodes.data_sets.table import task_param
from nodes.reading.error import DataError
from nodes.spec import N, TensorSpec

if TYPE_CHECKING:
    from nodes.reading.arrays import ArrayOutline
    from nodes.reading.dataset import Array, DataInfo, DataSet, DataSplit, Rows
    from nodes.reading.look import Recognised


class ArrayFile(DataSetDeclaration):
    """NumPy arrays."""

    name = "array-file"
    title = "NumPy arrays"
    licence = "yours"
    description = "An .npz file with an array of inputs and one of targets, or an .npy file of inputs alone."
    kind = "table"
    place = 72

    path = path_param()
    task = task_param()

    @classmethod
    def recognise(cls, path: Path) -> Recognised | None:
        from nodes.reading.look import by_ending

        return by_ending(path, (".npz", ".npy"))

    def file(self) -> Path:
        """The file of arrays. Raises `DataError` where none is chosen."""
        if not self.path:
            raise DataError("path: Expected an .npz or .npy file. Received nothing; choose a file.")
        return Path(self.path)

    def describe(self) -> DataInfo:
        from nodes.reading import arrays

        return self._info(arrays.outline(self.file(), self.task))

    def load(self, seed: int) -> DataSet:
        from nodes.reading import arrays, split
        from nodes.reading.dataset import DataSet

        outline = arrays.outline(self.file(), self.task)
        found, classes = outline.contents, outline.classes
        target = arrays.read_target(found)
        inputs = arrays.read(found.path, found.input)
        split.require_samples(len(inputs), str(found.path), "samples")
        targets = None if target is None else arrays.as_targets(found.path, target, classes)
        rows = arrays.input_rows(inputs)
        if found.held is None:
            train, validation = self._drawn(rows, targets, seed)
        else:
            held = arrays.as_targets(found.path, arrays.read(found.path, found.held[1]), classes)
            held_rows = arrays.input_rows(arrays.read(found.path, found.held[0]))
            train, validation = self._fixed(rows, arrays.present(targets), held_rows, held)
        return DataSet(self._info(outline), train, validation)

    def _fixed(self, rows: Rows, targets: Array, held_rows: Rows, held: Array) -> tuple[DataSplit, DataSplit]:
        """The two parts that the file has, cut to the same share."""
        import numpy as np

        from nodes.reading import arrays, split
        from nodes.reading.dataset import ArrayRows, DataSplit, PartRows

        kept = split.first(len(rows), len(held), self.samples)
        first, last = np.arange(kept[0]), np.arange(kept[1])
        scaling = arrays.scaling(rows.fetch(first), self.scaling)
        return (
            DataSplit(PartRows(rows, first), ArrayRows(targets[: kept[0]]), scaling, places=first),
            DataSplit(
                PartRows(held_rows, last), ArrayRows(held[: kept[1]]), scaling, places=len(rows) + last
            ),
        )

    def _drawn(self, rows: Rows, targets: Array | None, seed: int) -> tuple[DataSplit, DataSplit]:
        """Two parts drawn by the seed."""
        from nodes.reading import arrays
        from nodes.reading.dataset import ArrayRows, DataSplit, PartRows

        parts = self.divided(len(rows), seed)
        inside, outside = parts.train, parts.validation
        scaling = arrays.scaling(arrays.some_of(rows, inside), self.scaling)
        train, held = (
            DataSplit(
                PartRows(rows, part),
                None if targets is None else ArrayRows(targets[part]),
                scaling,
                places=part,
            )
            for part in (inside, outside)
        )
        return train, held

    def _info(self, outline: ArrayOutline) -> DataInfo:
        from nodes.reading import arrays

        found, classes = outline.contents, outline.classes
        head = found.heads[found.input]
        shape = arrays.sample_shape(head.shape, head.dtype)
        samples = head.shape[0] + (found.heads[found.held[0]].shape[0] if found.held else 0)
        target: TensorSpec | None = None
        if classes is not None:
            target = TensorSpec((N,), "int64", classes=len(classes))
        elif found.target is not None:
            target = TensorSpec((N, math.prod(found.heads[found.target].shape[1:])))
        return self.info(
            title=found.path.name,
            kind="images" if head.dtype == "uint8" and len(shape) == 3 else "table",
            samples=min(samples, self.samples or samples),
            input=TensorSpec((N, *shape)),
            target=target,
            classes=() if classes is None else tuple(str(label) for label in classes),
            columns=tuple(f"x{i + 1}" for i in range(shape[0])) if len(shape) == 1 else (),
            division="fixed" if found.held else "shuffled",
            stored=samples,
        )

    def card_label(self) -> str:
        return path_label(self.path)
