"""The border of a definition as two cards: its inputs at the left, its outputs at the right.

They stand for no node; wires start and end at them under the ids `@in` and `@out`.
"""

from __future__ import annotations

from collections.abc import Mapping

from app.canvas import measures as m
from app.canvas.card import Card
from app.canvas.node_item import NodeItem
from engine.document.project import INPUT, Graph, Point
from nodes.spec import Port

_GAP = 64.0


def border_card(key: str, names: tuple[str, ...]) -> Card:
    """The card of one side."""
    entering = key == INPUT
    ports = tuple(Port(name, dtype="any") for name in names)
    return Card(
        id=key,
        title="Inputs" if entering else "Outputs",
        alias="",
        telling=", ".join(names),
        shape="",
        family="structure",
        pill=False,
        inputs=() if entering else ports,
        outputs=ports if entering else (),
        width=max(
            m.MIN_WIDTH, m.snap(min(m.MAX_TEXT, m.text_width("mono", ", ".join(names))) + 2 * m.PAD + 4)
        ),
        height=m.snap(max(m.CARD_HEIGHT, m.PORT_Y + len(names) * m.PORT_STEP)),
    )


def border_place(key: str, graph: Graph, nodes: Mapping[str, NodeItem]) -> Point:
    """Where it was put, or beside everything else, level with the first or the last node."""
    if key in graph.layout.positions:
        return graph.layout.positions[key]
    inner = [item for name, item in nodes.items() if name in graph.nodes]
    if not inner:
        return Point(0.0, 0.0) if key == INPUT else Point(320.0, 0.0)
    if key == INPUT:
        first = min(inner, key=lambda item: (item.x(), item.y()))
        return Point(m.snap(first.x() - _GAP - nodes[key].card.width), m.snap(first.y()))
    last = max(inner, key=lambda item: (item.box[2], -item.y()))
    return Point(m.snap(last.box[2] + _GAP), m.snap(last.y()))
