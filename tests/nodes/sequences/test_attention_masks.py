"""Masks of attention: torch's numbers and gradients, queries that see nothing, padding, refusals."""

from __future__ import annotations

import math
from typing import Any

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor, nn
from torch.nn import functional as F

from nodes.layers.attention import (
    MultiHeadAttention,
    ScaledDotProductAttention,
    TransformerDecoderLayer,
    TransformerEncoderLayer,
)
from nodes.spec import TensorSpec
from tests.nodes.battery import seeded
from tests.nodes.fixes_tried import refusal, says, spec

BATCH, T, S, SIZE, HEADS = 3, 5, 7, 8, 2
GIVEN, AROUND = spec(T, SIZE), spec(S, SIZE)


def drawn(seed: int, *shape: int) -> Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


def seen(seed: int, *shape: int) -> Tensor:
    """A random mask in which the first key may always be seen."""
    mask = torch.rand(*shape, generator=torch.Generator().manual_seed(seed)) < 0.6
    mask[..., 0] = True
    return mask


def gradients(loss: Tensor, *of: Tensor) -> list[Tensor]:
    return list(torch.autograd.grad(loss, of, allow_unused=True, materialize_grads=True))


def by_hand(query: Tensor, key: Tensor, value: Tensor, mask: Tensor) -> Tensor:
    """softmax(QKᵀ/√d + mask)·V, row by row; a row with nothing to see is 0. Mask: (…, T, S), added."""
    rows = []
    scores = query @ key.transpose(-2, -1) / math.sqrt(query.shape[-1]) + mask
    for row in scores.unbind(-2):
        share = (row - row.amax(-1, keepdim=True).clamp(min=-1e300)).exp()
        rows.append(share / share.sum(-1, keepdim=True).clamp(min=1e-300))
    return torch.stack(rows, -2) @ value


@pytest.mark.parametrize("heads", [False, True])
@pytest.mark.parametrize("form", ["(T, S)", "(N, T, S)", "(N, heads, T, S)"])
@pytest.mark.parametrize("causal", [False, True])
@pytest.mark.parametrize("is_added", [False, True])
def test_masks_of_dot_product_attention_by_hand(heads: bool, form: str, causal: bool, is_added: bool) -> None:
    if form == "(N, heads, T, S)" and not heads:
        form = "(N, T, S)"
    lead = (BATCH, HEADS) if heads else (BATCH,)
    q, k, v = (drawn(i, *lead, n, 4).requires_grad_() for i, n in enumerate((T, S, S)))
    shape = {"(T, S)": (T, S), "(N, T, S)": (BATCH, T, S)}.get(form, (BATCH, HEADS, T, S))
    may = torch.rand(shape, generator=torch.Generator().manual_seed(3)) < 0.5
    may[..., 1, :] = False  # a row that sees nothing
    keys = seen(5, BATCH, S)
    mask = drawn(4, *shape).masked_fill(~may, -torch.inf) if is_added else may
    added = mask if is_added else torch.zeros(shape, dtype=torch.float64).masked_fill(~may, -torch.inf)
    wide = added.unsqueeze(1) if heads and len(shape) == 3 else added
    whole = wide.masked_fill(~keys.reshape(BATCH, *[1] * len(lead), S), -torch.inf)
    if causal:
        whole = whole.masked_fill(~torch.ones(T, S, dtype=torch.bool).tril(), -torch.inf)
    wanted = by_hand(q, k, v, whole)
    wanted_slopes = gradients((wanted * drawn(6, *wanted.shape)).sum(), q, k, v)
    specs = [TensorSpec((spec().shape[0], *one.shape[1:])) for one in (q, k, v)]
    for weights in (False, True):
        module = ScaledDotProductAttention(causal=causal, weights=weights).build(*specs)
        found = module(q, k, v, mask, keys.float())
        mixed = found[0] if weights else found
        assert torch.allclose(mixed, wanted, atol=1e-12)
        slopes = gradients((mixed * drawn(6, *wanted.shape)).sum(), q, k, v)
        assert all(torch.allclose(a, b, atol=1e-12) for a, b in zip(slopes, wanted_slopes, strict=True))
        assert (mixed[..., 1, :] == 0).all()
        if weights:
            assert torch.allclose(found[1] @ v, mixed, atol=1e-12)
            assert set(found[1].sum(-1).round(decimals=9).unique().tolist()) <= {0.0, 1.0}


