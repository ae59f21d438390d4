"""Indices that may be out of range: kept from kernels, because one that meets such an index ends CUDA.

A check on the CPU would wait for the device at every step. Here an index out of range makes the result NaN,
on every device, and the module remembers it; who finds that a loss is NaN asks `met_outside`.
"""

from __future__ import annotations

from typing import Any

from torch import Tensor, nn
from torch.nn import functional as F

NAN = float("nan")


class Bounded(nn.Module):
    """Mixed in before a module that reads indices below `limit`, of which nobody knows that they are."""

    limit: int

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._outside: Tensor | None = None

    def inside(self, indices: Tensor, limit: int) -> tuple[Tensor, Tensor]:
        """The indices, brought into [0, limit), and where they were outside, of the same shape."""
        safe = indices.clamp(0, limit - 1)
        outside = safe != indices
        self.limit = limit
        if self.training:
            if self._outside is None:
                self._outside = outside.new_zeros(())
            self._outside |= outside.any()  # in place, so that a captured step remembers too
        return safe, outside

    @property
    def met_outside(self) -> bool:
        """Whether an index was out of range while training. Waits for the device."""
        return self._outside is not None and bool(self._outside)


class BoundedEmbedding(Bounded, nn.Embedding):
    """Vectors by index `(N, …)` -> `(N, …, size)`; NaN for an index that has none."""

    def forward(self, indices: Tensor) -> Tensor:
        safe, outside = self.inside(indices, self.num_embeddings)
        return F.embedding(safe, self.weight).masked_fill(outside.unsqueeze(-1), NAN)
