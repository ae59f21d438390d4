"""Panels are declarations: one of an installed package works as ours do, and saved layouts stay good."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QLabel, QMenu

from app.commands import panel_registry
from app.commands.action_list import actions
from app.shell.window import Window
from app.state import settings, warmup
from app.state.appearance import Appearance
from app.widgets import dialogs
from engine.document import edits
from engine.document.project import MAIN
from tests import ROOT
from tests.plug_ins import PATH, write_package

CONTROL = Qt.KeyboardModifier.ControlModifier
SAVED_BEFORE = ROOT / "tests" / "fixtures" / "panel_layout.ini"
"""Settings written by commit e922a61, before panels were declarations. Do not write them anew."""
RESTORED_BEFORE = {
    "palette": (0, 0, 250, 855),
    "training": (251, 525, 771, 330),
    "samples": (1023, 525, 417, 330),
}
"""Where that commit put the docks when it read them: left, top, width, height. It showed no inspector."""

Start = Callable[[], Window]


@pytest.fixture
def start(qtbot, qapp: QApplication, monkeypatch: pytest.MonkeyPatch) -> Iterator[Start]:
    """Starts the program with a drawing open; closes the window of the start before."""
    warmup.load_panels()
    warmup.load_engine()
    monkeypatch.setattr(dialogs, "ask", lambda *args: "discard")
    shown: list[tuple[Window, Appearance]] = []

    def leave() -> None:
        for window, appearance in shown:
            window.close()
            window.deleteLater()
            appearance.deleteLater()
        shown.clear()

    def begin() -> Window:
        leave()
        appearance = Appearance(qapp)
        window = Window(appearance)
        shown.append((window, appearance))
        window.resize(1440, 900)
        window.show()
        window.activateWindow()
        window.files.open_template("lenet5-fashion")
        qtbot.waitUntil(lambda: window.workbench().samples is not None, timeout=10_000)
        qtbot.wait(50)
        return window

    yield begin
    leave()


@pytest.fixture
def extras(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.syspath_prepend(str(PATH))
    panel_registry.panels.cache_clear()
    yield
    panel_registry.panels.cache_clear()


def menu_of(window: Window, title: str) -> QMenu:
    whole = window.topbar.menu_button.menu()
    return next(action.menu() for action in whole.actions() if action.text() == title)


def click_entry(qtbot, menu: QMenu, title: str) -> None:
    """As the mouse does it: the menu is open and its entry is clicked."""
    menu.popup(menu.parentWidget().mapToGlobal(menu.parentWidget().rect().center()))
    entry = next(action for action in menu.actions() if action.text() == title)
    qtbot.mouseClick(menu, Qt.MouseButton.LeftButton, pos=menu.actionGeometry(entry).center())


def words(window: Window) -> str:
    label = window.workbench().docks["node-count"].widget().findChild(QLabel)
    assert label.isVisible()
    return label.text()


@pytest.mark.usefixtures("extras")
def test_a_panel_of_a_package_opens_by_its_key_and_follows_the_drawing(start: Start, qtbot) -> None:
    window = start()
    dock, main = window.workbench().docks["node-count"], window.session.project.main
    assert not dock.isVisible()
    qtbot.keyClick(window, Qt.Key.Key_6, CONTROL)
    assert words(window) == f"{len(main.nodes)} nodes, {len(main.wires)} wires"
    window.session.apply(edits.remove_nodes(window.session.project, MAIN, ["conv1"]), "Delete")
    assert words(window).startswith(f"{len(main.nodes) - 1} nodes")
    qtbot.waitUntil(window.actions_["undo"].isEnabled)
    qtbot.keyClick(window, Qt.Key.Key_Z, CONTROL)
    assert words(window).startswith(f"{len(main.nodes)} nodes")
    qtbot.keyClick(window, Qt.Key.Key_6, CONTROL)
    assert not dock.isVisible()


@pytest.mark.usefixtures("extras")
def test_it_is_in_the_menu_the_list_of_keys_and_the_search(start: Start, qtbot) -> None:
    window = start()
    menu = menu_of(window, "View")
    titles = [action.text() for action in menu.actions()]
    assert titles.index("Show node count") == titles.index("Show samples") + 1
    click_entry(qtbot, menu, "Show node count")
    assert words(window).endswith("wires")
    floating = next(action.menu() for action in menu.actions() if action.text() == "Float a panel")
    assert "Float node count" in [action.text() for action in floating.actions()]
    assert ("Show node count", "Ctrl 6") in window.commands.help.shortcut_sections()["View"]
    qtbot.keyClick(window, Qt.Key.Key_K, CONTROL)
    line = window._command_palette.line
    qtbot.keyClicks(line, "node count")
    qtbot.keyClick(line, Qt.Key.Key_Return)
    assert not window.workbench().docks["node-count"].isVisible()


@pytest.mark.usefixtures("extras")
def test_it_is_there_again_after_a_restart(start: Start, qtbot) -> None:
    window = start()
    qtbot.keyClick(window, Qt.Key.Key_6, CONTROL)
    qtbot.keyClick(window, Qt.Key.Key_1, CONTROL)
    window = start()
    assert words(window).endswith("wires")
    assert not window.workbench().docks["palette"].isVisible()


@pytest.mark.parametrize("plug_ins", [False, True], ids=["alone", "with a panel of a package"])
def test_a_layout_of_before_is_restored(start: Start, qtbot, request, plug_ins: bool) -> None:
    if plug_ins:
        request.getfixturevalue("extras")
    settings.folder().mkdir(parents=True)
    shutil.copy(SAVED_BEFORE, settings.folder() / "settings.ini")
    docks = start().workbench().docks
    shown = {name: dock.geometry().getRect() for name, dock in docks.items() if dock.isVisible()}
    assert shown == RESTORED_BEFORE
    assert ("node-count" in docks) is plug_ins


def test_a_layout_outlives_a_package_that_goes(start: Start, qtbot, request, monkeypatch) -> None:
    request.getfixturevalue("extras")
    window = start()
    qtbot.keyClick(window, Qt.Key.Key_6, CONTROL)
    qtbot.keyClick(window, Qt.Key.Key_2, CONTROL)
    monkeypatch.undo()
    monkeypatch.setattr(dialogs, "ask", lambda *args: "discard")
    panel_registry.panels.cache_clear()
    docks = start().workbench().docks
    assert "node-count" not in docks
    assert not docks["inspector"].isVisible()
    assert docks["palette"].isVisible()


HEAD = """from app.panels.declaration import Panel, PanelPlace
from PySide6.QtWidgets import QLabel

