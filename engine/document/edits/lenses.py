"""Edits of pinned lenses: what nodes show in place, and the cards of the Lenses panel."""

from __future__ import annotations

from typing import Any

import msgspec

from engine.document import names
from engine.document.edits.check import pin_fault
from engine.document.edits.editing import EditError, changed_graph, graph_of, node_of
from engine.document.params import json_problem, text_problem
from engine.document.project import IN_NODE, MAIN, Graph, LensPin, Project
from nodes.shown_text import quoted


def pin_lens(project: Project, graph_name: str, pin: LensPin) -> Project:
    """Pin a lens; one of the same kind on the same target in the same place is replaced."""
    graph = graph_of(project, graph_name)
    _check(pin)
    same = (pin.kind, pin.target, pin.place)
    kept = [other for other in graph.lenses if (other.kind, other.target, other.place) != same]
    return _with_lenses(project, graph_name, graph, (*kept, pin))


def unpin_lens(project: Project, graph_name: str, kind: str, target: str) -> Project:
    """Unpin a lens from where a node shows it."""
    graph = graph_of(project, graph_name)
    gone = (kind, target, IN_NODE)
    kept = tuple(pin for pin in graph.lenses if (pin.kind, pin.target, pin.place) != gone)
    return _with_lenses(project, graph_name, graph, kept)


def show_lens(project: Project, graph_name: str, node_id: str, kind: str) -> Project:
    """Let a node show this lens, instead of what it shows by default; no kind: the default again."""
    graph = graph_of(project, graph_name)
    node_of(graph, node_id)
    kept = tuple(pin for pin in graph.lenses if (pin.target, pin.place) != (node_id, IN_NODE))
    without = _with_lenses(project, graph_name, graph, kept)
    return pin_lens(without, graph_name, LensPin(kind, node_id)) if kind else without


def add_card(project: Project, card: LensPin) -> Project:
    """Add a card to the Lenses panel, or a window, behind those that are there; main holds them."""
    _check_card(card)
    added = msgspec.structs.replace(card)  # one of its own, so that it is told from another that is equal
    return changed_graph(project, MAIN, lenses=(*project.main.lenses, added))


def change_card(project: Project, card: LensPin, **changes: Any) -> Project:
    """Change the options, the place, the sample, the size or the corner of a card."""
    lenses = list(project.main.lenses)
    at = _place_of(project, card)
    try:
        lenses[at] = msgspec.structs.replace(card, **changes)
    except TypeError as error:
        raise EditError(
            f"fields among {', '.join(card.__struct_fields__)}", quoted(sorted(changes))
        ) from error
    _check_card(lenses[at])
    return project if lenses[at] == card else changed_graph(project, MAIN, lenses=tuple(lenses))


def move_card(project: Project, card: LensPin, other: LensPin) -> Project:
    """Put a card in the place of another one; those between them move up."""
    lenses = list(project.main.lenses)
    start, end = _place_of(project, card), _place_of(project, other)
    lenses.insert(end, lenses.pop(start))
    return project if start == end else changed_graph(project, MAIN, lenses=tuple(lenses))


def remove_card(project: Project, card: LensPin) -> Project:
    """Close a card."""
    lenses = list(project.main.lenses)
    del lenses[_place_of(project, card)]
    return changed_graph(project, MAIN, lenses=tuple(lenses))


def _place_of(project: Project, card: LensPin) -> int:
    """Of this very card; of one that is equal where it was read from elsewhere."""
    for place, other in enumerate(project.main.lenses):
        if other is card:
            return place
    if card not in project.main.lenses:
        raise EditError("a lens that is pinned", quoted(card))
    return project.main.lenses.index(card)


def _check(pin: LensPin) -> None:
    if not names.is_identifier(pin.kind) or text_problem(pin.target) or json_problem(pin.options):
        raise EditError("the name of a lens, a path and plain options", quoted(pin))
    if fault := pin_fault(pin):
        raise EditError(fault.expected, quoted(fault.received))


def _check_card(card: LensPin) -> None:
    _check(card)
    if card.place == IN_NODE:
        raise EditError("a card of the panel or a window", quoted(card.place))


def _with_lenses(project: Project, graph_name: str, graph: Graph, lenses: tuple[LensPin, ...]) -> Project:
    if sorted(lenses, key=repr) == sorted(graph.lenses, key=repr):
        return project
    return changed_graph(project, graph_name, lenses=lenses)
