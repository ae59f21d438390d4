"""Gradients with respect to inputs within the forward pass, as a gradient penalty takes them.

A port that is `differentiated` marks the value. Every node between this value and the node with the port must
record gradients, also in evaluation and where no weight learns.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from engine.expand.flat import FlatEnd, FlatNode, ancestors


@dataclass(frozen=True)
class InputGradient:
    """`node` differentiates with respect to the value `end`; `between` are the nodes from `end` to `node`,
    `node` included.
    """

    node: str
    end: FlatEnd
    between: frozenset[str]


def input_gradients_of(nodes: Mapping[str, FlatNode]) -> tuple[InputGradient, ...]:
    """Every differentiated value of a drawing."""
    found = []
    for path, node in nodes.items():
        for port, ends in zip(node.layer.input_ports(), node.inputs, strict=True):
            if port.differentiated:
                above = ancestors(nodes, [FlatEnd(path, "")])
                found += [InputGradient(path, end, _between(nodes, end, above)) for end in ends]
    return tuple(found)


def _between(nodes: Mapping[str, FlatNode], start: FlatEnd, above: set[str]) -> frozenset[str]:
    """The nodes of `above` that depend on this value."""
    found: set[str] = set()
    for path, node in nodes.items():
        if path not in above:
            continue
        if any(end == start or end.path in found for port in node.inputs for end in port):
            found.add(path)
    return frozenset(found)


def leaf_readers_of(input_gradients: Iterable[InputGradient]) -> dict[FlatEnd, frozenset[str]]:
    """By differentiated value the nodes that must read it as a leaf."""
    found: dict[FlatEnd, frozenset[str]] = {}
    for each in input_gradients:
        found[each.end] = found.get(each.end, frozenset()) | each.between
    return found
