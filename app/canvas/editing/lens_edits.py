"""Edits of which lens a node of the graph on show shows. Each is one undoable step; without Qt."""

from __future__ import annotations

from app.canvas.editing.geometry import EditedSession
from engine.document import edits
from engine.document.lens_pins import pinned_lens


def toggle_lens(session: EditedSession, node: str, kind: str, title: str) -> None:
    """Let a node show this lens; where it does already, what it shows by default."""
    graph = session.view.graph
    is_shown = pinned_lens(session.graph, node) == kind
    label = f"Hide {title} in {node}" if is_shown else f"Show {title} in {node}"
    session.attempt(lambda project: edits.show_lens(project, graph, node, "" if is_shown else kind), label)
