"""A definition that runs over time on the canvas: turned on by the menu, looked at, entered, turned off."""

from __future__ import annotations

import pytest

from app.canvas import menu
from app.canvas.view import CanvasView
from app.state.open_graphs import View
from app.state.session import Session
from engine.document.project import INPUT, MAIN, OUTPUT, End, Wire
from engine.infer import infer
from tests.app.canvas.conftest import Hand, mirrors
from tests.engine.cells import elman_cell, run_over_time


@pytest.fixture
def cell(session: Session, view: CanvasView) -> str:
    """An RNN cell that is placed over time, with its report."""
    project = run_over_time(elman_cell(4), (6, 3))
    session.open(project, None)
    session.set_report(infer(project))
    session.select(frozenset({"rnn"}))
    return "rnn"


def test_its_card_says_how_often_it_runs(view: CanvasView, cell: str) -> None:
    card = view.drawing.nodes[cell].card
    assert (card.title, card.label, card.copies) == ("Cell", "over time · 4 layers", 6)
    assert card.over_time
    assert [port.name for port in card.inputs] == ["x", "h"]
    assert [port.name for port in card.outputs] == ["h", "last_h"]


def test_a_double_click_enters_it_and_states_are_marked(
    hand: Hand, view: CanvasView, session: Session, cell: str
) -> None:
    hand.double_click(hand.middle(cell))
    assert session.view == View("Cell", "rnn")
    assert view.drawing.nodes[INPUT].card.states == {"h"}
    assert view.drawing.nodes[OUTPUT].card.states == {"h"}
    assert view.drawing.nodes["read"].card.shape == "4"


def test_the_menu_runs_it_once_and_over_time_again(
    hand: Hand, view: CanvasView, session: Session, cell: str
) -> None:
    def choose(words: str) -> None:
        entries = menu.entries(view, hand.middle(cell))
        offered = {entry[0]: entry[2] for entry in entries if isinstance(entry, tuple)}
        offered[words]()

    choose("Run once")
    assert session.graph.nodes[cell].layer == "block"
    assert session.undo_label == "Run rnn once"
    assert not view.drawing.nodes[cell].card.over_time
    choose("Run over time")
    assert session.graph.nodes[cell].layer == "scan"
    assert Wire(End("noise", "output"), End(cell, "x")) in session.graph.wires
    assert mirrors(view)
    session.undo()
    session.undo()
    assert session.graph.nodes[cell].layer == "scan"


def test_it_is_not_taken_apart_while_it_runs_over_time(session: Session, cell: str) -> None:
    from engine.document.edits.editing import EditError
    from engine.document.edits.unpack import unpack

    with pytest.raises(EditError, match=r"runs over time.*Turn Run over time off first"):
        unpack(session.project, MAIN, cell)
