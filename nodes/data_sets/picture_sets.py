"""The picture sets by name: where their files lie, what their classes are called, how big they are.

Each has a `describe` that reads headers at most and a `read` that reads all; sizes and splits are the
business of `PictureSet`.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from pathlib import Path
from typing import TYPE_CHECKING

import resources
from nodes.data_sets.declaration import path_label, path_param
from nodes.data_sets.pictures import PictureSet
from nodes.reading.error import DataError
from nodes.shared.card_label import by
from nodes.spec import N, TensorSpec

if TYPE_CHECKING:
    from nodes.reading.dataset import DataInfo, DataSet
    from nodes.reading.look import Recognised
    from nodes.reading.picture.pixels import Pictures

CLOTHES = ("T-shirt", "Trouser", "Pullover", "Dress", "Coat", "Sandal", "Shirt", "Sneaker", "Bag", "Boot")
DIGITS = tuple("0123456789")
SYSTEM_FASHION = Path("/usr/share/datasets/fashion-mnist")
"""Where Debian's dataset-fashion-mnist keeps the whole set."""


class LabelledPictures(PictureSet):
    """What sets share whose pictures have a class each and fit in memory."""

    def info_of(
        self, shape: tuple[int, int, int], samples: int, classes: tuple[str, ...], division: str = "fixed"
    ) -> DataInfo:
        """The description of a set of `(channels, height, width)` pictures."""
        return self.info(
            samples=min(samples, self.samples or samples),
            input=self.picture_spec(*shape),
            target=TensorSpec((N,), "int64", classes=len(classes)),
            classes=classes,
            division=division,
            stored=samples,
        )

    def read(self) -> Pictures:
        """The pictures as they are on disk. Raises `DataError`."""
        raise NotImplementedError(f"{self.title} does not read pictures")

    def load(self, seed: int) -> DataSet:
        return self.data_set(self.describe(), self.read(), seed)


class FashionMNIST(LabelledPictures):
    """Fashion-MNIST."""

    name = "fashion-mnist"
    title = "Fashion-MNIST"
    licence = "MIT"
    description = (
        "12,000 grey pictures of clothes, ten classes: the first 1,000 training and 200 test "
        "pictures of each."
    )
    place = 0
    without = ("validation",)

    def describe(self) -> DataInfo:
        return self.info_of((1, 28, 28), 12_000, CLOTHES)

    def read(self) -> Pictures:
        from nodes.reading import idx_folder

        return idx_folder.read(resources.DATA / "fashion-mnist")

    def card_label(self) -> str:
        return "12,000 · 28×28"


class FullFashionMNIST(LabelledPictures):
    """Fashion-MNIST."""

    name = "fashion-mnist-full"
    title = "Fashion-MNIST"
    licence = "MIT"
    description = (
        "All 60,000 training and 10,000 test pictures. Not in the box: read from the system, a "
        "folder, or a download."
    )
    place = 1
    without = ("validation",)

    path = path_param()

    def describe(self) -> DataInfo:
        from nodes.reading import idx_folder

        folder = self.source_folder()
        found = idx_folder.outline(folder)
        if found.shape != (1, 28, 28) or found.classes > len(CLOTHES) or not found.has_test:
            raise DataError(
                f"{folder}: Expected pictures of 28×28 and labels from 0 to 9, and a part to test. Received "
                f"{by(found.shape[1:])}, labels up to {found.classes - 1:,}; choose the data set IDX files."
            )
        return self.info_of((1, 28, 28), found.samples, CLOTHES)

    def read(self) -> Pictures:
        from nodes.reading import idx_folder

        return idx_folder.read(self.source_folder())

    def signature(self) -> Hashable:
        from nodes.reading import idx_folder

        return tuple(map(idx_folder.version, self._places()))

    def _places(self) -> list[Path]:
        """Where the files may be, the first choice first."""
        from nodes.reading import download

        return [Path(self.path)] if self.path else [SYSTEM_FASHION, download.folder(self.name)]

    def source_folder(self) -> Path:
        """The folder with the files. Raises `DataError` where there is none."""
        from nodes.reading import idx_folder

        return first_folder(self._places(), idx_folder.has_training_part, "the four files of Fashion-MNIST")

    def card_label(self) -> str:
        return "70,000 · 28×28"


