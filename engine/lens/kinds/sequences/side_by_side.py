"""Side by side: a picture that a network made, beside what it was made of and what it should have been."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from engine.lens.arrays import array
from engine.lens.lens import Arrays, Lens, Reads, Seen
from engine.report import NodeReport
from nodes.spec import Layer, Role, TensorSpec

if TYPE_CHECKING:
    from torch import Tensor

SIDE = 128
"""Longest side of a picture that is sent; larger ones are averaged."""
MADE, TRUE = "prediction", "target"


class SideBySide(Lens):
    """Arrays: `names` (k) of the pictures and, by number, `picture_0` … (C, H, W).

    `sizes` (k, 3) are the true ones. `truth` is the number of the picture that others are measured against,
    −1: there is none. `error`, `psnr` and `ssim` (k) are squared error, decibels and structural similarity,
    NaN where there is none; `span` is the range that they count with.
    """

    kind = "side_by_side"
    title = "Side by side"
    help = (
        "The picture that leaves here, beside the data of the pinned sample; of a loss or a metric, its two "
        "inputs. Squared error, PSNR and SSIM say how near each is to the true one."
    )
    reads = frozenset({Reads.NETWORK, Reads.DATA})
    place = 45

    def applies_to(self, layer: type[Layer], report: NodeReport | None) -> bool:
        if report is None:
            return False
        inputs = {name: specs[0] for name, specs in report.inputs.items() if specs}
        if layer.role in (Role.LOSS, Role.METRIC):
            return MADE in inputs and TRUE in inputs and _is_picture(inputs[MADE])
        return layer.role is Role.OUTPUT and any(_is_picture(spec) for spec in inputs.values())

    def compute(self, seen: Seen) -> Arrays:
        from engine.lens.sequences.pictures import nearness, of_output, of_ports, span_of

        network, layer = seen.network, seen.layer
        if network is None or layer is None:
            return {}
        is_pair = layer.role in (Role.LOSS, Role.METRIC)
        compared = of_ports(network, MADE, TRUE) if is_pair else of_output(network)
        if not compared.pictures:
            return {}
        near, names = nearness(compared), list(compared.pictures)
        nothing = (float("nan"),) * 3
        numbers = np.array([near.get(name, nothing) for name in names], np.float64)
        true = compared.pictures.get(compared.truth)
        found: Arrays = {
            "names": np.array(names),
            "sizes": np.array([tuple(one.shape) for one in compared.pictures.values()]),
            "truth": np.array(names.index(compared.truth) if compared.truth else -1),
            "error": numbers[:, 0],
            "psnr": numbers[:, 1],
            "ssim": numbers[:, 2],
            "span": np.array(1.0 if true is None else span_of(true)),
        }
        return found | {
            f"picture_{i}": array(_small(one)) for i, one in enumerate(compared.pictures.values())
        }


def _is_picture(spec: TensorSpec) -> bool:
    sizes = [dim for dim in spec.features if isinstance(dim, int)]
    return spec.is_float and len(sizes) == 3 and sizes[0] in (1, 3) and min(sizes[1:]) >= 4


def _small(picture: Tensor) -> Tensor:
    """At most `SIDE` pixels a side."""
    from torch.nn import functional as F

    step = -(-max(picture.shape[-2:]) // SIDE)
    return picture if step == 1 else F.avg_pool2d(picture.float()[None], step, ceil_mode=True)[0]
