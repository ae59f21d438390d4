"""What a view of one element shows: the numbers of the engine and, where a window slides, any position.

Knows no painting: it makes words, places and orders of terms.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from app.lenses.token_names import token_names
from engine.lens.cell.cell import EACH, NONE, NOWHERE, Cell, cell_of
from engine.lens.cell.window import SUM, SlidingWindow, window_of
from engine.lens.cell.wording import told
from nodes.reading.dataset import DataInfo

Floats = NDArray[np.floating[Any]]
AXES = {1: ("column",), 2: ("row", "column"), 3: ("channel", "row", "column")}
AXES[4] = ("channel", "depth", "row", "column")
"""The options of the lens that name an element, by the rank of the output of a sample."""
_WRAP = 24
"""A longer row of units is shown in several rows."""


@dataclass(frozen=True, eq=False)
class ShownCell:
    """One element: `shape` and `index` are of the output of the sample, `output` is the map that holds it,
    which begins at `corner` of a map of `size`.
    """

    cell: Cell
    window: SlidingWindow | None
    shape: tuple[int, ...]
    index: tuple[int, ...]
    output: Floats
    corner: tuple[int, int]
    size: tuple[int, int]
    keys: tuple[str, ...] = ()
    rows: tuple[str, ...] = ()
    """The tokens that the keys of an attention and the rows of the map are made of, of a text."""

    @property
    def place(self) -> tuple[int, int]:
        """The row and column of the element in the whole map."""
        return (0, self.index[0]) if len(self.shape) == 1 else (self.index[-2], self.index[-1])

    @property
    def slides(self) -> bool:
        """Whether every position can be shown without asking the network."""
        whole = self.output.shape == self.size
        is_map = len(self.shape) > 1 and self.output.size > 1
        return self.window is not None and self.window.is_whole and whole and is_map

    @property
    def is_signal(self) -> bool:
        return self.window is not None and self.window.is_flat

    def at(self, row: int, column: int) -> ShownCell:
        """The same map at another place, where the window slides."""
        if self.window is None or not self.slides:
            return self
        if self.is_signal:
            cell, index = self.window.cell(0, column), (self.index[0], column)
            return self if row != self.index[0] else replace(self, cell=cell, index=index)
        return replace(self, cell=self.window.cell(row, column), index=(*self.index[:-2], row, column))

    def moved(self, step: int) -> ShownCell:
        """The next position in the order of reading, from the last one on to the first."""
        rows, columns = self.size
        row, column = self.place
        if self.is_signal:
            return self.at(row, (column + step) % columns)
        return self.at(*divmod((row * columns + column + step) % (rows * columns), columns))

    def options_at(self, row: int, column: int) -> dict[str, int]:
        """The options of the lens that choose this place of the map, the channel included."""
        index = (column,) if len(self.shape) == 1 else (*self.index[:-2], row, column)
        return dict(zip(AXES[len(self.shape)], index, strict=True))

    def options_of_channel(self, step: int) -> dict[str, int]:
        """The same element of another channel."""
        index = (min(max(self.index[0] + step, 0), self.shape[0] - 1), *self.index[1:])
        return dict(zip(AXES[len(self.shape)], index, strict=True))

    @property
    def has_channels(self) -> bool:
        """Whether the map is one of several."""
        return len(self.shape) > 2 and self.shape[0] > 1

    @property
    def channel_words(self) -> str:
        return f"output channel {self.index[0]} · {self.shape[0]:,} in all"

    @property
    def headline(self) -> str:
        place = ", ".join(map(str, self.index))
        if len(self.shape) == 2:
            place = self.place_words(*self.place)
        return f"output[{place}] = {told(self.cell.value)}"

    # Groups and terms -------------------------------------------------------------------

    @property
    def groups(self) -> tuple[str, ...]:
        return self.cell.groups

    def group_words(self, group: int) -> str:
        """Which group is shown: of parts that are left out, how many there are in all."""
        name = self.groups[group]
        total = self.window.channels if self.window is not None else len(self.groups)
        left_out = (
            f", the {len(self.groups):,} of {total:,} that add most" if total > len(self.groups) else ""
        )
        return f"{name} · {len(self.groups):,} in all{left_out}" if not left_out else f"{name}{left_out}"

    @cached_property
    def grid(self) -> tuple[int, int] | None:
        """Rows and columns of the window; None where the terms are a list."""
        if self.window is None:
            return None
        return self.window.kernel.shape[1], self.window.kernel.shape[2]

    @property
    def has_kernel(self) -> bool:
        return self.window is not None and self.window.how == SUM

    def patch(self, group: int) -> Floats:
        """What the window covers, (h, w); NaN where nothing counts."""
        assert self.window is not None
        place = (0, self.place[1]) if self.is_signal else self.place
        if len(self.shape) == 1:
            place = (0, 0)
        found = self.window.patch(*place)
        own: Floats = found[min(group, len(found) - 1)]
        return own

    def ordered(self, group: int) -> NDArray[np.intp]:
        """The terms of a group, the one that counts first, then by size."""
        rows = self.cell.of_group(group)
        rows = rows[np.argsort(-np.abs(self.cell.table[rows, -1]), kind="stable")]
        marked = self.cell.marked
        if marked in rows:
            rows = np.concatenate(([marked], rows[rows != marked]))
        return rows

    def term_place(self, row: int) -> str:
        """Where a term comes from, as in `3`, `0, 2, 5` or `key 4`."""
        coordinates = [int(one) for one in self.cell.places[row] if one != NOWHERE]
        words = ", ".join(map(str, coordinates))
        if not self.cell.sources:
            return words
        source = self.cell.sources[int(self.cell.source[row])]
        if source == "key" and len(coordinates) == 1 and coordinates[0] < len(self.keys):
            words = f"{words} “{self.keys[coordinates[0]]}”"
        return f"{source} {words}"

    def place_words(self, row: int, column: int) -> str:
        """A place of the map, with the token of its row where it is of a text, as in `3 “a”, 5`."""
        name = f" “{self.rows[row]}”" if len(self.shape) == 2 and row < len(self.rows) else ""
        return f"{row}{name}, {column}"

    def term_words(self, row: int) -> str:
        """A term under the mouse, as in `3, 4: 0.5 × −0.2 = −0.1`."""
        values = [told(float(value)) for value in self.cell.table[row]]
        place = self.term_place(row)
        if self.cell.adds == NONE and self.cell.columns[-1] != "x/n":
            named = zip(self.cell.columns, values, strict=True)
            return f"{place}: " + " · ".join(f"{name} {value}" for name, value in named)
        if len(values) >= 3:
            return f"{place}: {values[-3]} × {values[-2]} = {values[-1]}"
        return f"{place}: {values[-1]}"

    def left_out(self, group: int) -> str:
        """How many terms of a group were not sent, and what they add; empty where all were."""
        missing = int(self.cell.counts[group]) - len(self.cell.of_group(group))
        if missing <= 0:
            return ""
        adds = f", which add {told(float(self.cell.rest[group]))}" if self.cell.adds != NONE else ""
        return f"without {missing:,} smaller terms{adds}"

    def formula(self, group: int) -> str:
        """All sums, line by line: that of the group that is shown first."""
        own = self.cell.line_of(group) if self.groups else ""
        if own and (len(self.groups) > 1 or self.cell.adds == EACH):
            own = f"{self.groups[group]}: {own}"
        return "\n".join(line for line in (own, *self.cell.lines) if line)

    # The output map ----------------------------------------------------------------------

    @cached_property
    def wrapped(self) -> Floats:
        """The map as it is drawn: a long row of units in several rows, NaN behind the last one."""
        if len(self.shape) > 1 or self.output.shape[1] <= _WRAP:
            return self.output
        columns = int(np.ceil(np.sqrt(2.0 * self.output.shape[1])))
        rows = -(-self.output.shape[1] // columns)
        padded = np.full(rows * columns, np.nan, np.float32)
        padded[: self.output.shape[1]] = self.output[0]
        return padded.reshape(rows, columns)

    def place_at(self, row: int, column: int) -> tuple[int, int] | None:
        """The place in the whole map of a place of what is drawn; None behind the last unit."""
        if self.wrapped is not self.output:
            unit = row * self.wrapped.shape[1] + column
            return (0, unit + self.corner[1]) if unit < self.output.shape[1] else None
        return row + self.corner[0], column + self.corner[1]

    def drawn_at(self, place: tuple[int, int]) -> tuple[int, int]:
        """The reverse: where a place of the map is drawn."""
        row, column = place[0] - self.corner[0], place[1] - self.corner[1]
        return divmod(column, self.wrapped.shape[1]) if self.wrapped is not self.output else (row, column)

    @property
    def cut_words(self) -> str:
        """What of the output map is not sent; empty where it is whole."""
        if self.output.shape == self.size:
            return ""
        shown, whole = (" × ".join(f"{side:,}" for side in sides) for sides in (self.output.shape, self.size))
        return f"The output map shows {shown} of {whole} values."


def shown_of(arrays: Mapping[str, NDArray[Any]], info: DataInfo | None = None) -> ShownCell | None:
    """What these arrays show, with the tokens of the data of `info`; None where they are empty."""
    if "value" not in arrays or "output" not in arrays:
        return None
    shape, index, corner, size = (
        tuple(int(one) for one in arrays[name]) for name in ("shape", "index", "corner", "size")
    )
    output = np.asarray(arrays["output"], np.float32)
    keys, rows = (token_names(arrays, axis, info) for axis in ("key", "row"))
    return ShownCell(
        cell_of(arrays), window_of(arrays), shape, index, output, (corner[0], corner[1]), (size[0], size[1]),
        keys, rows,
    )  # fmt: skip
