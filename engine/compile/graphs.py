"""Writes torch.fx graphs from flat nodes: one call per node, values named by node paths.

`program` decides which values enter a graph, which it computes and in which gradient mode. Values to look at
are outputs of the graph, so that no hooks are needed.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, fx, nn

from engine.compile.objective_steps import GradientMode, value_name
from engine.expand.flat import FlatEnd, FlatNode
from nodes.torch_internals import set_grad_enabled

_TAKEN = {*dir(fx.GraphModule(nn.Module(), fx.Graph())), "self"}
"""Attributes of graphs themselves, whichever torch it is: a module of that name would hide them."""

Values = Mapping[FlatEnd, Tensor]
ModeOf = Callable[[FlatEnd], GradientMode]


def attached(_: FlatEnd) -> GradientMode:
    """Reads every value with its gradients."""
    return GradientMode.ATTACHED


def differentiable(value: Tensor) -> Tensor:
    """A tensor to take gradients with respect to: `value` where it requires gradients, else a new leaf."""
    return value if value.requires_grad else value.detach().requires_grad_()


@dataclass(frozen=True)
class CompiledGraph:
    """A compiled part of the drawing: `forward(*inputs)` returns a tuple.

    `module` is the fx graph module; `forward` is its bound method, which skips the lookup of hooks.
    """

    module: fx.GraphModule
    forward: Callable[..., tuple[Any, ...]]
    inputs: tuple[FlatEnd, ...]

    def __call__(self, values: Values) -> tuple[Any, ...]:
        return self.forward(*[values[end] for end in self.inputs])


class GraphWriter:
    """Writes one graph; every node is called once.

    `recording`: the graph is called with gradients enabled. Else the mode is unknown, and the graph restores
    it at its end if it changed it.
    """

    def __init__(
        self, nodes: Mapping[str, FlatNode], modules: Mapping[str, nn.Module], *, recording: bool = False
    ) -> None:
        self._nodes, self._modules = nodes, modules
        self._graph = fx.Graph()
        self._values: dict[FlatEnd, fx.Node] = {}
        self._used: dict[str, nn.Module] = {}
        self._names: dict[int, str] = {}
        self._inputs: list[FlatEnd] = []
        self._recording = recording
        self._gradients = True if recording else None
        self._before: fx.Node | None = None

    def give(self, ends: Iterable[FlatEnd]) -> None:
        """Declare the inputs of the graph, which stay what they are. Call this first."""
        for end in ends:
            self._values[end] = self._graph.placeholder(_identifier(f"{end.path}_{end.port}"))
            self._inputs.append(end)

    def gradients(self, on: bool) -> None:
        """Enable or disable gradients from here on."""
        if self._gradients is None:
            self._before = self._graph.call_function(torch.is_grad_enabled)
        if on != self._gradients:
            self._graph.call_function(set_grad_enabled, (on,))
            self._gradients = on

    def call(self, path: str, mode: ModeOf = attached) -> None:
        """Call the node at this path; `mode` gives the gradient mode of each input."""
        node = self._nodes[path]
        arguments: list[fx.Node | None] = []
        for ends in node.inputs:
            # an optional port without a wire is None; a variadic one (always the last) adds its own arguments
            arguments += [self.read(end, mode(end)) for end in ends] or [None]
        result = self._graph.call_module(self._target(path), tuple(arguments))
        ports = node.layer.output_ports()
        if len(ports) == 1:
            self._values.setdefault(FlatEnd(path, ports[0].name), result)
            return
        for i, port in enumerate(ports):
            taken = self._graph.call_function(operator.getitem, (result, i))
            self._values.setdefault(FlatEnd(path, port.name), taken)

    def call_swapped(self, first: str, second: str, mode: ModeOf = attached) -> None:
        """Call two nodes of one input and one output each in reverse order."""
        end = self._nodes[first].inputs[0][0]
        inner = self._graph.call_module(self._target(second), (self.read(end, mode(end)),))
        result = self._graph.call_module(self._target(first), (inner,))
        port = self._nodes[second].layer.output_ports()[0].name
        self._values[FlatEnd(second, port)] = result

    def value(self, end: FlatEnd) -> fx.Node:
        return self._values[end]

    def read(self, end: FlatEnd, mode: GradientMode) -> fx.Node:
        """A value in this mode; the conversion is written once."""
        name = value_name(end, mode)
        if name not in self._values:
            value = self._values[end]
            if mode is GradientMode.LEAF:
                self._values[name] = self._graph.call_function(differentiable, (value,))
            else:
                self._values[name] = self._graph.call_method("detach", (value,))
        return self._values[name]

    def sum(self, terms: Sequence[fx.Node], weights: Sequence[float] = ()) -> fx.Node:
        """The weighted sum of several scalars; missing weights are 1."""
        factors = [*weights, *[1.0] * len(terms)]
        weighted = [self._times(term, factor) for term, factor in zip(terms, factors, strict=False)]
        total = weighted[0]
        for term in weighted[1:]:
            total = self._graph.call_function(operator.add, (total, term))
        return total

    def _times(self, term: fx.Node, factor: float) -> fx.Node:
        return term if factor == 1.0 else self._graph.call_function(operator.mul, (term, factor))

    def finish(self, outputs: tuple[Any, ...]) -> CompiledGraph:
        if self._recording:
            self.gradients(True)
        elif self._before is not None:
            self._graph.call_function(set_grad_enabled, (self._before,))
        self._graph.output(outputs)
        self._graph.lint()
        module = fx.GraphModule(self._used, self._graph, "Part")
        module.graph.owning_module = None  # a circle: the weights would live until circles are collected
        return CompiledGraph(module, module.forward, tuple(self._inputs))

    def _target(self, path: str) -> str:
        module = self._modules[path]
        name = self._names.get(id(module))
        if name is None:
            name = _identifier(self._nodes[path].weight_path)
            while name in self._used or name in _TAKEN:
                name += "_"
            self._names[id(module)] = name
            self._used[name] = module
        return name


def _identifier(path: str) -> str:
    text = "".join(char if char.isalnum() or char == "_" else "_" for char in path)
    return f"_{text}" if text[:1].isdigit() else text
