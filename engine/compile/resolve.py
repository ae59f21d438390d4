"""The input and output specs of every flat node, for the compiler.

Reads the same expansion and the same cache of outcomes as inference, so that a project that is on screen
compiles without evaluating a layer again.
"""

from __future__ import annotations

from dataclasses import dataclass

from engine.compile.error import CompileError
from engine.document.project import Project
from engine.expand import expand
from engine.expand.expansion import LIMIT
from engine.expand.flat import Expanded, FlatEnd, FlatNode, entering
from engine.expand.size import size_fault
from engine.infer.layer import outcome_of
from engine.infer.outcome import Outcome
from engine.infer.sampling import outcome_of_sampler
from engine.infer.source import outcome_of_source
from engine.infer.work import Work, unfinished
from engine.report import Problem
from nodes.spec import Inputs, Role, TensorSpec


@dataclass(frozen=True)
class Resolved:
    """Sound nodes with their specs, in topological order, and the problems of the rest."""

    expanded: Expanded
    nodes: dict[str, FlatNode]
    inputs: dict[str, Inputs]
    specs: dict[FlatEnd, TensorSpec]
    problems: tuple[Problem, ...]


def resolve(project: Project, work: Work | None = None) -> Resolved:
    """Expand a project and find which of its nodes can run.

    Raises `CompileError` where it is too large, or where that takes more than this `work`.
    """
    expected, received = size_fault(project, LIMIT)
    if expected:
        raise CompileError(f"Repeat blocks less often. Expected {expected}. Received {received}.")
    expanded = expand(project)
    problems = [problem for problem in expanded.problems if problem.severity == "error"]
    nodes: dict[str, FlatNode] = {}
    inputs: dict[str, Inputs] = {}
    specs: dict[FlatEnd, TensorSpec] = {}
    for path, node in expanded.nodes.items():
        given = entering(node, specs.get)
        if given is None:
            continue
        outcome = _outcome(expanded, node, given, work)
        if outcome is None:
            raise CompileError(unfinished(project, len(nodes), len(expanded.nodes)).message)
        if outcome.fault is not None:
            problems.append(Problem(node.graph, node.id, path, outcome.fault.message))
            continue
        nodes[path], inputs[path] = node, given
        specs.update({FlatEnd(path, port): spec for port, spec in outcome.report.outputs.items()})
    return Resolved(expanded, nodes, inputs, specs, tuple(problems))


def _outcome(expanded: Expanded, node: FlatNode, given: Inputs, work: Work | None) -> Outcome | None:
    def find() -> Outcome:
        if node.layer.role is Role.SOURCE:
            return outcome_of_source(node.layer)
        if node.layer.role is Role.SAMPLER:
            return outcome_of_sampler(expanded.nodes, node, given)
        return outcome_of(node.layer, given)

    if work is None:
        return find()
    if node.layer.role is Role.SOURCE:
        return work.source(find)
    return work.measured(find) if node.layer.role is Role.SAMPLER else work.outcome(node.layer, given)
