"""Update size: how long the gradient of a layer is, and what is needed to see how far its weights move."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from engine.lens.arrays import array, length
from engine.lens.lens import Arrays, Lens, Reads, Seen
from engine.report import NodeReport
from nodes.spec import Layer, Role

if TYPE_CHECKING:
    from torch import Tensor

MOST_WEIGHTS = 16384
"""Of more, evenly spaced ones are sent."""


class UpdateSize(Lens):
    """Arrays: `weights`, evenly spaced ones of all weights of the node that can be trained (at most 16384);
    `norm`, the length of all of them; `count`, how many there are; `gradient`, the length of the gradient of
    the loss that updates them, of the pinned sample.
    """

    kind = "update_size"
    title = "Update size"
    help = (
        "How far the weights of this layer move in a step compared with their length, and how long the "
        "gradient of the pinned sample is. About a thousandth a step is healthy: far more and training "
        "jumps about, far less and this layer hardly learns."
    )
    reads = frozenset({Reads.PARAMETERS, Reads.GRADIENTS})
    place = 36

    def applies_to(self, layer: type[Layer], report: NodeReport | None) -> bool:
        return layer.role is Role.MODULE and report is not None and report.parameters > 0

    def compute(self, seen: Seen) -> Arrays:
        held = [value.flatten() for value in seen.parameters.values() if value.is_floating_point()]
        count = sum(len(value) for value in held)
        if not count:
            return {}
        found: Arrays = {
            "weights": _spaced(held, count),
            "norm": np.array(_length(held), np.float64),
            "count": np.array(count, np.int64),
        }
        if seen.gradients:
            found["gradient"] = np.array(_length(list(seen.gradients.values())), np.float64)
        return found


def _spaced(held: list[Tensor], count: int) -> NDArray[Any]:
    """All values of these rows one after another; of more than `MOST_WEIGHTS`, so many evenly spaced ones."""
    if count <= MOST_WEIGHTS:
        return np.concatenate([array(value) for value in held])
    places, start, found = np.arange(MOST_WEIGHTS) * count // MOST_WEIGHTS, 0, []
    for value in held:
        first, end = np.searchsorted(places, (start, start + len(value)))
        found.append(array(value[places[first:end] - start]))
        start += len(value)
    return np.concatenate(found)


def _length(tensors: list[Tensor]) -> float:
    """The Euclidean length of all values together."""
    return float(np.sqrt(sum(length(value) ** 2 for value in tensors)))
