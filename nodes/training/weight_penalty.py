"""A loss of weights alone: it has no input, but names the layers whose weights it reads."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nodes.param import Bool, Choice, Paths
from nodes.shared import card_label
from nodes.training.loss import Loss

if TYPE_CHECKING:
    from torch import nn

FORMS = {"squares": "squares (L2)", "absolute": "absolute (L1)", "orthogonal": "orthogonal"}


class WeightPenalty(Loss):
    """Keeps weights small or orthogonal: the sum of their squares (L2), of their absolute values (L1), or
    ‖WWᵀ − 1‖².

    No input; returns a scalar, to be added to another loss at an objective with a small weight λ. Squares are
    not halved: with plain SGD, λ acts as a weight decay of 2λ. L1 makes many weights zero (Tibshirani, 1996).
    Orthogonal: rows of each matrix, or columns where there are fewer, of length 1 and at right angles;
    kernels count as one row for each output (Brock et al., 2017).
    """

    title = "Weight penalty"
    aliases = (
        *("l2 penalty", "l1 penalty", "ridge", "lasso", "weight decay", "elastic net", "orthogonality"),
        *("regularise", "sparse weights", "regularisation"),
    )
    inputs = ()
    reads_weights = "of"

    of = Paths(
        "",
        label="Weights of",
        empty="all that learn",
        help="Paths whose weights count, separated by commas; empty: all that learn.",
    )
    form = Choice("squares", choices=tuple(FORMS), titles=FORMS, help="What is added up.")
    biases = Bool(
        False,
        advanced=True,
        visible_if=("form", ("squares", "absolute")),
        help="Count tensors of one dimension too: biases, and scales of norms.",
    )
    reduction = Choice("sum", choices=("sum", "mean"), help="Add up over all weights, or average.")

    def reads_weight(self, shape: tuple[int, ...]) -> bool:
        return len(shape) > 1 or (self.biases and self.form != "orthogonal")

    def build(self) -> nn.Module:
        from nodes.modules.penalty import WeightPenalty as Module

        return Module(self.form, self.reduction)

    def card_label(self) -> str:
        short = {"squares": "L2", "absolute": "L1", "orthogonal": "orthogonal"}[self.form]
        return card_label.line(short, "" if self.reduction == "sum" else self.reduction)
