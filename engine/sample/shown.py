"""Turns what a sampler found into small arrays for looking: pictures in [0, 1], points, texts.

Knows which values are black and white in a drawing: those of the last activation, of the data, or as the
sampler says.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from engine.compile import Plan
from engine.expand.flat import FlatEnd
from nodes.shared.drawn_function import ON_THE_WAY
from nodes.spec import Role
from nodes.training.sampler import Sampler

Arrays = dict[str, NDArray[Any]]
Range = tuple[float, float]
RANGES: dict[str, Range] = {"0–1": (0.0, 1.0), "−1–1": (-1.0, 1.0)}
ACTIVATIONS: dict[str, Range] = {"tanh": (-1.0, 1.0), "sigmoid": (0.0, 1.0), "hardsigmoid": (0.0, 1.0)}


def arrays(found: Mapping[str, Any], limits: Range | None) -> Arrays:
    """The arrays of a frame. `limits` are the values of black and white; None: those that are there."""
    shown: Arrays = {}
    for name, value in found.items():
        if isinstance(value, Tensor):
            is_image = _is_image(value, name) and not name.startswith(ON_THE_WAY)
            shown[name] = _image(value, limits) if is_image else _plain(value)
        elif name in ("text", "prompt"):
            shown[name] = np.array(value, dtype=np.str_)
        else:
            shown[name] = np.array(value)
    return shown


def range_of(
    plan: Plan,
    layer: Sampler,
    end: FlatEnd | None,
    images: Mapping[FlatEnd, Tensor],
    *,
    is_decoded: bool = False,
) -> Range | None:
    """Values of black and white of the pictures at this end.

    As the sampler says; else those of the activation that they come from; else the least and greatest value
    of the data of their size among `images`; None where there are none. `is_decoded`: they are made of what
    the sampler drew, so that what it cuts values to does not count.
    """
    if layer.value_range in RANGES:
        return RANGES[layer.value_range]
    clip = layer.values.get("clip")
    if clip and not is_decoded:
        return (-float(clip), float(clip))
    if end is None:
        return None
    activation = _activation(plan, end)
    if activation is not None:
        return activation
    size = plan.specs[end].features if end in plan.specs else ()
    fitting = [value for source, value in images.items() if plan.specs[source].features == size]
    alike = fitting or [value for value in images.values() if value.shape[1] in size[:1]]
    return (float(alike[0].min()), float(alike[0].max())) if alike else None


def _activation(plan: Plan, end: FlatEnd) -> Range | None:
    """The range of the activation that made these values, looking back through what keeps their range."""
    node = plan.nodes[end.path]
    while node.layer.keeps_scale and len(node.inputs) == 1 and len(node.inputs[0]) == 1:
        node = plan.nodes[node.inputs[0][0].path]
    if node.layer.role is Role.SOURCE:
        return None
    return ACTIVATIONS.get(node.layer.type) or ACTIVATIONS.get(str(node.layer.values.get("activation")))


def _is_image(value: Tensor, name: str) -> bool:
    rank = 5 if name == "trail" else 4
    return value.dim() == rank and value.is_floating_point()


def _image(value: Tensor, limits: Range | None) -> NDArray[np.float32]:
    low, high = limits if limits is not None else (float(value.min()), float(value.max()))
    scaled = (value.float() - low) / ((high - low) or 1.0)
    return np.array(torch.nan_to_num(scaled).clamp(0.0, 1.0).cpu().numpy(), order="C")


def _plain(value: Tensor) -> NDArray[Any]:
    value = value.float() if value.is_floating_point() else value
    return np.array(value.cpu().numpy(), order="C")
