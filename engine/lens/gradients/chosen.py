"""Which number a lens differentiates: a unit of a value, or a score that the losses compare."""

from __future__ import annotations

from torch import Tensor

from engine.expand.flat import FlatEnd, ancestors
from engine.lens.access import Access
from nodes.layers.activation import LogSoftmax, Sigmoid, Softmax
from nodes.param import ParamError

_SQUASHED = (Softmax, LogSoftmax, Sigmoid)


def units_of(value: Tensor) -> Tensor:
    """One number per sample and unit, (n, units), of a value (n, ...).

    Features (n, F) are the units themselves; of a sequence (n, T, F) they are those of its last position, of
    maps (n, C, ...) their means. A scalar is one unit.
    """
    if value.dim() < 2:
        return value.reshape(-1, 1)
    if value.dim() == 2:
        return value
    return value[:, -1] if value.dim() == 3 else value.flatten(2).mean(2)


def chosen_unit(units: Tensor, wanted: int) -> int:
    """The place of a unit among those of one sample (1, units); -1 asks for the largest.

    Raises `ParamError` where there is none of this number.
    """
    count = units.shape[1]
    if wanted >= count:
        raise ParamError("unit", f"-1 or a unit from 0 to {count - 1:,}", f"{wanted:,}")
    return int(units[0].argmax()) if wanted < 0 else wanted


def decided(network: Access, end: FlatEnd) -> FlatEnd | None:
    """What a network decides with, of the values that depend on this one: the scores of its classes.

    The value that a loss compares with its target; of drawings without one the value of an output node,
    before a softmax or sigmoid that ends it.
    """
    candidates = [
        *_compared(network),
        *(_before_squashing(network, o) for o in network.plan.outputs.values()),
    ]
    nodes = network.plan.nodes
    fitting = (one for one in candidates if end.path in ancestors(nodes, [one], by_gradients=True))
    return next((one for one in fitting if network.plan.specs[one].is_float), None)


def is_decided(network: Access, end: FlatEnd) -> bool:
    """Whether a loss compares this value with its target, or an output names it."""
    return end in _compared(network) or end in network.plan.outputs.values()


def _compared(network: Access) -> list[FlatEnd]:
    """What enters the losses at their first port; of losses that compare with a target first."""
    nodes = [network.plan.nodes[end.path] for end in network.terms()]
    nodes.sort(key=lambda node: not any(port.side for port in node.layer.input_ports()))
    return [end for node in nodes for end in (node.inputs[0] if node.inputs else ())]


def _before_squashing(network: Access, end: FlatEnd) -> FlatEnd:
    node = network.plan.nodes[end.path]
    return node.inputs[0][0] if isinstance(node.layer, _SQUASHED) else end
