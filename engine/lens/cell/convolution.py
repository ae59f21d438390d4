"""Convolutions: the partial sum of each input channel under its kernel, and their sum with the bias."""

from __future__ import annotations

from typing import Any

import numpy as np
from torch import Tensor, nn

from engine.lens.cell.target import Taken, Target, number_at, numbers, parameter
from engine.lens.cell.window import SlidingWindow
from nodes.modules.scaling.equalised import Equalised
from nodes.modules.spectral import Spectral


def weight_scale(module: nn.Module) -> float:
    """What the weights are multiplied by as they are used."""
    scale = 1.0
    if isinstance(module, Spectral):
        scale /= float(module.norm())
    if isinstance(module, Equalised):
        scale *= module.gain
    return scale


def convolution(target: Target) -> Taken:
    """Conv1d, Conv2d, Conv3d and depthwise convolutions."""
    entering = target.entering()
    if entering is None:
        return None
    return _window(target.module, entering, target.index, str(target.layer.values["activation"]))


def separable(target: Target) -> Taken:
    """The pointwise convolution of a separable one, over what its depthwise convolution made."""
    module: Any = target.module
    made = module.depthwise(target.all_inputs[0])
    return _window(module.pointwise, made[0], target.index, str(target.layer.values["activation"]))


def _window(module: Any, entering: Tensor, index: tuple[int, ...], activation: str) -> SlidingWindow:
    weight, out = parameter(module, "weight"), index[0]
    assert weight is not None
    kernel = numbers(weight[out]) * weight_scale(module)
    each = kernel.shape[0]
    first = out // (weight.shape[0] // module.groups) * each
    maps = numbers(entering[first : first + each])
    names = tuple(f"channel {first + place}" for place in range(each))
    axes = list(zip(module.stride, module.padding, module.dilation, strict=True))
    if kernel.ndim == 2:
        kernel, maps, axes = kernel[:, None], maps[:, None], [(1, 0, 1), *axes]
    if kernel.ndim == 4:
        kernel, maps, names = _sliced(kernel, maps, names, axes.pop(0), index[1], module.padding_mode)
    stride, padding, dilation = zip(*axes, strict=True)
    return SlidingWindow(
        maps,
        kernel,
        names,
        stride,
        padding,
        dilation,
        fill=module.padding_mode,
        bias=number_at(parameter(module, "bias"), out),
        activation=activation,
        is_flat=weight.dim() == 3,
    )


def _sliced(
    kernel: Any, maps: Any, names: tuple[str, ...], axis: tuple[int, int, int], depth: int, fill: str
) -> tuple[Any, Any, tuple[str, ...]]:
    """The slices of a volume that the window covers, each as a channel of its own."""
    from engine.lens.cell.window import inside

    stride, padding, dilation = axis
    reached = depth * stride - padding + dilation * np.arange(kernel.shape[1])
    slices = inside(reached, maps.shape[1], fill)
    real = np.flatnonzero(slices >= 0)
    cut = maps[:, slices[real]]
    told = tuple(f"{name}, slice {slices[one]}" for name in names for one in real)
    return kernel[:, real].reshape(-1, *kernel.shape[2:]), cut.reshape(-1, *maps.shape[2:]), told
