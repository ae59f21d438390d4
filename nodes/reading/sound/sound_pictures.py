"""Sounds as pictures: spectrograms with low tones below, waveforms as the room between their extremes."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

WIDE, HIGH = 160, 80
"""Pixels of the picture of a waveform."""


def pictures_of(sounds: NDArray[Any]) -> NDArray[np.uint8]:
    """Spectrograms `(n, channels, bands, frames)` or waveforms `(n, channels, samples)` as grey pictures
    `(n, 1, height, width)`, of their first channel. All share one scale.
    """
    rows = np.nan_to_num(sounds[:, 0].astype(np.float64))
    return _waves(rows) if rows.ndim == 2 else _bands(rows)


def _bands(rows: NDArray[np.float64]) -> NDArray[np.uint8]:
    low, high = (float(rows.min()), float(rows.max())) if rows.size else (0.0, 0.0)
    pixels = (255 * (rows - low) / ((high - low) or 1.0)).astype(np.uint8)
    return np.asarray(pixels[:, None, ::-1])


def _waves(rows: NDArray[np.float64]) -> NDArray[np.uint8]:
    """In each column of pixels what lies between the least and the greatest of its samples is bright."""
    count, length = rows.shape
    most = float(np.abs(rows).max(initial=0.0)) or 1.0
    starts = np.unique(np.arange(WIDE) * length // WIDE)
    least, greatest = (how.reduceat(rows, starts, axis=1) / most for how in (np.minimum, np.maximum))
    columns = np.arange(WIDE) * len(starts) // WIDE
    middle = (HIGH - 1) / 2
    top = np.rint(middle - greatest[:, columns] * middle)[:, None]
    bottom = np.rint(middle - least[:, columns] * middle)[:, None]
    line = np.arange(HIGH)[None, :, None]
    return np.where((line >= top) & (line <= bottom), 220, 24).astype(np.uint8).reshape(count, 1, HIGH, WIDE)
