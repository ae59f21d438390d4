"""Arithmetic between tensors, and of each value by itself; sizes of 1 stretch, as in torch."""

from __future__ import annotations

from itertools import zip_longest
from typing import TYPE_CHECKING

from nodes.param import Bool, Choice, Float
from nodes.shared import card_label
from nodes.shared.shape_fixes import same_shape
from nodes.shared.sliding_window import tensor
from nodes.spec import (
    Family,
    Inputs,
    Layer,
    LayerError,
    N,
    Port,
    SetParam,
    TensorSpec,
)

if TYPE_CHECKING:
    from torch import nn

_MANY = (Port("input", "tensors of one shape, or that stretch to one", dtype="any", variadic=True),)
_PAIR = (Port("a", "left", dtype="any"), Port("b", "right", dtype="any"))


def check_stretch(first: TensorSpec, other: TensorSpec, port: str, wire: int = 0) -> TensorSpec:
    """What both shapes stretch to. Refuses those that do not; proposes the layer that would make them fit."""
    pairs = list(zip_longest(reversed(first.shape), reversed(other.shape), fillvalue=1))
    if all(a == b or 1 in (a, b) for a, b in pairs):
        return TensorSpec(tuple(b if a == 1 else a for a, b in reversed(pairs)), first.dtype)
    raise LayerError(
        f"a tensor of {first}, or with sizes of 1 that stretch to it",
        f"{other}",
        port=port,
        fixes=same_shape(first, other),
        wire=wire,
    )


class Elementwise(Layer):
    """What sums and products of many tensors share."""

    abstract = True
    family = Family.MATH
    inputs = _MANY

    def check(self, tensors: tuple[TensorSpec, ...]) -> None:
        stretched = tensors[0]
        for place, spec in enumerate(tensors[1:], 1):
            stretched = check_stretch(stretched, spec, "input", place)


class Add(Elementwise):
    """Adds tensors value by value: the shortcut of a residual network.

    All of one shape, or with sizes of 1 that stretch. From He et al. (2016) for shortcuts.
    """

    aliases = ("sum", "plus", "residual", "skip connection", "shortcut", "+")

    def build(self, tensors: tuple[TensorSpec, ...]) -> nn.Module:
        from nodes.modules.math import Add as Module

        return Module()


class Multiply(Elementwise):
    """Multiplies tensors value by value: a gate, a mask, an attention to channels.

    All of one shape, or with sizes of 1 that stretch.
    """

    aliases = ("product", "times", "gate", "mask", "hadamard", "squeeze excitation", "*")

    def build(self, tensors: tuple[TensorSpec, ...]) -> nn.Module:
        from nodes.modules.math import Multiply as Module

        return Module()


class Pair(Layer):
    """What operations on two tensors share."""

    abstract = True
    family = Family.MATH
    inputs = _PAIR

    def check(self, a: TensorSpec, b: TensorSpec) -> None:
        check_stretch(a, b, "b")


class Subtract(Pair):
    """Takes b away from a, value by value: a − b."""

    aliases = ("minus", "difference", "-")

    def build(self, a: TensorSpec, b: TensorSpec) -> nn.Module:
        from nodes.modules.math import Subtract as Module

        return Module()


class Divide(Pair):
    """Divides a by b, value by value; `epsilon` keeps the divisor from zero."""

    aliases = ("quotient", "ratio", "/")
    inputs = (Port("a", "left"), Port("b", "right"))

    epsilon = Float(0.0, min=0.0, max=1.0, advanced=True, help="Added to the divisor.")

    def build(self, a: TensorSpec, b: TensorSpec) -> nn.Module:
        from nodes.modules.math import Divide as Module

        return Module(self.epsilon)


