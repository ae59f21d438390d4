"""NumPy files: `.npz` with an array of inputs and one of targets, `.npy` with inputs alone.

Headers are read first and say all that a description needs; files with pickled objects are refused. A `.npy`
stays on disk and is read where batches touch it.
"""

from __future__ import annotations

import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import numpy as np
from numpy.lib import format as npy

from nodes.reading import split
from nodes.reading.dataset import Array, ArrayRows, Rows, Scaling
from nodes.reading.error import DataError

LARGEST = 16 << 30
"""Bytes that the arrays of one file may unpack to."""
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
class Head:
    """What a header says of an array."""

    shape: tuple[int, ...]
    dtype: np.dtype[np.generic]


@dataclass(frozen=True)
class Contents:
    """The arrays of a file that are used, by name; target and held-back ones may be missing."""

    path: Path
    heads: dict[str, Head]
    input: str
    target: str | None
    held: tuple[str, str] | None


def contents(path: Path) -> Contents:
    """Read the headers of a NumPy file and say which array is what. Raises `DataError`."""
    try:
        heads = _heads(path)
    except (OSError, ValueError, EOFError, zipfile.BadZipFile, NotImplementedError, RuntimeError) as error:
        raise DataError(f"{path}: Expected an .npz or .npy file. Received: {error}.") from error
    for name, head in heads.items():
        if head.dtype.hasobject or head.dtype.kind not in "buif":
            raise DataError(f"{path}: Expected numbers in array {name!r}. Received {head.dtype}.")
    _check_size(path, heads)
    found = _named(path, heads)
    _check_counts(found)
    return found


def _heads(path: Path) -> dict[str, Head]:
    if path.suffix == ".npy":
        with path.open("rb") as file:
            return {"input": _head(file)}
    with zipfile.ZipFile(path) as archive:
        heads = {}
        for member in archive.namelist():
            if member.endswith(".npy"):
                with archive.open(member) as file:
                    heads[member.removesuffix(".npy")] = _head(file)
        return heads


def _head(file: IO[bytes]) -> Head:
    version = npy.read_magic(file)
    read = npy.read_array_header_1_0 if version == (1, 0) else npy.read_array_header_2_0
    shape, _, dtype = read(file)
    return Head(tuple(int(n) for n in shape), dtype)


def _check_size(path: Path, heads: dict[str, Head]) -> None:
    total = sum(int(np.prod(head.shape, dtype=object)) * head.dtype.itemsize for head in heads.values())
    if path.suffix != ".npy" and total > LARGEST:
        raise DataError(
            f"{path}: Expected at most {LARGEST:,} bytes of arrays. Received {total:,}; use .npy files."
        )


def _named(path: Path, heads: dict[str, Head]) -> Contents:
    if path.suffix == ".npy":
        return Contents(path, heads, "input", None, None)
    lower = {name.lower(): name for name in heads}
    pair = next((pair for pair in PAIRS if pair[0] in lower and pair[1] in lower), None)
    held = next((pair for pair in HELD if pair[0] in lower and pair[1] in lower), None)
    if pair is not None:
        fixed = (lower[held[0]], lower[held[1]]) if held else None
        return Contents(path, heads, lower[pair[0]], lower[pair[1]], fixed)
    names = list(heads)
    if len(names) == 1:
        return Contents(path, heads, names[0], None, None)
    if len(names) == 2:
        names.sort(key=lambda name: -len(heads[name].shape))
        return Contents(path, heads, names[0], names[1], None)
    raise DataError(
        f"{path}: Expected an array of inputs and one of targets (such as x and y). "
        f"Received {', '.join(names) or 'no arrays'}."
    )


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
    if found.held and found.heads[found.held[0]].shape[1:] != found.heads[found.input].shape[1:]:
        raise DataError(f"{found.path}: Expected samples of one size. Received others in {found.held[0]!r}.")


def read(path: Path, name: str) -> Array:
    """An array of a file by its name; of a `.npy` file its only one, left on disk. Raises `DataError`."""
    try:
        if path.suffix == ".npy":
            mapped: Array = np.load(path, mmap_mode="r", allow_pickle=False)
            return mapped
        with np.load(path, allow_pickle=False) as archive:
            array: Array = archive[name]
            return array
    except (OSError, ValueError, EOFError, zipfile.BadZipFile) as error:
        raise DataError(f"{path}: Expected a whole array {name!r}. Received: {error}.") from error


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
    whole = target.dtype.kind in "bui" or bool((target == np.rint(target)).all())
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


def as_targets(target: Array, classes: Array | None) -> Array:
    """Targets as class numbers (samples), or as numbers (samples, values). Raises `DataError`."""
    flat = target.reshape(len(target), -1)
    if classes is None:
        return flat.astype(np.float32)
    places = np.minimum(np.searchsorted(classes, flat[:, 0]), len(classes) - 1)
    if (classes[places] != flat[:, 0]).any():
        raise DataError(
            "Expected only classes that the training part has. Received others in the held-back part."
        )
    return places.astype(np.int64)


def present(targets: Array | None) -> Array:
    """The same targets. Raises `DataError` where there are none."""
    if targets is None:
        raise DataError("Expected targets beside the inputs. Received none.")
    return targets


def sample_shape(head: Head) -> tuple[int, ...]:
    """Sizes of one sample as the network sees it: pictures have their channels first."""
    sizes = head.shape[1:]
    if not sizes:
        return (1,)
    if head.dtype == np.uint8 and len(sizes) == 2:
        return (1, *sizes)
    if head.dtype == np.uint8 and len(sizes) == 3 and sizes[2] in (1, 3, 4) and sizes[0] not in (1, 3, 4):
        return (sizes[2], sizes[0], sizes[1])
    return sizes


def input_rows(array: Array) -> Rows:
    """Rows of the array as the network sees them: a view where it can be one."""
    head = Head(array.shape, array.dtype)
    wanted = sample_shape(head)
    if len(array.shape) == 4 and wanted != array.shape[1:]:
        return ArrayRows(np.moveaxis(array, -1, 1))
    shaped = array.reshape(len(array), *wanted)
    if shaped.dtype in (np.uint8, np.float32) or isinstance(array, np.memmap):
        return ArrayRows(shaped)
    return ArrayRows(shaped.astype(np.float32))


def scaling(values: Array, choice: str) -> Scaling:
    """The scaling of this choice; "auto" standardises columns and pictures and leaves other values."""
    if values.ndim in (2, 4):
        return split.scaling(values, "standardise" if choice == "auto" else choice, axis=1)
    return split.scaling(values.reshape(-1, 1), "none" if choice == "auto" else choice)
