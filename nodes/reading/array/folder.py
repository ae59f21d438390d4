"""A folder of `.npy` files, each an array by the name of its file, those of folders in it behind theirs."""

from __future__ import annotations

import copy
import itertools
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from nodes.reading.array import npy
from nodes.reading.array.choosing import role_of
from nodes.reading.array.store import INPUT, MOST_ARRAYS, ArrayHead
from nodes.reading.dataset import Rows
from nodes.reading.error import DataError
from nodes.regular_file import is_regular

MOST_ENTRIES = 10_000
"""Entries of a folder that are looked at."""


@dataclass(frozen=True)
class FolderOfArrays:
    """Files of one array each."""

    path: Path
    files: Mapping[str, npy.NpyFile]
    refused: Mapping[str, DataError]
    format: str = "a folder of NumPy arrays (.npy)"
    doubles: bool = False

    @property
    def heads(self) -> Mapping[str, ArrayHead]:
        return {name: file.heads[INPUT] for name, file in self.files.items()}

    def in_memory(self, _name: str) -> bool:
        return False

    def rows(self, name: str) -> Rows:
        """The array of a file, mapped. Raises `DataError`."""
        return self.files[name].rows(INPUT)


def open_folder(path: Path) -> FolderOfArrays:
    """The arrays of a folder. Raises `DataError` where it has none."""
    files: dict[str, npy.NpyFile] = {}
    refused: dict[str, DataError] = {}
    for name, file in itertools.islice(array_files(path), MOST_ARRAYS):
        try:
            files[name] = npy.open_npy(file)
        except DataError as error:
            refused[name] = copy.copy(error)
    if not files and not refused:
        raise DataError(f"{path}: Expected a folder of .npy files. Received none; choose a file or another.")
    return FolderOfArrays(path, files, refused)


def array_files(folder: Path) -> Iterator[tuple[str, Path]]:
    """The `.npy` files of a folder, by name, and of folders in it that are named after a part (train, test).

    Links to folders are not followed, and folders that cannot be listed have none.
    """
    for entry in _entries(folder):
        if _is_array(entry):
            yield entry.stem, entry
        elif role_of(entry.name)[1] is not None and not entry.suffix:
            inner = [] if entry.is_symlink() else _entries(entry)
            yield from ((f"{entry.name}/{one.stem}", one) for one in inner if _is_array(one))


def _entries(folder: Path) -> list[Path]:
    try:
        return sorted(itertools.islice(folder.iterdir(), MOST_ENTRIES))
    except OSError:
        return []


def _is_array(path: Path) -> bool:
    return path.suffix.lower() == ".npy" and not path.name.startswith(".") and is_regular(path)
