"""States and gates over time, of recurrent layers and of scans that are drawn from gates; and how a loss
depends on the states of recurrent layers.
"""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor, nn

from engine.compile.graphs import GraphWriter
from engine.compile.scans.loop import ScanModule, StateTrace, loop_of
from engine.expand.flat import FlatEnd, FlatNode
from engine.expand.scan import ScanLayer
from engine.lens.access import Access
from engine.lens.sequences.recurrent import CELL, HIDDEN, UnrolledRow, is_recurrent, unrolled
from nodes.layers.activation import Activation

Inputs = Mapping[str, tuple[Tensor, ...]]


def states_over_time(network: Access, inputs: Inputs) -> dict[str, Tensor]:
    """Of the target: (time, units) by name, states first, in the order of time; {} where it has none.

    Of a scan: its states after each step and what the activations within say. What is larger than a row of
    units is laid out as one.
    """
    node, module = network.plan.nodes.get(network.target), network.plan.modules.get(network.target)
    if module is not None and is_recurrent(module):
        with torch.no_grad():
            rows = unrolled(module, inputs).rows
        return {
            f"{named(row, rows)}{name}": torch.stack(steps)
            for row in rows
            for name, steps in row.steps.items()
        }
    if node is not None and isinstance(node.layer, ScanLayer) and isinstance(module, ScanModule):
        with torch.no_grad(), network.evaluating():
            return _of_scan(node.layer, module, inputs)
    return {}


def named(row: UnrolledRow, rows: list[UnrolledRow]) -> str:
    """What tells a row from others: `layer 2, backward: `; empty where there is only one."""
    layers = f"layer {row.layer + 1}" if rows[-1].layer else ""
    way = ("backward" if row.is_backward else "forward") if any(each.is_backward for each in rows) else ""
    told = ", ".join(filter(None, (layers, way)))
    return f"{told}: " if told else ""


def gradients_of_states(network: Access) -> dict[str, Tensor]:
    """|∂L/∂h_t| (time) of a recurrent layer at the target by the name of the state, `h` or `c`.

    L is the sum of all losses of the pinned sample, in evaluation mode; what h_t does to later steps counts.
    """
    plan, path = network.plan, network.target
    node, module = plan.nodes.get(path), plan.modules.get(path)
    losses = list(network.terms())
    if node is None or module is None or not is_recurrent(module) or not losses:
        return {}
    leaving = [FlatEnd(path, port.name) for port in node.layer.output_ports()]
    entering = [end for port in node.inputs for end in port]
    found = network.recorded([*losses, *leaving, *entering])
    total = network.total(found[: len(losses)])
    outputs = found[len(losses) : len(losses) + len(leaving)]
    if not total.requires_grad:
        return {}
    known = [(end.port, one) for end, one in zip(leaving, outputs, strict=True) if one.requires_grad]
    given = torch.autograd.grad(total, [one for _, one in known], allow_unused=True) if known else ()
    by_port = {port: one for (port, _), one in zip(known, given, strict=True) if one is not None}
    values = iter(found[len(losses) + len(leaving) :])
    ports = zip(node.layer.input_ports(), node.inputs, strict=True)
    inputs = {port.name: tuple(next(values).detach() for _ in ends) for port, ends in ports}
    return _norms(module, inputs, by_port) if by_port else {}


def _norms(module: nn.Module, inputs: Inputs, by_port: Mapping[str, Tensor]) -> dict[str, Tensor]:
    with torch.enable_grad():
        found = unrolled(module, inputs)
        sums = [(found.outputs[port] * given.float()).sum() for port, given in by_port.items()]
        states = {
            f"{short} {named(row, found.rows)}".strip().rstrip(":"): row.steps[name]
            for row in found.rows
            for name, short in ((HIDDEN, "h"), (CELL, "c"))
            if name in row.steps
        }
        flat = [step for steps in states.values() for step in steps]
        given = iter(torch.autograd.grad(sum(sums[1:], sums[0]), flat, allow_unused=True))
    norms = {name: [next(given) for _ in steps] for name, steps in states.items()}
    return {
        name: torch.stack([torch.zeros(()) if one is None else one.norm().cpu() for one in each])
        for name, each in norms.items()
    }


def _of_scan(layer: ScanLayer, module: ScanModule, inputs: Inputs) -> dict[str, Tensor]:
    loop = loop_of(module)
    given = {name: values[0][:1] for name, values in inputs.items() if values}
    loop.trace = StateTrace()
    try:
        loop.run([given.get(port.name) for port in layer.input_ports()], training=False)
        traced = {name: torch.cat(states) for name, states in loop.trace.values.items()}
    finally:
        loop.trace = None
    if not traced:
        return {}
    steps = len(next(iter(traced.values())))
    found = traced | _inside(layer, module, given, traced, steps)
    ordered = {name: value.flip(0) if layer.scan.reverse else value for name, value in found.items()}
    return {name: value.flatten(1).float() for name, value in ordered.items()}


def _inside(
    layer: ScanLayer,
    module: ScanModule,
    given: Mapping[str, Tensor],
    traced: Mapping[str, Tensor],
    steps: int,
) -> dict[str, Tensor]:
    """What the activations within say at each step, all steps at once: the states before them are known."""
    body, border = layer.body, layer.border
    wanted = [node for node in body.nodes if _is_gate(node)]
    if not wanted:
        return {}
    values: dict[FlatEnd, Tensor] = {}
    for name in border.sequences:
        sequence = given[name][0]
        values[body.entering(name)] = sequence.flip(0) if layer.scan.reverse else sequence
    for name in border.constants:
        values[body.entering(name)] = given[name].expand(steps, *given[name].shape[1:])
    for name, after in traced.items():
        start = given.get(name, torch.zeros_like(after[:1]))
        values[body.entering(name)] = torch.cat((start, after[:-1]))
    nodes = {node.path: node for node in body.nodes}
    writer = GraphWriter(nodes, {path: module.get(body.weight_prefix(node)) for path, node in nodes.items()})
    writer.give(values)
    for path in nodes:
        writer.call(path)
    ends = [FlatEnd(node.path, node.layer.output_ports()[0].name) for node in wanted]
    made = writer.finish(tuple(writer.value(end) for end in ends))(values)
    return {node.path.removeprefix(f"{body.path}."): value for node, value in zip(wanted, made, strict=True)}


def _is_gate(node: FlatNode) -> bool:
    """Whether a node is an activation, or has one."""
    chosen = node.layer.values.get("activation", "none")
    return isinstance(node.layer, Activation) or chosen not in ("none", "", None)
