"""Keeps the losses of replayed steps on the device until somebody fetches them.

A replay writes to the same memory every time; the losses of the step before would be gone. So the last
operations of a captured step put its losses into the row of a table that a cursor on the device names.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import torch
from torch import Tensor


class LossRing:
    """A table of `rows` steps by `columns` losses, `(rows, columns)`; the oldest row is written over."""

    def __init__(self, rows: int, columns: int, device: torch.device) -> None:
        exact = torch.float32 if device.type == "mps" else torch.float64
        self._table = torch.full((rows, columns), math.nan, dtype=exact, device=device)
        self._places = torch.arange(rows, device=device)[:, None]
        self._cursor = torch.zeros((), dtype=torch.int64, device=device)
        self._absent = torch.full((), math.nan, dtype=exact, device=device)
        self._views = [list(row.unbind()) for row in self._table]
        self._next = 0

    def write(self, losses: Sequence[Tensor | None]) -> None:
        """The device's part: the losses of one step into the next row. To be captured."""
        kept = [self._absent if loss is None else loss.to(self._table.dtype) for loss in losses]
        # by comparison: writing at an index has no deterministic kernel on CUDA that is as cheap
        here = self._places == self._cursor
        self._table.copy_(torch.where(here, torch.stack(kept), self._table))
        self._cursor.add_(1).remainder_(len(self._views))

    def written(self, losses: Sequence[Tensor | None]) -> list[Tensor | None]:
        """The row that a replay of `write(losses)` has just written, None where a loss is None."""
        row = self._views[self._next]
        self._next = (self._next + 1) % len(self._views)
        return [None if loss is None else held for loss, held in zip(losses, row, strict=True)]
