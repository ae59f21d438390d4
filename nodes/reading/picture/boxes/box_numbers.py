"""The numbers of boxes and outlines as files have them."""

from __future__ import annotations

import math

Corners = tuple[float, float, float, float]
"""Left, top, right and bottom of a box."""


def number(text: object) -> float:
    """A cell or value as a number; NaN where it is none."""
    if isinstance(text, bool) or not isinstance(text, str | int | float):
        return math.nan
    try:
        return float(text)
    except (ValueError, OverflowError):
        return math.nan
