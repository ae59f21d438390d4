"""Parquet, Arrow and Feather files: columns with types, read a few thousand rows at a time."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, BinaryIO

import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import ipc, parquet

from nodes.reading import budget
from nodes.reading.csv_rows import MOST_COLUMNS, too_wide
from nodes.reading.error import DataError
from nodes.reading.look import Fact
from nodes.reading.opened import plain
from nodes.reading.progress import Meter
from nodes.reading.tables.blocks import SourceWords, TableBlock
from nodes.reading.tables.formats.typed_words import words
from nodes.shown_text import listed

ROWS = 50_000
"""Rows of a block."""
BLOCK_CELLS = 2_000_000
"""Cells of a block."""
DEEPEST = 8
"""Structures within each other whose fields become columns."""
MOST_SCHEMA = 8 << 20
"""Bytes of the parts of a file that say what its columns are."""
_PARQUET, _ARROW = b"PAR1", b"ARROW1"


class ColumnarSource:
    """A Parquet or Arrow file (Feather is Arrow)."""

    unit = "row"
    decimals = ".,"

    def __init__(self, path: Path) -> None:
        """Reads the names and types of the columns. Raises `DataError`."""
        self.path = path
        with self._opened() as (file, schema):
            self._structs = tuple(field.name for field in schema if _is_struct(field.type))
            if self._structs:
                schema = _flattened(schema.empty_table()).schema
            if len(schema.names) > MOST_COLUMNS:
                raise too_wide(path, 0, len(schema.names))
            self.names: tuple[str, ...] | None = _different(schema.names)
            self.is_text = tuple(_is_text(kind) for kind in schema.types)
            self._types = tuple(map(str, schema.types))
            self._kind = "Parquet" if isinstance(file, parquet.ParquetFile) else "Arrow"
            self._rows = file.metadata.num_rows if self._kind == "Parquet" else 0

    def told(self) -> SourceWords:
        facts = [Fact("Format", self._kind, "its first bytes say so")]
        kinds = ", ".join(dict.fromkeys(self._types))
        facts.append(Fact("Types", kinds[:200], "the file says them"))
        if self._structs:
            facts.append(
                Fact("Structures", listed(self._structs), "each of their fields is a column: name.field")
            )
        return SourceWords(tuple(facts))

    @contextmanager
    def blocks(self) -> Iterator[Iterator[TableBlock]]:
        with self._opened() as (file, _):
            yield self._blocks(file)

    def _blocks(self, file: Any) -> Iterator[TableBlock]:
        done, meter = 0, Meter(f"Reading {self.path.name}", max(self._rows, 1))
        for batch in self._batches(file):
            with _told(self.path):
                batch.validate(full=True)  # a file may say that words lie outside of it
            for start in range(0, batch.num_rows, ROWS):
                part = batch.slice(start, ROWS)
                columns = tuple(_plain(column) for column in self._columns(part))
                yield TableBlock(range(done + 1, done + part.num_rows + 1), columns)
                done += part.num_rows
                meter.to(done)

    def _columns(self, batch: Any) -> list[Any]:
        if not self._structs:
            return list(batch.columns)
        return list(_flattened(pa.Table.from_batches([batch])).combine_chunks().to_batches()[0].columns)

    def _batches(self, file: Any) -> Iterator[Any]:
        with _told(self.path):
            if self._kind == "Parquet":
                rows = max(1, min(ROWS, BLOCK_CELLS // max(1, len(self._types))))
                yield from file.iter_batches(batch_size=rows, use_threads=True)
            elif hasattr(file, "num_record_batches"):
                for i in range(file.num_record_batches):
                    yield file.get_batch(i)
            else:
                yield from file

    @contextmanager
    def _opened(self) -> Iterator[tuple[Any, Any]]:
        with ExitStack() as stack:
            raw = stack.enter_context(plain(self.path, "a Parquet or Arrow file"))
            stack.enter_context(_told(self.path))
            file = _file(self.path, raw)
            schema = file.schema_arrow if isinstance(file, parquet.ParquetFile) else file.schema
            yield file, schema


def _file(path: Path, raw: BinaryIO) -> Any:
    """The reader of a file by its first bytes."""
    start = raw.read(8)
    size = raw.seek(0, 2)
    raw.seek(0)
    if start.startswith(_PARQUET):
        found = parquet.ParquetFile(
            raw, thrift_string_size_limit=MOST_SCHEMA, thrift_container_size_limit=MOST_SCHEMA // 8
        )
        cells = found.metadata.num_rows * max(1, found.metadata.num_columns)
        budget.require_ratio(str(path), 8 * cells, size)
        return found
    if start.startswith(_ARROW):
        return ipc.open_file(raw)
    return ipc.open_stream(raw)


@contextmanager
def _told(path: Path) -> Iterator[None]:
    """Whatever pyarrow says of a file as one `DataError`."""
    try:
        yield
    except (pa.ArrowException, OSError, ValueError) as error:
        if isinstance(error, DataError):
            raise
        message = (str(error).splitlines() or [""])[0]
        raise DataError(f"{path}: Expected a Parquet or Arrow file. Received: {message}.") from error


def _different(names: list[str]) -> tuple[str, ...]:
    found: list[str] = []
    for i, name in enumerate(names, 1):
        bare = name.strip() or f"column {i}"
        while bare in found:
            bare += " (2)"
        found.append(bare)
    return tuple(found)


def _is_struct(kind: Any) -> bool:
    return bool(pa.types.is_struct(kind))


def _flattened(table: Any) -> Any:
    """The table with the fields of structures as columns, `name.field`; what is deeper stays a structure."""
    for _ in range(DEEPEST):
        if not any(map(_is_struct, table.schema.types)):
            break
        table = table.flatten()
    return table


def _is_text(kind: Any) -> bool:
    """Whether the file says that a column has words."""
    if pa.types.is_dictionary(kind):
        return _is_text(kind.value_type)
    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_string_view(kind))


def _plain(column: Any) -> Any:
    """Numbers as they are, all others as words."""
    kind = column.type
    if pa.types.is_dictionary(kind):
        column = column.dictionary_decode()
        kind = column.type
    if pa.types.is_integer(kind) or pa.types.is_floating(kind):
        return pc.cast(column, pa.float32()) if pa.types.is_float16(kind) else column
    if pa.types.is_decimal(kind):
        return pc.cast(column, pa.float64())
    if _is_text(kind):
        return pc.fill_null(pc.cast(column, pa.string()), "")
    if pa.types.is_date(kind) or pa.types.is_timestamp(kind):
        return pc.fill_null(pc.cast(column, pa.string()), "")
    return words(column.to_pylist())
