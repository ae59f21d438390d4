"""Which lens a node shows: what is pinned to it in its graph."""

from __future__ import annotations

from engine.document.project import Graph


def pinned_lens(graph: Graph, node: str) -> str:
    """The kind of the lens that is pinned to a node of this graph; empty where none is."""
    return next((pin.kind for pin in reversed(graph.lenses) if pin.target == node), "")
