"""Texts as people keep them in a file: lines, a table, JSON lines; all become rows of named cells.

How a file is cut into rows is said with a reason; what cannot be read as a row is named with its line and
counted. Which cell is a text and which a label is not known here.
"""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec
import numpy as np

from nodes.reading import budget
from nodes.reading.error import DataError, NoRoomError
from nodes.reading.kept import KeptAnswers
from nodes.reading.look import Fact
from nodes.reading.spilled.cache import spilled
from nodes.reading.spilled.cells import CellWriter, LineNumbers, SpilledCells, in_blocks
from nodes.reading.spilled.writing import SpillWriter
from nodes.reading.texts import delimited
from nodes.reading.texts.delimited import Cell, Row, require_narrow
from nodes.reading.texts.encoding import Encoding, encoding_of, fits, lines_of, size_of
from nodes.reading.texts.json_line import object_of
from nodes.reading.texts.left_out import LeftOut
from nodes.shown_text import listed, quoted

LABEL = "__label__"
"""How lines begin that have their label before the text, as fastText reads them."""
CONTAINERS = ("lines", "table", "json-lines")
TABLES = (".csv", ".tsv", ".tab")
JSON_LINES = (".jsonl", ".ndjson")
MOST_ROWS = 20_000_000
MOST_ON_DISK = 100
"""Columns of a file whose texts lie on disk: each has files of its own, which are all open."""
ROW_BYTES = 64
"""Bytes of memory that a text on disk takes: its places in the split and in the order of the batches."""
CELL_BYTES = 120
"""Bytes that a cell takes in memory besides its characters."""


@dataclass(frozen=True)
class Records:
    """Rows of text: the names of their cells, where each stands, and the cells by column.

    `columns[i][j]` is cell i of row j; None where the row has none. `stands` is the line of each row. `facts`
    say how they were read, `notes` what was left out or is odd, `parting` what parts cells.
    """

    path: Path
    names: tuple[str, ...]
    columns: tuple[Sequence[Cell], ...]
    stands: Sequence[int]
    container: str
    encoding: Encoding | None
    facts: tuple[Fact, ...] = ()
    notes: tuple[str, ...] = ()
    has_header: bool | None = None
    is_on_disk: bool = False

    def __len__(self) -> int:
        return len(self.stands)

    def find(self, name: str) -> int:
        """The place of a column. Raises `DataError` with the first names that there are."""
        if name in self.names:
            return self.names.index(name)
        expected = f"one of the columns {listed(self.names)}" if self.names else "columns"
        raise DataError(f"{self.path}: Expected {expected}. Received {quoted(name)}.")


@dataclass(frozen=True)
class ReadingChoice:
    """How somebody wants a file read: in which encoding, as which container, with a line of names or not;
    with `lists` of labels as cells, like `["a", "b"]`, which are left out else."""

    encoding: str = "auto"
    container: str = "auto"
    header: str = "auto"
    lists: bool = False


_read: KeptAnswers[Records] = KeptAnswers(4)


def records(path: Path, how: ReadingChoice = ReadingChoice()) -> Records:
    """The rows of a file, read once for each of its versions. Raises `DataError`."""
    return _read.of_file(path, lambda: _records(path, how), how)


def container_of(path: Path, wanted: str, first: str) -> tuple[str, str]:
    """How the file is cut into rows, and why; `first` is its first line."""
    if wanted != "auto":
        return wanted, "it is chosen"
    endings = [ending.lower() for ending in path.suffixes if ending.lower() != ".gz"]
    ending = endings[-1] if endings else ""
    if ending in TABLES:
        return "table", f"its name ends with {ending}"
    if ending in JSON_LINES:
        return "json-lines", f"its name ends with {ending}"
    if first.startswith(LABEL):
        return "lines", f"its first line begins with {LABEL}"
    if first.startswith("{") and _is_object(first):
        return "json-lines", "its first line is a JSON object"
    if "\t" in first.strip():
        return "table", "its first line has a tab"
    return "lines", "it has neither tabs nor JSON objects"


def _is_object(line: str) -> bool:
    try:
        return isinstance(json.loads(line), dict)
    except (ValueError, RecursionError):
        return False


@dataclass(frozen=True)
class _Rows:
    """The rows of a file while they are read, and what is known of them; what was `left` out is whole at
    their end."""

    names: list[str]
    rows: Iterable[Row]
    left: LeftOut
    container: str
    encoding: Encoding
    facts: tuple[Fact, ...]
    has_header: bool | None = None


class _Learnt(msgspec.Struct, frozen=True):
    """What lies beside cells on disk."""

    names: tuple[str, ...]
    container: str
    encoding: Encoding
    facts: tuple[Fact, ...]
    notes: tuple[str, ...]
    has_header: bool | None


def _records(path: Path, how: ReadingChoice) -> Records:
    encoding_of(path, how.encoding)  # what is no text is told first
    if fits(path):
        with contextlib.suppress(NoRoomError):  # of many short texts each takes more than its characters
            return _in_memory(path, how)
    return _on_disk(path, how)


