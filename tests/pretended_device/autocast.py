"""Mixed precision on the pretended device: products are computed in bfloat16, sums that grow in float32.

Of CUDA's lists (torch/csrc, autocast_mode.h) these are the operations that layers use.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor
from torch.utils import _pytree as pytree

from tests.pretended_device import CARD

LOWER = (
    *("linear", "matmul", "mm", "bmm", "addmm", "baddbmm", "conv1d", "conv2d", "conv3d"),
    *("conv_transpose1d", "conv_transpose2d.input", "scaled_dot_product_attention", "prelu"),
)
HIGHER = (
    *("exp", "log", "log1p", "pow.Tensor_Scalar", "softplus", "layer_norm", "group_norm"),
    *("cosine_similarity", "sum", "cumsum", "norm.Scalar", "softmax.int", "log_softmax.int"),
    *("cross_entropy_loss", "mse_loss", "l1_loss", "smooth_l1_loss", "kl_div"),
    "binary_cross_entropy_with_logits",
)
LIBRARY = torch.library.Library("aten", "IMPL")
OTHERS = torch.library.Library("_", "IMPL")


def cast(name: str, dtype: torch.dtype) -> Callable[..., Any]:
    """The operation with its floats in this precision."""
    packet, _, overload = name.partition(".")
    operation = getattr(getattr(torch.ops.aten, packet), overload or "default")

    def run(*args: Any, **kwargs: Any) -> Any:
        args, kwargs = pytree.tree_map_only(
            Tensor, lambda one: one.to(dtype) if one.is_floating_point() else one, (args, kwargs)
        )
        with torch.autocast(CARD, enabled=False):
            return operation(*args, **kwargs)

    return run


def mix_precisions() -> None:
    """Once in a process."""
    OTHERS.fallback(torch.library.fallthrough_kernel, "AutocastPrivateUse1")
    for names, dtype in ((LOWER, torch.bfloat16), (HIGHER, torch.float32)):
        for name in names:
            LIBRARY.impl(name, cast(name, dtype), "AutocastPrivateUse1")
