"""Losses of steps, from the device to the curves: one row per step, one column per objective or term."""

from __future__ import annotations

import torch
from torch import Tensor

NAN = float("nan")
Rows = list[list[float | None]]
"""None where an objective did not act at that step."""


def fetch(losses: list[list[Tensor | None]]) -> Rows:
    """These losses from the device, in one transfer."""
    present = [loss for row in losses for loss in row if loss is not None]
    values = iter(torch.stack(present).tolist() if present else [])
    return [[None if loss is None else next(values) for loss in row] for row in losses]


def columns(rows: Rows, names: list[str]) -> dict[str, list[float]]:
    """The columns by name; NaN where an objective did not act."""
    return {name: [NAN if (loss := row[i]) is None else loss for row in rows] for i, name in enumerate(names)}
