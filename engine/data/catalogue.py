"""The data sets by name: what is known of each, its rows ready to train on, a few samples to look at.

`describe` is cheap and is asked at every inference; `load` reads the data and keeps the last few sets, so
that a second Play does not read again. Both are safe to call from any thread.
"""

from __future__ import annotations

import stat
import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Generic, TypeVar

from nodes.data.source import DataSource
from nodes.data_sets.declaration import DataSetDeclaration
from nodes.data_sets.registry import data_sets
from nodes.reading.dataset import DataInfo, DataSet
from nodes.reading.error import DataError
from nodes.reading.preview import SetPreview, of_set
from nodes.reading.progress import tell

KEPT_SETS = 4
"""Loaded data sets that are kept for the next Play."""

V = TypeVar("V")


class _Kept(Generic[V]):
    """The last few answers. One caller computes an answer while others with the same question wait."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._lock = threading.Lock()
        self._answers: OrderedDict[Hashable, V] = OrderedDict()
        self._busy: dict[Hashable, threading.Lock] = {}

    def get(self, key: Hashable, compute: Callable[[], V]) -> V:
        with self._lock:
            if key in self._answers:
                self._answers.move_to_end(key)
                return self._answers[key]
            turn = self._busy.setdefault(key, threading.Lock())
        with _in_turn(turn):
            with self._lock:
                if key in self._answers:
                    return self._answers[key]
            try:
                answer = compute()
            finally:
                with self._lock:
                    self._busy.pop(key, None)
            self.keep(key, answer)
            return answer

    def held(self, key: Hashable) -> V | None:
        """What is kept for this question; waits for nobody who computes."""
        with self._lock:
            return self._answers.get(key)

    def keep(self, key: Hashable, answer: V) -> None:
        with self._lock:
            self._answers[key] = answer
            while len(self._answers) > self._limit:
                self._answers.popitem(last=False)

    def clear(self) -> None:
        with self._lock:
            self._answers.clear()


@contextmanager
def _in_turn(turn: threading.Lock) -> Iterator[None]:
    """Hold the lock; who waits for another reader of the same data can call it off meanwhile."""
    while not turn.acquire(timeout=0.1):
        tell("Reading data")
    try:
        yield
    finally:
        turn.release()


_described: _Kept[DataInfo] = _Kept(256)
_known: _Kept[DataInfo] = _Kept(256)
_loaded: _Kept[DataSet] = _Kept(KEPT_SETS)
_previewed: _Kept[SetPreview] = _Kept(64)


def names() -> tuple[str, ...]:
    """Every data set that a source can name."""
    return tuple(data_sets())


def declared(source: DataSource) -> DataSetDeclaration:
    """The declaration of the source's data set with the source's parameters. Raises `DataError`."""
    _require_plain(str(source.values.get("path", "")))
    return data_sets()[source.dataset](source.values)


def describe(source: DataSource) -> DataInfo:
    """What is known of the source's data set without reading it whole. Raises `DataError`."""
    one = declared(source)
    info = _described.get((source, one.signature()), one.describe)
    _known.keep(source, info)
    return info


def known(source: DataSource) -> DataInfo | None:
    """What `describe` found last of this source, if anything. Reads no file and waits for no reader."""
    return _known.held(source)


def load(source: DataSource, *, seed: int = 0) -> DataSet:
    """The data set ready to train on; the seed decides what is held back. Raises `DataError`."""
    one = declared(source)
    return _loaded.get((source, seed, one.signature()), lambda: one.load(seed))


def preview(source: DataSource, count: int = 9, *, seed: int = 0) -> SetPreview:
    """A few samples to look at. May read the data, so ask from a worker thread. Raises `DataError`."""
    one = declared(source)
    return _previewed.get(
        (source, count, seed, one.signature()),
        lambda: one.preview(seed) or of_set(load(source, seed=seed), count),
    )


def _require_plain(path: str) -> None:
    """Refuse pipes and devices, which would be read for ever: the path may come from somebody else's file."""
    if "\0" in path:
        raise DataError(f"path: Expected the path of a file or a folder. Received {path!r}.")
    try:
        mode = Path(path).stat().st_mode if path else 0
    except OSError:  # what is not there is told by the loader, which knows what it wants
        return
    if mode and not (stat.S_ISREG(mode) or stat.S_ISDIR(mode)):
        raise DataError(f"{path}: Expected a file or a folder. Received a device or a pipe.")


def forget() -> None:
    """Drop what is kept, to free memory or to read files again."""
    _described.clear()
    _known.clear()
    _loaded.clear()
    _previewed.clear()
