"""How samples are held back to validate and stored numbers become inputs, by the same rules for every set.

Knows arrays and counts; what they mean is the loaders' business.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from nodes.reading.dataset import Array, DataInfo, Scaling
from nodes.reading.error import DataError

Indices = NDArray[np.int64]
SMALL = 1e-6


def shuffled(count: int, share: float, seed: int, limit: int = 0) -> tuple[Indices, Indices]:
    """Indices of the training and the validation part, drawn by the seed; at most `limit` in all (0: all).

    Both parts are sorted, so that reading them runs forward through a file; batches are shuffled later.
    """
    order = np.random.default_rng(seed).permutation(count)[: limit or None]
    held = held_back(len(order), share)
    return np.sort(order[held:]), np.sort(order[:held])


def held_back(count: int, share: float) -> int:
    """How many of so many samples validate: at least one where a share is asked for; at least one trains."""
    held = round(count * share)
    return min(max(held, 1), count - 1) if share > 0 and count > 1 else 0


def training_count(info: DataInfo, share: float) -> int | None:
    """How many samples of a described set train, where `share` validates; None where only the files say."""
    if info.division == "fixed":
        return None
    return info.samples - (held_back(info.samples, share) if info.division in ("shuffled", "end") else 0)


def first(train: int, validation: int, limit: int) -> tuple[int, int]:
    """How many of each part of a fixed split to use, so that both are cut to the same share."""
    if not limit or limit >= train + validation:
        return train, validation
    kept = max(1, round(limit * validation / (train + validation)))
    return max(1, limit - kept), kept


def scaling(values: Array, choice: str, axis: int = -1) -> Scaling:
    """The scaling of this choice for numbers like these, by columns or channels along `axis`.

    `choice` is "none", "0-1" or "standardise". Columns without any spread keep their size.
    """
    if choice == "none" or not values.size:
        return Scaling()
    with np.errstate(all="ignore"):  # a value that is none makes a scaling that is none; the run tells it
        return _scaling(values, choice, axis)


def _scaling(values: Array, choice: str, axis: int) -> Scaling:
    others = tuple(i for i in range(values.ndim) if i != axis % values.ndim)
    if choice == "0-1":
        if values.dtype == np.uint8:
            return Scaling(divisor=255.0)
        low, high = values.min(axis=others), values.max(axis=others)
        return Scaling(1.0, _floats(low), _floats(np.where(high - low > SMALL, high - low, 1.0)))
    mean, deviation = _moments(values, others)
    divisor = 255.0 if values.dtype == np.uint8 else 1.0
    small = np.where(deviation / divisor > SMALL, deviation / divisor, 1.0)
    return Scaling(divisor, _floats(mean / divisor), _floats(small))


def _moments(values: Array, axes: tuple[int, ...]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    if values.dtype == np.uint8 and values.ndim > 2:
        # Pixels take 256 values: counting them is exact and needs no float copy of the images.
        channels = np.moveaxis(values, next(i for i in range(values.ndim) if i not in axes), 0)
        counts = np.stack([np.bincount(channel.ravel(), minlength=256) for channel in channels])
        levels, total = np.arange(256.0), counts.sum(axis=1)
        mean = counts @ levels / total
        return mean, np.sqrt(np.maximum(counts @ levels**2 / total - mean**2, 0.0))
    numbers = values.astype(np.float64, copy=False)
    return numbers.mean(axis=axes), numbers.std(axis=axes)


def _floats(values: NDArray[np.float64]) -> tuple[float, ...]:
    return tuple(float(value) for value in np.atleast_1d(values))


def require_samples(count: int, where: str, what: str) -> None:
    """Raise `DataError` where there is nothing to train on."""
    if count < 2:
        raise DataError(f"{where}: Expected at least 2 {what}. Received {count}.")
