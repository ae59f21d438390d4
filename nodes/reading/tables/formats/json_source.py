"""JSON with a table: a line for each row, a list of objects or of lists, or an object with a list a column.

A file of lines is never held as a whole; of another, at most as much as there is room for.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import msgspec

from nodes.reading import budget
from nodes.reading.csv_rows import MOST_COLUMNS, TextLines, opened_lines, too_wide
from nodes.reading.error import DataError
from nodes.reading.look import Fact
from nodes.reading.opened import opened
from nodes.reading.tables.blocks import SourceWords, TableBlock
from nodes.reading.tables.formats.typed_words import columns_of
from nodes.shown_text import listed, quoted

LARGEST = 1 << 30
"""Bytes of a JSON file that is not in lines."""
PER_BYTE = 12
"""Bytes of memory that a byte of JSON takes, about, once it is decoded."""
DEEPEST = 8
"""Objects within each other whose values become columns."""
ROWS = 20_000
"""Rows of a block."""
_SPACE = b" \t\r\n\xef\xbb\xbf"
Row = tuple[object, ...]


class JsonSource:
    """A JSON file whose rows are objects; its columns are their keys, in the order of first sight."""

    unit = "line"
    is_text: tuple[bool, ...] = ()
    decimals = ".,"

    def __init__(self, path: Path) -> None:
        """Finds the keys of all rows. Raises `DataError`."""
        self.path = path
        self._rows: list[Any] | None = None
        self._nested: dict[str, None] = {}
        self._is_lines = self._is_in_lines()
        if not self._is_lines:
            self._rows = self._decoded()
            self.unit = "row"
        names: dict[str, int] = {}
        broken = 0
        for _, value in self._values():
            broken += value is None
            for key in _keys(value):
                names.setdefault(key, len(names))
            if len(names) > MOST_COLUMNS:
                raise too_wide(path, 0, len(names))
        if not names:
            raise DataError(f"{path}: Expected JSON objects, one for each row. Received none; is it a table?")
        self.names: tuple[str, ...] | None = tuple(names)
        self._places = names

    def told(self) -> SourceWords:
        kind = "JSON, a row in each line" if self._is_lines else "JSON, all rows in one value"
        facts = [Fact("Format", kind, "its first line says so")]
        if self._nested:
            why = "each of their values is a column: object.key"
            facts.append(Fact("Objects in rows", listed(self._nested), why))
        return SourceWords(tuple(facts))

    @contextmanager
    def blocks(self) -> Iterator[Iterator[TableBlock]]:
        yield self._blocks()

    def _blocks(self) -> Iterator[TableBlock]:
        width = len(self._places)
        lines: list[int] = []
        rows: list[Row] = []
        misfits: list[tuple[int, int]] = []
        for line, value in self._values():
            row = self._row(value)
            if row is None:
                misfits.append((line, 0))
            else:
                lines.append(line)
                rows.append(row)
            if len(rows) >= max(1, min(ROWS, 1_000_000 // width)):
                yield TableBlock(lines, columns_of(rows, width), tuple(misfits))
                lines, rows, misfits = [], [], []
        if rows or misfits:
            yield TableBlock(lines, columns_of(rows, width), tuple(misfits))

    def _row(self, value: object) -> Row | None:
        """A row in the order of the columns; None: it is none."""
        if isinstance(value, dict):
            return tuple(map(value.get, self._places))
        if isinstance(value, list) and len(value) == len(self._places):
            return tuple(value)
        return None

    def _values(self) -> Iterator[tuple[int, object]]:
        """The rows and their places, objects in them as columns; None for a line that is none."""
        for place, value in self._raw_values():
            yield place, self._flat(value) if isinstance(value, dict) else value

    def _flat(self, row: dict[str, Any]) -> dict[str, Any]:
        """The row with the values of the objects in it as `object.key`; an empty object has none."""
        if not any(isinstance(value, dict) for value in row.values()):
            return row
        found: dict[str, Any] = {}
        for key, value in row.items():
            is_object = isinstance(value, dict)
            for name, part in _flattened(key, value, DEEPEST) if is_object else ((key, value),):
                if name in found:
                    raise DataError(
                        f"{self.path}: Expected one value for {quoted(name)} in a row. Received two."
                    )
                found[name] = part
            if is_object:
                self._nested.setdefault(key)
        return found

    def _raw_values(self) -> Iterator[tuple[int, object]]:
        if self._rows is not None:
            yield from enumerate(self._rows, 1)
            return
        decode = msgspec.json.Decoder().decode
        with opened_lines(self.path, "utf-8-sig") as lines:
            for line in lines:
                _end_row(lines)
                if line.strip():
                    try:
                        yield lines.count, decode(line.encode(errors="replace"))
                    except (msgspec.DecodeError, ValueError, RecursionError):
                        yield lines.count, None

    def _is_in_lines(self) -> bool:
        """Whether the first line that is not blank is a value of its own, with others below."""
        with opened_lines(self.path, "utf-8-sig") as lines:
            first = next((line for line in lines if line.strip()), "")
            _end_row(lines)
            second = next((line for line in lines if line.strip()), "")
        try:
            value = msgspec.json.decode(first.encode(errors="replace"))
        except (msgspec.DecodeError, ValueError, RecursionError):
            return self.path.suffix.lower() in (".jsonl", ".ndjson") and bool(second)
        if self.path.suffix.lower() in (".jsonl", ".ndjson"):
            return True
        return bool(second) and isinstance(value, dict | list)

    def _decoded(self) -> list[Any]:
        with opened(self.path, "a JSON file") as source:
            limit = min(LARGEST, budget.room() // PER_BYTE)
            if source.size > limit:
                raise budget.no_room(str(self.path), source.size * PER_BYTE, f"{source.size:,} bytes of JSON")
            data = bytes(source.read(limit + 1))
        if len(data) > limit:
            raise budget.no_room(str(self.path), len(data) * PER_BYTE, "JSON")
        try:
            value = msgspec.json.decode(data.lstrip(_SPACE))
        except (msgspec.DecodeError, ValueError, RecursionError) as error:
            raise DataError(f"{self.path}: Expected JSON. Received: {error}.") from error
        rows = _rows_in(value)
        if rows is None:
            raise DataError(
                f"{self.path}: Expected a list of objects, or an object with a list for each column. "
                f"Received {_shape(value)}."
            )
        return rows


def _end_row(lines: TextLines) -> None:
    lines.row_began = lines.characters


def _keys(value: object) -> tuple[str, ...]:
    """The names of the columns of a row."""
    if isinstance(value, dict):
        return tuple(value)
    if isinstance(value, list):
        return tuple(f"column {i}" for i in range(1, len(value) + 1))
    return ()


def _flattened(name: str, value: object, depth: int) -> Iterator[tuple[str, object]]:
    """The values in an object by the names of their columns; what is deeper stays an object."""
    if not isinstance(value, dict) or not depth:
        yield name, value
        return
    for key, part in value.items():
        yield from _flattened(f"{name}.{key}", part, depth - 1)


def _rows_in(value: object) -> list[Any] | None:
    """The rows of a decoded value; None where it is no table."""
    if isinstance(value, list):
        return value if value and all(isinstance(row, dict | list) for row in value[:1000]) else None
    if not isinstance(value, dict) or not value:
        return None
    columns = list(value.values())
    lengths = {len(column) for column in columns if isinstance(column, list)}
    if len(value) > 1 and all(isinstance(column, list) for column in columns) and len(lengths) == 1:
        return [dict(zip(value, row, strict=True)) for row in zip(*columns, strict=True)]
    inner = [one for one in columns if isinstance(one, list) and one and isinstance(one[0], dict)]
    return _rows_in(inner[0]) if len(inner) == 1 else None


def _shape(value: object) -> str:
    if isinstance(value, dict):
        return f"an object with {len(value):,} keys"
    return f"a list of {len(value):,} others" if isinstance(value, list) else "another value"
