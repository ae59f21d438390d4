"""Published networks written by hand in torch on the meta device, to count the weights of a drawing against.

Written from the papers and from torchvision's and Keras' published sources, without the engine.
"""

from __future__ import annotations

from itertools import pairwise

import torch
from torch import nn


def count(module: nn.Module) -> int:
    return sum(weight.numel() for weight in module.parameters())


def unit(entering: int, leaving: int, kernel: int | tuple[int, int], *, groups: int = 1) -> nn.Sequential:
    """A convolution without bias and the batch norm behind it."""
    conv = nn.Conv2d(entering, leaving, kernel, groups=groups, bias=False)
    return nn.Sequential(conv, nn.BatchNorm2d(leaving))


def row(entering: int, *steps: tuple[int, int | tuple[int, int]]) -> nn.Sequential:
    """Such units one after another: the channels that leave each, and its kernel."""
    made = nn.Sequential()
    for leaving, kernel in steps:
        made.append(unit(entering, leaving, kernel))
        entering = leaving
    return made


def dense(*sizes: int) -> nn.Sequential:
    return nn.Sequential(*(nn.Linear(a, b) for a, b in pairwise(sizes)))


def plain(entering: int, *steps: tuple[int, int]) -> nn.Sequential:
    """Convolutions with bias and no batch norm."""
    made = nn.Sequential()
    for leaving, kernel in steps:
        made.append(nn.Conv2d(entering, leaving, kernel))
        entering = leaving
    return made


def alexnet() -> nn.Module:
    features = plain(3, (96, 11), (256, 5), (384, 3), (384, 3), (256, 3))
    return nn.Sequential(features, dense(256 * 6 * 6, 4096, 4096, 1000))


def vgg(*depths: int) -> nn.Module:
    widths = (64, 128, 256, 512, 512)
    convs = [(width, 3) for width, depth in zip(widths, depths, strict=True) for _ in range(depth)]
    return nn.Sequential(plain(3, *convs), dense(512 * 7 * 7, 4096, 4096, 1000))


def resnet(depths: tuple[int, ...], bottleneck: bool) -> nn.Module:
    """He et al. (2016), with projections where shapes differ (option B)."""
    stages, entering = nn.Sequential(), 64
    for stage, depth in enumerate(depths):
        width = 64 * 2**stage
        leaving = 4 * width if bottleneck else width
        made = nn.Sequential()
        for _ in range(depth):
            steps = ((width, 1), (width, 3), (leaving, 1)) if bottleneck else ((width, 3), (width, 3))
            made.append(row(entering, *steps))
            if entering != leaving:
                made.append(unit(entering, leaving, 1))
            entering = leaving
        stages.append(made)
    return nn.Sequential(unit(3, 64, 7), stages, nn.Linear(entering, 1000))


GOOGLENET = {
    "3a": (192, 64, 96, 128, 16, 32, 32), "3b": (256, 128, 128, 192, 32, 96, 64),
    "4a": (480, 192, 96, 208, 16, 48, 64), "4b": (512, 160, 112, 224, 24, 64, 64),
    "4c": (512, 128, 128, 256, 24, 64, 64), "4d": (512, 112, 144, 288, 32, 64, 64),
    "4e": (528, 256, 160, 320, 32, 128, 128), "5a": (832, 256, 160, 320, 32, 128, 128),
    "5b": (832, 384, 192, 384, 48, 128, 128),
}  # fmt: skip
"""Table 1 of Szegedy et al. (2015): channels that enter, 1×1, before 3×3, 3×3, before 5×5, 5×5, pooled."""


def googlenet(heads: bool) -> nn.Module:
    made = nn.Sequential(plain(3, (64, 7), (64, 1), (192, 3)))
    for entering, one, before3, three, before5, five, pooled in GOOGLENET.values():
        made.extend([plain(entering, (one, 1)), plain(entering, (before3, 1), (three, 3))])
        made.extend([plain(entering, (before5, 1), (five, 5)), plain(entering, (pooled, 1))])
    made.append(dense(1024, 1000))
    for entering in (512, 528) if heads else ():
        made.append(nn.Sequential(plain(entering, (128, 1)), dense(2048, 1024, 1000)))
    return made


def inception_v3(head: bool) -> nn.Module:
    """As torchvision has it."""
    made = row(3, (32, 3), (32, 3), (64, 3), (80, 1), (192, 3))
    for entering, pooled in ((192, 32), (256, 64), (288, 64)):
        made.extend([row(entering, (64, 1)), row(entering, (48, 1), (64, 5))])
        made.extend([row(entering, (64, 1), (96, 3), (96, 3)), row(entering, (pooled, 1))])
    made.extend([row(288, (384, 3)), row(288, (64, 1), (96, 3), (96, 3))])
    for width in (128, 160, 160, 192):
        made.extend([row(768, (192, 1)), row(768, (width, 1), (width, (1, 7)), (192, (7, 1)))])
        deep = ((width, 1), (width, (7, 1)), (width, (1, 7)), (width, (7, 1)), (192, (1, 7)))
        made.extend([row(768, *deep), row(768, (192, 1))])
    made.append(row(768, (192, 1), (320, 3)))
    made.append(row(768, (192, 1), (192, (1, 7)), (192, (7, 1)), (192, 3)))
    for entering in (1280, 2048):
        made.extend([row(entering, (320, 1)), row(entering, (384, 1)), row(entering, (448, 1), (384, 3))])
        made.extend(unit(384, 384, kernel) for kernel in ((1, 3), (3, 1), (1, 3), (3, 1)))
        made.append(row(entering, (192, 1)))
    made.append(dense(2048, 1000))
    if head:
        made.extend([row(768, (128, 1), (768, 5)), dense(768, 1000)])
    return made


