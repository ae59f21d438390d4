"""Random changes of a batch while training, each sample by itself, on the device where it lies.

Random numbers come from torch's own random state, so that a run that is resumed draws the same.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from nodes.spec import UNCOUNTED
from nodes.torch_internals import standard_gamma


def _spread(image: Tensor, *sizes: int) -> Tensor:
    """Numbers uniform on [−1, 1], `(N, *sizes)`."""
    return torch.rand((image.shape[0], *sizes), dtype=image.dtype, device=image.device) * 2.0 - 1.0


def _struck(image: Tensor, chance: float, *sizes: int) -> Tensor:
    """Yes with this chance, `(N, *sizes)`."""
    return torch.rand((image.shape[0], *sizes), device=image.device) < chance


def _as_channels(mask: Tensor) -> Tensor:
    """A map of labels `(N, H, W)` as one channel; pictures as they are."""
    return mask.unsqueeze(1) if mask.dim() == 3 else mask


class RandomFlip(nn.Module):
    """Mirrors samples with a chance for each axis; with a mask, `(N, H, W)` or pictures, that one alike."""

    def __init__(self, horizontal: float, vertical: float) -> None:
        super().__init__()
        self.chances = ((3, horizontal), (2, vertical))

    def forward(self, image: Tensor, mask: Tensor | None = None) -> Tensor | tuple[Tensor, Tensor]:
        if self.training:
            for axis, chance in self.chances:
                if not chance:
                    continue
                struck = _struck(image, chance, 1, 1, 1)
                image = torch.where(struck, image.flip(axis), image)
                if mask is not None:
                    whole = _as_channels(mask)
                    mask = torch.where(struck, whole.flip(axis), whole).view(mask.shape)
        return image if mask is None else (image, mask)


class RandomCrop(nn.Module):
    """Pads, then cuts the old size out of it at a place of each sample's own; with a mask, there too."""

    modes = {"zeros": "constant", "border": "replicate", "reflection": "reflect"}

    def __init__(self, padding: int, fill: str) -> None:
        super().__init__()
        self.padding, self.mode = padding, self.modes[fill]

    def forward(self, image: Tensor, mask: Tensor | None = None) -> Tensor | tuple[Tensor, Tensor]:
        if self.training and self.padding:
            start = torch.randint(2 * self.padding + 1, (image.shape[0], 2), device=image.device)
            image = self._cut(F.pad(image, [self.padding] * 4, self.mode), start, image.shape)
            if mask is not None:
                whole = _as_channels(mask)
                mask = self._cut(self._framed(whole), start, whole.shape).view(mask.shape)
        return image if mask is None else (image, mask)

    def _framed(self, mask: Tensor) -> Tensor:
        """With a frame as that of the pictures; around labels it is `UNCOUNTED` where theirs is zero."""
        if mask.is_floating_point():
            return F.pad(mask, [self.padding] * 4, self.mode)
        # torch mirrors and repeats the edges of floats alone
        around = F.pad((mask - UNCOUNTED).float(), [self.padding] * 4, self.mode)
        return around.to(mask.dtype) + UNCOUNTED

    def _cut(self, framed: Tensor, start: Tensor, shape: torch.Size) -> Tensor:
        _, channels, height, width = shape
        rows = start[:, :1] + torch.arange(height, device=framed.device)
        columns = start[:, 1:] + torch.arange(width, device=framed.device)
        framed = framed.gather(2, rows[:, None, :, None].expand(-1, channels, -1, framed.shape[3]))
        return framed.gather(3, columns[:, None, None, :].expand(-1, channels, height, -1))


