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
from dataclasses import dataclass
from pathlib import Path
from typing import Generic, TypeVar

from engine.data.dataset import DataError, DataInfo, DataSet
from engine.data.preview import SetPreview, of_points, of_set
from engine.data.reading import tell
from engine.data.sets import (
    arrays,
    clouds,
    image_folder,
    picture_sets,
    points,
    series,
    table,
    text,
    truth_tables,
)
from nodes.data.source import CLOUDS, POINTS, TRUTH_TABLES, DataSource

KEPT_SETS = 4
"""Loaded data sets that are kept for the next Play."""


@dataclass(frozen=True)
class Loader:
    """How one kind of data set is described and read. `signature` changes whenever its files do."""

    describe: Callable[[DataSource], DataInfo]
    load: Callable[[DataSource, int], DataSet]
    signature: Callable[[DataSource], Hashable] = lambda _: None


def _file(source: DataSource) -> Hashable:
    """Changes when the file or the folder at the source's path does."""
    path = Path(source.path) if source.path else picture_sets.folder_of(source)
    try:
        found = path.stat() if path else None
        inside = sorted(path.iterdir()) if path and path.is_dir() else []
        return found and (found.st_mtime_ns, found.st_size, *(_time(entry) for entry in inside[:100]))
    except OSError:
        return None


def _time(path: Path) -> tuple[str, int]:
    return (path.name, path.stat().st_mtime_ns)


_TABLE = Loader(table.describe, table.load, _file)
_SERIES = Loader(series.describe, series.load, _file)
_TEXT = Loader(text.describe, text.load, _file)
_POINTS = Loader(points.describe, points.load)
_CLOUD = Loader(clouds.describe, clouds.load)
_TRUTH = Loader(truth_tables.describe, truth_tables.load)

LOADERS: dict[str, Loader] = {
    "fashion-mnist": Loader(picture_sets.describe_fashion, picture_sets.load_fashion),
    "fashion-mnist-full": Loader(picture_sets.describe_full, picture_sets.load_full, _file),
    "digits": Loader(picture_sets.describe_digits, picture_sets.load_digits),
    "cifar-10": Loader(picture_sets.describe_cifar, picture_sets.load_cifar, _file),
    **dict.fromkeys(POINTS, _POINTS),
    **dict.fromkeys(CLOUDS, _CLOUD),
    **dict.fromkeys(TRUTH_TABLES, _TRUTH),
    "wine": _TABLE,
    "diabetes": _TABLE,
    "sunspots": _SERIES,
    "moby-dick": _TEXT,
    "image-folder": Loader(image_folder.describe, image_folder.load, image_folder.signature),
    "csv-file": _TABLE,
    "array-file": Loader(arrays.describe, arrays.load, _file),
    "idx-files": Loader(picture_sets.describe_idx, picture_sets.load_idx, _file),
    "series-file": _SERIES,
    "text-file": _TEXT,
}

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
            with self._lock:
                self._answers[key] = answer
                while len(self._answers) > self._limit:
                    self._answers.popitem(last=False)
            return answer

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
_loaded: _Kept[DataSet] = _Kept(KEPT_SETS)
_previewed: _Kept[SetPreview] = _Kept(64)


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


def preview(source: DataSource, count: int = 9, *, seed: int = 0) -> SetPreview:
    """A few samples to look at. May read the data, so ask from a worker thread. Raises `DataError`."""
    loader, info = _loader(source), describe(source)
    key = (source, count, seed, loader.signature(source))
    if info.kind == "points":
        return _previewed.get(key, lambda: of_points(source, info, seed))
    return _previewed.get(key, lambda: of_set(load(source, seed=seed), count))


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
    _loaded.clear()
    _previewed.clear()


def _loader(source: DataSource) -> Loader:
    _require_plain(source.path)
    found = LOADERS.get(source.dataset)
    if found is None:
        raise DataError(f"dataset: Expected one of {', '.join(LOADERS)}. Received {source.dataset!r}.")
    return found