def separable(entering: int, leaving: int) -> nn.Sequential:
    depthwise = nn.Conv2d(entering, entering, 3, groups=entering, bias=False)
    return nn.Sequential(depthwise, unit(entering, leaving, 1))


def xception() -> nn.Module:
    """As Keras has it."""
    made = row(3, (32, 3), (64, 3))
    for entering, middle, leaving in ((64, 128, 128), (128, 256, 256), (256, 728, 728), (728, 728, 1024)):
        made.extend([separable(entering, middle), separable(middle, leaving), unit(entering, leaving, 1)])
    made.extend(separable(728, 728) for _ in range(8 * 3))
    made.extend([separable(1024, 1536), separable(1536, 2048), dense(2048, 1000)])
    return made


def inception_resnet_v2() -> nn.Module:
    """As timm has it."""
    made = row(3, (32, 3), (32, 3), (64, 3), (80, 1), (192, 3))
    made.extend([row(192, (96, 1)), row(192, (48, 1), (64, 5))])
    made.extend([row(192, (64, 1), (96, 3), (96, 3)), row(192, (64, 1))])
    for _ in range(10):
        made.extend([row(320, (32, 1)), row(320, (32, 1), (32, 3))])
        made.extend([row(320, (32, 1), (48, 3), (64, 3)), nn.Conv2d(128, 320, 1)])
    made.extend([row(320, (384, 3)), row(320, (256, 1), (256, 3), (384, 3))])
    for _ in range(20):
        made.extend([row(1088, (192, 1)), row(1088, (128, 1), (160, (1, 7)), (192, (7, 1)))])
        made.append(nn.Conv2d(384, 1088, 1))
    made.extend([row(1088, (256, 1), (384, 3)), row(1088, (256, 1), (288, 3))])
    made.append(row(1088, (256, 1), (288, 3), (320, 3)))
    for _ in range(10):
        made.extend([row(2080, (192, 1)), row(2080, (192, 1), (224, (1, 3)), (256, (3, 1)))])
        made.append(nn.Conv2d(448, 2080, 1))
    made.extend([row(2080, (1536, 1)), dense(1536, 1000)])
    return made


def unet(channels: int, classes: int) -> nn.Module:
    """Ronneberger et al. (2015): two convolutions a level, 2×2 transposed convolutions on the way up."""
    widths = (64, 128, 256, 512, 1024)
    made, entering = nn.Sequential(), channels
    for width in widths:
        made.append(plain(entering, (width, 3), (width, 3)))
        entering = width
    for width in reversed(widths[:-1]):
        made.extend([nn.ConvTranspose2d(2 * width, width, 2), plain(2 * width, (width, 3), (width, 3))])
    return made.append(nn.Conv2d(64, classes, 1))


def weights_of(make: object, *given: object) -> int:
    """The weights of what a function here makes, without any memory for them."""
    assert callable(make)
    with torch.device("meta"):
        return count(make(*given))


def layers(
    depth: int, width: int, hidden: int, kind: type[nn.Module] = nn.TransformerEncoderLayer
) -> nn.Module:
    """Torch's own layers of attention, so many."""
    return nn.Sequential(*(kind(width, 8, hidden) for _ in range(depth)))


def vit() -> nn.Module:
    """ViT-B/16: patches, a class token, 197 positions, twelve layers and a norm."""
    made = nn.Sequential(nn.Conv2d(3, 768, 16), nn.Embedding(1 + 197, 768))
    return made.extend([layers(12, 768, 3072), nn.LayerNorm(768), nn.Linear(768, 1000)])


def bert() -> nn.Module:
    """Words, positions, segments and a norm; twelve layers; the pooler."""
    made = nn.Sequential(nn.Embedding(30_522 + 512 + 2, 768), nn.LayerNorm(768))
    return made.extend([layers(12, 768, 3072), nn.Linear(768, 768)])


def gpt2() -> nn.Module:
    """Tokens, which are the head too, and positions; twelve layers and a norm."""
    made = nn.Sequential(nn.Embedding(50_257 + 1024, 768))
    return made.extend([layers(12, 768, 3072), nn.LayerNorm(768)])


def transformer() -> nn.Module:
    """One table of 37,000 tokens for both languages and the head; six layers each."""
    made = nn.Sequential(nn.Embedding(37_000, 512), layers(6, 512, 2048))
    return made.append(layers(6, 512, 2048, nn.TransformerDecoderLayer))
