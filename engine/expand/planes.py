"""Where a drawing computes with points of a line or of a plane, so that what it makes of all of them can be
shown: decision fields, deformed meshes, clouds.

Knows nodes, wires and shapes; needs no run.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Set
from typing import NamedTuple

from engine.expand.flat import FlatEnd, FlatNode, ancestors
from nodes.data.source import DataSource
from nodes.data_sets.points import FEATURES, PlanePoints
from nodes.data_sets.registry import data_sets
from nodes.reading.dataset import DataInfo
from nodes.spec import N, Role, TensorSpec

SpecOf = Callable[[FlatEnd], TensorSpec | None]
InfoOf = Callable[[FlatNode], DataInfo | None]


class InputPlane(NamedTuple):
    """A value of `size` numbers (1 or 2) for each sample, (N, size), from which others are computed.

    `features` names what a data set derives from the two coordinates of a point, where it hands that out in
    place of the coordinates.
    """

    end: FlatEnd
    size: int
    features: tuple[str, ...] = ()


def is_row(spec: TensorSpec | None, *sizes: int) -> bool:
    """Whether a float value has one of these numbers of features for each sample, (N, size)."""
    return spec is not None and spec.is_float and spec.shape in [(N, size) for size in sizes]


def is_derived(node: FlatNode) -> bool:
    """Whether a node hands out features that are derived from points of the plane."""
    if not isinstance(node.layer, DataSource):
        return False
    return issubclass(data_sets()[node.layer.dataset], PlanePoints)


def planes(nodes: Mapping[str, FlatNode], spec_of: SpecOf, info_of: InfoOf) -> dict[str, InputPlane]:
    """By path of a node, the points that it is computed from; nodes that are computed from none are left out.

    That is what enters the network in which it is placed, where these are points of a plane; else data or
    noise of one or two numbers; else the first value of two numbers on the way to it.
    """
    found: dict[str, InputPlane] = {}
    starts = {path: start for path, node in nodes.items() if (start := _start(node, spec_of, info_of))}
    for path, node in nodes.items():
        if node.layer.role is not Role.SOURCE:
            ends = (end for port in node.inputs for end in port)
            entered = (_read(node, end, spec_of, starts, found) for end in ends)
            plane = next((one for one in entered if one is not None), None)
            if plane is not None:
                found[path] = plane
    return found


def _start(node: FlatNode, spec_of: SpecOf, info_of: InfoOf) -> InputPlane | None:
    """The points that a source hands out."""
    if node.layer.role is not Role.SOURCE:
        return None
    end = FlatEnd(node.path, node.layer.output_ports()[0].name)
    info = info_of(node)
    if is_derived(node) and info is not None and info.columns:
        return InputPlane(end, 2, () if info.columns == FEATURES[:2] else info.columns)
    spec = spec_of(end)
    return InputPlane(end, int(spec.shape[1])) if spec is not None and is_row(spec, 1, 2) else None  # type: ignore[arg-type]


def _read(
    node: FlatNode,
    end: FlatEnd,
    spec_of: SpecOf,
    starts: Mapping[str, InputPlane],
    found: Mapping[str, InputPlane],
) -> InputPlane | None:
    """The points behind a value that a node reads."""
    start = starts.get(end.path)
    if start is not None:
        return start if start.end == end else None
    spec = spec_of(end)
    if spec is None or not spec.is_float:
        return None
    place, dot, _ = node.path.partition(".")
    enters = dot and node.weight_path != node.path and not end.path.startswith(f"{place}.")
    if enters and is_row(spec, 2):
        return InputPlane(end, 2)
    if end.path in found:
        return found[end.path]
    return InputPlane(end, 2) if is_row(spec, 2) else None


def with_loss(nodes: Mapping[str, FlatNode]) -> Set[str]:
    """The nodes on whose values a loss depends, with gradients all the way."""
    objectives = (node for node in nodes.values() if node.layer.role is Role.OBJECTIVE)
    losses = [end for node in objectives for port in node.inputs for end in port]
    return ancestors(nodes, losses, by_gradients=True) if losses else set()


def counterparts(nodes: Mapping[str, FlatNode], end: FlatEnd) -> Iterator[FlatEnd]:
    """Values that enter the same layers as this one, where a network is placed several times: the data beside
    what is generated.
    """
    readers: dict[str, list[FlatNode]] = {}
    for node in nodes.values():
        if node.weight_path != node.path:
            readers.setdefault(node.weight_path, []).append(node)
    seen = {end}
    for group in readers.values():
        for node in group:
            for place, port in enumerate(node.inputs):
                if end not in port:
                    continue
                for other in group:
                    for one in other.inputs[place]:
                        if one not in seen:
                            seen.add(one)
                            yield one


def real_beside(nodes: Mapping[str, FlatNode], end: FlatEnd, spec_of: SpecOf) -> FlatEnd | None:
    """The data that a network is shown in turn with the points at this end; None where there are none."""
    beside = (one for one in counterparts(nodes, end) if is_row(spec_of(one), 1, 2))
    return next((one for one in beside if nodes[one.path].layer.role is Role.SOURCE), None)
