"""Dense layers, embeddings and activations: values, ranges, what is refused and how it is fixed."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from nodes.layers.activation import GLU, Hardtanh, Identity, LogSoftmax, ReLU, Sigmoid, Softmax, Step, Tanh
from nodes.layers.dense import Embedding, Linear, OneHot
from nodes.param import ParamError
from nodes.registry import REGISTRY
from nodes.shared.activation_option import NAMES
from nodes.spec import Family, InsertBefore, SetParam
from tests.nodes.battery import seeded
from tests.nodes.fixes_tried import assert_fixed, labels, refusal, says, spec


def test_linear_counts_its_weights() -> None:
    layer = Linear(out_features=120)
    assert layer.arithmetic((spec(400),), (spec(120),)) == "400·120 + 120 = 48,120 weights"
    assert sum(p.numel() for p in layer.build(spec(400)).parameters()) == 48120
    bare = Linear(out_features=3, bias=False)
    assert bare.arithmetic((spec(4),), (spec(3),)) == "4·3 = 12 weights"


def test_linear_is_torchs_own_and_starts_like_it() -> None:
    with seeded():
        ours = Linear(out_features=5).build(spec(3))
    with seeded():
        theirs = nn.Linear(3, 5)
    assert type(ours) is nn.Linear
    assert torch.equal(ours.weight, theirs.weight)
    assert Linear(out_features=120, activation="tanh").card_label() == "120 · Tanh"


@pytest.mark.parametrize("name", [name for name in NAMES if name != "none"])
def test_a_fused_activation_is_the_layer_of_that_name(name: str) -> None:
    with seeded():
        fused = Linear(out_features=5, activation=name).build(spec(3))
    with seeded():
        plain = Linear(out_features=5).build(spec(3))
    values = torch.randn(8, 3)
    after = REGISTRY.make(name).build(spec(5))
    assert torch.equal(fused(values), after(plain(values)))
    assert REGISTRY[name].title == NAMES[name]


def test_feature_maps_and_tokens_before_linear() -> None:
    (port,) = Linear.inputs
    assert Linear().port_fixes(port, labels(8)) == (InsertBefore("embedding"), InsertBefore("one_hot"))


def test_an_embedding_takes_its_vocabulary_from_the_data() -> None:
    assert Embedding().build(labels(8, classes=97)).num_embeddings == 97
    assert (
        Embedding(embedding_dim=8).arithmetic((labels(4, classes=97),), (spec(4, 8),)) == "97·8 = 776 weights"
    )
    error = assert_fixed(Embedding(num_embeddings=50), labels(8, classes=97), count=2)
    assert says(error, "Expected room for the indices 0 … 96. Received 50.")
    error = refusal(Embedding(), labels(8, classes=None))
    assert error.fixes == (SetParam("num_embeddings", 256),)


def test_one_hot_rows() -> None:
    module = OneHot().build(labels(classes=3))
    assert module(torch.tensor([2, 0])).tolist() == [[0, 0, 1], [1, 0, 0]]
    assert_fixed(OneHot(classes=2), labels(classes=3), count=2)


def test_ranges_of_the_output_units() -> None:
    values = torch.linspace(-8, 8, 101)[None]
    given = spec(101)
    assert torch.equal(Identity().build(given)(values), values)
    assert ReLU().build(given)(values).min() == 0
    assert 0 < Sigmoid().build(given)(values).min() < Sigmoid().build(given)(values).max() < 1
    assert Sigmoid().build(given)(torch.zeros(1)) == 0.5
    assert Tanh().build(given)(values).min() >= -1
    assert Tanh().build(given)(values).max() <= 1


def test_softmax_adds_up_to_one() -> None:
    scores = torch.tensor([[1.0, 2.0, 3.0]])
    module = Softmax().build(spec(3))
    assert module(scores).sum() == pytest.approx(1)
    assert module(scores)[0].tolist() == pytest.approx([0.0900, 0.2447, 0.6652], abs=1e-4)
    assert torch.allclose(LogSoftmax().build(spec(3))(scores).exp(), module(scores))
    maps = torch.randn(2, 4, 3, 3)
    assert torch.allclose(Softmax(dimension=1).build(spec(4, 3, 3))(maps).sum(1), torch.ones(2, 3, 3))


@pytest.mark.parametrize("dimension", [0, -3, 3])
def test_softmax_never_mixes_samples(dimension: int) -> None:
    error = assert_fixed(Softmax(dimension=dimension), spec(4, 5))
    assert says(error, "0 is the batch")


def test_glu_halves_an_even_size() -> None:
    assert says(refusal(GLU(), spec(7)), "an even size to halve")
    assert GLU().arithmetic((spec(8),), (spec(4),)) == "8 / 2 = 4"


def test_step_fires_from_its_threshold_and_solves_and() -> None:
    pairs = torch.tensor([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])
    total = pairs.sum(1)
    assert Step(threshold=2.0).build(spec(1))(total).tolist() == [0, 0, 0, 1]
    assert Step(threshold=1.0).build(spec(1))(total).tolist() == [0, 1, 1, 1]


def test_hardtanh_limits() -> None:
    assert_fixed(Hardtanh(min_val=2.0, max_val=1.0), spec(4))
    assert_fixed(Hardtanh(min_val=0.0, max_val=0.0), spec(4))


def test_there_are_activations_enough() -> None:
    assert sum(layer.family is Family.ACTIVATION for layer in REGISTRY.values()) >= 14


def test_a_wrong_parameter_says_what_was_expected() -> None:
    with pytest.raises(
        ParamError, match=r"out_features: Expected a whole number from 1 to .*\. Received 0\."
    ):
        Linear(out_features=0)
    with pytest.raises(ParamError, match=r"activation: Expected one of none, relu, .*Received 'relo'"):
        Linear(activation="relo")