class MatMul(Layer):
    """Multiplies matrices: rows of a with columns of b, for each sample.

    `(N, …, R, K)` and `(N, …, K, C)` give `(N, …, R, C)`; with b transposed, `(N, …, C, K)`.
    """

    type = "matmul"
    family = Family.MATH
    aliases = ("matrix product", "dot product", "bmm", "@")
    inputs = (Port("a", "left matrices", ranks=(3, 4)), Port("b", "right matrices", ranks=(3, 4)))

    transpose = Bool(False, label="Transpose b", help="Turn b round first, as in QKᵀ.")

    def build(self, a: TensorSpec, b: TensorSpec) -> nn.Module:
        from nodes.modules.math import MatMul as Module

        return Module(self.transpose)

    def check(self, a: TensorSpec, b: TensorSpec) -> None:
        inner, other = a.shape[-1], b.shape[-1 if self.transpose else -2]
        if inner != other:
            turned = b.shape[-2 if self.transpose else -1]
            fixes = (SetParam("transpose", not self.transpose),) if turned == inner else ()
            side = "columns" if self.transpose else "rows"
            raise LayerError(
                f"{inner} {side} in b, one for each column of a ({a})",
                f"{other} in {b}",
                port="b",
                arithmetic=f"{inner} ≠ {other}",
                fixes=fixes,
            )
        check_stretch(TensorSpec(a.shape[:-2]), TensorSpec(b.shape[:-2]), "b")

    def example_inputs(self) -> Inputs:
        second = (N, 5, 16) if self.transpose else (N, 16, 5)
        return (TensorSpec((N, 8, 16)), TensorSpec(second))

    def card_label(self) -> str:
        return "b transposed" if self.transpose else ""

    def arithmetic(self, inputs: Inputs, outputs: tuple[TensorSpec, ...]) -> str:
        sizes = [card_label.by(spec.shape[-2:]) for spec in (tensor(inputs), tensor(inputs, 1), outputs[0])]
        return f"{sizes[0]} @ {sizes[1]}{'ᵀ' if self.transpose else ''} = {sizes[2]}"


class Scale(Layer):
    """Multiplies by a number and adds another: factor·x + offset; both may be learned.

    A scalar wired into `by`, such as that of a Schedule, multiplies the factor.
    """

    family = Family.MATH
    keeps_values = True
    aliases = ("multiply by", "factor", "gain", "shift", "normalise", "constant", "temperature")
    inputs = (
        Port("input", "any tensor"),
        Port("by", "a scalar that multiplies the factor", ranks=(0,), optional=True, side=True),
    )

    factor = Float(1.0, help="What values are multiplied by.")
    offset = Float(0.0, help="What is added then.")
    learned = Bool(False, help="Train factor and offset, from these values on.")

    def build(self, features: TensorSpec, by: TensorSpec | None = None) -> nn.Module:
        from nodes.modules.math import Scale as Module

        return Module(self.factor, self.offset, self.learned)

    def card_label(self) -> str:
        offset = f" {'−' if self.offset < 0 else '+'} {abs(self.offset):g}" if self.offset else ""
        return card_label.line(
            f"×{self.factor:g}{offset}".replace("-", "−"), "learned" if self.learned else ""
        )


class Function(Layer):
    """Applies a function to each value: exp, log, sqrt, square, abs, negate, reciprocal, sin or cos."""

    family = Family.MATH
    aliases = (
        "exp",
        "log",
        "sqrt",
        "square",
        "abs",
        "negate",
        "reciprocal",
        "sin",
        "cos",
        "power",
        "exponential",
    )
    inputs = (Port("input", "any tensor"),)

    function = Choice(
        "exp",
        choices=("exp", "log", "sqrt", "square", "abs", "negate", "reciprocal", "sin", "cos"),
        help="What is done to each value.",
    )

    def build(self, features: TensorSpec) -> nn.Module:
        from nodes.modules.math import Function as Module

        return Module(self.function)

    def card_label(self) -> str:
        return self.function


class StopGradient(Layer):
    """Passes values on and no gradients back: what stands before it does not learn from what comes after.

    Any tensor, unchanged. As in the target network of a temporal difference, or in BYOL (Grill et al., 2020).
    """

    title = "Stop gradient"
    family = Family.MATH
    keeps_values = True
    aliases = ("detach", "constant", "freeze", "no gradient", "stop grad", "block gradient")
    inputs = (Port("input", "any tensor", dtype="any"),)
    outputs = (Port("output", dtype="any"),)
    passes_gradients = False

    def build(self, features: TensorSpec) -> nn.Module:
        from nodes.modules.math import StopGradient as Module

        return Module()
