"""Every lens that is declared in `engine.lens.kinds` and in plug-ins, by kind.

A plug-in is an installed package with an entry point in the group `layerloom.lenses` that names a module of
declarations; its painters are in `layerloom.lens_painters`.
"""

from __future__ import annotations

import inspect
from collections.abc import Iterator, Mapping
from types import ModuleType

from engine.lens.lens import Lens, Reads
from engine.report import NodeReport
from nodes.plug_ins import BrokenPlugIn, classes_in, modules_within, take_plug_ins
from nodes.spec import Layer

GROUP = "layerloom.lenses"


class Lenses(Mapping[str, Lens]):
    """The lenses by kind, in the order in which they are offered."""

    def __init__(self) -> None:
        self._lenses: dict[str, Lens] = {}
        self.broken: list[BrokenPlugIn] = []
        """Plug-ins that could not be taken in; the others count."""

    def __getitem__(self, kind: str) -> Lens:
        return self._lenses[kind]

    def __iter__(self) -> Iterator[str]:
        return iter(sorted(self._lenses, key=lambda kind: (self._lenses[kind].place, kind)))

    def __len__(self) -> int:
        return len(self._lenses)

    def add(self, lens: type[Lens]) -> None:
        """Register one declaration. Raises ValueError if its kind is taken."""
        present = self._lenses.get(lens.kind)
        if present is not None and type(present) is not lens:
            raise ValueError(
                f"lens {lens.kind!r} is declared twice: {type(present).__module__}, {lens.__module__}"
            )
        self._lenses[lens.kind] = lens()

    def remove(self, kind: str) -> None:
        """Forget a lens (a plug-in that is taken out)."""
        del self._lenses[kind]

    def add_module(self, module: ModuleType) -> None:
        """Register every lens that this module itself declares."""
        for declared in classes_in(module, Lens):  # type: ignore[type-abstract]
            if not inspect.isabstract(declared):
                self.add(declared)

    def add_plug_ins(self) -> None:
        """Register what installed packages declare; one that fails is named in `broken`."""
        take_plug_ins(GROUP, self.add_module, self.broken)

    def reading(self, what: Reads) -> list[Lens]:
        """The lenses that ask for this."""
        return [lens for lens in self.values() if what in lens.reads]

    def fitting(self, layer: type[Layer], report: NodeReport | None) -> list[Lens]:
        """The lenses through which a node of this layer can be looked at."""
        return [lens for lens in self.values() if lens.applies_to(layer, report)]


def _discover() -> Lenses:
    found = Lenses()
    for module in modules_within("engine.lens.kinds"):
        found.add_module(module)
    found.add_plug_ins()
    return found


LENSES = _discover()
