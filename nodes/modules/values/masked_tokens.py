"""Hides tokens at random, in torch."""

from __future__ import annotations

import torch
from torch import Tensor, nn

_MASKED, _CHANGED = 0.8, 0.9
"""Up to the first share of the chosen tokens become the mask token, from there to the second random ones."""


class MaskTokens(nn.Module):
    """(tokens, mask or None) -> (tokens, label). The mask token is `classes`."""

    def __init__(self, share: float, classes: int, ignored: int) -> None:
        super().__init__()
        self.share, self.classes, self.ignored = share, classes, ignored

    def forward(self, tokens: Tensor, mask: Tensor | None = None) -> tuple[Tensor, Tensor]:
        chosen = torch.rand(tokens.shape, device=tokens.device) < self.share
        chosen = chosen & (tokens != self.ignored)
        if mask is not None:
            chosen = chosen & (mask > 0)
        how = torch.rand(tokens.shape, device=tokens.device)
        others = torch.randint_like(tokens, self.classes)
        hidden = torch.where(how < _CHANGED, others, tokens).masked_fill(how < _MASKED, self.classes)
        return torch.where(chosen, hidden, tokens), tokens.masked_fill(~chosen, self.ignored)
