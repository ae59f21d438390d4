"""What keys do on the canvas: walk from node to node, nudge, delete, name, enter, leave.

The window's actions take their shortcuts first; these hold wherever the canvas has the focus.
"""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QKeyEvent

from app.canvas.items.grid import GRID
from app.canvas.parts import CanvasParts
from engine.document import query
from engine.document.project import INPUT, OUTPUT

_K = Qt.Key
_ARROWS = {_K.Key_Left: (-1, 0), _K.Key_Right: (1, 0), _K.Key_Up: (0, -1), _K.Key_Down: (0, 1)}
_PAN = 64.0


def press(view: CanvasParts, event: QKeyEvent) -> bool:
    """Do what the key stands for; False where it stands for nothing."""
    key, modifiers = _K(event.key()), event.modifiers()
    if key == _K.Key_Escape:
        return escape(view)
    if key in _ARROWS:
        _arrow(view, *_ARROWS[key], modifiers)
        return True
    command = _command(view, key, modifiers)
    if command is None:
        return False
    command()
    return True


def escape(view: CanvasParts) -> bool:
    """Give up the gesture; else choose nothing; else put the light out; else leave the definition."""
    if view.gestures.cancel():
        return True
    if view.session.selection or view.drawing.chosen_wires:
        view.session.select(frozenset())
        view.drawing.choose_wires(frozenset())
        return True
    if view.session.spotlight:
        view.session.set_spotlight("")
        return True
    view.editor.leave()
    return True


def _command(view: CanvasParts, key: Qt.Key, modifiers: Qt.KeyboardModifier) -> Callable[[], object] | None:
    ctrl = bool(modifiers & Qt.KeyboardModifier.ControlModifier)
    if key in (_K.Key_Delete, _K.Key_Backspace):
        return view.editor.delete_and_heal if ctrl else view.editor.delete
    if ctrl:
        return {_K.Key_C: view.clipboard.copy, _K.Key_X: view.clipboard.cut, _K.Key_V: view.clipboard.paste,
                _K.Key_D: view.editor.duplicate,
                _K.Key_A: view.editor.select_all}.get(key)  # fmt: skip
    if key in (_K.Key_Return, _K.Key_Enter):
        return lambda: _open(view)
    return {_K.Key_F2: view.rename, _K.Key_Slash: view.open_search, _K.Key_Home: view.camera.fit}.get(key)


def _open(view: CanvasParts) -> None:
    """Enter the chosen placement; with nothing chosen, search."""
    chosen = sorted(view.session.selection)
    if not chosen:
        view.open_search(view.cursor_place())
    elif len(chosen) == 1:
        view.editor.enter(chosen[0])


def _arrow(view: CanvasParts, dx: int, dy: int, modifiers: Qt.KeyboardModifier) -> None:
    """Nudge what is chosen; with Ctrl go to the next node that way; with nothing chosen, pan."""
    if modifiers & Qt.KeyboardModifier.ControlModifier:
        _go(view, dx, dy)
    elif view.session.selection:
        by = GRID * (5 if modifiers & Qt.KeyboardModifier.ShiftModifier else 1)
        view.editor.nudge(dx * by, dy * by)
    else:
        view.camera.scroll_by(QPointF(dx * _PAN, dy * _PAN))


def _go(view: CanvasParts, dx: int, dy: int) -> None:
    """Choose the nearest node in a direction: far off the axis counts double."""
    nodes = {key: item for key, item in view.drawing.nodes.items() if key not in (INPUT, OUTPUT)}
    chosen = [key for key in view.session.selection if key in nodes]
    if not chosen:
        walk(view, True)
        return
    start = nodes[chosen[0]].rect.center()
    best, nearest = None, float("inf")
    for key, item in nodes.items():
        away = item.rect.center() - start
        along, across = away.x() * dx + away.y() * dy, abs(away.x() * dy) + abs(away.y() * dx)
        if along > 4.0 and along + 2 * across < nearest:
            best, nearest = key, along + 2 * across
    if best is not None:
        view.reveal(best)


def walk(view: CanvasParts, forward: bool) -> bool:
    """Select the next node in the order of the flow; after the last one, the first.

    False on an empty drawing: the focus goes to the next widget.
    """
    order = query.index(view.session.graph).order
    if not order:
        return False
    chosen = [order.index(key) for key in view.session.selection if key in view.session.graph.nodes]
    if not chosen:
        index = 0 if forward else len(order) - 1
    else:
        index = max(chosen) + 1 if forward else min(chosen) - 1
    view.reveal(order[index % len(order)])
    return True
