"""The menu of the right button, made from the view's commands for what is under the mouse."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtWidgets import QMenu

from app.canvas.editing import border_edits, decorating, grouping
from app.canvas.items.back_items import FrameItem
from engine.document.edits.placement import shares_weights
from nodes.layers.structure import Block, Network

if TYPE_CHECKING:
    from app.canvas.view import CanvasView

Entry = tuple[str, str, Callable[[], object]]
"""Words, keys to show, what it does."""


def entries(view: CanvasView, at: QPointF) -> list[Entry | None]:
    """What can be done at a place of the scene; None is a line."""
    item = view.canvas.node_at(at)
    if item is not None and item.card.id in view.session.graph.nodes:
        if item.card.id not in view.session.selection:
            view.session.select(frozenset({item.card.id}))
        return _for_nodes(view, item.card.id)
    if item is not None and item.card.border:
        return border_edits.entries(view, item, at)
    wire = view.canvas.wire_at(at)
    if wire is not None:
        view.session.select(frozenset())
        view.canvas.choose_wires(frozenset({wire.wire}))
        return [("Remove wire", "Del", view.delete)]
    back = view.canvas.back_at(at)
    if back is not None:
        return [
            ("Rename" if isinstance(back, FrameItem) else "Edit", "", lambda: decorating.write(view, back)),
            None,
            ("Delete", "", lambda: decorating.remove(view, back)),
        ]
    return [
        ("Add layer…", "/", lambda: view.open_search(at)),
        ("Add note", "", lambda: decorating.add_note(view, at)),
        ("Paste", "Ctrl+V", view.paste),
        None,
        ("Select all", "Ctrl+A", view.select_all),
        ("Fit", "Home", view.fit),
    ]


def _for_nodes(view: CanvasView, key: str) -> list[Entry | None]:
    nodes = [view.session.graph.nodes[k] for k in view.session.selection if k in view.session.graph.nodes]
    one = len(nodes) == 1
    found: list[Entry | None] = []
    if one and view.session.inside(key) is not None:
        found += _for_placement(view, key)
    found += [
        ("Use again" if all(n.bypassed for n in nodes) else "Bypass", "", view.toggle_bypass),
        ("Unfreeze" if all(n.frozen for n in nodes) else "Freeze weights", "", view.toggle_freeze),
        None,
        ("Cut", "Ctrl+X", view.cut),
        ("Copy", "Ctrl+C", view.copy),
        ("Duplicate", "Ctrl+D", view.duplicate),
        None,
        ("Make block", "Ctrl+G", lambda: grouping.make_definition(view, Block.type)),
        ("Make network", "Ctrl+Shift+N", lambda: grouping.make_definition(view, Network.type)),
        ("Frame selection", "Ctrl+Alt+G", lambda: decorating.frame_selection(view)),
    ]
    if one:
        found.append(("Rename", "F2", view.rename))
    found += [None, ("Delete", "Del", view.delete), ("Delete and heal", "Ctrl+Del", view.delete_and_heal)]
    return found


def _for_placement(view: CanvasView, key: str) -> list[Entry | None]:
    session = view.session
    shares = shares_weights(session.graph.nodes[key])
    return [
        ("Open definition", "Enter", lambda: view.enter(key)),
        ("Own weights" if shares else "Share weights", "Ctrl+Shift+W", lambda: grouping.toggle_kind(session)),
        ("Make unique", "Ctrl+Shift+U", lambda: grouping.make_unique(session)),
        ("Unpack", "Ctrl+Shift+G", lambda: grouping.unpack_chosen(view)),
        None,
    ]


def open_menu(view: CanvasView, at: QPointF, place: QPoint) -> QMenu:
    """Show the menu; it goes when it is closed."""
    menu = QMenu(view)
    menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    for entry in entries(view, at):
        if entry is None:
            menu.addSeparator()
            continue
        words, shown_keys, act = entry
        action = menu.addAction(f"{words}\t{shown_keys}" if shown_keys else words)
        action.triggered.connect(lambda _=False, act=act: act())
    menu.popup(place)
    return menu
