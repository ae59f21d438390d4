"""What each action does, and when it can be done: one method per action of `actions`.

The methods are thin: they call the session, the canvas, the bridge, the files or a dialog.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import TYPE_CHECKING

from app.commands.action_set import keys_text
from app.commands.actions import ACTIONS, MENUS
from app.commands.graph_commands import GraphCommands
from app.state import settings
from app.state.sample_draws import samplers_of
from app.state.session import View
from app.widgets import dialogs
from engine.document import edits
from engine.document.project import Node
from engine.report import Problem

if TYPE_CHECKING:
    from app.shell.window import Window


class Commands(GraphCommands):
    """The actions of one window."""

    def __init__(self, window: Window) -> None:
        super().__init__(window)
        self._bridge = window.bridge

    # File ----------------------------------------------------------------------

    def new(self) -> None:
        self._window.files.new()

    def open(self) -> None:
        self._window.files.open()

    def gallery(self) -> None:
        self._window.show_gallery()

    def save(self) -> None:
        self._window.files.save()

    def save_as(self) -> None:
        self._window.files.save_as()

    def rename_project(self) -> None:
        name = dialogs.ask_text(self._window, "Rename project", "", self._session.project.name, "Rename")
        if name:
            self._session.attempt(lambda project: edits.rename_project(project, name), "Rename project")

    def clear_recent(self) -> None:
        settings.clear_recent()
        self._window.refresh_gallery()

    def quit(self) -> None:
        self._window.close()

    # Edit ----------------------------------------------------------------------

    def undo(self) -> None:
        self._session.undo()

    def redo(self) -> None:
        self._session.redo()

    def cut(self) -> None:
        self._canvas.clipboard.cut()

    def copy(self) -> None:
        self._canvas.clipboard.copy()

    def paste(self) -> None:
        self._canvas.clipboard.paste()

    def duplicate(self) -> None:
        self._canvas.editor.duplicate()

    def delete(self) -> None:
        self._canvas.editor.delete()

    def delete_and_heal(self) -> None:
        self._canvas.editor.delete_and_heal()

    def select_all(self) -> None:
        self._canvas.editor.select_all()

    def select_none(self) -> None:
        self._session.select(frozenset())

    def rename(self) -> None:
        self._canvas.rename()

    def bypass(self) -> None:
        self._canvas.editor.toggle_bypass()

    def freeze(self) -> None:
        self._canvas.editor.toggle_freeze()

    def frame_selection(self) -> None:
        self._canvas.names.frame_selection()

    def add_note(self) -> None:
        self._canvas.names.add_note()

    def add_layer(self) -> None:
        canvas = self._canvas
        canvas.setFocus()
        canvas.open_search()

    # View ----------------------------------------------------------------------

    def command_palette(self) -> None:
        self._window.open_command_palette()

    def open_menu(self) -> None:
        self._window.topbar.open_menu()

    def zoom_in(self) -> None:
        self._canvas.camera.zoom_to(self._canvas.camera.zoom * 1.25)

    def zoom_out(self) -> None:
        self._canvas.camera.zoom_to(self._canvas.camera.zoom / 1.25)

    def zoom_full(self) -> None:
        self._canvas.camera.zoom_to(1.0)

    def fit(self) -> None:
        self._canvas.camera.fit()

    def leave_graph(self) -> None:
        self._canvas.editor.leave()

    def minimap(self) -> None:
        self._canvas.set_minimap(not self._canvas.minimap_shown)

    def toggle_panel(self, name: str) -> None:
        self._window.workbench().toggle(name)

    def float_panel(self, name: str) -> None:
        self._window.workbench().float_panel(name)

    def reset_panels(self) -> None:
        self._window.workbench().reset_panels()

    def choose_theme(self, choice: str) -> None:
        self._window.appearance.choose(choice)

    def full_screen(self) -> None:
        if self._window.isFullScreen():
            self._window.showNormal()
        else:
            self._window.showFullScreen()

    # Run ----------------------------------------------------------------------

    def play(self) -> None:
        if self._bridge.is_active or self.can_train():
            self._bridge.play()

    def can_train(self) -> bool:
        """Whether nothing is wrong with the drawing and there is something to train; says so otherwise."""
        from engine.compile.step_plan import step_plan

        if self._session.report.errors:
            self._session.notify("This drawing cannot train yet. See its problems.", "warn")
            self.problems()
            return False
        problem = step_plan(self._session.project).problem
        if problem:
            self._session.notify(problem, "warn")
        return not problem

    def pause(self) -> None:
        self._bridge.pause()

    def stop(self) -> None:
        self._bridge.stop()

    def step(self) -> None:
        if self._bridge.is_active or self.can_train():
            self._bridge.step()

    def draw_samples(self) -> None:
        """The samplers that are selected draw; else the one that is on show large; else all."""
        session, panel = self._session, self._window.workbench().samples
        known = samplers_of(session.project)
        chosen = [path for path in map(session.path_of, sorted(session.selection)) if path in known]
        large = panel.target if panel is not None and panel.isVisible() else ""
        self._bridge.draws.draw(chosen or ([large] if large else known))

    def show_runs(self) -> None:
        self._window.workbench().toggle_runs()

    def on_run(self, what: str) -> None:
        self._window.run_commands.do(what)

    def problems(self) -> None:
        self._window.open_problems()

    def next_problem(self) -> None:
        problems = self._session.report.problems
        if problems:
            here = [at for at, problem in enumerate(problems) if problem.node in self._session.selection]
            self.show_problem(problems[(here[-1] + 1) % len(problems) if here else 0])

    def show_problem(self, problem: Problem) -> None:
        """Select the node of a problem and bring it into view."""
        session = self._session
        if problem.graph != session.view.graph and problem.graph in session.project.graphs:
            inside = problem.path.rpartition(".")[0]
            session.show_graph(View(), *([View(problem.graph, inside)] if inside else []))
        if problem.node in session.graph.nodes:
            session.select(frozenset({problem.node}))
            self._canvas.reveal(problem.node)

    # Help ----------------------------------------------------------------------

    def shortcuts(self) -> None:
        dialog = dialogs.listing(self._window, "Keyboard shortcuts", self.shortcut_sections())
        dialog.exec()
        dialog.deleteLater()

    def shortcut_sections(self) -> dict[str, list[tuple[str, str]]]:
        """Title and keys of every action, by menu."""
        return {menu: [(a.title, keys_text(a)) for a in ACTIONS if a.menu == menu] for menu in MENUS}

    def about(self) -> None:
        from app.commands.about import about_text

        dialogs.tell(self._window, "About Layerloom", about_text())

    # When ----------------------------------------------------------------------

    def conditions(self) -> Mapping[str, Callable[[], bool]]:
        """What the conditions named by the actions mean."""
        session, bridge, window = self._session, self._bridge, self._window
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
            **self.graph_conditions(),
            **window.run_commands.conditions(),
            "minimap_shown": lambda: window.shows_drawing and bool(self._canvas.minimap_shown),
            "can_play": lambda: bridge.state not in ("running", "compiling"),
            "can_step": lambda: bridge.state not in ("running", "compiling"),
            "samplers": lambda: bool(samplers_of(session.project)),
            "running": lambda: bridge.state in ("running", "compiling"),
            "active": lambda: bridge.is_active,
            "problems": lambda: bool(session.report.problems),
            "full_screen": window.isFullScreen,
        }
        for name in ("palette", "inspector", "training", "samples"):
            found[f"{name}_shown"] = partial(self._panel, "is_shown", name)
            found[f"{name}_floats"] = partial(self._panel, "floats", name)
        for choice in ("system", "light", "dark"):
            found[f"theme_{choice}"] = partial(self._theme_is, choice)
        return found

    def labels(self) -> Mapping[str, Callable[[], str]]:
        """Titles that say what they would do now."""
        return {
            "undo": lambda: _with("Undo", self._session.undo_label),
            "redo": lambda: _with("Redo", self._session.redo_label),
            "play": lambda: "Resume" if self._bridge.state == "paused" else "Play",
        }

    def _panel(self, question: str, name: str) -> bool:
        return self._window.shows_drawing and getattr(self._window.workbench(), question)(name) is True

    def _theme_is(self, choice: str) -> bool:
        return self._window.appearance.choice == choice

    def _wires_chosen(self) -> bool:
        return bool(self._canvas.drawing.chosen_wires)

    def _selected(self) -> list[Node]:
        nodes = self._session.graph.nodes
        return [nodes[name] for name in self._session.selection if name in nodes]

    def _all(self, has: Callable[[Node], bool]) -> bool:
        nodes = self._selected()
        return bool(nodes) and all(has(node) for node in nodes)


def _with(verb: str, label: str | None) -> str:
    return f"{verb} {label[0].lower()}{label[1:]}" if label else verb
