"""The measurements of a run, read from its `metrics.sqlite`: losses, validation, rates and messages, as
arrays.

Reads while a run writes. The database is not trusted: only plain tables with the names that a run creates are
read, for a bounded time. Does not import torch.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from time import monotonic
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from engine.runs.plain_files import ArchiveError, is_folder, own_file
from engine.runs.record import METRICS

BLOCK = 1024
"""Steps per block in format 2."""
MOST_SECONDS = 20.0
MOST_BYTES = 16 << 20
"""The most bytes of one value in the database."""
Series = tuple[NDArray[np.int64], NDArray[np.float64]]


class Curves(msgspec.Struct, frozen=True):
    """Steps (int64, ascending) and values (float64) by name, and the warnings with their steps.

    `losses` and `rates` by objective path, `validation` by objective or metric path. A rate is recorded at
    the step where it changes.
    """

    losses: dict[str, Series] = {}
    validation: dict[str, Series] = {}
    rates: dict[str, Series] = {}
    messages: tuple[tuple[int, str], ...] = ()
    terms: dict[str, Series] = {}
    """The terms of losses with several wires, as `OBJECTIVE/NODE` or as the run named them."""


def curves_of(folder: Path, since: int = 0) -> Curves:
    """The measurements after step `since`. Raises `ArchiveError`."""
    try:
        with opened(folder) as database:
            tables = _tables(database)
            losses = (
                _blocks(database, "losses", since) if "blocks" in tables else _rows_of_losses(database, since)
            )
            return Curves(
                losses,
                _rows(database, "SELECT name, step, value FROM validation WHERE step > ?", since),
                _rows(database, "SELECT objective, step, rate FROM rates WHERE step > ?", since),
                _messages(database, since),
                _blocks(database, "terms", since) if "blocks" in tables else {},
            )
    except (sqlite3.Error, ValueError, TypeError, OverflowError, OSError) as error:
        if isinstance(error, ArchiveError):
            raise
        raise ArchiveError(f"{folder.name}: its measurements cannot be read. {error}") from error


@contextmanager
def opened(folder: Path) -> Iterator[sqlite3.Connection]:
    """The database, opened read-only. Raises `ArchiveError`, sqlite3.Error."""
    path = folder / METRICS
    beside = [folder / f"{METRICS}{end}" for end in ("-wal", "-shm", "-journal")]
    if not is_folder(folder) or not own_file(path):
        raise ArchiveError(f"{folder.name}: Expected {METRICS} in it. Received none.")
    if any(other.is_symlink() or (other.exists() and not own_file(other)) for other in beside):
        raise ArchiveError(f"{folder.name}: Expected plain files beside {METRICS}. Received a link.")
    with _connected(path) as database:
        database.execute("PRAGMA query_only=ON")
        database.execute("PRAGMA trusted_schema=OFF")
        database.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, MOST_BYTES)
        end = monotonic() + MOST_SECONDS
        database.set_progress_handler(lambda: monotonic() > end, 100_000)
        yield database


@contextmanager
def _connected(path: Path) -> Iterator[sqlite3.Connection]:
    """The database at this path, or a copy where it has a log and the folder is read-only."""
    with ExitStack() as stack:

        def connect(place: Path) -> sqlite3.Connection:
            made = sqlite3.connect(f"{place.absolute().as_uri()}?mode=ro", uri=True, timeout=2.0)
            return stack.enter_context(closing(made))

        database = connect(path)
        try:
            database.execute("PRAGMA schema_version")
        except sqlite3.OperationalError:
            if os.access(path.parent, os.W_OK):
                raise
            copy = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="layerloom-rows-")), path.name)
            for end in ("", "-wal"):
                if own_file(path.with_name(f"{path.name}{end}")):
                    shutil.copyfile(path.with_name(f"{path.name}{end}"), f"{copy}{end}")
            database = connect(copy)
        yield database


def require_own(folder: Path) -> None:
    """Raise `ArchiveError` unless a run may write here: plain files and plain tables only."""
    for place, folders, names in os.walk(folder):
        for name in (*folders, *names):
            if Path(place, name).is_symlink():
                raise ArchiveError(f"{folder}: Expected plain files and folders. Received a link, {name}.")
    try:
        with opened(folder) as database:
            _tables(database)
            odd = database.execute(
                "SELECT name FROM sqlite_master WHERE type IN ('trigger', 'view')"
            ).fetchone()
    except sqlite3.Error as error:
        raise ArchiveError(f"{folder.name}: its measurements cannot be read. {error}") from error
    if odd is not None:
        raise ArchiveError(f"{METRICS}: Expected plain tables. Received {odd[0]!r} beside them.")


def _tables(database: sqlite3.Connection) -> set[str]:
    """The tables that a run creates. Raises `ArchiveError` where one of them is not a plain table."""
    found = database.execute("SELECT name, type, sql FROM sqlite_master LIMIT 100").fetchall()
    known = {"blocks", "losses", "series", "rates", "validation", "messages"}
    for name, kind, text in found:
        made = str(text).upper()
        plain = kind == "table" and "VIRTUAL" not in made and " AS (" not in made and "GENERATED" not in made
        if name in known and not plain:
            raise ArchiveError(f"{METRICS}: Expected a plain table {name}. Received something else.")
    return {str(name) for name, kind, _ in found if kind == "table"}


def _blocks(database: sqlite3.Connection, kind: str, since: int) -> dict[str, Series]:
    names = dict(database.execute("SELECT id, name FROM series WHERE kind = ?", (kind,)))
    parts: dict[int, list[tuple[int, NDArray[np.float64]]]] = {key: [] for key in names}
    query = "SELECT series, block, data FROM blocks WHERE block >= ? ORDER BY series, block"
    for key, block, data in database.execute(query, (since // BLOCK,)):
        if key in parts:
            parts[key].append((int(block) * BLOCK, np.frombuffer(data, "<f8")))
    return {str(names[key]): _series(found, since) for key, found in parts.items()}


def _series(parts: list[tuple[int, NDArray[np.float64]]], since: int) -> Series:
    """The values of consecutive blocks; NaN where an objective did not act."""
    if not parts:
        return np.empty(0, np.int64), np.empty(0)
    steps = np.concatenate([np.arange(first + 1, first + 1 + len(data)) for first, data in parts])
    values = np.concatenate([data for _, data in parts])
    told = ~np.isnan(values) & (steps > since)
    return steps[told].astype(np.int64), values[told].astype(np.float64)


def _rows_of_losses(database: sqlite3.Connection, since: int) -> dict[str, Series]:
    """Format 1."""
    return _rows(database, "SELECT objective, step, loss FROM losses WHERE step > ?", since)


def _rows(database: sqlite3.Connection, query: str, since: int) -> dict[str, Series]:
    groups: dict[str, tuple[list[int], list[float]]] = {}
    for name, step, value in database.execute(f"{query} ORDER BY step", (since,)):
        steps, values = groups.setdefault(name, ([], []))
        steps.append(step)
        values.append(np.nan if value is None else value)
    return {
        str(name): (np.array(steps, np.int64), np.array(values, np.float64))
        for name, (steps, values) in groups.items()
    }


def _messages(database: sqlite3.Connection, since: int) -> tuple[tuple[int, str], ...]:
    rows: list[tuple[Any, Any]] = database.execute(
        "SELECT step, message FROM messages WHERE step >= ? ORDER BY rowid LIMIT 10000", (since,)
    ).fetchall()
    return tuple((int(step), str(message)) for step, message in rows)
