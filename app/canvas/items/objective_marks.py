"""What each node of a graph is to one objective: updated, held constant, or part of its step."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING

from engine.document import node_paths as paths
from engine.document import query
from engine.document.project import MAIN, Project

if TYPE_CHECKING:
    from engine.compile.step_plan import StepPlan


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
