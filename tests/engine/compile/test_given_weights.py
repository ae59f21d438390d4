"""Weights that a drawing gives: the text and back, in modules of every kind, and what does not fit."""

from __future__ import annotations

import math
from typing import Any

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from engine.compile import compile  # noqa: A004
from engine.document.project import MAIN, Project
from engine.infer import infer
from nodes.modules.values.given import made, named_shapes
from nodes.registry import REGISTRY
from nodes.shared.given_weights import can_be_given, held, number_text, rows_text, written
from nodes.spec import LayerError, Role
from tests.drawings import chain, graph

NUMBERS = st.floats(width=32, allow_nan=False, allow_infinity=False)


@settings(max_examples=15, deadline=None)
@given(st.data(), st.sampled_from(["lstm", "linear", "conv2d", "embedding", "batch_norm2d"]))
def test_numbers_survive_the_drawing(data: Any, layer: str) -> None:
    shapes = data.draw(
        st.dictionaries(
            st.sampled_from(["weight", "bias", "weight_ih_l0"]),
            st.lists(st.integers(1, 3), min_size=1, max_size=4),
            max_size=3,
        )
    )
    declared = REGISTRY[layer].params
    if layer in ("linear", "conv2d"):
        shapes.pop("weight_ih_l0", None)
    numbers = {
        name: tuple(data.draw(st.lists(NUMBERS, min_size=size, max_size=size)))
        for name, shape in shapes.items()
        for size in [math.prod(shape)]
    }
    assert held(written(numbers, declared, shapes), declared, shapes) == numbers


def test_texts_are_short() -> None:
    assert number_text(1.0) == "1"
    assert number_text(-0.0625) == "-0.0625"
    assert rows_text([1.0, 0.0, 0.0, 1.0], (2, 2)) == "1 0; 0 1"
    assert rows_text([1.0, 0.0, 0.0, 1.0] * 6, (3, 2, 2, 2)) == "1 0; 0 1"  # every kernel alike


WEIGHTED = [
    name for name in REGISTRY if REGISTRY[name].role is Role.MODULE and can_be_given(REGISTRY[name].params)
]


@pytest.mark.parametrize("name", WEIGHTED)
def test_a_layer_takes_every_tensor_by_hand(name: str) -> None:
    """What is written of a module that was made at random makes another one the same."""
    small = {"affine": True, "hidden_size": 3, "dim_feedforward": 4, "shape": [2, 3], "embedding_dim": 3}
    layer = REGISTRY.make(name, {key: value for key, value in small.items() if key in REGISTRY[name].params})
    inputs = layer.example_inputs()
    torch.manual_seed(1)
    first = made(layer, inputs)
    numbers = {
        tensor: tuple(float(str(value)) for value in first.state_dict()[tensor].flatten().numpy())
        for tensor, _ in named_shapes(first)
    }
    shapes = dict(named_shapes(first))
    texts = written(numbers, layer.params, shapes)
    torch.manual_seed(2)
    second = made(REGISTRY.make(name, {**layer.changed(), **texts}), inputs)
    for tensor in shapes:
        assert torch.equal(first.state_dict()[tensor], second.state_dict()[tensor]), tensor


def test_every_layer_with_weights_takes_them_by_hand() -> None:
    """But for those whose weights are parameters of the form: a learned factor, a slope."""
    missing = []
    for name in REGISTRY:
        layer = REGISTRY.make(name, {})
        if layer.role is Role.MODULE and not can_be_given(layer.params):
            module = layer.build(*layer.example_inputs())
            if list(module.parameters()):
                missing.append(name)
    assert missing == []


def test_what_does_not_fit_is_told() -> None:
    steps = [("lstm", "lstm", {"hidden_size": 2, "output": "last", "given": "weight_hh_l0: 1 2; 3 4"})]
    project = chain(
        {"dataset": "sunspots", "window": 4}, [*steps, ("end", "linear", {"out_features": 1})], "mse"
    )
    (problem, *_) = infer(project).problems
    assert problem.path == "lstm"
    assert problem.expected == "as weights by hand 8 rows of 2 weights, for weight_hh_l0 of 8×2"
    assert problem.received == "2 of 2"
    with pytest.raises(LayerError, match=r"the name of a weight \(weight\). Received 'wait'"):
        made(
            REGISTRY.make("embedding", {"num_embeddings": 2, "given": "wait: 1"}),
            REGISTRY.make("embedding", {}).example_inputs(),
        )
    with pytest.raises(LayerError, match="numbers in weight"):
        made(
            REGISTRY.make("embedding", {"given": "weight: one"}),
            REGISTRY.make("embedding", {}).example_inputs(),
        )


def test_a_run_begins_with_them() -> None:
    given_text = "weight_ih_l0: " + "; ".join(str(i) for i in range(8)) + " | bias_hh_l0: 1 1 1 1 1 1 1 1"
    project = Project(
        graphs={
            MAIN: graph(
                [
                    ("data", "data", {"dataset": "sunspots", "window": 4}),
                    ("lstm", "lstm", {"hidden_size": 2, "output": "last", "given": given_text}),
                    ("end", "linear", {"out_features": 1}),
                    ("loss", "mse"),
                    ("objective", "objective"),
                ],
                [
                    "data.input -> lstm",
                    "lstm -> end",
                    "end -> loss.prediction",
                    "data.target -> loss.target",
                    "loss.loss -> objective.loss",
                ],
            )
        }
    )
    assert infer(project).problems == ()
    state = compile(project).model.state_dict()
    assert state["lstm.weight_ih_l0"].flatten().tolist() == list(range(8))
    assert state["lstm.bias_hh_l0"].tolist() == [1.0] * 8
    torch.manual_seed(0)
    assert torch.equal(state["lstm.weight_hh_l0"], nn.LSTM(1, 2).weight_hh_l0)
