"""The state behind one window: the project and its history, what is selected and shown, its file and its run.

Views read from the session and listen to its signals; they change the project only through `apply`. The
session knows no widget.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from app.state.open_graphs import OpenGraphs, View
from engine.document import query
from engine.document.changes import renamed
from engine.document.edits.layout import with_places
from engine.document.expression import ExpressionError
from engine.document.held_expressions import worked_out
from engine.document.history import History
from engine.document.node_paths import segments
from engine.document.project import MAIN, Graph, Project
from engine.expand.values import names_at
from engine.report import Report
from nodes.user_error import UserError

if TYPE_CHECKING:
    from engine.compile.step_plan import StepPlan

__all__ = ["Session", "View"]


class Session(QObject):
    """One open project."""

    project_changed = Signal(object, object)  # old Project, new Project
    history_changed = Signal()
    selection_changed = Signal()
    view_changed = Signal()
    tabs_changed = Signal()
    report_changed = Signal()
    step_plan_changed = Signal()
    spotlight_changed = Signal()
    reveal_wanted = Signal(str)  # a node of the graph on show that is to be brought into sight
    recheck_wanted = Signal()
    file_changed = Signal()
    notified = Signal(str, str)  # message, kind: "info", "good", "warn" or "bad"

    def __init__(self, project: Project | None = None, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._history = History(project or Project())
        self._saved: Project | None = self._history.project
        self._view_stack: tuple[View, ...] = (View(),)
        self._tabs = OpenGraphs(self._history.project)
        self.selection: frozenset[str] = frozenset()
        self.report = Report()
        self.step_plan: StepPlan | None = None
        self.spotlight = ""
        """The path of the objective whose doings the canvas shows; "" for none."""
        self.path: Path | None = None

    @property
    def project(self) -> Project:
        return self._history.project

    @property
    def view(self) -> View:
        return self._view_stack[-1]

    @property
    def view_stack(self) -> tuple[View, ...]:
        """From main to the graph on show: the breadcrumb."""
        return self._view_stack

    @property
    def graph(self) -> Graph:
        """The graph on show."""
        return self.project.graphs[self.view.graph]

    @property
    def is_modified(self) -> bool:
        return self.project is not self._saved

    @property
    def undo_label(self) -> str | None:
        return self._history.undo_label

    @property
    def redo_label(self) -> str | None:
        return self._history.redo_label

    @property
    def open_graphs(self) -> tuple[str, ...]:
        """The graphs that have a tab, main first."""
        return self._tabs.names

    def path_of(self, node: str) -> str:
        """The full path of a node of the graph on show, as the report and the lenses name it."""
        return f"{self.view.path}.{node}" if self.view.path else node

    def inside(self, node: str) -> View | None:
        """The view of what a placement on show places (of its first copy); None for other nodes."""
        found = self.graph.nodes.get(node)
        if found is None or not query.is_placement(found):
            return None
        if query.definition_of(self.project, found) is None:
            return None
        path, repeat = self.path_of(node), found.params.get("repeat", 1)
        with suppress(ExpressionError):
            repeat = worked_out(repeat, names_at(self.project, *self.view))
        return View(str(found.params["definition"]), path if repeat == 1 else f"{path}.0")

    def copy_on_show(self) -> tuple[int, int]:
        """Which copy of a repeated placement is on show, from 0, and how many there are; (0, 1): of none."""
        outer, _, number = self.view.path.rpartition(".")
        if not outer or not number.isdigit():
            return 0, 1
        *_, found = segments(self.project, MAIN, outer)
        node = self.project.graphs[found.graph].nodes[found.node]
        repeat: object = 1
        with suppress(ExpressionError):
            around = ".".join(outer.split(".")[: found.place])
            repeat = worked_out(node.params.get("repeat", 1), names_at(self.project, found.graph, around))
        return int(number), repeat if isinstance(repeat, int) else 1

    def show_copy(self, number: int) -> None:
        """Show another copy of the repeated placement on show."""
        outer, _, _ = self.view.path.rpartition(".")
        self.show_graph(*self.view_stack[:-1], View(self.view.graph, f"{outer}.{number}"))

    def apply(self, project: Project, label: str, merge: str | None = None) -> None:
        """Make `project` the present one, as one undoable step.

        Steps with the same `merge` key that follow each other become one (a drag, a spin of a value).
        """
        if project is self.project:
            return
        where = self.view.graph
        self._become(lambda: self._history.push(project, label, merge, where))

    def attempt(self, edit: Callable[[Project], Project], label: str, merge: str | None = None) -> bool:
        """Apply an edit to the present project as one step; tell the user where it is refused."""
        try:
            changed = edit(self.project)
        except UserError as error:
            self.notify(str(error), "warn")
            return False
        self.apply(changed, label, merge)
        return True

    def undo(self) -> None:
        """Take the last step back, and show the graph in which it was made."""
        if self._history.undo_label is not None:
            self._become(self._history.undo, self._history.undo_graph)

    def redo(self) -> None:
        """Do the step again that was taken back last, and show the graph in which it was made."""
        if self._history.redo_label is not None:
            self._become(self._history.redo, self._history.redo_graph)

    def open(self, project: Project, path: Path | None, *, modified: bool = False) -> None:
        """Replace everything by another project (new, loaded or recovered); all of it gets a place."""
        project, old = with_places(project), self.project
        self._history = History(project)
        self._saved = None if modified else project
        self._view_stack, self.selection, self.path = (View(),), frozenset(), path
        self._tabs = OpenGraphs(project)
        self.report, self.step_plan = Report(), None
        self.set_spotlight("")
        self.project_changed.emit(old, project)
        for signal in (
            self.tabs_changed,
            self.view_changed,
            self.selection_changed,
            self.history_changed,
            self.file_changed,
        ):
            signal.emit()

    def mark_saved(self, project: Project, path: Path) -> None:
        self._saved, self.path = project, path
        self.file_changed.emit()

    def select(self, nodes: frozenset[str]) -> None:
        if nodes != self.selection:
            self.selection = nodes
            self.selection_changed.emit()

    def show_graph(self, *stack: View) -> None:
        """Show the last graph of a breadcrumb."""
        if stack and stack != self._view_stack:
            self._view_stack = stack
            self.selection = frozenset()
            if self._tabs.show(stack):
                self.tabs_changed.emit()
            self.view_changed.emit()
            self.selection_changed.emit()

    def show_tab(self, name: str) -> None:
        """Show a graph as it was seen last, or at the first place where it stands."""
        self.show_graph(*self._tabs.stack_of(name, self.project))

    def close_tab(self, name: str) -> None:
        """Take a definition's tab away; the definition stays. Where it is on show, its neighbour comes up."""
        beside = self._tabs.close(name)
        if beside is not None:
            if self.view.graph == name:
                self.show_tab(beside)
            self.tabs_changed.emit()

    def move_tab(self, name: str, place: int) -> None:
        """Put a tab at another place; main stays the first."""
        if self._tabs.move(name, place):
            self.tabs_changed.emit()

    def recheck(self) -> None:
        """Ask for a new report of the present project: what it reads has changed, though it has not."""
        self.recheck_wanted.emit()

    def set_report(self, report: Report) -> None:
        self.report = report
        self.report_changed.emit()

    def set_step_plan(self, plan: StepPlan | None) -> None:
        self.step_plan = plan
        self.step_plan_changed.emit()

    def set_spotlight(self, objective: str) -> None:
        """Show on the canvas what an objective updates, in every tab, until another is shown or none."""
        if objective != self.spotlight:
            self.spotlight = objective
            self.spotlight_changed.emit()

    def notify(self, message: str, kind: str = "info") -> None:
        """Tell the user one sentence, in passing."""
        self.notified.emit(message, kind)

    def _become(self, change: Callable[[], object], edited: str | None = None) -> None:
        """Change the project, then tell it; `edited` is the graph to show where the one on show stays equal.

        View and selection are sound before the first signal, and `project_changed` comes first, as in `open`.
        """
        old, shown = self.project, self._view_stack
        change()
        new = self.project
        tabs, selection = self._tabs.names, self.selection
        stack = self._tabs.follow(old, new, shown)
        if edited is not None:
            stack = self._tabs.where_changed(old, new, stack, edited)
        names = renamed(old, new)
        stays = stack[-1].graph == names.get(shown[-1].graph, shown[-1].graph)
        self._view_stack = stack
        self.selection = frozenset(node for node in selection if stays and node in self.graph.nodes)
        self._tabs.show(stack)
        self.project_changed.emit(old, new)
        if tabs != self._tabs.names:
            self.tabs_changed.emit()
        if stack != shown:
            self.view_changed.emit()
        self.history_changed.emit()
        if self.selection != selection:
            self.selection_changed.emit()
