"""What a form, a card and a search show of a data set, and the registry of all data sets.

A set is declared by a class in `engine.data.declaration` that extends `DataSetForm` with how the set is
described and read. The declarations are found by name, those of the product in the package `PACKAGE`, those
of installed packages by the entry point group `GROUP`; nothing here imports the engine.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping
from types import ModuleType
from typing import Any, ClassVar

from nodes.param import Param
from nodes.plug_ins import classes_in, modules_of, plug_in_modules

PACKAGE = "engine.data.sets"
"""The package of the product whose modules declare data sets."""
GROUP = "layerloom.datasets"
"""The entry point group in which installed packages name modules that declare data sets."""


class DataSetForm:
    """A data set by its name, with the parameters that are asked for it. An instance has checked values.

    Parameters are class attributes, as in a layer; those of a base class follow. Sets that share the name of
    a parameter declare it alike, because a data node has one value for it.
    """

    name: ClassVar[str] = ""  # in the file; empty: a base class for others
    title: ClassVar[str] = ""  # in the form and on the card
    kind: ClassVar[str] = ""  # "images", "table", "points", "series" or "text"
    licence: ClassVar[str] = ""
    description: ClassVar[str] = ""
    place: ClassVar[int] = 65  # the order in the list; sets of one place stand as declared
    without: ClassVar[tuple[str, ...]] = ()  # parameters of a base class that this set does not have
    params: ClassVar[Mapping[str, Param[Any]]] = {}

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        cls.name = cls.__dict__.get("name", "")
        found = {name: value for name, value in cls.__dict__.items() if isinstance(value, Param)}
        found.update({name: param for name, param in cls.params.items() if name not in found})
        cls.params = {name: param for name, param in found.items() if name not in cls.without}
        if cls.name:
            _check(cls)

    def __init__(self, values: Mapping[str, Any] | None = None) -> None:
        given = values or {}
        self.values: dict[str, Any] = {
            name: param.check(given[name]) if name in given else param.default
            for name, param in self.params.items()
        }

    def card_label(self) -> str:
        """The line on the card before the set is described, as in `12,000 · 28×28`."""
        return ""


def _check(cls: type[DataSetForm]) -> None:
    where = f"data set {cls.__name__}"
    for field in ("title", "kind", "licence", "description"):
        if not getattr(cls, field):
            raise TypeError(f"{where}: expected a `{field}`, received none")
    for name, param in cls.params.items():
        if not param.help:
            raise TypeError(f"{where}: parameter {name!r} needs a line of help")
        if param.visible_if is not None:
            raise TypeError(f"{where}: parameter {name!r} is shown whenever the set is chosen; no visible_if")


class DataSets(Mapping[str, type[DataSetForm]]):
    """Every declared data set by name, in the order of the list."""

    def __init__(self) -> None:
        self._sets: dict[str, type[DataSetForm]] = {}
        self.broken: dict[str, str] = {}
        """Plug-ins that could not be added, by name, with the reason; the others count."""

    def __getitem__(self, name: str) -> type[DataSetForm]:
        return self._sets[name]

    def __iter__(self) -> Iterator[str]:
        return iter(sorted(self._sets, key=lambda name: self._sets[name].place))

    def __len__(self) -> int:
        return len(self._sets)

    def add(self, declared: type[DataSetForm]) -> None:
        """Register a set. Raises ValueError if its name is taken or another set has a parameter otherwise."""
        if self._sets.get(declared.name, declared) is not declared:
            raise ValueError(f"data set {declared.name!r} is declared twice")
        for other in self._sets.values():
            for name in other.params.keys() & declared.params.keys() - {"dataset", "paired_with"}:
                if not _is_alike(other.params[name], declared.params[name]):
                    raise ValueError(
                        f"data set {declared.name!r}: Expected parameter {name!r} as {other.name!r} has it "
                        f"({other.params[name].expected()}, default {other.params[name].default!r}). "
                        f"Received {declared.params[name].expected()}, default "
                        f"{declared.params[name].default!r}; give it another name."
                    )
        self._sets[declared.name] = declared

    def add_module(self, module: ModuleType) -> None:
        """Register every set that this module itself declares, in source order."""
        for declared in classes_in(module, DataSetForm):
            if declared.name:
                self.add(declared)

    def discover(self) -> None:
        """Register the sets of the product, then those of installed packages."""
        for module in modules_of(PACKAGE):
            self.add_module(module)
        self.add_plug_ins()

    def add_plug_ins(self) -> None:
        """Register the sets of installed packages; one that fails is named in `broken`, the others count."""
        for entry, module in plug_in_modules(GROUP, self.broken):
            try:
                self.add_module(module)
            except (TypeError, ValueError) as error:
                self.broken[entry.name] = f"{entry.value}: {error}"

    def remove(self, name: str) -> None:
        """Forget a set (a plug-in that is taken out)."""
        del self._sets[name]

    def titles(self) -> dict[str, str]:
        """What a form shows for each set: its title; of a second with the same, also what its name adds."""
        found: dict[str, str] = {}
        for name, declared in self.items():
            is_taken = declared.title in found.values()
            found[name] = f"{declared.title} {name.rpartition('-')[2]}" if is_taken else declared.title
        return found

    def params(self) -> dict[str, Param[Any]]:
        """The parameters of all sets, each shown for the sets that have it; each set's keep their order."""
        order: list[str] = []
        for declared in sorted(self.values(), key=lambda one: -len(one.params)):
            at = len(order)
            for name in reversed(tuple(declared.params)):
                if name in order:
                    at = order.index(name)
                else:
                    order.insert(at, name)
        return {name: self._shown(name) for name in order}

    def _shown(self, name: str) -> Param[Any]:
        having = tuple(key for key, declared in self.items() if name in declared.params)
        param = copy.copy(self[having[0]].params[name])
        if len(having) < len(self):
            param.visible_if = ("dataset", having)
        return param


def _is_alike(first: Param[Any], second: Param[Any]) -> bool:
    return type(first) is type(second) and (
        first is second or (first.expected() == second.expected() and first.default == second.default)
    )


DATA_SETS = DataSets()
"""All data sets; filled when `nodes.data.source` is loaded."""