class Digits(LabelledPictures):
    """Digits."""

    name = "digits"
    title = "Digits"
    licence = "CC BY 4.0"
    description = (
        "Handwritten digits of 43 people, 8×8 pixels of 17 grey levels (UCI, E. Alpaydin and C. Kaynak)."
    )
    place = 2

    def describe(self) -> DataInfo:
        return self.info_of((1, 8, 8), 1_797, DIGITS, "shuffled")

    def read(self) -> Pictures:
        """Grey levels 0–16 are stretched to 0–255, so that they are stored as pixels like any other."""
        import gzip

        import numpy as np

        from nodes.reading.picture.pixels import Pictures

        with gzip.open(resources.DATA / "digits" / "digits.csv.gz", "rt") as file:
            table = np.loadtxt(file, np.int64, delimiter=",")
        levels = np.rint(table[:, :64] * (255 / 16)).astype(np.uint8).reshape(-1, 1, 8, 8)
        return Pictures(levels, table[:, 64])

    def card_label(self) -> str:
        return "1,797 · 8×8"


class IdxFiles(LabelledPictures):
    """IDX files."""

    name = "idx-files"
    title = "IDX files"
    licence = "yours"
    description = "A folder of files in the format of MNIST, packed with gzip or not."
    place = 73

    path = path_param()

    @classmethod
    def recognise(cls, path: Path) -> Recognised | None:
        from nodes.reading import idx_folder
        from nodes.reading.look import Recognised

        folder = path if path.is_dir() else path.parent
        found = idx_folder.first_file(folder)
        if found is None or (folder != path and not idx_folder.is_of(path)):
            return None
        return Recognised(95, {"path": str(folder)}, f"the folder has the file {found.name}")

    def describe(self) -> DataInfo:
        """Sizes from the headers of the pictures, classes from the labels, which are few bytes."""
        from dataclasses import replace

        from nodes.reading import idx_folder

        folder = self.chosen()
        found = idx_folder.outline(folder)
        if found.shape[0] > 4 and self.sample_shape(*found.shape) != found.shape:
            raise DataError(
                f"{folder}: Expected pictures of 1 to 4 channels to resize or recolour. "
                f"Received {found.shape[0]:,}; leave size and colour as they are."
            )
        classes = tuple(str(i) for i in range(found.classes))
        division = "fixed" if found.has_test else "shuffled"
        described = self.info_of(found.shape, found.samples, classes, division)
        return replace(described, title=folder.name or str(folder))

    def signature(self) -> Hashable:
        from nodes.reading import idx_folder

        return idx_folder.version(Path(self.path)) if self.path else None

    def read(self) -> Pictures:
        from nodes.reading import idx_folder

        return idx_folder.read(self.chosen())

    def chosen(self) -> Path:
        """The folder of the files. Raises `DataError` where none is chosen."""
        if not self.path:
            raise DataError("path: Expected a folder of IDX files. Received nothing; choose a folder.")
        return Path(self.path)

    def card_label(self) -> str:
        return path_label(self.path)


def first_folder(places: list[Path], has_files: Callable[[Path], bool], what: str) -> Path:
    """The first of these folders with the files that are looked for. Raises `DataError` where none has."""
    from nodes.reading.idx_folder import listing

    found = next((folder for folder in places if has_files(folder)), None)
    if found is None:
        where = " or ".join(str(folder) for folder in places)
        raise DataError(
            f"{where}: Expected {what}. Received {listing(places[0])}; download it or choose its folder."
        )
    return found
