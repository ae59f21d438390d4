"""How one element of an output came about: its terms, what they add up to, and the sums written out.

Plain numbers: it imports no torch and knows no layer, so that a view can take an element apart as the engine
does while its window slides.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.lens.cell.activation import activated
from engine.lens.cell.wording import added, sum_of_products

Floats = NDArray[np.floating[Any]]
Ints = NDArray[np.integer[Any]]
MOST_TERMS = 2048
"""Terms that are sent; of more, those that add most."""
NOWHERE = -(1 << 20)
"""Stands in `places` where a term has fewer coordinates than others."""
ALL, EACH, NONE = "all", "each", "none"
"""What the groups of terms add up to: the element together, each a sum of its own, or nothing."""
_WORDS = ("lines", "columns", "groups", "sources", "adds", "of_bias", "activation")


@dataclass(frozen=True, eq=False)
class Group:
    """Terms that belong together: an input channel, a head, a gate.

    `table` is (n, columns), `places` (n, coordinates), `source` (n) says to which of the sources of the cell
    a place belongs. Of terms that add up, the last column is what each adds.
    """

    name: str
    places: Ints
    table: Floats
    source: Ints | None = None


@dataclass(frozen=True, eq=False)
class Cell:
    """An element that is `value`; the sum before a fused activation is `total`.

    The rows of `table` are terms, `group`, `source` and `places` say of each to which group it belongs and
    where it comes from. `parts` are the sums of the groups without the bias; `rest` is what the terms add
    that are not sent, by group; `bias` is (1), or (groups) where each group has a sum of its own.
    """

    value: float
    lines: tuple[str, ...] = ()
    total: float = 0.0
    columns: tuple[str, ...] = ()
    table: Floats = field(default_factory=lambda: np.zeros((0, 0)))
    group: Ints = field(default_factory=lambda: np.zeros(0, np.int32))
    source: Ints = field(default_factory=lambda: np.zeros(0, np.int32))
    places: Ints = field(default_factory=lambda: np.zeros((0, 1), np.int32))
    groups: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    parts: Floats = field(default_factory=lambda: np.zeros(0))
    rest: Floats = field(default_factory=lambda: np.zeros(0))
    counts: Ints = field(default_factory=lambda: np.zeros(0, np.int64))
    """How many terms each group has in all."""
    bias: Floats = field(default_factory=lambda: np.zeros(1))
    of_bias: str = "bias"
    adds: str = NONE
    marked: int = -1
    """The row that counts: the greatest of a window, the own score of a softmax."""
    activation: str = "none"
    curve: Floats = field(default_factory=lambda: np.zeros((2, 0)))
    """Of a function of one number: x and y (2, n) around the x of this element."""

    def arrays(self) -> dict[str, NDArray[Any]]:
        """The same as arrays, to be read by `cell_of`."""
        found: dict[str, NDArray[Any]] = {
            "value": np.array(self.value),
            "total": np.array(self.total),
            "table": self.table.astype(np.float32),
            "group": self.group.astype(np.int32),
            "source": self.source.astype(np.int32),
            "places": self.places.astype(np.int32),
            "parts": self.parts.astype(np.float64),
            "rest": self.rest.astype(np.float64),
            "counts": self.counts.astype(np.int64),
            "bias": self.bias.astype(np.float64),
            "marked": np.array(self.marked),
            "curve": self.curve.astype(np.float32),
        }
        words = {name: getattr(self, name) for name in _WORDS}
        return found | {name: np.array(held, np.str_) for name, held in words.items()}

    def of_group(self, place: int) -> NDArray[np.intp]:
        """The rows of the terms of a group."""
        return np.flatnonzero(self.group == place)

    def line_of(self, place: int) -> str:
        """The sum of one group, written out: `0.5·1 + (−0.2)·3 + … = 0.31`; empty where nothing adds up."""
        if self.adds == NONE or not self.groups:
            return ""
        own = self.adds == EACH or len(self.groups) == 1
        bias = float(self.bias[min(place, len(self.bias) - 1)]) if own else 0.0
        part = float(self.parts[place])
        missing = float(self.rest[place]) if place < len(self.rest) else 0.0
        rows = self.table[self.of_group(place)]
        left_out = int(self.counts[place]) - len(rows)
        return sum_of_products(rows, bias, part + bias, missing if left_out else 0.0, left_out, self.of_bias)


def cell_of(arrays: Mapping[str, NDArray[Any]]) -> Cell:
    """The cell that `arrays` were made of."""
    several: dict[str, Any] = {
        name: tuple(map(str, arrays[name])) for name in ("lines", "columns", "groups", "sources")
    }
    single: dict[str, Any] = {name: str(arrays[name]) for name in ("adds", "of_bias", "activation")}
    names = ("table", "group", "source", "places", "parts", "rest", "counts", "bias", "curve")
    held: dict[str, Any] = {name: arrays[name] for name in names}
    return Cell(
        value=float(arrays["value"]),
        total=float(arrays["total"]),
        marked=int(arrays["marked"]),
        **several,
        **single,
        **held,
    )


def listed(
    groups: Sequence[Group],
    columns: tuple[str, ...],
    value: float,
    lines: tuple[str, ...] = (),
    **more: Any,
) -> Cell:
    """A cell of terms that add up to nothing, or each to a sum of its own (`adds`); cut to what is sent."""
    table = np.concatenate([each.table for each in groups])
    group = np.repeat(np.arange(len(groups)), [len(each.table) for each in groups])
    parts = np.array([each.table[:, -1].sum(dtype=np.float64) for each in groups])
    source = [np.zeros(len(each.table), np.int32) if each.source is None else each.source for each in groups]
    counts = np.array([len(each.table) for each in groups])
    marked = more.pop("marked", -1)
    kept = _kept(table[:, -1], marked)
    if len(kept) < len(table):
        marked = int(np.flatnonzero(kept == marked)[0]) if marked >= 0 else -1
    left_out = np.setdiff1d(np.arange(len(table)), kept, assume_unique=True)
    rest = np.bincount(group[left_out], table[left_out, -1], len(groups)).astype(np.float64)
    return Cell(
        value,
        lines,
        columns=columns,
        table=table[kept],
        group=group[kept],
        source=np.concatenate(source)[kept],
        places=np.concatenate([each.places for each in groups])[kept],
        groups=tuple(each.name for each in groups),
        parts=parts,
        rest=rest,
        counts=counts,
        marked=marked,
        **more,
    )


def summed(
    groups: Sequence[Group],
    columns: tuple[str, ...],
    bias: float = 0.0,
    activation: str = "none",
    missing: float = 0.0,
    **more: Any,
) -> Cell:
    """A cell whose terms add up, with the bias, to what the activation then takes.

    `missing` is what groups add that are not given.
    """
    parts = [float(each.table[:, -1].sum(dtype=np.float64)) for each in groups]
    total = sum(parts) + bias + missing
    value, line = activated(activation, total)
    of_bias = str(more.get("of_bias", "bias"))
    lines = () if len(groups) == 1 and not missing else (added(parts, bias, of_bias, missing, total),)
    more.setdefault("adds", ALL)
    return listed(
        groups,
        columns,
        value,
        (*lines, line) if line else lines,
        total=total,
        bias=np.array([bias]),
        activation=activation,
        **more,
    )


def _kept(column: Floats, marked: int) -> NDArray[np.intp]:
    """The rows that are sent, in their order: those of the largest size, and the one that is marked."""
    if len(column) <= MOST_TERMS:
        return np.arange(len(column))
    order = np.argsort(-np.abs(column), kind="stable")[:MOST_TERMS]
    if marked >= 0 and marked not in order:
        order[-1] = marked
    return np.sort(order)
