"""A look inside a block shows its drawing beside the card, follows every change and changes nothing."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QEvent, QPoint, Qt
from PySide6.QtGui import QHelpEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from app.canvas.menu import entries
from app.canvas.view import CanvasView
from app.state.session import Session, View
from engine.document import edits
from engine.document.edits.extract import extract
from engine.document.project import MAIN
from engine.report import NodeReport, Report
from nodes.spec import N, TensorSpec
from tests.app.canvas.conftest import Hand


@pytest.fixture
def block(session: Session) -> str:
    """`conv1` and `relu1` as a block that stands three times in a row."""
    made, key = extract(session.project, MAIN, ("conv1", "relu1"), "Part")
    session.apply(edits.set_param(made, MAIN, key, "repeat", 3), "Make block")
    session.select(frozenset({key}))
    return key


def shown(view: CanvasView) -> set[str]:
    box = view.peek.box
    return {key for key in box.canvas.drawing.nodes if not key.startswith("@")} if box is not None else set()


def test_the_menu_looks_inside_and_escape_ends_it(hand: Hand, view: CanvasView, session: Session, block: str):
    before = session.project
    found = entries(view, hand.middle(block))
    _, keys, act = next(entry for entry in found if entry and entry[0] == "Peek inside")
    assert keys == "Alt+Down"
    act()
    box = view.peek.box
    assert box.isVisible()
    assert shown(view) == {"conv1", "relu1"}
    assert box.title.text() == "Part"
    assert "3 copies · 2 layers" in box.note.text()
    assert view.rect().contains(box.geometry())
    assert session.view == View()
    hand.key(Qt.Key.Key_Escape)
    assert view.peek.box is None
    assert session.selection == {block}
    assert session.project is before
    assert not view.peek.open("conv2")


def test_it_follows_edits_and_reports(hand: Hand, view: CanvasView, session: Session, block: str):
    view.peek.toggle(block)
    session.apply(edits.set_param(session.project, "Part", "conv1", "out_channels", 9), "Set channels")
    assert view.peek.box.canvas.drawing.nodes["conv1"].card.label.startswith("9")
    spec = TensorSpec((N, 9, 6, 6))
    session.set_report(Report(nodes={f"{block}.0.conv1": NodeReport(outputs={"output": spec})}))
    assert view.peek.box.canvas.drawing.nodes["conv1"].card.shape == "9×6×6"
    session.apply(edits.remove_nodes(session.project, MAIN, (block,)), "Delete")
    assert not view.peek.box.isVisible()


def test_nothing_that_is_pressed_reaches_the_inside(
    hand: Hand, view: CanvasView, session: Session, block: str
):
    view.peek.open(block)
    box = view.peek.box
    before = session.project
    inner = box.canvas.viewport()
    QTest.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, pos=QPoint(3, view.height() - 3))
    assert view.peek.box is None
    assert session.project is before
    assert box.session.selection == frozenset()
    assert inner is not None


def test_enter_goes_inside_and_the_box_goes(hand: Hand, view: CanvasView, session: Session, block: str):
    view.peek.open(block)
    hand.key(Qt.Key.Key_Return)
    assert session.view == View("Part", f"{block}.0")
    assert view.peek.box is None


def test_a_mouse_that_rests_with_alt_looks_inside(
    hand: Hand, view: CanvasView, session: Session, block: str, monkeypatch: pytest.MonkeyPatch
):
    at = hand.at(hand.middle(block))
    event = QHelpEvent(QEvent.Type.ToolTip, at, view.viewport().mapToGlobal(at))
    QApplication.sendEvent(view.viewport(), event)
    assert view.peek.box is None
    monkeypatch.setattr(QApplication, "keyboardModifiers", lambda: Qt.KeyboardModifier.AltModifier)
    QApplication.sendEvent(view.viewport(), event)
    assert shown(view) == {"conv1", "relu1"}


def test_a_block_that_repeats_by_an_expression_is_stacked_and_entered(view: CanvasView, session: Session):
    made, key = extract(session.project, MAIN, ("conv1", "relu1"), "Part")
    made, outer = extract(made, MAIN, (key,), "Whole")
    made = edits.add_parameter(made, "Whole", "n", 3)
    made = edits.set_param(made, "Whole", key, "repeat", "=n")
    session.apply(made, "Make blocks")
    session.show_graph(View(), View("Whole", outer))
    assert view.drawing.nodes[key].card.copies == 3
    assert session.inside(key) == View("Part", f"{outer}.{key}.0")
    session.apply(edits.set_param(session.project, MAIN, outer, "n", 1), "Set n")
    session.show_graph(View())
    session.show_graph(View(), View("Whole", outer))
    assert view.drawing.nodes[key].card.copies == 1
    assert session.inside(key) == View("Part", f"{outer}.{key}")
