"""Finds declarations: in the modules of a package of the product, and in installed packages (plug-ins).

A plug-in is an installed package whose entry point names a module, in a group such as `layerloom.nodes`.
Every registry of the product finds its declarations with these functions, and keeps what could not be taken
in as `BrokenPlugIn`; the others count.
"""

from __future__ import annotations

import importlib
import importlib.util
import inspect
import pkgutil
import sys
from collections.abc import Callable, Iterator
from functools import cache
from importlib.abc import InspectLoader
from importlib.metadata import EntryPoint, EntryPoints
from importlib.metadata import entry_points as read_entry_points
from types import ModuleType
from typing import NamedTuple, TypeVar, cast

from nodes import renamed
from nodes.user_error import UserError

_T = TypeVar("_T")
_CANNOT = "cannot be used: "
_IN_WORDS = (UserError, ImportError, AttributeError, SyntaxError, TypeError, ValueError, OSError)
"""Errors whose message says what is wrong; of another one the kind is told too."""


class PlugIn(NamedTuple):
    """One entry point of an installed package: it names a `module` in a `group`."""

    group: str
    name: str
    package: str
    version: str
    module: str

    def __str__(self) -> str:
        return f"{self.package} {self.version}".strip()


class BrokenPlugIn(NamedTuple):
    """A plug-in that could not be taken in. `problem` goes on after its name: "cannot be used: …"."""

    plug_in: PlugIn
    problem: str

    @property
    def reason(self) -> str:
        """The problem alone: the module and what went wrong, or what is called otherwise now."""
        return self.problem.removeprefix(_CANNOT)

    @property
    def sentence(self) -> str:
        """What is wrong and what to do, on one line; the words are a stranger's."""
        told = f"Plug-in {self.plug_in} ({self.plug_in.group}) {self.problem.rstrip('.')}."
        return " ".join(f"{told} Update or uninstall it.".split())


def modules_of(package: str, *, skip: tuple[str, ...] = ()) -> list[ModuleType]:
    """The modules directly in a package, by name, without those in `skip`."""
    found = pkgutil.iter_modules(importlib.import_module(package).__path__)
    names = sorted(one.name for one in found if not one.ispkg and one.name not in skip)
    return [importlib.import_module(f"{package}.{name}") for name in names]


def modules_within(package: str) -> list[ModuleType]:
    """The modules in a package and in the packages within it, by name."""
    home = importlib.import_module(package)
    rooms = sorted(one.name for one in pkgutil.iter_modules(home.__path__) if one.ispkg)
    return [*modules_of(package), *(found for room in rooms for found in modules_within(f"{package}.{room}"))]


def modules_named(name: str, package: str) -> list[ModuleType]:
    """The modules of this name in the packages directly in a package, by the name of their package."""
    home = importlib.import_module(package)
    rooms = sorted(one.name for one in pkgutil.iter_modules(home.__path__) if one.ispkg)
    found = (f"{package}.{room}.{name}" for room in rooms)
    return [importlib.import_module(module) for module in found if importlib.util.find_spec(module)]


def entry_points(group: str) -> EntryPoints:
    """What installed packages name in this group. They are read once, as long as Python's path stays."""
    return _all_entry_points(tuple(sys.path)).select(group=group)


@cache
def _all_entry_points(_path: tuple[str, ...]) -> EntryPoints:
    return cast(EntryPoints, read_entry_points())  # Python 3.11 has another class with the same `select`


def take_plug_ins(group: str, take: Callable[[ModuleType], None], broken: list[BrokenPlugIn]) -> None:
    """Give `take` each module that installed packages name in this group; what fails is added to `broken`.

    It may fail when it is loaded, or `take` refuses it. A stranger's module can raise anything, and must not
    end the program.
    """
    for entry in entry_points(group=group):
        try:
            renamed.check_source(_source(entry.module))
            module = entry.load()
            renamed.check_classes(module)
            take(module)
        except Exception as error:  # noqa: BLE001 - the edge where a stranger's code enters: it is named
            broken.append(broken_plug_in(_plug_in(entry), error))


def _source(module: str) -> str:
    """The text of a module that need not be loaded; "" where there is none to read."""
    spec = importlib.util.find_spec(module)
    loader = spec.loader if spec is not None else None
    return (loader.get_source(module) or "") if isinstance(loader, InspectLoader) else ""


def plug_ins(group: str) -> list[PlugIn]:
    """What installed packages name in this group; loads nothing."""
    return [_plug_in(entry) for entry in entry_points(group=group)]


def _plug_in(entry: EntryPoint) -> PlugIn:
    package, version = (entry.dist.name, entry.dist.version) if entry.dist is not None else (entry.name, "")
    return PlugIn(entry.group, entry.name, package, version, entry.value)


def broken_plug_in(plug_in: PlugIn, error: Exception) -> BrokenPlugIn:
    """What is told of a plug-in that raised this."""
    old = error if isinstance(error, renamed.RenamedError) else renamed.behind(error)
    if old is None:
        kind = "" if isinstance(error, _IN_WORDS) else f"{type(error).__name__}: "
        problem = f"{_CANNOT}{plug_in.module}: {kind}{error}"
    else:
        problem = str(old)
    return BrokenPlugIn(plug_in, problem)


def classes_in(module: ModuleType, base: type[_T]) -> Iterator[type[_T]]:
    """The subclasses of `base` that this module itself declares, in the order of its source."""
    for value in list(vars(module).values()):
        is_own = inspect.isclass(value) and issubclass(value, base) and value.__module__ == module.__name__
        if is_own and value is not base:
            yield value
