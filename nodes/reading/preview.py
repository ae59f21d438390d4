"""A few samples to look at: thumbnails, rows, points, a stretch of a series or of a text.

NumPy and words only, for node cards and panels.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nodes.reading.dataset import Array, DataInfo, DataSet, DataSplit
from nodes.reading.labels.words import NONE, words_of

MOST_POINTS = 500
STRETCH = 400
"""Values of a series, or characters of a text, that are shown."""


@dataclass(frozen=True)
class SetPreview:
    """Samples of a data set by its `kind`; what does not belong to the kind is empty.

    `images` is (n, C, H, W) uint8; `labels` names the class or value of each image or row; `points` is (n, 2)
    with `values` (n), −1 to 1, or without; a series is in `values` alone; `rows` are cells by `columns`.
    """

    info: DataInfo
    images: Array | None = None
    labels: tuple[str, ...] = ()
    points: NDArray[np.float64] | None = None
    values: NDArray[np.float64] | None = None
    columns: tuple[str, ...] = ()
    rows: tuple[tuple[str, ...], ...] = ()
    text: str = ""


def of_set(data: DataSet, count: int) -> SetPreview:
    """Samples of the training part; of classes, one of each as far as they go."""
    info, part = data.info, data.train
    if info.kind == "text":
        return SetPreview(info, text=_text(part, info.classes))
    if info.kind == "series":
        return SetPreview(info, values=_series(part, info.input.shape[1]))
    chosen = _one_of_each(part, min(count, len(part)))
    if info.vocabulary is not None:
        columns, texts = _texts(part, info, chosen)
        return SetPreview(info, labels=_labels(part, info, chosen), columns=columns, rows=texts)
    inputs = part.input.fetch(chosen)
    labels = _labels(part, info, chosen)
    if inputs.ndim == 4 and inputs.dtype == np.uint8:
        if part.target is not None:
            inputs = beside(inputs, part.target.fetch(chosen), info)
        return SetPreview(info, images=inputs, labels=labels)
    flat = inputs.reshape(len(inputs), -1)[:, :64]
    rows = tuple(tuple(map(figure, row)) for row in flat)
    return SetPreview(info, columns=info.columns[:64], rows=rows, labels=labels)


def figure(value: Any) -> str:
    """A number as people read it: 31132.6, not 3.113e+04."""
    return f"{float(value):.6g}"


def beside(inputs: Array, targets: Array, info: DataInfo) -> Array:
    """Pictures `(n, C, H, W)` with what is to be made of each at its right, a mask or a picture."""
    if targets.ndim < 3 or targets.shape[-2:] != inputs.shape[2:]:
        return inputs
    other = targets.astype(np.float64)
    if other.ndim == 3:  # class numbers; what is ignored is half bright
        bright = (other * (255 / max(1, len(info.classes) - 1))).clip(0, 255)
        other = np.where(other < 0, 128.0, bright)[:, None]
    if other.shape[1] not in (1, inputs.shape[1]):
        return inputs
    other = np.broadcast_to(other.astype(np.uint8), (len(other), *inputs.shape[1:]))
    return np.concatenate([inputs, other], axis=3)


def _one_of_each(part: DataSplit, count: int) -> NDArray[np.int64]:
    """Indices of the first samples, so ordered that classes take turns where targets are classes.

    With masks they come from the whole part in equal steps, since neighbours, frames of a film or slices of a
    body, look alike.
    """
    if part.target is not None and len(part.target.shape) > 2:
        return np.arange(count) * len(part) // max(1, count)
    if part.target is None or not len(part) or len(part.target.shape) != 1:
        return np.arange(count)
    seen = np.arange(min(len(part), 1000)) * max(1, len(part) // 1000)
    targets = part.target.fetch(seen)
    if targets.dtype.kind != "i" or targets.ndim != 1:
        return np.arange(count)
    turn = np.zeros(len(targets), np.int64)
    for label in np.unique(targets):
        mine = targets == label
        turn[mine] = np.arange(mine.sum())
    return seen[np.lexsort((targets, turn))[:count]]


def _labels(part: DataSplit, info: DataInfo, chosen: NDArray[np.int64]) -> tuple[str, ...]:
    if part.target is None or (info.vocabulary is not None and len(part.target.shape) > 1):
        return ()
    if len(part.target.shape) > 2:  # a mask, or a picture
        return ()
    targets = part.target.fetch(chosen)
    if info.target_vocabulary is not None:
        return tuple(info.target_vocabulary.text(numbers) for numbers in targets)
    if info.labels:
        return tuple(words_of(row, info.labels) or NONE for row in targets)
    if info.classes and targets.dtype.kind == "i":
        return tuple(info.classes[int(label)] for label in targets)
    return tuple(figure(np.ravel(value)[0]) for value in targets)


def _series(part: DataSplit, window: object) -> NDArray[np.float64]:
    """The first column, put together again from windows that follow each other."""
    length = int(str(window))
    starts = np.arange(0, len(part), length)[: 1 + STRETCH // length]
    values: Array = part.input.fetch(starts)[:, :, 0].ravel()
    return values[:STRETCH].astype(np.float64)


def _texts(
    part: DataSplit, info: DataInfo, chosen: NDArray[np.int64]
) -> tuple[tuple[str, ...], tuple[tuple[str, ...], ...]]:
    """The texts as the network sees them, without what is cut off; and the names of their columns."""
    known = [("text", info.vocabulary, part.input), ("target", info.target_vocabulary, part.target)]
    columns = [
        (name, [vocabulary.text(numbers)[:STRETCH] for numbers in rows.fetch(chosen)])
        for name, vocabulary, rows in known
        if vocabulary is not None and rows is not None
    ]
    return tuple(name for name, _ in columns), tuple(zip(*(texts for _, texts in columns), strict=True))


def _text(part: DataSplit, alphabet: tuple[str, ...]) -> str:
    length = part.input.shape[1]
    tokens = part.input.fetch(np.arange(min(len(part), 1 + STRETCH // length))).ravel()
    return "".join(alphabet[int(token)] for token in tokens[:STRETCH])
