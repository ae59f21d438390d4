"""Positions: the numbers of the papers, by hand; and attention that knows them."""

from __future__ import annotations

import math

import pytest
import torch
from torch import Tensor
from torch.nn import functional as F

from nodes.layers.attention import MultiHeadAttention, PositionalEncoding, ScaledDotProductAttention
from nodes.layers.sequences.positions import Positions, RelativePositionBias, RotaryEmbedding, SegmentIds
from nodes.spec import TensorSpec
from tests.nodes.fixes_tried import assert_fixed, labels, refusal, spec


def test_positions_count_steps_or_real_steps() -> None:
    module = Positions().build(spec(4, 3), None)
    assert module(torch.randn(2, 4, 3)).tolist() == [[0, 1, 2, 3]] * 2
    mask = torch.tensor([[0.0, 0, 1, 1], [1, 0, 1, 0]])
    assert module(torch.randn(2, 4, 3), mask).tolist() == [[0, 0, 0, 1], [0, 0, 1, 1]]
    assert Positions().output_classes(spec(4, 3), None) == {"output": 4}


@pytest.mark.parametrize("kind", ["sinusoidal", "learned"])
def test_an_encoding_with_a_mask_begins_at_the_first_real_step(kind: str) -> None:
    layer = PositionalEncoding(kind=kind)
    module = layer.build(spec(5, 4), spec(5)).eval()
    mask = torch.tensor([[0.0, 0, 1, 1, 1], [1, 1, 1, 0, 0]])
    zeros = torch.zeros(2, 5, 4)
    whole, left = module(zeros), module(zeros, mask)
    assert torch.equal(left[0, 2:], whole[0, :3])
    assert torch.equal(left[1, :3], whole[0, :3])
    assert refusal(layer, spec(5, 4), spec(4)).port == "mask"


def test_segment_ids_are_those_of_bert() -> None:
    """[CLS] a b [SEP] c [SEP] and filling: the separator belongs to the part that it ends."""
    module = SegmentIds(separator=3).build(labels(8))
    tokens = torch.tensor([[2, 7, 8, 3, 9, 3, 0, 0], [2, 7, 7, 7, 7, 7, 7, 3]])
    assert module(tokens).tolist() == [[0, 0, 0, 0, 1, 1, 1, 1], [0] * 8]
    assert SegmentIds(segments=4).build(labels(8))(tokens)[0].tolist() == [0, 0, 0, 0, 1, 1, 2, 2]
    assert_fixed(SegmentIds(separator=12), labels(8, classes=10))


@pytest.mark.parametrize("neighbours", [False, True])
def test_rotary_embedding_turns_pairs_by_hand(neighbours: bool) -> None:
    size, base = 6, 100.0
    layer = RotaryEmbedding(base=base, pairs="neighbours" if neighbours else "halves")
    x = torch.randn(2, 3, 5, size, dtype=torch.float64)
    left = layer.build(spec(3, 5, size))(x)
    for position in range(5):
        for pair in range(3):
            first, second = (2 * pair, 2 * pair + 1) if neighbours else (pair, pair + 3)
            angle = position * base ** (-2 * pair / size)
            a, b = x[:, :, position, first], x[:, :, position, second]
            turned = a * math.cos(angle) - b * math.sin(angle), a * math.sin(angle) + b * math.cos(angle)
            assert torch.allclose(left[:, :, position, first], turned[0], atol=1e-6)
            assert torch.allclose(left[:, :, position, second], turned[1], atol=1e-6)
    assert refusal(layer, spec(5, 7)).port == "input"


def test_products_of_turned_features_depend_on_distances_alone() -> None:
    module = RotaryEmbedding().build(spec(12, 8))
    query, key = (torch.randn(1, 1, 8).expand(1, 12, 8) for _ in range(2))
    scores = (module(query) @ module(key).transpose(1, 2))[0]
    for offset in range(-11, 12):
        diagonal = scores.diagonal(offset)
        assert torch.allclose(diagonal, diagonal[:1].expand_as(diagonal), atol=1e-4)


def test_attention_with_rotary_embedding_is_the_one_that_is_drawn_with_it() -> None:
    layer = MultiHeadAttention(num_heads=2, rotary=True, causal=True)
    module = layer.build(spec(5, 8), None, None)
    x = torch.randn(3, 5, 8)
    q, k, v = (
        part.reshape(3, 5, 2, 4).transpose(1, 2)
        for part in F.linear(x, module.in_proj_weight, module.in_proj_bias).chunk(3, -1)
    )
    turn = RotaryEmbedding().build(spec(2, 5, 4))
    mixed = F.scaled_dot_product_attention(turn(q), turn(k), v, is_causal=True)
    assert torch.allclose(module(x), module.out_proj(mixed.transpose(1, 2).flatten(2)), atol=1e-6)
    assert_fixed(MultiHeadAttention(num_heads=4, rotary=True), spec(5, 12), None, None)


def t5_bucket(distance: int, *, causal: bool, buckets: int, most: int) -> int:
    """As Raffel et al. write it, for one distance: that of the key minus that of the query."""
    first = 0
    if causal:
        away = max(-distance, 0)
    else:
        buckets //= 2
        first, away = (buckets if distance > 0 else 0), abs(distance)
    near = buckets // 2
    if away < near:
        return first + away
    far = near + int(math.log(away / near) / math.log(most / near) * (buckets - near))
    return first + min(far, buckets - 1)


@pytest.mark.parametrize("causal", [False, True])
def test_relative_position_bias_has_the_buckets_of_t5(causal: bool) -> None:
    layer = RelativePositionBias(num_heads=3, causal=causal)
    module = layer.build(spec(7, 4), spec(150, 4))
    found = module(torch.randn(2, 7, 4), torch.randn(2, 150, 4))
    assert found.shape == (2, 3, 7, 150)
    for i in range(7):
        for j in range(150):
            bucket = t5_bucket(j - i, causal=causal, buckets=32, most=128)
            assert torch.equal(found[1, :, i, j], module.weight[bucket])
    assert_fixed(RelativePositionBias(max_distance=4), spec(7, 4), None)


def test_a_relative_position_bias_learns_through_the_mask_port() -> None:
    bias = RelativePositionBias(num_heads=2).build(spec(5, 8), None)
    shape = spec(2, 5, 4)
    layer = ScaledDotProductAttention()
    given = TensorSpec((shape.shape[0], 2, 5, 5))
    layer.check(shape, shape, shape, given, None)
    q, k, v = torch.randn(3, 3, 2, 5, 4).unbind(0)

    def left(weight: Tensor) -> Tensor:
        bias.weight.data = weight
        found: Tensor = layer.build(shape, shape, shape, given)(q, k, v, bias(q[:, 0]))
        return found

    left(bias.weight.data).square().sum().backward()
    assert bias.weight.grad is not None
    near = bias.weight.grad.abs().sum(1) > 0
    assert near.nonzero().flatten().tolist() == [0, 1, 2, 3, 4, 17, 18, 19, 20]
