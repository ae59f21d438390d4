"""Masked language modelling: tokens are hidden, and the network is to find them from the others."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from nodes.param import Float, Int
from nodes.shared import card_label
from nodes.spec import BatchDim, Family, Inputs, Layer, LayerError, Port, SetParam, TensorSpec

if TYPE_CHECKING:
    from torch import nn


class MaskTokens(Layer):
    """Hides tokens at random for a network that learns to find them again: masked language modelling.

    Input tokens `(N, T)`, outputs `tokens` with the hidden ones replaced, and `label`: the token itself where
    one was chosen, else `ignored`, which losses and metrics leave out by their ignore index. Of the chosen
    tokens 80 % become the mask token, 10 % a random one and 10 % stay (Devlin et al., 2019, BERT). The mask
    token is one more than the tokens of the data have, so an embedding behind it has one row more.
    """

    title = "Mask tokens"
    family = Family.AUGMENTATION
    aliases = ("masked language model", "mlm", "bert", "cloze", "corrupt", "mask token", "pretraining")
    inputs = (
        Port("input", "tokens (N, T)", dtype="int", ranks=(2,)),
        Port("mask", "1 where a token is, 0 where the row is filled up (N, T)", optional=True, side=True),
    )
    outputs = (Port("tokens", dtype="int"), Port("label", dtype="int", side=True))

    share = Float(0.15, min=0.0, max=1.0, help="Share of the tokens that are chosen.")
    ignored = Int(
        0, max=1 << 24, advanced=True, help="The label of tokens that were not chosen; losses ignore it."
    )

    def build(self, tokens: TensorSpec, mask: TensorSpec | None) -> nn.Module:
        from nodes.modules.values.masked_tokens import MaskTokens as Module

        assert tokens.classes is not None
        return Module(self.share, tokens.classes, self.ignored)

    def check(self, tokens: TensorSpec, mask: TensorSpec | None) -> None:
        if tokens.classes is None:
            raise LayerError("tokens of a text, of which it is known how many there are", f"{tokens}")
        if self.ignored >= tokens.classes:
            raise LayerError(
                f"one of the tokens 0 … {tokens.classes - 1} as the label that is ignored",
                f"{self.ignored}",
                fixes=(SetParam("ignored", 0),),
            )
        if mask is not None and mask.shape[1:] != tokens.shape[1:]:
            raise LayerError(f"a mask of the shape {tokens}", f"{mask}", port="mask")

    def output_classes(self, tokens: TensorSpec, *_: TensorSpec) -> Mapping[str, int]:
        count = tokens.classes or 0
        return {"tokens": count + 1, "label": count}

    def card_label(self) -> str:
        return card_label.line(f"{100 * self.share:g} %")

    def example_inputs(self) -> Inputs:
        return (TensorSpec((BatchDim(), 16), "int64", classes=10), None)
