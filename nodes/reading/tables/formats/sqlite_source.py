"""Tables of a SQLite database, opened so that nothing is written and nothing in it is executed.

A schema may hold code (views, generated columns, triggers, virtual tables), so plain tables alone are read,
and a statement may read their columns and call nothing.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from nodes.reading.csv_rows import LONGEST_ROW, MOST_COLUMNS, too_wide
from nodes.reading.error import DataError
from nodes.reading.look import Answer, Doubt, Fact
from nodes.reading.opened import plain
from nodes.reading.progress import Meter
from nodes.reading.tables.blocks import SourceWords, TableBlock
from nodes.reading.tables.formats.typed_words import columns_of
from nodes.shown_text import listed, quoted

MAGIC = b"SQLite format 3\0"
MOST_TABLES = 1000
"""Tables of which one is chosen."""
ROWS = 20_000
"""Rows of a block."""
_LOG = ("-wal", "-journal")


class SqliteSource:
    """One table of a database."""

    unit = "row"
    is_text: tuple[bool, ...] = ()
    decimals = ".,"

    def __init__(self, path: Path, table: str = "") -> None:
        """Reads the names of the tables and columns. Raises `DataError`."""
        self.path = path
        with self._opened() as database:
            self.tables = _tables(path, database)
            self._chosen = table
            self.table = table or self._largest(database)
            if self.table not in self.tables:
                raise DataError(
                    f"{path}: Expected one of the tables {listed(self.tables)}. Received {table!r}."
                )
            found = database.execute(f"SELECT * FROM {_name(self.table)} LIMIT 0")
            self.names: tuple[str, ...] | None = tuple(column[0] for column in found.description)
            if len(self.names) > MOST_COLUMNS:
                raise too_wide(path, 0, len(self.names))
            self._count = _count(database, self.table)

    def told(self) -> SourceWords:
        facts = (Fact("Format", "SQLite", "its first bytes say so"), Fact("Table", self.table, self._why()))
        doubts: tuple[Doubt, ...] = ()
        if len(self.tables) > 1 and not self._chosen:
            others = [name for name in self.tables if name != self.table][:20]
            answers = tuple(Answer(quoted(name), {"table_name": name}) for name in (self.table, *others))
            why = f"there are the tables {listed(self.tables)}, and this one has the most rows"
            doubts = (Doubt("Which table is to be read?", why, answers, 0, str(self.path)),)
        logs = [end for end in _LOG if _has_bytes(self.path.with_name(self.path.name + end))]
        notes = tuple(
            f"{self.path.name}{end}: what another program has not yet written into the database is not read"
            for end in logs
        )
        return SourceWords(facts, doubts, notes)

    def _why(self) -> str:
        if self._chosen:
            return "it is chosen so"
        return "it is the only one" if len(self.tables) == 1 else "it has the most rows"

    def _largest(self, database: sqlite3.Connection) -> str:
        return max(self.tables, key=lambda name: _count(database, name))

    @contextmanager
    def blocks(self) -> Iterator[Iterator[TableBlock]]:
        with self._opened() as database:
            yield self._blocks(database)

    def _blocks(self, database: sqlite3.Connection) -> Iterator[TableBlock]:
        width = len(self.names or ())
        found = database.execute(f"SELECT * FROM {_name(self.table)}")
        done, meter = 0, Meter(f"Reading {self.path.name}", max(self._count, 1))
        while rows := found.fetchmany(max(1, min(ROWS, 1_000_000 // width))):
            yield TableBlock(range(done + 1, done + len(rows) + 1), columns_of(rows, width))
            done += len(rows)
            meter.to(done)

    @contextmanager
    def _opened(self) -> Iterator[sqlite3.Connection]:
        with plain(self.path, "a SQLite database") as raw:
            if raw.read(len(MAGIC)) != MAGIC:
                raise DataError(f"{self.path}: Expected a SQLite database. Received another file.")
        address = f"{self.path.absolute().as_uri()}?mode=ro&immutable=1"
        try:
            with closing(sqlite3.connect(address, uri=True)) as database:
                _confine(database)
                yield database
        except (sqlite3.Error, UnicodeDecodeError, OverflowError) as error:
            raise DataError(f"{self.path}: Expected a SQLite database. Received: {error}.") from error


def _confine(database: sqlite3.Connection) -> None:
    """Let statements read columns and count rows, and nothing else."""
    database.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, LONGEST_ROW)
    database.setlimit(sqlite3.SQLITE_LIMIT_ATTACHED, 0)
    database.execute("PRAGMA trusted_schema = OFF")
    database.execute("PRAGMA mmap_size = 0")
    database.set_authorizer(_allowed)


def _allowed(action: int, *about: str | None) -> int:
    """What a statement may do: `about` is what SQLite says of it, the last being the view that asks."""
    if about[-1] is not None:
        return sqlite3.SQLITE_DENY
    is_count = action == sqlite3.SQLITE_FUNCTION and about[1] == "count"
    is_read = action in (sqlite3.SQLITE_SELECT, sqlite3.SQLITE_READ)
    return sqlite3.SQLITE_OK if is_count or is_read else sqlite3.SQLITE_DENY


def _tables(path: Path, database: sqlite3.Connection) -> tuple[str, ...]:
    """The plain tables, in the order of the schema."""
    question = "SELECT name, sql FROM sqlite_master WHERE type = 'table'"
    found = database.execute(question).fetchmany(MOST_TABLES + 1)
    if len(found) > MOST_TABLES:
        raise DataError(f"{path}: Expected at most {MOST_TABLES:,} tables. Received more.")
    plain_ones = tuple(
        str(name) for name, sql in found if not str(name).startswith("sqlite_") and _is_plain(str(sql or ""))
    )
    if not plain_ones:
        raise DataError(f"{path}: Expected a table. Received a database without any that can be read.")
    return plain_ones


def _is_plain(sql: str) -> bool:
    words = " ".join(sql.upper().split())
    return words.startswith("CREATE TABLE") and " GENERATED ALWAYS " not in words


def _name(table: str) -> str:
    return '"' + table.replace('"', '""') + '"'


def _count(database: sqlite3.Connection, table: str) -> int:
    return int(database.execute(f"SELECT count(*) FROM {_name(table)}").fetchone()[0])


def _has_bytes(path: Path) -> bool:
    try:
        return path.stat().st_size > 0
    except OSError:
        return False
