"""The measurements of a run, read from its `metrics.sqlite`: losses, validation, rates and messages, as
arrays.

Reads while a run writes. The database is not trusted (`engine/runs/database.py`); how much of it is read is
bounded. Does not import torch.
"""

from __future__ import annotations

import sqlite3
from array import array
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from engine.runs.database import METRICS, opened, tables_of
from engine.runs.plain_files import ArchiveError

BLOCK = 1024
"""Steps per block in format 2."""
LAST_BLOCK = 2**53 // BLOCK
MOST_NAMES = 10_000
"""The most series of one kind."""
MOST_VALUES = 1 << 24
"""The most values of one kind, so that they fit in memory."""
MOST_ROWS = 4_000_000
"""The most rows of validation or of rates."""
MOST_MESSAGES, MOST_TEXT = 10_000, 16 << 20
"""The most messages, and the most characters of all of them."""
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
            tables = tables_of(database)
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


def _blocks(database: sqlite3.Connection, kind: str, since: int) -> dict[str, Series]:
    asked = "SELECT id, name FROM series WHERE kind = ? LIMIT ?"
    names = dict(database.execute(asked, (kind, MOST_NAMES + 1)))
    _expect_at_most(MOST_NAMES, len(names), "series")
    parts: dict[int, list[tuple[int, NDArray[np.float64]]]] = {key: [] for key in names}
    query = "SELECT series, block, data FROM blocks WHERE block >= ? ORDER BY series, block"
    held = 0
    for key, block, data in database.execute(query, (since // BLOCK,)):
        if key in parts:
            values = np.frombuffer(data, "<f8")
            if not 0 <= block <= LAST_BLOCK or len(values) > BLOCK:
                raise ValueError(f"block {block} has {len(values):,} values")
            held += len(values)
            _expect_at_most(MOST_VALUES, held, "values")
            parts[key].append((block * BLOCK, values))
    return {str(names[key]): _series(found, since) for key, found in parts.items()}


def _expect_at_most(most: int, count: int, of: str) -> None:
    if count > most:
        raise ArchiveError(f"{METRICS}: Expected at most {most:,} {of}. Received more.")


def _series(parts: list[tuple[int, NDArray[np.float64]]], since: int) -> Series:
    """The values of consecutive blocks; NaN where an objective did not act."""
    if not parts:
        return np.empty(0, np.int64), np.empty(0)
    steps = np.concatenate([np.arange(first + 1, first + 1 + len(data)) for first, data in parts])
    values = np.concatenate([data for _, data in parts])
    told = ~np.isnan(values) & (steps > since)
    return steps[told].astype(np.int64, copy=False), values[told].astype(np.float64, copy=False)


def _rows_of_losses(database: sqlite3.Connection, since: int) -> dict[str, Series]:
    """Format 1."""
    return _rows(database, "SELECT objective, step, loss FROM losses WHERE step > ?", since)


def _rows(database: sqlite3.Connection, query: str, since: int) -> dict[str, Series]:
    groups: dict[Any, tuple[array[int], array[float]]] = {}
    for count, (name, step, value) in enumerate(database.execute(f"{query} ORDER BY step", (since,)), 1):
        if name not in groups:
            groups[name] = array("q"), array("d")
            _expect_at_most(MOST_NAMES, len(groups), "series")
        _expect_at_most(MOST_ROWS, count, "rows")
        steps, values = groups[name]
        steps.append(step)
        values.append(np.nan if value is None else value)
    return {
        str(name): (np.array(steps, np.int64), np.array(values, np.float64))
        for name, (steps, values) in groups.items()
    }


def _messages(database: sqlite3.Connection, since: int) -> tuple[tuple[int, str], ...]:
    asked = "SELECT step, message FROM messages WHERE step >= ? ORDER BY rowid LIMIT ?"
    return tuple(texts(database.execute(asked, (since, MOST_MESSAGES))))


def texts(rows: Iterable[tuple[Any, ...]]) -> Iterator[tuple[Any, ...]]:
    """Rows whose last entry is a message, as text, and the others whole numbers.

    Raises `ArchiveError` where they come to more than `MOST_TEXT` characters.
    """
    length = 0
    for *numbers, message in rows:
        text = str(message)
        length += len(text)
        _expect_at_most(MOST_TEXT, length, "characters of messages")
        yield (*map(int, numbers), text)
