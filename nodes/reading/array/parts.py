"""The parts of a file of arrays, ready to be divided: rows as the network sees them, and their targets."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from nodes.reading import budget, split
from nodes.reading.array import rows as array_rows
from nodes.reading.array.gaps import ArrayGaps, gaps_of
from nodes.reading.array.hdf5_chunks import ChunkRows
from nodes.reading.array.opening import open_store
from nodes.reading.array.outline import ArrayOutline, ArrayPart
from nodes.reading.array.store import COPIES, ArrayStore
from nodes.reading.array.targets import runs_together
from nodes.reading.dataset import Array, ArrayRows, Rows, Scaling
from nodes.shown_text import listed

CHECKED_WHEN_LOADED = 8 << 30
"""Bytes of inputs that are looked through for values that are no number; larger ones are not."""


@dataclass(frozen=True, eq=False)
class PartOfArrays:
    """Inputs of all samples of a part, the places of those that can be used, and the targets of these.

    `first` is the place of the first sample over the whole set.
    """

    rows: Rows
    kept: NDArray[np.int64]
    targets: Array | None
    first: int
    gaps: tuple[tuple[str, int, ArrayGaps], ...]
    """Arrays with values that are no number, and their rows."""
    checked: bool


def parts_of(found: ArrayOutline) -> tuple[PartOfArrays, PartOfArrays | None]:
    """The part that trains and the one that the file holds back, where it has one. Raises `DataError`."""
    store = open_store(found.path)
    train = _part(store, found, found.train, 0)
    held = None if found.held is None else _part(store, found, found.held, found.train.count)
    return train, held


def _part(store: ArrayStore, found: ArrayOutline, part: ArrayPart, first: int) -> PartOfArrays:
    stored = _at_hand(array_rows.stored_rows(store, part.input, part.samples))
    kept, targets, gaps, checked = part.kept, part.targets, dict(part.gaps), part.checked
    if not checked and math.prod(stored.shape) * stored.dtype.itemsize <= CHECKED_WHEN_LOADED:
        own = gaps_of(str(store.path), part.input, stored)
        stays = ~own.missing[kept]
        kept, targets = kept[stays], None if targets is None else targets[stays]
        gaps[part.input], checked = own, True
    seen = array_rows.seen_rows(stored, found.axes, tokens=bool(found.tokens))
    named = tuple((name, part.count, one) for name, one in gaps.items() if one.count)
    return PartOfArrays(seen, kept, targets, first, named, checked)


def _at_hand(rows: Rows) -> Rows:
    """The rows in memory where they are packed and fit: at random, each would unpack a whole chunk."""
    nbytes = math.prod(rows.shape) * rows.dtype.itemsize
    if isinstance(rows, ChunkRows) and rows.filters and COPIES * nbytes <= budget.room():
        return ArrayRows(rows.fetch(np.arange(len(rows))))
    return rows


def input_scaling(train: PartOfArrays, inside: NDArray[np.int64], choice: str) -> Scaling:
    """The scaling of some training samples, evenly chosen."""
    return array_rows.scaling(array_rows.some_of(train.rows, train.kept[inside]), choice)


def target_scaling(
    train: PartOfArrays, inside: NDArray[np.int64], choice: str, found: ArrayOutline
) -> Scaling | None:
    """The scaling of numbers to predict, where they are scaled."""
    if train.targets is None or found.form is None or found.form.classes is not None:
        return None
    wanted = "standardise" if choice == "auto" and found.close else choice
    return split.scaling(train.targets[inside], wanted) if wanted == "standardise" else None


def left_out(found: ArrayOutline, train: PartOfArrays, held: PartOfArrays | None) -> tuple[str, ...]:
    """A sentence for each array with values that are no number."""
    return tuple(
        f"{found.path.name}: {gaps.sentence(name, count)}"
        for part in (train, held)
        if part is not None
        for name, count, gaps in part.gaps
    )


def notes(
    found: ArrayOutline, train: PartOfArrays, held: PartOfArrays | None, scaling: Scaling | None
) -> tuple[str, ...]:
    """What of the file is not used or not as it could be."""
    told = []
    if found.chosen.spare:
        told.append(f"A further part is set aside and not used: {listed(found.chosen.spare)}.")
    for part in (train, held):
        if part is not None and not part.checked:
            told.append(
                f"{found.path.name}: an array of more than {CHECKED_WHEN_LOADED >> 30} GB is not looked "
                "through for values that are no number; training tells them."
            )
    inner = train.rows.rows if isinstance(train.rows, array_rows.SeenRows) else train.rows
    if isinstance(inner, ChunkRows) and inner.filters and inner.chunk[0] > 1:
        told.append(
            f"{found.path.name}: {inner.chunk[0]:,} samples are packed together and the array does not "
            "fit into memory: each that is read at random unpacks them all. Store it unpacked, or in chunks "
            "of one sample."
        )
    if scaling in (None, Scaling()) and not found.tokens and len(train.kept):
        sample = array_rows.some_of(train.rows, train.kept)
        if runs_together(sample):
            told.append(
                f"{found.path.name}: single precision cannot tell numbers of array "
                f"{found.chosen.input!r} apart, which are large and differ little; "
                "choose the scaling standardise."
            )
    return tuple(told)
