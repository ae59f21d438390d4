"""Finds exporters and importers: the classes of this folder's modules and those of installed packages.

A package names a module in the entry point group `layerloom.exporters` or `layerloom.importers`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple, TypeVar

from engine.exchange.contract import Exporter, Importer
from nodes.plug_ins import classes_in, modules_of, plug_in_modules

_Kind = TypeVar("_Kind", bound=Exporter | Importer)
_OWN = ("contract", "registry")


class Exchange(NamedTuple):
    """Every exporter and importer by id; `broken` names plug-ins that were left out, with the reason."""

    exporters: Mapping[str, Exporter]
    importers: Mapping[str, Importer]
    broken: Mapping[str, str]


def discover() -> Exchange:
    """Look for them now. An id that is declared twice keeps the first; the other plug-in is in `broken`."""
    broken: dict[str, str] = {}
    exporters = _found(Exporter, "layerloom.exporters", broken)  # type: ignore[type-abstract]
    importers = _found(Importer, "layerloom.importers", broken)  # type: ignore[type-abstract]
    return Exchange(exporters, importers, broken)


def _found(base: type[_Kind], group: str, broken: dict[str, str]) -> dict[str, _Kind]:
    own = [("", module) for module in modules_of("engine.exchange", skip=_OWN)]
    others = [(entry.name, module) for entry, module in plug_in_modules(group, broken)]
    found: dict[str, _Kind] = {}
    for name, module in (*own, *others):
        for kind in classes_in(module, base):
            if kind.id in found:
                broken[name] = f"{kind.__module__}: the id {kind.id!r} is taken"
            else:
                found[kind.id] = kind()
    return found
