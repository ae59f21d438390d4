"""Edits of the parameters of a definition: added, renamed, moved, described, removed, promoted.

Expressions inside and values at every placement are updated.
"""

from __future__ import annotations

from typing import Any

import msgspec

from engine.document import query
from engine.document.edits import check
from engine.document.edits.editing import (
    EditError,
    changed_graph,
    check_extent,
    check_whole,
    graph_of,
    node_of,
)
from engine.document.expression import ExpressionError, evaluate, names_in, substitute
from engine.document.expression import rename as renamed_in
from engine.document.held_expressions import has_expression, names_read, rewritten
from engine.document.own_params import fresh_parameter, info_fault, info_of, own_param, parameter_names
from engine.document.project import MAIN, Graph, Node, ParameterInfo, Project
from nodes.param import JSON, Choice, Float, Int, Param, Paths
from nodes.registry import REGISTRY
from nodes.shown_text import quoted


def add_parameter(
    project: Project, name: str, parameter: str, default: JSON, info: ParameterInfo | None = None
) -> Project:
    """Add a parameter to a definition, below the others."""
    graph = _definition(project, name)
    if parameter in graph.parameters:
        raise EditError("a name that no other parameter has", quoted(parameter))
    if len(graph.parameters) >= check.MOST_PORTS:
        raise EditError(f"at most {check.MOST_PORTS} parameters", "one more")
    return _with(project, name, {**graph.parameters, parameter: default}, _infos(graph), info, parameter)


def set_parameter(
    project: Project, name: str, parameter: str, default: JSON, info: ParameterInfo | None = None
) -> Project:
    """Give a parameter another default, and say other things of it: help, a range, choices.

    Raises `EditError` where a placement has a value that would not fit any more.
    """
    graph = _known(project, name, parameter)
    kept = info if info is not None else info_of(graph, parameter)
    made = _with(project, name, {**graph.parameters, parameter: default}, _infos(graph), kept, parameter)
    for outer, key in _placements(made, name):
        check_whole(made, outer, made.graphs[outer].nodes[key])
    return made


def move_parameter(project: Project, name: str, parameter: str, place: int) -> Project:
    """Move a parameter to another place among the others (0: the first)."""
    graph = _known(project, name, parameter)
    order = [other for other in parameter_names(graph) if other != parameter]
    order.insert(max(0, min(place, len(order))), parameter)
    if tuple(order) == parameter_names(graph):
        return project
    return changed_graph(project, name, parameter_info=tuple(info_of(graph, other) for other in order))


def rename_parameter(project: Project, name: str, old: str, new: str) -> Project:
    """Rename a parameter; expressions inside and values at placements are updated."""
    graph = _known(project, name, old)
    if new == old:
        return project
    if new in graph.parameters:
        raise EditError("a name that no other parameter has", quoted(new))
    if fault := check.parameter_problem(new, graph.parameters[old]):
        raise EditError("parameters with a free name and a plain default", quoted(new), fault)
    try:
        nodes = {
            key: rewritten(node, lambda text: renamed_in(text, old, new)) for key, node in graph.nodes.items()
        }
    except ExpressionError as error:
        raise EditError(error.expected, error.received) from error
    parameters = {(new if key == old else key): value for key, value in graph.parameters.items()}
    infos = tuple(
        msgspec.structs.replace(info, name=new) if info.name == old else info for info in graph.parameter_info
    )
    made = changed_graph(project, name, nodes=nodes, parameters=parameters, parameter_info=infos)
    return _at_placements(
        made, name, lambda params: {(new if key == old else key): value for key, value in params.items()}, old
    )


def remove_parameter(project: Project, name: str, parameter: str) -> Project:
    """Remove a parameter; where an expression inside read it, its default stands from now on.

    Values at placements are removed.
    """
    graph = _known(project, name, parameter)
    default = graph.parameters[parameter]

    def without(text: str) -> JSON:
        read = names_in(text)
        if parameter not in read:
            return text
        if read == {parameter}:
            return evaluate(text, {parameter: default})
        return substitute(text, {parameter: repr(default)})

    nodes = {}
    for key, node in graph.nodes.items():
        try:
            nodes[key] = rewritten(node, without)
        except ExpressionError as error:
            expected = f"an expression in {key} that can be read without {parameter}"
            raise EditError(expected, error.received, "Change it first.") from error
    parameters = {key: value for key, value in graph.parameters.items() if key != parameter}
    infos = tuple(info for info in graph.parameter_info if info.name != parameter)
    made = changed_graph(project, name, nodes=nodes, parameters=parameters, parameter_info=infos)
    made = _at_placements(
        made,
        name,
        lambda params: {key: value for key, value in params.items() if key != parameter},
        parameter,
    )
    check_extent(made)
    return made


