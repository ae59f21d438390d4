"""Every data set: found here and in plug-ins, looked up by name, and what a form asks for all of them.

A plug-in is an installed package with an entry point in the group `layerloom.datasets` that names a module of
declarations. The sets are found when somebody first asks for one, whoever that is; until then no start pays
for them.
"""

from __future__ import annotations

import copy
import functools
from collections.abc import Iterator, Mapping
from itertools import pairwise
from types import ModuleType
from typing import Any

from nodes.data_sets.declaration import DataSetDeclaration
from nodes.param import Param
from nodes.plug_ins import BrokenPlugIn, classes_in, modules_of, take_plug_ins

PACKAGE = "nodes.data_sets"
"""The package of the product whose modules declare data sets."""
ROOMS = ("made", "annotated", "embedded")
"""The packages in it that do too."""
GROUP = "layerloom.datasets"
"""The entry point group in which installed packages name modules that declare data sets."""


class DataSets(Mapping[str, type[DataSetDeclaration]]):
    """Every declared data set by name, in the order of the list."""

    def __init__(self) -> None:
        self._sets: dict[str, type[DataSetDeclaration]] = {}
        self.broken: list[BrokenPlugIn] = []
        """Plug-ins that could not be added; the others count."""

    def __getitem__(self, name: str) -> type[DataSetDeclaration]:
        return self._sets[name]

    def __iter__(self) -> Iterator[str]:
        return iter(sorted(self._sets, key=lambda name: self._sets[name].place))

    def __len__(self) -> int:
        return len(self._sets)

    def add(self, declared: type[DataSetDeclaration]) -> None:
        """Register a set. Raises ValueError if its name is taken or another set has a parameter otherwise."""
        if self._sets.get(declared.name, declared) is not declared:
            raise ValueError(f"data set {declared.name!r} is declared twice")
        for other in self._sets.values():
            for name in other.params.keys() & declared.params.keys():
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
        for declared in classes_in(module, DataSetDeclaration):
            if declared.name:
                self.add(declared)

    def add_plug_ins(self) -> None:
        """Register the sets of installed packages; one that fails is named in `broken`, the others count."""
        take_plug_ins(GROUP, self.add_module, self.broken)

    def titles(self) -> dict[str, str]:
        """What a form shows for each set: its title; of a second with the same, also what its name adds."""
        found: dict[str, str] = {}
        for name, declared in self.items():
            is_taken = declared.title in found.values()
            found[name] = f"{declared.title} {name.rpartition('-')[2]}" if is_taken else declared.title
        return found

    def params(self) -> dict[str, Param[Any]]:
        """The parameters of all sets, each shown for the sets that have it; each set's keep their order."""
        sets = sorted(self.values(), key=lambda one: -len(one.params))
        return {name: self._shown(name) for name in _in_order([list(one.params) for one in sets])}

    def _shown(self, name: str) -> Param[Any]:
        having = tuple(key for key, declared in self.items() if name in declared.params)
        param = copy.copy(self[having[0]].params[name])
        if len(having) < len(self):
            param.visible_if = ("dataset", having)
        return param


def _in_order(lists: list[list[str]]) -> list[str]:
    """All names once, so that those of each list keep its order; of two orders that contradict each other
    that of the earlier list stands. Names follow those of their list as closely as they can.
    """
    before: dict[str, set[str]] = {}
    for names in lists:
        for first, second in pairwise(names):
            before.setdefault(first, set())
            if not _leads_to(before, second, first):
                before.setdefault(second, set()).add(first)
    order: dict[str, None] = {}

    def put(name: str) -> None:
        for one in sorted(before[name] - order.keys(), key=place.__getitem__):
            put(one)
        order[name] = None

    place = {name: i for i, name in enumerate(dict.fromkeys(name for names in lists for name in names))}
    for name in place:
        before.setdefault(name, set())
    for name in place:
        if name not in order:
            put(name)
    return list(order)


def _leads_to(before: Mapping[str, set[str]], earlier: str, later: str) -> bool:
    """Whether `earlier` is known to come before `later`."""
    ahead, seen = [later], set[str]()
    while ahead:
        for one in before.get(ahead.pop(), set()) - seen:
            if one == earlier:
                return True
            seen.add(one)
            ahead.append(one)
    return False


def _is_alike(first: Param[Any], second: Param[Any]) -> bool:
    return type(first) is type(second) and (
        first is second or (first.expected() == second.expected() and first.default == second.default)
    )


@functools.cache
def data_sets() -> DataSets:
    """Every data set of the product and of installed packages. The first call finds them."""
    found = DataSets()
    inner = [module for room in ROOMS for module in modules_of(f"{PACKAGE}.{room}")]
    for module in (*modules_of(PACKAGE, skip=("registry",)), *inner):
        found.add_module(module)
    found.add_plug_ins()
    return found
