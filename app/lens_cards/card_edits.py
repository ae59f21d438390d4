"""What a person does with cards of lenses, each as one undoable step of the session."""

from __future__ import annotations

from typing import Any

from app.lens_cards.offered import target_at
from app.state.session import Session
from engine.document import edits
from engine.document.lens_pins import lens_cards, pinned_lens
from engine.document.project import IN_PANEL, IN_WINDOW, LensPin, PixelPlace, Project
from engine.lens.lens import Lens
from engine.lens.registry import LENSES


def title_of(kind: str) -> str:
    """What a kind of lens is called."""
    return LENSES[kind].title if kind in LENSES else f"{kind} (not installed)"


def named(card: LensPin) -> str:
    """A card in the words of a label: `feature maps of conv1`."""
    title = title_of(card.kind)
    return f"{title if title[1:2].isupper() else title[:1].lower() + title[1:]} of {card.target}"


def present_card(project: Project, path: str, kind: str) -> LensPin | None:
    """The first card of this lens on this node."""
    cards = lens_cards(project)
    return next((card for card in cards if (card.kind, card.target) == (kind, path)), None)


def open_card(session: Session, path: str, kind: str) -> LensPin | None:
    """Open this lens on the node at this path, where it is not open yet; gives its card."""
    card = present_card(session.project, path, kind)
    if card is None:
        card = LensPin(kind, path, place=IN_PANEL)
        if not session.attempt(lambda project: edits.add_card(project, card), f"Open {named(card)}"):
            return None
    return card


def close_card(session: Session, card: LensPin) -> None:
    session.attempt(lambda project: edits.remove_card(project, card), f"Close {named(card)}")


def copy_card(session: Session, card: LensPin) -> None:
    """A second card of the same lens, for other options or another sample."""
    session.attempt(lambda project: edits.add_card(project, card), f"Copy {named(card)}")


def change_card(session: Session, card: LensPin, verb: str, merge: str | None = None, **changes: Any) -> bool:
    """Change a card; whether it was taken."""
    label = f"{verb} {named(card)}"
    return session.attempt(lambda project: edits.change_card(project, card, **changes), label, merge)


def shift_card(session: Session, card: LensPin, by: int) -> None:
    """Put a card before or behind its neighbour in the panel."""
    row = [other for other in lens_cards(session.project) if other.place == card.place]
    at = row.index(card) + by
    if 0 <= at < len(row):
        session.attempt(lambda project: edits.move_card(project, card, row[at]), f"Move {named(card)}")


def float_card(session: Session, card: LensPin) -> None:
    """Into a window of its own, or back into the panel."""
    if card.place == IN_PANEL:
        change_card(session, card, "Float", place=IN_WINDOW)
    else:
        change_card(session, card, "Dock", place=IN_PANEL, corner=PixelPlace())


def set_option(session: Session, card: LensPin, lens: Lens, name: str, value: Any, gesture: str) -> bool:
    """Set a parameter of the lens on this card; None: its default."""
    param = lens.params[name]
    options = {key: held for key, held in card.options.items() if key != name}
    if value is not None and value != param.to_json(param.default):
        options[name] = value
    verb = f"Set {param.in_sentence} of"
    merge = f"lens option.{card.target}.{card.kind}.{name}.{gesture}" if gesture else None
    return change_card(session, card, verb, merge, options=options)


def choose_options(session: Session, card: LensPin, chosen: dict[str, Any]) -> None:
    """Options that a person chose in the picture; steps of choosing that follow each other are one."""
    params = LENSES[card.kind].params
    values = {**card.options, **chosen}
    kept = {
        name: value for name, value in values.items() if value != params[name].to_json(params[name].default)
    }
    change_card(session, card, "Choose in", f"chosen.{card.kind}.{card.target}", options=kept)


def unpin(session: Session, pin: int) -> None:
    """A pinned sample was taken off: cards of it follow what all show, cards of later ones stay."""

    def renumber(project: Project) -> Project:
        for card in lens_cards(project):
            if card.sample >= pin:
                moved = 0 if card.sample == pin else card.sample - 1
                project = edits.change_card(project, card, sample=moved)
        return project

    if any(card.sample >= pin for card in lens_cards(session.project)):
        session.attempt(renumber, "Unpin a sample")


def toggle_in_node(session: Session, card: LensPin) -> None:
    """Let the node itself show this lens; where it does already, what it shows by default."""
    target = target_at(session.project, card.target)
    if target is None:
        return
    graph, node = target.stack[-1].graph, target.node.id
    is_shown = is_in_node(session.project, card)
    verb = "Hide" if is_shown else "Show"
    session.attempt(
        lambda project: edits.show_lens(project, graph, node, "" if is_shown else card.kind),
        f"{verb} {title_of(card.kind).lower()} in {node}",
    )


def is_in_node(project: Project, card: LensPin) -> bool:
    """Whether the node itself is told to show this lens."""
    target = target_at(project, card.target)
    if target is None:
        return False
    return pinned_lens(project.graphs[target.stack[-1].graph], target.node.id) == card.kind


def show_node(session: Session, path: str) -> None:
    """Select the node at this path and bring it into sight."""
    target = target_at(session.project, path)
    if target is None:
        return
    if session.view_stack[-1] != target.stack[-1]:
        session.show_graph(*target.stack)
    session.select(frozenset({target.node.id}))
    session.reveal_wanted.emit(target.node.id)
