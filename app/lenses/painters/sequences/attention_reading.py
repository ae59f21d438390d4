"""The arrays of an attention frame as a person reads them: stages by head, names of rows and columns, and
whether rows or columns are places of a picture.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import isqrt

import numpy as np
from numpy.typing import NDArray

from app.lenses.painter import Arrays, Context
from app.lenses.token_names import token_names

Floats = NDArray[np.float32]
STAGES = {"products": "QKᵀ", "scaled": "Scaled", "masked": "Masked", "weights": "Softmax"}


@dataclass(frozen=True)
class PatchGrid:
    """Places of a picture in rows, behind `lead` tokens that are none (the class token)."""

    lead: int
    rows: int
    columns: int

    def name(self, index: int) -> str:
        if index < self.lead:
            return "class token"
        row, column = divmod(index - self.lead, self.columns)
        return f"row {row}, column {column}"


@dataclass(frozen=True, eq=False)
class Axis:
    """Queries or keys: how many there are, the names of tokens, places of a picture, and what is shown.

    A cell stands for `each` neighbours; where some are left out, `places` are those that are shown.
    """

    noun: str
    count: int
    names: tuple[str, ...] = ()
    patches: PatchGrid | None = None
    each: int = 1
    places: NDArray[np.int64] | None = None

    def at(self, cell: int) -> int:
        """The first query or key of a cell."""
        return int(self.places[cell]) if self.places is not None else cell * self.each

    def short(self, cell: int) -> str:
        """The name of a token, else its number."""
        index = self.at(cell)
        return self.names[index] if self.names and self.each == 1 else f"{index}"

    def name(self, cell: int) -> str:
        """In words, as in `“whale” (12)`, `row 3, column 4`, `keys 16–31`."""
        index = self.at(cell)
        if self.each > 1:
            return f"{self.noun}s {index}–{min(index + self.each, self.count) - 1}"
        if self.patches is not None:
            return self.patches.name(index)
        return f"“{self.names[index]}” ({index})" if self.names else f"{self.noun} {index}"


@dataclass(frozen=True, eq=False)
class AttentionReading:
    """Heads in full from `first` on, and `small` more of them; `heads` counts all."""

    products: Floats
    added: Floats
    weights: Floats
    scale: float
    heads: int
    first: int
    queries: Axis
    keys: Axis
    small: Floats
    small_queries: Axis
    small_keys: Axis
    picture: Floats | None = None

    @property
    def full(self) -> int:
        """How many heads there are in full."""
        return len(self.weights)

    @property
    def is_trimmed(self) -> bool:
        """Whether queries are left out or keys are put together."""
        return len(self.weights[0]) < self.queries.count or self.keys.each > 1

    def hidden(self, head: int) -> NDArray[np.bool_]:
        """Which keys a mask hides, (t, s)."""
        found: NDArray[np.bool_] = np.isneginf(self.added[min(head, len(self.added) - 1)])
        return found

    def stage(self, name: str, head: int) -> Floats:
        """One of `STAGES`, (t, s); NaN where a key is hidden."""
        found: Floats = self.products[head]
        if name in ("scaled", "masked"):
            found = found * self.scale
        if name == "masked":
            found = found + self.added[min(head, len(self.added) - 1)]
        if name == "weights":
            found = self.weights[head]
        if name in ("masked", "weights"):
            found = np.where(self.hidden(head), np.float32(np.nan), found)
        return found

    def words(self, head: int, row: int, column: int) -> str:
        """A cell in a few words: `“whale” (12) → “the” (3) · 0.183`."""
        is_hidden = self.hidden(head)[row, column]
        shown = "hidden" if is_hidden else f"{self.weights[head, row, column]:.3f}"
        return f"{self.queries.name(row)} → {self.keys.name(column)} · {shown}"

    def chain(self, head: int, row: int, column: int) -> str:
        """How a weight came about: product, scaled, masked, softmax."""
        product = float(self.products[head, row, column])
        words = f"{product:.3g}"
        if self.scale != 1.0:
            words += f" × {self.scale:.3g} = {product * self.scale:.3g}"
        added = float(self.added[min(head, len(self.added) - 1), row, column])
        if np.isneginf(added):
            return f"{words} → hidden".replace("-", "−")
        if added:
            words += f" + {added:.3g}"
        return f"{words} → {self.weights[head, row, column]:.4f}".replace("-", "−")

    def left_out(self) -> str:
        """What the picture does not show, with true counts; empty where it shows all."""
        said = []
        if self.full < self.heads:
            last = self.first + self.full
            heads = f"head {self.first + 1}" if self.full == 1 else f"heads {self.first + 1}–{last}"
            said.append(f"{heads} of {self.heads:,}")
        shown = len(self.weights[0])
        if shown < self.queries.count:
            said.append(f"{shown} of {self.queries.count:,} queries")
        if self.keys.each > 1:
            said.append(f"{self.keys.count:,} keys, {self.keys.each} a cell")
        return " · ".join(said)


def read_attention(arrays: Arrays, context: Context) -> AttentionReading | None:
    """None where there is no attention in a frame."""
    if "weights" not in arrays or not arrays["weights"].size:
        return None
    heads, queries, keys = (int(size) for size in arrays["sizes"])
    names = {axis: token_names(arrays, axis, context.info) for axis in ("query", "key")}
    picture = np.asarray(arrays["picture"], np.float32) if "picture" in arrays else None
    patches = {
        axis: None if picture is None or names[axis] else _patches(count, picture.shape[1:])
        for axis, count in (("query", queries), ("key", keys))
    }

    def axes(places: str, each: str) -> tuple[Axis, Axis]:
        shown = np.asarray(arrays[places], np.int64)
        return (
            Axis("query", queries, names["query"], patches["query"], places=shown),
            Axis("key", keys, names["key"], patches["key"], int(arrays[each])),
        )

    full, less = axes("places", "each"), axes("small_places", "small_each")
    products, added, weights = (
        np.asarray(arrays[name], np.float32) for name in ("products", "added", "weights")
    )
    small = np.asarray(arrays["small"], np.float32)
    first = int(arrays["first_head"])
    scale = float(arrays["scale"])
    return AttentionReading(products, added, weights, scale, heads, first, *full, small, *less, picture)


def _patches(count: int, sides: tuple[int, ...]) -> PatchGrid | None:
    """Whether so many places are those of a picture of these sides, with or without a class token."""
    height, width = sides
    for lead in (0, 1):
        rows = isqrt(max(0, (count - lead) * height // width))
        if rows >= 3 and (count - lead) % rows == 0:
            columns = (count - lead) // rows
            if abs(rows * width - columns * height) < max(height, width):
                return PatchGrid(lead, rows, columns)
    return None
