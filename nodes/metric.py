"""Metrics: what a person wants to know about a model; measured on validation data, never differentiated.

A metric's module follows torchmetrics: `update(prediction, target)`, `compute()`, `reset()`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from nodes.spec import Family, Layer, Port, Role, TensorSpec

if TYPE_CHECKING:
    from torch import nn


class Accuracy(Layer):
    """Share of samples whose highest score is the true class."""

    family = Family.METRIC
    role = Role.METRIC
    aliases = ("correct", "hits")
    inputs = (
        Port("logits", "scores (N, …, classes)", ranks=(2, 3, 4)),
        Port("label", "class indices (N, …)", dtype="int", side=True),
    )
    outputs = ()

    def build(self, logits: TensorSpec, label: TensorSpec) -> nn.Module:
        from nodes.modules.metric import Accuracy as AccuracyModule

        return AccuracyModule()