class RandomAffine(nn.Module):
    """Turns (degrees), shifts (share of the size) and zooms (times 1 + amount, or by it) about the centre.

    With a mask, that one alike: labels are taken from the nearest pixel, and are `UNCOUNTED` beyond the edges
    where pictures are zero.
    """

    def __init__(
        self, *, angle: float = 0.0, shift: float = 0.0, zoom: float = 0.0, fill: str = "zeros"
    ) -> None:
        super().__init__()
        self.angle, self.shift, self.zoom, self.fill = math.radians(angle), shift, zoom, fill

    def forward(self, image: Tensor, mask: Tensor | None = None) -> Tensor | tuple[Tensor, Tensor]:
        if self.training:
            grid = F.affine_grid(self._places(image), list(image.shape), align_corners=False)
            image = F.grid_sample(image, grid, padding_mode=self.fill, align_corners=False)
            mask = None if mask is None else self._moved(mask, grid)
        return image if mask is None else (image, mask)

    def _moved(self, mask: Tensor, grid: Tensor) -> Tensor:
        if mask.is_floating_point():
            return F.grid_sample(mask, grid.to(mask.dtype), padding_mode=self.fill, align_corners=False)
        numbers = (_as_channels(mask) - UNCOUNTED).to(grid.dtype)
        found = F.grid_sample(numbers, grid, "nearest", self.fill, align_corners=False)
        return (found.round().to(mask.dtype) + UNCOUNTED).view(mask.shape)

    def _places(self, image: Tensor) -> Tensor:
        """Where each sample is looked at, `(N, 2, 3)`."""
        height, width = image.shape[2:]
        places = torch.zeros(image.shape[0], 2, 3, dtype=image.dtype, device=image.device)
        if self.angle:
            turn = _spread(image) * self.angle
            places[:, 0, 0] = places[:, 1, 1] = turn.cos()
            # the places run from −1 to 1 on both axes, however long they are
            places[:, 0, 1] = -turn.sin() * (height / width)
            places[:, 1, 0] = turn.sin() * (width / height)
        else:
            places[:, 0, 0] = places[:, 1, 1] = 1.0
        if self.zoom:
            places = places * (_spread(image, 1, 1) * math.log1p(self.zoom)).exp()
        if self.shift:
            places[:, :, 2] = _spread(image, 2) * (2.0 * self.shift)
        return places

    def extra_repr(self) -> str:
        return f"angle={self.angle:.3g}, shift={self.shift}, zoom={self.zoom}, fill={self.fill}"


class RandomColour(nn.Module):
    """Brightness, contrast and saturation."""

    def __init__(self, brightness: float, contrast: float, saturation: float) -> None:
        super().__init__()
        self.brightness, self.contrast, self.saturation = brightness, contrast, saturation

    def forward(self, image: Tensor) -> Tensor:
        if not self.training:
            return image
        if self.saturation and image.shape[1] > 1:
            image = _stretched(image, image.mean(1, keepdim=True), self.saturation)
        if self.contrast:
            image = _stretched(image, image.mean((1, 2, 3), keepdim=True), self.contrast)
        return image + self.brightness * _spread(image, 1, 1, 1) if self.brightness else image


def _stretched(image: Tensor, middle: Tensor, amount: float) -> Tensor:
    return middle + (image - middle) * (1.0 + amount * _spread(image, 1, 1, 1))


class PixelNoise(nn.Module):
    """Sets a share of the pixels to zero, or half of them to the least and half to the greatest value."""

    def __init__(self, share: float, extremes: bool) -> None:
        super().__init__()
        self.share, self.extremes = share, extremes

    def forward(self, image: Tensor) -> Tensor:
        if not self.training or not self.share:
            return image
        struck = _struck(image, self.share, 1, *image.shape[2:])
        if not self.extremes:
            return image.masked_fill(struck, 0.0)
        low, high = image.amin((1, 2, 3), keepdim=True), image.amax((1, 2, 3), keepdim=True)
        white = _struck(image, 0.5, 1, *image.shape[2:])
        return torch.where(struck, torch.where(white, high, low), image)


class Cutout(nn.Module):
    """Fills a square of each image; its centre is any pixel."""

    def __init__(self, size: int, value: float) -> None:
        super().__init__()
        self.size, self.value = size, value

    def forward(self, image: Tensor) -> Tensor:
        if not self.training:
            return image
        inside = []
        for length in image.shape[2:]:
            first = torch.randint(length, (image.shape[0], 1), device=image.device) - self.size // 2
            place = torch.arange(length, device=image.device)
            inside.append((place >= first) & (place < first + self.size))
        rows, columns = inside
        return image.masked_fill(rows[:, None, :, None] & columns[:, None, None, :], self.value)


class Mixup(nn.Module):
    """Mixed samples and the shares of their classes."""

    def __init__(self, alpha: float, classes: int) -> None:
        super().__init__()
        self.alpha, self.classes = alpha, classes

    def forward(self, features: Tensor, label: Tensor) -> tuple[Tensor, Tensor]:
        places = torch.arange(self.classes, device=label.device)
        target = (label.unsqueeze(1) == places).to(features.dtype)
        if not self.training:
            return features, target
        share = self._shares(features)
        other = torch.randperm(features.shape[0], device=features.device)
        rest = share.reshape(-1, *[1] * (features.dim() - 1))
        mixed = rest * features + (1.0 - rest) * features[other]
        return mixed, share[:, None] * target + (1.0 - share[:, None]) * target[other]

    def _shares(self, features: Tensor) -> Tensor:
        """Beta(α, α): the first of two gamma variates, as a share of both."""
        concentration = torch.full((features.shape[0], 2), self.alpha, device=features.device)
        first, second = standard_gamma(concentration).unbind(1)
        return (first / (first + second)).to(features.dtype)
