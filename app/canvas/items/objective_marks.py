"""What each node of a graph is to one objective: updated, held constant, or part of its step."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING

from engine.document import node_paths, query
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
    steps = [step for step in plan.objective_steps if step.objective == objective] if plan is not None else []
    if not steps:
        return None
    kinds = (
        (Mark.UPDATED, [path for step in steps for path in step.updates]),
        (Mark.CONSTANT, [path for step in steps for path in step.constant]),
        (Mark.PART, [objective, *(path for step in steps for path in step.computes)]),
        (Mark.PART, [reuse.path for step in steps for reuse in step.reuses]),
    )
    found: Marks = {}
    for kind, named in kinds:
        for path in named:
            for step in node_paths.segments(project, MAIN, path):
                if step.graph == graph_name and step.node:
                    found.setdefault(step.node, kind)
    if graph_name == MAIN and objective in project.main.nodes:
        for key in query.ancestors(project.main, objective):  # the sources, which nobody computes
            found.setdefault(key, Mark.PART)
    return found
