"""Undo and redo: a list of projects. Undo is taking the one before. Knows nothing of what an edit did."""

from __future__ import annotations

from dataclasses import dataclass

from engine.document.project import Project


@dataclass(frozen=True)
class _Step:
    project: Project
    label: str
    merge: str | None


class History:
    """The present project and those before and after it. Memory is shared between them."""

    def __init__(self, project: Project) -> None:
        self._done = [_Step(project, "", None)]
        self._undone: list[_Step] = []

    @property
    def project(self) -> Project:
        return self._done[-1].project

    @property
    def undo_label(self) -> str | None:
        """What undo would take back, e.g. "Move Conv2d"; None where there is nothing."""
        return self._done[-1].label if len(self._done) > 1 else None

    @property
    def redo_label(self) -> str | None:
        return self._undone[-1].label if self._undone else None

    def push(self, project: Project, label: str, merge: str | None = None) -> None:
        """A new step. One with the same `merge` key as the step before replaces it (a drag, a spin of a value)."""
        step = _Step(project, label, merge)
        if merge is not None and len(self._done) > 1 and self._done[-1].merge == merge and not self._undone:
            self._done[-1] = step
        else:
            self._done.append(step)
        self._undone.clear()

    def seal(self) -> None:
        """End a merge: the next step is one of its own, whatever its key."""
        last = self._done[-1]
        self._done[-1] = _Step(last.project, last.label, None)

    def undo(self) -> Project:
        if len(self._done) > 1:
            self._undone.append(self._done.pop())
            self.seal()
        return self.project

    def redo(self) -> Project:
        if self._undone:
            self._done.append(self._undone.pop())
            self.seal()
        return self.project
