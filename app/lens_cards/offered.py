"""Which lenses fit a node, best first; and where in the project the node of a path is. Pure functions."""

from __future__ import annotations

from typing import NamedTuple

from app.lenses.painter import Subject
from app.lenses.registry import PAINTERS
from app.state.open_graphs import Stack, View
from engine.document.node_paths import segments
from engine.document.project import MAIN, Node, Project
from engine.document.query import layer_of
from engine.expand.values import names_at
from engine.lens.lens import Lens
from engine.report import Report
from nodes.registry import REGISTRY
from nodes.user_error import UserError


class LensTarget(NamedTuple):
    """A node that is looked at, and the breadcrumb by which its graph is shown."""

    path: str
    stack: Stack
    node: Node


def target_at(project: Project, path: str) -> LensTarget | None:
    """The node at a path from main; None where the drawing has none there."""
    pieces = path.split(".")
    stack: list[View] = []
    last = -1
    name = ""
    for found in segments(project, MAIN, path):
        if not found.node:
            return None
        stack.append(View(found.graph, ".".join(pieces[: found.place])))
        last, name = found.place, found.node
    if last != len(pieces) - 1:
        return None
    return LensTarget(path, tuple(stack), project.graphs[stack[-1].graph].nodes[name])


def subject_of(project: Project, report: Report, target: LensTarget) -> Subject:
    """The node as painters are asked about it."""
    view = target.stack[-1]
    try:
        layer = layer_of(target.node, names_at(project, view.graph, view.path))
    except UserError:
        layer = None
    return Subject(layer, report.nodes.get(target.path))


def offered(project: Project, report: Report, path: str) -> list[Lens]:
    """The lenses that fit the node at this path: first what nodes show by themselves, then by their place."""
    target = target_at(project, path)
    declared = REGISTRY.get(target.node.layer) if target is not None else None
    if target is None or declared is None:
        return []
    subject = subject_of(project, report, target)
    fitting = PAINTERS.fitting(declared, subject)
    return sorted(
        fitting, key=lambda lens: (not PAINTERS[lens.kind].is_default(subject), lens.place, lens.kind)
    )


def can_be_in_node(project: Project, report: Report, path: str, kind: str) -> bool:
    """Whether a lens can be shown inside of the node."""
    target = target_at(project, path)
    if target is None or kind not in PAINTERS:
        return False
    return PAINTERS[kind].room(subject_of(project, report, target)) is not None


def summary(lens: Lens) -> str:
    """The first sentence of what a lens says of itself."""
    first, _, rest = lens.help.partition(". ")
    return f"{first}." if rest else first
