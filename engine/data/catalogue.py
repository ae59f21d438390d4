"""The data sets by name: what is known of each, its rows ready to train on, and a few samples to look at.

`describe` is cheap and is asked at every inference; `load` reads the data and keeps the last few sets, so that a
second Play does not read again. Both are safe to call from any thread. Knows nothing of torch or of drawings.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from typing import Generic, TypeVar

from engine.data import picture_sets
from engine.data.dataset import DataError, DataInfo, DataSet
from nodes.source import CATALOGUE, DataSource

KEPT_SETS = 4
"""Loaded data sets that are kept for the next Play."""


@dataclass(frozen=True)
class Loader:
    """How one kind of data set is described and read. `signature` changes whenever its files do."""

    describe: Callable[[DataSource], DataInfo]
    load: Callable[[DataSource, int], DataSet]
    signature: Callable[[DataSource], Hashable] = lambda _: None


LOADERS: dict[str, Loader] = {
    "fashion-mnist": Loader(picture_sets.describe_fashion, picture_sets.load_fashion),
    "digits": Loader(picture_sets.describe_digits, picture_sets.load_digits),
}

V = TypeVar("V")


class _Kept(Generic[V]):
    """The last few answers. An answer is computed by one caller while others with the same question wait for it."""

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
        with turn:
            with self._lock:
                if key in self._answers:
                    return self._answers[key]
            try:
                answer = compute()
            finally:
                with self._lock:
                    self._busy.pop(key, None)
            with self._lock:
                self._answers[key] = answer
                while len(self._answers) > self._limit:
                    self._answers.popitem(last=False)
            return answer

    def clear(self) -> None:
        with self._lock:
            self._answers.clear()


_described: _Kept[DataInfo] = _Kept(256)
_loaded: _Kept[DataSet] = _Kept(KEPT_SETS)


def names() -> tuple[str, ...]:
    """Every data set that a source can name."""
    return tuple(LOADERS)


def describe(source: DataSource) -> DataInfo:
    """What is known of the source's data set without reading it whole. Raises `DataError`."""
    loader = _loader(source)
    return _described.get((source, loader.signature(source)), lambda: loader.describe(source))


def load(source: DataSource, *, seed: int = 0) -> DataSet:
    """The data set ready to train on; the seed decides what is held back. Raises `DataError`."""
    loader = _loader(source)
    return _loaded.get((source, seed, loader.signature(source)), lambda: loader.load(source, seed))


def forget() -> None:
    """Drop what is kept, to free memory or to read files again."""
    _described.clear()
    _loaded.clear()


def _loader(source: DataSource) -> Loader:
    found = LOADERS.get(source.dataset)
    if found is None:
        known = ", ".join(name for name in CATALOGUE if name in LOADERS)
        raise DataError(f"dataset: Expected one of {known}. Received {source.dataset!r}.")
    return found
