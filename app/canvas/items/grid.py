"""The grid on which nodes stand and the sizes that edits need, in pixels at 100 %. Without Qt."""

from __future__ import annotations

GRID = 8
PORT_Y = 24.0
"""From the top of a card to its first port."""
FRAME_TITLE = 34.0
"""Height of the title of a frame."""


def snap(value: float) -> float:
    """The nearest line of the grid."""
    return round(value / GRID) * GRID
