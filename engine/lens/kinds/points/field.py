"""Field: what a node computes for every point of the plane, with the data on it."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from engine.lens.arrays import array
from engine.lens.kinds.points.in_plane import InPlane, KnownPoints, in_plane, mesh
from engine.lens.lens import Arrays, Lens, Reads, Seen
from engine.report import NodeReport
from nodes.data.source import DataSource
from nodes.param import Choice, Int
from nodes.spec import Layer, N, Role, TensorSpec

if TYPE_CHECKING:
    from torch import Tensor

UNITS = 64
"""Most units that are sent."""
VALUES = 1 << 16
"""Most values of all fields together: of many units, fewer points each."""
CURVE = 200
"""Points of a curve over one number."""
DOTS = 400
"""Most points of the data that are sent."""
_ROLES = (Role.MODULE, Role.PLACEMENT, Role.OUTPUT)


class UnitFields(Lens):
    """Arrays: `field`, the value of each unit over a grid, (U, S, S) with the largest y first, or over a
    line, (U, S); `asked`, the S that was asked for (1); `domain`, its ends (size, 2); `units`, how many units
    there are (1); `axes`, the names of the coordinates, where they have any; `points` (n, size) of the data
    with their `labels` (n), and `made` (m, size), points that the network made, or `noise` (m, size) that
    goes in; `more`, how many further ones of each there are. `classes` (1): the fields are probabilities of
    classes, of two classes one from −1 to 1.
    """

    kind = "field"
    title = "Field"
    help = (
        "What this node computes for every point of the plane that goes in: one map for each unit, orange "
        "below 0, blue above. The dots are samples in the colour of their label."
    )
    reads = frozenset({Reads.NETWORK})
    place = 15

    resolution = Int(
        48, min=8, max=160, help="Points along each side; fewer where there are many units or weights."
    )
    answers = Choice(
        "classes",
        choices=("classes", "decisions", "values"),
        help="What an output shows that is learned from class labels: probabilities, the class that is "
        "decided for alone, or the values.",
    )

    def applies_to(self, layer: type[Layer], report: NodeReport | None) -> bool:
        if layer.role not in _ROLES or issubclass(layer, DataSource) or report is None:
            return False
        if report.plane is None or not report.plane.over:
            return False
        return is_unit_row(first_spec(report))

    def compute(self, seen: Seen) -> Arrays:
        node = in_plane(seen.network) if seen.network is not None else None
        if node is None:
            return {}
        known = node.known(DOTS)
        domain = node.domain(known)
        classes = _classes(seen, node) if seen.options["answers"] != "values" else 0
        total = int(node.network.plan.specs[node.end].shape[-1]) if len(_shape(node)) > 1 else 1  # type: ignore[arg-type]
        units = min(total, UNITS)
        wished = CURVE if node.plane.size == 1 else int(seen.options["resolution"])
        side = node.side(wished if node.plane.size == 1 else _side(units, wished), [node.end])
        value = node.read(mesh(domain, side)).float()
        value = value.reshape(len(value), -1)
        if classes:
            value = _probabilities(value, decided=seen.options["answers"] == "decisions")
        found: Arrays = {
            "field": array(value[:, :UNITS].T.reshape(-1, *[side] * node.plane.size)),
            "domain": domain,
            "asked": np.array([wished]),
            "units": np.array([value.shape[1] if classes else total]),
            "classes": np.array([classes]),
        }
        return found | dots(node, known)


def first_spec(report: NodeReport) -> TensorSpec | None:
    """What a node shows: its first output, or its first input where it has no output."""
    entering = (spec for specs in report.inputs.values() for spec in specs)
    return next(iter(report.outputs.values()), next(entering, None))


def is_unit_row(spec: TensorSpec | None) -> bool:
    """Whether a value has a number for each of its units, (N) or (N, U)."""
    return spec is not None and spec.is_float and spec.rank in (1, 2) and spec.shape[0] == N


def _shape(node: InPlane) -> tuple[object, ...]:
    return node.network.plan.specs[node.end].shape


def _side(units: int, resolution: int) -> int:
    return max(8, min(resolution, math.isqrt(VALUES // units)))


def _classes(seen: Seen, node: InPlane) -> int:
    """The number of classes, where an output gives a value to each."""
    shape = _shape(node)
    if seen.layer is None or seen.layer.role is not Role.OUTPUT or len(shape) != 2:
        return 0
    plan = node.network.plan
    targets = [spec for end, spec in plan.specs.items() if end.port == "target" and end.path in plan.sources]
    count = targets[0].classes if targets and not targets[0].is_float else None
    return count if count is not None and count == shape[1] and count > 1 else 0


def _probabilities(logits: Tensor, *, decided: bool) -> Tensor:
    """By class (n, C); of two classes how much more likely the second is (n, 1).

    `decided`: 1 for the class of the largest logit, 0 for the others.
    """
    found = logits.softmax(dim=1)
    if decided:
        found = found.new_zeros(found.shape).scatter_(1, logits.argmax(dim=1, keepdim=True), 1.0)
    return found[:, 1:] - found[:, :1] if found.shape[1] == 2 else found


def dots(node: InPlane, known: list[KnownPoints]) -> Arrays:
    """The points that are known."""
    found: Arrays = {"more": np.array([each.more for each in known][:2], np.int64)}
    if node.names:
        found["axes"] = np.array(node.names)
    for each in known:
        if not each.is_data:
            is_noise = node.network.plan.nodes[node.plane.end.path].layer.role is Role.SOURCE
            found["noise" if is_noise else "made"] = each.places
            continue
        found["points"] = each.places
        if each.labels is not None:
            found["labels"] = each.labels
    return found
