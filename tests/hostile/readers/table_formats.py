"""Tables in Parquet, Arrow, workbooks, databases and JSON, read as a data node does."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from tests.corpus import written
from tests.hostile.fuzz import Reader
from tests.hostile.readers.data_files import inside, reading

COLUMNS: dict[str, list[object]] = {
    "size": [i * 0.37 for i in range(40)],
    "town": [("Ulm", "Köln", None)[i % 3] for i in range(40)],
    "when": [f"2024-02-{i % 28 + 1:02}" for i in range(40)],
    "kind": [i % 3 for i in range(40)],
}


def _one(name: str, write: Callable[[Path], object]) -> Callable[[Path], list[Path]]:
    def make(folder: Path) -> list[Path]:
        write(folder / name)
        return [folder / name]

    return make


def _book(path: Path) -> None:
    written.excel(path, {"one": written.sheet(written.rows_of(COLUMNS))})


_parquet = _one("t.parquet", lambda path: written.columnar(path, COLUMNS))
_arrow = _one("t.arrow", lambda path: written.columnar(path, COLUMNS))
_database = _one("t.db", lambda path: written.database(path, {"x": COLUMNS}))
_lines = _one("t.jsonl", lambda path: written.json_lines(path, COLUMNS))
READERS = (
    Reader("tables of Parquet", _parquet, reading("parquet-file")),
    Reader("tables of Arrow", _arrow, reading("parquet-file")),
    Reader("tables of Excel", _one("t.xlsx", _book), reading("excel-file"), mutate=inside),
    Reader("tables of SQLite", _database, reading("sqlite-file")),
    Reader("tables of JSON", _lines, reading("json-file")),
)
