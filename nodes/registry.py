"""Finds every declaration here and in plug-ins, and looks layers up by type, alias or a near miss.

A plug-in is an installed package with an entry point in the group `layerloom.nodes` that names a module of
declarations. The registry is the one global of the product.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property
from types import ModuleType

from nodes.param import JSON
from nodes.plug_ins import BrokenPlugIn, classes_in, modules_of, take_plug_ins
from nodes.shown_text import quoted
from nodes.spec import Family, Layer, Role
from nodes.user_error import UserError

_PART = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+\w*")
"""A part of a title: Batch, Norm and 2d of BatchNorm2d."""
_WORD = re.compile(r"\w+")
ROOMS = ("nodes.data", "nodes.layers", "nodes.layers.sequences", "nodes.training")
"""The packages whose modules declare layers."""
GROUP = "layerloom.nodes"
LONGEST_COMPARED = 80
"""Characters of an unknown name that are compared with the known ones."""
RENAMED: dict[str, str] = {}
"""Old type name -> present one; files written with the old name load with the new one."""


class UnknownLayerError(UserError, KeyError):
    """No declaration has this type. The message offers the nearest ones, which are looked for when asked."""

    def __init__(self, type_name: str, known: Iterable[str] = ()) -> None:
        super().__init__(f"unknown layer {quoted(type_name)}")
        self.type_name, self._known = type_name, known

    @cached_property
    def near(self) -> list[str]:
        """The types that are spelt nearly so, the nearest first."""
        return difflib.get_close_matches(self.type_name[:LONGEST_COMPARED], self._known, n=2)

    @property
    def plain(self) -> str:
        """The message without the nearest types: looking for them takes long where there are many errors."""
        return super().__str__()

    def __str__(self) -> str:
        hint = f"; did you mean {' or '.join(repr(name) for name in self.near)}?" if self.near else ""
        return f"{self.plain}{hint}"


class Registry(Mapping[str, type[Layer]]):
    """Every known declaration by type, in palette order: by family, sources first, then as declared."""

    def __init__(self) -> None:
        self._layers: dict[str, type[Layer]] = {}
        self.broken: list[BrokenPlugIn] = []
        """Plug-ins that could not be taken in; the others count."""

    def __getitem__(self, type_name: str) -> type[Layer]:
        found = self._layers.get(RENAMED.get(type_name, type_name))
        if found is None:
            raise UnknownLayerError(type_name, self._layers)
        return found

    def __contains__(self, type_name: object) -> bool:
        return isinstance(type_name, str) and RENAMED.get(type_name, type_name) in self._layers

    def __iter__(self) -> Iterator[str]:
        order = list(Family)

        def place(name: str) -> tuple[int, bool]:
            """A drawing begins with its sources, so they stand first in their family."""
            layer = self._layers[name]
            return order.index(layer.family), layer.role is not Role.SOURCE

        return iter(sorted(self._layers, key=place))

    def __len__(self) -> int:
        return len(self._layers)

    def add(self, layer: type[Layer]) -> type[Layer]:
        """Register one declaration; usable as a class decorator. Raises ValueError if the type is taken."""
        present = self._layers.get(layer.type)
        if present is not None and present is not layer:
            raise ValueError(
                f"layer type {layer.type!r} is declared twice: {present.__module__}, {layer.__module__}"
            )
        self._layers[layer.type] = layer
        return layer

    def remove(self, type_name: str) -> None:
        """Forget a declaration (a plug-in that is taken out)."""
        del self._layers[type_name]

    def add_module(self, module: ModuleType) -> None:
        """Register every declaration that this module itself makes, in source order."""
        for layer in classes_in(module, Layer):
            if not layer.abstract:
                self.add(layer)

    def title_of(self, type_name: str) -> str:
        """What users read; of an unknown layer, its type."""
        return self[type_name].title if type_name in self else type_name

    def role_of(self, type_name: str) -> Role | None:
        """What nodes of this layer do in a run; None for an unknown one."""
        return self[type_name].role if type_name in self else None

    def make(self, type_name: str, params: Mapping[str, JSON] | None = None) -> Layer:
        """An instance with checked parameters. Raises `UnknownLayerError` or `ParamError`."""
        return self[type_name](**dict(params or {}))

    def search(self, text: str) -> list[type[Layer]]:
        """Declarations that match what somebody typed, best first: title, then alias, family, summary.

        Where nothing matches, those whose names are nearly what was typed ("dorpout").
        """
        words = text.lower().split()
        ranked = [
            (rank, i, layer) for i, layer in enumerate(self.values()) if (rank := _rank(layer, words)) >= 0
        ]
        found = [layer for _, _, layer in sorted(ranked, key=lambda entry: entry[:2])]
        return found or self._nearly(" ".join(words))

    def _nearly(self, text: str) -> list[type[Layer]]:
        named: dict[str, list[type[Layer]]] = {}
        for layer in self.values():
            for name in (layer.title, *layer.aliases):
                named.setdefault(name.lower(), []).append(layer)
        near = difflib.get_close_matches(text[:LONGEST_COMPARED], named, n=4, cutoff=0.7)
        return list(dict.fromkeys(layer for name in near for layer in named[name]))

    def add_plug_ins(self) -> None:
        """Register what installed packages declare; one that fails is named in `broken`, the others count."""
        take_plug_ins(GROUP, self.add_module, self.broken)


def _rank(layer: type[Layer], words: list[str]) -> int:
    """0 for the best match, -1 for none."""
    if " ".join(words) in (layer.title.lower(), layer.type):
        return 0
    if len(words) > 1 and " ".join(words) in layer.aliases:
        return 1
    ranks = [_rank_word(layer, word) for word in words]
    return -1 if -1 in ranks else max(ranks, default=0)


def _rank_word(layer: type[Layer], word: str) -> int:
    """How well one word matches. What the layer is called goes before what else it is known as."""
    titles, aliases = (layer.title.lower(), layer.type), [alias.lower() for alias in layer.aliases]
    parts = (part.lower() for part in _PART.findall(layer.title))
    matches = (
        word in titles,
        any(title.startswith(word) for title in titles),
        any(part.startswith(word) for part in parts),
        word in aliases,
        any(part.startswith(word) for alias in aliases for part in alias.replace("-", " ").split()),
        any(part.startswith(word) for part in layer.family.heading.lower().split()),
        any(word in name for name in (*titles, *aliases)),
        any(part.startswith(word) for part in _WORD.findall(layer.summary().lower())),
    )
    return next((rank for rank, matched in enumerate(matches) if matched), -1)


def _discover() -> Registry:
    registry = Registry()
    modules = [module for room in ROOMS for module in modules_of(room)]
    for module in sorted(modules, key=lambda module: module.__name__.rsplit(".", 1)[1]):
        registry.add_module(module)
    registry.add_plug_ins()
    return registry


REGISTRY = _discover()
