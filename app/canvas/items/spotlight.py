"""What an objective does, shown on the canvas: what it updates, what it holds constant, all else stands back.

An objective that is chosen keeps the light while one goes through the tabs; one under a resting mouse has it
for as long. Knows nothing of how a step plan is found.
"""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer

from engine.document import node_paths as paths
from engine.document import query
from engine.document.project import MAIN, Project
from nodes.registry import REGISTRY
from nodes.spec import Role

if TYPE_CHECKING:
    from app.canvas.items.scene import CanvasScene
    from engine.compile.step_plan import StepPlan

REST_MS = 180
"""How long the mouse rests on an objective before its doings show."""


class Mark(Enum):
    """What a node is to the objective in the light."""

    UPDATED = "updated"
    CONSTANT = "constant"
    PART = "part"


Marks = dict[str, Mark]


def marks_in(project: Project, plan: StepPlan | None, objective: str, graph_name: str) -> Marks | None:
    """What each node of a graph is to an objective; missing ones are nothing to it. None: nothing is known.

    A definition's node counts wherever one of its placements does.
    """
    turns = [turn for turn in plan.turns if turn.objective == objective] if plan is not None else []
    if not turns:
        return None
    kinds = (
        (Mark.UPDATED, [path for turn in turns for path in turn.updates]),
        (Mark.CONSTANT, [path for turn in turns for path in turn.constant]),
        (Mark.PART, [objective, *(path for turn in turns for path in turn.computes)]),
        (Mark.PART, [reuse.path for turn in turns for reuse in turn.reuses]),
    )
    found: Marks = {}
    for kind, named in kinds:
        for path in named:
            for step in paths.steps(project, MAIN, path):
                if step.graph == graph_name and step.node:
                    found.setdefault(step.node, kind)
    if graph_name == MAIN and objective in project.main.nodes:
        for key in query.ancestors(project.main, objective):  # the sources, which nobody computes
            found.setdefault(key, Mark.PART)
    return found


class Spotlight(QObject):
    """Follows the selection and the mouse, and gives the scene its marks."""

    def __init__(self, scene: CanvasScene) -> None:
        super().__init__(scene)
        self._scene, self._session = scene, scene.session
        self._seen_view = self._session.view
        self._hovered = ""
        self._rest = QTimer(self, singleShot=True, interval=REST_MS)
        self._rest.timeout.connect(self.refresh)
        session = self._session
        session.selection_changed.connect(self._on_selection)
        session.spotlight_changed.connect(self.refresh)
        session.step_plan_changed.connect(self.refresh)
        session.view_changed.connect(self.refresh)

    @property
    def objective(self) -> str:
        """The path of the objective in the light; the one under the mouse goes first."""
        under = self._path_of(self._hovered) if not self._rest.isActive() else ""
        return under or self._session.spotlight

    def hover(self, node: str) -> None:
        """The mouse is over this node now ("" for none)."""
        if node == self._hovered:
            return
        was = self._path_of(self._hovered)
        self._hovered = node
        if self._path_of(node):
            self._rest.start()
        else:
            self._rest.stop()
            if was:
                self.refresh()
        self._scene.link(node)

    def refresh(self) -> None:
        """Give the scene what is so now."""
        session, objective = self._session, self.objective
        marks = (
            marks_in(session.project, session.step_plan, objective, session.view.graph) if objective else None
        )
        self._scene.set_marks(marks)

    def _on_selection(self) -> None:
        """Choosing an objective lights it; choosing something else, or nothing, takes the light away.

        Going to another tab chooses nothing either, and keeps it.
        """
        session = self._session
        chosen = sorted(session.selection)
        moved, self._seen_view = session.view != self._seen_view, session.view
        path = self._path_of(chosen[0]) if len(chosen) == 1 else ""
        if path or not moved:
            session.set_spotlight(path)

    def _path_of(self, node: str) -> str:
        """The path of a node of the graph on show, where it is an objective."""
        found = self._session.graph.nodes.get(node)
        if found is None or REGISTRY.role_of(found.layer) is not Role.OBJECTIVE:
            return ""
        return self._session.path_of(node)
