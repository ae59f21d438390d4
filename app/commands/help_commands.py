"""What the actions of the Help menu do."""

from __future__ import annotations

from app.commands import plug_ins
from app.commands.about import about_text
from app.commands.action_list import actions
from app.commands.action_set import keys_text
from app.commands.command_window import CommandWindow
from app.state.actions import MENUS
from app.widgets import dialogs
from engine.plug_ins import line, summary


class HelpCommands:
    """Keys, plug-ins, version and licences."""

    def __init__(self, window: CommandWindow) -> None:
        self._window = window

    def shortcuts(self) -> None:
        dialog = dialogs.listing(self._window.widget, "Keyboard shortcuts", self.shortcut_sections())
        dialog.exec()
        dialog.deleteLater()

    def shortcut_sections(self) -> dict[str, list[tuple[str, str]]]:
        """Title and keys of every action, by menu."""
        return {menu: [(a.title, keys_text(a)) for a in actions() if a.menu == menu] for menu in MENUS}

    def plug_ins(self) -> None:
        found = plug_ins.installed()
        dialogs.tell(self._window.widget, "Plug-ins", summary(found), [line(*one) for one in found])

    def about(self) -> None:
        dialogs.tell(self._window.widget, "About Layerloom", about_text())
