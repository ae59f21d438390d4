"""Dense layers: every input meets every output; and embeddings, which look vectors up."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nodes.param import Bool, Int
from nodes.shared import activation_option, card_label, given_weights, manual_weights, tied_weights
from nodes.shared.sliding_window import tensor
from nodes.spec import Family, Inputs, InsertBefore, Layer, LayerError, Port, SetParam, TensorSpec, known

if TYPE_CHECKING:
    from torch import nn


class Linear(Layer):
    """Weighs every input for every output and adds a bias: y = xWᵀ + b.

    Input `(N, …, in)`, output `(N, …, out_features)`; it acts on the last dimension. Feature maps `(N, C,
    H, W)` need Flatten before it. Weights may be set by hand; freeze the layer to keep them.
    """

    family = Family.DENSE
    makes_rows = True
    aliases = (
        "dense",
        "fully connected",
        "fc",
        "perceptron",
        "mlp",
        "neuron",
        "projection",
        "logistic regression",
    )
    tied_weight = "weight"
    inputs = (Port("input", "features (N, …, in)", ranks=(2, 3, 4, 5)),)

    out_features = Int(
        64, min=1, max=1 << 20, label="Output features", help="Number of units, and of values that leave."
    )
    bias = Bool(True, help="Add a learned constant to each unit.")
    activation = activation_option.activation_param()
    spectral_norm = activation_option.spectral_param()
    equalised = activation_option.equalised_param()
    weights = manual_weights.weights_param(
        "A row for each output, such as `1 1; 1 -1`, before training; empty: at random."
    )
    biases = manual_weights.biases_param()
    tied_to = tied_weights.tied_param()

    def build(self, features: TensorSpec) -> nn.Module:
        from nodes.modules.activation_option import with_activation as module
        from nodes.modules.manual_weights import write

        made = module(
            "Linear",
            self.activation,
            known(features.shape[-1]),
            self.out_features,
            self.bias,
            spectral_norm=self.spectral_norm,
            equalised=self.equalised,
        )
        return write(made, *self._written()) if self.weights or self.biases else made

    def check(self, features: TensorSpec) -> None:
        activation_option.check_equalised(
            equalised=self.equalised,
            spectral_norm=self.spectral_norm,
            by_hand=bool(self.weights or self.biases),
        )
        if self.weights or self.biases:
            rows, biases = self._written()
            size = known(features.shape[-1])
            manual_weights.check_rows(
                rows, self.out_features, size, f"one for each of the {size} values that enter"
            )
            manual_weights.check_biases(biases, self.out_features, self.bias)

    def _written(self) -> tuple[manual_weights.Rows, tuple[float, ...]]:
        """Weights and biases that are set by hand; empty where they are not."""
        biases = manual_weights.rows_of(self.biases, "biases")
        return manual_weights.rows_of(self.weights, "weights"), tuple(
            value for row in biases for value in row
        )

    def card_label(self) -> str:
        activation = activation_option.NAMES[self.activation]
        return card_label.line(str(self.out_features), activation, tied_weights.label(self.tied_to))

    def arithmetic(self, inputs: Inputs, outputs: tuple[TensorSpec, ...]) -> str:
        features = known(tensor(inputs).shape[-1])
        bias = f" + {self.out_features}" if self.bias else ""
        total = (features + self.bias) * self.out_features
        return f"{features}·{self.out_features}{bias} = {total:,} weights"


class Embedding(Layer):
    """Looks up a learned vector for each index: words, characters, classes, users.

    Input integers `(N, …)`, output `(N, …, embedding_dim)`. From Bengio et al. (2003), A neural probabilistic
    language model.
    """

    family = Family.DENSE
    makes_rows = True
    aliases = ("lookup", "word vector", "token", "word2vec", "vocabulary")
    tied_weight = "weight"
    inputs = (Port("input", "indices (N, …)", dtype="int", ranks=(2, 1, 3, 4)),)

    num_embeddings = Int(
        0,
        min=0,
        max=1 << 24,
        label="Vocabulary",
        help="Number of vectors; 0: one per class of the data.",
    )
    embedding_dim = Int(64, min=1, max=1 << 16, label="Size", help="Length of each vector.")
    given = given_weights.given_param()
    tied_to = tied_weights.tied_param()

    def rows(self, indices: TensorSpec) -> int:
        """The number of vectors for these indices."""
        return self.num_embeddings or indices.classes or 0

    def build(self, indices: TensorSpec) -> nn.Module:
        from torch import nn

        from nodes.modules.devices.bounded import BoundedEmbedding

        # maps of labels may have pixels that count nowhere, which are no class
        kind = BoundedEmbedding if indices.classes is None or indices.rank > 2 else nn.Embedding
        return kind(self.rows(indices), self.embedding_dim)

    def check(self, indices: TensorSpec) -> None:
        _check_vocabulary("num_embeddings", self.rows(indices), indices)

    def card_label(self) -> str:
        size = f"{self.num_embeddings} × " if self.num_embeddings else ""
        return card_label.line(f"{size}{self.embedding_dim}", tied_weights.label(self.tied_to))

    def arithmetic(self, inputs: Inputs, outputs: tuple[TensorSpec, ...]) -> str:
        rows = self.rows(tensor(inputs))
        return f"{rows}·{self.embedding_dim} = {rows * self.embedding_dim:,} weights"


class OneHot(Layer):
    """Turns each index into a row of zeros with a one at its place.

    Input integers `(N, …)`, output `(N, …, classes)`.
    """

    family = Family.DENSE
    makes_rows = True
    aliases = ("one-hot", "indicator", "categorical", "to categorical", "dummy")
    inputs = (Port("input", "indices (N, …)", dtype="int", ranks=(1, 2, 3, 4)),)

    classes = Int(0, min=0, max=1 << 20, help="Length of each row; 0: as many as the data has classes.")

    def width(self, indices: TensorSpec) -> int:
        """The length of each row for these indices."""
        return self.classes or indices.classes or 0

    def build(self, indices: TensorSpec) -> nn.Module:
        from nodes.modules.shape import OneHot as Module

        return Module(self.width(indices))

    def check(self, indices: TensorSpec) -> None:
        _check_vocabulary("classes", self.width(indices), indices)

    def card_label(self) -> str:
        return str(self.classes) if self.classes else ""


def _check_vocabulary(param: str, rows: int, indices: TensorSpec) -> None:
    if indices.dtype == "bool":
        fixes = (InsertBefore("cast", {"to": "int"}),)
        raise LayerError("whole numbers", "yes or no (bool)", port="input", fixes=fixes)
    if not rows:
        raise LayerError(
            "a size, because the data does not say how many classes its indices have",
            "0",
            port="input",
            fixes=(SetParam(param, 256),),
        )
    if indices.classes is not None and rows < indices.classes:
        raise LayerError(
            f"room for the indices 0 … {indices.classes - 1}",
            f"{rows}",
            port="input",
            arithmetic=f"{rows} < {indices.classes}",
            fixes=(SetParam(param, 0), SetParam(param, indices.classes)),
        )
