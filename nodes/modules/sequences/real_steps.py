"""Sequences without what fills them up: real steps are moved to the front, and back to where they were.

A recurrent layer then meets the real steps first, one after the other, from whichever end it reads. Nothing
here waits for the device, as `pack_padded_sequence` does.
"""

from __future__ import annotations

import torch
from torch import Tensor


class RealSteps:
    """The real steps of sequences `(N, time, …)`: those where a mask `(N, time)` is not 0, wherever they are.

    `backward`: the last real step comes first.
    """

    def __init__(self, mask: Tensor, *, backward: bool = False) -> None:
        self.mask = mask != 0
        self.count = self.mask.sum(1)
        """How many each sequence has, `(N)`."""
        order = (~self.mask).to(torch.uint8).argsort(dim=1, stable=True)
        place = self.mask.cumsum(1) - 1
        if backward:
            ahead = torch.arange(order.shape[1], device=order.device)
            left = self.count.unsqueeze(1) - 1 - ahead
            order = order.gather(1, torch.where(left >= 0, left, ahead))
            place = self.count.unsqueeze(1) - 1 - place
        self._order, self._place = order, place.clamp(min=0, max=order.shape[1] - 1)

    def front(self, sequence: Tensor) -> Tensor:
        """The real steps, then zeros, `(N, time, F)`."""
        clean = sequence.masked_fill(~self.mask.unsqueeze(2), 0.0)
        return _taken(clean, self._order)

    def back(self, steps: Tensor) -> Tensor:
        """What `front` gave, or was computed from it, where it belongs; zeros elsewhere."""
        return _taken(steps, self._place).masked_fill(~self.mask.unsqueeze(2), 0.0)

    def last(self, steps: Tensor, start: Tensor) -> Tensor:
        """The last real of steps `(N, time, F)` that `front` moved; `start` `(N, F)` where none is real."""
        place = (self.count - 1).clamp(min=0).unsqueeze(1)
        return torch.where((self.count > 0).unsqueeze(1), _taken(steps, place).squeeze(1), start)

    def filled_up(self) -> Tensor:
        """1 behind the real steps that `front` moved, else 0, `(N, time)`."""
        return torch.arange(self.mask.shape[1], device=self.mask.device) >= self.count.unsqueeze(1)


def _taken(sequence: Tensor, places: Tensor) -> Tensor:
    """The steps `(N, K)` of a sequence `(N, time, F)`, as `(N, K, F)`."""
    return sequence.gather(1, places.unsqueeze(2).expand(-1, -1, sequence.shape[2]))
