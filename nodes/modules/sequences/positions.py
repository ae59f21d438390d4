"""Positions and segments of sequences as modules; all is made on the device that the sequence is on."""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn
from torch.nn import functional as F


def counted(mask: Tensor) -> Tensor:
    """The position of each step `(N, time)` among those where a mask is not 0; others have the one before."""
    return ((mask != 0).cumsum(1) - 1).clamp(min=0)


class Positions(nn.Module):
    """0, 1, 2, … of the steps of `(N, time, …)`, or of those where a mask is not 0; others repeat."""

    def forward(self, sequence: Tensor, mask: Tensor | None = None) -> Tensor:
        if mask is not None:
            return counted(mask)
        batch, time = sequence.shape[:2]
        return torch.arange(time, device=sequence.device).expand(batch, time)


class SegmentIds(nn.Module):
    """How many separators stand before each token `(N, time)`."""

    def __init__(self, separator: int, segments: int) -> None:
        super().__init__()
        self.separator, self.segments = separator, segments

    def forward(self, tokens: Tensor) -> Tensor:
        ends = (tokens == self.separator).long()
        return (ends.cumsum(1) - ends).clamp(max=self.segments - 1)


def rotated(features: Tensor, base: float, neighbours: bool) -> Tensor:
    """`(…, T, d)` with each pair of features turned by position · base^(−2i/d).

    Whole rows are multiplied: gradients of halves would have to be copied together again.
    """
    length, size = features.shape[-2:]
    place = torch.arange(length, dtype=torch.float32, device=features.device).unsqueeze(1)
    pair = torch.arange(0, size, 2, dtype=torch.float32, device=features.device)
    angle = place * torch.exp(pair * (-math.log(base) / size))
    cos, sin = angle.cos().to(features.dtype), angle.sin().to(features.dtype)
    if neighbours:
        cosines, sines = cos.repeat_interleave(2, -1), torch.stack((-sin, sin), -1).flatten(-2)
        partners = features.reshape(*features.shape[:-1], size // 2, 2).flip(-1).flatten(-2)
    else:
        cosines, sines = torch.cat((cos, cos), -1), torch.cat((-sin, sin), -1)
        partners = features.roll(size // 2, -1)
    turned: Tensor = features * cosines + partners * sines
    return turned


class RotaryEmbedding(nn.Module):
    """Pairs of features, turned with the position."""

    def __init__(self, base: float, neighbours: bool) -> None:
        super().__init__()
        self.base, self.neighbours = base, neighbours

    def forward(self, features: Tensor) -> Tensor:
        return rotated(features, self.base, self.neighbours)


class RelativePositionBias(nn.Module):
    """A number for each head and bucket of distances, as `(N, heads, T, S)`; `weight` is (buckets, heads)."""

    def __init__(self, heads: int, buckets: int, max_distance: int, causal: bool) -> None:
        super().__init__()
        self.buckets, self.max_distance, self.causal = buckets, max_distance, causal
        self.weight = nn.Parameter(torch.empty(buckets, heads))
        nn.init.normal_(self.weight, std=0.02)

    def bucket(self, length: int, keys: int, device: torch.device) -> Tensor:
        """The bucket of each query and key `(T, S)`, as in T5."""
        ahead = torch.arange(keys, device=device) - torch.arange(length, device=device).unsqueeze(1)
        buckets, first = self.buckets, torch.zeros_like(ahead)
        if self.causal:
            distance = (-ahead).clamp(min=0)
        else:
            buckets //= 2
            first, distance = (ahead > 0).long() * buckets, ahead.abs()
        near = buckets // 2
        ratio = distance.clamp(min=1).float() / near
        far = near + (ratio.log() / math.log(self.max_distance / near) * (buckets - near)).long()
        return first + torch.where(distance < near, distance, far.clamp(max=buckets - 1))

    def forward(self, sequence: Tensor, key: Tensor | None = None) -> Tensor:
        keys = sequence.shape[1] if key is None else key.shape[1]
        found = F.embedding(self.bucket(sequence.shape[1], keys, self.weight.device), self.weight)
        return found.permute(2, 0, 1).expand(sequence.shape[0], -1, -1, -1)


def _of_real_steps(encoding: Tensor, mask: Tensor | None) -> Tensor:
    """Rows of a table of positions `(time, F)`: in order, or `(N, time, F)` those that a mask counts."""
    return encoding if mask is None else F.embedding(counted(mask), encoding)


class SinusoidalPositions(nn.Module):
    """Adds fixed waves; made for the drawn length, and anew for a longer sequence."""

    encoding: Tensor

    def __init__(self, length: int, features: int, dropout: float) -> None:
        super().__init__()
        self.features = features
        self.dropout = nn.Dropout(dropout)
        self.register_buffer("encoding", self.waves(length), persistent=False)

    def waves(self, length: int, device: torch.device | None = None) -> Tensor:
        """sin and cos of position / 10000^(2i/features), in turn: `(length, features)`."""
        position = torch.arange(length, dtype=torch.float32, device=device).unsqueeze(1)
        even = torch.arange(0, self.features, 2, dtype=torch.float32, device=device)
        angle = position * torch.exp(even * (-math.log(10000.0) / self.features))
        return torch.stack((angle.sin(), angle.cos()), 2).flatten(1)[:, : self.features]

    def forward(self, sequence: Tensor, mask: Tensor | None = None) -> Tensor:
        length = sequence.shape[1]
        known = length <= self.encoding.shape[0]
        encoding = (
            self.encoding[:length] if known else self.waves(length, sequence.device).to(self.encoding.dtype)
        )
        summed: Tensor = self.dropout(sequence + _of_real_steps(encoding, mask))
        return summed


class LearnedPositions(nn.Module):
    """Adds a row of a learned table to each position."""

    def __init__(self, length: int, features: int, dropout: float) -> None:
        super().__init__()
        self.encoding = nn.Parameter(torch.empty(length, features))
        self.dropout = nn.Dropout(dropout)
        nn.init.normal_(self.encoding, std=0.02)

    def forward(self, sequence: Tensor, mask: Tensor | None = None) -> Tensor:
        encoding = self.encoding[: sequence.shape[1]]
        summed: Tensor = self.dropout(sequence + _of_real_steps(encoding, mask))
        return summed
