"""Samples of a file of arrays for a trained network; an array of targets beside them is not looked at."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from nodes.reading.array.axes import ArrayAxes, axes_of
from nodes.reading.array.choosing import WantedArrays, choose
from nodes.reading.array.opening import open_store
from nodes.reading.array.rows import seen_rows, stored_rows
from nodes.reading.array.store import ArrayStore, refuse
from nodes.reading.dataset import Array
from nodes.reading.error import DataError
from nodes.reading.progress import Meter
from nodes.reading.unseen.rows import UnseenBlock
from nodes.shared.card_label import by
from nodes.shown_text import listed

ENDINGS = (".npy", ".npz", ".h5", ".hdf5", ".mat", ".safetensors")
AXES = tuple(
    (samples, channels) for samples in ("auto", "last") for channels in ("auto", "first", "last", "none")
)
"""How an array may be turned to give samples as in training, the usual first."""


class UnseenArray:
    """The samples of the array of inputs, `(rows, *features)`, counted from 1."""

    place = "sample"
    notes: tuple[str, ...] = ()

    def __init__(
        self,
        path: Path,
        features: tuple[int, ...],
        *,
        tokens: bool = False,
        name: str = "",
        usual: tuple[str, str] = AXES[0],
    ) -> None:
        """Reads headers. `name` is the array of inputs where somebody chose it, `usual` how its axes lie.

        Raises `DataError` where samples have other sizes than in training.
        """
        self._path, self._tokens = path, tokens
        self._store = open_store(path)
        self._name = name if name in self._store.heads else _input_of(self._store)
        head = self._store.heads[self._name]
        tried = (axes_of(head.shape, head.dtype, None, wanted) for wanted in (usual, *AXES) if head.shape)
        axes = next((one for one in tried if one.sample == features), None)
        if axes is None:
            raise DataError(
                f"{path}: Expected samples of sizes {by(features)}, as in training. "
                f"Received an array of sizes {by(head.shape)}."
            )
        self._axes: ArrayAxes = axes

    def blocks(self, size: int) -> Iterator[UnseenBlock]:
        stored = stored_rows(self._store, self._name, self._axes.samples)
        rows = seen_rows(stored, self._axes, tokens=self._tokens)
        meter = Meter(f"Reading {self._path.name}", len(rows))
        for start in range(0, len(rows), size):
            meter.to(start)
            indices = np.arange(start, min(start + size, len(rows)))
            yield _finite(rows.fetch(indices), indices)


def _input_of(store: ArrayStore) -> str:
    """The array of inputs: the only one, or the one by its name or its sizes."""
    chosen = choose(store.heads, WantedArrays(), tuple(store.refused))
    if chosen is None:
        raise DataError(
            f"{store.path}: Expected an array of inputs (such as x). "
            f"Received {listed(store.heads) or 'no arrays'}."
        )
    if chosen.input in store.refused:
        raise store.refused[chosen.input]
    if store.heads[chosen.input].dtype.kind in "US":
        raise refuse(store.path, chosen.input, "words")
    return chosen.input


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
