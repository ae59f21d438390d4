"""Plug-ins that cannot be used are told in the window: once at the start, and in a list of all plug-ins."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QPlainTextEdit

from app.commands import panel_registry
from app.shell.toast import Toast
from app.widgets import dialogs
from nodes.registry import REGISTRY
from tests.plug_ins import PATH, write_package

OLD = """
from nodes.spec import Family, Layer
class Shaped(Layer):
    "Shapes."
    family = Family.SHAPE
    def telling(self): return ""
"""
TOLD = (
    "Plug-in shapes 1.0 (layerloom.nodes) uses Layer.telling, which is now called Layer.card_label. "
    "Update or uninstall it."
)


@pytest.fixture
def packages(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Installed while the test runs: good ones, one of old names, one whose words are markup."""
    write_package(tmp_path, "shapes", "1.0", {"old_layers": OLD}, {"layerloom.nodes": "old_layers"})
    markup = "raise ValueError('<b>bold</b>')\n"
    write_package(tmp_path, "odd", "2.0", {"odd_panel": markup}, {"layerloom.panels": "odd_panel"})
    for path in (tmp_path, PATH):
        monkeypatch.syspath_prepend(str(path))
    panel_registry.panels.cache_clear()
    REGISTRY.add_plug_ins()
    yield
    panel_registry.panels.cache_clear()
    REGISTRY.broken.clear()
    REGISTRY.remove("rrelu")
    for name in ("old_layers", "odd_panel"):
        sys.modules.pop(name, None)


def labels(widget) -> list[str]:
    return [label.text() for label in widget.findChildren(QLabel) if label.isVisible()]


def test_one_message_at_the_start_names_them(packages: None, window, qtbot) -> None:
    qtbot.waitUntil(lambda: bool(window.toasts.messages), timeout=10_000)
    (toast,) = window.findChildren(Toast)
    told = f"2 plug-ins cannot be used; Help, Plug-ins lists them. The first: {TOLD}"
    assert labels(toast) == [told]
    assert toast.findChild(QLabel).textFormat() is Qt.TextFormat.PlainText


def test_the_help_menu_lists_all_of_them_as_plain_text(packages: None, window, qtbot, monkeypatch) -> None:
    shown = []

    def look(dialog: dialogs.Dialog) -> int:
        dialog.show()
        listed = dialog.findChild(QPlainTextEdit)
        assert listed.isVisible()
        shown.append((dialog.windowTitle(), labels(dialog)[1], listed.toPlainText().splitlines()))
        qtbot.mouseClick(dialog.buttons["close"], Qt.MouseButton.LeftButton)
        return 0

    monkeypatch.setattr(dialogs.Dialog, "exec", look)
    whole = window.topbar.menu_button.menu()
    menu = next(action.menu() for action in whole.actions() if action.text() == "Help")
    menu.popup(window.mapToGlobal(window.rect().center()))
    entry = next(action for action in menu.actions() if action.text() == "Plug-ins")
    qtbot.mouseClick(menu, Qt.MouseButton.LeftButton, pos=menu.actionGeometry(entry).center())
    ((title, summary, lines),) = shown
    assert title == "Plug-ins"
    told = "plug-ins installed; 2 cannot be used. Update or uninstall what is named below."
    assert summary == f"{len(lines)} {told}"
    assert "layerloom.nodes  extras 1.0  extras.rrelu  in use" in lines
    assert "layerloom.panels  odd 2.0  odd_panel  cannot be used: odd_panel: <b>bold</b>" in lines


def test_without_broken_plug_ins_nothing_is_told(window, qtbot) -> None:
    qtbot.waitUntil(lambda: window._panels_loaded, timeout=10_000)
    qtbot.wait(50)
    assert window.toasts.messages == []
