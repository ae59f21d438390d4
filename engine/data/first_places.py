"""Where the cards of a first network stand: in columns as wide as their widest card, in rows as high as their
pictures.

Widths are counted in letters, as nothing here knows a font; a card is never wider than told.
"""

from __future__ import annotations

from collections.abc import Mapping

from engine.document.project import Node, Point
from nodes.registry import REGISTRY
from nodes.spec import TensorSpec

Cell = tuple[int, float]
"""Column, and row; rows may be parts of one."""
COLUMN, ROW = 184.0, 248.0
"""The narrowest column and the lowest row, in pixels of the drawing."""
BELOW = 96.0 / ROW
"""Rows from a small card to the one below it."""
_LETTER, _SIDES, _GAP = 6.8, 30.0, 40.0
_TALLEST = 3.0


def placed(nodes: Mapping[str, Node], cells: Mapping[str, Cell], entering: TensorSpec) -> dict[str, Point]:
    """Where each node stands. `entering`: what the network reads; maps of tall pictures make high rows."""
    widths: dict[int, float] = {}
    for key, (column, _) in cells.items():
        widths[column] = max(widths.get(column, COLUMN), _width(nodes[key]) + _GAP)
    lefts: dict[int, float] = {}
    left = 0.0
    for column in range(max(widths) + 1):
        lefts[column] = left
        left += widths.get(column, COLUMN)
    high = ROW * _height(entering)
    return {key: Point(lefts[column], high * row) for key, (column, row) in cells.items()}


def _width(node: Node) -> float:
    """Pixels of a card whose second line tells its parameters."""
    layer = REGISTRY.get(node.layer)
    if layer is None or node.layer == "data":
        return 0.0
    return _SIDES + _LETTER * len(layer(**node.params).card_label())


def _height(entering: TensorSpec) -> float:
    """How many times as high as usual a row is: maps of a picture that is higher than wide are so too."""
    if entering.rank != 4 or not all(isinstance(size, int) for size in entering.features):
        return 1.0
    _, down, across = (int(str(size)) for size in entering.features)
    return 1.0 + 0.5 * (min(_TALLEST, max(1.0, down / max(1, across))) - 1.0)
