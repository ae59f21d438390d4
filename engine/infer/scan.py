"""Shapes and cost of a scan: its layers are inferred once for one step, and count for every step.

The shapes of states that start with zeros are found as a fixed point: from values that stretch, each step is
inferred until what leaves has the shape of what entered.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import product

from engine.document.project import OUTPUT
from engine.expand.flat import FlatEnd, FlatNode, entering
from engine.expand.scan import ScanLayer
from engine.infer.outcome import Outcome
from engine.report import NodeReport
from nodes.layers.scan import LENGTHS, MOST_STEPS, ScanBorder, last_port, target_port
from nodes.spec import BatchDim, Dim, Inputs, Layer, LayerError, N, TensorSpec
from nodes.user_error import UserError

OutcomeOf = Callable[[Layer, Inputs], Outcome]
Steps = Mapping[str, TensorSpec]
"""What enters the definition at one step, by the name of the input."""
MOST_CALLS = 3_000_000
"""The most layers that one forward pass of a scan calls, over all steps."""
ROUNDS = 6
"""The most steps after which the shapes of the states must stay."""
MOST_STARTS = 64
"""The most guesses of the shapes of states."""


@dataclass(frozen=True)
class TypedScan:
    """A scan on certain inputs: the specs of what enters at a step, its layers' outcomes, and the steps."""

    steps: int
    entering: Steps
    inside: Mapping[str, Outcome]
    leaving: tuple[TensorSpec, ...]

    def inputs_of(self, node: FlatNode) -> Inputs:
        """What enters an inner layer."""
        found = entering(node, lambda end: spec_inside(end, self.inside))
        assert found is not None
        return found


class InnerFaultError(UserError):
    """A layer inside has a fault."""

    def __init__(self, node: FlatNode, outcome: Outcome) -> None:
        super().__init__(node.path)
        self.node, self.outcome = node, outcome


def scan_outcome(
    layer: ScanLayer,
    inputs: Inputs,
    named: dict[str, tuple[TensorSpec, ...]],
    outcome_of: OutcomeOf,
) -> Outcome:
    """The outcome of a scan. Raises `LayerError` where its inputs do not fit together."""
    try:
        typed = typed_scan(layer, inputs, outcome_of)
    except InnerFaultError as error:
        fault = error.outcome.fault
        assert fault is not None
        inner = fault.inner or error.node
        return Outcome(NodeReport(inputs=named), fault=replace(fault, inner=inner, fixes=(), port=None))
    return _summed(layer, typed, named)


def typed_scan(layer: ScanLayer, inputs: Inputs, outcome_of: OutcomeOf) -> TypedScan:
    """The specs inside a scan on these inputs. Raises `LayerError`."""
    given = {
        port.name: spec
        for port, spec in zip(layer.input_ports(), inputs, strict=True)
        if isinstance(spec, TensorSpec)
    }
    steps = _steps(layer, given)
    fixed = {name: _step(spec) for name, spec in given.items() if name in layer.border.sequences}
    fixed.update({name: spec for name, spec in given.items() if name in layer.border.constants})
    start = {name: spec for name, spec in given.items() if name in layer.border.state_names}
    for name in layer.border.taught:
        if target_port(name) in given:
            start.setdefault(name, _step(given[target_port(name)]))
    found, inside = _fixed_point(layer, fixed, start, outcome_of)
    for name in layer.border.taught:
        target = given.get(target_port(name))
        if target is not None and _step(target) != found[name]:
            expected = (
                f"true values of the shape {found[name]} {found[name].dtype} of the state, at each step"
            )
            raise LayerError(expected, f"{target} {target.dtype}", port=target_port(name))
    leaving = tuple(_leaving(layer, inside))
    for name, spec in zip(layer.border.outputs, leaving, strict=True):
        if not spec.shape or not isinstance(spec.shape[0], BatchDim):
            raise LayerError(f"an output {name!r} with a row for each sample (N, …)", f"{spec}")
    calls = steps * sum(inside[node.path].calls for node in layer.body.nodes)
    if calls > MOST_CALLS:
        expected = f"at most {MOST_CALLS:,} layers in all steps together"
        raise LayerError(expected, f"{calls:,} ({steps:,} steps of {calls // steps:,})")
    return TypedScan(steps, found, inside, leaving)


# Steps --------------------------------------------------------------------------------------------------


