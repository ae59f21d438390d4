"""Opens `metrics.sqlite` of a folder that is not trusted, to read it: the tables of a run and nothing else.

SQLite executes what a schema holds (views, generated columns, triggers, conditions of indexes), so only
tables whose declarations are, to the word, those that a run writes are read, and a statement may read only
their columns: every function, view and other table is refused before it runs. Does not import torch.
"""

from __future__ import annotations

import os
import re
import shutil
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from time import monotonic

from engine.runs.plain_files import ArchiveError, is_folder, own_file
from nodes.shown_text import quoted

METRICS = "metrics.sqlite"
BESIDE = ("-wal", "-shm", "-journal")
"""Endings of the files that SQLite has beside it."""
SERIES_TABLES = """
CREATE TABLE IF NOT EXISTS series (id INTEGER PRIMARY KEY, kind TEXT, name TEXT, UNIQUE (kind, name));
CREATE TABLE IF NOT EXISTS blocks
    (series INTEGER, block INTEGER, data BLOB, PRIMARY KEY (series, block)) WITHOUT ROWID;
"""
ROW_TABLES = """
CREATE TABLE IF NOT EXISTS rates
    (step INTEGER, objective TEXT, rate REAL, PRIMARY KEY (step, objective)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS validation
    (step INTEGER, epoch INTEGER, name TEXT, kind TEXT, value REAL,
     PRIMARY KEY (step, name, kind)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS messages (step INTEGER, message TEXT);
"""
FORMAT_1 = """
CREATE TABLE IF NOT EXISTS losses
    (step INTEGER, objective TEXT, loss REAL, PRIMARY KEY (step, objective)) WITHOUT ROWID;
"""
MOST_SECONDS = 10.0
"""Longest time for which one reader may keep the database busy."""
MOST_BYTES = 1 << 17
"""The most bytes of one value or row."""
MOST_COPIED = 1 << 30
"""The most bytes that are copied where the database cannot be read in its place."""
MOST_TABLES = 50
"""The most entries that a schema may have."""


def _declarations(script: str) -> dict[str, str]:
    """The declaration of each table of this script, as SQLite stores it, by name."""
    found = {}
    for statement in filter(str.strip, script.split(";")):
        words = " ".join(statement.replace("IF NOT EXISTS ", "").split())
        found[words.split()[2]] = words
    return found


DECLARED = _declarations(SERIES_TABLES + ROW_TABLES + FORMAT_1)
INDEX = "sqlite_autoindex_series_1"
"""The index that SQLite makes for the names of series."""
SCHEMA_COLUMNS = frozenset(("type", "name", "sql"))
COLUMNS = {
    name: frozenset(re.findall(r"(\w+) (?:INTEGER|TEXT|REAL|BLOB)", text)) for name, text in DECLARED.items()
} | {"sqlite_master": SCHEMA_COLUMNS, "sqlite_schema": SCHEMA_COLUMNS}
ROW_NUMBERS = frozenset(("", "ROWID"))
"""What SQLite calls the number of a row where no column is read."""


@contextmanager
def opened(folder: Path) -> Iterator[sqlite3.Connection]:
    """The database, opened to be read. Raises `ArchiveError`, sqlite3.Error."""
    path = folder / METRICS
    if not is_folder(folder) or not own_file(path):
        raise ArchiveError(f"{folder.name}: Expected {METRICS} in it. Received none.")
    for other in (folder / f"{METRICS}{end}" for end in BESIDE):
        if os.path.lexists(other) and not own_file(other):
            raise ArchiveError(f"{folder.name}: Expected plain files beside {METRICS}. Received another.")
    try:
        with _connected(path) as database:
            yield database
    except UnicodeDecodeError as error:  # comes in the place of SQLite's own error, which has a part of it
        raise ArchiveError(f"{METRICS}: Expected text in UTF-8. Received other bytes.") from error


