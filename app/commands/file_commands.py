"""What the actions of the File menu do."""

from __future__ import annotations

from app.commands.command_window import CommandWindow
from app.state import settings
from app.widgets import dialogs
from engine.document import edits


class FileCommands:
    """New, open, save and leave projects."""

    def __init__(self, window: CommandWindow) -> None:
        self._window = window

    def new(self) -> None:
        self._window.files.new()

    def open(self) -> None:
        self._window.files.open()

    def add_data(self) -> None:
        self._window.show_data()

    def gallery(self) -> None:
        self._window.show_gallery()

    def save(self) -> None:
        self._window.files.save()

    def save_as(self) -> None:
        self._window.files.save_as()

    def rename_project(self) -> None:
        name = dialogs.ask_text(
            self._window.widget, "Rename project", "", self._window.session.project.name, "Rename"
        )
        if name:
            self._window.session.attempt(
                lambda project: edits.rename_project(project, name), "Rename project"
            )

    def clear_recent(self) -> None:
        settings.clear_recent()
        self._window.refresh_gallery()

    def quit(self) -> None:
        self._window.widget.close()