@pytest.mark.parametrize("again", [False, True])
def test_a_batch_in_which_nothing_is_real_has_finite_gradients(again: bool) -> None:
    """With kernels of either order, and however the mask says that nothing may be seen."""
    module = MultiHeadAttention(num_heads=HEADS).build(GIVEN, None, None)
    module.second_order = again
    nothing = (None, torch.zeros(BATCH, T)), (torch.full((T, T), -torch.inf), None)
    least = torch.full((BATCH, HEADS, T, T), torch.finfo(torch.float32).min)
    for mask, key_mask in (*nothing, (least, None)):
        x = drawn(0, BATCH, T, SIZE).float().requires_grad_()
        left = module(x, None, None, mask, key_mask)
        assert torch.equal(left, module.out_proj.bias.expand_as(left))
        left.square().sum().backward()
        assert x.grad is not None
        assert (x.grad == 0).all()
        assert all(one.grad is not None and one.grad.isfinite().all() for one in module.parameters())


def test_a_learned_bias_gets_the_gradient_of_its_scores() -> None:
    q, k, v = (drawn(i, BATCH, HEADS, n, 4) for i, n in enumerate((T, S, S)))
    bias = drawn(7, HEADS, T, S).requires_grad_()
    specs = [TensorSpec((spec().shape[0], *one.shape[1:])) for one in (q, k, v)]
    found = [
        ScaledDotProductAttention(weights=weights).build(*specs)(q, k, v, bias.expand(BATCH, -1, -1, -1))
        for weights in (False, True)
    ]
    slopes = [
        gradients(one.square().sum(), bias)[0] for one in (found[0], found[1][0], by_hand(q, k, v, bias))
    ]
    assert all(torch.allclose(slope, slopes[2], atol=1e-12) for slope in slopes)


MASKS = st.fixed_dictionaries(
    {
        "seed": st.integers(0, 10**6),
        "causal": st.booleans(),
        "form": st.sampled_from([None, (), (BATCH,), (BATCH, HEADS)]),
        "is_added": st.booleans(),
        "keys": st.booleans(),
        "norm_first": st.booleans(),
        "activation": st.sampled_from(["relu", "gelu"]),
    }
)


def drawn_masks(chosen: dict[str, Any], length: int, keys: int, *, causal: bool) -> tuple[Any, ...]:
    """(mask and key mask of ours, and those of torch, with the past in them)."""
    form, seed = chosen["form"], chosen["seed"]
    mask = None if form is None else seen(seed, *form, length, keys)
    real = seen(seed + 1, BATCH, keys) if chosen["keys"] else None
    whole = torch.zeros(BATCH, HEADS, length, keys, dtype=torch.float64)
    ours = mask
    if mask is not None:
        wide = mask.unsqueeze(1) if mask.dim() == 3 else mask
        whole = whole.masked_fill(~wide, -torch.inf)
        if chosen["is_added"]:
            bias = drawn(seed + 2, *mask.shape)
            ours = bias.masked_fill(~mask, -torch.inf)
            whole = whole + (bias.unsqueeze(1) if mask.dim() == 3 else bias)
    if causal:
        whole = whole.masked_fill(~torch.ones(length, keys, dtype=torch.bool).tril(), -torch.inf)
    padding = (
        None if real is None else torch.zeros(BATCH, keys, dtype=torch.float64).masked_fill(~real, -torch.inf)
    )
    return ours, None if real is None else real.double(), whole.flatten(0, 1), padding


@settings(max_examples=15, deadline=None)
@given(MASKS)
def test_encoder_and_decoder_layers_with_random_masks_are_torchs(chosen: dict[str, Any]) -> None:
    layer = {name: chosen[name] for name in ("norm_first", "activation")}
    theirs = {"dropout": 0.0, "batch_first": True, "dtype": torch.float64, **layer}
    ours = {"num_heads": HEADS, "dim_feedforward": 16, "dropout": 0.0, "causal": chosen["causal"], **layer}
    x, memory = drawn(chosen["seed"], BATCH, T, SIZE), drawn(chosen["seed"] + 9, BATCH, S, SIZE)
    mask, keys, whole, padding = drawn_masks(chosen, T, T, causal=chosen["causal"])
    far, far_keys, far_whole, far_padding = drawn_masks(
        {**chosen, "seed": chosen["seed"] + 3}, T, S, causal=False
    )
    with seeded(chosen["seed"]):
        encoder = TransformerEncoderLayer(**ours).build(GIVEN).double()
        decoder = TransformerDecoderLayer(**ours).build(GIVEN, AROUND).double()
    twins = (
        nn.TransformerEncoderLayer(SIZE, HEADS, 16, **theirs),
        nn.TransformerDecoderLayer(SIZE, HEADS, 16, **theirs),
    )
    for own, twin in zip((encoder, decoder), twins, strict=True):
        twin.load_state_dict(own.state_dict())
    left = encoder(x, mask, keys)
    expected = twins[0](x, whole, padding)
    assert_same(left, expected, encoder, twins[0])
    left = decoder(x, memory, mask, keys, far, far_keys)
    expected = twins[1](
        x, memory, whole, far_whole, tgt_key_padding_mask=padding, memory_key_padding_mask=far_padding
    )
    assert_same(left, expected, decoder, twins[1])


