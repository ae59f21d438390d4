"""What can be done with definitions has a key, a place in the menu and in the search; by keys here."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from app.canvas.editing.text_fields import RenameField
from app.commands import find
from engine.document import edits
from engine.document.project import MAIN
from tests.drawings import gan

CTRL, SHIFT, ALT = (
    Qt.KeyboardModifier.ControlModifier,
    Qt.KeyboardModifier.ShiftModifier,
    Qt.KeyboardModifier.AltModifier,
)
_K = Qt.Key


@pytest.fixture
def scheme(window, qtbot):
    """The window with a drawing of two networks; its step plan is known."""
    drawing = gan()
    for name, graph in drawing.graphs.items():
        drawing = edits.move(drawing, name, {key: (176 * at, 0) for at, key in enumerate(graph.nodes)})
    window.session.open(drawing, None)
    window.files.is_open = True
    window.show_drawing()
    qtbot.waitUntil(
        lambda: bool(window.session.step_plan and window.session.step_plan.objective_steps), timeout=20_000
    )
    qtbot.waitUntil(lambda: window.workbench().training is not None, timeout=10_000)
    window.workbench().canvas.setFocus()
    return window


def press(window, key, keys=CTRL) -> None:
    """A key on the canvas; conditions are asked again first, as the window does by itself."""
    window.actions_.refresh()
    QTest.keyClick(window.workbench().canvas, key, keys)
    QApplication.processEvents()


def field(window) -> RenameField:
    found = [f for f in window.findChildren(RenameField) if f.isVisible()]
    assert found
    return found[-1]


def test_keys_turn_close_and_move_tabs(scheme):
    session = scheme.session
    for key, keys in ((_K.Key_Tab, CTRL), (_K.Key_PageDown, CTRL)):
        press(scheme, key, keys)
    assert session.view.graph == "judge"
    press(scheme, _K.Key_Backtab, CTRL | SHIFT)
    assert session.view.graph == "maker"
    press(scheme, _K.Key_PageUp)
    press(scheme, _K.Key_PageUp)
    assert session.view.graph == "judge"
    press(scheme, _K.Key_PageUp, CTRL | SHIFT)
    assert session.open_graphs == (MAIN, "judge", "maker")
    press(scheme, _K.Key_W)
    assert session.open_graphs == (MAIN, "maker")
    assert session.view.graph == "maker"
    press(scheme, _K.Key_W)
    press(scheme, _K.Key_W)
    assert session.open_graphs == (MAIN,)


def test_keys_make_a_network_of_the_selection_and_unpack_it(scheme):
    session = scheme.session
    session.select(frozenset({"ones", "zeros"}))
    press(scheme, _K.Key_N, CTRL | SHIFT)
    QTest.keyClicks(field(scheme), "Targets")
    QTest.keyClick(field(scheme), _K.Key_Return)
    assert "Targets" in session.project.graphs
    assert "Targets" in session.open_graphs
    key = next(iter(session.selection))
    assert session.graph.nodes[key].layer == "network"
    press(scheme, _K.Key_G, CTRL | SHIFT)
    assert session.selection == {"ones", "zeros"}
    assert "Targets" not in session.project.graphs
    session.select(frozenset({"ones"}))
    press(scheme, _K.Key_G)
    assert session.graph.nodes[next(iter(session.selection))].layer == "block"


def test_keys_fork_and_share(scheme):
    session = scheme.session
    session.select(frozenset({"fake"}))
    press(scheme, _K.Key_U, CTRL | SHIFT)
    assert session.graph.nodes["fake"].params["definition"] == "judge2"
    press(scheme, _K.Key_W, CTRL | SHIFT)
    assert session.graph.nodes["fake"].layer == "block"


def test_keys_add_name_copy_and_delete_definitions(scheme):
    session = scheme.session
    press(scheme, _K.Key_T)
    assert session.view.graph == "Part"
    press(scheme, _K.Key_F2, SHIFT)
    field(scheme).selectAll()
    QTest.keyClicks(field(scheme), "Trunk")
    QTest.keyClick(field(scheme), _K.Key_Return)
    assert session.view.graph == "Trunk"
    press(scheme, _K.Key_I, CTRL | ALT)
    QTest.keyClick(field(scheme), _K.Key_Return)
    press(scheme, _K.Key_O, CTRL | ALT)
    QTest.keyClick(field(scheme), _K.Key_Return)
    assert (session.graph.inputs, session.graph.outputs) == (("input", "input2"), ("output", "output2"))
    press(scheme, _K.Key_D, CTRL | SHIFT)
    assert session.view.graph == "Trunk2"
    press(scheme, _K.Key_Delete, CTRL | SHIFT)
    assert "Trunk2" not in session.project.graphs


def test_the_menu_of_plus_opens_by_key_and_is_walked_by_arrows(scheme):
    press(scheme, _K.Key_T, CTRL | SHIFT)
    opened = QApplication.activePopupWidget()
    assert opened is not None
    QTest.keyClick(opened, _K.Key_Down)
    QTest.keyClick(opened, _K.Key_Return)
    assert scheme.session.view.graph == "MLP"


def test_the_search_goes_to_graphs_and_places_definitions(scheme):
    found = {entry.title: entry for entry in find.entries(scheme)}
    assert {"Open judge", "Add judge", "New Residual block", "Make block of selection"} - found.keys() == {
        "Make block of selection"  # nothing is selected
    }
    found["Add judge"].run()
    assert scheme.session.graph.nodes["judge1"].layer == "network"
    found["Open judge"].run()
    assert scheme.session.view.graph == "judge"
    found["New Residual block"].run()
    assert scheme.session.view.graph == "ResidualBlock"


def test_many_tabs_leave_room_for_play(scheme, qtbot):
    session = scheme.session
    for number in range(12):
        name = f"AQuiteLongDefinition{number}"
        session.apply(edits.add_definition(session.project, name), "Add")
    scheme.resize(1000, 700)
    QApplication.processEvents()
    assert scheme.width() == 1000
    play, tabs = scheme.topbar.play, scheme.topbar.tabs
    assert tabs.geometry().right() < play.geometry().left()
    assert play.geometry().right() < scheme.width()
    session.show_tab("AQuiteLongDefinition11")
    QApplication.processEvents()
    shown = tabs.bar.tabRect(tabs.bar.currentIndex())
    assert tabs.bar.rect().contains(shown.center())  # scrolled into sight


def test_the_canvas_has_the_keys_when_the_field_that_had_them_goes(scheme):
    """Not the first button of the window, which Qt would give them to."""
    canvas, session = scheme.workbench().canvas, scheme.session
    session.select(frozenset({"real"}))
    page = scheme.workbench().inspector.page
    QTest.mouseClick(page.header.id_entry, Qt.MouseButton.LeftButton)
    assert QApplication.focusWidget() is page.header.id_entry
    scheme.topbar.tabs.bar.setCurrentIndex(1)
    assert session.view.graph == "maker"
    assert QApplication.focusWidget() is canvas


def test_plus_stands_right_behind_the_tabs(scheme, qtbot):
    tabs = scheme.topbar.tabs
    for name in ("maker", "judge"):
        scheme.session.close_tab(name)
    assert tabs.bar.count() == 1
    qtbot.waitUntil(lambda: tabs.more.x() - tabs.bar.tabRect(0).right() < 12)
