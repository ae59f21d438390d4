"""Which graphs have a tab, in which order, and where each was last seen: values that follow the project.

Belongs to the session.
"""

from __future__ import annotations

from itertools import pairwise
from typing import NamedTuple

from engine.document import query
from engine.document.changes import renamed
from engine.document.edits.placement import first_placement
from engine.document.project import MAIN, Project

FIRST_TABS = 8
"""Definitions of a project that have a tab when it is opened."""


class View(NamedTuple):
    """What the canvas shows: a graph, and the path of the placement it was entered by ("" for main)."""

    graph: str = MAIN
    path: str = ""


Stack = tuple[View, ...]


class OpenGraphs:
    """The tabs of one project."""

    def __init__(self, project: Project) -> None:
        definitions = [name for name in project.graphs if name != MAIN]
        self.names: tuple[str, ...] = (MAIN, *definitions[:FIRST_TABS])
        self._seen: dict[str, Stack] = {}

    def show(self, stack: Stack) -> bool:
        """This is on show now; returns whether it needed a new tab."""
        name = stack[-1].graph
        self._seen[name] = stack
        if name in self.names:
            return False
        self.names = (*self.names, name)
        return True

    def stack_of(self, name: str, project: Project) -> Stack:
        """The breadcrumb by which a graph is shown: as last seen, or through its first placement."""
        if name == MAIN:
            return (View(),)
        seen = self._seen.get(name)
        if seen is not None and is_sound(project, seen):
            return seen
        return (View(), View(name, first_placement(project, name)))

    def close(self, name: str) -> str | None:
        """Take a tab away; gives the tab beside it, None where there was none to take."""
        if name == MAIN or name not in self.names:
            return None
        at = self.names.index(name)
        self.names = tuple(other for other in self.names if other != name)
        return self.names[min(at, len(self.names) - 1)]

    def move(self, name: str, place: int) -> bool:
        """Put a tab at another place, behind main; returns whether that changed anything."""
        if name == MAIN or name not in self.names:
            return False
        rest = [other for other in self.names if other != name]
        rest.insert(max(1, min(place, len(rest))), name)
        changed = tuple(rest) != self.names
        self.names = tuple(rest)
        return changed

    def follow(self, old: Project, new: Project, shown: Stack) -> Stack:
        """The project changed: definitions that were renamed keep their tabs, new ones get one.

        Gives what is shown now instead of `shown`.
        """
        names = renamed(old, new)

        def now(stack: Stack) -> Stack:
            return tuple(View(names.get(view.graph, view.graph), view.path) for view in stack)

        kept = (names.get(name, name) for name in self.names)
        come = (name for name in new.graphs if name not in old.graphs and name not in names.values())
        self.names = (*(name for name in kept if name in new.graphs), *come)
        self._seen = {names.get(name, name): now(stack) for name, stack in self._seen.items()}
        stack = now(shown)
        if is_sound(new, stack):
            return stack
        last = stack[-1]
        if last.graph in new.graphs:
            return self.stack_of(last.graph, new)
        known = tuple(view for view in stack if view.graph in new.graphs) or (View(),)
        return known if is_sound(new, known) else self.stack_of(known[-1].graph, new)

    def where_changed(self, old: Project, new: Project, shown: Stack, edited: str) -> Stack:
        """What is shown after an undo or redo of an edit that was made in the graph `edited`.

        Gives `shown` where the step changes the graph on show, or no graph that is still there.
        """
        names = renamed(old, new)
        edited = edited if edited in new.graphs else names.get(edited, edited)
        before = {names.get(name, name): graph for name, graph in old.graphs.items()}
        changed = [name for name, graph in new.graphs.items() if before.get(name, graph) is not graph]
        if not changed or shown[-1].graph in (edited, *changed):
            return shown
        return self.stack_of(edited if edited in new.graphs else changed[0], new)


def is_sound(project: Project, stack: Stack) -> bool:
    """Whether each graph of a breadcrumb is still entered from the one before."""
    if any(view.graph not in project.graphs for view in stack) or stack[0] != View():
        return False
    return all(_leads(project, outer, inner) for outer, inner in pairwise(stack))


def _leads(project: Project, outer: View, inner: View) -> bool:
    """Whether the path from one view to the next goes through placements that are there."""
    if not inner.path:
        return not first_placement(project, inner.graph)
    rest = inner.path.removeprefix(f"{outer.path}.") if outer.path else inner.path
    graph = outer.graph
    segments = [segment for segment in rest.split(".") if not segment.isdigit()]
    for segment in segments:
        node = project.graphs[graph].nodes.get(segment)
        if node is None or not query.is_placement(node) or query.definition_of(project, node) is None:
            return False
        graph = str(node.params["definition"])
    return graph == inner.graph
