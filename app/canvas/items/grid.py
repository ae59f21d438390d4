"""The grid on which nodes stand, the sizes that edits need, in pixels at 100 %, and the row of a border that
is no port. Without Qt."""

from __future__ import annotations

GRID = 8
PORT_Y = 24.0
"""From the top of a card to its first port."""
FRAME_TITLE = 34.0
"""Height of the title of a frame."""
ADD_PORT = "+"
"""The row that adds a port: a press or a wire that ends there makes one."""


def snap(value: float) -> float:
    """The nearest line of the grid."""
    return round(value / GRID) * GRID
