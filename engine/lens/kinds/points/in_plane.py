"""A node of a network as a function of the points of a line or of a plane, and the points known there.

Everything else that the node is computed from is held: it is what it is for the pinned sample. Layers that
draw at random draw the same every time.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from engine.expand.flat import FlatEnd, ancestors
from engine.expand.planes import InputPlane, is_derived, planes, real_beside
from nodes.data.source import DataSource
from nodes.data_sets.points import EDGE, FEATURES, features_of
from nodes.reading.dataset import DataInfo
from nodes.spec import Role

if TYPE_CHECKING:
    from torch import Tensor

    from engine.expand.flat import FlatNode
    from engine.lens.access import Access

Floats = NDArray[np.float32]
MARGIN = 0.08
"""Of the extent of the points, on every side."""
UNIT_SQUARE = (-0.05, 1.05)
"""What is shown of points that lie in the unit square."""
PRODUCTS, VALUES = 3_000_000_000, 1 << 22
"""Points times weights, and points times units, of one pass at most."""
LEAST_SIDE = 8
"""The fewest points along a side of a mesh."""
_CHUNK = 4096
"""Points of one forward pass."""


@dataclass(frozen=True)
class KnownPoints:
    """Points that are known of a plane (n, size), and their labels (n): class numbers or single values.

    `is_data`: they are those of a data set, and not made by the network. `more`: how many further ones
    there are.
    """

    places: Floats
    labels: NDArray[np.generic] | None
    is_data: bool
    more: int = 0


@dataclass(frozen=True)
class InPlane:
    """`end` as a function of the points of `plane`."""

    network: Access
    end: FlatEnd
    plane: InputPlane

    def side(self, wished: int, ends: list[FlatEnd]) -> int:
        """Points along each side of a mesh, at most so many: fewer where each is multiplied with so many
        weights that the pass would hold up a run.
        """
        plan = self.network.plan
        above = ancestors(plan.nodes, ends, given=[self.plane.end])
        modules = {id(module): module for path, module in plan.modules.items() if path in above}
        weights = sum(one.numel() for module in modules.values() for one in module.parameters())
        sizes = [dim for end in ends for dim in plan.specs[end].features[:1] if isinstance(dim, int)]
        points = min(PRODUCTS // max(1, weights), VALUES // max(1, *sizes, 1))
        most = math.isqrt(points) if self.plane.size == 2 else points
        return min(wished, max(LEAST_SIDE, most))

    def read(self, points: Floats, end: FlatEnd | None = None) -> Tensor:
        """The value at an end, by default this one, (n, ...), at points (n, size) in the unit of the data."""
        return self.read_all(points, [self.end if end is None else end])[0]

    def read_all(self, points: Floats, ends: list[FlatEnd]) -> list[Tensor]:
        """The values at these ends, in one pass."""
        import torch

        from engine.system.random_state import own_random_state

        network, parts = self.network, []
        with own_random_state(network.plan.device, network.plan.seed):
            held = self._held(ends)
            for start in range(0, len(points), _CHUNK):
                given = self.entering(points[start : start + _CHUNK])
                values = {end: _repeated(value, len(given)) for end, value in held.items()}
                parts.append(network.read(ends, values | {self.plane.end: given}))
        return [torch.cat(group) if len(group) > 1 else group[0] for group in zip(*parts, strict=True)]

    def entering(self, points: Floats) -> Tensor:
        """What the network is given for points in the unit of the data."""
        import torch

        values = np.asarray(points, np.float64)
        if self.plane.features:
            values = features_of(values, self.plane.features).astype(np.float64)
        unit = self.network.feeds.units.get(self.plane.end)
        if unit is not None:
            values = (values - unit[0]) / unit[1]
        return torch.as_tensor(values, dtype=torch.float32).to(self.network.plan.device)

    def _held(self, ends: list[FlatEnd]) -> dict[FlatEnd, Tensor]:
        """What the values at these ends depend on besides the points, for the pinned sample."""
        network, plan = self.network, self.network.plan
        above = ancestors(plan.nodes, ends, given=[self.plane.end])
        moving: set[str] = set()
        beside: set[FlatEnd] = set()
        for path, node in plan.nodes.items():
            if path in above and node.layer.role is not Role.SOURCE:
                read = [end for port in node.inputs for end in port]
                if any(end == self.plane.end or end.path in moving for end in read):
                    moving.add(path)
        for path in moving:
            read = [end for port in plan.nodes[path].inputs for end in port]
            beside |= {end for end in read if end != self.plane.end and end.path not in moving}
        made = sorted(end for end in beside if end.path not in plan.sources)
        found = dict(zip(made, network.read(made), strict=True)) if made else {}
        return {**network.values, **found}

    # Points that are known -----------------------------------------------------------------------

    def known(self, most: int) -> list[KnownPoints]:
        """The points that are computed with in training, at most so many of each kind: those of the data
        first.
        """
        real = self.plane.end
        if self.is_of_data:
            return [points_at(self.network, real, most, self.plane.features)]
        return with_real(self.network, real, most)

    @property
    def is_of_data(self) -> bool:
        """Whether the points are those of a data set."""
        return isinstance(self.network.plan.nodes[self.plane.end.path].layer, DataSource)

    @property
    def names(self) -> tuple[str, ...]:
        """What the axes are called; empty: they have no names."""
        node = self.network.plan.nodes[self.plane.end.path]
        info = info_of(node)
        names = FEATURES[:2] if is_derived(node) else info.columns if info is not None else ()
        return names if len(names) == self.plane.size else ()

    def domain(self, known: list[KnownPoints]) -> Floats:
        """Where to look, (size, 2) from the least to the largest: around the points of the data where there
        are any, else around all.
        """
        if is_derived(self.network.plan.nodes[self.plane.end.path]):
            return np.array([(-EDGE, EDGE)] * self.plane.size, np.float32)
        counted = [each for each in known if each.is_data] or known
        return around(np.concatenate([each.places for each in counted]), self.plane.size)


def in_plane(network: Access) -> InPlane | None:
    """The target as a function of points; None where it is none."""
    plan, path = network.plan, network.target
    end = plan.end_of(path)
    if end is None:
        return None
    plane = planes(plan.nodes, plan.specs.get, info_of).get(path if path in plan.nodes else end.path)
    return InPlane(network, end, plane) if plane is not None and plane.end != end else None


def with_real(network: Access, end: FlatEnd, most: int, *, whole: bool = False) -> list[KnownPoints]:
    """The points at an end, at most so many, and before them the data that a network is shown in turn with
    them, where there are such.
    """
    beside = real_beside(network.plan.nodes, end, network.plan.specs.get)
    made = points_at(network, end, most, whole=whole)
    return [points_at(network, beside, most), made] if beside is not None else [made]


def info_of(node: FlatNode) -> DataInfo | None:
    """What is known of the data set of a source."""
    from engine.data import catalogue

    return catalogue.known(node.layer) if isinstance(node.layer, DataSource) else None


def points_at(
    network: Access, end: FlatEnd, most: int, features: tuple[str, ...] = (), *, whole: bool = False
) -> KnownPoints:
    """The value at an end for held-back samples, at most so many, in the unit of the data; with the targets
    where the value is the data's own. `features` are those that the value holds in place of coordinates.
    `whole`: all of them are read, however long that takes.
    """
    import torch

    from engine.lens.feeds import count_of
    from engine.system.random_state import own_random_state

    plan = network.plan
    some = network.feeds.some(most + 1)
    if end in some:
        value = some[end]
    else:
        with own_random_state(plan.device, plan.seed):
            if whole:
                value = torch.cat([network.read([end], part)[0] for part in _in_parts(some)])
            else:
                (value,) = network.read_many([end], some)
    places = np.array(value[:most].detach().float().cpu().numpy(), np.float64)
    unit = network.feeds.units.get(end)
    if unit is not None:
        places = places * unit[1] + unit[0]
    if features:
        columns = [features.index(name) for name in FEATURES[:2] if name in features]
        places = places[:, columns] if len(columns) == 2 else np.empty((0, 2))
    is_data = isinstance(plan.nodes[end.path].layer, DataSource)
    every = max(count_of(some), network.feeds.total)
    labels = labels_of(network, some, end.path) if is_data else None
    return KnownPoints(
        places.astype(np.float32),
        None if labels is None else labels[: len(places)],
        is_data,
        every - len(places) if count_of(some) > len(places) else 0,
    )


def labels_of(network: Access, some: dict[FlatEnd, Tensor], path: str = "") -> NDArray[np.generic] | None:
    """The targets of these samples, of the data set at a path or of the first: class numbers (n) or single
    values (n), in the unit of the data; None where there are none of these.
    """
    targets = (end for end in some if end.port == "target" and path in ("", end.path))
    end = next(targets, None)
    if end is None:
        return None
    target = some[end]
    if not target.is_floating_point():
        return target.cpu().numpy().astype(np.int64) if target.dim() == 1 else None
    if target.dim() > 2 or target[:1].numel() != 1:
        return None
    values = target.detach().float().cpu().numpy().reshape(-1).astype(np.float64)
    unit = network.feeds.units.get(end)
    if unit is not None:
        values = values * unit[1].ravel()[0] + unit[0].ravel()[0]
    return values.astype(np.float32)


def _in_parts(values: dict[FlatEnd, Tensor]) -> list[dict[FlatEnd, Tensor]]:
    from engine.lens.feeds import count_of

    count = count_of(values)
    return [
        {end: value[start : min(start + _CHUNK, count)] for end, value in values.items()}
        for start in range(0, count, _CHUNK)
    ]


def _repeated(value: Tensor, count: int) -> Tensor:
    """One sample so many times."""
    return value.expand(count, *value.shape[1:]) if value.dim() else value


def around(points: NDArray[np.floating], size: int) -> Floats:
    """A range or a square around points (n, size), (size, 2), with a margin and round ends, so that it stands
    still while points move a little.
    """
    held = np.asarray(points, np.float64).reshape(-1, size)
    held = held[np.isfinite(held).all(axis=1)]
    if not len(held):
        return np.array([(-1.0, 1.0)] * size, np.float32)
    low, high = held.min(axis=0), held.max(axis=0)
    if size == 2 and low.min() > 0.0 and 0.5 < high.max() < 1.0:
        return np.array([UNIT_SQUARE] * 2, np.float32)
    side = float((high - low).max()) * (1.0 + 2.0 * MARGIN) or 2.0
    middle = (low + high) / 2.0
    step = 10.0 ** math.floor(math.log10(side)) / 4.0
    low = np.floor((middle - side / 2.0) / step + 1e-9) * step
    side = math.ceil(max(middle + side / 2.0 - low) / step - 1e-9) * step
    return np.stack([low, low + side], axis=1).astype(np.float32)


def mesh(domain: Floats, side: int) -> Floats:
    """Points of a regular mesh over a domain, (side, 1) or (side·side, 2): rows from the top, columns from
    the left.
    """
    axes = [np.linspace(low, high, side) for low, high in domain]
    if len(axes) == 1:
        return axes[0][:, None].astype(np.float32)
    across, down = np.meshgrid(axes[0], axes[1][::-1])
    return np.stack([across.ravel(), down.ravel()], axis=1).astype(np.float32)
