"""Undo and redo: a list of projects. Undo returns the previous one."""

from __future__ import annotations

from dataclasses import dataclass, replace

from engine.document.project import Project

MOST_STEPS = 1000
"""The most steps that can be undone; older ones are dropped."""
MOST_NODES = 5_000_000
"""The most nodes in all kept projects together: about 500 MB where nothing is shared."""


@dataclass(frozen=True)
class _Step:
    project: Project
    label: str
    merge: str | None
    graph: str = ""
    """The graph on show when the step was made; "" where that is not known."""


class History:
    """The current project and those before and after it. They share memory, and the total is bounded."""

    def __init__(self, project: Project) -> None:
        self._done = [_Step(project, "", None)]
        self._undone: list[_Step] = []

    @property
    def project(self) -> Project:
        return self._done[-1].project

    @property
    def undo_label(self) -> str | None:
        """What undo would revert, e.g. "Move Conv2d"; None where there is nothing."""
        return self._done[-1].label if len(self._done) > 1 else None

    @property
    def redo_label(self) -> str | None:
        return self._undone[-1].label if self._undone else None

    @property
    def undo_graph(self) -> str:
        """The graph in which the step was made that undo would take back."""
        return self._done[-1].graph

    @property
    def redo_graph(self) -> str:
        return self._undone[-1].graph if self._undone else ""

    def push(self, project: Project, label: str, merge: str | None = None, graph: str = "") -> None:
        """Add a step, made in this graph.

        A step with the same `merge` key and graph as the previous one replaces it (a drag, typing).
        A merged step that ends where it began is removed.
        """
        if project is self.project:
            return
        step, last = _Step(project, label, merge, graph), self._done[-1]
        same = merge is not None and (last.merge, last.graph) == (merge, graph)
        merged = same and len(self._done) > 1 and not self._undone
        self._undone.clear()
        if not merged:
            self._done.append(step)
            self._forget()
        elif project is self._done[-2].project:
            self._done.pop()
        else:
            self._done[-1] = step

    def seal(self) -> None:
        """End a merge: the next step is separate, whatever its key."""
        self._done[-1] = replace(self._done[-1], merge=None)

    def undo(self) -> Project:
        if len(self._done) > 1:
            self._undone.append(replace(self._done.pop(), merge=None))
            self.seal()
        return self.project

    def redo(self) -> Project:
        if self._undone:
            self._done.append(self._undone.pop())
            self.seal()
        return self.project

    def _forget(self) -> None:
        """Drop the oldest steps where there are too many, but keep at least one to undo."""
        size = sum(len(graph.nodes) for graph in self.project.graphs.values())
        most = max(2, min(MOST_STEPS + 1, MOST_NODES // max(size, 1)))
        del self._done[: max(0, len(self._done) - most)]
