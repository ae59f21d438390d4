"""Sums over a project: parameters, multiply-adds, memory; and reports of placements.

Shared weights count once.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from engine.expand.flat import Expanded, FlatEnd, FlatNode, Place
from engine.expand.scan import ScanLayer
from engine.infer.outcome import Outcome
from engine.report import NodeReport
from nodes.spec import Role, TensorSpec
from nodes.training.objective import Objective

Outcomes = Mapping[str, Outcome]


@dataclass(frozen=True, slots=True)
class Totals:
    """Sums of the whole project; costs are per sample.

    `state_bytes` are those of weights, gradients and optimiser state, `sample_bytes` those of the activations
    of one sample.
    """

    parameters: int
    trainable: int
    multiply_adds: int
    state_bytes: int
    sample_bytes: int
    outputs: dict[str, TensorSpec]

    def training_bytes(self, batch_size: int) -> int:
        """Estimated memory of training in bytes."""
        return self.state_bytes + self.sample_bytes * batch_size


def totals(expanded: Expanded, outcomes: Outcomes) -> Totals:
    """The sums; nodes without an outcome count nothing."""
    nodes = expanded.nodes
    weights: dict[str, tuple[int, int, bool]] = {}
    held: dict[str, int] = {}
    cost = activations = 0
    outputs: dict[str, TensorSpec] = {}
    states = 0
    for path, outcome in outcomes.items():
        report = outcome.report
        cost += report.multiply_adds
        activations += report.activation_bytes + outcome.kept_bytes
        if outcome.weights:
            flat = nodes[path]
            known = weights.get(flat.weight_path)
            frozen = flat.frozen or (known is not None and known[2])
            weights[flat.weight_path] = (report.parameters, outcome.weight_bytes, frozen)
            if outcome.held and not frozen:
                held[flat.weight_path] = sum(
                    math.prod(shape) for name, shape in outcome.weights if name in outcome.held
                )
        elif not report.outputs:
            layer = nodes[path].layer
            if isinstance(layer, Objective):
                states = max(states, len(layer.moments()))
            elif layer.role is Role.OUTPUT:
                outputs[str(layer.values.get("name", path))] = next(iter(report.inputs.values()))[0]
    trained = sum(size for _, size, frozen in weights.values() if not frozen)
    size = sum(size for _, size, _ in weights.values())
    return Totals(
        parameters=sum(count for count, _, _ in weights.values()),
        trainable=sum(count for count, _, frozen in weights.values() if not frozen) - sum(held.values()),
        multiply_adds=cost,
        state_bytes=size + trained * (1 + states),
        sample_bytes=activations,
        outputs=outputs,
    )


def place_reports(expanded: Expanded, outcomes: Outcomes) -> dict[str, NodeReport]:
    """Reports of placements (all copies together), of bypassed nodes and of the borders of definitions."""
    sums = _sums(expanded, outcomes)
    inside = {path: inner for outcome in outcomes.values() for path, inner in _inside(outcome).items()}
    if inside:
        outcomes = {**outcomes, **inside}
    found = {}
    for path, place in expanded.places.items():
        inputs, outputs = _specs(place, outcomes)
        if outputs or inputs:
            parameters, cost, activations = sums.get(path, (0, 0, 0))
            found[path] = NodeReport(inputs, outputs, parameters, cost, activations)
    return found


def _sums(expanded: Expanded, outcomes: Outcomes) -> dict[str, tuple[int, int, int]]:
    """Parameters, multiply-adds and activation bytes by path of the placement.

    What each copy of a graph holds itself is added up first, and then to every placement around it.
    """
    if not expanded.places:
        return {}
    own: dict[str, list[int]] = {}
    holders: dict[str, list[str]] = {}
    for path, outcome in outcomes.items():
        around, dot, _ = path.rpartition(".")
        if not dot:
            continue
        report = outcome.report
        held = own.get(around)
        if held is None:
            held = own[around] = [0, 0, 0]
        held[0] += report.parameters
        held[1] += report.multiply_adds
        held[2] += report.activation_bytes
        if report.parameters:
            holders.setdefault(expanded.nodes[path].weight_path, []).append(path)
    sums: dict[str, list[int]] = {}
    for around, held in own.items():
        for outer in _outward(around):
            total = sums.setdefault(outer, [0, 0, 0])
            for place, amount in enumerate(held):
                total[place] += amount
    for paths in holders.values():
        if len(paths) > 1:
            _count_once(sums, paths, outcomes[paths[0]].report.parameters)
    _add_scans(sums, expanded, outcomes)
    return {path: (total[0], total[1], total[2]) for path, total in sums.items()}


def _outward(path: str) -> Iterator[str]:
    """A path and every placement around it."""
    while path:
        yield path
        path = path.rpartition(".")[0]


def _count_once(sums: dict[str, list[int]], paths: list[str], parameters: int) -> None:
    """Weights that these nodes share were added once for each; a placement has them once."""
    seen: set[str] = set()
    for path in paths:
        for outer in _outward(path.rpartition(".")[0]):
            if outer in seen:
                sums[outer][0] -= parameters
            seen.add(outer)


def _add_scans(sums: dict[str, list[int]], expanded: Expanded, outcomes: Outcomes) -> None:
    for path, outcome in outcomes.items():
        if outcome.inside:
            _add_inner(sums, expanded.nodes[path], outcome)


def _add_inner(sums: dict[str, list[int]], scan: FlatNode, outcome: Outcome) -> None:
    """Add the sums of the placements inside a scan; what is around it counts the scan as a whole."""
    assert isinstance(scan.layer, ScanLayer)
    for node in scan.layer.body.nodes:
        inner = outcome.inside[node.path]
        report = inner.report
        around = node.path.rpartition(".")[0]
        for outer in _outward(around.removeprefix(scan.path).removeprefix(".")):
            total = sums.setdefault(f"{scan.path}.{outer}", [0, 0, 0])
            for place, value in enumerate((report.parameters, report.multiply_adds, report.activation_bytes)):
                total[place] += value
        if inner.inside:
            _add_inner(sums, node, inner)


def _inside(outcome: Outcome) -> dict[str, Outcome]:
    """The outcomes inside a scan and the scans in it, by path."""
    if not outcome.inside:
        return {}
    found = dict(outcome.inside)
    for inner in outcome.inside.values():
        found.update(_inside(inner))
    return found


def inner_reports(outcome: Outcome) -> dict[str, NodeReport]:
    """The reports of the layers inside a scan, by path."""
    return {path: inner.report for path, inner in _inside(outcome).items()}


def _specs(
    place: Place, outcomes: Outcomes
) -> tuple[dict[str, tuple[TensorSpec, ...]], dict[str, TensorSpec]]:
    inputs = {
        port: specs
        for port, ends in place.inputs.items()
        if len(specs := tuple(spec for end in ends if (spec := spec_at(end, outcomes)))) == len(ends)
    }
    outputs = {port: spec for port, end in place.outputs.items() if (spec := spec_at(end, outcomes))}
    return inputs, outputs


def spec_at(end: FlatEnd, outcomes: Outcomes) -> TensorSpec | None:
    """The spec at an output port; None where it is not known."""
    outcome = outcomes.get(end.path)
    return outcome.report.outputs.get(end.port) if outcome is not None else None
