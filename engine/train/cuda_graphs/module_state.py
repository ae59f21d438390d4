"""What modules keep in Python from step to step: a replay, which runs no Python, would never change it.

A module that adds to a tensor of its own in place is fine; one that counts in a Python number, or puts
another tensor in place of the last, is not, and its steps are not captured.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from torch import Tensor, nn

PLAIN = (bool, int, float, str, type(None), Tensor)
"""Kinds of attributes that are compared."""


class ModuleState:
    """The plain attributes and buffers of the modules of these nodes, by node path, as they are now."""

    def __init__(self, modules: Mapping[str, nn.Module]) -> None:
        self._modules = modules
        self._held = self._now()

    def _now(self) -> dict[tuple[str, nn.Module, str], Any]:
        found: dict[tuple[str, nn.Module, str], Any] = {}
        for path, module in self._modules.items():
            for part in module.modules():
                named = {**vars(part), **dict(part.named_buffers(recurse=False))}
                found |= {(path, part, name): held for name, held in named.items() if isinstance(held, PLAIN)}
        return found

    def changed(self) -> str:
        """The path of a node that keeps something else than then; "" where none does."""
        now = self._now()
        if now.keys() != self._held.keys():
            return next(iter(now.keys() ^ self._held.keys()))[0]
        return next((key[0] for key, held in self._held.items() if _differ(held, now[key])), "")

    def restore(self) -> None:
        """Give every attribute its value of then."""
        for key in self._now().keys() - self._held.keys():
            delattr(key[1], key[2])
        for (_, module, name), held in self._held.items():
            if getattr(module, name, None) is not held:
                setattr(module, name, held)


def _differ(one: Any, other: Any) -> bool:
    if isinstance(one, Tensor) or isinstance(other, Tensor):
        return one is not other
    return bool(one != other)
