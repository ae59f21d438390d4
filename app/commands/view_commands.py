"""What the actions of the View menu do."""

from __future__ import annotations

from app.commands.command_window import CommandWindow


class ViewCommands:
    """Zoom, panels and theme."""

    def __init__(self, window: CommandWindow) -> None:
        self._window = window

    def command_palette(self) -> None:
        self._window.open_command_palette()

    def open_menu(self) -> None:
        self._window.topbar.open_menu()

    def look_at(self) -> None:
        self._window.workbench().canvas.looking.open()

    def zoom_in(self) -> None:
        self._window.workbench().canvas.camera.zoom_to(self._window.workbench().canvas.camera.zoom * 1.25)

    def zoom_out(self) -> None:
        self._window.workbench().canvas.camera.zoom_to(self._window.workbench().canvas.camera.zoom / 1.25)

    def zoom_full(self) -> None:
        self._window.workbench().canvas.camera.zoom_to(1.0)

    def fit(self) -> None:
        self._window.workbench().canvas.camera.fit()

    def leave_graph(self) -> None:
        self._window.workbench().canvas.editor.leave()

    def minimap(self) -> None:
        self._window.workbench().canvas.set_minimap(not self._window.workbench().canvas.minimap_shown)

    def show_flow(self, quantity: str) -> None:
        """Colour every node by this; the same again stops it."""
        flow = self._window.workbench().canvas.flow
        flow.choose("" if flow.quantity == quantity else quantity)

    def toggle_panel(self, name: str) -> None:
        self._window.workbench().toggle(name)

    def float_panel(self, name: str) -> None:
        self._window.workbench().float_panel(name)

    def reset_panels(self) -> None:
        self._window.workbench().reset_panels()

    def choose_theme(self, choice: str) -> None:
        self._window.appearance.choose(choice)

    def full_screen(self) -> None:
        if self._window.widget.isFullScreen():
            self._window.widget.showNormal()
        else:
            self._window.widget.showFullScreen()
