"""Four drawings with much to look at: 1,024 channels, 4,096 units, 2,048 tokens and 10,000 points."""

from __future__ import annotations

from collections.abc import Callable

from engine.document.project import MAIN, Project
from tests.drawings import Step, chain, graph

CHANNELS, UNITS, TOKENS, POINTS = 1024, 4096, 2048, 10_000


def channels() -> Project:
    """A convolution with 1,024 channels of 32 × 32."""
    steps: list[Step] = [
        ("wide", "conv2d", {"out_channels": CHANNELS, "kernel_size": 3, "padding": 1}),
        ("relu", "relu"),
        ("pool", "max_pool2d", {"kernel_size": 8, "stride": 8}),
        ("next", "conv2d", {"out_channels": CHANNELS, "kernel_size": 1}),
        ("flatten", "flatten"),
        ("linear", "linear", {"out_features": 10}),
    ]
    return chain({"dataset": "fashion-mnist", "samples": 60, "size": (32, 32)}, steps)


def units() -> Project:
    """Two layers of 4,096 units after one another, over points of the plane."""
    steps: list[Step] = [
        ("wide", "linear", {"out_features": UNITS}),
        ("relu", "relu"),
        ("next", "linear", {"out_features": UNITS}),
        ("tanh", "tanh"),
        ("linear", "linear", {"out_features": 2}),
    ]
    return chain({"dataset": "circle", "samples": 160}, steps)


def tokens() -> Project:
    """Attention with four heads over 2,048 characters."""
    nodes: list[Step] = [
        ("data", "data", {"dataset": "moby-dick", "context": TOKENS, "samples": 8}),
        ("embedding", "embedding", {"embedding_dim": 32, "num_embeddings": 81}),
        ("attention", "multi_head_attention", {"causal": True, "num_heads": 4}),
        ("logits", "linear", {"out_features": 81}),
        ("loss", "cross_entropy"),
        ("objective", "objective"),
        ("output", "output"),
    ]
    wires = ["data.input -> embedding", "embedding -> attention.query", "attention -> logits"]
    wires += ["logits -> loss.logits", "data.target -> loss.label", "loss.loss -> objective.loss"]
    return Project(graphs={MAIN: graph(nodes, [*wires, "logits -> output.input"])})


def points() -> Project:
    """More than 10,000 points that are held back, in the plane."""
    steps: list[Step] = [
        ("hidden", "linear", {"out_features": 8}),
        ("tanh", "tanh"),
        ("linear", "linear", {"out_features": 2}),
    ]
    return chain({"dataset": "circle", "samples": 6 * POINTS, "validation": 0.2}, steps)


LARGE: dict[str, Callable[[], Project]] = {
    "channels": channels,
    "units": units,
    "tokens": tokens,
    "points": points,
}
LOOKED_AT = {
    "channels": ("wide", "relu", "output"),
    "units": ("wide", "next", "relu"),
    "tokens": ("attention", "output"),
    "points": ("linear", "output"),
}
"""Nodes of each that are large, or say what the network says."""