def _steps(layer: ScanLayer, given: Steps) -> int:
    """The number of steps. Raises `LayerError` where sequences have none, or differ."""
    border, steps, first = layer.border, layer.scan.steps, ""
    for name in (*border.sequences, *(target_port(name) for name in border.taught)):
        if name not in given:
            continue
        spec = given[name]
        if spec.rank < 2 or not isinstance(spec.shape[1], int) or not isinstance(spec.shape[0], BatchDim):
            raise LayerError("a sequence (N, T, …) whose number of steps is known", f"{spec}", port=name)
        if first and spec.shape[1] != steps:
            raise LayerError(f"{steps:,} steps, as {first!r} has", f"{spec.shape[1]:,} in {spec}", port=name)
        if not first and steps and spec.shape[1] != steps:
            expected = f"{steps:,} steps, as the scan is set to (0: as many as there are)"
            raise LayerError(expected, f"{spec.shape[1]:,} in {spec}", port=name)
        steps, first = spec.shape[1], name
    if not 1 <= steps <= MOST_STEPS:
        raise LayerError(f"from 1 to {MOST_STEPS:,} steps", f"{steps:,}")
    lengths = given.get(LENGTHS) if border.has_lengths else None
    if lengths is not None and lengths.features not in ((), (1,), (steps,)):
        expected = f"one length for each sample (N), or a mask N×{steps}"
        raise LayerError(expected, f"{lengths}", port=LENGTHS)
    return steps


def _step(spec: TensorSpec) -> TensorSpec:
    """One step of a sequence."""
    return replace_shape(spec, (spec.shape[0], *spec.shape[2:]))


def replace_shape(spec: TensorSpec, shape: tuple[Dim, ...]) -> TensorSpec:
    return TensorSpec(shape, spec.dtype, spec.classes)


# States -------------------------------------------------------------------------------------------------


def _fixed_point(
    layer: ScanLayer, fixed: Steps, start: Steps, outcome_of: OutcomeOf
) -> tuple[Steps, Mapping[str, Outcome]]:
    """What enters at every step, and the outcomes of the layers inside."""
    open_states = [name for name in layer.border.state_names if name not in start]
    faults: list[InnerFaultError | LayerError] = []
    for guess in _guesses(open_states, fixed):
        try:
            return _settled(layer, fixed, {**start, **guess}, frozenset(open_states), outcome_of)
        except (InnerFaultError, LayerError) as error:
            faults.append(error)
    raise _most_telling(faults)


def _most_telling(faults: list[InnerFaultError | LayerError]) -> Exception:
    """Of a state whose shape changes, else the first."""
    return next((fault for fault in faults if isinstance(fault, LayerError)), faults[0])


def _guesses(names: list[str], fixed: Steps) -> Iterator[dict[str, TensorSpec]]:
    """Shapes to begin with: sizes of 1, which stretch, then shapes of what enters, then class indices."""
    if not names:
        yield {}
        return
    kinds = [TensorSpec((N, 1))]
    for spec in fixed.values():
        if spec.is_float:
            kinds += [replace_shape(spec, (N, *(1 for _ in spec.features))), spec]
            kinds += [replace_shape(spec, (N, 1, *spec.shape[2:]))] * (spec.rank > 2)
    zeros = TensorSpec((N,), "int64", classes=1)
    kinds += [TensorSpec((N, 1, 1)), TensorSpec((N, 1, 1, 1)), zeros, TensorSpec((N,))]
    kinds = list(dict.fromkeys(kinds))
    for kind in kinds:
        yield dict.fromkeys(names, kind)
    if len(names) > 1:
        for place, chosen in enumerate(product(kinds, repeat=len(names))):
            if place >= MOST_STARTS:
                return
            yield dict(zip(names, chosen, strict=True))


def _settled(
    layer: ScanLayer, fixed: Steps, states: Steps, free: frozenset[str], outcome_of: OutcomeOf
) -> tuple[Steps, Mapping[str, Outcome]]:
    """Infer steps until the states keep their shapes. Raises `LayerError` where they do not."""
    border = layer.border
    for round_ in range(ROUNDS):
        entering_specs = {**fixed, **states}
        inside = _inferred(layer, entering_specs, outcome_of)
        leaving = dict(zip(border.outputs, _leaving(layer, inside), strict=True))
        after = {name: leaving[output] for name, output in border.states}
        for name in states.keys() - free:
            if (after[name].shape, after[name].dtype) != (states[name].shape, states[name].dtype):
                raise _changes(name, border, states[name], after[name])
        if all(_holds(states[name], after[name]) for name in states):
            return entering_specs, inside
        if all(_alike(after[name], states[name]) for name in states):
            # only the range of class indices is another: the wider one holds for all steps
            states = {name: _wider(after[name], states[name], round_ < ROUNDS - 2) for name in states}
        else:
            states = {name: after[name] if name in free else states[name] for name in states}
    name = next((name for name in states if not _alike(after[name], states[name])), next(iter(states)))
    raise _changes(name, border, states[name], after[name])


