"""Undo and redo of edits made in another graph: what is shown, selected and drawn follows."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from app.canvas.editing.text_fields import RenameField
from app.state.session import View
from engine.document import edits
from engine.document.project import MAIN, Point
from tests.app.canvas.conftest import press

_K, CTRL, SHIFT = Qt.Key, Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier


def grouped_and_entered(window) -> None:
    """Ctrl+G on all, a name, Enter, and Enter again to go inside."""
    press(window, _K.Key_A, CTRL)
    press(window, _K.Key_G, CTRL)
    field = window.findChild(RenameField)
    QTest.keyClicks(field, "Trunk")
    QTest.keyClick(field, _K.Key_Return)
    QApplication.processEvents()
    press(window, _K.Key_Return)
    assert window.session.view.graph == "Trunk"


def test_undo_of_the_group_one_is_inside_goes_back_to_main(linears, qtbot) -> None:
    session, canvas = linears.session, linears.workbench().canvas
    grouped_and_entered(linears)
    qtbot.wait(300)  # inference reports paths inside the group
    canvas.setFocus()
    press(linears, _K.Key_A, CTRL)
    press(linears, _K.Key_Z, CTRL)
    qtbot.wait(300)
    press(linears, _K.Key_Z, CTRL)
    qtbot.wait(300)
    assert session.view_stack == (View(),)
    assert session.open_graphs == (MAIN,)
    assert session.selection <= session.graph.nodes.keys()
    assert set(canvas.drawing.nodes) == {"linear0", "linear1", "linear2"}
    press(linears, _K.Key_Z, CTRL | SHIFT)
    press(linears, _K.Key_Z, CTRL | SHIFT)
    assert session.open_graphs == (MAIN, "Trunk")
    press(linears, _K.Key_Z, CTRL)
    press(linears, _K.Key_Z, CTRL)
    assert set(canvas.drawing.nodes) == {"linear0", "linear1", "linear2"}


def test_undo_and_redo_show_the_tab_in_which_the_edit_was_made(linears) -> None:
    session, canvas = linears.session, linears.workbench().canvas
    grouped_and_entered(linears)
    inner = sorted(session.graph.nodes)[0]
    session.select(frozenset({inner}))
    place = session.graph.layout.positions[inner]
    press(linears, _K.Key_Down)
    session.show_tab(MAIN)
    assert inner not in canvas.drawing.nodes
    press(linears, _K.Key_Z, CTRL)
    assert session.view.graph == "Trunk"
    assert (canvas.drawing.nodes[inner].x(), canvas.drawing.nodes[inner].y()) == place
    assert linears.topbar.tabs.bar.tabText(linears.topbar.tabs.bar.currentIndex()) == "Trunk"
    session.show_tab(MAIN)
    press(linears, _K.Key_Z, CTRL | SHIFT)
    assert session.view.graph == "Trunk"
    assert canvas.drawing.nodes[inner].y() > place.y


def test_undo_opens_a_tab_that_was_closed_meanwhile(linears) -> None:
    session = linears.session
    grouped_and_entered(linears)
    session.select(frozenset(sorted(session.graph.nodes)[:1]))
    press(linears, _K.Key_Down)
    session.close_tab("Trunk")
    assert session.open_graphs == (MAIN,)
    press(linears, _K.Key_Z, CTRL)
    assert session.view.graph == "Trunk"
    assert session.open_graphs == (MAIN, "Trunk")


def test_a_step_of_the_whole_project_leaves_the_tab_on_show(linears) -> None:
    session = linears.session
    grouped_and_entered(linears)
    session.show_tab(MAIN)
    session.attempt(lambda p: edits.set_settings(p, epochs=3), "Set epochs")
    session.show_tab("Trunk")
    press(linears, _K.Key_Z, CTRL)
    assert session.view.graph == "Trunk"


def test_nudges_in_two_tabs_are_two_steps(linears) -> None:
    session = linears.session
    grouped_and_entered(linears)
    inner = sorted(session.graph.nodes)[0]
    before = session.project
    session.attempt(lambda p: edits.move(p, "Trunk", {inner: Point(0.0, 400.0)}), "Move", "nudge x")
    session.show_tab(MAIN)
    key = sorted(session.graph.nodes)[0]
    session.attempt(lambda p: edits.move(p, MAIN, {key: Point(0.0, 400.0)}), "Move", "nudge x")
    session.undo()
    session.undo()
    assert session.project is before
