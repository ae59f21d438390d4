"""The menu of the right button, made from the view's commands for what is under the mouse."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import NamedTuple

from PySide6.QtCore import QPoint, QPointF, Qt

from app.canvas.editing import border_edits, definition_edits, lens_edits
from app.canvas.items.back_items import FrameItem
from app.canvas.items.border import port_row
from app.canvas.items.card import layer_instance
from app.canvas.items.grid import ADD_PORT
from app.canvas.items.node_item import NodeItem
from app.canvas.keeping import save_block
from app.canvas.parts import CanvasParts
from app.lens_cards.card_edits import present_card
from app.lenses.painter import Subject
from app.lenses.registry import PAINTERS
from app.state.actions import by_id
from app.widgets.menus import Menu
from engine.document.edits import border
from engine.document.edits.placement import shares_weights
from engine.document.lens_pins import pinned_lens
from engine.document.project import INPUT
from engine.lens.registry import LENSES
from nodes.layers.scan import Scan
from nodes.layers.structure import Block, Network
from nodes.registry import REGISTRY

Entry = tuple[str, str, Callable[[], object]]
"""Words, keys to show, what it does."""


class MenuChoice(NamedTuple):
    """One line of a submenu; it has a check mark where it is chosen."""

    words: str
    is_chosen: bool
    act: Callable[[], object]


class Submenu(NamedTuple):
    """Words of the line that opens it, keys to show, and its lines."""

    words: str
    keys: str
    choices: tuple[MenuChoice, ...]


def _entry(action_id: str, act: Callable[[], object], words: str = "") -> Entry:
    """An entry with the title (or other words) and the keys of a declared action."""
    declared = by_id(action_id)
    return words or declared.title, declared.shortcut, act


def entries(view: CanvasParts, at: QPointF) -> list[Entry | Submenu | None]:
    """What can be done at a place of the scene; None is a line."""
    item = view.drawing.hit_testing.node_at(at)
    if item is not None and item.card.id in view.session.graph.nodes:
        if item.card.id not in view.session.selection:
            view.session.select(frozenset({item.card.id}))
        return _for_nodes(view, item.card.id)
    if item is not None and item.card.border:
        return _for_border(view, item, at)
    wire = view.drawing.hit_testing.wire_at(at)
    if wire is not None:
        view.session.select(frozenset())
        view.drawing.choose_wires(frozenset({wire.wire}))
        return [*_looks(view, wire.wire.source.node), _entry("delete", view.editor.delete, "Remove wire")]
    back = view.drawing.hit_testing.back_at(at)
    if back is not None:
        return [
            (
                "Rename" if isinstance(back, FrameItem) else "Edit",
                "",
                lambda: view.names.edit_annotation(back),
            ),
            None,
            ("Delete", "", lambda: view.names.remove_annotation(back)),
        ]
    return [
        _entry("add_layer", lambda: view.open_search(at)),
        _entry("add_note", lambda: view.names.add_note(at)),
        _entry("paste", view.clipboard.paste),
        None,
        _entry("select_all", view.editor.select_all),
        _entry("fit", view.camera.fit),
    ]


def _for_border(view: CanvasParts, item: NodeItem, at: QPointF) -> list[Entry | Submenu | None]:
    """What can be done with the port in whose row the point is."""
    session, side, port = view.session, item.card.id, port_row(item, at)
    more = _entry("add_input" if side == INPUT else "add_output", lambda: view.add_port(side))
    if port is None or port == ADD_PORT:
        return [more]
    ports = border.ports_of(session.graph, side)
    found: list[Entry | None] = [(f"Rename {port}", "", lambda: view.names.rename_port(side, port))]
    if port != ports[0]:
        found.append(("Move up", "", lambda: border_edits.move(session, side, port, -1)))
    if port != ports[-1]:
        found.append(("Move down", "", lambda: border_edits.move(session, side, port, 1)))
    remove: Entry = (f"Remove {port}", "", lambda: border_edits.remove(session, side, port))
    return [*found, None, more, None, remove]


def _for_nodes(view: CanvasParts, key: str) -> list[Entry | Submenu | None]:
    nodes = [view.session.graph.nodes[k] for k in view.session.selection if k in view.session.graph.nodes]
    one = len(nodes) == 1
    found: list[Entry | Submenu | None] = []
    if one and view.session.inside(key) is not None:
        found += _for_placement(view, key)
    found += [
        _entry("bypass", view.editor.toggle_bypass, "Use again" if all(n.bypassed for n in nodes) else ""),
        _entry("freeze", view.editor.toggle_freeze, "Unfreeze" if all(n.frozen for n in nodes) else ""),
        None,
        _entry("cut", view.clipboard.cut),
        _entry("copy", view.clipboard.copy),
        _entry("duplicate", view.editor.duplicate),
        None,
        _entry("make_block", lambda: view.names.make_definition(Block.type)),
        _entry("make_network", lambda: view.names.make_definition(Network.type)),
        _entry("frame_selection", view.names.frame_selection),
    ]
    if one:
        found.append(_entry("rename", view.rename))
        found += _looks(view, key)
        lenses = _lenses_of(view, key)
        found += [Submenu("Show in node", "", lenses)] if lenses else []
    found += [
        None,
        _entry("delete", view.editor.delete),
        _entry("delete_and_heal", view.editor.delete_and_heal),
    ]
    return found


def _looks(view: CanvasParts, key: str) -> list[Entry | Submenu | None]:
    """The lenses that open in a panel, best first; one that is open there is ticked."""
    session, looking = view.session, view.looking
    path = session.path_of(key)
    choices = tuple(
        MenuChoice(
            lens.title,
            present_card(session.project, path, lens.kind) is not None,
            partial(looking.wanted.emit, path, lens.kind),
        )
        for lens in looking.lenses(key)
    )
    return [Submenu("Look at", by_id("look_at").shortcut, choices)] if choices else []


def _lenses_of(view: CanvasParts, key: str) -> tuple[MenuChoice, ...]:
    """The lenses that a node can show; one that is pinned but not known here can only be taken off."""
    session = view.session
    node = session.graph.nodes[key]
    declared, pinned = REGISTRY.get(node.layer), pinned_lens(session.graph, key)
    if declared is None:
        return ()
    subject = Subject(layer_instance(node), session.report.nodes.get(session.path_of(key)))
    fitting = [lens for lens in PAINTERS.fitting(declared, subject) if PAINTERS[lens.kind].room(subject)]
    titles = {lens.kind: lens.title for lens in fitting}
    if pinned and pinned not in titles:
        titles[pinned] = LENSES[pinned].title if pinned in LENSES else f"{pinned} (not installed)"
    return tuple(
        MenuChoice(title, kind == pinned, partial(lens_edits.toggle_lens, session, key, kind, title.lower()))
        for kind, title in titles.items()
    )


def _fill(menu: Menu, choices: tuple[MenuChoice, ...]) -> None:
    for choice in choices:
        action = menu.add(choice.words)
        action.setCheckable(True)
        action.setChecked(choice.is_chosen)
        action.triggered.connect(lambda _=False, act=choice.act: act())


def _for_placement(view: CanvasParts, key: str) -> list[Entry | Submenu | None]:
    session = view.session
    shares = shares_weights(session.graph.nodes[key])
    return [
        ("Open definition", "Enter", lambda: view.editor.enter(key)),
        _entry("peek", lambda: view.peek.open(key)),
        _entry(
            "share_weights", lambda: definition_edits.toggle_kind(session), "Own weights" if shares else ""
        ),
        _entry(
            "over_time",
            lambda: definition_edits.toggle_over_time(session),
            "Run once" if session.graph.nodes[key].layer == Scan.type else "",
        ),
        _entry("make_unique", lambda: definition_edits.make_unique(session)),
        _entry(
            "save_block",
            lambda: save_block(view.widget, session, str(session.graph.nodes[key].params["definition"])),
        ),
        _entry("unpack", lambda: definition_edits.unpack_selected(session, view.editor.geometry)),
        None,
    ]


def open_menu(view: CanvasParts, at: QPointF, place: QPoint) -> Menu:
    """Show the menu; it goes when it is closed."""
    menu = Menu(view.widget)
    menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    for entry in entries(view, at):
        if entry is None:
            menu.addSeparator()
            continue
        if isinstance(entry, Submenu):
            _fill(menu.add_menu(f"{entry.words}\t{entry.keys}" if entry.keys else entry.words), entry.choices)
            continue
        words, shown_keys, act = entry
        action = menu.add(f"{words}\t{shown_keys}" if shown_keys else words)
        action.triggered.connect(lambda _=False, act=act: act())
    menu.popup(place)
    return menu
