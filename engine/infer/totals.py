"""Sums over a project: parameters, multiply-adds, memory; and reports of placements.

Shared weights count once.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Set
from dataclasses import dataclass

from engine.expand.flat import Expanded, FlatEnd, FlatNode, Place
from engine.expand.scan import ScanLayer
from engine.infer.outcome import Outcome
from engine.report import NodeReport
from nodes.spec import Role, TensorSpec
from nodes.training.objective import Objective

Outcomes = Mapping[str, Outcome]
_NO_SUMS = (0, 0, 0)


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


@dataclass(frozen=True, slots=True)
class Standing:
    """Of an older drawing: its places, its reports by path, and the nodes whose outputs are others since.

    The report of a place that stands is used again.
    """

    places: Mapping[str, Place]
    reports: Mapping[str, NodeReport]
    moved: Set[str]

    def report_of(self, place: Place, moved: Set[str]) -> NodeReport | None:
        """The report of a place at which the same values enter and leave."""
        path = place.path
        if self.places.get(path) is not place:
            return None
        if moved and not moved.isdisjoint(_read_at(place)):
            return None
        return self.reports.get(path)


NOTHING_STANDS = Standing({}, {}, frozenset())


def place_reports(
    expanded: Expanded, outcomes: Outcomes, before: Standing = NOTHING_STANDS
) -> dict[str, NodeReport]:
    """Reports of placements (all copies together), of bypassed nodes and of the borders of definitions."""
    sums = _sums(expanded, outcomes)
    inside: dict[str, Outcome] = {}
    for outcome in outcomes.values():
        if outcome.inside:
            inside.update(_inside(outcome))
    moved = before.moved
    if inside:
        outcomes = {**outcomes, **inside}
        moved = moved | inside.keys()
    found = {}
    for path, place in expanded.places.items():
        held = sums.get(path, _NO_SUMS)
        old = before.report_of(place, moved)
        if old is None:
            inputs, outputs = _specs(place, outcomes)
        elif (old.parameters, old.multiply_adds, old.activation_bytes) == held:
            found[path] = old
            continue
        else:
            inputs, outputs = old.inputs, old.outputs
        if outputs or inputs:
            found[path] = NodeReport(inputs, outputs, *held)
    return found


def _read_at(place: Place) -> Iterator[str]:
    """The nodes whose values enter or leave at a place."""
    for ends in place.inputs.values():
        for end in ends:
            yield end.path
    for end in place.outputs.values():
        yield end.path


def _sums(expanded: Expanded, outcomes: Outcomes) -> dict[str, tuple[int, int, int]]:
    """Parameters, multiply-adds and activation bytes by path of the placement.

    What each copy of a graph holds itself is added up first, and then to every placement around it.
    """
    if not expanded.places:
        return {}
    sums: dict[str, list[int]] = {}
    holders: dict[str, list[str]] = {}
    for path, outcome in outcomes.items():
        around, dot, _ = path.rpartition(".")
        if not dot:
            continue
        report = outcome.report
        held = sums.get(around)
        if held is None:
            held = sums[around] = [0, 0, 0]
        held[0] += report.parameters
        held[1] += report.multiply_adds
        held[2] += report.activation_bytes
        if report.parameters:
            holders.setdefault(expanded.nodes[path].weight_path, []).append(path)
    _add_outward(sums)
    for paths in holders.values():
        if len(paths) > 1:
            _count_once(sums, paths, outcomes[paths[0]].report.parameters)
    _add_scans(sums, expanded, outcomes)
    return {path: (total[0], total[1], total[2]) for path, total in sums.items()}


def _add_outward(sums: dict[str, list[int]]) -> None:
    """Add what each place holds to the one around it, from the innermost outwards."""
    for path in list(sums):
        for outer in _outward(path.rpartition(".")[0]):
            if outer in sums:
                break
            sums[outer] = [0, 0, 0]
    for path in sorted(sums, key=lambda path: path.count("."), reverse=True):
        held, around = sums[path], sums.get(path.rpartition(".")[0])
        if around is not None:
            around[0] += held[0]
            around[1] += held[1]
            around[2] += held[2]


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
