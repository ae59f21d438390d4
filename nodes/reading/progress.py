"""How far a long reading has come, told to whoever started it, who may also call it off.

Loaders tell; a run listens. Nobody needs to listen, and what is told goes only to the listener of the same
thread.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from time import monotonic

REST = 0.05
"""Least seconds between two tellings of a loader."""
SHOWN_REST = 0.1
"""Least seconds between two tellings that are passed on to people or written."""
MOST_STAGES = 50
"""Stages that are told at once; a reading with more has them told like all else, now and then."""
_NUMBER = re.compile(r"\d[\d,.]*")
Listener = Callable[[str, float | None], None]
"""Takes what is being read, and the share that is done, in [0, 1], or None where nobody knows."""


class CalledOffError(Exception):
    """The listener wants no more of it. Raised by a listener, out of the loader that told."""


_listener: ContextVar[Listener | None] = ContextVar("listener", default=None)


@contextmanager
def listening(listener: Listener) -> Iterator[None]:
    """What loaders of this thread tell goes to `listener`, which may raise `CalledOffError`."""
    token = _listener.set(listener)
    try:
        yield
    finally:
        _listener.reset(token)


def tell(what: str, share: float | None = None) -> None:
    """Say how far it is. Raises `CalledOffError` where the listener does."""
    listener = _listener.get()
    if listener is not None:
        listener(what, share)


class Meter:
    """Tells now and then how much of `total` is done; `to` costs next to nothing in between."""

    def __init__(self, what: str, total: int) -> None:
        self._what, self._total, self._due = what, max(1, total), 0.0

    def to(self, done: int) -> None:
        now = monotonic()
        if now >= self._due:
            self._due = now + REST
            tell(self._what, min(1.0, done / self._total))


class NowAndThen:
    """Passes on what is worth showing of what loaders tell, and drops the rest.

    The beginning and the end of a stage are told at once. In between a telling is passed on where its words
    or its whole percent are others than before, `SHOWN_REST` seconds after the last at the earliest. Words
    that differ in their numbers alone are one stage.
    """

    def __init__(self, listener: Listener) -> None:
        self._listener, self._due = listener, 0.0
        self._begun: set[str] = set()
        self._ended: set[str] = set()
        self._last: tuple[str, int | None] | None = None

    def __call__(self, what: str, share: float | None = None) -> None:
        stage, percent = _NUMBER.sub("", what), None if share is None else int(share * 100)
        is_new = self._first(self._begun, stage) | (percent == 100 and self._first(self._ended, stage))
        if (what, percent) == self._last or not (is_new or monotonic() >= self._due):
            return
        self._last, self._due = (what, percent), monotonic() + SHOWN_REST
        self._listener(what, share)

    @staticmethod
    def _first(seen: set[str], stage: str) -> bool:
        if stage in seen or len(seen) >= MOST_STAGES:
            return False
        seen.add(stage)
        return True
