"""Room for a small picture inside a node; sizes are those of one tile, in pixels at 100 %."""

from __future__ import annotations

from dataclasses import dataclass

TILE_GAP = 3.0
"""Between two tiles."""
TEXT_WIDTH = 208.0
"""Of a picture that holds text, as wide as the widest text of a node."""


@dataclass(frozen=True)
class Room:
    """`count` tiles in rows of `columns`."""

    count: int
    columns: int
    width: float
    height: float
    strip: bool = False
    """One line beside the shape of the node, as wide as there is room; it makes the node no larger."""
    crisp: bool = False
    """Each pixel of the picture stays a square when it is enlarged."""

    @property
    def rows(self) -> int:
        return -(-self.count // self.columns)

    @property
    def total_width(self) -> float:
        return self.columns * (self.width + TILE_GAP) - TILE_GAP

    @property
    def total_height(self) -> float:
        return self.rows * (self.height + TILE_GAP) - TILE_GAP
