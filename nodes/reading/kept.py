"""Answers that cost a reading are kept as long as the files stay as they are, errors too.

A large file is looked at once, however often its node is drawn, inferred or changed in what has nothing to do
with the file. Safe to call from any thread: one caller reads while others with the same question wait.
"""

from __future__ import annotations

import contextlib
import copy
import itertools
import os
import stat
import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Generic, TypeVar

from nodes.reading.error import DataError
from nodes.reading.progress import tell

V = TypeVar("V")
_EVERY: list[KeptAnswers[Any]] = []
"""Every store of this process. They live as long as it does."""
MOST_ENTRIES = 100
"""Entries of a folder whose times are part of its signature."""


class KeptAnswers(Generic[V]):
    """The last few answers, and the errors that the same files would give again."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._lock = threading.Lock()
        self._answers: OrderedDict[Hashable, V | DataError] = OrderedDict()
        self._busy: dict[Hashable, threading.Lock] = {}
        _EVERY.append(self)

    def of_file(self, path: Path, compute: Callable[[], V], *asked: Hashable) -> V:
        """What `compute` learns of a file; once for each of its versions and for what is `asked` of it."""
        version = signature(path)
        return compute() if version is None else self.get((path, version, *asked), compute)

    def get(self, key: Hashable, compute: Callable[[], V], *, errors: bool = True) -> V:
        """The answer to this question, computed once; so are its `errors`. Raises what `compute` raises."""
        with self._lock:
            if key in self._answers:
                self._answers.move_to_end(key)
                return _given(self._answers[key])
            turn = self._busy.setdefault(key, threading.Lock())
        with _in_turn(turn):
            with self._lock:
                if key in self._answers:
                    return _given(self._answers[key])
            try:
                answer = compute()
            except DataError as error:
                if errors and _is_lasting(error):
                    self.keep(key, copy.copy(error))  # a copy: the error itself holds what was read so far
                raise
            finally:
                with self._lock:
                    self._busy.pop(key, None)
            self.keep(key, answer)
            return answer

    def held(self, key: Hashable) -> V | None:
        """The answer that is kept for this question, if there is one; waits for nobody who computes."""
        with self._lock:
            answer = self._answers.get(key)
        return None if isinstance(answer, DataError) else answer

    def keep(self, key: Hashable, answer: V | DataError) -> None:
        """Keep an answer, or an error that is raised again, and let go of the oldest."""
        with self._lock:
            self._answers[key] = answer
            while len(self._answers) > self._limit:
                self._answers.popitem(last=False)

    def clear(self) -> None:
        """Forget all."""
        with self._lock:
            self._answers.clear()


def _given(answer: V | DataError) -> V:
    if isinstance(answer, DataError):
        raise copy.copy(answer)
    return answer


def _is_lasting(error: DataError) -> bool:
    """Whether the same files give it again: not so where the system could not read, or memory was short."""
    cause = error.__cause__
    return error.lasting and not (isinstance(cause, OSError) and cause.errno)


@contextmanager
def _in_turn(turn: threading.Lock) -> Iterator[None]:
    """Hold the lock; who waits for another reader of the same data can call it off meanwhile."""
    while not turn.acquire(timeout=0.1):
        tell("Reading data")
    try:
        yield
    finally:
        turn.release()


def forget() -> None:
    """Drop everything that is kept anywhere, to free memory or to read files again."""
    for kept in _EVERY:
        kept.clear()


def signature(path: Path) -> Hashable:
    """Changes when the file does; None where there is none. Of a folder: when its first entries do."""
    try:
        found = path.stat()
        inside = _entries(path) if stat.S_ISDIR(found.st_mode) else ()
    except (OSError, ValueError):  # ValueError: a path that no file can have
        return None
    return (found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns, found.st_ctime_ns, *inside)


def _entries(folder: Path) -> Iterator[tuple[str, int, int]]:
    with os.scandir(folder) as entries:
        for entry in itertools.islice(entries, MOST_ENTRIES):
            with contextlib.suppress(OSError):  # a link that leads nowhere
                found = entry.stat()
                yield (entry.name, found.st_size, found.st_mtime_ns)
