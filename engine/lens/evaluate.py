"""What each lens shows, read from a plan: one forward pass of the pinned sample serves every request.

Evaluation mode, no gradients, the random state forked, training flags put back: looking changes nothing. The
arrays are small copies on the CPU: at most 64 channels, pooled to about 64 pixels a side. Knows nothing of
runs or widgets.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional as F

from engine.compile import Plan
from engine.expand.flat import FlatEnd
from engine.messages.events import LensFrame
from engine.messages.lens_request import LensRequest

CHANNELS = 64
"""Most channels, units of a kernel bank or positions of a short row that are sent."""
SIDE = 64
"""Longest side of a map that is sent, in pixels."""
ROW = 4096
"""Longest row of features that is sent."""
Arrays = dict[str, NDArray[Any]]


def look(
    plan: Plan,
    values: Mapping[FlatEnd, Tensor],
    requests: Iterable[LensRequest],
    step: int,
    units: Mapping[FlatEnd, NDArray[np.float64]],
) -> list[LensFrame]:
    """One frame per request that can be served; a request for what is not in the drawing is left out."""
    requests = list(requests)
    shown = [request for request in requests if request.kind in ("feature_maps", "prediction")]
    devices = [plan.device] if plan.device.type == "cuda" else []
    seen: dict[str, Tensor] = {}
    with torch.no_grad():
        if shown:
            with torch.random.fork_rng(devices):
                plan.eval()
                try:
                    seen = plan.capture(request.target for request in shown)(values)
                finally:
                    plan.train()
        frames = []
        for request in requests:
            arrays = _arrays(plan, values, request, seen)
            if request.kind == "prediction":
                arrays |= {f"{end.port}_unit": held for end, held in units.items() if end in values}
            if arrays:
                frames.append(LensFrame(step, request.kind, request.target, arrays))
    return frames


def _arrays(
    plan: Plan, values: Mapping[FlatEnd, Tensor], request: LensRequest, seen: Mapping[str, Tensor]
) -> Arrays:
    if request.kind == "kernels":
        return kernels(plan, request.target)
    value = seen.get(request.target)
    if value is None:
        return {}
    if request.kind == "feature_maps":
        return {"output": small(sample(value))}
    arrays = {"output": array(sample(value))}
    for end, tensor in values.items():
        if end.port in ("input", "target") and end.path in plan.sources:
            arrays.setdefault(end.port, array(sample(tensor)))
    return arrays


def kernels(plan: Plan, path: str) -> Arrays:
    """The weight and bias of the node at this path, the first channels of each."""
    module = plan.modules.get(path)
    if module is None:
        return {}
    arrays: Arrays = {}
    for name, parameter in module.named_parameters(recurse=False):
        value = parameter.detach()[:ROW]
        if value.dim() >= 2:
            value = value[:CHANNELS, : CHANNELS if value.dim() > 2 else ROW]
        arrays[name] = array(value)
    return arrays


def sample(value: Tensor) -> Tensor:
    """The first sample of a batch; a scalar as it is."""
    return value[0] if value.dim() else value


def small(value: Tensor) -> NDArray[Any]:
    """A sample's value cut and pooled: `(C, H, W)`, `(T, F)` or `(F,)`."""
    if value.dim() >= 3:
        value = value[:CHANNELS]
        while value.dim() > 3:  # a volume is shown by its middle slice
            value = value[:, value.shape[1] // 2]
        height, width = value.shape[-2:]
        step = max(-(-height // SIDE), -(-width // SIDE))
        if step > 1 and value.is_floating_point():
            value = F.avg_pool2d(value[None].float(), (min(step, height), min(step, width)), ceil_mode=True)[
                0
            ]
    elif value.dim() == 2:
        value = value[:ROW, :ROW]
        if value.numel() > ROW * SIDE:
            value = value[: SIDE * 4, : SIDE * 16]
    elif value.dim() == 1:
        value = value[:ROW]
    return array(value)


def array(value: Tensor) -> NDArray[Any]:
    """A copy in memory of its own, float32 or as the integers that it holds."""
    value = value.detach()
    if value.is_floating_point():
        value = value.float()
    return np.array(value.cpu().numpy(), order="C")
