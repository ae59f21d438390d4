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
def gan_window(window, qtbot):
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


def test_keys_turn_close_and_move_tabs(gan_window):
    session = gan_window.session
    for key, keys in ((_K.Key_Tab, CTRL), (_K.Key_PageDown, CTRL)):
        press(gan_window, key, keys)
    assert session.view.graph == "judge"
    press(gan_window, _K.Key_Backtab, CTRL | SHIFT)
    assert session.view.graph == "maker"
    press(gan_window, _K.Key_PageUp)
    press(gan_window, _K.Key_PageUp)
    assert session.view.graph == "judge"
    press(gan_window, _K.Key_PageUp, CTRL | SHIFT)
    assert session.open_graphs == (MAIN, "judge", "maker")
    press(gan_window, _K.Key_W)
    assert session.open_graphs == (MAIN, "maker")
    assert session.view.graph == "maker"
    press(gan_window, _K.Key_W)
    press(gan_window, _K.Key_W)
    assert session.open_graphs == (MAIN,)


def test_keys_make_a_network_of_the_selection_and_unpack_it(gan_window):
    session = gan_window.session
    session.select(frozenset({"ones", "zeros"}))
    press(gan_window, _K.Key_N, CTRL | SHIFT)
    QTest.keyClicks(field(gan_window), "Targets")
    QTest.keyClick(field(gan_window), _K.Key_Return)
    assert "Targets" in session.project.graphs
    assert "Targets" in session.open_graphs
    key = next(iter(session.selection))
    assert session.graph.nodes[key].layer == "network"
    press(gan_window, _K.Key_G, CTRL | SHIFT)
    assert session.selection == {"ones", "zeros"}
    assert "Targets" not in session.project.graphs
    session.select(frozenset({"ones"}))
    press(gan_window, _K.Key_G)
    assert session.graph.nodes[next(iter(session.selection))].layer == "block"


def test_keys_fork_and_share(gan_window):
    session = gan_window.session
    session.select(frozenset({"fake"}))
    press(gan_window, _K.Key_U, CTRL | SHIFT)
    assert session.graph.nodes["fake"].params["definition"] == "judge2"
    press(gan_window, _K.Key_W, CTRL | SHIFT)
    assert session.graph.nodes["fake"].layer == "block"


def test_keys_add_name_copy_and_delete_definitions(gan_window):
    session = gan_window.session
    press(gan_window, _K.Key_T)
    assert session.view.graph == "Part"
    press(gan_window, _K.Key_F2, SHIFT)
    field(gan_window).selectAll()
    QTest.keyClicks(field(gan_window), "Trunk")
    QTest.keyClick(field(gan_window), _K.Key_Return)
    assert session.view.graph == "Trunk"
    press(gan_window, _K.Key_I, CTRL | ALT)
    QTest.keyClick(field(gan_window), _K.Key_Return)
    press(gan_window, _K.Key_O, CTRL | ALT)
    QTest.keyClick(field(gan_window), _K.Key_Return)
    assert (session.graph.inputs, session.graph.outputs) == (("input", "input2"), ("output", "output2"))
    press(gan_window, _K.Key_D, CTRL | SHIFT)
    assert session.view.graph == "Trunk2"
    press(gan_window, _K.Key_Delete, CTRL | SHIFT)
    assert "Trunk2" not in session.project.graphs


def test_the_menu_of_plus_opens_by_key_and_is_walked_by_arrows(gan_window):
    press(gan_window, _K.Key_T, CTRL | SHIFT)
    opened = QApplication.activePopupWidget()
    assert opened is not None
    QTest.keyClick(opened, _K.Key_Down)
    QTest.keyClick(opened, _K.Key_Return)
    assert gan_window.session.view.graph == "MLP"


def test_the_search_goes_to_graphs_and_places_definitions(gan_window):
    found = {entry.title: entry for entry in find.entries(gan_window)}
    assert {"Open judge", "Add judge", "New Residual block", "Make block of selection"} - found.keys() == {
        "Make block of selection"  # nothing is selected
    }
    found["Add judge"].run()
    assert gan_window.session.graph.nodes["judge1"].layer == "network"
    found["Open judge"].run()
    assert gan_window.session.view.graph == "judge"
    found["New Residual block"].run()
    assert gan_window.session.view.graph == "ResidualBlock"


def test_many_tabs_leave_room_for_play(gan_window, qtbot):
    session = gan_window.session
    for number in range(12):
        name = f"AQuiteLongDefinition{number}"
        session.apply(edits.add_definition(session.project, name), "Add")
    gan_window.resize(1000, 700)
    QApplication.processEvents()
    assert gan_window.width() == 1000
    play, tabs = gan_window.topbar.play, gan_window.topbar.tabs
    assert tabs.geometry().right() < play.geometry().left()
    assert play.geometry().right() < gan_window.width()
    session.show_tab("AQuiteLongDefinition11")
    QApplication.processEvents()
    shown = tabs.bar.tabRect(tabs.bar.currentIndex())
    assert tabs.bar.rect().contains(shown.center())  # scrolled into sight


def test_the_canvas_has_the_keys_when_the_field_that_had_them_goes(gan_window):
    """Not the first button of the window, which Qt would give them to."""
    canvas, session = gan_window.workbench().canvas, gan_window.session
    session.select(frozenset({"real"}))
    page = gan_window.workbench().inspector.page
    QTest.mouseClick(page.header.id_entry, Qt.MouseButton.LeftButton)
    assert QApplication.focusWidget() is page.header.id_entry
    gan_window.topbar.tabs.bar.setCurrentIndex(1)
    assert session.view.graph == "maker"
    assert QApplication.focusWidget() is canvas


def test_plus_stands_right_behind_the_tabs(gan_window, qtbot):
    tabs = gan_window.topbar.tabs
    for name in ("maker", "judge"):
        gan_window.session.close_tab(name)
    assert tabs.bar.count() == 1
    qtbot.waitUntil(lambda: tabs.more.x() - tabs.bar.tabRect(0).right() < 12)
