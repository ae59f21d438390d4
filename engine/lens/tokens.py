"""Which tokens of a text the steps of a sequence are made of, found in the drawing.

From a value (N, time, …) upwards along the first inputs of nodes, as the main flow goes, to the nearest whole
numbers (N, time): what an embedding read. Numbers of positions and of segments are passed over.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from engine.expand.flat import FlatEnd
from nodes.layers.sequences.positions import Positions, SegmentIds

if TYPE_CHECKING:
    from torch import Tensor

    from engine.compile import Plan


@dataclass(frozen=True, eq=False)
class Tokens:
    """Numbers of tokens (1, time); `of_target`: of the vocabulary of the targets, else of the inputs."""

    numbers: Tensor
    of_target: bool


def token_ends(plan: Plan, path: str) -> dict[str, FlatEnd]:
    """By input port of the node at a path, where the numbers of the tokens are that its steps are made of."""
    node = plan.nodes.get(path)
    if node is None:
        return {}
    ports = zip(node.layer.input_ports(), node.inputs, strict=True)
    found = {port.name: _above(plan, ends[0]) for port, ends in ports if ends}
    return {name: end for name, end in found.items() if end is not None}


def is_of_target(plan: Plan, end: FlatEnd) -> bool:
    """Whether these tokens come from another port of the data than its input."""
    seen: set[FlatEnd] = set()
    waiting = [end]
    while waiting:
        end = waiting.pop()
        if end.path in plan.sources:
            return end.port != "input"
        if end not in seen:
            seen.add(end)
            waiting += [each for port in reversed(plan.nodes[end.path].inputs) for each in reversed(port)]
    return False


def _above(plan: Plan, end: FlatEnd) -> FlatEnd | None:
    spec = plan.specs.get(end)
    if spec is None or spec.rank < 3:
        return None
    length = spec.shape[-2]
    seen: set[FlatEnd] = set()
    waiting = [end]
    while waiting:
        end = waiting.pop()
        node, spec = plan.nodes.get(end.path), plan.specs.get(end)
        if node is None or end in seen or spec is None:
            continue
        seen.add(end)
        whole = spec.rank == 2 and spec.dtype.startswith("int") and spec.shape[1] == length
        if whole and not isinstance(node.layer, Positions | SegmentIds):
            return end
        waiting += [each for port in reversed(node.inputs) for each in reversed(port)]
    return None
