"""The expansion of a project: flat nodes with full paths, placements, and their ends.

Values only, shared by inference and the compiler; `expansion` makes them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from engine.document.project import Project
from engine.report import Problem
from nodes.spec import Inputs, Layer, TensorSpec


class FlatEnd(NamedTuple):
    """An output port of a flat node, by its full path."""

    path: str
    port: str


@dataclass(frozen=True, slots=True)
class FlatNode:
    """One layer with its parameters and wires resolved.

    `path` is its node path (`stage3.17.conv2`), `weight_path` its prefix in the state dict: the same, except
    inside a Network, whose weights are stored under the definition's name. Nodes with the same `weight_path`
    share one module. `inputs` has one entry per input port: the ends of its wires, in order; empty for an
    optional port without a wire. `frozen` counts the placements around it too.
    """

    path: str
    weight_path: str
    graph: str
    id: str
    layer: Layer
    inputs: tuple[tuple[FlatEnd, ...], ...]
    frozen: bool = False


@dataclass(frozen=True, slots=True)
class Place:
    """A node without a layer of its own: a placement, a bypassed node, a border.

    `inputs` and `outputs` are the flat ends at its ports.
    """

    path: str
    graph: str
    id: str
    inputs: Mapping[str, tuple[FlatEnd, ...]]
    outputs: Mapping[str, FlatEnd]
    bypassed: bool = False


@dataclass(frozen=True)
class Expanded:
    """An expanded project. `nodes` is in topological order and holds only valid nodes with valid inputs.

    `problems` are those of the rest; nodes that only depend on a broken one are absent without a problem.
    `places` are keyed by path. `scope` is for `expand`, which reuses unchanged parts.
    """

    project: Project
    nodes: dict[str, FlatNode]
    places: dict[str, Place]
    problems: tuple[Problem, ...] = ()
    scope: object = field(default=None, repr=False, compare=False)


def entering(node: FlatNode, spec_of: Callable[[FlatEnd], TensorSpec | None]) -> Inputs | None:
    """One entry per input port, as `Layer.build` takes them; None where a spec is not known."""
    inputs: list[TensorSpec | tuple[TensorSpec, ...] | None] = []
    for port, ends in zip(node.layer.input_ports(), node.inputs, strict=True):
        specs = []
        for end in ends:
            spec = spec_of(end)
            if spec is None:
                return None
            specs.append(spec)
        inputs.append(tuple(specs) if port.variadic else specs[0] if specs else None)
    return tuple(inputs)


def ancestors(
    nodes: Mapping[str, FlatNode],
    ends: Iterable[FlatEnd],
    *,
    by_gradients: bool = False,
    given: Iterable[FlatEnd] = (),
) -> set[str]:
    """Paths of all nodes that these values depend on, their own nodes included.

    `by_gradients`: only those that gradients of the values reach; nodes before a layer that passes none are
    left out. What is `given` depends on nothing.
    """
    held = frozenset(given)
    waiting = list(dict.fromkeys(end.path for end in ends if end not in held))
    found = set(waiting)
    while waiting:
        node = nodes[waiting.pop()]
        if by_gradients and not node.layer.passes_gradients:
            continue
        for port in node.inputs:
            for end in port:
                if end.path not in found and end not in held:
                    found.add(end.path)
                    waiting.append(end.path)
    return found
