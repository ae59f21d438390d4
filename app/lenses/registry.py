"""Every painter that is declared in `app.lenses.painters` and in plug-ins, by the kind of its lens.

A plug-in is an installed package with an entry point in the group `layerloom.lens_painters` that names a
module of painters.
"""

from __future__ import annotations

import inspect
from collections.abc import Iterator, Mapping
from types import ModuleType
from typing import Any

from app.lenses.painter import Painter, Subject
from app.lenses.room import Room
from engine.lens.lens import Lens
from engine.lens.registry import LENSES
from nodes.plug_ins import BrokenPlugIn, classes_in, modules_within, take_plug_ins
from nodes.spec import Layer

GROUP = "layerloom.lens_painters"


class Painters(Mapping[str, Painter[Any]]):
    """The painters by kind of lens, in the order of the lenses."""

    def __init__(self) -> None:
        self._painters: dict[str, Painter[Any]] = {}
        self.broken: list[BrokenPlugIn] = []
        """Plug-ins that could not be taken in; the others count."""

    def __getitem__(self, kind: str) -> Painter[Any]:
        return self._painters[kind]

    def __iter__(self) -> Iterator[str]:
        return (kind for kind in LENSES if kind in self._painters)

    def __len__(self) -> int:
        return sum(kind in LENSES for kind in self._painters)

    def add(self, painter: type[Painter[Any]]) -> None:
        """Register one declaration. Raises ValueError if its kind has a painter already."""
        present = self._painters.get(painter.kind)
        if present is not None and type(present) is not painter:
            raise ValueError(
                f"lens {painter.kind!r} has two painters: {type(present).__module__}, {painter.__module__}"
            )
        self._painters[painter.kind] = painter()

    def remove(self, kind: str) -> None:
        """Forget a painter (a plug-in that is taken out)."""
        del self._painters[kind]

    def add_module(self, module: ModuleType) -> None:
        """Register every painter that this module itself declares."""
        for declared in classes_in(module, Painter):  # type: ignore[type-abstract]
            if not inspect.isabstract(declared):
                self.add(declared)

    def add_plug_ins(self) -> None:
        """Register what installed packages declare; one that fails is named in `broken`."""
        take_plug_ins(GROUP, self.add_module, self.broken)

    def fitting(self, layer: type[Layer], subject: Subject) -> list[Lens]:
        """The lenses through which this node can be looked at and which have a painter."""
        return [lens for lens in LENSES.fitting(layer, subject.report) if lens.kind in self._painters]

    def in_node(self, layer: type[Layer], subject: Subject, pinned: str = "") -> tuple[str, Room] | None:
        """The kind of the lens that a node shows, and the room for it; None: it shows none.

        `pinned` is shown where it fits, else what nodes show by default.
        """
        kinds = [lens.kind for lens in self.fitting(layer, subject)]
        defaults = [kind for kind in kinds if self[kind].is_default(subject)]
        for kind in [pinned, *defaults] if pinned in kinds else defaults:
            room = self[kind].room(subject)
            if room is not None:
                return kind, room
        return None


def _discover() -> Painters:
    found = Painters()
    for module in modules_within("app.lenses.painters"):
        found.add_module(module)
    found.add_plug_ins()
    return found


PAINTERS = _discover()
