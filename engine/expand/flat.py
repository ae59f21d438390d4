"""What a drawing expands to: flat nodes with full paths, the places of definitions, and their ends.

Values only, shared by inference and the compiler; how they are made is the business of `expand`.
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
    """One layer, with everything around it resolved.

    `path` is its place on the canvas (`stage3.17.conv2`), `weight_path` its place in the state dict: the
    same, but for what stands inside a Network, whose weights live under the definition's name. Nodes with
    the same `weight_path` share one module. `inputs` has one entry per input port: the ends of its wires,
    in order; empty for an optional port without a wire. `frozen` counts the placements around it too.
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
    """What has no layer of its own but a place on the canvas: a placement, a bypassed node, a border.

    `inputs` and `outputs` name the flat ends that stand behind its ports.
    """

    path: str
    graph: str
    id: str
    inputs: Mapping[str, tuple[FlatEnd, ...]]
    outputs: Mapping[str, FlatEnd]
    bypassed: bool = False


@dataclass(frozen=True)
class Expanded:
    """A project written out. `nodes` is in topological order and holds only what is sound and soundly fed.

    `problems` says what is wrong with the rest; nodes that merely hang on a broken one are silently absent.
    `places` are keyed by path. `scope` belongs to `expand`, which takes unchanged parts from it.
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
    nodes: Mapping[str, FlatNode], ends: Iterable[FlatEnd], *, by_gradients: bool = False
) -> set[str]:
    """Paths of all nodes that these values hang on, their own nodes included.

    `by_gradients`: only those that gradients of the values reach; what stands before a layer that passes
    none is left out.
    """
    found: set[str] = set()
    waiting = [end.path for end in ends]
    while waiting:
        path = waiting.pop()
        if path in found:
            continue
        found.add(path)
        if nodes[path].layer.passes_gradients or not by_gradients:
            waiting.extend(end.path for port in nodes[path].inputs for end in port)
    return found
