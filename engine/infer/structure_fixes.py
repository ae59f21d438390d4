"""Fixes for the structure of a drawing: connect an input, remove a wire, replace an unknown layer.

For an input without a wire it offers the nearest output that fits by shape and dtype and closes no cycle.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Iterable, Iterator, Mapping

import msgspec

from engine.document import edits, query
from engine.document.edits.editing import changed_graph
from engine.document.project import INPUT, End, Graph, Node, Point, Project
from engine.expand.expansion import MOST_HINTS
from engine.expand.site import NO_WIRE
from engine.report import Edit, Fix, NodeReport, Problem
from nodes.registry import REGISTRY, UnknownLayerError
from nodes.spec import Layer, Port, Role

Reports = Mapping[str, NodeReport]
_Fitting = dict[tuple[str, str, tuple[int, ...]], bool]
"""Whether any output of a graph fits a port, by the graph's path and the port's type and ranks."""
_ANY_FLOW = ("input", "output")
"""Generic port names."""
_RIGHT = 240.0
"""Distance of a new objective to the right of its loss, in pixels."""


def with_fixes(project: Project, reports: Reports, problems: Iterable[Problem]) -> tuple[Problem, ...]:
    """The problems, those of the structure with the edits that fix them."""
    known = _Known()
    found = []
    for problem in problems:
        if not problem.fixes:
            fixes = tuple(_fixes(project, reports, problem, known))
            problem = dataclasses.replace(problem, fixes=fixes) if fixes else problem
        found.append(problem)
    return tuple(found)


def _fixes(project: Project, reports: Reports, problem: Problem, known: _Known) -> Iterator[Fix]:
    graph = project.graphs.get(problem.graph)
    node = graph.nodes.get(problem.node) if graph is not None else None
    if graph is None or node is None:
        return
    if problem.received == NO_WIRE and problem.port is not None:
        yield from _connections(project, reports, problem, known.fitting)
    elif node.layer not in REGISTRY:
        yield from _replacements(problem, known.near_to(node.layer))
    elif problem.port is not None and query.index(graph).into[(problem.node, problem.port)]:
        yield Fix("Remove the wire", _removal(problem.graph, End(problem.node, problem.port)))


# An input without a wire ------------------------------------------------------------------------------------


def _connections(project: Project, reports: Reports, problem: Problem, fitting: _Fitting) -> Iterator[Fix]:
    """Offered where some output fits; which is the nearest is looked for when the fix is applied.

    Nodes that depend on the node have no report, so no candidate closes a cycle.
    """
    graph = project.graphs[problem.graph]
    port = _port(project, graph, problem)
    if port is None:
        return
    prefix = problem.path.removesuffix(problem.node)
    key = (prefix, port.dtype, port.ranks)
    if key not in fitting:
        known = (reports.get(prefix + name) for name in graph.nodes)
        fitting[key] = any(
            port.accepts(spec) for report in known if report for spec in report.outputs.values()
        )
    if fitting[key]:
        yield Fix(f"Connect the missing {port.name}", _connection(problem, reports))


def _port(project: Project, graph: Graph, problem: Problem) -> Port | None:
    ports = query.input_ports(project, graph.nodes[problem.node], graph)
    return next((port for port in ports if port.name == problem.port), None)


def _connection(problem: Problem, reports: Reports) -> Edit:
    def edit(project: Project) -> Project:
        graph = project.graphs[problem.graph]
        port = _port(project, graph, problem)
        target = End(problem.node, problem.port or "")
        nearest = min(_sources(project, reports, problem, port), default=None) if port else None
        if nearest is None:
            raise edits.EditError(f"an output that fits {target.node}.{target.port}", "none")
        return edits.connect(project, problem.graph, nearest[-1], target)

    return edit


def _sources(
    project: Project, reports: Reports, problem: Problem, port: Port
) -> Iterator[tuple[bool, bool, bool, float, End]]:
    """Outputs that fit, as sort keys: same name first, then same kind of port, unconnected, near."""
    graph = project.graphs[problem.graph]
    prefix = problem.path.removesuffix(problem.node)
    used = {wire.source for wire in graph.wires}
    here = graph.layout.positions.get(problem.node, Point(0.0, 0.0))
    for name, node in graph.nodes.items():
        report = reports.get(prefix + name)
        if report is None or name == problem.node:
            continue
        sides = {out.name: out.side for out in query.output_ports(project, node, graph)}
        at = graph.layout.positions.get(name, Point(0.0, 0.0))
        for out, spec in report.outputs.items():
            if out in sides and port.accepts(spec):
                distance = math.hypot(at.x - here.x, at.y - here.y)
                named = out == port.name and out not in _ANY_FLOW
                end = End(name, out)
                yield not named, sides[out] != port.side, end in used, distance, end


def _removal(graph_name: str, target: End) -> Edit:
    """Remove the extra wires of a port, or all where the node has no such port."""

    def edit(project: Project) -> Project:
        graph = project.graphs[graph_name]
        wires = query.index(graph).into[target]
        ports = query.input_ports(project, graph.nodes[target.node], graph)
        known = any(port.name == target.port for port in ports)
        for wire in wires[1:] if known and len(wires) > 1 else wires:
            project = edits.disconnect(project, graph_name, wire)
        return project

    return edit


# A layer that nobody knows ------------------------------------------------------------------------------


def _replacements(problem: Problem, near: Iterable[str]) -> Iterator[Fix]:
    for name in near:
        yield Fix(f"Replace with {REGISTRY[name].title}", _replacement(problem, REGISTRY[name]))


@dataclasses.dataclass
class _Known:
    """What is looked for once for all problems: outputs that fit a port, layers that are spelt nearly so."""

    fitting: _Fitting = dataclasses.field(default_factory=dict)
    near: dict[str, list[str]] = dataclasses.field(default_factory=dict)

    def near_to(self, layer: str) -> list[str]:
        """Nothing for the layers after the first `MOST_HINTS`."""
        if layer not in self.near:
            if len(self.near) >= MOST_HINTS:
                return []
            self.near[layer] = UnknownLayerError(layer, REGISTRY).near
        return self.near[layer]


def _replacement(problem: Problem, layer: type[Layer]) -> Edit:
    """Replace the layer of a node; parameters that the new layer does not have are dropped."""

    def edit(project: Project) -> Project:
        graph = project.graphs[problem.graph]
        node = graph.nodes[problem.node]
        params = {name: value for name, value in node.params.items() if name in layer.params}
        made = msgspec.structs.replace(node, layer=layer.type, params=params)
        return changed_graph(project, problem.graph, nodes={**graph.nodes, node.id: made})

    return edit


# A loss that nothing makes smaller ----------------------------------------------------------------------


def loss_into(graph_name: str, loss: End, objectives: Iterable[str]) -> tuple[Fix, ...]:
    """Wire the loss into one of these objectives."""

    def fix(key: str) -> Fix:
        def edit(project: Project) -> Project:
            layer = REGISTRY[project.graphs[graph_name].nodes[key].layer]
            return edits.connect(project, graph_name, loss, End(key, layer.inputs[0].name))

        return Fix(f"Wire it into {key}", edit)

    return tuple(fix(key) for key in objectives)


def objective_for(graph_name: str, loss: End) -> tuple[Fix, ...]:
    """Add an objective and connect the loss to it."""
    found = next((layer for layer in REGISTRY.values() if layer.role is Role.OBJECTIVE), None)
    if found is None or loss.node == INPUT:
        return ()
    layer = found

    def edit(project: Project) -> Project:
        graph = project.graphs[graph_name]
        at = graph.layout.positions.get(loss.node, Point(0.0, 0.0))
        node = Node(edits.fresh_id(graph, layer.type), layer.type)
        made = edits.add_node(project, graph_name, node, (at.x + _RIGHT, at.y))
        return edits.connect(made, graph_name, loss, (node.id, layer.inputs[0].name))

    return (Fix(f"Add an {layer.title.lower()}", edit),)
