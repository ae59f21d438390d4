"""Scans as one would run them by hand: step by step, layer by layer, straight from the drawing.

Knows nothing of expansion, of what is computed at once and of kernels. Only the torch modules of single
layers are those of the compiled drawing, so that the weights are the same.
"""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor, nn

from engine.compile.tree import ModuleTree
from engine.document.project import INPUT, OUTPUT, Graph, Node, Project
from engine.document.query import index

WIDTHS = {"Cell": 4, "Reader": 3}
"""The width of the states of each definition, where they start with zeros."""
Values = dict[tuple[str, str], Tensor]


def run_scan(
    project: Project, node: Node, module: nn.Module, given: Mapping[str, Tensor]
) -> dict[str, Tensor]:
    """The outputs of a scan by port. `given` are the tensors at its ports."""
    assert isinstance(module, ModuleTree)
    graph = project.graphs[str(node.params["definition"])]
    states = [name for name in graph.inputs if name in graph.outputs]
    constants = [name.strip() for name in str(node.params.get("constants", "")).split(",") if name.strip()]
    sequences = [name for name in graph.inputs if name not in states and name not in constants]
    samples, steps = given[sequences[0]].shape[:2]
    now = {name: given[name] for name in states if name in given}
    found: dict[str, list[Tensor]] = {name: [] for name in graph.outputs}
    order = list(range(steps))[::-1] if node.params.get("reverse") else list(range(steps))
    lengths = given.get("lengths")
    for t in order:
        entering = {name: given[name][:, t] for name in sequences}
        entering |= {name: given[name] for name in constants}
        for name in states:
            width = WIDTHS[str(node.params["definition"])]
            entering[name] = now[name] if name in now else torch.zeros(samples, width, dtype=torch.double)
        leaving = run_graph(project, graph, module, entering)
        for name, value in leaving.items():
            there = torch.ones(samples, dtype=torch.bool) if lengths is None else t < lengths
            mask = there.reshape(-1, *[1] * (value.dim() - 1))
            found[name].append(torch.where(mask, value, torch.zeros_like(value)))
            if name in states:
                now[name] = torch.where(mask, value, entering[name].expand_as(value))
    outputs = {name: torch.stack(values[::-1] if order[0] else values, 1) for name, values in found.items()}
    return {**outputs, **{f"last_{name}": now[name] for name in states}}


def run_graph(
    project: Project, graph: Graph, modules: ModuleTree, entering: Mapping[str, Tensor]
) -> dict[str, Tensor]:
    """The outputs of a definition, its nodes called one by one; placements run their own graphs."""
    wires = index(graph)
    values: Values = {(INPUT, name): tensor for name, tensor in entering.items()}

    def read(node: str, port: str) -> list[Tensor]:
        return [values[wire.source.node, wire.source.port] for wire in wires.into[(node, port)]]

    for key in wires.order:
        node = graph.nodes[key]
        module = modules.get(key)
        if node.layer in ("block", "scan"):
            inner = project.graphs[str(node.params["definition"])]
            given = {port: tensors[0] for port in inner.inputs if (tensors := read(key, port))}
            if node.layer == "scan":
                made = run_scan(project, node, module, given)
            else:
                assert isinstance(module, ModuleTree)
                made = run_graph(project, inner, module, given)
            values |= {(key, port): tensor for port, tensor in made.items()}
        else:
            ports = ("a", "b") if node.layer == "subtract" else ("input",)
            made = module(*(tensor for port in ports for tensor in read(key, port)))
            if isinstance(made, Tensor):
                values[key, "output"] = made
            else:  # the parts of a Split
                values |= {(key, f"part{place}"): part for place, part in enumerate(made, 1)}
    return {name: read(OUTPUT, name)[0] for name in graph.outputs}
