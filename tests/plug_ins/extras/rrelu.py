"""Randomised leaky ReLU."""

from __future__ import annotations

from nodes.layers.activation import Activation
from nodes.param import Float
from nodes.spec import LayerError, TensorSpec


class RReLU(Activation):
    """A leaky ReLU whose slope below zero is drawn for each value in training, and is the middle otherwise.

    From Xu et al. (2015), Empirical evaluation of rectified activations in convolutional network.
    """

    type = "rrelu"
    module = "RReLU"
    aliases = ("randomised leaky rectifier",)

    lower = Float(0.125, min=0.0, max=1.0, help="Smallest slope below zero.")
    upper = Float(0.333, min=0.0, max=1.0, help="Largest slope below zero.")

    def check(self, features: TensorSpec) -> None:
        if self.lower > self.upper:
            raise LayerError("lower at most upper", f"{self.lower:g} and {self.upper:g}")
