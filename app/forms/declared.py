"""The parameters of nodes as forms need them: what is declared, what is set, what several nodes share.

Pure functions over the project value. A placement also has the parameters of its definition, whose kinds are
read from their defaults.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping
from typing import Any

from app.forms.field import MIXED, AnyParam
from engine.document.edits.placement import kind_of, shares_weights
from engine.document.own_params import info_of, own_param, parameter_names
from engine.document.project import MAIN, Node, Project
from engine.document.query import definition_of, index, is_placement
from engine.document.settings import BEST_BY
from engine.expand.best_by import best_by_choices
from engine.report import Report
from nodes.layers.structure import Network
from nodes.param import PARTS, SOURCES, WEIGHTED
from nodes.registry import REGISTRY


def params_of(project: Project, node: Node) -> dict[str, AnyParam]:
    """Every parameter of a node: those of its declaration, and those of the definition it places."""
    declared: dict[str, AnyParam] = dict(REGISTRY[node.layer].params) if node.layer in REGISTRY else {}
    graph = definition_of(project, node) if "definition" in declared else None
    if graph is not None:
        for name in parameter_names(graph):
            declared.setdefault(name, own_param(info_of(graph, name), graph.parameters[name]))
    return declared


def shared_params(project: Project, nodes: Iterable[Node]) -> dict[str, AnyParam]:
    """The parameters that all of these nodes have, of the same kind and range, ordered as in the first."""
    several = [params_of(project, node) for node in nodes]
    if not several:
        return {}
    return {
        name: param
        for name, param in several[0].items()
        if all(name in other and _alike(param, other[name]) for other in several[1:])
    }


def _alike(first: AnyParam, second: AnyParam) -> bool:
    return first is second or (type(first) is type(second) and first.expected() == second.expected())


def value_of(node: Node, param: AnyParam) -> Any:
    """The value of a parameter as the file stores it, or its default."""
    return node.params[param.name] if param.name in node.params else param.to_json(param.default)


def shared_values(nodes: Iterable[Node], params: Mapping[str, AnyParam]) -> dict[str, Any]:
    """The common value of each parameter; `MIXED` where the nodes differ."""
    held = tuple(nodes)
    result: dict[str, Any] = {}
    for name, param in params.items():
        values = [value_of(node, param) for node in held]
        result[name] = values[0] if all(value == values[0] for value in values) else MIXED
    return result


def defaults(params: Mapping[str, AnyParam]) -> dict[str, Any]:
    return {name: param.to_json(param.default) for name, param in params.items()}


def _devices() -> list[str]:
    """The devices of this machine, once torch is loaded."""
    if "torch" not in sys.modules:
        return []
    from engine.system import device

    return device.devices()


def suggestions(
    project: Project, kind: str, node: Node | None = None, graph: str = MAIN, report: Report | None = None
) -> list[str]:
    """What a field of this kind may offer: data sets, definitions, devices, parts with weights, what weights
    are chosen by, and what the wires into a port of `node` (`wires:loss`) come from.
    """
    if kind == "datasets":
        from engine.data import catalogue

        return list(catalogue.names())
    if kind == "definitions":
        return [name for name in project.graphs if name != MAIN]
    if kind == "devices":
        return list(dict.fromkeys(("auto", *_devices(), "cpu", "cuda", "mps")))
    if kind == BEST_BY:
        from engine.expand import expand

        return list(best_by_choices(expand(project).nodes))
    if kind == PARTS:
        return _parts(project, report)
    if kind == "paths":
        return [*_parts(project, report), *_inner(project, report)]
    if node is None or graph not in project.graphs:
        return []
    held = project.graphs[graph]
    if kind == SOURCES:
        return [key for key, other in held.nodes.items() if other.layer == node.layer and key != node.id]
    if kind == WEIGHTED:
        return [key for key, other in held.nodes.items() if _lends(other) and key != node.id]
    port = kind.removeprefix("wires:")
    return [wire.source.node for wire in index(held).into[(node.id, port)]] if port != kind else []


def _lends(node: Node) -> bool:
    """Whether another layer can be tied to the weights of this one."""
    declared = REGISTRY.get(node.layer)
    return declared is not None and bool(declared.tied_weight) and not node.params.get("tied_to")


def _parts(project: Project, report: Report | None) -> list[str]:
    """What can be updated as a whole: networks by name, then blocks and layers of main that have weights."""
    shared: dict[str, None] = {}
    own: list[str] = []
    for key in index(project.main).order:
        node = project.main.nodes[key]
        if is_placement(node) and shares_weights(node):
            shared[str(node.params.get("definition", ""))] = None
        elif report is not None and key in report.nodes and report.nodes[key].parameters:
            own.append(key)
    inner = [name for name in project.graphs if name != MAIN and name not in shared]
    shared.update(dict.fromkeys(name for name in inner if kind_of(project, name) == Network.type))
    return [*(name for name in shared if name in project.graphs), *own]


def _inner(project: Project, report: Report | None) -> list[str]:
    """Layers with weights inside the placements of main, as paths; a network's are named after it."""
    found: dict[str, None] = {}
    for path, held in report.nodes.items() if report is not None else ():
        key, _, rest = path.partition(".")
        node = project.main.nodes.get(key)
        if node is None or not rest or not held.parameters:
            continue
        head = str(node.params.get("definition", "")) if shares_weights(node) else key
        found[f"{head}.{rest}"] = None
    return list(found)
