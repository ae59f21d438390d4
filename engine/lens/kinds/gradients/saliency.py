"""Saliency: which parts of the pinned sample a unit, or the loss, reacts to."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from engine.lens.lens import Arrays, Lens, Reads, Seen
from engine.report import NodeReport
from nodes.data.source import DataSource
from nodes.param import Choice, Float, Int
from nodes.spec import Layer, Role

if TYPE_CHECKING:
    from torch import Tensor

    from engine.expand.flat import FlatEnd
    from engine.lens.access import Access

_ROLES = (Role.MODULE, Role.PLACEMENT, Role.OUTPUT, Role.LOSS)
GRADIENT, PRODUCT, SMOOTH = METHODS = ("gradient", "gradient_input", "smooth")
UNIT, LOSS = OF = ("unit", "loss")


class Saliency(Lens):
    """Arrays: `heat`, (H, W) of a picture, (T) of a sequence, (F) of a row; `input`, what it lies over, as
    (C, H, W), (T, F), (F) or tokens (T); `signed`, whether the sign of the heat tells something; `unit`, its
    place and how many there are (2), place -1 for the loss; `value`, what was differentiated; `decides`,
    whether the units are the network's answer; `side`, of the whole picture (2); `total`, positions of the
    whole; `method`, its place among those; `samples` with noise.
    """

    kind = "saliency"
    title = "Saliency"
    help = (
        "How much one unit, or the loss, reacts to each part of the pinned sample: its gradient by the "
        "input. Of tokens it is the length of the gradient by their embedding; SmoothGrad is the mean over "
        "copies of the sample with noise."
    )
    reads = frozenset({Reads.NETWORK, Reads.DATA})
    place = 60

    method = Choice(
        GRADIENT,
        choices=METHODS,
        titles={GRADIENT: "Gradient", PRODUCT: "Gradient × input", SMOOTH: "SmoothGrad"},
        help="What is shown of the gradient.",
    )
    of = Choice(
        UNIT,
        choices=OF,
        titles={UNIT: "a unit of this node", LOSS: "the loss"},
        label="Gradient of",
        help="What is differentiated.",
    )
    unit = Int(
        -1, min=-1, visible_if=("of", (UNIT,)), help="The unit, class or channel; −1 is the largest one."
    )
    copies = Int(
        16, min=1, max=256, visible_if=("method", (SMOOTH,)), help="Copies of the sample with noise."
    )
    noise = Float(
        0.15, min=0.0, max=2.0, visible_if=("method", (SMOOTH,)), help="Deviation, as a share of the range."
    )

    def applies_to(self, layer: type[Layer], report: NodeReport | None) -> bool:
        if layer.role not in _ROLES or issubclass(layer, DataSource) or report is None:
            return False
        if layer.role is Role.MODULE and not any(s.is_float for port in report.inputs.values() for s in port):
            return False
        inputs = [spec for port in report.inputs.values() for spec in port]
        if not inputs:
            return False  # a loss of weights alone: no sample enters it
        spec = next(iter(report.outputs.values()), None) or inputs[0]
        return spec is not None and spec.is_float and bool(layer.passes_gradients)

    def compute(self, seen: Seen) -> Arrays:
        from engine.lens.gradients.reached import reached

        network = seen.network
        if network is None or network.end is None:
            return {}
        is_loss = seen.options["of"] == LOSS
        ends = list(network.terms()) if is_loss else [network.end]
        place = reached(network, ends) if ends else None
        if place is None:
            return {}
        values = {**network.values, place.end: network.read([place.end])[0]}
        gradient, told = _gradient(network, ends, place.end, values, seen, is_loss=is_loss)
        tokens = None if place.tokens is None else values[place.tokens]
        method = seen.options["method"]
        told["method"] = np.array(METHODS.index(method))
        return told | _shown(gradient[0], values[place.end][0], tokens, method)


def _gradient(
    network: Access,
    ends: Sequence[FlatEnd],
    place: FlatEnd,
    values: dict[FlatEnd, Tensor],
    seen: Seen,
    *,
    is_loss: bool,
) -> tuple[Tensor, Arrays]:
    """The gradient by the value at `place`, (1, ...), and what was differentiated; without noise in the pass
    that tells which unit it is.
    """
    import torch

    from engine.lens.gradients.chosen import chosen_unit, is_decided, units_of
    from engine.lens.gradients.reached import with_noise

    *found, leaf = network.recorded([*ends, place], values)
    with torch.enable_grad():
        units = network.total(found).reshape(1, 1) if is_loss else units_of(found[0])
        unit = 0 if is_loss else chosen_unit(units, seen.options["unit"])
        chosen = units[0, unit]
    told: Arrays = {
        "unit": np.array((-1 if is_loss else unit, units.shape[1])),
        "value": np.array(float(chosen)),
        "decides": np.array(not is_loss and is_decided(network, ends[0])),
    }
    if seen.options["method"] != SMOOTH:
        return _by(chosen, leaf), told
    count = int(seen.options["copies"])
    noisy = with_noise(values, place, count, seen.options["noise"])
    told["samples"] = np.array(count)
    return _mean_gradient(network, ends, place, noisy, -1 if is_loss else unit), told


def _mean_gradient(
    network: Access, ends: Sequence[FlatEnd], place: FlatEnd, noisy: dict[FlatEnd, Tensor], unit: int
) -> Tensor:
    """Over all copies of the sample, (1, ...); of the losses where `unit` is -1."""
    import torch

    from engine.lens.gradients.chosen import units_of

    count = len(noisy[place])
    parts = [noisy]
    if unit < 0:  # a loss may compare the samples of a batch with each other
        parts = [{end: value[i : i + 1] for end, value in noisy.items()} for i in range(count)]
    total = torch.zeros_like(noisy[place][:1])
    for part in parts:
        *given, leaf = network.recorded([*ends, place], part)
        with torch.enable_grad():
            scalar = network.total(given) if unit < 0 else units_of(given[0])[:, unit].sum()
        total += _by(scalar, leaf).sum(0, keepdim=True)
    return total / count


def _by(scalar: Tensor, leaf: Tensor) -> Tensor:
    """The gradient of a number by a value; 0 where it does not depend on it."""
    import torch

    if not scalar.requires_grad:
        return torch.zeros_like(leaf)
    (gradient,) = torch.autograd.grad(scalar, [leaf], allow_unused=True)
    return torch.zeros_like(leaf) if gradient is None else gradient


def _shown(gradient: Tensor, value: Tensor, tokens: Tensor | None, method: str) -> Arrays:
    """The heat and what it lies over, of one sample."""
    from engine.lens.arrays import ROW, array
    from engine.lens.gradients.pictured import pictured

    product = gradient * value if method == PRODUCT else None
    if tokens is not None and gradient.shape[:-1] == tokens.shape[1:] and gradient.dim() == 2:
        heat = gradient.norm(dim=-1) if product is None else product.sum(-1)
        return _row(heat[:ROW], tokens[0, :ROW], len(heat), signed=product is not None)
    if gradient.dim() >= 3:
        picture, heat = pictured(value), gradient.abs().amax(0) if product is None else product.sum(0)
        while heat.dim() > 2:  # of a volume the middle slice, as of its picture
            heat = heat[heat.shape[0] // 2]
        side = np.array(heat.shape)
        signed = np.array(product is not None)
        return {
            "heat": array(pictured(heat[None])[0]),
            "input": array(picture),
            "signed": signed,
            "side": side,
        }
    if gradient.dim() == 2:
        one = gradient.shape[1] == 1
        heat = product.sum(1) if product is not None else gradient[:, 0] if one else gradient.norm(dim=1)
        return _row(heat[:ROW], value[:ROW, :64], len(heat), signed=product is not None or one)
    heat = (gradient if product is None else product).reshape(-1)
    return _row(heat[:ROW], value.reshape(-1)[:ROW], len(heat), signed=True)


def _row(heat: Tensor, shown: Tensor, total: int, *, signed: bool) -> Arrays:
    from engine.lens.arrays import array

    found: Arrays = {"heat": array(heat), "input": array(shown)}
    return found | {"signed": np.array(signed), "total": np.array(total)}
