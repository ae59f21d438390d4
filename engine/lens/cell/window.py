"""A window that slides over maps: convolutions and pooling, one position at a time.

Holds what every position needs, so that a view can slide without asking the network again. Plain numbers.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.lens.cell.cell import Cell, Floats, Group, Ints, listed, summed
from engine.lens.cell.wording import factor, told

MOST_VALUES = 1 << 15
"""Of the maps that are sent, all channels together."""
MOST_CHANNELS = 64
SUM, MAX, MEAN, REAL_MEAN = "sum", "max", "mean", "mean of what is real"
PREFIX = "window_"


@dataclass(frozen=True, eq=False)
class SlidingWindow:
    """Maps (C, H, W) and, of a convolution, its kernel (C, h, w); axes are rows and columns.

    `how` is one of SUM, MAX, MEAN and REAL_MEAN (padding does not count). `fill` is what lies beyond the
    edge: `zeros`, `reflect`, `replicate` or `circular`. Of maps of which a part is sent, `corner` is where
    it begins and `size` how large they are; `missing` is what channels add that are not sent.
    """

    maps: Floats
    kernel: Floats
    names: tuple[str, ...]
    stride: tuple[int, int] = (1, 1)
    padding: tuple[int, int] = (0, 0)
    dilation: tuple[int, int] = (1, 1)
    how: str = SUM
    fill: str = "zeros"
    bias: float = 0.0
    activation: str = "none"
    corner: tuple[int, int] = (0, 0)
    size: tuple[int, int] = (0, 0)
    channels: int = 0
    missing: float = 0.0
    is_flat: bool = False
    """Whether the maps are signals, of one row each."""

    @property
    def is_whole(self) -> bool:
        """Whether every position can be taken apart, not only that which was asked for."""
        return self.maps.shape[1:] == self.size and len(self.maps) == self.channels

    def reach(self, row: int, column: int) -> tuple[Ints, Ints]:
        """The rows and columns that the window covers there, some of them perhaps beyond the edge."""
        place, found = (row, column), []
        for axis in (0, 1):
            start = place[axis] * self.stride[axis] - self.padding[axis]
            found.append(start + self.dilation[axis] * np.arange(self.kernel.shape[1 + axis]))
        return found[0], found[1]

    def patch(self, row: int, column: int) -> Floats:
        """What the window covers, (C, h, w); what lies beyond the edge is filled, with NaN where it counts
        for nothing.
        """
        rows, columns = self.reach(row, column)
        empty = 0.0 if self.how == SUM else np.nan
        ys = inside(rows, self.size[0], self.fill)
        xs = inside(columns, self.size[1], self.fill)
        seen = (ys >= 0)[:, None] & (xs >= 0)[None, :]
        top, left = self.corner
        ys = np.clip(ys - top, 0, self.maps.shape[1] - 1)
        xs = np.clip(xs - left, 0, self.maps.shape[2] - 1)
        found = self.maps[:, ys][:, :, xs].astype(np.float64)
        return np.where(seen[None], found, empty)

    def cell(self, row: int, column: int) -> Cell:
        """How the element at this row and column of the output came about."""
        patch = self.patch(row, column)
        rows, columns = self.reach(row, column)
        places = np.stack(np.meshgrid(rows, columns, indexing="ij"), -1).reshape(-1, 2)
        if self.is_flat:
            places = places[:, 1:]
        if self.how == MAX:
            return self._greatest(patch[0].ravel(), places)
        if self.how in (MEAN, REAL_MEAN):
            return self._mean(patch[0].ravel(), places, rows, columns)
        groups = []
        for name, x, k in zip(self.names, patch, self.kernel, strict=True):
            table = np.stack((x.ravel(), k.ravel(), x.ravel() * k.ravel()), -1)
            groups.append(Group(name, places, table))
        return summed(groups, ("x", "k", "x·k"), self.bias, self.activation, self.missing)

    def _greatest(self, patch: Floats, places: Ints) -> Cell:
        real = np.flatnonzero(~np.isnan(patch))
        best = int(real[np.argmax(patch[real])]) if len(real) else 0
        value = float(patch[best])
        shown = [told(float(patch[one])) for one in real[:25]]
        more = f", [{len(real) - 25:,} more]" if len(real) > 25 else ""
        line = f"max({', '.join(shown)}{more}) = {told(value)}"
        group = Group(self.names[0], places[real], patch[real, None])
        marked = int(np.flatnonzero(real == best)[0]) if len(real) else -1
        return listed([group], ("x",), value, (line,), total=value, marked=marked)

    def _mean(self, patch: Floats, places: Ints, rows: Ints, columns: Ints) -> Cell:
        real = ~np.isnan(patch)
        count = int(real.sum())
        if self.how == MEAN:  # a window that reaches beyond the padding counts only what is within
            count = 1
            for axis, reached in enumerate((rows, columns)):
                count *= int((reached < self.size[axis] + self.padding[axis]).sum())
        x = np.where(real, patch, 0.0)
        value = float(x.sum()) / count
        places, x = places[real], x[real]
        shown = [factor(float(each)) for each in x[:25]]
        more = f" + [{len(x) - 25:,} more]" if len(x) > 25 else ""
        line = f"({' + '.join(shown)}{more}) / {count} = {told(value)}"
        table = np.stack((x, np.full_like(x, 1.0 / count), x / count), -1)
        group = Group(self.names[0], places, table)
        return listed([group], ("x", "1/n", "x/n"), value, (line,), total=value)

    def limited(self, row: int, column: int) -> SlidingWindow:
        """The part that is sent: all of it, or what this position and its neighbours need."""
        whole = replace(self, size=(self.maps.shape[1], self.maps.shape[2]), channels=len(self.maps))
        if self.maps.size <= MOST_VALUES and len(self.maps) <= MOST_CHANNELS:
            return whole
        parts = np.zeros(len(self.maps))
        if self.how == SUM and len(self.maps) > MOST_CHANNELS:
            parts = (whole.patch(row, column) * self.kernel).sum((1, 2))
        kept = np.sort(np.argsort(-np.abs(parts), kind="stable")[:MOST_CHANNELS])
        fewer = replace(
            whole,
            maps=self.maps[kept],
            kernel=self.kernel[kept],
            names=tuple(self.names[one] for one in kept),
            missing=float(np.delete(parts, kept).sum()),
        )
        if fewer.maps.size <= MOST_VALUES:
            return fewer
        side = int((MOST_VALUES / len(fewer.maps)) ** 0.5)
        cuts = [
            _around(inside(reached, size, self.fill), size, side)
            for reached, size in zip(self.reach(row, column), whole.size, strict=True)
        ]
        return replace(fewer, maps=fewer.maps[:, cuts[0], cuts[1]], corner=(cuts[0].start, cuts[1].start))

    def arrays(self) -> dict[str, NDArray[Any]]:
        """The same as arrays, to be read by `window_of`."""
        geometry = (self.stride, self.padding, self.dilation, self.corner, self.size)
        words = (self.how, self.fill, self.activation)
        found: dict[str, NDArray[Any]] = {
            "maps": self.maps.astype(np.float32),
            "kernel": self.kernel.astype(np.float32),
            "names": np.array(self.names, np.str_),
            "geometry": np.array(geometry, np.int32),
            "words": np.array(words, np.str_),
            "numbers": np.array((self.bias, self.missing), np.float64),
            "counts": np.array((self.channels, self.is_flat), np.int64),
        }
        return {f"{PREFIX}{name}": value for name, value in found.items()}


def window_of(arrays: Mapping[str, NDArray[Any]]) -> SlidingWindow | None:
    """The window that `arrays` were made of; None where there is none."""
    if f"{PREFIX}maps" not in arrays:
        return None
    held = {name: arrays[f"{PREFIX}{name}"] for name in ("maps", "kernel", "names", "geometry")}
    stride, padding, dilation, corner, size = ((int(a), int(b)) for a, b in held["geometry"])
    how, fill, activation = map(str, arrays[f"{PREFIX}words"])
    bias, missing = map(float, arrays[f"{PREFIX}numbers"])
    channels, is_flat = map(int, arrays[f"{PREFIX}counts"])
    names = tuple(map(str, held["names"]))
    return SlidingWindow(
        held["maps"], held["kernel"], names, stride, padding, dilation, how, fill, bias, activation,
        corner, size, channels, missing, bool(is_flat),
    )  # fmt: skip


def inside(places: Ints, size: int, fill: str) -> Ints:
    """The places of maps that stand where the window reaches; −1 where nothing does."""
    if fill == "reflect":
        beyond = np.where(places < 0, -places, places)
        return np.where(beyond >= size, 2 * (size - 1) - beyond, beyond)
    if fill == "replicate":
        return np.clip(places, 0, size - 1)
    if fill == "circular":
        return places % size
    return np.where((places >= 0) & (places < size), places, -1)


def _around(places: Ints, size: int, side: int) -> slice:
    """A range of at least `side` places, as far as there are so many, that holds these."""
    real = places[places >= 0]
    low, high = (int(real.min()), int(real.max()) + 1) if len(real) else (0, 1)
    air = max(0, side - (high - low))
    start = max(0, min(low - air // 2, size - side))
    return slice(start, min(size, max(high, start + side)))
