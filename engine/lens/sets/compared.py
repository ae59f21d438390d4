"""What a loss compares for held-back samples: a prediction and its target, and the loss of each sample."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

from engine.compile.taught import data_end, taught_by
from engine.expand.flat import FlatEnd, FlatNode
from engine.lens.access import Access
from engine.lens.sets.comparing import COMPARING
from engine.lens.sets.held_back import HeldBack, held_back
from nodes.spec import Role


@dataclass(frozen=True)
class Compared:
    """`prediction` and `target` (n, …) as the loss reads them, `weight` of samples or places where it has
    one, and the loss of each sample, `losses` (n).
    """

    loss: FlatNode
    held: HeldBack
    prediction: Tensor
    target: Tensor
    weight: Tensor | None
    losses: NDArray[np.float32]
    against: FlatEnd | None
    """The end of a data node that the target comes from."""


def compared(network: Access, count: int) -> Compared | None:
    """What is compared at the node that is looked at, a loss or a value that one compares; None: nothing."""
    node = _loss(network)
    if node is None or len(node.inputs) < 2 or not node.inputs[0] or not node.inputs[1]:
        return None
    ends = [end for port in node.inputs for end in port]
    held = held_back(network, ends, count)
    if held is None:
        return None
    prediction, target, *rest = held.read
    return Compared(
        node,
        held,
        prediction,
        target,
        rest[0] if rest else None,
        _losses(network, node, held.read),
        data_end(network.plan, ends[1]),
    )


def _loss(network: Access) -> FlatNode | None:
    node = network.plan.nodes.get(network.target)
    if node is not None and node.layer.role is not Role.LOSS:
        node = None if network.end is None else taught_by(network.plan, network.end).loss
    return node if node is not None and isinstance(node.layer, COMPARING) else None


def _losses(network: Access, node: FlatNode, read: tuple[Tensor, ...]) -> NDArray[np.float32]:
    """The loss as it is drawn, sample by sample: the mean over a set hides nothing."""
    module, count = network.plan.modules[node.path], min(len(value) for value in read)
    each = [module(*(value[at : at + 1] for value in read)) for at in range(count)]
    return np.array([float(value) for value in each], np.float32)
