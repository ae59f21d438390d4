"""CIFAR-10 and CIFAR-100 in the binary version: records of labels and planes of red, green and blue.

The Python version are pickles, which may run code when they are opened: refused in a sentence that says which
download to take.
"""

from __future__ import annotations

from collections.abc import Hashable
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from nodes.data_sets.declaration import path_label, path_param
from nodes.data_sets.picture_sets import LabelledPictures, first_folder
from nodes.param import Choice
from nodes.reading.error import DataError
from nodes.regular_file import is_regular

if TYPE_CHECKING:
    from nodes.reading.dataset import DataInfo
    from nodes.reading.look import Recognised
    from nodes.reading.picture.pixels import Pictures, Pixels

PHOTOGRAPHS = ("Airplane", "Automobile", "Bird", "Cat", "Deer", "Dog", "Frog", "Horse", "Ship", "Truck")
_FINE = """
apple aquarium-fish baby bear beaver bed bee beetle bicycle bottle bowl boy bridge bus butterfly camel can
castle caterpillar cattle chair chimpanzee clock cloud cockroach couch crab crocodile cup dinosaur dolphin
elephant flatfish forest fox girl hamster house kangaroo keyboard lamp lawn-mower leopard lion lizard
lobster man maple-tree motorcycle mountain mouse mushroom oak-tree orange orchid otter palm-tree pear
pickup-truck pine-tree plain plate poppy porcupine possum rabbit raccoon ray road rocket rose sea seal
shark shrew skunk skyscraper snail snake spider squirrel streetcar sunflower sweet-pepper table tank
telephone television tiger tractor train trout tulip turtle wardrobe whale willow-tree wolf woman worm
"""
_COARSE = """
aquatic-mammals fish flowers food-containers fruit-and-vegetables household-electrical-devices
household-furniture insects large-carnivores large-man-made-outdoor-things large-natural-outdoor-scenes
large-omnivores-and-herbivores medium-mammals non-insect-invertebrates people reptiles small-mammals trees
vehicles-1 vehicles-2
"""
FINE, COARSE = tuple(_FINE.split()), tuple(_COARSE.split())
"""The 100 classes of CIFAR-100 and the 20 groups of five to which they belong, by their numbers."""
PIXELS = 3 * 32 * 32


