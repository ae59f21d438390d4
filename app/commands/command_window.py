"""What commands use of the window: its parts, and what it can be asked to show. `app.shell.window` is one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from PySide6.QtWidgets import QWidget

from app.canvas.tabs import GraphTabs
from app.canvas.view import CanvasView
from app.commands.action_set import ActionSet
from app.panels.declaration import Panel, PanelWidget
from app.state.appearance import Appearance
from app.state.files import ProjectFiles
from app.state.run_controller import RunController
from app.state.run_list import RunList
from app.state.session import Session

if TYPE_CHECKING:  # panels are loaded after the first paint
    from app.runs.runs import RunsPanel
    from app.samples.samples_panel import SamplesPanel


class CommandWorkbench(Protocol):
    """The drawing and its panels."""

    canvas: CanvasView

    @property
    def samples(self) -> SamplesPanel | None: ...
    def made(self, panel: type[Panel[PanelWidget]]) -> PanelWidget | None: ...
    @property
    def is_narrow(self) -> bool: ...

    def toggle(self, name: str) -> None: ...
    def float_panel(self, name: str) -> None: ...
    def reset_panels(self) -> None: ...
    def is_shown(self, name: str) -> bool: ...
    def floats(self, name: str) -> bool: ...
    def show_lower(self, name: str) -> None: ...
    def runs_panel(self) -> RunsPanel: ...


class CommandTopBar(Protocol):
    tabs: GraphTabs

    def open_menu(self) -> None: ...


class CommandWindow(Protocol):
    """The window, as far as commands use it. `widget` is the window itself, the parent of dialogs."""

    appearance: Appearance
    session: Session
    controller: RunController
    files: ProjectFiles
    run_list: RunList
    actions_: ActionSet

    @property
    def widget(self) -> QWidget: ...
    @property
    def topbar(self) -> CommandTopBar: ...
    @property
    def shows_drawing(self) -> bool: ...

    def workbench(self) -> CommandWorkbench: ...
    def show_gallery(self) -> None: ...
    def show_drawing(self) -> None: ...
    def show_data(self) -> None: ...
    def refresh_gallery(self) -> None: ...
    def open_command_palette(self) -> None: ...
    def open_problems(self) -> None: ...
