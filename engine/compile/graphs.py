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

from engine.compile.objective_steps import Sight, seen
from engine.expand.flat import FlatEnd, FlatNode

Values = Mapping[FlatEnd, Tensor]
See = Callable[[FlatEnd], Sight]


def as_it_is(_: FlatEnd) -> Sight:
    """Every value is let through whole, gradients too."""
    return Sight.WHOLE


def differentiable(value: Tensor) -> Tensor:
    """This value, as something to take gradients with respect to: itself where it carries gradients, else a
    leaf of its own.
    """
    return value if value.requires_grad else value.detach().requires_grad_()


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
    """Writes one graph. Values are asked for by their end; every node is called once.

    `recording` says that whoever calls the graph records gradients; else their mode is unknown, and put back
    at the end if it was changed.
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
        """Declare values that enter the graph. Comes before anything else."""
        for end in ends:
            self._values[end] = self._graph.placeholder(_identifier(f"{end.path}_{end.port}"))
            self._inputs.append(end)

    def gradients(self, on: bool) -> None:
        """Record gradients, or not, from here on."""
        if self._gradients is None:
            self._before = self._graph.call_function(torch.is_grad_enabled)
        if on != self._gradients:
            self._graph.call_function(torch._C._set_grad_enabled, (on,))
            self._gradients = on

    def call(self, path: str, sight: See = as_it_is) -> None:
        """Call the node at this path; `sight` says how it sees each of its inputs."""
        node = self._nodes[path]
        arguments: list[fx.Node | None] = []
        for ends in node.inputs:
            # an optional port without a wire is None; a variadic one (always the last) adds its own arguments
            arguments += [self.see(end, sight(end)) for end in ends] or [None]
        result = self._graph.call_module(self._target(path), tuple(arguments))
        ports = node.layer.output_ports()
        if len(ports) == 1:
            self._values[FlatEnd(path, ports[0].name)] = result
            return
        for i, port in enumerate(ports):
            self._values[FlatEnd(path, port.name)] = self._graph.call_function(operator.getitem, (result, i))

    def call_swapped(self, first: str, second: str, sight: See = as_it_is) -> None:
        """Call two nodes of one input and one output in the reverse of their drawn order."""
        end = self._nodes[first].inputs[0][0]
        inner = self._graph.call_module(self._target(second), (self.see(end, sight(end)),))
        result = self._graph.call_module(self._target(first), (inner,))
        port = self._nodes[second].layer.output_ports()[0].name
        self._values[FlatEnd(second, port)] = result

    def value(self, end: FlatEnd) -> fx.Node:
        return self._values[end]

    def see(self, end: FlatEnd, sight: Sight) -> fx.Node:
        """A value as it is seen; made once for all who see it so."""
        name = seen(end, sight)
        if name not in self._values:
            value = self._values[end]
            if sight is Sight.LEAF:
                self._values[name] = self._graph.call_function(differentiable, (value,))
            else:
                self._values[name] = self._graph.call_method("detach", (value,))
        return self._values[name]

    def sum(self, terms: Sequence[fx.Node], weights: Sequence[float] = ()) -> fx.Node:
        """The sum of several scalars, each times its weight (1 where there is none)."""
        factors = [*weights, *[1.0] * len(terms)]
        weighted = [self._times(term, factor) for term, factor in zip(terms, factors, strict=False)]
        total = weighted[0]
        for term in weighted[1:]:
            total = self._graph.call_function(operator.add, (total, term))
        return total

    def _times(self, term: fx.Node, factor: float) -> fx.Node:
        return term if factor == 1.0 else self._graph.call_function(operator.mul, (term, factor))

    def finish(self, outputs: tuple[Any, ...]) -> Part:
        if self._recording:
            self.gradients(True)
        elif self._before is not None:
            self._graph.call_function(torch._C._set_grad_enabled, (self._before,))
        self._graph.output(outputs)
        self._graph.lint()
        module = fx.GraphModule(self._used, self._graph, "Part")
        return Part(module, module.forward, tuple(self._inputs))

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
