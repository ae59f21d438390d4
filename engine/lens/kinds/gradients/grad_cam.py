"""Grad-CAM: at which places of the picture a layer raises the score of a class."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from engine.lens.lens import Arrays, Lens, Reads, Seen
from engine.report import NodeReport
from nodes.data.source import DataSource
from nodes.param import Int
from nodes.spec import Layer, Role

if TYPE_CHECKING:
    from torch import Tensor

_ROLES = (Role.MODULE, Role.PLACEMENT)


class GradCam(Lens):
    """Arrays: `heat`, (H, W) over the picture, or of the maps where no picture enters; `input`, the picture
    (C, H, W); `unit`, its place and how many there are (2); `value`, the score; `decides`, whether that is
    the answer of the network, else it is a channel of the layer, on which no answer depends; `maps`, how many
    are summed and their sides (3); `side` of the whole picture (2).
    """

    kind = "grad_cam"
    title = "Grad-CAM"
    help = (
        "The places of the picture where this layer raises the score of a class: the sum of its maps, each "
        "times the mean gradient of the score by the map; what is negative is left out. The score is what "
        "the loss compares with the label; without a loss it is the network's output, before a softmax."
    )
    reads = frozenset({Reads.NETWORK, Reads.DATA})
    place = 61

    unit = Int(-1, min=-1, label="Class", help="The class, or unit of the answer; −1 is the likeliest.")

    def applies_to(self, layer: type[Layer], report: NodeReport | None) -> bool:
        if layer.role not in _ROLES or issubclass(layer, DataSource) or report is None:
            return False
        spec = next(iter(report.outputs.values()), None)
        if spec is None or spec.rank != 4 or not spec.is_float:
            return False
        return any(isinstance(size, int) and size > 1 for size in spec.shape[2:])

    def compute(self, seen: Seen) -> Arrays:
        import torch

        from engine.lens.arrays import array
        from engine.lens.gradients.chosen import chosen_unit, decided, is_decided, units_of
        from engine.lens.gradients.pictured import pictured

        network = seen.network
        if network is None or network.end is None:
            return {}
        answer = decided(network, network.end) or network.end
        (maps,) = network.read([network.end])
        scores, leaf = network.recorded([answer, network.end], {**network.values, network.end: maps})
        with torch.enable_grad():
            units = units_of(scores)
            unit = chosen_unit(units, seen.options["unit"])
            score = units[0, unit]
        gradient = None
        if score.requires_grad:
            (gradient,) = torch.autograd.grad(score, [leaf], allow_unused=True)
        heat = _heat(maps, torch.zeros_like(maps) if gradient is None else gradient)
        found: Arrays = {
            "unit": np.array((unit, units.shape[1])),
            "value": np.array(float(score.detach())),
            "decides": np.array(answer != network.end or is_decided(network, answer)),
            "maps": np.array(maps.shape[1:]),
        }
        picture = _picture(seen)
        if picture is None:
            return found | {"heat": array(pictured(heat)[0]), "side": np.array(heat.shape[1:])}
        size = picture.shape[-2:]
        heat = torch.nn.functional.interpolate(heat[None], size, mode="bilinear", align_corners=False)[0]
        found |= {"heat": array(pictured(heat)[0]), "input": array(pictured(picture)), "side": np.array(size)}
        return found


def _heat(maps: Tensor, gradient: Tensor) -> Tensor:
    """(1, h, w), from maps (1, C, h, w) and their gradient."""
    weights = gradient.mean((2, 3), keepdim=True)
    return (weights * maps).sum(1).relu()


def _picture(seen: Seen) -> Tensor | None:
    """The picture of the pinned sample, (C, H, W); None where it is none."""
    given = seen.data.get("input")
    return given[0] if given is not None and given.dim() == 4 else None
