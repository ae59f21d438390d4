"""What gradients are taken with respect to: the float value nearest to the data that a value depends on."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from engine.expand.flat import FlatEnd, FlatNode, ancestors
from engine.lens.access import Access
from nodes.data.source import DataSource
from nodes.spec import Role


@dataclass(frozen=True)
class Reached:
    """`end` is that value; `tokens` is the data before it where these are integers."""

    end: FlatEnd
    tokens: FlatEnd | None = None


def reached(network: Access, ends: list[FlatEnd]) -> Reached | None:
    """The input of the data; of integers, the first float value that is made of them; else noise, else the
    first float value at all. None where `ends` depend on none of another node.

    Where no gradient passes, it is the value that they depend on all the same.
    """
    return _nearest(network, ends, by_gradients=True) or _nearest(network, ends, by_gradients=False)


def _nearest(network: Access, ends: list[FlatEnd], *, by_gradients: bool) -> Reached | None:
    plan = network.plan
    above = ancestors(plan.nodes, ends, by_gradients=by_gradients)
    nodes = [node for path, node in plan.nodes.items() if path in above]
    data = [end for node in nodes if isinstance(node.layer, DataSource) if (end := _end(node)) is not None]
    for end in data:
        found = Reached(end) if plan.specs[end].is_float else _embedded(network, nodes, end)
        if found is not None and found.end not in ends:
            return found
    rest = [node for node in nodes if not isinstance(node.layer, DataSource) and node.layer.passes_gradients]
    rest.sort(key=lambda node: node.layer.role is not Role.SOURCE)
    floats = (end for node in rest if (end := _end(node)) is not None and plan.specs[end].is_float)
    return next((Reached(end) for end in floats if end not in ends), None)


def picture_above(network: Access) -> FlatEnd | None:
    """The picture (N, C, H, W) that the target depends on: that of the data, else the first value of one or
    three channels, else the first maps; None where there are none.
    """
    plan, end = network.plan, network.end
    if end is None:
        return None
    nearest = reached(network, [end])
    if nearest is not None and plan.specs[nearest.end].rank == 4 and nearest.end.path not in _noise(network):
        return nearest.end
    above = ancestors(plan.nodes, [end], by_gradients=True) - _noise(network)
    ends = [_end(node) for path, node in plan.nodes.items() if path in above]
    maps = [one for one in ends if one is not None and one != end and plan.specs[one].rank == 4]
    maps = [one for one in maps if plan.specs[one].is_float]
    maps.sort(key=lambda one: plan.specs[one].shape[1] not in (1, 3))
    return maps[0] if maps else None


def _noise(network: Access) -> set[str]:
    """The sources that are no data."""
    sources = network.plan.sources.items()
    return {path for path, node in sources if not isinstance(node.layer, DataSource)}


def with_noise(
    values: dict[FlatEnd, Tensor], end: FlatEnd, count: int, spread: float
) -> dict[FlatEnd, Tensor]:
    """One sample `count` times, the value at `end` with Gaussian noise of `spread` times its range.

    The noise is the same every time.
    """
    held = values[end]
    chance = torch.Generator().manual_seed(0)
    noise = torch.randn((count, *held.shape[1:]), generator=chance).to(held)
    some = {one: value.expand(count, *value.shape[1:]) for one, value in values.items()}
    return some | {end: held + noise * (spread * (held.max() - held.min()))}


def _end(node: FlatNode) -> FlatEnd | None:
    """The first output; of data their input."""
    ports = node.layer.output_ports()
    return FlatEnd(node.path, ports[0].name) if ports else None


def _embedded(network: Access, nodes: list[FlatNode], data: FlatEnd) -> Reached | None:
    """The first float value that is made of these integers."""
    passing = (node for node in nodes if node.path != data.path and node.layer.passes_gradients)
    for end in filter(None, map(_end, passing)):
        if network.plan.specs[end].is_float and data.path in ancestors(network.plan.nodes, [end]):
            return Reached(end, data)
    return None
