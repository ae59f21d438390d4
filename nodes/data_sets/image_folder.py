"""A folder of pictures, each subfolder a class.

How files are found and decoded is the business of `nodes.reading.picture.picture_files`.
"""

from __future__ import annotations

import os
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from nodes.data_sets.declaration import path_label, path_param
from nodes.data_sets.pictures import LARGEST_SIDE, PictureSet
from nodes.reading.error import DataError
from nodes.spec import N, TensorSpec

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from nodes.reading.dataset import DataInfo, DataSet
    from nodes.reading.look import Recognised
    from nodes.reading.picture.picture_files import Listing


SEEN = 100_000
"""Entries of a folder among which subfolders are looked for whenever the set may have changed."""


class ImageFolder(PictureSet):
    """Image folder."""

    name = "image-folder"
    title = "Image folder"
    licence = "yours"
    description = (
        "A folder of pictures (PNG, JPEG, WebP, TIFF, BMP, GIF); each subfolder is a class. "
        "Links to folders are not followed."
    )
    place = 70
    keeps_errors = False  # the times of single pictures are not in the signature

    path = path_param()

    @classmethod
    def recognise(cls, path: Path) -> Recognised | None:
        from nodes.reading.look import Recognised

        if not path.is_dir():
            return None
        return Recognised(50, {"path": str(path)}, "it is a folder")

    def chosen(self) -> Path:
        """The folder of pictures. Raises `DataError` where none is chosen."""
        if not self.path:
            raise DataError(
                "path: Expected a folder with a subfolder of pictures per class. "
                "Received nothing; choose one."
            )
        return Path(self.path)

    def signature(self) -> tuple[tuple[str, int], ...]:
        """Changes when a file is added to the folder or taken from it: the times of it and its subfolders."""
        folder = Path(self.path)
        try:
            with os.scandir(folder) as entries:
                found = [
                    (entry.path, entry.stat().st_mtime_ns)
                    for entry in islice(entries, SEEN)
                    if entry.is_dir(follow_symlinks=False)
                ]
            return ((str(folder), folder.stat().st_mtime_ns), *sorted(found))
        except OSError:
            return ()

    def describe(self) -> DataInfo:
        from nodes.reading.picture.picture_files import list_folder

        return self._info(list_folder(self.chosen()))

    def load(self, seed: int) -> DataSet:
        from dataclasses import replace

        import numpy as np

        from nodes.reading import split
        from nodes.reading.dataset import ArrayRows, DataSet, DataSplit, PartRows
        from nodes.reading.picture import picture_files

        listing = picture_files.list_folder(self.chosen())
        info = self._info(listing)
        inside, outside = self._split(listing, seed)
        groups = listing.labels * 2
        groups[outside] += 1
        channels, height, width = (int(str(n)) for n in info.input.features)
        rows = picture_files.PictureRows(listing, groups, (channels, height, width), self.fit)
        first = picture_files.checked_first(groups, np.concatenate([inside, outside]))
        picture_files.check(rows, listing, first)
        inside, outside = np.setdiff1d(inside, rows.bad), np.setdiff1d(outside, rows.bad)
        info = replace(info, samples=len(inside) + len(outside))
        choice = self.scaling_or("standardise")
        scaling = split.scaling(picture_files.sample(rows, inside), choice, axis=1)
        train, held = (
            DataSplit(
                PartRows(rows, part),
                ArrayRows(listing.labels[part]) if listing.classes else None,
                scaling,
                places=part,
            )
            for part in (inside, outside)
        )
        return DataSet(info, train, held, rows.skipped)

    def _split(self, listing: Listing, seed: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        import numpy as np

        from nodes.reading import split

        count = len(listing.paths)
        if listing.training is None:
            parts = self.divided(count, seed)
            return parts.train, parts.validation
        kept = split.first(listing.training, count - listing.training, self.samples)
        rng = np.random.default_rng(seed)
        held = rng.permutation(np.arange(listing.training, count))[: kept[1]]
        return np.sort(rng.permutation(listing.training)[: kept[0]]), np.sort(held)

    def _info(self, listing: Listing) -> DataInfo:
        from nodes.reading.picture.picture_files import natural_shape

        count = len(listing.paths)
        natural = natural_shape(listing)
        if 0 in self.size and natural[1] * natural[2] > LARGEST_SIDE**2:
            raise DataError(
                f"size: Choose a size. Expected pictures of at most {LARGEST_SIDE:,} × {LARGEST_SIDE:,} px "
                f"where none is chosen. Received {natural[2]:,} × {natural[1]:,} px."
            )
        target = TensorSpec((N,), "int64", classes=len(listing.classes)) if listing.classes else None
        return self.info(
            title=listing.folder.name or str(listing.folder),
            samples=min(count, self.samples or count),
            input=self.picture_spec(*natural),
            target=target,
            classes=listing.classes,
            division="shuffled" if listing.training is None else "fixed",
            stored=count,
        )

    def card_label(self) -> str:
        return path_label(self.path)
