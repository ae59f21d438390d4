"""Drawings outside the gallery whose kernels have limits of their own on CUDA."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial

import msgspec

from engine.data import columns
from engine.document.project import MAIN, Project
from tests.drawings import Step, chain, convnet, gan, graph, lstm, wgan_gp, wire
from tests.engine.sequence_drawings import masked_recurrent, translation
from tests.resuming import own_values

SERIES = {"dataset": "sunspots", "window": 24}
END: list[Step] = [("linear", "linear", {"out_features": 1})]
RULES = ("sgd", "adam", "adamw", "nadam", "rmsprop", "adagrad", "muon", "lbfgs")


def frozen_recurrent(kind: str) -> Project:
    """Gradients go through a recurrent layer that is frozen, to one that learns."""
    steps: list[Step] = [
        ("before", "linear", {"out_features": 4}),
        ("rec", kind, {"hidden_size": 8, "output": "last"}),
        *END,
    ]
    drawn = chain(SERIES, steps, "mse")
    nodes = dict(drawn.main.nodes)
    nodes["rec"] = msgspec.structs.replace(nodes["rec"], frozen=True)
    return msgspec.structs.replace(drawn, graphs={MAIN: msgspec.structs.replace(drawn.main, nodes=nodes)})


def slope_of_recurrent(kind: str) -> Project:
    """The slope of a recurrent layer is part of a loss."""
    steps: list[Step] = [
        ("data", "data", SERIES),
        ("rec", kind, {"hidden_size": 8, "output": "last"}),
        *END,
        ("loss", "mse"),
        ("penalty", "gradient_penalty"),
        ("objective", "objective"),
    ]
    wires = [
        *("data.input -> rec.input", "rec -> linear", "linear -> loss.prediction"),
        *("data.target -> loss.target", "linear -> penalty.score", "data.input -> penalty.input"),
        *("loss.loss -> objective.loss", "penalty.loss -> objective.loss"),
    ]
    drawn = msgspec.structs.replace(graph(steps), wires=tuple(wire(w, i) for i, w in enumerate(wires)))
    return Project(graphs={MAIN: drawn})


def recurrent_dropout(kind: str) -> Project:
    """Layers of a recurrent layer with dropout between them."""
    params = {"hidden_size": 8, "num_layers": 2, "dropout": 0.5, "output": "last"}
    return chain(SERIES, [("rec", kind, params), *END], "mse")


def updated_by(rule: str) -> Project:
    steps: list[Step] = [
        ("conv", "conv2d", {"out_channels": 1, "kernel_size": 1}),
        ("flatten", "flatten"),
        ("linear", "linear", {"out_features": 10}),
    ]
    often = 1 if rule == "lbfgs" else 2
    return chain({"dataset": "digits"}, steps, optimiser=rule, clip_norm=1.0, accumulate=often, ema=0.9)


def with_layer(kind: str) -> Project:
    """A classifier of digits with this layer in it."""
    steps: list[Step] = [
        *(("flatten", "flatten"), ("given", kind)),
        ("linear", "linear", {"out_features": 10}),
    ]
    return chain({"dataset": "digits"}, steps)


def added_labels() -> Project:
    """Labels of which nobody knows that they are in range."""
    steps: list[Step] = [
        *(("data", "data", {"dataset": "digits"}), ("zeros", "class_labels", {"classes": 1})),
        *(("flatten", "flatten"), ("linear", "linear", {"out_features": 10}), ("sum", "add")),
        *(("embedding", "embedding", {"num_embeddings": 10}), ("loss", "cross_entropy")),
        *(("match", "linear", {"out_features": 10}), ("both", "add"), ("objective", "objective")),
    ]
    wires = [
        *("data.input -> flatten", "flatten -> linear", "data.target -> sum.input", "zeros -> sum.input"),
        *("sum -> embedding", "embedding -> match", "linear -> both.input", "match -> both.input"),
        *("both -> loss.logits", "sum -> loss.label", "loss.loss -> objective.loss"),
    ]
    return Project(graphs={MAIN: graph(steps, wires)})


def slope_of_attention() -> Project:
    """The slope of attention is part of a loss."""
    steps: list[Step] = [
        ("data", "data", SERIES),
        ("wide", "linear", {"out_features": 4}),
        ("attention", "multi_head_attention", {"num_heads": 2}),
        *(("flatten", "flatten"), ("linear", "linear", {"out_features": 1})),
        *(("loss", "mse"), ("penalty", "gradient_penalty"), ("objective", "objective")),
    ]
    wires = [
        *("data.input -> wide", "wide -> attention.query", "attention -> flatten", "flatten -> linear"),
        *("linear -> loss.prediction", "data.target -> loss.target", "linear -> penalty.score"),
        *("data.input -> penalty.input", "loss.loss -> objective.loss", "penalty.loss -> objective.loss"),
    ]
    drawn = msgspec.structs.replace(graph(steps), wires=tuple(wire(w, i) for i, w in enumerate(wires)))
    return Project(graphs={MAIN: drawn})


def flat_and_deep() -> Project:
    """2-D and 3-D convolutions."""
    steps: list[Step] = [
        ("flat", "conv2d", {"out_channels": 4}),
        ("deep", "reshape", {"shape": [4, 1, 6, 6]}),
        ("solid", "conv3d", {"out_channels": 2, "kernel_size": 1}),
        ("flatten", "flatten"),
        ("linear", "linear", {"out_features": 10}),
    ]
    return chain({"dataset": "digits"}, steps)


def in_bfloat16(draw: Callable[[], Project]) -> Project:
    drawn = draw()
    settings = msgspec.structs.replace(drawn.settings, precision="bfloat16")
    return msgspec.structs.replace(drawn, settings=settings)


def diverging() -> Project:
    """The weights grow out of bounds within a few steps."""
    return chain(
        {"dataset": "digits"},
        [("flatten", "flatten"), ("linear", "linear", {"out_features": 10})],
        optimiser="sgd",
        learning_rate=1e37,
    )


def out_of_range() -> Project:
    """Some labels are no classes: 0 to 18, for 10 scores."""
    project = added_labels()
    nodes = dict(project.main.nodes)
    nodes["zeros"] = msgspec.structs.replace(nodes["zeros"], params={"classes": 10})
    return msgspec.structs.replace(project, graphs={MAIN: msgspec.structs.replace(project.main, nodes=nodes)})


@contextmanager
def streamed() -> Iterator[None]:
    """Data sets are read batch by batch inside, however small they are."""
    kept = columns.FINISHED_SHARE, columns.STORED_SHARE
    columns.FINISHED_SHARE = columns.STORED_SHARE = 0.0
    try:
        yield
    finally:
        columns.FINISHED_SHARE, columns.STORED_SHARE = kept


def drawings() -> dict[str, Callable[[], Project]]:
    """How to make each, by what it shows."""
    found: dict[str, Callable[[], Project]] = {}
    for kind in ("lstm", "gru", "rnn"):
        found[f"gradients through a frozen {kind}"] = partial(frozen_recurrent, kind)
        found[f"a slope penalty through a {kind}"] = partial(slope_of_recurrent, kind)
        found[f"dropout between layers of a {kind}"] = partial(recurrent_dropout, kind)
        found[f"masks of a {kind}"] = partial(masked_recurrent, kind)
    found["masks of a transformer"] = translation
    found["labels that were added"] = added_labels
    found["a slope penalty through attention"] = slope_of_attention
    found["2-D and 3-D convolutions"] = flat_and_deep
    found["own values"] = own_values
    found["dropout and batch norm"] = partial(convnet, "digits", dropout=0.5)
    masked = {"masks of a lstm": partial(masked_recurrent, "lstm"), "masks of a transformer": translation}
    mixed = masked | {"convnet": partial(convnet, "digits"), "lstm": lstm, "gan": gan, "critic": wgan_gp}
    for name, draw in mixed.items():
        found[f"{name} in bfloat16"] = partial(in_bfloat16, draw)
    return found | {f"updates by {rule}": partial(updated_by, rule) for rule in RULES}