def tables_of(database: sqlite3.Connection, *, alone: bool = False) -> set[str]:
    """The tables of a run that are there.

    Raises `ArchiveError` where one of them is declared otherwise than a run declares it and, where the
    database is to be written (`alone`), where anything else is in it.
    """
    found = database.execute("SELECT type, name, sql FROM sqlite_master LIMIT ?", (MOST_TABLES + 1,))
    rows = found.fetchall()
    if len(rows) > MOST_TABLES:
        raise ArchiveError(f"{METRICS}: Expected the tables of a run. Received more than {MOST_TABLES}.")
    for kind, name, text in rows:
        known = str(name).lower() in DECLARED
        plain = known and kind == "table" and " ".join(str(text).split()) == DECLARED.get(name)
        if known and not plain:
            raise ArchiveError(f"{METRICS}: Expected a plain table {name}. Received something else.")
        if alone and not known and (kind, name, text) != ("index", INDEX, None):
            raise ArchiveError(f"{METRICS}: Expected plain tables. Received {quoted(name)} beside them.")
    return {name for kind, name, _ in rows if name in DECLARED}


@contextmanager
def _connected(path: Path) -> Iterator[sqlite3.Connection]:
    """The database at this path, or a copy where it has a log and the folder is read-only."""
    with ExitStack() as stack:

        def connect(place: Path) -> sqlite3.Connection:
            made = sqlite3.connect(f"{place.absolute().as_uri()}?mode=ro", uri=True, timeout=2.0)
            stack.enter_context(closing(made))
            _confine(made)
            return made

        try:
            database = connect(path)
            database.execute("SELECT type, name, sql FROM sqlite_master LIMIT 1").fetchone()
        except sqlite3.OperationalError:
            if os.access(path.parent, os.W_OK):
                raise
            place = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="layerloom-rows-")))
            copy_rows(path.parent, place)
            database = connect(place / path.name)
        yield database


def copy_rows(folder: Path, place: Path) -> None:
    """Copy the database and its log into another folder. Raises `ArchiveError`, OSError."""
    names = f"{METRICS}-wal", METRICS  # what the log holds may be in the database already, not the reverse
    files = [folder / name for name in names if own_file(folder / name)]
    size = sum(file.stat().st_size for file in files)
    if size > MOST_COPIED:
        raise ArchiveError(f"{METRICS}: Expected at most {MOST_COPIED:,} bytes. Received {size:,}.")
    for file in files:
        shutil.copyfile(file, place / file.name)


def _confine(database: sqlite3.Connection) -> None:
    """Let this connection read the columns of a run's tables, for a bounded time, and nothing else."""
    end = monotonic() + MOST_SECONDS
    database.set_progress_handler(lambda: monotonic() > end, 10_000)
    database.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, MOST_BYTES)
    database.setlimit(sqlite3.SQLITE_LIMIT_ATTACHED, 0)
    defensive = getattr(sqlite3, "SQLITE_DBCONFIG_DEFENSIVE", None)  # from Python 3.12 on
    if defensive is not None:
        getattr(database, "setconfig")(defensive, True)  # noqa: B009 - older versions have none
    database.execute("PRAGMA query_only=ON")
    database.execute("PRAGMA trusted_schema=OFF")
    database.execute("PRAGMA cell_size_check=ON")
    database.execute("PRAGMA mmap_size=0")  # a file that is cut while it is read must not end the process
    database.set_authorizer(_allowed)


def _allowed(
    action: int, table: str | None, column: str | None, _database: str | None, inside: str | None
) -> int:
    """Whether SQLite may do this for one of our statements; `inside`: for a view or trigger of this name."""
    if action == sqlite3.SQLITE_SELECT and inside is None:
        return sqlite3.SQLITE_OK
    if action == sqlite3.SQLITE_READ and inside is None and table in COLUMNS:
        known = COLUMNS[table] | ROW_NUMBERS
        return sqlite3.SQLITE_OK if column in known else sqlite3.SQLITE_DENY
    return sqlite3.SQLITE_DENY
