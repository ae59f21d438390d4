"""Predicted values as words, numbers and pictures: classes by name with their probabilities, numbers in the
unit of the data, labels of which several can hold, pictures as pixels.

Takes what the network computed, hands out cells of a table; knows nothing of files.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

from engine.predict.results import (
    CLASS_MAP,
    CLASSES,
    LABELS,
    MASK,
    MOST_VALUES,
    NUMBERS,
    PICTURE,
    TOKENS,
    YES_NO,
    PredictedValue,
)
from nodes.reading.labels.words import words_of
from nodes.reading.texts.vocabulary import END, UNKNOWN, Vocabulary

Floats = NDArray[np.float64]
Picture = NDArray[np.uint8]
PALETTE = (
    *((0, 0, 0), (230, 159, 0), (86, 180, 233), (0, 158, 115), (240, 228, 66), (0, 114, 178)),
    *((213, 94, 0), (204, 121, 167), (255, 255, 255), (128, 128, 128)),
)
"""Colours of the first classes in a picture (Okabe and Ito)."""
BESIDE = (PICTURE, CLASS_MAP, MASK)
"""Results that are pictures."""


@dataclass(frozen=True)
class Cells:
    """One result for some rows: a list of cells for each heading, or a picture or array for each row.

    Pictures are `(rows, channels, height, width)`; those of classes `(rows, 1, height, width)` have the place
    of the class for each pixel. `best` is the class of highest probability, its place, for each row.
    """

    columns: tuple[tuple[str, ...], ...] = ()
    pictures: Picture | None = None
    arrays: NDArray[np.float32] | None = None
    best: NDArray[np.int64] | None = None


def is_beside(result: PredictedValue) -> bool:
    """Whether it is written into a file of its own for each row: a picture, or an array of many values."""
    return result.kind in BESIDE or (result.kind == NUMBERS and not result.names)


def headings(result: PredictedValue) -> tuple[str, ...]:
    """The headings of its columns."""
    if is_beside(result) or result.kind == TOKENS:
        return (result.name,)
    if result.kind == NUMBERS:
        return result.names
    if result.kind == CLASSES:
        each = result.classes if len(result.classes) <= MOST_VALUES else ()
        return (result.name, f"{result.name} probability", *(f"p({name})" for name in each))
    if result.kind == LABELS:
        return (result.name, *(f"p({name})" for name in result.names))
    yes = result.classes[1] if result.classes else "yes"
    single = len(result.names) == 1
    shares = [f"p({yes if single else name})" for name in result.names]
    pairs = zip(result.names, shares, strict=True)
    return result.names if result.activation == "step" else tuple(one for pair in pairs for one in pair)


def share_columns(result: PredictedValue) -> tuple[int, ...]:
    """Which of its columns are shares of 1."""
    if result.kind in (CLASSES, LABELS):
        return tuple(range(1, len(headings(result))))
    if result.kind == YES_NO and result.activation != "step":
        return tuple(range(1, len(headings(result)), 2))
    return ()


def different(names: Sequence[str]) -> list[str]:
    """The same headings, numbered where they come again."""
    seen: dict[str, int] = {}
    found = []
    for name in names:
        seen[name] = seen.get(name, 0) + 1
        found.append(name if seen[name] == 1 else f"{name} ({seen[name]})")
    return found if len(set(found)) == len(found) else [f"{name} {i}" for i, name in enumerate(found, 1)]


def cells(result: PredictedValue, values: Tensor) -> Cells:
    """The cells of a result for its values `(rows, …)`."""
    found = values.double().numpy() if values.is_floating_point() else values.numpy().astype(np.float64)
    if result.kind in (CLASSES, TOKENS, CLASS_MAP):
        return _classes(result, _probabilities(result, found))
    if result.kind == LABELS:
        return _labels(result, _probabilities(result, found))
    if result.kind in (YES_NO, MASK):
        return _yes_no(result, _probabilities(result, found))
    numbers = in_unit(result, _probabilities(result, found))
    if result.kind == PICTURE:
        return Cells(pictures=_pixels(result, numbers))
    flat = numbers.reshape(len(numbers), -1)
    if not result.names:
        return Cells(arrays=numbers.astype(np.float32))
    return Cells(tuple(_numbers(column) for column in flat.T))


def in_unit(result: PredictedValue, values: Floats) -> Floats:
    """Scaled values in the unit of the data."""
    if result.scaling is None:
        return values
    return result.scaling.undone(values, 1 if values.ndim >= 4 else -1)


def _probabilities(result: PredictedValue, values: Floats) -> Floats:
    if result.activation == "softmax":
        raised = np.exp(values - values.max(axis=result.axis, keepdims=True))
        return np.asarray(raised / raised.sum(axis=result.axis, keepdims=True))
    if result.activation == "sigmoid":
        small = np.exp(-np.abs(values))
        return np.asarray(np.where(values >= 0, 1.0, small) / (1.0 + small))
    if result.activation == "exp":
        return np.asarray(np.exp(values))
    if result.activation == "step":
        return np.asarray((values >= result.threshold).astype(np.float64))
    return values


def _classes(result: PredictedValue, shares: Floats) -> Cells:
    best = shares.argmax(axis=result.axis)
    if result.kind == CLASS_MAP:
        return Cells(pictures=np.minimum(best, 255).astype(np.uint8)[:, None])
    names = np.array(result.classes, object)
    if result.kind == TOKENS and result.vocabulary is not None:
        return Cells((tuple(_text(result.vocabulary, row.ravel()) for row in best),))
    if result.kind == TOKENS:
        between = "" if all(len(name) == 1 for name in result.classes) else " "
        return Cells((tuple(between.join(names[row].ravel()) for row in best),))
    columns = [tuple(names[best]), _shares(shares.max(axis=result.axis))]
    if len(result.classes) <= MOST_VALUES:
        columns += [_shares(column) for column in shares.T]
    return Cells(tuple(columns), best=best)


def _text(vocabulary: Vocabulary, tokens: NDArray[np.int64]) -> str:
    """The text of these tokens up to its end."""
    ends = np.flatnonzero(tokens == END) if vocabulary.cutting.specials > END else np.empty(0, np.int64)
    kept = tokens[: int(ends[0])] if ends.size else tokens
    return vocabulary.text(np.where(kept < len(vocabulary), kept, UNKNOWN))


def _yes_no(result: PredictedValue, shares: Floats) -> Cells:
    if result.kind == MASK:
        return Cells(pictures=((shares >= 0.5) * 255).astype(np.uint8))
    no, yes = result.classes or ("no", "yes")
    flat, columns = shares.reshape(len(shares), -1), []
    for column in flat.T:
        columns.append(tuple(np.where(column >= 0.5, yes, no)))
        if result.activation != "step":
            columns.append(_shares(column))
    best = (flat[:, 0] >= 0.5).astype(np.int64) if flat.shape[1] == 1 else None
    return Cells(tuple(map(tuple, columns)), best=best)


def _labels(result: PredictedValue, shares: Floats) -> Cells:
    """The labels of more than 0.5, and the probability of each."""
    held = tuple(words_of(row, result.names) for row in shares)
    return Cells((held, *map(_shares, shares.T)))


def _pixels(result: PredictedValue, values: Floats) -> Picture:
    """From black to white: pixels as they are, else what goes from 0, or −1, to 1."""
    found = np.nan_to_num(values)
    if not result.pixels:
        found = ((found + 1.0) / 2.0 if result.signed else found) * 255.0
    return np.asarray(np.rint(found).clip(0, 255).astype(np.uint8))


def _numbers(column: Floats) -> tuple[str, ...]:
    return tuple(f"{value:.9g}" for value in column.tolist())


def _shares(column: Floats) -> tuple[str, ...]:
    return tuple(f"{value:.6g}" for value in column.tolist())


def shown_picture(result: PredictedValue, picture: Picture) -> Picture:
    """A picture as it is looked at, `(1 or 3, height, width)`: of classes in a colour for each."""
    if result.kind != CLASS_MAP:
        return picture
    return np.ascontiguousarray(np.moveaxis(palette()[picture[0]], -1, 0))


def legend(result: PredictedValue) -> tuple[tuple[str, tuple[int, int, int]], ...]:
    """The classes of a picture of classes, each with its colour (red, green, blue); nothing for others."""
    if result.kind != CLASS_MAP:
        return ()
    colours = palette()[: len(result.classes)].tolist()
    return tuple((name, (r, g, b)) for name, (r, g, b) in zip(result.classes, colours, strict=False))


def held_shares(result: PredictedValue, picture: Picture) -> str:
    """Which classes a picture holds and how much of it each takes, the largest first; of a mask, how much."""
    if result.kind == MASK:
        return f"{(picture > 0).mean() * 100:.1f} % {result.classes[1] if result.classes else 'yes'}"
    if result.kind != CLASS_MAP:
        return ""
    counts = np.bincount(picture.ravel(), minlength=len(result.classes))
    order = [
        at for at in np.argsort(-counts, kind="stable").tolist() if counts[at] and at < len(result.classes)
    ]
    return ", ".join(f"{result.classes[at]}: {counts[at] / picture.size * 100:.1f} %" for at in order[:4])


def palette() -> Picture:
    """A colour for each of 256 classes, `(256, 3)`; the first ten are told apart by everybody."""
    rng = np.random.default_rng(1)
    found = rng.integers(40, 256, (256, 3)).astype(np.uint8)
    found[: len(PALETTE)] = PALETTE
    return found


def with_names(results: Sequence[PredictedValue]) -> tuple[PredictedValue, ...]:
    """The same results; names of single values begin with the result's where several results have them."""
    if len(results) == 1:
        return tuple(results)
    every = [name for result in results for name in headings(result)]
    if len(set(every)) == len(every):
        return tuple(results)
    return tuple(
        replace(result, names=tuple(f"{result.name} {name}" for name in result.names))
        if len(result.names) > 1
        else result
        for result in results
    )
