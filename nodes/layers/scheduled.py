"""Values that follow the course of a run, and sums that such a value weighs."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from nodes.layers.math import check_stretch
from nodes.param import Choice, Float, Int
from nodes.shared import card_label
from nodes.spec import Family, Inputs, Layer, LayerError, N, Port, SetParam, TensorSpec

if TYPE_CHECKING:
    from torch import nn

COURSES = {
    "linear": "linear",
    "cosine": "cosine",
    "exponential": "exponential",
    "steps": "in stairs",
    "cyclic": "cyclic",
    "constant": "constant",
}
_MOVING = tuple(name for name in COURSES if name != "constant")


class ScheduledValue(Layer):
    """A number that follows the step or the epoch of the run: from a start to an end, along a curve.

    Output a scalar; it is no weight and learns nothing. Validation, lenses and samplers see the value of the
    last training step. Multiply a loss by it (KL annealing; Bowman et al., 2016), mix two branches by it (the
    fade-in of progressive GANs; Karras et al., 2018), or divide scores by it (a temperature). Cyclic: Fu et
    al. (2019), Cyclical annealing schedule.
    """

    type = "schedule"
    title = "Schedule"
    family = Family.MATH
    aliases = (
        *("annealing", "anneal", "warm-up", "ramp", "fade-in", "beta", "kl annealing", "temperature"),
        *("scheduled value", "curriculum", "progressive", "cyclic", "epoch", "step", "decay"),
    )
    inputs = ()
    outputs = (Port("output", "a scalar", ranks=(0,)),)

    course = Choice("linear", choices=tuple(COURSES), titles=COURSES, help="The curve from start to end.")
    start = Float(0.0, help="Value at first.")
    end = Float(1.0, visible_if=("course", _MOVING), help="Value at last; it stays.")
    unit = Choice("steps", choices=("steps", "epochs"), label="Counted in", help="What the length counts.")
    length = Int(
        1000, min=1, visible_if=("course", _MOVING), help="Steps or epochs from start to end; of one cycle."
    )
    delay = Int(0, visible_if=("course", _MOVING), help="Steps or epochs before it begins to move.")
    warm_up = Int(
        0, zero="none", advanced=True, help="Over so many steps or epochs it first rises from 0 to the start."
    )
    stairs = Int(
        4, min=1, max=100_000, visible_if=("course", ("steps",)), help="Equal stairs from start to end."
    )
    share = Float(
        0.5,
        min=0.0,
        max=1.0,
        visible_if=("course", ("cyclic",)),
        help="Share of a cycle in which it moves; for the rest it stays at the end.",
    )

    def at(self, step: int, epoch: int) -> float:
        """The value at this step (from 0) of this epoch (from 0)."""
        now = (step if self.unit == "steps" else epoch) - self.warm_up
        if now < 0:
            return self.start * (now + self.warm_up + 1) / (self.warm_up + 1)
        return self._moved(max(now - self.delay, 0) / self.length)

    def _moved(self, done: float) -> float:
        """The value when this share of the length is over; of a cycle also more than 1."""
        start, way = self.start, self.end - self.start
        if self.course == "constant":
            return start
        if self.course == "cyclic":
            within = done % 1.0
            return start + way * (min(within / self.share, 1.0) if self.share else 1.0)
        done = min(done, 1.0)
        if self.course == "cosine":
            return start + way * 0.5 * (1.0 - math.cos(math.pi * done))
        if self.course == "exponential":
            return start * math.exp(done * math.log(self.end / start))
        if self.course == "steps":
            return start + way * math.floor(done * self.stairs + 1e-9) / self.stairs
        return start + way * done

    def build(self) -> nn.Module:
        from nodes.modules.values.scheduled import Scheduled as Module

        return Module(self.at(0, 0))

    def check(self) -> None:
        if self.course == "exponential" and self.start * self.end <= 0.0:
            raise LayerError(
                "a start and an end of one sign, both not 0, for an exponential course",
                f"{self.start:g} and {self.end:g}",
                fixes=(SetParam("course", "linear"),),
            )

    def card_label(self) -> str:
        if self.course == "constant":
            return f"{self.start:g}".replace("-", "−")
        ends = f"{self.start:g} → {self.end:g}".replace("-", "−")
        return card_label.line(ends, f"{self.length} {self.unit}")


class Mix(Layer):
    """Blends two values by a share: (1 − share)·a + share·b.

    `a` and `b` of one shape, or with sizes of 1 that stretch. The share is a scalar, such as that of a
    Schedule, or stretches to them: the fade-in of progressive GANs (Karras et al., 2018), a gate. It is not
    cut to 0 … 1.
    """

    family = Family.MATH
    aliases = ("blend", "interpolate", "lerp", "fade", "fade-in", "crossfade", "gate", "average")
    inputs = (
        Port("a", "the value at share 0"),
        Port("b", "the value at share 1"),
        Port("share", "a scalar, or what stretches to both", side=True),
    )

    def build(self, a: TensorSpec, b: TensorSpec, share: TensorSpec) -> nn.Module:
        from nodes.modules.values.scheduled import Mix as Module

        return Module()

    def check(self, a: TensorSpec, b: TensorSpec, share: TensorSpec) -> None:
        check_stretch(check_stretch(a, b, "b"), share, "share")

    def example_inputs(self) -> Inputs:
        return (TensorSpec((N, 16)), TensorSpec((N, 16)), TensorSpec(()))


class Gradient(Layer):
    """How a value changes with one that it was computed from: ∂(Σ value)/∂input, of the shape of the input.

    Wire into `input` the very value that the other one was computed from. Sums over the values: where samples
    do not depend on each other, each row is the gradient of its own sample. It can be differentiated again
    within a loss; use Stop gradient behind it where it should not be. Saliency: Simonyan et al. (2014).
    Adversarial examples: Goodfellow et al. (2015). A gradient penalty: Gulrajani et al. (2017).
    """

    family = Family.MATH
    aliases = (
        *("derivative", "saliency", "jacobian", "backpropagation", "adversarial example", "fgsm", "slope"),
        *("gradient penalty", "input gradient", "sensitivity", "deep dream", "score"),
    )
    inputs = (
        Port("value", "what is differentiated"),
        Port("input", "what it was computed from", differentiated=True),
    )

    def build(self, value: TensorSpec, features: TensorSpec) -> nn.Module:
        from nodes.modules.values.gradient import Gradient as Module

        return Module()

    def example_inputs(self) -> Inputs:
        return (TensorSpec((N, 1)), TensorSpec((N, 16)))