class Odd(Panel[QLabel]):
    place = PanelPlace.RIGHT
"""


@pytest.mark.parametrize(
    ("declared", "told"),
    [
        ("id, title, shortcut = 'palette', 'Odd', 'Ctrl+6'", "Expected an id that no other panel has"),
        ("id, title, shortcut = 'odd', 'Odd', 'ctrl+1'", "Received ctrl+1, the keys of “Show palette”"),
        ("id, title, shortcut = 'odd', 'Odd', 'Ctrl+Y'", "Received Ctrl+Y, the keys of “Redo”"),
        ("id, title, shortcut = 'odd', 'Odd', ''", "Expected a shortcut"),
        ("id, title = 'odd', 'Odd'", "shortcut"),
    ],
)
def test_a_panel_that_takes_what_is_taken_is_left_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, request, declared: str, told: str
) -> None:
    before = [action.id for action in actions()]
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.delitem(sys.modules, "odd_panel", raising=False)
    text = f"{HEAD}    {declared}\n    def make(self, context):\n        return QLabel()\n"
    write_package(tmp_path, "odd", "2.0", {"odd_panel": text}, {"layerloom.panels": "odd_panel"})
    panel_registry.panels.cache_clear()
    request.addfinalizer(panel_registry.panels.cache_clear)
    assert [action.id for action in actions()] == before
    (odd,) = panel_registry.broken
    assert told in odd.reason


@pytest.mark.parametrize("place", ["RIGHT", "LOWER"])
def test_a_panel_that_cannot_be_made_is_named_in_its_place(
    start: Start, qtbot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, request, place: str
) -> None:
    """The others are there all the same, and work."""
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.delitem(sys.modules, "odd_panel", raising=False)
    text = f"""{HEAD.replace("RIGHT", place)}
    id, title, shortcut = "odd", "Odd", "Ctrl+6"
    def make(self, context):
        return 1 / 0
    def leave_room(self, widget, width):
        widget.leave_room(width)
    def opened(self, widget):
        widget.opened()
"""
    write_package(tmp_path, "odd", "2.0", {"odd_panel": text}, {"layerloom.panels": "odd_panel"})
    panel_registry.panels.cache_clear()
    request.addfinalizer(panel_registry.panels.cache_clear)
    window = start()
    told = (
        "Plug-in odd 2.0 (layerloom.panels) cannot be used: odd_panel: ZeroDivisionError: division by zero."
    )
    if place == "LOWER":
        qtbot.keyClick(window, Qt.Key.Key_6, CONTROL)
    shown = [label.text() for label in window.workbench().findChildren(QLabel) if label.isVisible()]
    assert f"{told} Update or uninstall it." in shown
    assert any(told in message for message in window.toasts.messages)
    window.session.select(frozenset({"conv1"}))
    qtbot.waitUntil(lambda: window.workbench().inspector.page is not None)
