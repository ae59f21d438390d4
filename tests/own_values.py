"""A drawing of values of its own: a tensor that learns, tied weights, a schedule, a gradient in the loss."""

from __future__ import annotations

from typing import Any

from engine.document.project import MAIN, Project
from tests.drawings import Step, graph, with_settings


def own_values(batch_size: int = 16, **objective: Any) -> Project:
    """Points -> 4 hidden values, of which a learned row is a part; a second layer has the first one's weights
    turned round, and the slope of the score, weighed by a schedule, is a part of the loss.
    """
    nodes: list[Step] = [
        ("data", "data", {"dataset": "plane"}),
        ("token", "parameter", {"shape": [4], "spread": 0.5}),
        ("first", "linear", {"out_features": 4, "activation": "tanh"}),
        ("joined", "add"),
        ("second", "linear", {"out_features": 2, "tied_to": "first", "activation": "tanh"}),
        ("score", "linear", {"out_features": 1}),
        ("slope", "gradient"),
        ("squares", "function", {"function": "square"}),
        ("mean", "sparsity_penalty"),
        ("beta", "schedule", {"start": 0.1, "length": 7, "course": "cosine"}),
        ("weighed", "scale"),
        ("loss", "mse"),
        ("objective", "objective", objective),
        ("samples", "samples", {"count": 4}),
    ]
    wires = [
        "data.input -> first",
        "data.input -> token.like",
        "first -> joined",
        "token -> joined",
        "joined -> second",
        "second -> score",
        "score -> slope.value",
        "data.input -> slope.input",
        "slope -> squares",
        "squares -> mean.code",
        "mean.loss -> weighed.input",
        "beta -> weighed.by",
        "score -> loss.prediction",
        "data.target -> loss.target",
        "loss.loss -> objective.loss",
        "weighed -> objective.loss",
        "slope -> samples.value",
    ]
    return with_settings(Project(graphs={MAIN: graph(nodes, wires)}), batch_size=batch_size)
