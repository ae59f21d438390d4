"""Values that a node takes gradients with respect to within the forward pass (a port that is
`differentiated`), and the nodes that lie between such a value and the node.

Between them everything must be recorded, also where nothing learns and where nobody trains. Knows neither
objectives nor torch.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from engine.expand.flat import FlatEnd, FlatNode, ancestors


@dataclass(frozen=True)
class Tap:
    """`node` differentiates with respect to the value `end`; `between` are the paths from the one to the
    other, the node itself included.
    """

    node: str
    end: FlatEnd
    between: frozenset[str]


def taps_of(nodes: Mapping[str, FlatNode]) -> tuple[Tap, ...]:
    """Every differentiated value of a drawing."""
    found = []
    for path, node in nodes.items():
        for port, ends in zip(node.layer.input_ports(), node.inputs, strict=True):
            if port.differentiated:
                above = ancestors(nodes, [FlatEnd(path, "")])
                found += [Tap(path, end, _between(nodes, end, above)) for end in ends]
    return tuple(found)


def _between(nodes: Mapping[str, FlatNode], start: FlatEnd, above: set[str]) -> frozenset[str]:
    """What reads this value, directly or not, among the nodes of `above`."""
    found: set[str] = set()
    for path, node in nodes.items():
        if path not in above:
            continue
        if any(end == start or end.path in found for port in node.inputs for end in port):
            found.add(path)
    return frozenset(found)


def tapped_at(taps: Iterable[Tap]) -> dict[FlatEnd, frozenset[str]]:
    """For every differentiated value the nodes that have to see it so."""
    found: dict[FlatEnd, frozenset[str]] = {}
    for tap in taps:
        found[tap.end] = found.get(tap.end, frozenset()) | tap.between
    return found
