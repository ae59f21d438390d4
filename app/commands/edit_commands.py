"""What the actions of the Edit menu do."""

from __future__ import annotations

from app.commands.command_window import CommandWindow


class EditCommands:
    """Changes of the drawing on show."""

    def __init__(self, window: CommandWindow) -> None:
        self._window = window

    def undo(self) -> None:
        self._window.session.undo()

    def redo(self) -> None:
        self._window.session.redo()

    def cut(self) -> None:
        self._window.workbench().canvas.clipboard.cut()

    def copy(self) -> None:
        self._window.workbench().canvas.clipboard.copy()

    def paste(self) -> None:
        self._window.workbench().canvas.clipboard.paste()

    def duplicate(self) -> None:
        self._window.workbench().canvas.editor.duplicate()

    def delete(self) -> None:
        self._window.workbench().canvas.editor.delete()

    def delete_and_heal(self) -> None:
        self._window.workbench().canvas.editor.delete_and_heal()

    def select_all(self) -> None:
        self._window.workbench().canvas.editor.select_all()

    def select_none(self) -> None:
        self._window.session.select(frozenset())

    def rename(self) -> None:
        self._window.workbench().canvas.rename()

    def bypass(self) -> None:
        self._window.workbench().canvas.editor.toggle_bypass()

    def freeze(self) -> None:
        self._window.workbench().canvas.editor.toggle_freeze()

    def frame_selection(self) -> None:
        self._window.workbench().canvas.names.frame_selection()

    def add_note(self) -> None:
        self._window.workbench().canvas.names.add_note()

    def add_layer(self) -> None:
        canvas = self._window.workbench().canvas
        canvas.setFocus()
        canvas.open_search()
