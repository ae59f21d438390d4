"""EfficientNet-Lite0 (after Tan and Le, 2019): drawn, and its forward pass by hand from tensors by name."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from torch import Tensor
from torch.nn import functional as F

from engine.document.project import Project
from tests.engine.sequence_drawings import Drawn

STAGES = ((1, 3, 1, 1, 16), (2, 3, 2, 6, 24), (2, 5, 2, 6, 40), (3, 3, 2, 6, 80), (3, 5, 1, 6, 112),
          (4, 5, 2, 6, 192), (1, 3, 1, 6, 320))  # fmt: skip
"""Repeats, kernel, stride, expansion and channels of each stage."""


class Block(NamedTuple):
    """An inverted bottleneck."""

    kernel: int
    stride: int
    expansion: int
    entering: int
    leaving: int


def blocks() -> Iterator[Block]:
    entering = 32
    for repeats, kernel, stride, expansion, leaving in STAGES:
        for i in range(repeats):
            yield Block(kernel, stride if i == 0 else 1, expansion, entering, leaving)
            entering = leaving


def same(kernel: int, stride: int) -> list[int]:
    """Places before and behind that keep even sizes, as TensorFlow pads: one more behind."""
    total = kernel - stride
    return [total // 2, total - total // 2] * 2


def drawn(classes: int = 1000, side: int = 64) -> Project:
    """The network on noise, out of single layers."""
    d = Drawn()

    def conv(
        name: str, x: str, channels: int, kernel: int = 1, stride: int = 1, groups: int = 1, act: bool = True
    ) -> str:
        if kernel > 1:
            x = d.add(f"{name}_pad", "pad", x, amounts=same(kernel, stride))
        how = {"kernel_size": kernel, "stride": stride, "groups": groups, "bias": False}
        x = d.add(f"{name}_conv", "conv2d", x, out_channels=channels, **how)
        x = d.add(f"{name}_norm", "batch_norm2d", x, eps=1e-3, momentum=0.01)
        return d.add(f"{name}_relu6", "hardtanh", x, min_val=0.0, max_val=6.0) if act else x

    x = conv("stem", d.add("images", "noise", shape=[3, side, side]), 32, 3, 2)
    for i, block in enumerate(blocks()):
        wide, before = block.entering * block.expansion, x
        if block.expansion > 1:
            x = conv(f"b{i}_expand", x, wide)
        x = conv(f"b{i}_depth", x, wide, block.kernel, block.stride, wide)
        x = conv(f"b{i}_project", x, block.leaving, act=False)
        if block.stride == 1 and block.entering == block.leaving:
            x = d.add(f"b{i}_add", "add", x, before)
    x = d.add("pool", "global_avg_pool", conv("head", x, 1280))
    d.add("output", "output", d.add("logits", "linear", x, out_features=classes))
    return d.project()


def by_hand(images: Tensor, tensors: Mapping[str, Tensor]) -> Tensor:
    """Logits (N, 1000) from the tensors of the package."""

    def normed(x: Tensor, name: str) -> Tensor:
        mean, variance = tensors[f"{name}.running_mean"], tensors[f"{name}.running_var"]
        return F.batch_norm(x, mean, variance, tensors[f"{name}.weight"], tensors[f"{name}.bias"], eps=1e-3)

    def conv(x: Tensor, name: str, kernel: int = 1, stride: int = 1, groups: int = 1) -> Tensor:
        return F.conv2d(F.pad(x, same(kernel, stride)), tensors[f"{name}.weight"], None, stride, 0, 1, groups)

    x = F.relu6(normed(conv(images, "_conv_stem", 3, 2), "_bn0"))
    for i, block in enumerate(blocks()):
        own, before = f"_blocks.{i}", x
        if block.expansion > 1:
            x = F.relu6(normed(conv(x, f"{own}._expand_conv"), f"{own}._bn0"))
        x = conv(x, f"{own}._depthwise_conv", block.kernel, block.stride, x.shape[1])
        x = normed(conv(F.relu6(normed(x, f"{own}._bn1")), f"{own}._project_conv"), f"{own}._bn2")
        x = x + before if block.stride == 1 and block.entering == block.leaving else x
    x = F.relu6(normed(conv(x, "_conv_head"), "_bn1")).mean((2, 3))
    return F.linear(x, tensors["_fc.weight"], tensors["_fc.bias"])
