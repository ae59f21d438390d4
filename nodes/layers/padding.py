"""Padding: values added around a tensor."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nodes.param import Choice, Float, Shape
from nodes.shared import card_label
from nodes.spec import (
    Family,
    Layer,
    LayerError,
    Port,
    SetParam,
    TensorSpec,
    known,
)

if TYPE_CHECKING:
    from torch import nn


class Pad(Layer):
    """Adds places around the last dimensions.

    `amounts` gives, from the last dimension backwards, the places before and after it: `1, 2` adds one at
    the left and two at the right; `1, 1, 2, 2` adds rows as well.
    """

    family = Family.SHAPE
    keeps_scale = True
    aliases = ("padding", "zero pad", "reflect", "border", "frame")
    inputs = (Port("input", "any tensor (N, …)", ranks=(4, 2, 3, 5)),)

    amounts = Shape(
        (1, 1), min=0, max=65536, min_length=2, help="Places before and after, last dimension first."
    )
    mode = Choice(
        "constant",
        choices=("constant", "reflect", "replicate", "circular"),
        help="What they are filled with.",
    )
    value = Float(0.0, advanced=True, help="The constant.", visible_if=("mode", ("constant",)))

    def build(self, features: TensorSpec) -> nn.Module:
        from nodes.modules.shape import Pad as Module

        return Module(self.amounts, self.mode, self.value)

    def check(self, features: TensorSpec) -> None:
        count, most = len(self.amounts), 2 * (features.rank - 1)
        if count % 2 or count > most:
            kept = list(self.amounts[: min(count, most) // 2 * 2])
            raise LayerError(
                f"two amounts per dimension, {most} at most", f"{count}", fixes=(SetParam("amounts", kept),)
            )
        if self.mode == "constant":
            return
        if count // 2 != features.rank - 2:
            needed = [*self.amounts, *((0,) * 8)][: 2 * (features.rank - 2)]
            raise LayerError(
                f"{2 * (features.rank - 2)} amounts for {self.mode} padding of {features}",
                f"{count}",
                port="input",
                fixes=(SetParam("mode", "constant"), *((SetParam("amounts", needed),) if needed else ())),
            )
        spare = 1 if self.mode == "reflect" else 0
        for place, amount in enumerate(self.amounts):
            size = known(features.shape[-1 - place // 2])
            if self.mode != "replicate" and amount > size - spare:
                expected = f"at most {size - spare} places of {self.mode} padding"
                raise LayerError(expected, f"{amount}", port="input", fixes=(SetParam("mode", "constant"),))

    def card_label(self) -> str:
        return card_label.line(
            ", ".join(map(str, self.amounts)), "" if self.mode == "constant" else self.mode
        )
