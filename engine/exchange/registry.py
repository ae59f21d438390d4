"""Finds exporters and importers: the classes of this folder's modules and those of installed packages.

A package names a module in the entry point group `layerloom.exporters` or `layerloom.importers`.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import ModuleType
from typing import NamedTuple, TypeVar

from engine.exchange.contract import Exporter, Importer
from nodes.plug_ins import BrokenPlugIn, classes_in, modules_of, take_plug_ins

_Kind = TypeVar("_Kind", bound=Exporter | Importer)
_OWN = ("contract", "registry")
EXPORTERS, IMPORTERS = "layerloom.exporters", "layerloom.importers"


class Exchange(NamedTuple):
    """Every exporter and importer by id; `broken` has the plug-ins that were left out."""

    exporters: Mapping[str, Exporter]
    importers: Mapping[str, Importer]
    broken: tuple[BrokenPlugIn, ...]


def discover() -> Exchange:
    """Look for them now. An id that is declared twice keeps the first; the other plug-in is in `broken`."""
    broken: list[BrokenPlugIn] = []
    exporters = _found(Exporter, EXPORTERS, broken)  # type: ignore[type-abstract]
    importers = _found(Importer, IMPORTERS, broken)  # type: ignore[type-abstract]
    return Exchange(exporters, importers, tuple(broken))


def _found(base: type[_Kind], group: str, broken: list[BrokenPlugIn]) -> dict[str, _Kind]:
    found: dict[str, _Kind] = {}

    def take(module: ModuleType) -> None:
        for kind in classes_in(module, base):
            if kind.id in found:
                raise ValueError(f"the id {kind.id!r} is taken")
            found[kind.id] = kind()

    for module in modules_of("engine.exchange", skip=_OWN):
        take(module)
    take_plug_ins(group, take, broken)
    return found
