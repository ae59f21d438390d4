"""Finds declarations: in the modules of a package of the product, and in installed packages (plug-ins).

A plug-in is an installed package whose entry point names a module, in a group such as `layerloom.nodes`.
Every registry of the product finds its declarations with these functions.
"""

from __future__ import annotations

import importlib
import importlib.util
import inspect
import pkgutil
from collections.abc import Iterator
from importlib.metadata import EntryPoint, entry_points
from types import ModuleType
from typing import TypeVar

_T = TypeVar("_T")
FAULTS = (
    *(ImportError, AttributeError, SyntaxError, TypeError, ValueError, LookupError, RuntimeError, OSError),
)
"""What loading a stranger's module may raise; a plug-in that raises one is named and left out."""


def modules_of(package: str, *, skip: tuple[str, ...] = ()) -> list[ModuleType]:
    """The modules directly in a package, by name, without those in `skip`."""
    found = pkgutil.iter_modules(importlib.import_module(package).__path__)
    names = sorted(one.name for one in found if not one.ispkg and one.name not in skip)
    return [importlib.import_module(f"{package}.{name}") for name in names]


def modules_named(name: str, package: str) -> list[ModuleType]:
    """The modules of this name in the packages directly in a package, by the name of their package."""
    home = importlib.import_module(package)
    rooms = sorted(one.name for one in pkgutil.iter_modules(home.__path__) if one.ispkg)
    found = (f"{package}.{room}.{name}" for room in rooms)
    return [importlib.import_module(module) for module in found if importlib.util.find_spec(module)]


def plug_in_modules(group: str, broken: dict[str, str]) -> Iterator[tuple[EntryPoint, ModuleType]]:
    """The modules that installed packages name in this group; one that fails is noted in `broken` by name."""
    for entry in entry_points(group=group):
        try:
            module = entry.load()
        except FAULTS as error:
            broken[entry.name] = f"{entry.value}: {error}"
            continue
        yield entry, module


def classes_in(module: ModuleType, base: type[_T]) -> Iterator[type[_T]]:
    """The subclasses of `base` that this module itself declares, in the order of its source."""
    for value in list(vars(module).values()):
        is_own = inspect.isclass(value) and issubclass(value, base) and value.__module__ == module.__name__
        if is_own and value is not base:
            yield value
