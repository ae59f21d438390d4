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
from numpy.typing import NDArray

from engine.data import split
from engine.data.dataset import (
    Array,
    ArrayRows,
    DataError,
    DataInfo,
    DataSet,
    DataSplit,
    PartRows,
    Rows,
    Scaling,
)
from nodes.data.source import CATALOGUE, DataSource
from nodes.spec import N, TensorSpec

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


def path_of(source: DataSource) -> Path:
    """The file of arrays. Raises `DataError` where none is chosen."""
    if not source.path:
        raise DataError("path: Expected an .npz or .npy file. Received nothing; choose a file.")
    return Path(source.path)


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


def describe(source: DataSource) -> DataInfo:
    found = contents(path_of(source))
    classes = _classes(source, found, _target(found))
    return _info(source, found, classes)


def load(source: DataSource, seed: int) -> DataSet:
    found = contents(path_of(source))
    target = _target(found)
    classes = _classes(source, found, target)
    inputs = _read(found.path, found.input)
    split.require_samples(len(inputs), str(found.path), "samples")
    targets = None if target is None else _as_targets(target, classes)
    rows = _input_rows(inputs)
    if found.held is not None:
        held = _as_targets(_read(found.path, found.held[1]), classes)
        kept = split.first(len(inputs), len(held), source.samples)
        scaling = _scaling(rows.fetch(np.arange(kept[0])), source)
        first, last = np.arange(kept[0]), np.arange(kept[1])
        train = DataSplit(PartRows(rows, first), ArrayRows(_of(targets)[: kept[0]]), scaling, places=first)
        held_rows = PartRows(_input_rows(_read(found.path, found.held[0])), last)
        validation = DataSplit(held_rows, ArrayRows(held[: kept[1]]), scaling, places=len(inputs) + last)
        return DataSet(_info(source, found, classes), train, validation)
    inside, outside = split.shuffled(len(inputs), source.validation, seed, source.samples)
    sample = inside[:: max(1, len(inside) // 4096)]
    scaling = _scaling(rows.fetch(sample), source)
    train, held_back = (
        DataSplit(
            PartRows(rows, part), None if targets is None else ArrayRows(targets[part]), scaling, places=part
        )
        for part in (inside, outside)
    )
    return DataSet(_info(source, found, classes), train, held_back)


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


def _read(path: Path, name: str) -> Array:
    try:
        if path.suffix == ".npy":
            mapped: Array = np.load(path, mmap_mode="r", allow_pickle=False)
            return mapped
        with np.load(path, allow_pickle=False) as archive:
            array: Array = archive[name]
            return array
    except (OSError, ValueError, EOFError, zipfile.BadZipFile) as error:
        raise DataError(f"{path}: Expected a whole array {name!r}. Received: {error}.") from error


def _target(found: Contents) -> Array | None:
    return None if found.target is None else _read(found.path, found.target)


def _classes(source: DataSource, found: Contents, target: Array | None) -> Array | None:
    """The different labels, in order, where the target is a class; None where it is a number or missing."""
    if target is None or source.task == "regression":
        return None
    flat = target.reshape(len(target), -1)
    whole = target.dtype.kind in "bui" or bool((target == np.rint(target)).all())
    if flat.shape[1] != 1 or not whole or (source.task == "auto" and target.dtype.kind == "f"):
        if source.task == "classification":
            raise DataError(
                f"{found.path}: Expected one whole number per sample in {found.target!r}. "
                f"Received {target.dtype} of sizes {target.shape}."
            )
        return None
    labels = np.unique(flat)
    if not 2 <= len(labels) <= MOST_CLASSES:
        if source.task == "classification":
            raise DataError(
                f"{found.path}: Expected 2 to {MOST_CLASSES:,} classes. Received {len(labels):,}."
            )
        return None
    return labels


def _as_targets(target: Array, classes: Array | None) -> Array:
    flat = target.reshape(len(target), -1)
    if classes is None:
        return flat.astype(np.float32)
    places = np.minimum(np.searchsorted(classes, flat[:, 0]), len(classes) - 1)
    if (classes[places] != flat[:, 0]).any():
        raise DataError(
            "Expected only classes that the training part has. Received others in the held-back part."
        )
    return places.astype(np.int64)


def _of(targets: Array | None) -> Array:
    if targets is None:
        raise DataError("Expected targets beside the inputs. Received none.")
    return targets


def _sample_shape(head: Head) -> tuple[int, ...]:
    """Sizes of one sample as the network sees it: pictures have their channels first."""
    sizes = head.shape[1:]
    if not sizes:
        return (1,)
    if head.dtype == np.uint8 and len(sizes) == 2:
        return (1, *sizes)
    if head.dtype == np.uint8 and len(sizes) == 3 and sizes[2] in (1, 3, 4) and sizes[0] not in (1, 3, 4):
        return (sizes[2], sizes[0], sizes[1])
    return sizes


def _input_rows(array: Array) -> Rows:
    """Rows of the array as the network sees them: a view where it can be one."""
    head = Head(array.shape, array.dtype)
    wanted = _sample_shape(head)
    if len(array.shape) == 4 and wanted != array.shape[1:]:
        return ArrayRows(np.moveaxis(array, -1, 1))
    shaped = array.reshape(len(array), *wanted)
    if shaped.dtype in (np.uint8, np.float32) or isinstance(array, np.memmap):
        return ArrayRows(shaped)
    return ArrayRows(shaped.astype(np.float32))


def _scaling(values: Array, source: DataSource) -> Scaling:
    is_picture = values.dtype == np.uint8 and values.ndim == 4
    choice = source.scaling if source.scaling != "auto" else "standardise"
    if values.ndim in (2, 4):
        return split.scaling(values, choice, axis=1)
    if source.scaling == "auto" and not is_picture:
        choice = "none"
    return split.scaling(values.reshape(-1, 1), choice)


def _info(source: DataSource, found: Contents, classes: NDArray[np.generic] | None) -> DataInfo:
    entry, head = CATALOGUE[source.dataset], found.heads[found.input]
    shape = _sample_shape(head)
    samples = head.shape[0] + (found.heads[found.held[0]].shape[0] if found.held else 0)
    target: TensorSpec | None = None
    if classes is not None:
        target = TensorSpec((N,), "int64", classes=len(classes))
    elif found.target is not None:
        target = TensorSpec((N, int(np.prod(found.heads[found.target].shape[1:], dtype=np.int64))))
    return DataInfo(
        name=source.dataset,
        title=found.path.name,
        kind="images" if head.dtype == np.uint8 and len(shape) == 3 else "table",
        samples=min(samples, source.samples or samples),
        input=TensorSpec((N, *shape)),
        target=target,
        classes=() if classes is None else tuple(str(label) for label in classes),
        columns=tuple(f"x{i + 1}" for i in range(shape[0])) if len(shape) == 1 else (),
        licence=entry["licence"],
        description=entry["description"],
        division="fixed" if found.held else "shuffled",
        stored=samples,
    )
