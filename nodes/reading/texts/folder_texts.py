"""Files of a folder, each a text: in memory where they fit, else in files of the cache."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from pathlib import Path

import msgspec
import numpy as np

from nodes.reading import budget
from nodes.reading.error import DataError
from nodes.reading.progress import Meter
from nodes.reading.spilled.cache import spilled
from nodes.reading.spilled.cells import CellWriter, SomeCells, SpilledCells, in_blocks
from nodes.reading.spilled.writing import SpillWriter
from nodes.reading.texts.encoding import encoding_of, lines_of, require_room
from nodes.reading.texts.records import CELL_BYTES, ReadingChoice
from nodes.shown_text import listed

_NAMED = 20
"""Files that cannot be read and are named one by one."""


class FolderTexts(msgspec.Struct):
    """The texts of a folder: which files they are, the encodings there are, and what is left out.

    `version` tells the files from others, `size` is about how many bytes of memory the texts take.
    """

    texts: Sequence[str]
    kept: Sequence[int]
    encodings: list[str]
    notes: list[str]
    version: str
    size: int
    is_on_disk: bool = False


class _Learnt(msgspec.Struct, frozen=True):
    """What lies beside texts on disk."""

    encodings: list[str]
    notes: list[str]


def folder_texts(folder: Path, paths: Sequence[str], how: ReadingChoice) -> FolderTexts:
    """The text of each of these files that has one. Raises `DataError`."""
    digest, size = hashlib.sha256(), 0
    for path in paths:
        try:
            found = Path(path).stat()
        except OSError:  # told where it is read
            continue
        digest.update(f"{path}\0{found.st_size}\0{found.st_mtime_ns}\n".encode("utf-8", "surrogateescape"))
        size += found.st_size + CELL_BYTES
    version = digest.hexdigest()
    files = _Files(folder, paths, how)
    if 4 * size <= budget.room():
        kept, texts = [], []
        for place, one in files:
            kept.append(place)
            texts.append(one)
        return FolderTexts(tuple(texts), kept, sorted(files.encodings), files.notes(), version, 4 * size)

    def write(writer: SpillWriter) -> bytes:
        places, cells = writer.array("kept", np.int64), CellWriter(writer, "texts")
        for some in in_blocks(files):
            places.add(np.array([place for place, _ in some], np.int64))
            cells.add([one for _, one in some])
        return msgspec.json.encode(_Learnt(sorted(files.encodings), files.notes()))

    stored = spilled((folder,), ("folder", how, version), size, write)
    learnt = msgspec.json.decode(stored.learnt, type=_Learnt)
    held = SpilledCells(stored.arrays, "texts")
    every = SomeCells(held, range(len(held)))
    notes = [*learnt.notes, *stored.notes]
    kept = stored.arrays["kept"].tolist()
    return FolderTexts(every, kept, learnt.encodings, notes, version, 4 * size, is_on_disk=True)


class _Files:
    """Goes through the files: the place of each that has a text, and the text; what is left out is noted."""

    def __init__(self, folder: Path, paths: Sequence[str], how: ReadingChoice) -> None:
        self._folder, self._paths, self._how = folder, paths, how
        self.encodings: set[str] = set()
        self._notes: list[str] = []
        self._broken, self._empty = 0, list[str]()

    def __iter__(self) -> Iterator[tuple[int, str]]:
        meter = Meter(f"Reading {self._folder.name}", len(self._paths))
        for place, name in enumerate(self._paths):
            meter.to(place)
            found = self._text(Path(name))
            if found:
                yield place, found

    def _text(self, path: Path) -> str:
        try:
            encoding = encoding_of(path, self._how.encoding)
            require_room(path)
            found = "\n".join(lines_of(path, encoding)).strip()
        except DataError as error:
            self._broken += 1
            if self._broken <= _NAMED:
                self._notes.append(str(error))
            return ""
        self._notes += encoding.notes[: max(0, _NAMED - len(self._notes))]
        if not found:
            self._empty.append(path.name)
        else:
            self.encodings.add(encoding.name)
        return found

    def notes(self) -> list[str]:
        """What is left out or odd."""
        notes = [*self._notes]
        if self._broken > _NAMED:
            notes.append(f"and {self._broken - _NAMED:,} more files that cannot be read")
        if self._empty:
            notes.append(f"left out: empty files ({len(self._empty):,}: {listed(self._empty)})")
        return notes
