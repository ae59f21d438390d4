"""What a run of a project will have to tell, read from the drawing: its objectives, metrics, output and data.

Pure functions over the project value and the start of its run.
"""

from __future__ import annotations

from typing import NamedTuple

from app.lenses.painter import Context
from engine.document.project import Node, Project
from engine.document.query import layer_of
from engine.messages.events import Started
from nodes.data.source import DataSource
from nodes.reading.dataset import DataInfo
from nodes.registry import REGISTRY
from nodes.spec import Role
from nodes.training.metric import Metric
from nodes.user_error import UserError


class NamedObjective(NamedTuple):
    """An objective of the drawing: its path and the name that a legend gives it."""

    path: str
    name: str


class MetricWords(NamedTuple):
    """How a metric is shown: the title of its chart, its curve's name, whether it is a share of 1."""

    title: str
    name: str
    is_share: bool


def _of_role(project: Project, role: Role) -> list[Node]:
    return [
        node
        for node in project.main.nodes.values()
        if REGISTRY.role_of(node.layer) is role and not node.bypassed
    ]


def objectives(project: Project, started: Started | None = None) -> dict[str, NamedObjective]:
    """The objectives by path: those that the run reports, or those on main where it does not say."""
    if started is not None and started.objectives:
        return {each.path: NamedObjective(each.path, short(each.path)) for each in started.objectives}
    return {node.id: NamedObjective(node.id, short(node.id)) for node in _of_role(project, Role.OBJECTIVE)}


def short(path: str) -> str:
    """The name of an objective without what every one of them is called."""
    return path.removesuffix("objective").rstrip("_ ") or path


def terms(project: Project) -> list[str]:
    """The paths of the losses that objectives add up, "objective/loss node", in an order that stays."""
    found = objectives(project)
    wires = [wire for wire in project.main.wires if wire.target.node in found]
    return sorted({f"{wire.target.node}/{wire.source.node}" for wire in wires})


def metrics(project: Project, started: Started | None = None) -> dict[str, MetricWords]:
    """The metrics by path: those that the run reports, or those on main where it does not say."""
    if started is not None and started.objectives:
        return {
            each.path: MetricWords(each.title, each.path, each.unit == "share") for each in started.metrics
        }
    found = {}
    for node in _of_role(project, Role.METRIC):
        layer = REGISTRY[node.layer]
        found[node.id] = MetricWords(layer.title, node.id, issubclass(layer, Metric) and layer.is_share)
    return found


def output_path(project: Project) -> str:
    """The node whose value is the prediction: the first Output; empty where there is none."""
    nodes = _of_role(project, Role.OUTPUT)
    return nodes[0].id if nodes else ""


def output_is_of_data(project: Project) -> bool:
    """Whether what the first Output shows is made of data, as far as is known; else of noise alone."""
    path = output_path(project)
    seen: set[str] = set()
    ahead = [path] if path else []
    while ahead:
        name = ahead.pop()
        if name in seen or name not in project.main.nodes:
            continue
        seen.add(name)
        layer = project.main.nodes[name].layer
        if layer in REGISTRY and issubclass(REGISTRY[layer], DataSource):
            return True
        ahead += [wire.source.node for wire in project.main.wires if wire.target.node == name]
    return len(seen) < 2  # nothing is wired into it yet


def targets_are_used(project: Project) -> bool:
    """Whether the targets of a data set, its classes or values, teach anything here."""
    sources = {
        node.id
        for node in project.main.nodes.values()
        if node.layer in REGISTRY and issubclass(REGISTRY[node.layer], DataSource)
    }
    ports = {wire.source.port for wire in project.main.wires if wire.source.node in sources}
    return not ports or "target" in ports


def data_info(project: Project) -> DataInfo | None:
    """What inference has found of the first data set of the drawing; None where there is none, or not yet."""
    from engine.data import catalogue

    for node in project.main.nodes.values():
        if node.layer in REGISTRY and issubclass(REGISTRY[node.layer], DataSource):
            try:
                layer = layer_of(node)
                assert isinstance(layer, DataSource)
                return catalogue.known_loaded(layer)
            except UserError:
                return None
    return None


def lens_context(project: Project, prompt: str = "") -> Context:
    """What painters of lenses may know of a run of this drawing."""
    return Context(data_info(project), output_is_of_data(project), targets_are_used(project), prompt)
