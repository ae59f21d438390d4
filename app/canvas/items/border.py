"""The border of a definition as two cards: its inputs at the left, its outputs at the right.

They stand for no node; wires start and end at them under the ids `@in` and `@out`. Each port has a row with
its name, and below them is one that makes another.
"""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import QPointF

from app.canvas.items import measures as m
from app.canvas.items.card import Card
from app.canvas.items.grid import ADD_PORT, PORT_Y, snap
from app.canvas.items.node_item import NodeItem
from engine.document.edits.border import ports_of
from engine.document.edits.scans import looping_ports
from engine.document.project import INPUT, OUTPUT, Graph, Point, Project
from nodes.spec import Port

_GAP = 64.0


def border_card(key: str, project: Project, definition: str) -> Card:
    """The card of one side of a definition; ports that come back at the next step of a scan are marked."""
    names, states = ports_of(project.graphs[definition], key), looping_ports(project, definition, key)
    entering = key == INPUT
    title = "Inputs" if entering else "Outputs"
    more = Port(ADD_PORT, f"Drop a wire here for one more {'input' if entering else 'output'}", dtype="any")
    ports = (*(Port(name, dtype="any") for name in names), more)
    widest = max(m.text_width("title", title), *(m.text_width("mono", name) for name in (*names, ADD_PORT)))
    widest += 14.0 if states else 0.0
    return Card(
        id=key,
        title=title,
        alias="",
        label="",
        shape="",
        family="structure",
        pill=False,
        inputs=() if entering else ports,
        outputs=ports if entering else (),
        width=max(m.MIN_WIDTH, snap(min(m.MAX_TEXT, widest) + 2 * m.PAD + 4)),
        height=snap(m.BORDER_Y + (len(ports) - 1) * m.BORDER_STEP + 18.0),
        border=True,
        states=states,
    )


def border_place(key: str, graph: Graph, nodes: Mapping[str, NodeItem]) -> Point:
    """Where it was put, or beside everything else, level with the first node or the one that leaves first."""
    if key in graph.layout.positions:
        return graph.layout.positions[key]
    inner = [item for name, item in nodes.items() if name in graph.nodes]
    lift = m.BORDER_Y - PORT_Y
    if not inner:
        return Point(0.0, 0.0) if key == INPUT else Point(320.0, 0.0)
    if key == INPUT:
        first = min(inner, key=lambda item: (item.x(), item.y(), item.card.id))
        return Point(snap(first.x() - _GAP - nodes[key].card.width), first.y() + _level(first) - lift)
    last = max(inner, key=lambda item: (item.box[2], -item.y(), item.card.id))
    leaving = {
        wire.target.port: nodes.get(wire.source.node) for wire in graph.wires if wire.target.node == OUTPUT
    }
    fed = next((leaving[port] for port in graph.outputs if leaving.get(port) in inner), None) or last
    return Point(snap(last.box[2] + _GAP), fed.y() + _level(fed) - lift)


def _level(item: NodeItem) -> float:
    """How much further down than a card's the first port of an item is."""
    return item.card.first_port - PORT_Y


def port_row(item: NodeItem, at: QPointF) -> str | None:
    """The port of a border card in whose row a point is; None beside all rows."""
    card = item.card
    ports = card.outputs or card.inputs
    row = round((at.y() - item.y() - card.first_port) / m.BORDER_STEP)
    inside = item.rect.adjusted(-m.HIT, 0.0, m.HIT, 0.0).contains(at)
    return ports[row].name if inside and 0 <= row < len(ports) else None
