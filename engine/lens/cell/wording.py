"""Sums with their numbers, as they are written below a picture: `0.5·1 + (−0.2)·3 + … + 0.1 = 0.31`."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

SPELLED = 9
"""Products that are written out; of more, the first ones."""


def told(value: float) -> str:
    """A number in four telling digits with the sign for minus: `0.3121`, `−2`, `1.2e-05`."""
    if math.isnan(value):
        return "NaN"
    if math.isinf(value):
        return "∞" if value > 0 else "−∞"
    if value == 0.0:
        return "0"
    return f"{value:.4g}".replace("-", "−", 1) if value < 0 else f"{value:.4g}"


def factor(value: float) -> str:
    """A number within a product or sum: in brackets where it is negative."""
    return f"({told(value)})" if value < 0 else told(value)


def sum_of_products(
    rows: NDArray[Any],
    bias: float,
    total: float,
    missing: float = 0.0,
    left_out: int = 0,
    of_bias: str = "bias",
) -> str:
    """What the rows add: products of the two columns before the last, or the last where it stands alone."""
    count = len(rows)
    shown = rows if count <= SPELLED else rows[:SPELLED]
    if rows.ndim == 2 and rows.shape[1] >= 3:
        parts = [f"{factor(float(row[-3]))}·{factor(float(row[-2]))}" for row in shown]
    else:
        parts = [factor(float(row[-1])) for row in shown]
    hidden = count - len(shown) + left_out
    if hidden:
        last = float(np.sum(rows[len(shown) :, -1])) + missing
        parts.append(f"[{hidden:,} more: {told(last)}]")
    if bias:
        parts.append(f"{factor(bias)} {of_bias}")
    return f"{' + '.join(parts) or '0'} = {told(total)}"


def added(parts: Sequence[float], bias: float, of_bias: str, missing: float, total: float) -> str:
    """The parts of groups in their order, and the bias."""
    shown = [factor(part) for part in parts[:SPELLED]]
    hidden = float(sum(parts[SPELLED:])) + missing
    if len(parts) > SPELLED or missing:
        shown.append(f"[others: {told(hidden)}]")
    if bias:
        shown.append(f"{factor(bias)} {of_bias}")
    return f"all parts: {' + '.join(shown)} = {told(total)}"
