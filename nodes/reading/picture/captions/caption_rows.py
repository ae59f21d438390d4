"""Captions as tokens beside their pictures: what stands for a picture that cannot be decoded has its own."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from nodes.reading.dataset import Array
from nodes.reading.picture.picture_files import PictureRows


@dataclass(frozen=True, eq=False)
class OwnPictures:
    """The picture of each caption: row i is picture `owners[i]`."""

    pictures: PictureRows
    owners: NDArray[np.int64]

    @property
    def shape(self) -> tuple[int, ...]:
        return (len(self.owners), *self.pictures.shape[1:])

    @property
    def dtype(self) -> np.dtype[np.generic]:
        return self.pictures.dtype

    def __len__(self) -> int:
        return len(self.owners)

    def fetch(self, indices: NDArray[np.int64]) -> Array:
        return self.pictures.fetch(self.owners[indices])


@dataclass(frozen=True, eq=False)
class OwnTokens:
    """Tokens `(captions, length)`: of a picture that another stands in for the first caption of the other."""

    pictures: PictureRows
    owners: NDArray[np.int64]
    array: Array
    first: NDArray[np.int64]
    """The place of the first caption of each picture."""

    @property
    def shape(self) -> tuple[int, ...]:
        return self.array.shape

    @property
    def dtype(self) -> np.dtype[np.generic]:
        return self.array.dtype

    def __len__(self) -> int:
        return len(self.array)

    def fetch(self, indices: NDArray[np.int64]) -> Array:
        owners = self.owners[indices]
        used = self.pictures.used(owners)
        found: Array = self.array[np.where(used == owners, indices, self.first[used])]
        return found
