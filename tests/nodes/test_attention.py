"""Attention: torch's numbers, weights that add up to 1, no look ahead, what is refused."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from nodes.layers.attention import (
    MultiHeadAttention,
    PositionalEncoding,
    ScaledDotProductAttention,
    TransformerDecoderLayer,
    TransformerEncoderLayer,
)
from nodes.spec import InsertBefore, Layer, SetParam
from tests.nodes.battery import seeded
from tests.nodes.fixes_tried import assert_fixed, labels, refusal, says, spec

GENERATOR = torch.Generator().manual_seed(0)
SEQUENCE = torch.randn(2, 6, 8, generator=GENERATOR)
OTHER = torch.randn(2, 9, 8, generator=GENERATOR)
GIVEN, AROUND = spec(6, 8), spec(9, 8)
MASK = nn.Transformer.generate_square_subsequent_mask(6)


def test_self_and_cross_attention_are_torchs() -> None:
    with seeded():
        ours = MultiHeadAttention(weights=True, num_heads=2).build(GIVEN, None, None)
    with seeded():
        theirs = nn.MultiheadAttention(8, 2, batch_first=True)
    assert all(torch.equal(ours.state_dict()[name], value) for name, value in theirs.state_dict().items())
    mixed, weights = ours(SEQUENCE)
    expected, averaged = theirs(SEQUENCE, SEQUENCE, SEQUENCE)
    assert torch.allclose(mixed, expected, atol=1e-6)
    assert torch.allclose(weights.mean(1), averaged, atol=1e-6)
    assert torch.allclose(ours(SEQUENCE, OTHER)[0], theirs(SEQUENCE, OTHER, OTHER)[0], atol=1e-6)


def test_keys_and_values_of_other_sizes() -> None:
    layer = MultiHeadAttention(num_heads=2)
    module = layer.build(GIVEN, spec(9, 5), spec(9, 3))
    keys, values = torch.randn(2, 9, 5), torch.randn(2, 9, 3)
    theirs = nn.MultiheadAttention(8, 2, kdim=5, vdim=3, batch_first=True)
    theirs.load_state_dict(module.state_dict())
    assert torch.allclose(module(SEQUENCE, keys, values), theirs(SEQUENCE, keys, values)[0], atol=1e-6)


@pytest.mark.parametrize("causal", [False, True])
def test_asking_for_the_weights_changes_nothing_else(causal: bool) -> None:
    with seeded():
        with_weights = MultiHeadAttention(weights=True, causal=causal).build(GIVEN, None, None)
    with seeded():
        without = MultiHeadAttention(causal=causal).build(GIVEN, None, None)
    mixed, weights = with_weights(SEQUENCE)
    assert torch.allclose(mixed, without(SEQUENCE), atol=1e-6)
    assert weights.shape == (2, 4, 6, 6)
    assert torch.allclose(weights.sum(-1), torch.ones(2, 4, 6))
    assert bool((weights.triu(1) == 0).all()) == causal


@pytest.mark.parametrize(
    "layer",
    [
        MultiHeadAttention(causal=True),
        TransformerEncoderLayer(causal=True),
        TransformerEncoderLayer(causal=True, norm_first=True),
        TransformerDecoderLayer(),
    ],
)
def test_causal_layers_never_look_ahead(layer: Layer) -> None:
    has_memory = layer.inputs[1].name == "memory"
    module = layer.build(GIVEN, *([AROUND] if has_memory else [None, None])).eval()
    rest = [OTHER] if has_memory else []
    changed = SEQUENCE.clone()
    changed[:, 4:] += 1
    before, after = module(SEQUENCE, *rest), module(changed, *rest)
    assert torch.allclose(before[:, :4], after[:, :4], atol=1e-6)
    assert not torch.allclose(before[:, 4:], after[:, 4:], atol=1e-3)


@pytest.mark.parametrize("norm_first", [False, True])
@pytest.mark.parametrize("activation", ["relu", "gelu"])
def test_encoder_and_decoder_layers_are_torchs(norm_first: bool, activation: str) -> None:
    params = {"num_heads": 2, "dim_feedforward": 16, "norm_first": norm_first, "activation": activation}
    theirs = {"dropout": 0.1, "activation": activation, "batch_first": True, "norm_first": norm_first}
    with seeded():
        encoder = TransformerEncoderLayer(**params).build(GIVEN).eval()
        decoder = TransformerDecoderLayer(**params).build(GIVEN, AROUND).eval()
    with seeded():
        encoder_twin = nn.TransformerEncoderLayer(8, 2, 16, **theirs).eval()
        decoder_twin = nn.TransformerDecoderLayer(8, 2, 16, **theirs).eval()
    assert list(encoder.state_dict()) == list(encoder_twin.state_dict())
    assert list(decoder.state_dict()) == list(decoder_twin.state_dict())
    assert torch.allclose(encoder(SEQUENCE), encoder_twin(SEQUENCE), atol=1e-5)
    expected = decoder_twin(SEQUENCE, OTHER, tgt_mask=MASK)
    assert torch.allclose(decoder(SEQUENCE, OTHER), expected, atol=1e-5)


def test_dot_product_attention_by_hand() -> None:
    layer = ScaledDotProductAttention(weights=True)
    mixed, weights = layer.build(GIVEN, AROUND, AROUND)(SEQUENCE, OTHER, OTHER)
    expected = (SEQUENCE @ OTHER.transpose(1, 2) / 8**0.5).softmax(-1)
    assert torch.allclose(weights, expected, atol=1e-6)
    assert torch.allclose(mixed, expected @ OTHER, atol=1e-6)
    bare = ScaledDotProductAttention(scaled=False).build(GIVEN, AROUND, AROUND)
    expected = (SEQUENCE @ OTHER.transpose(1, 2)).softmax(-1) @ OTHER
    assert torch.allclose(bare(SEQUENCE, OTHER, OTHER), expected, atol=1e-5)


def test_sinusoidal_positions_are_the_papers() -> None:
    module = PositionalEncoding().build(spec(50, 6)).eval()
    waves = module(torch.zeros(1, 50, 6))[0]
    assert waves[0].tolist() == pytest.approx([0, 1, 0, 1, 0, 1])
    assert waves[3, 2].item() == pytest.approx(torch.sin(torch.tensor(3 / 10000 ** (2 / 6))).item(), rel=1e-5)
    assert module(torch.zeros(1, 80, 6)).shape == (1, 80, 6)
    assert torch.equal(module(torch.zeros(1, 80, 6))[:, :50], waves[None])
    assert not module.state_dict()


def test_learned_positions_have_room_for_a_longest_sequence() -> None:
    layer = PositionalEncoding(kind="learned", max_length=32)
    assert tuple(layer.build(spec(20, 6)).encoding.shape) == (32, 6)
    error = assert_fixed(layer, spec(40, 6), count=2)
    assert says(error, "sequences of at most 32")


@pytest.mark.parametrize(
    ("layer", "inputs"),
    [
        (MultiHeadAttention(num_heads=4), (spec(6, 10), None, None)),
        (TransformerEncoderLayer(num_heads=4), (spec(6, 10),)),
        (TransformerDecoderLayer(num_heads=4), (spec(6, 10), spec(9, 10))),
    ],
)
def test_heads_divide_the_features(layer: Layer, inputs: tuple[object, ...]) -> None:
    error = assert_fixed(layer, *inputs)
    assert error.arithmetic == "10 / 4 = 2 remainder 2"
    assert error.fixes == (SetParam("num_heads", 2),)


def test_sizes_that_do_not_meet() -> None:
    error = refusal(MultiHeadAttention(), GIVEN, spec(9, 8), spec(7, 8))
    assert error.port == "value"
    assert_fixed(TransformerDecoderLayer(), GIVEN, spec(9, 12))
    assert refusal(ScaledDotProductAttention(), GIVEN, spec(9, 7), spec(9, 7)).port == "key"
    assert refusal(ScaledDotProductAttention(), GIVEN, spec(9, 8), spec(8, 8)).port == "value"


def test_images_become_sequences_of_patches() -> None:
    port = TransformerEncoderLayer.inputs[0]
    layer = TransformerEncoderLayer()
    assert layer.port_fixes(port, spec(1, 28, 28)) == (InsertBefore("patches", {"size": 4}),)
    assert layer.port_fixes(port, spec(64, 7, 7)) == (InsertBefore("patches", {"size": 1}),)
    assert layer.port_fixes(port, labels(32))[0] == InsertBefore("embedding")


def test_cards_and_sums() -> None:
    assert TransformerEncoderLayer(causal=True).card_label() == "4 heads · ff 256 · causal"
    assert MultiHeadAttention(num_heads=1).card_label() == "1 head"
    assert MultiHeadAttention().arithmetic((spec(6, 64), None, None), ()) == "64 / 4 = 16 per head"
