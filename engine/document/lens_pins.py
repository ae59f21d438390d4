"""Which lens a node shows, what is pinned to it in its graph; and which stand in the Lenses panel."""

from __future__ import annotations

from engine.document.project import IN_NODE, Graph, LensPin, Project


def pinned_lens(graph: Graph, node: str) -> str:
    """The kind of the lens that is pinned to a node of this graph; empty where none is."""
    pins = (pin for pin in reversed(graph.lenses) if pin.target == node and pin.place == IN_NODE)
    return next((pin.kind for pin in pins), "")


def lens_cards(project: Project) -> tuple[LensPin, ...]:
    """The lenses that are shown in the Lenses panel and in windows of their own, in their order."""
    return tuple(pin for pin in project.main.lenses if pin.place != IN_NODE)
