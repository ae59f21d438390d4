"""Means over batches of different sizes: what a batch counts in the mean that a loss makes of it."""

from __future__ import annotations

from typing import Protocol, runtime_checkable

from torch import Tensor


@runtime_checkable
class Counting(Protocol):
    """A loss whose mean is Σ w·l / Σ w: batches are put together by their Σ w, not by their samples."""

    def counted(self, *inputs: Tensor) -> Tensor | None:
        """Σ w of a batch, from the inputs of the loss; None where all samples count alike."""
