"""What waited for the pretended device, and where in the product: counted inside of what is `marked`."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from tests import ROOT

WAITS: Counter[tuple[str, str]] = Counter()
"""By what waited, and the two innermost places of the product."""
_marked = [0]


def place() -> str:
    """The two innermost places of the product in the present stack."""
    frame, found = sys._getframe(1), []
    while frame is not None and len(found) < 2:
        name = frame.f_code.co_filename
        if name.startswith((f"{ROOT}/engine/", f"{ROOT}/nodes/")):
            found.append(f"{name[len(str(ROOT)) + 1 :]}:{frame.f_lineno}")
        frame = frame.f_back  # type: ignore[assignment]
    return " < ".join(found)


def waits(what: str) -> None:
    if _marked[0]:
        WAITS[what, place()] += 1


@contextmanager
def counted() -> Iterator[None]:
    """Waits count inside."""
    _marked[0] += 1
    try:
        yield
    finally:
        _marked[0] -= 1


def mark(cls: type, name: str) -> None:
    """Waits count inside this method from now on."""
    plain: Callable[..., Any] = getattr(cls, name)

    def inner(self: Any, *args: Any, **kwargs: Any) -> Any:
        with counted():
            return plain(self, *args, **kwargs)

    setattr(cls, name, inner)
