"""Losses between samples: what belongs together is drawn together, what does not is pushed apart."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nodes.param import Float
from nodes.shared import card_label
from nodes.shared.targets import check_alike, check_weight, weighted_param, with_example, with_weight
from nodes.spec import Inputs, LayerError, N, Port, TensorSpec
from nodes.training.loss import Loss

if TYPE_CHECKING:
    from torch import nn

_ROWS = (2,)


def _margin(what: str) -> Float:
    return Float(1.0, min=0.0, max=1e6, help=what)


class OfRows(Loss):
    """What losses of rows share: they may have a weight of each sample."""

    abstract = True

    weighted = weighted_param()

    def input_ports(self) -> tuple[Port, ...]:
        return with_weight(self.inputs, weighted=self.weighted)

    def check_weight(self, rows: TensorSpec, more: tuple[TensorSpec, ...]) -> None:
        """Refuse weights that are not one for each of these rows."""
        check_weight(TensorSpec(rows.shape[:1]), more[0] if more else None)

    def example_inputs(self) -> Inputs:
        rows = tuple(TensorSpec((N, 16)) for _ in self.inputs)
        return with_example(rows, weighted=self.weighted)


class Contrastive(OfRows):
    """Draws the codes of like samples together and pushes others at least a margin apart.

    Codes `(N, F)` of both, and for each pair 1 (alike) or 0; returns a scalar, the mean of ½D² for pairs that
    are alike and ½max(0, margin − D)² for others. From Hadsell, Chopra and LeCun (2006).
    """

    title = "Contrastive loss"
    aliases = ("siamese", "pairs", "metric learning", "similarity", "embedding")
    inputs = (
        Port("a", "codes (N, F)", ranks=_ROWS),
        Port("b", "codes (N, F) of the other samples", ranks=_ROWS),
        Port("alike", "1 for pairs that are alike, else 0: (N) or (N, 1)", "any", ranks=(1, 2), side=True),
    )

    margin = _margin("Distance from which on pairs that are not alike no longer count.")

    def build(self, a: TensorSpec, b: TensorSpec, alike: TensorSpec, *_weight: TensorSpec) -> nn.Module:
        from nodes.modules.pairs import Contrastive as Module

        return Module(self.margin, self.reduction)

    def check(self, a: TensorSpec, b: TensorSpec, alike: TensorSpec, *weight: TensorSpec) -> None:
        check_alike(a, b, "b", "codes at a")
        if alike.shape not in ((a.shape[0],), (a.shape[0], 1)):
            raise LayerError(f"one number for each pair, {a.shape[0]}", str(alike), port="alike")
        self.check_weight(a, weight)

    def card_label(self) -> str:
        return card_label.line(f"margin {self.margin:g}", super().card_label())

    def example_inputs(self) -> Inputs:
        row = TensorSpec((N, 16))
        return with_example((row, row, TensorSpec((N,), "int64", classes=2)), weighted=self.weighted)


class Triplet(OfRows):
    """Keeps an anchor nearer to a like sample than to another, by a margin: max(0, D₊ − D₋ + margin).

    Codes `(N, F)` of all three; returns a scalar. From Schroff et al. (2015), FaceNet.
    """

    title = "Triplet loss"
    aliases = ("siamese", "anchor", "facenet", "metric learning", "similarity", "embedding")
    inputs = (
        Port("anchor", "codes (N, F)", ranks=_ROWS),
        Port("positive", "codes (N, F) of like samples", ranks=_ROWS),
        Port("negative", "codes (N, F) of others", ranks=_ROWS),
    )

    margin = _margin("How much nearer the like sample should be.")

    def build(
        self, anchor: TensorSpec, positive: TensorSpec, negative: TensorSpec, *_weight: TensorSpec
    ) -> nn.Module:
        from nodes.modules.pairs import Triplet as Module

        return Module(self.margin, self.reduction)

    def check(
        self, anchor: TensorSpec, positive: TensorSpec, negative: TensorSpec, *weight: TensorSpec
    ) -> None:
        check_alike(anchor, positive, "positive", "anchor")
        check_alike(anchor, negative, "negative", "anchor")
        self.check_weight(anchor, weight)

    def card_label(self) -> str:
        return card_label.line(f"margin {self.margin:g}", super().card_label())


class CosineDistance(OfRows):
    """How far apart two directions are: 1 − cos of the angle between them, whatever their lengths.

    Rows `(N, F)` of one shape; returns a scalar between 0 (the same way) and 2 (opposite ways).
    """

    title = "Cosine distance"
    aliases = ("cosine similarity", "angle", "direction", "embedding", "metric learning")
    inputs = (
        Port("prediction", "rows (N, F)", ranks=_ROWS),
        Port("target", "rows of the same shape", ranks=_ROWS, side=True),
    )

    def build(self, prediction: TensorSpec, target: TensorSpec, *_weight: TensorSpec) -> nn.Module:
        from nodes.modules.pairs import CosineDistance as Module

        return Module(self.reduction)

    def check(self, prediction: TensorSpec, target: TensorSpec, *weight: TensorSpec) -> None:
        check_alike(prediction, target, "target", "prediction")
        self.check_weight(prediction, weight)
