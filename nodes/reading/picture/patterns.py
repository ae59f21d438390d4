"""Coloured patterns of any size, one for each class, drawn by rule when they are fetched.

A sample is its number: the same one always looks alike, and a set of any size takes no memory.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

CELLS = 7
"""Cells of a pattern across and down: the coarsest thing that a network may go by."""
LEVELS, GRAIN = (32, 224), 24.0
"""Levels of 255 in a pattern, and the deviation of the pixels about it."""


def pattern(label: int, channels: int) -> NDArray[np.float32]:
    """The cells of a class, (channels, 7, 7), in levels of 255."""
    drawn = np.random.default_rng((1, label)).uniform(*LEVELS, (channels, CELLS, CELLS))
    return drawn.astype(np.float32)


@dataclass(frozen=True)
class PatternRows:
    """Pictures (n, channels, height, width) uint8: row i shows the pattern of `labels[i]` with grain."""

    labels: NDArray[np.int64]
    sample: tuple[int, int, int]
    seed: int

    @property
    def shape(self) -> tuple[int, ...]:
        return (len(self.labels), *self.sample)

    @property
    def dtype(self) -> np.dtype[np.generic]:
        return np.dtype(np.uint8)

    def __len__(self) -> int:
        return len(self.labels)

    def fetch(self, indices: NDArray[np.int64]) -> NDArray[np.uint8]:
        drawn = np.empty((len(indices), *self.sample), np.uint8)
        for place, index in enumerate(indices):
            drawn[place] = self._picture(int(index))
        return drawn

    def _picture(self, index: int) -> NDArray[np.uint8]:
        channels, height, width = self.sample
        rows, columns = np.arange(height) * CELLS // height, np.arange(width) * CELLS // width
        cells = pattern(int(self.labels[index]), channels)[:, rows][:, :, columns]
        grain = np.random.default_rng((2, self.seed, index)).standard_normal(cells.shape, np.float32)
        picture: NDArray[np.uint8] = np.clip(cells + GRAIN * grain, 0, 255).astype(np.uint8)
        return picture
