"""What the compiler needs to know of every flat node before anything is built: the specs that enter and leave
it.

Reads the same expansion and the same memory of outcomes as inference does, so that a drawing that is on
screen compiles without evaluating a layer again.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from engine.data import catalogue
from engine.data.dataset import DataError
from engine.document.project import Project
from engine.expand import expand
from engine.flat import Expanded, FlatEnd, FlatNode
from engine.infer_layer import outcome_of
from engine.report import Problem
from nodes.source import DataSource, Noise
from nodes.spec import Inputs, N, Role, TensorSpec


@dataclass(frozen=True)
class Resolved:
    """Sound nodes with their specs, in topological order, and the problems of the rest."""

    expanded: Expanded
    nodes: dict[str, FlatNode]
    inputs: dict[str, Inputs]
    specs: dict[FlatEnd, TensorSpec]
    problems: tuple[Problem, ...]


def resolve(project: Project) -> Resolved:
    """Expand a drawing and find out which of its nodes can run."""
    expanded = expand(project)
    problems = [problem for problem in expanded.problems if problem.severity == "error"]
    nodes: dict[str, FlatNode] = {}
    inputs: dict[str, Inputs] = {}
    specs: dict[FlatEnd, TensorSpec] = {}
    for path, node in expanded.nodes.items():
        if any(end not in specs for port in node.inputs for end in port):
            continue
        entering = _entering(node, specs)
        found = _source(node) if node.layer.role is Role.SOURCE else _leaving(node, entering)
        if isinstance(found, str):
            problems.append(Problem(node.graph, node.id, path, found))
            continue
        nodes[path], inputs[path] = node, entering
        specs.update({FlatEnd(path, port): spec for port, spec in found.items()})
    return Resolved(expanded, nodes, inputs, specs, tuple(problems))


def _entering(node: FlatNode, specs: Mapping[FlatEnd, TensorSpec]) -> Inputs:
    """One entry per input port, as `Layer.build` takes them."""
    found: list[TensorSpec | tuple[TensorSpec, ...] | None] = []
    for port, ends in zip(node.layer.input_ports(), node.inputs, strict=True):
        if port.variadic:
            found.append(tuple(specs[end] for end in ends))
        else:
            found.append(specs[ends[0]] if ends else None)
    return tuple(found)


def _leaving(node: FlatNode, entering: Inputs) -> dict[str, TensorSpec] | str:
    outcome = outcome_of(node.layer, entering)
    return outcome.report.outputs if outcome.fault is None else outcome.fault.message


def _source(node: FlatNode) -> dict[str, TensorSpec] | str:
    """What a source hands out, or why it cannot."""
    layer = node.layer
    if isinstance(layer, Noise):
        return {"output": TensorSpec((N, *layer.shape))}
    if not isinstance(layer, DataSource):
        return f"{layer.title}: Expected a data set or noise as a source. Received {layer.type!r}."
    try:
        info = catalogue.describe(layer)
    except DataError as error:
        return str(error)
    return {"input": info.input} | ({"target": info.target} if info.target is not None else {})