class CifarPictures(LabelledPictures):
    """What both sets share: a folder of files of records, those that train and one that tests."""

    licence = "unstated; for research"
    without = ("validation",)
    files: ClassVar[tuple[str, ...]] = ()
    pickles: ClassVar[tuple[str, ...]] = ()
    archive: ClassVar[str] = ""
    labels_each: ClassVar[int] = 1

    path = path_param()

    @classmethod
    def recognise(cls, path: Path) -> Recognised | None:
        from nodes.reading.look import Recognised

        folder = path if path.is_dir() else path.parent
        found = next((name for name in (*cls.files, *cls.pickles) if is_regular(folder / name)), None)
        if found is None or (folder != path and path.name not in (*cls.files, *cls.pickles)):
            return None
        if found in cls.files and (folder / found).stat().st_size % cls.record():
            return None
        if found in cls.pickles and not _is_pickle(folder / found):
            return None
        return Recognised(95, {"path": str(folder)}, f"the folder has the file {found}")

    @classmethod
    def record(cls) -> int:
        """Bytes of a picture with its labels."""
        return cls.labels_each + PIXELS

    def names(self) -> tuple[str, ...]:
        """The classes."""
        return PHOTOGRAPHS

    def label_place(self) -> int:
        """Which of the labels of a record is used."""
        return 0

    def describe(self) -> DataInfo:
        folder = self.source_folder()
        sizes = [(folder / name).stat().st_size for name in self.files if is_regular(folder / name)]
        return self.info_of((3, 32, 32), sum(size // self.record() for size in sizes), self.names())

    def read(self) -> Pictures:
        import numpy as np

        from nodes.reading.picture.pixels import Pictures

        folder = self.source_folder()
        parts = []
        for names in (self.files[:-1], self.files[-1:]):
            records = np.concatenate([self._records(folder / name) for name in names])
            pixels = records[:, self.labels_each :].reshape(-1, 3, 32, 32)
            parts += [pixels, records[:, self.label_place()].astype(np.int64)]
        return Pictures(*parts)

    def signature(self) -> Hashable:
        from nodes.reading.kept import signature

        return tuple(signature(self._places()[0] / name) for name in self.files)

    def source_folder(self) -> Path:
        """The folder with the files. Raises `DataError` where there is none, or another version."""
        places = self._places()
        for folder in places:
            if not is_regular(folder / self.files[0]) and any(
                map(_is_pickle, map(folder.joinpath, self.pickles))
            ):
                raise DataError(
                    f"{folder}: Expected {self.title}, binary version. Received the Python version, pickles "
                    f"that may run code when they are opened; download {self.archive}."
                )
        return first_folder(
            places, lambda folder: is_regular(folder / self.files[0]), f"{self.title}, binary version"
        )

    def _places(self) -> list[Path]:
        raise NotImplementedError(f"{self.title} does not say where its files are")

    def _records(self, path: Path) -> Pixels:
        import numpy as np

        from nodes.reading import budget
        from nodes.reading.opened import opened

        record = self.record()
        with opened(path, f"records of {self.title}") as file:
            if file.is_packed or file.size == 0 or file.size % record:
                raise DataError(f"{path}: Expected a multiple of {record:,} bytes. Received {file.size:,}.")
            budget.require_room(str(path), 3 * file.size, f"{file.size // record:,} pictures")
            records = np.frombuffer(file.read(file.size), np.uint8).reshape(-1, record)
        labels, most = records[:, self.label_place()], len(self.names())
        if (labels >= most).any():
            at = int((labels >= most).argmax())
            raise DataError(
                f"{path}: Expected labels from 0 to {most - 1}. Received {labels[at]} for picture {at + 1:,}."
            )
        return records

    def card_label(self) -> str:
        return "60,000 · 3×32×32"


def _is_pickle(path: Path) -> bool:
    if not is_regular(path):
        return False
    from nodes.reading.array.opening import kind_of

    return kind_of(path) == "pickle"


class Cifar10(CifarPictures):
    """CIFAR-10."""

    name = "cifar-10"
    title = "CIFAR-10"
    description = (
        "50,000 training and 10,000 test colour photographs, ten classes. Not in the box: a folder "
        "or a download."
    )
    place = 3
    files = (*(f"data_batch_{i}.bin" for i in range(1, 6)), "test_batch.bin")
    pickles = (*(f"data_batch_{i}" for i in range(1, 6)), "test_batch")
    archive = "cifar-10-binary.tar.gz"

    def read(self) -> Pictures:
        from nodes.reading import download

        if not self.path:
            download.require_unchanged(self.name)
        return super().read()

    def _places(self) -> list[Path]:
        from nodes.reading import download

        return [Path(self.path)] if self.path else [download.folder(self.name) / "cifar-10-batches-bin"]


class Cifar100(CifarPictures):
    """CIFAR-100."""

    name = "cifar-100"
    title = "CIFAR-100"
    description = (
        "50,000 training and 10,000 test colour photographs in 100 classes, or in 20. Not in the box: a "
        "folder."
    )
    place = 4
    files = ("train.bin", "test.bin")
    pickles = ("train", "test")
    archive = "cifar-100-binary.tar.gz"
    labels_each = 2

    label_set = Choice(
        "fine", choices=("fine", "coarse"), help="The 100 classes, or the 20 groups to which they belong."
    )

    def names(self) -> tuple[str, ...]:
        return FINE if self.label_set == "fine" else COARSE

    def label_place(self) -> int:
        return 1 if self.label_set == "fine" else 0

    def _places(self) -> list[Path]:
        if not self.path:
            raise DataError("path: Expected the folder of CIFAR-100. Received nothing; choose a folder.")
        return [Path(self.path)]

    def signature(self) -> Hashable:
        return super().signature() if self.path else None

    def card_label(self) -> str:
        return path_label(self.path)
