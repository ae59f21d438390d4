"""Samples of a NumPy file for a trained network; an array of targets beside them is not looked at."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from nodes.reading import array_file, arrays
from nodes.reading.dataset import Array, Rows
from nodes.reading.error import DataError
from nodes.reading.progress import Meter
from nodes.reading.unseen.rows import UnseenBlock
from nodes.shared.card_label import by

ENDINGS = (".npy", ".npz")


class UnseenArray:
    """The samples of the array of inputs, `(rows, *features)`, counted from 1."""

    place = "sample"
    notes: tuple[str, ...] = ()

    def __init__(self, path: Path, features: tuple[int, ...]) -> None:
        """Reads headers. Raises `DataError` where samples have other sizes than in training."""
        self._path = path
        self._name = _input_of(path)
        head = (
            array_file.head_of_npy(path) if array_file.is_single(path) else array_file.head(path, self._name)
        )
        sizes = arrays.sample_shape(head.shape, head.dtype) if head.shape else ()
        if not head.shape or sizes != features:
            raise DataError(
                f"{path}: Expected samples of sizes {by(features)}, as in training. "
                f"Received an array of sizes {by(head.shape)}."
            )

    def blocks(self, size: int) -> Iterator[UnseenBlock]:
        rows: Rows = arrays.input_rows(arrays.read(self._path, self._name))
        meter = Meter(f"Reading {self._path.name}", len(rows))
        for start in range(0, len(rows), size):
            meter.to(start)
            indices = np.arange(start, min(start + size, len(rows)))
            yield _finite(rows.fetch(indices), indices)


def _input_of(path: Path) -> str:
    """The array of inputs: the only one, or the one by its name or its rank among two."""
    names = (array_file.INPUT,) if array_file.is_single(path) else array_file.names(path)
    return names[0] if len(names) == 1 else arrays.contents(path).input


def _finite(inputs: Array, indices: Array) -> UnseenBlock:
    """The samples without those that have a value that is no finite number."""
    places = tuple(str(int(i) + 1) for i in indices)
    if inputs.dtype.kind != "f":
        return UnseenBlock(places, inputs)
    with np.errstate(all="ignore"):  # signalling NaN
        good = np.asarray(np.isfinite(inputs).reshape(len(inputs), -1).all(axis=1))
    if good.all():
        return UnseenBlock(places, inputs)
    skipped = tuple(
        f"sample {place}: a value that is no finite number"
        for place, is_good in zip(places, good, strict=True)
        if not is_good
    )
    kept = tuple(place for place, is_good in zip(places, good, strict=True) if is_good)
    return UnseenBlock(kept, inputs[good], skipped)
