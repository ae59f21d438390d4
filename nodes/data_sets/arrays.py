"""Files of arrays: NumPy, HDF5, MATLAB, safetensors, IDX, or a folder of `.npy` files.

Which array is what, where samples and channels lie and what targets stand for is found by stated rules and
can be chosen otherwise. What the files hold, and what is refused, is the business of `nodes.reading.array`.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from nodes.data_sets.declaration import DataSetDeclaration, found_choice, path_label, path_param, split_param
from nodes.data_sets.table import task_param
from nodes.param import Choice, Text
from nodes.reading.error import DataError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from nodes.reading.array.outline import ArrayOutline, ArrayReading
    from nodes.reading.array.parts import PartOfArrays
    from nodes.reading.dataset import DataInfo, DataSet, DataSplit, Scaling
    from nodes.reading.look import DataLook, Recognised
    from nodes.reading.split import DividedSamples
    from nodes.reading.unseen.rows import ExpectedData, UnseenRows

_SURE = {"npy": 90, "npz": 90, "hdf5": 80, "mat": 95, "mat4": 60, "safetensors": 80, "idx": 70, "folder": 60}
_WORDS = {
    "npy": "a NumPy array",
    "npz": "a NumPy archive",
    "hdf5": "an HDF5 file",
    "mat": "a MATLAB file",
    "mat4": "a MATLAB file",
    "safetensors": "a safetensors file",
    "idx": "an IDX file",
}


class ArrayFile(DataSetDeclaration):
    """Arrays."""

    name = "array-file"
    title = "Arrays"
    licence = "yours"
    description = (
        "Arrays of NumPy, HDF5, MATLAB, safetensors or IDX files, or a folder of .npy files: one of inputs, "
        "one of targets, others to validate."
    )
    kind = "table"
    place = 72

    path = path_param()
    input_array = Text("", help="Name of the array that goes in; empty: found by names and sizes.")
    target_array = Text("", help="Name of the array to predict; empty: found by names and sizes; none: none.")
    validation_input = Text(
        "", advanced=True, help="Array of inputs that validates; empty: found by its name; none: none."
    )
    validation_target = Text(
        "", advanced=True, help="Array of targets that validates; empty: found by its name; none: none."
    )
    task = task_param()
    channels = Choice(
        "auto",
        choices=("auto", "first", "last", "none"),
        help="Axis of the channels of a sample; none: one is added; auto: where the size is 1, 3 or 4.",
    )
    samples_axis = found_choice(
        "first",
        "last",
        help="Axis along which samples lie; auto: the first, or the last where there are as many targets.",
    )
    whole_numbers = found_choice(
        "numbers",
        "tokens",
        help="Whole numbers that go in as numbers, or as tokens for an embedding; auto: tokens where the "
        "array is named so.",
    )
    target_form = found_choice(
        "picture",
        "flat",
        help="Targets as large as pictures: as pictures or rows of numbers; auto: whole numbers as masks.",
    )
    target_scaling = found_choice(
        "none",
        "standardise",
        help="Targets as they are, or standardised; auto: where single precision cannot tell them apart.",
    )
    split = split_param()

    @classmethod
    def recognise(cls, path: Path) -> Recognised | None:
        from nodes.reading.array.folder import array_files
        from nodes.reading.array.opening import kind_of
        from nodes.reading.look import Recognised, by_ending

        try:
            kind = kind_of(path)
        except (DataError, OSError):
            return None
        if kind == "folder":
            found = next(array_files(path), None)
            why = "it has .npy files"
            return None if found is None else Recognised(_SURE[kind], {"path": str(path)}, why)
        if kind not in _WORDS:
            return by_ending(path, (".npz", ".npy", ".h5", ".hdf5", ".mat", ".safetensors"), 20)
        return Recognised(_SURE[kind], {"path": str(path)}, f"its first bytes are those of {_WORDS[kind]}")

    def file(self) -> Path:
        """The file of arrays. Raises `DataError` where none is chosen."""
        if not self.path:
            raise DataError(
                "path: Expected an .npz or .npy file, or another of arrays. Received nothing; choose one."
            )
        return Path(self.path)

    def reading(self) -> ArrayReading:
        """How the file is to be read."""
        from nodes.reading.array.choosing import WantedArrays
        from nodes.reading.array.outline import ArrayReading

        names = (self.input_array, self.target_array, self.validation_input, self.validation_target)
        wanted = WantedArrays(*(name.strip() for name in names))
        return ArrayReading(
            wanted, self.samples_axis, self.channels, self.task, self.whole_numbers, self.target_form
        )

    def outline(self) -> ArrayOutline:
        """What the file is, as it is to be read. Raises `DataError`."""
        from nodes.reading.array import outline

        return outline.outline(self.file(), self.reading())

    def describe(self) -> DataInfo:
        from nodes.reading.array import describing

        return self.info(**describing.description(self.outline(), self.samples))

    def load(self, seed: int) -> DataSet:
        from dataclasses import replace

        from nodes.reading import split
        from nodes.reading.array import parts
        from nodes.reading.dataset import DataSet

        found = self.outline()
        train, held = parts.parts_of(found)
        split.require_samples(len(train.kept), str(found.path), "samples whose values are all numbers")
        divided = self._divided(train, held, found, seed)
        inside, outside = divided.train, divided.validation
        scaling = None if found.tokens else parts.input_scaling(train, inside, self.scaling)
        target_scaling = parts.target_scaling(train, inside, self.target_scaling, found)
        info = replace(self.describe(), samples=len(inside) + len(outside))
        outer = train if held is None else held
        return DataSet(
            info,
            _split(train, inside, scaling, target_scaling),
            _split(outer, outside, scaling, target_scaling),
            parts.left_out(found, train, held),
            [*parts.notes(found, train, held, scaling), *divided.notes],
            division=divided.sentence,
        )

    def _divided(
        self, train: PartOfArrays, held: PartOfArrays | None, found: ArrayOutline, seed: int
    ) -> DividedSamples:
        """Which of the usable samples train and which validate, and how that was decided."""
        import numpy as np

        from nodes.reading import split

        if held is not None:
            kept = split.first(len(train.kept), len(held.kept), self.samples)
            names = f"as the arrays {found.chosen.input} and {found.chosen.held_input} divide them"
            places = np.arange(kept[0]), np.arange(kept[1])
            return split.DividedSamples(*places, places[0][:0], "fixed", names)
        is_class = train.targets is not None and train.targets.ndim == 1 and found.form is not None
        marks = split.SplitMarks(
            classes=train.targets if is_class else None, class_names=found.form.names() if found.form else ()
        )
        return self.divided(len(train.kept), seed, marks, train.kept)

    def unseen(self, path: Path, expected: ExpectedData) -> UnseenRows:
        from nodes.reading.array.opening import kind_of
        from nodes.reading.unseen.array_rows import UnseenArray
        from nodes.reading.unseen.opening import features_of, unseen_rows

        if (
            not path.exists()
            or kind_of(path) not in _SURE
            or (path.is_dir() and expected.info.input.rank == 4)
        ):
            return unseen_rows(path, expected)
        return UnseenArray(
            path,
            features_of(expected),
            tokens=not expected.info.input.is_float,
            name=self.input_array.strip(),
            usual=(self.samples_axis, self.channels),
        )

    def look(self, seed: int) -> DataLook:
        from nodes.reading.array import looking

        return looking.look(self.outline(), self.describe(), self.load(seed))

    def values_for_role(self, part: str, role: str) -> dict[str, Any]:
        from nodes.reading.array import looking

        return looking.values_for_role(self.outline(), part, role)

    def card_label(self) -> str:
        return path_label(self.path)


def _split(
    part: PartOfArrays, chosen: NDArray[np.int64], scaling: Scaling | None, target_scaling: Scaling | None
) -> DataSplit:
    """Some of the usable samples of a part, ready to be fetched."""
    from nodes.reading.dataset import ArrayRows, DataSplit, PartRows

    targets = None if part.targets is None else ArrayRows(part.targets[chosen])
    kept = part.kept[chosen]
    return DataSplit(PartRows(part.rows, kept), targets, scaling, target_scaling, part.first + kept)
