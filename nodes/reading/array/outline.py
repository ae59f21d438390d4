"""What one reading learns of a file of arrays: which is what, its axes, its classes, what is no number.

Headers say most of it; targets are read whole, inputs where they are not long (`budget.CHECKED`), so that
damage and gaps are told at the first look. It is kept as long as the file stays.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from nodes.reading import budget
from nodes.reading.array.axes import ArrayAxes, axes_of
from nodes.reading.array.choosing import NONE, ChosenArrays, WantedArrays, choose, role_of
from nodes.reading.array.gaps import ArrayGaps, gaps_of
from nodes.reading.array.opening import open_store
from nodes.reading.array.rows import as_numbers, stored_rows
from nodes.reading.array.store import COPIES, ArrayHead, ArrayStore, refuse
from nodes.reading.array.targets import PictureTargets, TargetForm, as_targets, form_of, runs_together
from nodes.reading.dataset import Array, Rows
from nodes.reading.error import DataError
from nodes.reading.kept import KeptAnswers
from nodes.shared.card_label import by
from nodes.shown_text import listed

MOST_COLUMNS, MOST_VALUES = 1 << 22, 1 << 28
"""Values of a sample: of a row, each of which is scaled by itself, and of samples with more sizes."""
MOST_TOKENS = 1 << 20
"""Whole numbers below this can stand for tokens."""


@dataclass(frozen=True)
class ArrayReading:
    """How a file of arrays is to be read: the parameters of its data node."""

    wanted: WantedArrays = field(default_factory=WantedArrays)
    samples_axis: str = "auto"
    channels: str = "auto"
    task: str = "auto"
    whole_numbers: str = "auto"
    target_form: str = "auto"


@dataclass(frozen=True, eq=False)
class ArrayPart:
    """The samples of one part: how many there are, which of them can be used, and their targets, in order.

    `gaps` are those of inputs and of targets, by array; `checked` is whether the inputs were looked through.
    """

    input: str
    count: int
    kept: NDArray[np.int64]
    targets: Array | None
    gaps: Mapping[str, ArrayGaps]
    checked: bool
    samples: str


@dataclass(frozen=True, eq=False)
class ArrayOutline:
    """What is known of a file. `tokens`: how many different whole numbers inputs can be; 0: they are numbers.

    `low` and `high` are the least and the greatest of whole numbers that could be tokens.
    """

    path: Path
    format: str
    heads: Mapping[str, ArrayHead]
    refused: Mapping[str, DataError]
    chosen: ChosenArrays
    axes: ArrayAxes
    form: TargetForm | None
    train: ArrayPart
    held: ArrayPart | None
    tokens: int
    low: int = 0
    high: int = 0
    close: bool = False
    """Whether single precision cannot tell the targets apart."""

    @property
    def head(self) -> ArrayHead:
        """The header of the inputs."""
        return self.heads[self.chosen.input]


_outlines: KeptAnswers[ArrayOutline] = KeptAnswers(16)


def outline(path: Path, reading: ArrayReading) -> ArrayOutline:
    """What a file is as it is to be read; learnt once for each version of the file. Raises `DataError`."""
    return _outlines.of_file(path, lambda: _outline(open_store(path), reading), reading)


def _outline(store: ArrayStore, reading: ArrayReading) -> ArrayOutline:
    chosen = _chosen(store, reading.wanted)
    needed = [name for name in _names(chosen) if store.in_memory(name)]
    total = COPIES * sum(store.heads[name].nbytes for name in needed)
    budget.require_room(str(store.path), total, "arrays")
    head = store.heads[chosen.input]
    counts = _target_counts(store, chosen.target)
    axes = axes_of(head.shape, head.dtype, _fitting(head, counts), (reading.samples_axis, reading.channels))
    _require_small(store, chosen.input, axes.sample)
    train, target = _part(store, chosen.input, chosen.target, axes.samples)
    where = str(store.path)
    form = None
    if target is not None:
        sizes = axes.sample[1:] if len(axes.sample) == 3 else ()
        picture = PictureTargets(sizes, reading.target_form)
        place = _place(store, chosen.target)
        form = form_of(place, target, reading.task, doubles=store.doubles, picture=picture)
        train = _with_targets(train, as_targets(where, target, form))
    held = None
    if chosen.held_input is not None:
        held = _held(store, chosen, axes, head, form)
    tokens, low, high = _tokens(store, chosen, axes, reading.whole_numbers)
    close = form is not None and form.classes is None and target is not None and runs_together(target)
    return ArrayOutline(
        store.path,
        store.format,
        dict(store.heads),
        dict(store.refused),
        chosen,
        axes,
        form,
        train,
        held,
        tokens,
        low,
        high,
        close,
    )


def _names(chosen: ChosenArrays) -> tuple[str, ...]:
    names = (chosen.input, chosen.target, chosen.held_input, chosen.held_target)
    return tuple(name for name in names if name is not None)


def _place(store: ArrayStore, name: str | None) -> str:
    return f"{store.path}, array {name!r}"


def _chosen(store: ArrayStore, wanted: WantedArrays) -> ChosenArrays:
    """The arrays that are used, all of which can be. Raises `DataError`."""
    for parameter, name in (
        ("input_array", wanted.input),
        ("target_array", wanted.target),
        ("validation_input", wanted.held_input),
        ("validation_target", wanted.held_target),
    ):
        known = name in store.heads or name in store.refused
        if name and not known and not (name == NONE and parameter != "input_array"):
            raise DataError(
                f"{store.path}: {parameter}: Expected an array of the file ({listed(store.heads)}). "
                f"Received {name!r}."
            )
    chosen = choose(store.heads, wanted, tuple(store.refused))
    if chosen is None:
        told = listed(f"{name} {by(head.shape)}" for name, head in store.heads.items())
        only = next(iter(store.refused.values())) if store.refused and not store.heads else None
        if only is not None:
            raise only
        if store.path.suffix.lower() == ".zip" and not store.heads:
            raise DataError(
                f"{store.path}: Unpack it, and choose what is in it. Expected arrays of NumPy in an archive. "
                "Received an archive without any."
            )
        raise DataError(
            f"{store.path}: Expected an array of inputs and one of targets (such as x and y). "
            f"Received {told or 'no arrays'}; choose them as input_array and target_array."
        )
    for name in _names(chosen):
        if name in store.refused:
            raise store.refused[name]
    for name in filter(None, (chosen.input, chosen.held_input)):
        if store.heads[name].dtype.kind in "US":
            raise refuse(store.path, name, f"words ({store.heads[name].dtype})")
    _check_sizes(store, chosen)
    return chosen


def _check_sizes(store: ArrayStore, chosen: ChosenArrays) -> None:
    for inputs, targets in ((chosen.input, chosen.target), (chosen.held_input, chosen.held_target)):
        if inputs is None:
            continue
        shape = store.heads[inputs].shape
        if not shape or len(shape) > 5 or 0 in shape:
            raise DataError(
                f"{store.path}: Expected samples of rank 1 to 4 in {inputs!r}. Received sizes {shape}."
            )
        if targets is None:
            continue
        sizes = store.heads[targets].shape
        if 0 in sizes:
            raise DataError(f"{store.path}: Expected values to predict in {targets!r}. Received none.")
        if not set(_counts(sizes)) & {shape[0], shape[-1]}:
            raise DataError(
                f"{store.path}: Expected a target for each of the {shape[0]:,} inputs. "
                f"Received {targets!r} of sizes {sizes}."
            )


def _require_small(store: ArrayStore, name: str, sample: tuple[int, ...]) -> None:
    """Raise `DataError` where a sample is larger than any network reads, as where a header lies."""
    most = MOST_COLUMNS if len(sample) == 1 else MOST_VALUES
    if math.prod(sample) > most:
        raise DataError(
            f"{store.path}: Expected samples of at most {most:,} values in {name!r}. "
            f"Received samples of {by(sample)}; samples may lie along another axis."
        )


def _counts(sizes: tuple[int, ...]) -> tuple[int, ...]:
    """How many samples an array of targets can be for: those along its first axis, else along its last."""
    if len(sizes) == 2 and sizes[0] == 1:
        return (sizes[1], 1)
    return tuple(dict.fromkeys((sizes[0], sizes[-1]))) if len(sizes) == 2 else sizes[:1]


def _target_counts(store: ArrayStore, target: str | None) -> tuple[int, ...]:
    return () if target is None else _counts(store.heads[target].shape)


def _fitting(head: ArrayHead, counts: tuple[int, ...]) -> int | None:
    """The count of targets that the inputs have along their first or last axis."""
    return next((count for count in counts if count in (head.shape[0], head.shape[-1])), None)


def _part(
    store: ArrayStore, inputs: str, targets: str | None, samples: str
) -> tuple[ArrayPart, Array | None]:
    """The samples of a part, with the targets of those that can be used as they are stored."""
    head = store.heads[inputs]
    count = head.shape[0 if samples == "first" else -1]
    gaps: dict[str, ArrayGaps] = {}
    target = None
    if targets is not None:
        target = _read_target(store, targets, count)
        gaps[targets] = gaps_of(str(store.path), targets, _held_rows(target))
    checked = head.nbytes <= budget.CHECKED
    if checked:
        rows = stored_rows(store, inputs, samples)
        gaps[inputs] = gaps_of(str(store.path), inputs, rows)
    missing = np.zeros(count, bool)
    for found in gaps.values():
        missing |= found.missing
    kept = np.flatnonzero(~missing)
    if not len(kept):
        told = " ".join(found.sentence(name, count) for name, found in gaps.items() if found.count)
        raise DataError(f"{store.path}: Expected samples whose values are all numbers. Received none: {told}")
    if target is not None:
        target = _as_stored_numbers(target[kept])
    return ArrayPart(inputs, count, kept, None, gaps, checked, samples), target


def _held_rows(array: Array) -> Rows:
    from nodes.reading.dataset import ArrayRows

    return ArrayRows(array)


def _as_stored_numbers(target: Array) -> Array:
    if target.dtype.kind in "mM":
        return as_numbers(target, np.dtype(np.float64))
    return target if target.dtype.isnative else target.astype(target.dtype.newbyteorder("="))


def _read_target(store: ArrayStore, name: str, count: int) -> Array:
    """The targets `(count, …)`, turned where samples lie along their last axis."""
    rows = store.rows(name)
    whole = rows.fetch(np.arange(len(rows))) if rows.shape else rows.fetch(np.zeros(0, np.int64))
    if whole.shape[:1] != (count,) and whole.ndim == 2 and whole.shape[-1] == count:
        whole = whole.T
    if whole.shape[:1] != (count,):
        raise DataError(
            f"{store.path}: Expected a target for each of the {count:,} inputs. "
            f"Received {name!r} of sizes {store.heads[name].shape}."
        )
    return whole


def _with_targets(part: ArrayPart, targets: Array) -> ArrayPart:
    return ArrayPart(part.input, part.count, part.kept, targets, part.gaps, part.checked, part.samples)


def _held(
    store: ArrayStore, chosen: ChosenArrays, axes: ArrayAxes, head: ArrayHead, form: TargetForm | None
) -> ArrayPart:
    """The part that the file holds back, which has samples of the same sizes."""
    assert chosen.held_input is not None
    own = store.heads[chosen.held_input]
    cut = slice(1, None) if axes.samples == "first" else slice(None, -1)
    if own.shape[cut] != head.shape[cut]:
        raise _other_sizes(store, chosen.input, chosen.held_input)
    part, target = _part(store, chosen.held_input, chosen.held_target, axes.samples)
    if target is None or form is None:
        return part
    width = int(np.prod(target.shape[1:], dtype=np.int64))
    if width != form.width:
        raise _other_sizes(store, str(chosen.target), str(chosen.held_target))
    return _with_targets(part, as_targets(str(store.path), target, form))


def _other_sizes(store: ArrayStore, trained: str, held: str) -> DataError:
    return DataError(
        f"{store.path}: Expected samples of one size in {trained!r} and {held!r}. Received others."
    )


def _tokens(store: ArrayStore, chosen: ChosenArrays, axes: ArrayAxes, wanted: str) -> tuple[int, int, int]:
    """How many tokens there are, where inputs are some; and the least and greatest whole number."""
    head = store.heads[chosen.input]
    if head.dtype.kind not in "iu" or wanted == "numbers" or len(axes.sample) > 2:
        if wanted == "tokens":
            raise DataError(
                f"{store.path}: whole_numbers: Expected whole numbers as tokens in {chosen.input!r}. "
                f"Received {head.dtype} of sizes {by(head.shape)}."
            )
        return 0, 0, 0
    named = role_of(chosen.input)[0] == "input" and chosen.input.lower().endswith(
        ("tokens", "ids", "token_ids")
    )
    if wanted == "auto" and not named and (head.dtype == np.uint8 or head.nbytes > budget.CHECKED):
        return 0, 0, 0
    bounds = [_bounds(store, name, axes.samples) for name in filter(None, (chosen.input, chosen.held_input))]
    low, high = min(one[0] for one in bounds), max(one[1] for one in bounds)
    fits = low >= 0 and high < MOST_TOKENS
    if wanted == "tokens" and not fits:
        raise DataError(
            f"{store.path}: Expected tokens from 0 to {MOST_TOKENS - 1:,} in {chosen.input!r}. "
            f"Received {low if low < 0 else high:,}."
        )
    return (high + 1 if fits and (wanted == "tokens" or named) else 0), low, high


def _bounds(store: ArrayStore, name: str, samples: str) -> tuple[int, int]:
    rows = stored_rows(store, name, samples)
    low, high = [], []
    for start in range(0, len(rows), 4096):
        part = rows.fetch(np.arange(start, min(start + 4096, len(rows))))
        low.append(int(part.min()))
        high.append(int(part.max()))
    return min(low), max(high)