def _rows_of(path: Path, how: ReadingChoice, *, is_held: bool) -> _Rows:
    """The rows of a file; objects of JSON are held, or else the file is gone through twice."""
    encoding = encoding_of(path, how.encoding)
    first = next((line for line in lines_of(path, encoding) if line.strip()), "")
    container, why = container_of(path, how.container, first)
    facts = [Fact("Encoding", encoding.name, encoding.why), Fact("Read as", container, why)]
    left = LeftOut(path)
    has_header: bool | None = None
    rows: Iterable[Row]
    if container == "lines" and first.startswith(LABEL):
        names, rows = ["label", "text"], _labelled_lines(path, encoding, left, lists=how.lists)
        facts.append(Fact("Labels", "before the text", f"its first line begins with {LABEL}"))
    elif container == "lines":
        names, rows = ["text"], _lines(path, encoding, left)
    elif container == "json-lines":
        held: Iterable[tuple[int, dict[str, Cell]]]
        held = list(_kept(path, _json_lines(path, encoding, left, lists=how.lists))) if is_held else ()
        known = held if is_held else _json_lines(path, encoding, LeftOut(path), lists=how.lists)
        names = list(dict.fromkeys(key for _, cells in known for key in cells))
        require_narrow(path, len(names))
        coming = held if is_held else _json_lines(path, encoding, left, lists=how.lists)
        rows = ((line, [cells.get(name) for name in names]) for line, cells in coming)
    else:
        names, rows, has_header, told = delimited.table(path, encoding, how.header, left)
        facts += told
    return _Rows(names, rows, left, container, encoding, tuple(facts), has_header)


def _in_memory(path: Path, how: ReadingChoice) -> Records:
    found = _rows_of(path, how, is_held=True)
    stands: list[int] = []
    columns: list[list[Cell]] = [[] for _ in found.names]
    for line, cells in _kept(path, found.rows):
        stands.append(line)
        for column, cell in zip(columns, cells, strict=True):
            column.append(cell)
    return Records(
        path,
        tuple(found.names),
        tuple(map(tuple, columns)),
        tuple(stands),
        found.container,
        found.encoding,
        found.facts,
        (*found.encoding.notes, *found.left.notes()),
        found.has_header,
    )


def _on_disk(path: Path, how: ReadingChoice) -> Records:
    """The same rows in files of the cache."""

    def write(writer: SpillWriter) -> bytes:
        found = _rows_of(path, how, is_held=False)
        if len(found.names) > MOST_ON_DISK:
            raise DataError(
                f"{path}: Expected at most {MOST_ON_DISK} columns of texts that do not fit into memory. "
                f"Received {len(found.names):,}; leave some out."
            )
        stands = writer.array("stands", np.int64)
        columns = [CellWriter(writer, f"cells-{i}") for i in range(len(found.names))]
        for some in in_blocks(found.rows):
            stands.add(np.array([line for line, _ in some], np.int64))
            for column, cells in zip(columns, zip(*(row for _, row in some), strict=True), strict=True):
                column.add(cells)
            what = f"places of {stands.rows:,} texts in the split and in the batches"
            budget.require_room(str(path), ROW_BYTES * stands.rows, what, "divide the file")
        notes = (*found.encoding.notes, *found.left.notes())
        names = tuple(found.names)
        return msgspec.json.encode(
            _Learnt(names, found.container, found.encoding, found.facts, notes, found.has_header)
        )

    found = spilled((path,), ("records", how), 2 * size_of(path), write)
    learnt = msgspec.json.decode(found.learnt, type=_Learnt)
    return Records(
        path,
        learnt.names,
        tuple(SpilledCells(found.arrays, f"cells-{i}") for i in range(len(learnt.names))),
        LineNumbers(found.arrays["stands"]),
        learnt.container,
        learnt.encoding,
        learnt.facts,
        (*learnt.notes, *found.notes),
        learnt.has_header,
        is_on_disk=True,
    )


def _kept(path: Path, rows: Iterable[Any]) -> Iterator[Any]:
    """The rows, as many as fit into memory. Raises `DataError`."""
    for count, row in enumerate(rows):
        if count >= MOST_ROWS:
            raise DataError(f"{path}: Expected at most {MOST_ROWS:,} texts. Received more; divide the file.")
        if count % 65536 == 65535:
            budget.require_room(str(path), 2 * CELL_BYTES * count, f"{count:,} texts or more")
        yield row


def _lines(path: Path, encoding: Encoding, left: LeftOut) -> Iterator[Row]:
    for number, line in enumerate(lines_of(path, encoding), 1):
        if line.strip():
            yield number, [line.strip()]
        else:
            left.add("empty lines", number)


def _labelled_lines(path: Path, encoding: Encoding, left: LeftOut, *, lists: bool) -> Iterator[Row]:
    for number, line in enumerate(lines_of(path, encoding), 1):
        label, _, text = line.strip().partition(" ")
        labels = [label.removeprefix(LABEL)]
        while lists and text.startswith(LABEL):
            label, _, text = text.strip().partition(" ")
            labels.append(label.removeprefix(LABEL))
        if label.startswith(LABEL) and text.strip():
            yield (
                number,
                [labels[0] if len(labels) == 1 else json.dumps(labels, ensure_ascii=False), text.strip()],
            )
        else:
            left.add("lines without a label or a text" if line.strip() else "empty lines", number)


def _json_lines(
    path: Path, encoding: Encoding, left: LeftOut, *, lists: bool
) -> Iterator[tuple[int, dict[str, Cell]]]:
    for number, line in enumerate(lines_of(path, encoding), 1):
        if not line.strip():
            left.add("empty lines", number)
            continue
        found = object_of(path, number, line)
        cells = {key: _cell(value) for key, value in found.items()}
        nested = [key for key, value in found.items() if isinstance(value, list | dict)]
        for key in nested if not lists else [key for key in nested if not _is_of_labels(found[key])]:
            del cells[key]
            left.add(f"values of {quoted(key)} that are lists or objects", number)
        yield number, cells


def _is_of_labels(value: object) -> bool:
    """Whether a value of JSON is a list of words or whole numbers, as labels are."""
    return isinstance(value, list) and all(isinstance(one, str | int) for one in value)


def _cell(value: object) -> Cell:
    """A value of JSON as the words of a cell; None where there is none."""
    if value is None or isinstance(value, str):
        return value
    return json.dumps(value, ensure_ascii=not isinstance(value, list))
