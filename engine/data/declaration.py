"""The contract of a data set: what is asked for it, how it is described and how it is read.

A set is one class in one file of `engine/data/sets`, or in a module that an installed package names in the
entry point group `layerloom.datasets`.
"""

from __future__ import annotations

from collections.abc import Hashable
from pathlib import Path, PurePath
from typing import Any

from engine.data.dataset import DataInfo, DataSet
from engine.data.preview import SetPreview
from nodes.data.data_sets import DataSetForm
from nodes.param import Choice, Float, Int, Text


class DataSetDeclaration(DataSetForm):
    """Base of every data set. Give the class attributes of `DataSetForm`, `describe` and `load`.

    All methods may be called from any thread. Import what is slow to import inside them.
    """

    samples = Int(
        0, max=10_000_000, zero="all", help="Use this many samples; 0: all (2-D sets: 500 to 2,000)."
    )
    validation = Float(0.2, min=0.0, max=0.9, help="Share held back to measure how well it does.")
    scaling = Choice(
        "auto",
        choices=("auto", "none", "0-1", "standardise"),
        advanced=True,
        help="Numbers as they are, in 0–1, or with mean 0 and deviation 1; auto: as suits the data set.",
    )

    def describe(self) -> DataInfo:
        """What is known without reading all: shapes, classes, counts. Called often. Raises `DataError`."""
        raise NotImplementedError(f"{self.title} does not describe itself")

    def load(self, seed: int) -> DataSet:
        """The set ready to train on; the seed decides what is held back. Raises `DataError`."""
        raise NotImplementedError(f"{self.title} does not load")

    def preview(self, _seed: int) -> SetPreview | None:
        """What is shown of the set where that is not a few samples of its training part."""
        return None

    def signature(self) -> Hashable:
        """Changes whenever the files of the set do; what is kept in memory is then read again."""
        path = self.folder()
        try:
            found = path.stat() if path else None
            inside = sorted(path.iterdir()) if path and path.is_dir() else []
            return found and (found.st_mtime_ns, found.st_size, *(_time(entry) for entry in inside[:100]))
        except OSError:
            return None

    def folder(self) -> Path | None:
        """The file or folder that is read, where it can change."""
        return Path(self.values["path"]) if self.values.get("path") else None

    def scaling_or(self, usual: str) -> str:
        """The chosen scaling; `usual` where it is "auto"."""
        return usual if self.scaling == "auto" else self.scaling

    def info(self, **known: Any) -> DataInfo:
        """A description with the name, title, kind, licence and description of this declaration."""
        fields = {
            "name": self.name,
            "title": self.title,
            "kind": self.kind,
            "licence": self.licence,
            "description": self.description,
        }
        return DataInfo(**{**fields, **known})


def path_param() -> Text:
    """The parameter `path`."""
    help_ = "File or folder. A relative one starts at the folder of the project file."
    return Text("", suggestions="path", help=help_)


def path_label(path: str) -> str:
    """The line on the card of a set that is read from a chosen file or folder."""
    return PurePath(path).name or "choose a file"


def _time(path: Path) -> tuple[str, int]:
    return (path.name, path.stat().st_mtime_ns)