def assert_same(left: Tensor, expected: Tensor, own: nn.Module, twin: nn.Module) -> None:
    """Values and the gradients of all weights."""
    assert torch.allclose(left, expected, atol=1e-9)
    weight = drawn(1, *left.shape)
    slopes = gradients((left * weight).sum(), *own.parameters())
    wanted = gradients((expected * weight).sum(), *twin.parameters())
    assert all(torch.allclose(a, b, atol=1e-9) for a, b in zip(slopes, wanted, strict=True))


@pytest.mark.parametrize("weights", [False, True])
def test_what_is_filled_up_changes_nothing(weights: bool) -> None:
    """Five real keys give the same alone and with two more, whatever these hold."""
    with seeded():
        module = MultiHeadAttention(num_heads=HEADS, weights=weights).build(GIVEN, AROUND, None).double()
    x, other = drawn(0, BATCH, T, SIZE), drawn(1, BATCH, S, SIZE)
    keys = (torch.arange(S) < T).double().expand(BATCH, S)
    alone, padded = module(x, other[:, :T]), module(x, other, None, None, keys)
    assert torch.allclose(alone[0] if weights else alone, padded[0] if weights else padded, atol=1e-12)


def test_padding_may_hold_anything_but_nan() -> None:
    module = MultiHeadAttention(num_heads=HEADS).build(GIVEN, None, None).double()
    x = drawn(0, BATCH, T, SIZE)
    far = x.clone()
    far[:, 3:] = 1e6
    keys = (torch.arange(T) < 3).expand(BATCH, T)
    left, moved = (module(one, None, None, None, keys)[:, :3] for one in (x, far))
    assert torch.allclose(left, moved, atol=1e-12)


def test_fused_and_separate_kernels_see_the_same() -> None:
    q = drawn(0, BATCH, HEADS, T, 4)
    fused, separate = (ScaledDotProductAttention().build(*[spec(HEADS, T, 4)] * 3) for _ in range(2))
    separate.second_order = True
    mask, keys = seen(1, BATCH, T, T), seen(2, BATCH, T)
    found = fused(q, q, q, mask, keys)
    assert torch.allclose(found, separate(q, q, q, mask, keys), atol=1e-12)
    wide = mask.unsqueeze(1) & keys[:, None, None]
    assert torch.allclose(found, F.scaled_dot_product_attention(q, q, q, wide), atol=1e-12)


def test_masks_that_do_not_fit_are_refused() -> None:
    layer = MultiHeadAttention(num_heads=HEADS)
    error = refusal(layer, GIVEN, AROUND, None, spec(S), None)
    assert error.port == "mask"
    assert says(error, "a mask of 5×7, N×5×7 or N×2×5×7")
    assert says(error, "which keys are real goes into key_mask")
    assert refusal(layer, GIVEN, AROUND, None, None, spec(T)).port == "key_mask"
    assert refusal(layer, GIVEN, AROUND, None, spec(3, T, S), None).port == "mask"
    layer.check(GIVEN, AROUND, None, spec(1, T, S), spec(S))
    layer.check(GIVEN, AROUND, None, TensorSpec((T, S), "bool"), spec(S))
    decoder = TransformerDecoderLayer(num_heads=HEADS)
    assert refusal(decoder, GIVEN, AROUND, None, None, spec(T, T)).port == "memory_mask"
    assert refusal(decoder, GIVEN, AROUND, None, None, None, spec(T)).port == "memory_key_mask"
    assert refusal(decoder, GIVEN, AROUND, None, spec(S)).port == "key_mask"
    dot = ScaledDotProductAttention()
    assert refusal(dot, GIVEN, AROUND, AROUND, spec(HEADS, T, S)).port == "mask"
