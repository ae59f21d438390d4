"""How far a long reading has come, told to whoever started it, who may also call it off.

Loaders tell; a run listens. Nobody needs to listen, and what is told goes only to the listener of the same
thread.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from time import monotonic

REST = 0.05
"""Least seconds between two tellings."""
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
