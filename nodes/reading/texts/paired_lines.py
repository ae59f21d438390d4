"""The lines of two files, each with its translation: in memory, or in files of the cache."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from pathlib import Path

import msgspec
import numpy as np

from nodes.reading.error import DataError
from nodes.reading.spilled.cache import spilled
from nodes.reading.spilled.cells import CellWriter, LineNumbers, SomeCells, SpilledCells, in_blocks
from nodes.reading.spilled.writing import SpillWriter
from nodes.reading.texts.encoding import Encoding, lines_of, size_of
from nodes.reading.texts.left_out import LeftOut
from nodes.shown_text import shown

Files = tuple[Path, Path]
Encodings = tuple[Encoding, Encoding]


@dataclass(frozen=True, eq=False)
class PairedLines:
    """Texts, their translations, and the numbers of their lines; `notes` say what is left out."""

    texts: Sequence[str]
    others: Sequence[str]
    lines: Sequence[int]
    notes: tuple[str, ...]
    is_on_disk: bool = False


def paired_lines(files: Files, encodings: Encodings) -> PairedLines:
    """The lines of two files in memory. Raises `DataError` where one has more than the other."""
    left = LeftOut(files[0])
    found = [*_pairs(files, encodings, left)]
    lines, texts, others = zip(*found, strict=True) if found else ((), (), ())
    return PairedLines(texts, others, lines, left.notes())


def spilled_lines(files: Files, encodings: Encodings) -> PairedLines:
    """The same on disk."""

    def write(writer: SpillWriter) -> bytes:
        left = LeftOut(files[0])
        texts, others = CellWriter(writer, "texts"), CellWriter(writer, "others")
        numbers = writer.array("lines", np.int64)
        for some in in_blocks(_pairs(files, encodings, left)):
            numbers.add(np.array([line for line, _, _ in some], np.int64))
            texts.add([text for _, text, _ in some])
            others.add([other for _, _, other in some])
        return msgspec.json.encode(left.notes())

    needed = sum(map(size_of, files))
    found = spilled(files, ("pairs", [one.name for one in encodings]), needed, write)
    texts, others = (SpilledCells(found.arrays, name) for name in ("texts", "others"))
    every, lines = range(len(texts)), LineNumbers(found.arrays["lines"])
    notes = (*msgspec.json.decode(found.learnt, type=tuple[str, ...]), *found.notes)
    return PairedLines(SomeCells(texts, every), SomeCells(others, every), lines, notes, is_on_disk=True)


def _pairs(files: Files, encodings: Encodings, left: LeftOut) -> Iterator[tuple[int, str, str]]:
    """The number of each line that has a text in both files, and the texts."""
    counts = [0, 0]
    both = (lines_of(path, encoding) for path, encoding in zip(files, encodings, strict=True))
    for number, pair in enumerate(zip_longest(*both), 1):
        counts = [count + (line is not None) for count, line in zip(counts, pair, strict=True)]
        text, other = ((line or "").strip() for line in pair)
        if text and other:
            yield number, text, other
        elif None not in pair:
            left.add("lines without text in one of the files, from both", number)
    if counts[0] != counts[1]:
        raise DataError(
            f"{shown(str(files[1]))}: Expected {counts[0]:,} lines, as in {files[0].name}. Received "
            f"{counts[1]:,}; a line of one file is the translation of that line of the other."
        )
