"""Random numbers for the sources of a drawing."""

from __future__ import annotations

import math

import torch
from torch import Tensor


def noise(
    shape: tuple[int, ...], distribution: str, cut: float, scale: float, generator: torch.Generator
) -> Tensor:
    """Normal, uniform on [−1, 1], or normal within ±`cut`, times `scale`; on the generator's device.

    The truncated normal comes of a uniform one by the inverse of its distribution function, so that every
    number costs one draw.
    """
    drawn = torch.empty(shape, device=generator.device)
    if distribution == "normal":
        drawn.normal_(generator=generator)
    elif distribution == "uniform":
        drawn.uniform_(-1.0, 1.0, generator=generator)
    else:
        reach = math.erf(cut / math.sqrt(2.0))
        drawn.uniform_(-reach, reach, generator=generator).erfinv_().mul_(math.sqrt(2.0)).clamp_(-cut, cut)
    return drawn.mul_(scale) if scale != 1.0 else drawn
