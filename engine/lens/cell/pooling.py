"""Pooling: the greatest of a window, or its mean."""

from __future__ import annotations

from typing import Any

import numpy as np

from engine.lens.cell.cell import Group, summed
from engine.lens.cell.target import Taken, Target, counted, numbers
from engine.lens.cell.window import MAX, MEAN, REAL_MEAN, SlidingWindow
from nodes.layers.pooling import AdaptiveAvgPool, AvgPool, GlobalPool, MaxPool


def sliding(target: Target) -> Taken:
    """Max and average pools over signals and images."""
    layer, entering = target.layer, target.entering()
    assert isinstance(layer, MaxPool | AvgPool)
    if entering is None or layer.dims > 2:
        return None
    how = MAX if isinstance(layer, MaxPool) else MEAN if layer.values["count_padding"] else REAL_MEAN
    return _window(target, how, layer.kernel_size, layer.steps, layer.padding)


def adaptive(target: Target) -> Taken:
    """Adaptive pools whose windows are all of one size."""
    layer: Any = target.layer
    entering = target.entering()
    if entering is None or entering.dim() > 3:
        return None
    before, after = entering.shape[1:], target.output.shape[2:]
    if any(size % made for size, made in zip(before, after, strict=True)):
        return None
    size = tuple(size // made for size, made in zip(before, after, strict=True))
    how = MEAN if isinstance(layer, AdaptiveAvgPool) else MAX
    return _window(target, how, size, size, (0,) * len(size))


def whole_maps(target: Target) -> Taken:
    """Global pools: one window over the whole map."""
    layer, entering = target.layer, target.entering()
    assert isinstance(layer, GlobalPool)
    if entering is None or not 2 <= entering.dim() <= 3:
        return None
    size = tuple(entering.shape[1:])
    how = MEAN if layer.operation == "mean" else MAX
    return _window(target, how, size, size, (0,) * len(size))


def sequence(target: Target) -> Taken:
    """The mean or sum over the steps of a sequence that has no mask."""
    operation = target.layer.values["operation"]
    entering = target.entering()
    if entering is None or target.connected("mask") or operation not in ("mean", "sum"):
        return None
    x = numbers(entering[:, target.index[0]])
    share = 1.0 / len(x) if operation == "mean" else 1.0
    table = np.stack((x, np.full_like(x, share), x * share), -1)
    return summed([Group("steps", counted(len(x)), table)], ("x", "1/n" if share != 1.0 else "1", "product"))


def _window(
    target: Target, how: str, size: tuple[int, ...], stride: tuple[int, ...], padding: tuple[int, ...]
) -> SlidingWindow:
    entering = target.entering()
    assert entering is not None
    channel = target.index[0]
    maps = numbers(entering[channel : channel + 1])
    flat = maps.ndim == 2
    if flat:
        maps, size, stride, padding = maps[:, None], (1, *size), (1, *stride), (0, *padding)
    return SlidingWindow(
        maps,
        np.ones((1, *size)),
        (f"channel {channel}",),
        (stride[0], stride[1]),
        (padding[0], padding[1]),
        how=how,
        is_flat=flat,
    )
