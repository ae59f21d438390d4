"""Losses by step, many to a row, so that a run of 300,000 steps opens quickly.

A block holds the values of one series at up to 1,024 steps, little-endian float64, NaN where there is none.
The same steps always make the same rows, whenever they are written.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from engine.runs.curves import BLOCK, MOST_NAMES
from engine.runs.database import METRICS
from engine.runs.plain_files import ArchiveError

Key = tuple[str, str]


class Blocks:
    """Collects values and writes them on request; used only in the thread of the database."""

    def __init__(self, database: sqlite3.Connection) -> None:
        self._database = database
        rows = database.execute("SELECT id, kind, name FROM series LIMIT ?", (2 * MOST_NAMES,))
        self._ids: dict[Key, int] = {(kind, name): key for key, kind, name in rows}
        if not {*self._ids.values()} <= {*range(1, 2 * MOST_NAMES)}:
            raise ArchiveError(f"{METRICS}: Expected series with numbers from 1 on. Received others.")
        self._new: list[Key] = []
        self._arrays: dict[tuple[int, int], NDArray[np.float64]] = {}
        self._lengths: dict[tuple[int, int], int] = {}
        self._touched: set[tuple[int, int]] = set()

    def add(self, kind: str, name: str, first: int, values: Sequence[float]) -> None:
        """Add the values at steps `first`, `first` + 1, … (from 1)."""
        key = self._id(kind, name)
        done = 0
        while done < len(values):
            block, offset = divmod(first - 1 + done, BLOCK)
            count = min(BLOCK - offset, len(values) - done)
            place = (key, block)
            if place not in self._arrays:
                self._arrays[place] = np.full(BLOCK, np.nan, "<f8")
            self._arrays[place][offset : offset + count] = values[done : done + count]
            self._lengths[place] = max(self._lengths.get(place, 0), offset + count)
            self._touched.add(place)
            done += count

    def _id(self, kind: str, name: str) -> int:
        if (kind, name) not in self._ids:
            self._ids[kind, name] = max(self._ids.values(), default=0) + 1
            self._new.append((kind, name))
        return self._ids[kind, name]

    def write(self) -> None:
        """Write what is new, inside the caller's transaction."""
        new = [(self._ids[key], *key) for key in self._new]
        self._database.executemany("INSERT OR REPLACE INTO series VALUES (?, ?, ?)", new)
        rows = [
            (*place, self._arrays[place][: self._lengths[place]].tobytes()) for place in sorted(self._touched)
        ]
        self._database.executemany("INSERT OR REPLACE INTO blocks VALUES (?, ?, ?)", rows)

    def written(self) -> None:
        """The transaction was committed: only the last block of each series can still grow."""
        self._new.clear()
        self._touched.clear()
        newest = {key: max(block for k, block in self._arrays if k == key) for key, _ in self._arrays}
        for place in [place for place in self._arrays if place[1] < newest[place[0]]]:
            del self._arrays[place], self._lengths[place]

    def cut(self, step: int) -> None:
        """Delete all values after this step, inside the caller's transaction."""
        block, length = divmod(step, BLOCK)
        self._database.execute(
            "DELETE FROM blocks WHERE block > ? OR (block = ? AND ? = 0)", (block, block, length)
        )
        rows = self._database.execute("SELECT series, data FROM blocks WHERE block = ?", (block,)).fetchall()
        for key, data in rows:
            found = np.frombuffer(data, "<f8")[:length]
            self._arrays[key, block] = np.full(BLOCK, np.nan, "<f8")
            self._arrays[key, block][: len(found)] = found
            self._lengths[key, block] = len(found)
            self._touched.add((key, block))