def readers_of(graph: Graph, parameter: str) -> tuple[str, ...]:
    """The nodes whose expressions read a parameter."""
    return tuple(key for key, node in graph.nodes.items() if parameter in names_read(node))


def promote(
    project: Project, graph_name: str, node_id: str, param: str, wanted: str = ""
) -> tuple[Project, str]:
    """Make a parameter of a node one of its definition: its value is the default, and the node reads it.

    Also returns the name that the parameter has.
    """
    graph = _definition(project, graph_name)
    node = node_of(graph, node_id)
    declared = _declared(project, node, param)
    if declared is None or isinstance(declared, Paths) or param == "definition":
        raise EditError("a parameter that a block can have", quoted(param))
    value = node.params.get(param, declared.to_json(declared.default))
    if has_expression(value):
        raise EditError(
            f"a plain value of {declared.in_sentence}",
            quoted(value),
            "It reads parameters of the block already.",
        )
    made = fresh_parameter(graph, wanted or param)
    project = add_parameter(project, graph_name, made, value, _told(declared, made, value))
    graph = project.graphs[graph_name]
    reading = msgspec.structs.replace(node, params={**node.params, param: f"={made}"})
    check_whole(project, graph_name, reading)
    return changed_graph(project, graph_name, nodes={**graph.nodes, node_id: reading}), made


def _declared(project: Project, node: Node, param: str) -> Param[Any] | None:
    """What a node declares of a parameter: its layer, or the definition that it places."""
    layer = REGISTRY.get(node.layer)
    if layer is not None and param in layer.params:
        return layer.params[param]
    placed = query.definition_of(project, node) if query.is_placement(node) else None
    if placed is None or param not in placed.parameters:
        return None
    return own_param(info_of(placed, param), placed.parameters[param])


def _told(declared: Param[Any], name: str, value: JSON) -> ParameterInfo:
    """What a definition says of a parameter that it has from one of its layers."""
    low = high = None
    if isinstance(declared, Int | Float) and not isinstance(value, list | tuple):
        low = declared.min if abs(declared.min) < 2**31 else None
        high = declared.max if abs(declared.max) < 2**31 - 1 else None
    choices = declared.choices if isinstance(declared, Choice) else ()
    return ParameterInfo(name, declared.help[:300], low, high, choices)


# Parts ------------------------------------------------------------------------------------------------------


def _definition(project: Project, name: str) -> Graph:
    if name == MAIN:
        raise EditError("a definition", repr(MAIN), "The main graph has no border and no parameters.")
    return graph_of(project, name)


def _known(project: Project, name: str, parameter: str) -> Graph:
    graph = _definition(project, name)
    if parameter not in graph.parameters:
        known = ", ".join(parameter_names(graph)) or "it has none"
        raise EditError(f"a parameter of {name} ({known})", quoted(parameter))
    return graph


def _infos(graph: Graph) -> tuple[ParameterInfo, ...]:
    return tuple(info_of(graph, name) for name in parameter_names(graph)) if graph.parameter_info else ()


def _with(
    project: Project,
    name: str,
    parameters: dict[str, JSON],
    infos: tuple[ParameterInfo, ...],
    info: ParameterInfo | None,
    parameter: str,
) -> Project:
    """The definition with these parameters, of which one is checked and described anew."""
    default = parameters[parameter]
    if fault := check.parameter_problem(parameter, default):
        raise EditError("parameters with a free name and a plain default", quoted(parameter), fault)
    told = msgspec.structs.replace(info, name=parameter) if info is not None else ParameterInfo(parameter)
    if fault := info_fault(told, default):
        raise EditError("a default within its range", quoted(default), fault)
    graph = project.graphs[name]
    order = dict.fromkeys((*(known.name for known in infos), *parameter_names(graph), parameter))
    held = {known.name: known for known in infos} | {parameter: told}
    every = tuple(held.get(key, ParameterInfo(key)) for key in order)
    made = changed_graph(project, name, parameters=parameters, parameter_info=every)
    check_extent(made)
    return made


def _placements(project: Project, name: str) -> list[tuple[str, str]]:
    return [
        (outer, key)
        for outer, graph in project.graphs.items()
        for key, placed in query.placements(graph).items()
        if placed == name
    ]


def _at_placements(project: Project, name: str, change: Any, parameter: str) -> Project:
    """The project with the parameters of every placement that sets this one changed."""
    for outer, key in _placements(project, name):
        graph = project.graphs[outer]
        node = graph.nodes[key]
        if parameter in node.params:
            changed = msgspec.structs.replace(node, params=change(node.params))
            project = changed_graph(project, outer, nodes={**graph.nodes, key: changed})
    return project
