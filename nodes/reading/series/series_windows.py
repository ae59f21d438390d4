"""Windows of series: where they begin, so that none crosses from one section to another, and which train."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from nodes.reading import split

Starts = NDArray[np.int64]


@dataclass(frozen=True)
class WindowSizes:
    """Rows that go in, rows that are predicted, and rows from one window to the next."""

    window: int
    horizon: int
    step: int = 1

    @property
    def needed(self) -> int:
        """Rows of a window with what it predicts."""
        return self.window + self.horizon


def starts_of(sections: NDArray[np.int64], sizes: WindowSizes, limit: int = 0) -> list[Starts]:
    """Where the windows of each section begin; at most `limit` in all, the first ones (0: all)."""
    found, left = [], limit
    for start, end in sections:
        own = np.arange(start, end - sizes.needed + 1, sizes.step, dtype=np.int64)
        if limit:
            own, left = own[:left], left - min(left, len(own))
        found.append(own)
    return found


def divided_at_ends(starts: list[Starts], sizes: WindowSizes, share: float) -> tuple[Starts, Starts]:
    """The end of each section validates. No window that trains shows a value that validation predicts.

    Where a section has several windows at least one trains.
    """
    train, held = [], []
    for own in starts:
        count = split.held_back(len(own), share)
        inside, outside = own[: len(own) - count], own[len(own) - count :]
        if count:
            apart = inside[inside + sizes.horizon <= outside[0]]
            inside = apart if len(apart) or len(starts) > 1 else inside[:1]
        train.append(inside)
        held.append(outside)
    return _joined(train), _joined(held)


def divided_by_group(
    starts: list[Starts], groups: tuple[str, ...], share: float, seed: int
) -> tuple[Starts, Starts, tuple[str, ...]]:
    """Whole series validate, drawn by the seed; and what could not be so."""
    lengths = [len(own) for own in starts]
    names = np.repeat(np.array(groups, str), lengths)
    every = _joined(starts)
    choice = split.SplitChoice("group", share, seed)
    found = split.divide(len(every), choice, split.SplitMarks(groups=names, group_name="series"), "series")
    return every[found.train], every[found.validation], found.notes


def seen_rows(starts: Starts, sizes: WindowSizes, count: int) -> NDArray[np.bool_]:
    """Which of so many rows windows with these beginnings show, as inputs or as targets."""
    edges = np.zeros(count + 1, np.int64)
    np.add.at(edges, starts, 1)
    np.add.at(edges, starts + sizes.needed, -1)
    return np.asarray(np.cumsum(edges)[:count] > 0)


def _joined(parts: list[Starts]) -> Starts:
    return np.concatenate([np.empty(0, np.int64), *parts])
