"""Checks of samplers: whether the values that they feed can be replaced at their source.

Shared by inference and the compiler.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from engine.expand.flat import FlatEnd, FlatNode
from engine.infer.layer import outcome_of
from engine.infer.outcome import LayerFault, Outcome
from nodes.shared.drawn_function import Origin
from nodes.spec import Inputs, LayerError, TensorSpec
from nodes.training.sampler import Sampler


def fed_ends(flat: FlatNode) -> dict[str, FlatEnd]:
    """The values that a sampler replaces, by port; a port without a wire is left out."""
    pairs = zip(flat.layer.input_ports(), flat.inputs, strict=True)
    return {port.name: ends[0] for port, ends in pairs if port.fed and ends}


def result_ends(flat: FlatNode) -> dict[str, FlatEnd]:
    """The values that a sampler reads, by port."""
    pairs = zip(flat.layer.input_ports(), flat.inputs, strict=True)
    return {port.name: ends[0] for port, ends in pairs if not port.fed and ends}


def specs_of(flat: FlatNode, inputs: Inputs) -> dict[str, TensorSpec]:
    """The spec at each port that has a wire."""
    pairs = zip(flat.layer.input_ports(), inputs, strict=True)
    return {port.name: spec for port, spec in pairs if isinstance(spec, TensorSpec)}


def origins_of(nodes: Mapping[str, FlatNode], flat: FlatNode, inputs: Inputs) -> dict[str, Origin]:
    """Where the wires of the fed ports come from."""
    specs = specs_of(flat, inputs)
    return {
        port: Origin(end.path, nodes[end.path].layer, end.port, specs[port])
        for port, end in fed_ends(flat).items()
    }


def hanging(nodes: Mapping[str, FlatNode], fed: set[FlatEnd]) -> set[str]:
    """The nodes whose values change when these values are replaced. `nodes` is in topological order."""
    found: set[str] = set()
    for path, node in nodes.items():
        if any(end in fed or end.path in found for port in node.inputs for end in port):
            found.add(path)
    return found


def outcome_of_sampler(nodes: Mapping[str, FlatNode], flat: FlatNode, inputs: Inputs) -> Outcome:
    """The outcome of a sampler: faults of its ports and of the sources of its wires."""
    outcome = outcome_of(flat.layer, inputs)
    if outcome.fault is not None or not isinstance(flat.layer, Sampler):
        return outcome
    try:
        flat.layer.check_origins(origins_of(nodes, flat, inputs))
        _check_results(nodes, flat)
    except LayerError as error:
        message = f"{flat.layer.title}: {error}"
        return replace(outcome, fault=LayerFault(message, error.expected, error.received, error.port))
    return outcome


def _check_results(nodes: Mapping[str, FlatNode], flat: FlatNode) -> None:
    fed = fed_ends(flat)
    if not fed:
        return
    behind = hanging(nodes, set(fed.values()))
    beside = {port.name for port in flat.layer.input_ports() if port.side}
    for port, end in result_ends(flat).items():
        if port not in beside and end.path not in behind:
            raise LayerError(
                f"a value at {port!r} that is made of {' and '.join(map(repr, fed))}",
                f"{end.port!r} of {end.path}, which is not",
                port=port,
            )
