"""Pools before it clips: max-pool of a ReLU equals the ReLU of the max-pool, at a quarter of the cost.

Only where nothing else reads what lies between, and only for functions that clip and are straight elsewhere:
values and gradients are then those of the drawn order, bit for bit. (Not so for tanh or sigmoid, which round
unlike inputs to one output, so that another of them wins.) The graphs that lenses look through keep the drawn
order.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Container, Iterable, Mapping

from torch import nn

from engine.expand.flat import FlatEnd, FlatNode

CLIPPING = frozenset((nn.ReLU, nn.ReLU6, nn.Hardtanh))
MAX_POOLS = frozenset((nn.MaxPool1d, nn.MaxPool2d, nn.MaxPool3d))


def pooled_first(
    nodes: Mapping[str, FlatNode],
    modules: Mapping[str, nn.Module],
    paths: Iterable[str],
    wanted: Container[FlatEnd],
) -> dict[str, str]:
    """Activation -> the max-pool that can go before it, of these; `wanted` ends are read from outside."""
    paths = [path for path in paths if path in modules]
    readers = Counter(end for path in paths for port in nodes[path].inputs for end in port)
    found: dict[str, str] = {}
    inside = set(paths)
    for path in paths:
        if type(modules[path]) not in MAX_POOLS:
            continue
        end = nodes[path].inputs[0][0]
        alone = readers[end] == 1 and end not in wanted and end.path in inside
        if alone and type(modules[end.path]) in CLIPPING:
            found[end.path] = path
    return found
