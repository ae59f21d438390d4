"""How a press on a node changes what is selected."""

from __future__ import annotations

from PySide6.QtCore import Qt

from app.canvas.gestures.base import Canvas, Modifiers


def choose(canvas: Canvas, key: str, modifiers: Modifiers) -> None:
    """Select the node alone; with Shift or Ctrl add or remove it. A selected one keeps the selection."""
    session = canvas.session
    adds = modifiers & (Qt.KeyboardModifier.ShiftModifier | Qt.KeyboardModifier.ControlModifier)
    canvas.drawing.choose_wires(frozenset())
    if key not in canvas.drawing.graph.nodes:
        session.select(frozenset())
    elif adds:
        session.select(session.selection ^ {key})
    elif key not in session.selection:
        session.select(frozenset({key}))
