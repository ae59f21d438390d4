"""A class attribute that is computed when it is first read: for what would make every start slower."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Generic, TypeVar, cast

T = TypeVar("T")


class AtFirstUse(Generic[T]):
    """Stands on a class in place of the value until somebody reads it, then gives way to the value."""

    def __init__(self, compute: Callable[[], T]) -> None:
        self._compute = compute

    def __set_name__(self, owner: type, name: str) -> None:
        self._owner, self._name = owner, name

    def __get__(self, instance: Any, owner: type) -> T:
        value = self._compute()
        setattr(self._owner, self._name, value)
        return value


def at_first_use(compute: Callable[[], T]) -> T:
    """`attribute = at_first_use(compute)` in the body of a class; `compute` may be called by any thread."""
    return cast(T, AtFirstUse(compute))
