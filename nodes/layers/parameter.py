"""Tensors that stand for themselves: learned or fixed numbers that no wire computes."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from nodes.param import Choice, Float, Shape, Text
from nodes.shared import card_label, manual_weights, tied_weights
from nodes.spec import Family, Inputs, Layer, LayerError, N, Port, SetParam, TensorSpec

if TYPE_CHECKING:
    from torch import nn

MOST_VALUES = 1 << 28
"""The most numbers of one tensor."""
STARTS = {
    "zeros": "zeros",
    "ones": "ones",
    "normal": "normal",
    "uniform": "uniform",
    "values": "values by hand",
    "picture": "a picture",
}
_PICTURES = (1, 3)
"""Channels of pictures: grey, or red, green and blue."""


class Parameter(Layer):
    """A tensor of its own that learns like a weight: a class token, positions, a first state, an image.

    Output `(1, …)`, one row that sums and products stretch over a batch. With a wire at `like` the row is
    repeated for each of its N samples: `(N, …)`; only the number of its samples counts. Freeze it for a
    constant. Class token and learned positions: Dosovitskiy et al. (2021); an image that is learned while the
    network is frozen: Mordvintsev et al. (2015), Inceptionism.
    """

    family = Family.DENSE
    aliases = (
        *("learned tensor", "variable", "class token", "cls token", "learned positions", "query", "prompt"),
        *("initial state", "deep dream", "image", "weight", "bias", "constant", "latent"),
    )
    tied_weight = "value"
    inputs = (Port("like", "a value with as many samples (N, …)", dtype="any", optional=True, side=True),)

    shape = Shape((1, 64), min=1, help="Sizes of one row, without the batch: 1 × 64 is one token of 64.")
    start = Choice("normal", choices=tuple(STARTS), titles=STARTS, help="Values before training.")
    spread = Float(
        0.02,
        min=0.0,
        max=1e6,
        visible_if=("start", ("normal", "uniform")),
        help="Standard deviation of normal values; uniform ones lie between − and + this.",
    )
    numbers = Text(
        "",
        label="Values by hand",
        suggestions=manual_weights.MATRIX,
        visible_if=("start", ("values",)),
        help="Numbers in rows, such as `1 0; 0 1`; the last size is the length of a row.",
    )
    picture = Text(
        "",
        suggestions="path",
        visible_if=("start", ("picture",)),
        help="A picture file; it is scaled to height × width, colours from 0 to 1.",
    )
    tied_to = tied_weights.tied_param()

    def build(self, like: TensorSpec | None) -> nn.Module:
        from nodes.modules.values.parameter import Parameter as Module

        rows = manual_weights.rows_of(self.numbers, "the values by hand") if self.start == "values" else ()
        return Module(self.shape, self.start, self.spread, [number for row in rows for number in row])

    def check(self, like: TensorSpec | None) -> None:
        if math.prod(self.shape) > MOST_VALUES:
            expected = f"a tensor of at most {MOST_VALUES:,} numbers"
            raise LayerError(expected, f"{card_label.by(self.shape)}, {math.prod(self.shape):,} numbers")
        if self.start == "values":
            rows = manual_weights.rows_of(self.numbers, "the values by hand")
            length = self.shape[-1] if self.shape else 1
            manual_weights.check_rows(
                rows or ((),), math.prod(self.shape) // length, length, f"for {card_label.by(self.shape)}"
            )
        if self.start == "picture":
            self._check_picture()

    def _check_picture(self) -> None:
        if len(self.shape) != 3 or self.shape[0] not in _PICTURES:
            fix = SetParam("shape", [3, 224, 224])
            expected = "a shape of channels × height × width for a picture, with 1 or 3 channels"
            raise LayerError(expected, card_label.by(self.shape) or "none", fixes=(fix,))
        if not self.picture.strip():
            raise LayerError("the path of a picture file to start from", "none")

    def card_label(self) -> str:
        started = "" if self.start in ("normal", "uniform") else STARTS[self.start]
        return card_label.line(card_label.by(self.shape), started, tied_weights.label(self.tied_to))

    def arithmetic(self, inputs: Inputs, outputs: tuple[TensorSpec, ...]) -> str:
        return f"{card_label.by(self.shape)} = {math.prod(self.shape):,} weights"

    def example_inputs(self) -> Inputs:
        return (TensorSpec((N, 3)),)
