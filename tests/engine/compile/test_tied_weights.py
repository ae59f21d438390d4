"""Tied weights: one tensor under one name, updated once by the sum of its gradients, as in torch by hand."""

from __future__ import annotations

import copy
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from engine.compile import CompileError, Plan, compile  # noqa: A004
from engine.document import edits
from engine.document.project import MAIN, Node, Project
from engine.expand.flat import FlatEnd
from engine.feed.sources import Sources
from engine.infer import infer
from engine.sample.frozen import Frozen
from engine.train.stepper import Stepper
from tests.drawings import Step, graph

SGD: dict[str, Any] = {"optimiser": "sgd", "learning_rate": 0.3, "momentum": 0.9}
INNER: list[Step] = [
    ("embed", "embedding", {"embedding_dim": 6}),
    ("mix", "linear", {"out_features": 6, "activation": "tanh"}),
    ("head", "linear", {"out_features": 29, "bias": False, "tied_to": "embed"}),
]
WORDS = {"dataset": "moby-dick", "window": 8}


def language_model(inner: list[Step] = INNER, *, data: dict[str, Any] = WORDS) -> Project:
    """Characters -> embedding -> dense -> the embedding again as the head."""
    nodes: list[Step] = [
        ("data", "data", data),
        *inner,
        ("loss", "cross_entropy"),
        ("objective", "objective", SGD),
    ]
    wires = ["data.input -> embed", "embed -> mix", "mix -> head", "head -> loss.logits"]
    return Project(
        graphs={MAIN: graph(nodes, [*wires, "data.target -> loss.label", "loss.loss -> objective.loss"])}
    )
