"""The actions as data: each is in a menu, has a key of its own, and something that does it."""

from __future__ import annotations

import io
import re
import tokenize

from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import QLabel, QScrollArea

from app.commands.action_list import actions
from app.commands.action_set import keys_text
from app.commands.panel_registry import panels
from app.state.actions import MENUS, by_id
from app.widgets import dialogs
from app.widgets.icons import icon, is_there
from app.widgets.menus import Menu
from tests import ROOT


def test_every_action_is_in_a_menu_and_has_a_key():
    for action in actions():
        assert action.menu in MENUS
        assert action.title
        assert not QKeySequence(action.shortcut).isEmpty(), action.id


def test_every_icon_of_an_action_is_there():
    assert [action.icon for action in actions() if action.icon and not is_there(action.icon)] == []


def test_a_menu_survives_an_icon_that_is_not_there(window):
    window.actions_.actions["open"].setIcon(icon("no-such-icon"))
    menu = next(menu for menu in window.actions_.menus(window, Menu(window, "Recent")) if menu.actions())
    shown = menu.grab().toImage()
    assert not shown.isNull()
    nothing = icon("no-such-icon").pixmap(16, 16).toImage()
    assert {nothing.pixelColor(x, y).alpha() for x in range(16) for y in range(16)} == {0}


def test_ids_and_keys_are_unique():
    assert len({action.id for action in actions()}) == len(actions())
    keys = [QKeySequence(action.shortcut).toString() for action in actions()]
    assert len(set(keys)) == len(keys), sorted(key for key in keys if keys.count(key) > 1)


def test_every_action_has_a_method_that_does_it(window):
    for action in actions():
        assert callable(window.commands.call(action)), action.id


def test_keys_are_shown_side_by_side():
    assert keys_text(by_id("save_as")) == "Ctrl Shift S"
    assert keys_text(by_id("zoom_in")) == "Ctrl +"


def test_the_list_of_keys_shows_them_whole(window, qtbot):
    dialog = dialogs.listing(window, "Keyboard shortcuts", window.commands.help.shortcut_sections())
    qtbot.addWidget(dialog)
    dialog.show()
    qtbot.waitExposed(dialog)
    area = dialog.findChild(QScrollArea)
    assert area is not None
    assert area.widget().width() <= area.viewport().width()
    keys = [label for label in area.widget().findChildren(QLabel) if label.property("role") == "key"]
    assert len(keys) > 50
    assert all(label.geometry().right() < area.viewport().width() for label in keys)
    assert dialog.rect().contains(area.geometry())
    dialog.close()


def test_keys_are_typed_once():
    """Menus, tabs and tooltips take them from the actions and the declarations of panels.

    No other file of the window spells a shortcut, and none is spelled twice.
    """
    shortcut = re.compile(r'"[^"\n]*\b(?:Ctrl|Shift|Alt)\+[A-Za-z0-9][^"\n]*"')
    found, declared = [], []
    for path in (ROOT / "app").rglob("*.py"):
        for token in tokenize.generate_tokens(io.StringIO(path.read_text("utf-8")).readline):
            is_text = token.type == tokenize.STRING and not token.string.startswith('"""')
            if not is_text or not shortcut.fullmatch(token.string):
                continue
            if path.name in ("actions.py", "panel.py"):
                declared.append(token.string)
            else:
                found.append(f"{path.relative_to(ROOT)}:{token.start[0]} {token.string}")
    assert not found
    assert {keys for keys in declared if declared.count(keys) > 1} == set()


def test_what_a_panel_is_called_is_typed_in_its_declaration_alone():
    """No other file of the window spells a title, an id or keys of a panel in its menu entries."""
    for panel in panels():
        for text in (
            f'"Show {panel.called}"',
            f'"show_{panel.id}"',
            f'"float_{panel.id}"',
            f'"{panel.shortcut}"',
        ):
            spelled = [path for path in (ROOT / "app").rglob("*.py") if text in path.read_text("utf-8")]
            own = [path for path in spelled if path.name == "panel.py" and text == f'"{panel.shortcut}"']
            assert spelled == own, text
