"""What edits of the canvas share: ids of new nodes, free places, which ports may be connected. Without Qt."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import msgspec

from app.canvas.editing.geometry import Geometry
from app.canvas.items.grid import snap
from engine.document import edits
from engine.document.edits import placement
from engine.document.edits.extract import placement_id
from engine.document.project import Graph, Node, Point, Project
from nodes.param import JSON
from nodes.spec import Port, TensorSpec


def name_of(geometry: Geometry, keys: Iterable[str]) -> str:
    """Words for a label in the undo menu: the title of one node, or how many."""
    known = geometry.shown()
    held = [key for key in keys if key in known]
    return geometry.title(held[0]) if len(held) == 1 else f"{len(held)} nodes"


def new_node(project: Project, graph: Graph, layer: str, params: Mapping[str, JSON] | None = None) -> Node:
    """A node with an id that is free; a placement is named after what it places.

    One more placement of a network has the parameters of the others: their weights are the same.
    """
    definition = str((params or {}).get("definition") or "")
    if not definition:
        return Node(edits.fresh_id(graph, layer), layer, dict(params or {}))
    node = Node(placement_id(graph, definition), layer, dict(params or {}))
    if not placement.shares_weights(node):
        return node
    given = placement.given_where_shared(project, definition)
    return msgspec.structs.replace(node, params={**given, **node.params})


def mismatch(source: Port, spec: TensorSpec | None, target: Port) -> str:
    """Why what leaves `source` may not enter `target`; empty where it may."""
    if spec is not None:
        if target.accepts(spec):
            return ""
        kinds = {"float": "real numbers", "int": "whole numbers", "any": "any numbers"}[target.dtype]
        ranks = " or ".join(str(rank) for rank in target.ranks)
        expected = kinds + (f" of rank {ranks}" if ranks else "")
        return f"Expected {expected}. Received {spec} ({spec.dtype})."
    if "any" in (source.dtype, target.dtype) or source.dtype == target.dtype:
        return ""
    return f"Expected {target.dtype} values. Received {source.dtype}."


def free_place(geometry: Geometry, at: Point, width: float, height: float) -> Point:
    """The place nearest below or beside `at` where a card covers no other; else below everything."""
    for ring in range(24):
        for dx, dy in ((0, ring), (ring, 0), (0, -ring), (-ring, 0)):
            x, y = snap(at.x + dx * 48.0), snap(at.y + dy * 48.0)
            if geometry.is_free((x - 8, y - 8, x + width + 8, y + height + 8)):
                return Point(x, y)
    return Point(snap(at.x), snap(geometry.bottom() + 48.0))


def toggled(graph: Graph, keys: Iterable[str], flag: str) -> bool:
    """What a toggle of these nodes should set: on, unless all are on."""
    return not all(getattr(graph.nodes[key], flag) for key in keys)
