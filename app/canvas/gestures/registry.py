"""Finds the gestures: every class of this folder, and those of installed packages.

A package declares gestures in a module that it names in the entry point group `layerloom.gestures`.
"""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from collections.abc import Iterator
from functools import cache
from importlib.metadata import entry_points
from types import ModuleType

from app.canvas.gestures.base import Canvas, Gesture, Press

GROUP = "layerloom.gestures"


def gesture_for(canvas: Canvas, press: Press) -> Gesture | None:
    """What a press begins; None where it begins nothing."""
    begun = (kind.for_press(canvas, press) for kind in gestures())
    return next((gesture for gesture in begun if gesture is not None), None)


@cache
def gestures() -> tuple[type[Gesture], ...]:
    """Every class of gesture, in the order in which they are asked."""
    package = importlib.import_module("app.canvas.gestures")
    names = [
        found.name
        for found in pkgutil.iter_modules(package.__path__)
        if found.name not in ("base", "registry")
    ]
    modules = [importlib.import_module(f"{package.__name__}.{name}") for name in names]
    modules += [entry.load() for entry in entry_points(group=GROUP)]
    return tuple(
        sorted((kind for module in modules for kind in _declared(module)), key=lambda kind: kind.order)
    )


def _declared(module: ModuleType) -> Iterator[type[Gesture]]:
    for value in vars(module).values():
        if inspect.isclass(value) and issubclass(value, Gesture) and value.__module__ == module.__name__:
            yield value
