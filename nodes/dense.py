"""Dense layers: every input meets every output; and embeddings, which look vectors up."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nodes.param import Bool, Int
from nodes.spec import Family, Layer, Port, TensorSpec

if TYPE_CHECKING:
    from torch import nn


class Linear(Layer):
    """Weighs every input for every output and adds a bias: y = xWᵀ + b.

    Input `(N, …, in)`, output `(N, …, out_features)`; it acts on the last dimension.
    """

    family = Family.DENSE
    aliases = ("dense", "fully connected", "fc", "perceptron")
    inputs = (Port("input", "features (N, …, in)", ranks=(2, 3, 4, 5)),)

    out_features = Int(64, min=1, max=1 << 20, label="Output features", help="Number of units, and of values that leave.")
    bias = Bool(True, help="Add a learned constant to each unit.")

    def build(self, features: TensorSpec) -> nn.Module:
        from torch import nn

        return nn.Linear(int(features.shape[-1]), self.out_features, self.bias)  # type: ignore[arg-type]

    def telling(self) -> str:
        return f"{self.out_features}"
