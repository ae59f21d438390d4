"""Swaps ReLU and max-pool: the ReLU of a max-pool equals the max-pool of the ReLU, at a quarter of the cost.

Only where nothing else reads the value between them, and only for functions that are linear with clipping:
values and gradients are then bit-identical to the drawn order. (Not so for tanh or sigmoid: they round
different inputs to one output, so that another input gets the gradient.) The graphs of lenses keep the drawn
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
    """Activation -> the max-pool to run before it, among these paths; `wanted` values are read elsewhere."""
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
