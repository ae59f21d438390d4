"""Pairs of an activation and a max-pool that cost less than in their drawn order, to the same bits.

Max-pool of a ReLU equals the ReLU of the max-pool, at a quarter of the cost. That holds for functions that
clip and are straight elsewhere; tanh and sigmoid round unlike inputs to one output, so that another of them
would win: with these the order stays and only the backward pass is joined (see `pooled`). Only where nothing
else reads what lies between. The graphs that lenses look through are as drawn.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Container, Iterable, Mapping

from torch import nn

from engine.compile.pooled import can_join
from engine.expand.flat import FlatEnd, FlatNode

CLIPPING = frozenset((nn.ReLU, nn.ReLU6, nn.Hardtanh))
MAX_POOLS = frozenset((nn.MaxPool1d, nn.MaxPool2d, nn.MaxPool3d))


def pool_pairs(
    nodes: Mapping[str, FlatNode],
    modules: Mapping[str, nn.Module],
    paths: Iterable[str],
    wanted: Container[FlatEnd],
) -> dict[str, str]:
    """Activation -> the max-pool that goes with it, of these paths; `wanted` ends are read from outside."""
    paths = [path for path in paths if path in modules]
    readers = Counter(end for path in paths for port in nodes[path].inputs for end in port)
    found: dict[str, str] = {}
    inside = set(paths)
    for path in paths:
        pool = modules[path]
        if type(pool) not in MAX_POOLS:
            continue
        end = nodes[path].inputs[0][0]
        alone = readers[end] == 1 and end not in wanted and end.path in inside
        if alone and (type(modules[end.path]) in CLIPPING or can_join(modules[end.path], pool)):
            found[end.path] = path
    return found
