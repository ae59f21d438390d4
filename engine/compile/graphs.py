"""Writes torch.fx graphs from flat nodes: one call per node, values named as on the canvas.

Knows which values a graph is given, which it computes and under which gradient mode, but not why; that is
decided in `program`. A graph is declared with its outputs, so nothing here needs hooks.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, fx, nn

from engine.expand.flat import FlatEnd, FlatNode

Values = Mapping[FlatEnd, Tensor]


@dataclass(frozen=True)
class Part:
    """A compiled piece of the drawing: `forward(*inputs)` returns a tuple.

    `module` is the fx graph module; `forward` is its bound method, called without the hooks that nobody
    registers.
    """

    module: fx.GraphModule
    forward: Callable[..., tuple[Any, ...]]
    inputs: tuple[FlatEnd, ...]

    def __call__(self, values: Values) -> tuple[Any, ...]:
        return self.forward(*[values[end] for end in self.inputs])


class GraphWriter:
    """Writes one graph. Values are asked for by their end; every node is called once."""

    def __init__(self, nodes: Mapping[str, FlatNode], modules: Mapping[str, nn.Module]) -> None:
        self._nodes, self._modules = nodes, modules
        self._graph = fx.Graph()
        self._values: dict[FlatEnd, fx.Node] = {}
        self._detached: dict[FlatEnd, fx.Node] = {}
        self._used: dict[str, nn.Module] = {}
        self._names: dict[int, str] = {}
        self._inputs: list[FlatEnd] = []
        self._gradients = True

    def give(self, ends: Iterable[FlatEnd]) -> None:
        """Declare values that enter the graph. Comes before anything else."""
        for end in ends:
            self._values[end] = self._graph.placeholder(_identifier(f"{end.path}_{end.port}"))
            self._inputs.append(end)

    def gradients(self, on: bool) -> None:
        """Record gradients, or not, from here on."""
        if on != self._gradients:
            self._graph.call_function(torch._C._set_grad_enabled, (on,))
            self._gradients = on

    def call(self, path: str, detached: Callable[[FlatEnd], bool] = lambda _: False) -> None:
        """Call the node at this path; `detached` says which of its inputs it sees without their gradient."""
        node = self._nodes[path]
        arguments: list[fx.Node | None] = []
        for ends in node.inputs:
            # an optional port without a wire is None; a variadic one (always the last) adds its own arguments
            arguments += [self._value(end, detached(end)) for end in ends] or [None]
        result = self._graph.call_module(self._target(path), tuple(arguments))
        ports = node.layer.output_ports()
        if len(ports) == 1:
            self._values[FlatEnd(path, ports[0].name)] = result
            return
        for i, port in enumerate(ports):
            self._values[FlatEnd(path, port.name)] = self._graph.call_function(operator.getitem, (result, i))

    def call_swapped(
        self, first: str, second: str, detached: Callable[[FlatEnd], bool] = lambda _: False
    ) -> None:
        """Call two nodes of one input and one output in the reverse of their drawn order."""
        end = self._nodes[first].inputs[0][0]
        inner = self._graph.call_module(self._target(second), (self._value(end, detached(end)),))
        result = self._graph.call_module(self._target(first), (inner,))
        port = self._nodes[second].layer.output_ports()[0].name
        self._values[FlatEnd(second, port)] = result

    def value(self, end: FlatEnd) -> fx.Node:
        return self._values[end]

    def sum(self, ends: Sequence[FlatEnd]) -> fx.Node:
        """The sum of several scalars."""
        total = self._values[ends[0]]
        for end in ends[1:]:
            total = self._graph.call_function(operator.add, (total, self._values[end]))
        return total

    def finish(self, outputs: tuple[Any, ...]) -> Part:
        self.gradients(True)
        self._graph.output(outputs)
        self._graph.lint()
        module = fx.GraphModule(self._used, self._graph, "Part")
        return Part(module, module.forward, tuple(self._inputs))

    def _value(self, end: FlatEnd, detached: bool) -> fx.Node:
        if not detached:
            return self._values[end]
        if end not in self._detached:
            self._detached[end] = self._graph.call_method("detach", (self._values[end],))
        return self._detached[end]

    def _target(self, path: str) -> str:
        module = self._modules[path]
        name = self._names.get(id(module))
        if name is None:
            name = _identifier(self._nodes[path].weight_path)
            while name in self._used or hasattr(nn.Module, name):
                name += "_"
            self._names[id(module)] = name
            self._used[name] = module
        return name


def _identifier(path: str) -> str:
    text = "".join(char if char.isalnum() or char == "_" else "_" for char in path)
    return f"_{text}" if text[:1].isdigit() else text
