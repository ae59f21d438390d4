"""Takes places along a dimension, other ones for each sample."""

from __future__ import annotations

from torch import Tensor, nn

from nodes.modules.devices.bounded import NAN, Bounded


class Gather(nn.Module):
    """Places `(N)`, `(N, K)` or of the rank of the input, along a dimension of `(N, …)`."""

    def __init__(self, dimension: int) -> None:
        super().__init__()
        self.dimension = dimension

    def forward(self, features: Tensor, index: Tensor) -> Tensor:
        place = self.dimension % features.dim()
        found = features.gather(place, self.spread(index, features, place).long())
        return found.squeeze(place) if index.dim() == 1 else found

    @staticmethod
    def spread(index: Tensor, features: Tensor, place: int) -> Tensor:
        """The index, alike for all that lies beside the dimension: of the rank of the input."""
        if index.dim() == features.dim() and index.dim() != 2:
            return index
        sizes = [*features.shape]
        sizes[place] = 1 if index.dim() == 1 else index.shape[1]
        alone = [1] * features.dim()
        alone[0], alone[place] = features.shape[0], sizes[place]
        return index.reshape(alone).expand(sizes)


class BoundedGather(Bounded, Gather):
    """The same for places of which nobody knows that they are there: NaN, or of whole numbers 0."""

    def forward(self, features: Tensor, index: Tensor) -> Tensor:
        place = self.dimension % features.dim()
        safe, outside = self.inside(index, features.shape[place])
        found = super().forward(features, safe)
        missing = self.spread(outside, features, place)
        missing = missing.squeeze(place) if index.dim() == 1 else missing
        return found.masked_fill(missing, NAN if found.is_floating_point() else 0)