def _alike(a: TensorSpec, b: TensorSpec) -> bool:
    return (a.shape, a.dtype) == (b.shape, b.dtype)


def _holds(before: TensorSpec, after: TensorSpec) -> bool:
    """Whether what is known of a state before a step is true of it after the step too."""
    within = after.classes is not None and before.classes is not None and after.classes <= before.classes
    return _alike(before, after) and (before.classes is None or within)


def _wider(a: TensorSpec, b: TensorSpec, is_bounded: bool) -> TensorSpec:
    """What holds for both; no range of class indices where one has none, or where they have no bound."""
    known = is_bounded and a.classes is not None and b.classes is not None
    return TensorSpec(a.shape, a.dtype, max(a.classes or 0, b.classes or 0) if known else None)


def _changes(name: str, border: ScanBorder, before: TensorSpec, after: TensorSpec) -> LayerError:
    output = dict(border.states)[name]
    next_value = f"an output {output!r}" if output != name else "an output of the same name"
    expected = f"a state {name!r} that keeps its shape, {before} {before.dtype}"
    return LayerError(expected, f"{next_value} of {after} {after.dtype}", port=name)


def _inferred(layer: ScanLayer, steps: Steps, outcome_of: OutcomeOf) -> dict[str, Outcome]:
    """The outcomes of the layers inside for one step, and under the path of the border what enters."""
    body = layer.body
    found = {body.border: Outcome(NodeReport(outputs=dict(steps)))}
    for node in body.nodes:
        inputs = entering(node, lambda end: spec_inside(end, found))
        assert inputs is not None
        outcome = outcome_of(node.layer, inputs)
        if outcome.fault is not None:
            raise InnerFaultError(node, outcome)
        found[node.path] = outcome
    return found


def spec_inside(end: FlatEnd, inside: Mapping[str, Outcome]) -> TensorSpec | None:
    outcome = inside.get(end.path)
    return outcome.report.outputs.get(end.port) if outcome is not None else None


def _leaving(layer: ScanLayer, inside: Mapping[str, Outcome]) -> Iterator[TensorSpec]:
    for end in layer.body.outputs:
        spec = spec_inside(end, inside)
        assert spec is not None, f"{OUTPUT} of {layer.body.path}"
        yield spec


# Sums ---------------------------------------------------------------------------------------------------


def _summed(layer: ScanLayer, typed: TypedScan, named: dict[str, tuple[TensorSpec, ...]]) -> Outcome:
    """Cost and memory of all steps; weights once."""
    body, border = layer.body, layer.border
    weights: dict[str, tuple[int, ...]] = {}
    sizes: dict[str, int] = {}
    held: list[str] = []
    cost = kept = 0
    for node in body.nodes:
        outcome, prefix = typed.inside[node.path], body.weight_prefix(node)
        names = [f"{prefix}.{name}" for name, _ in outcome.weights]
        weights.update(zip(names, (shape for _, shape in outcome.weights), strict=True))
        held += [f"{prefix}.{name}" for name in outcome.held] + (names if node.frozen else [])
        sizes[prefix] = outcome.weight_bytes
        cost += outcome.report.multiply_adds
        kept += outcome.kept_bytes + outcome.report.activation_bytes
    outputs = {}
    for name, spec in zip(border.outputs, typed.leaving, strict=True):
        outputs[name] = replace_shape(spec, (spec.shape[0], typed.steps, *spec.shape[1:]))
    for name in border.state_names:
        outputs[last_port(name)] = typed.entering[name]
    report = NodeReport(
        inputs=named,
        outputs=outputs,
        parameters=sum(math.prod(shape) for shape in weights.values()),
        multiply_adds=cost * typed.steps,
        activation_bytes=kept * typed.steps,
        arithmetic=f"{typed.steps:,} steps · {cost:,} = {cost * typed.steps:,} multiply-adds" if cost else "",
    )
    total = sum(sizes.values())
    inside = {path: _over_time(outcome, typed.steps) for path, outcome in typed.inside.items()}
    calls = typed.steps * sum(typed.inside[node.path].calls for node in body.nodes)
    return Outcome(
        report,
        tuple(weights.items()),
        total,
        held=tuple(dict.fromkeys(held)),
        calls=calls,
        inside=inside,
    )


def _over_time(outcome: Outcome, steps: int) -> Outcome:
    """An inner outcome as it is reported: the shapes of one step, the cost of all."""
    report = outcome.report
    report = replace(
        report,
        multiply_adds=report.multiply_adds * steps,
        activation_bytes=report.activation_bytes * steps,
    )
    inside = {path: _over_time(inner, steps) for path, inner in outcome.inside.items()}
    return replace(outcome, report=report, inside=inside)
