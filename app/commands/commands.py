"""The commands of one window, by menu; when each can be done, and what the titles of some say now."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial

from app.canvas.flow.quantities import QUANTITIES
from app.commands.command_window import CommandWindow
from app.commands.edit_commands import EditCommands
from app.commands.file_commands import FileCommands
from app.commands.graph_commands import GraphCommands
from app.commands.help_commands import HelpCommands
from app.commands.panel_registry import panels
from app.commands.run_commands import RunCommands
from app.commands.training_commands import TrainingCommands
from app.commands.view_commands import ViewCommands
from app.state import settings
from app.state.actions import EDIT, FILE, GRAPH, HELP, RUN, VIEW, Action
from app.state.sample_draws import samplers_of
from engine.document.project import Node


class Commands:
    """A part for each menu, and one for stored runs. An action names the method of its menu's part;
    what is done with panels is in the part of the View menu."""

    def __init__(self, window: CommandWindow) -> None:
        self._window = window
        self.file, self.edit, self.view = FileCommands(window), EditCommands(window), ViewCommands(window)
        self.graph, self.help, self.runs = GraphCommands(window), HelpCommands(window), RunCommands(window)
        self.training = TrainingCommands(window, self.runs)

    def call(self, action: Action) -> Callable[..., None]:
        """The method that does an action."""
        parts: dict[str, object] = {
            FILE: self.file,
            EDIT: self.edit,
            VIEW: self.view,
            GRAPH: self.graph,
            RUN: self.training,
            HELP: self.help,
        }
        part = self.view if action.panel else parts[action.menu]
        method: Callable[..., None] = getattr(part, action.call)
        return method

    def conditions(self) -> Mapping[str, Callable[[], bool]]:
        """What the conditions named by the actions mean."""
        window = self._window
        session, controller = window.session, window.controller
        found: dict[str, Callable[[], bool]] = {
            "drawing": lambda: window.shows_drawing,
            "wide": lambda: window.shows_drawing and not window.workbench().is_narrow,
            "recent": lambda: bool(settings.recent_files()),
            "undo": lambda: session.undo_label is not None,
            "redo": lambda: session.redo_label is not None,
            "selection": lambda: bool(session.selection),
            "deletable": lambda: bool(session.selection or (window.shows_drawing and self._wires_chosen())),
            "one_selected": lambda: len(session.selection) == 1,
            "bypassed": lambda: self._all(lambda node: node.bypassed),
            "frozen": lambda: self._all(lambda node: node.frozen),
            "inside": lambda: len(session.view_stack) > 1,
            **self.graph.conditions(),
            **self.runs.conditions(),
            "minimap_shown": lambda: (
                window.shows_drawing and bool(self._window.workbench().canvas.minimap_shown)
            ),
            "can_play": lambda: controller.state not in ("running", "compiling"),
            "can_step": lambda: controller.state not in ("running", "compiling"),
            "samplers": lambda: bool(samplers_of(session.project)),
            "running": lambda: controller.state in ("running", "compiling"),
            "active": lambda: controller.is_active,
            "problems": lambda: bool(session.report.problems),
            "full_screen": window.widget.isFullScreen,
        }
        for panel in panels():
            found[f"{panel.id}_shown"] = partial(self._panel, "is_shown", panel.id)
            found[f"{panel.id}_floats"] = partial(self._panel, "floats", panel.id)
        for quantity in QUANTITIES:
            found[f"flow_{quantity}"] = partial(self._flow_is, quantity)
        for choice in ("system", "light", "dark"):
            found[f"theme_{choice}"] = partial(self._theme_is, choice)
        return found

    def labels(self) -> Mapping[str, Callable[[], str]]:
        """Titles that say what they would do now."""
        return {
            "undo": lambda: _with("Undo", self._window.session.undo_label),
            "redo": lambda: _with("Redo", self._window.session.redo_label),
            "play": lambda: "Resume" if self._window.controller.state == "paused" else "Play",
        }

    def _panel(self, question: str, name: str) -> bool:
        return self._window.shows_drawing and getattr(self._window.workbench(), question)(name) is True

    def _flow_is(self, quantity: str) -> bool:
        return self._window.shows_drawing and self._window.workbench().canvas.flow.quantity == quantity

    def _theme_is(self, choice: str) -> bool:
        return self._window.appearance.choice == choice

    def _wires_chosen(self) -> bool:
        return bool(self._window.workbench().canvas.drawing.chosen_wires)

    def _selected(self) -> list[Node]:
        nodes = self._window.session.graph.nodes
        return [nodes[name] for name in self._window.session.selection if name in nodes]

    def _all(self, has: Callable[[Node], bool]) -> bool:
        nodes = self._selected()
        return bool(nodes) and all(has(node) for node in nodes)


def _with(verb: str, label: str | None) -> str:
    return f"{verb} {label[0].lower()}{label[1:]}" if label else verb
