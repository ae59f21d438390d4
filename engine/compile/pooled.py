"""An activation and the max-pool behind it as one operation, with the bits of the two.

The slope of tanh and sigmoid follows from their value alone, and a pool whose windows do not overlap keeps
one value of each. So the backward pass multiplies by the slope of the values that were kept (a quarter of
them for 2×2 windows) before it scatters, not after. It knows nothing of drawings.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn
from torch.autograd.function import Function, FunctionCtx

_aten = torch.ops.aten


class Window(NamedTuple):
    """How a 2-D max-pool moves: sizes per dimension, in pixels."""

    kernel: list[int]
    stride: list[int]
    padding: list[int]
    ceil: bool


Slope = Callable[[Tensor, Tensor], Tensor]
_ONCE = [1, 1]
_SLOPES: dict[type[nn.Module], tuple[Callable[[Tensor], Tensor], Slope]] = {
    nn.Tanh: (torch.tanh, _aten.tanh_backward.default),
    nn.Sigmoid: (torch.sigmoid, _aten.sigmoid_backward.default),
}


class _Pooled(Function):
    """Max-pool of an activation of x `(N, C, H, W)`."""

    @staticmethod
    def forward(
        ctx: FunctionCtx, x: Tensor, value_of: Callable[[Tensor], Tensor], slope_of: Slope, window: Window
    ) -> Tensor:
        values = value_of(x)
        kept, places = _aten.max_pool2d_with_indices.default(
            values, window.kernel, window.stride, window.padding, _ONCE, window.ceil
        )
        ctx.save_for_backward(values, kept, places)
        ctx.slope_of, ctx.window = slope_of, window  # type: ignore[attr-defined]
        kept_values: Tensor = kept
        return kept_values

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor | None, ...]:
        values, kept, places = ctx.saved_tensors
        window: Window = ctx.window
        sloped = ctx.slope_of(gradients[0], kept)
        scattered = _aten.max_pool2d_with_indices_backward.default(
            sloped, values, window.kernel, window.stride, window.padding, _ONCE, window.ceil, places
        )
        return scattered, None, None, None


def can_join(activation: nn.Module, pool: nn.Module) -> bool:
    """Whether the two may be one operation: a known slope, and windows that do not overlap."""
    if type(activation) not in _SLOPES or type(pool) is not nn.MaxPool2d:
        return False
    kernel, stride, dilation = _pair(pool.kernel_size), _pair(pool.stride), _pair(pool.dilation)
    apart = all(step >= size for step, size in zip(stride, kernel, strict=True))
    return apart and dilation == _ONCE and not pool.return_indices


def joined(activation: nn.Module, pool: nn.MaxPool2d) -> Callable[[Tensor], Tensor]:
    """The one operation for these two."""
    value_of, slope_of = _SLOPES[type(activation)]
    window = Window(_pair(pool.kernel_size), _pair(pool.stride), _pair(pool.padding), pool.ceil_mode)

    def pooled_activation(x: Tensor) -> Tensor:
        result: Tensor = _Pooled.apply(x, value_of, slope_of, window)  # type: ignore[no-untyped-call]
        return result

    return pooled_activation


def _pair(size: int | tuple[int, ...]) -> list[int]:
    return [size, size] if isinstance(size, int) else list(size)
