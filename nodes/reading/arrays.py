"""NumPy files: `.npz` with an array of inputs and one of targets, `.npy` with inputs alone.

Headers are read first and say all that a description needs; files with pickled objects are refused. A `.npy`
stays on disk and is read where batches touch it.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from nodes.reading import array_file, budget, split
from nodes.reading.array_file import Head
from nodes.reading.dataset import Array, ArrayRows, Rows, Scaling
from nodes.reading.error import DataError
from nodes.reading.kept import KeptAnswers
from nodes.shown_text import listed

LARGEST = 3e38
"""Larger numbers are none in single precision."""
LOOKED_AT = 1 << 20
"""Values that are checked at a time."""
SAMPLED, SAMPLED_BYTES = 4096, 256 << 20
"""Samples from which a scaling is computed, and the most bytes of them."""
MOST_CLASSES = 1000
PAIRS = (
    ("x", "y"),
    ("x_train", "y_train"),
    ("train_images", "train_labels"),
    ("input", "target"),
    ("inputs", "targets"),
    ("images", "labels"),
    ("data", "target"),
    ("data", "labels"),
    ("features", "labels"),
)
"""Names, in lower case, by which the arrays of inputs and targets are known."""
HELD = (("x_test", "y_test"), ("x_val", "y_val"), ("test_images", "test_labels"))


@dataclass(frozen=True)
class Contents:
    """The arrays of a file that are used, by name; target and held-back ones may be missing."""

    path: Path
    heads: dict[str, Head]
    input: str
    target: str | None
    held: tuple[str, str] | None


@dataclass(frozen=True)
class ArrayOutline:
    """What one reading learnt of a file: its arrays, and the different labels where targets are classes."""

    contents: Contents
    classes: Array | None


_outlines: KeptAnswers[ArrayOutline] = KeptAnswers(16)


def outline(path: Path, task: str) -> ArrayOutline:
    """Which array is what, and the classes; read once for each version of the file. Raises `DataError`.

    What is used of an `.npz` file is read through where it is not long (`budget.CHECKED`), to find damage;
    of longer ones the headers and the targets are.
    """
    return _outlines.of_file(path, lambda: _outline(contents(path), task), task)


def _outline(found: Contents, task: str) -> ArrayOutline:
    classes = classes_of(found, read_target(found), task)
    if found.held is not None and found.target is not None:
        as_targets(found.path, read(found.path, found.held[1]), classes)
    inputs = [found.input, *(found.held[:1] if found.held else ())]
    if (
        not array_file.is_single(found.path)
        and sum(found.heads[name].nbytes for name in inputs) <= budget.CHECKED
    ):
        for name in inputs:
            array_file.check(found.path, name)
    return ArrayOutline(found, classes)


def contents(path: Path) -> Contents:
    """Read the headers of a NumPy file and say which array is what. Raises `DataError`."""
    if array_file.is_single(path):
        found = Contents(path, {array_file.INPUT: array_file.head_of_npy(path)}, array_file.INPUT, None, None)
    else:
        found = _named(path, array_file.names(path))
        total = sum(head.nbytes for head in found.heads.values())
        budget.require_room(str(path), array_file.COPIES * total, "arrays")
    _check_counts(found)
    return found


def _named(path: Path, names: tuple[str, ...]) -> Contents:
    """Choose by names; headers are read of what is chosen alone."""
    lower = {name.lower(): name for name in names}
    pair = next((pair for pair in PAIRS if pair[0] in lower and pair[1] in lower), None)
    held = next((pair for pair in HELD if pair[0] in lower and pair[1] in lower), None)
    if pair is not None:
        fixed = (lower[held[0]], lower[held[1]]) if held else None
        chosen = (lower[pair[0]], lower[pair[1]])
        heads = {name: array_file.head(path, name) for name in (*chosen, *(fixed or ()))}
        return Contents(path, heads, *chosen, fixed)
    if len(names) not in (1, 2):
        raise DataError(
            f"{path}: Expected an array of inputs and one of targets (such as x and y). "
            f"Received {listed(names) or 'no arrays'}."
        )
    heads = {name: array_file.head(path, name) for name in names}
    ordered = sorted(names, key=lambda name: -len(heads[name].shape))
    return Contents(path, heads, ordered[0], ordered[1] if len(ordered) == 2 else None, None)


def _check_counts(found: Contents) -> None:
    pairs = [(found.input, found.target), *([found.held] if found.held else [])]
    for inputs, targets in pairs:
        shape = found.heads[inputs].shape
        if not shape or len(shape) > 5 or 0 in shape:
            raise DataError(
                f"{found.path}: Expected samples of rank 1 to 4 in {inputs!r}. Received sizes {shape}."
            )
        if targets is not None and found.heads[targets].shape[:1] != shape[:1]:
            raise DataError(
                f"{found.path}: Expected a target for each of the {shape[0]:,} inputs. "
                f"Received {targets!r} of sizes {found.heads[targets].shape}."
            )
        if targets is not None and 0 in found.heads[targets].shape:
            raise DataError(f"{found.path}: Expected values to predict in {targets!r}. Received none.")
    if found.held and found.target:
        _require_one_size(found, found.held[1], found.target)
        _require_one_size(found, found.held[0], found.input)


def _require_one_size(found: Contents, held: str, trained: str) -> None:
    if found.heads[held].shape[1:] != found.heads[trained].shape[1:]:
        raise DataError(
            f"{found.path}: Expected samples of one size in {trained!r} and {held!r}. Received others."
        )


def read(path: Path, name: str) -> Array:
    """An array of a file by its name; of a `.npy` file its only one, left on disk. Raises `DataError`."""
    if array_file.is_single(path):
        return array_file.mapped(path)
    array = array_file.read(path, name)
    _require_single(path, name, array)
    return array


def _require_single(path: Path, name: str, array: Array) -> None:
    """Raise `DataError` where a number is infinite in single precision; what is infinite already stays so."""
    if array.dtype.kind != "f" or array.dtype.itemsize <= 4 or not array.size:
        return
    rows = array.reshape(len(array), -1) if array.ndim else array.reshape(1, 1)
    step = max(1, LOOKED_AT // rows.shape[1])
    for start in range(0, len(rows), step):
        part = rows[start : start + step]
        with np.errstate(all="ignore"):  # signalling NaN
            large = (np.abs(part) > LARGEST) & np.isfinite(part)
        if large.any():
            row, column = np.argwhere(large)[0]
            raise DataError(
                f"{path}, array {name!r}, sample {start + row + 1:,}: Expected numbers up to {LARGEST:g}. "
                f"Received {part[row, column]:g}."
            )


def read_target(found: Contents) -> Array | None:
    """The targets that train, where there are any. Raises `DataError`."""
    return None if found.target is None else read(found.path, found.target)


def classes_of(found: Contents, target: Array | None, task: str) -> Array | None:
    """The different labels, in order, where the target is a class; None where it is a number or missing.

    `task` is "classification", "regression" or "auto". Raises `DataError`.
    """
    if target is None or task == "regression":
        return None
    flat = target.reshape(len(target), -1)
    with np.errstate(all="ignore"):  # signalling NaN
        whole = target.dtype.kind in "bui" or bool((np.isfinite(target) & (target == np.rint(target))).all())
    if flat.shape[1] != 1 or not whole or (task == "auto" and target.dtype.kind == "f"):
        if task == "classification":
            raise DataError(
                f"{found.path}: Expected one whole number per sample in {found.target!r}. "
                f"Received {target.dtype} of sizes {target.shape}."
            )
        return None
    labels = np.unique(flat)
    if not 2 <= len(labels) <= MOST_CLASSES:
        if task == "classification":
            raise DataError(
                f"{found.path}: Expected 2 to {MOST_CLASSES:,} classes. Received {len(labels):,}."
            )
        return None
    return labels


def as_targets(path: Path, target: Array, classes: Array | None) -> Array:
    """Targets of a file as class numbers (samples), or as numbers (samples, values). Raises `DataError`."""
    flat = target.reshape(len(target), -1)
    if classes is None:
        with np.errstate(all="ignore"):  # signalling NaN
            return flat.astype(np.float32)
    places = np.minimum(np.searchsorted(classes, flat[:, 0]), len(classes) - 1)
    is_other = classes[places] != flat[:, 0]
    if is_other.any():
        at = int(is_other.argmax())
        raise DataError(
            f"{path}: Expected only classes that the training part has in the held-back part. "
            f"Received {flat[at, 0]} for its sample {at + 1:,}."
        )
    return places.astype(np.int64)


def present(targets: Array | None) -> Array:
    """The same targets. Raises `DataError` where there are none."""
    if targets is None:
        raise DataError("Expected targets beside the inputs. Received none.")
    return targets


def sample_shape(shape: tuple[int, ...], dtype: np.dtype[np.generic]) -> tuple[int, ...]:
    """Sizes of one sample as the network sees it: pictures have their channels first."""
    sizes = shape[1:]
    if not sizes:
        return (1,)
    if dtype == np.uint8 and len(sizes) == 2:
        return (1, *sizes)
    if dtype == np.uint8 and len(sizes) == 3 and sizes[2] in (1, 3, 4) and sizes[0] not in (1, 3, 4):
        return (sizes[2], sizes[0], sizes[1])
    return sizes


def input_rows(array: Array) -> Rows:
    """Rows of the array as the network sees them: a view where it can be one."""
    wanted = sample_shape(array.shape, array.dtype)
    if len(array.shape) == 4 and wanted != array.shape[1:]:
        return ArrayRows(np.moveaxis(array, -1, 1))
    shaped = array.reshape(len(array), *wanted)
    if shaped.dtype in (np.uint8, np.float32):
        return ArrayRows(shaped)
    if not isinstance(array, np.memmap):
        with np.errstate(all="ignore"):  # signalling NaN
            return ArrayRows(shaped.astype(np.float32))
    is_known = shaped.dtype.isnative and shaped.dtype.itemsize <= 8
    return ArrayRows(shaped) if is_known else FloatRows(shaped)


@dataclass(frozen=True)
class FloatRows:
    """Rows of an array on disk whose numbers torch does not have, as float32: other byte orders, 16 bytes."""

    array: Array

    @property
    def shape(self) -> tuple[int, ...]:
        return self.array.shape

    @property
    def dtype(self) -> np.dtype[np.generic]:
        return np.dtype(np.float32)

    def __len__(self) -> int:
        return len(self.array)

    def fetch(self, indices: NDArray[np.int64]) -> Array:
        with np.errstate(all="ignore"):  # a number that is too large is infinite, as torch has it
            return self.array[indices].astype(np.float32)


def some_of(rows: Rows, indices: NDArray[np.int64]) -> Array:
    """Some of these rows, evenly, from which a scaling is computed."""
    one = int(np.prod(rows.shape[1:])) * rows.dtype.itemsize
    count = max(1, min(SAMPLED, SAMPLED_BYTES // max(1, one)))
    return rows.fetch(indices[:: max(1, len(indices) // count)])


def scaling(values: Array, choice: str) -> Scaling:
    """The scaling of this choice; "auto" standardises columns and pictures and leaves other values."""
    if values.ndim in (2, 4):
        return split.scaling(values, "standardise" if choice == "auto" else choice, axis=1)
    return split.scaling(values.reshape(-1, 1), "none" if choice == "auto" else choice)
