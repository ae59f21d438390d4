"""Captions beside their pictures: what stands for a picture that cannot be decoded has its own."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from nodes.reading.picture.picture_files import PictureRows


@dataclass(frozen=True, eq=False)
class UsedCaptions:
    """Which caption stands beside the picture that is handed out: its own, or the first of the picture that
    stands in for it. `owners` has the picture of each caption, `first` the first caption of each picture."""

    pictures: PictureRows
    owners: NDArray[np.int64]
    first: NDArray[np.int64]

    def __call__(self, indices: NDArray[np.int64]) -> NDArray[np.int64]:
        """The places of these captions, or of those that are used instead."""
        owners = self.owners[indices]
        used = self.pictures.used(owners)
        return np.where(used == owners, indices, self.first[used])
