"""Tokens are hidden as BERT hides them, and only chosen ones have a label."""

from __future__ import annotations

import pytest
import torch

from nodes.registry import REGISTRY
from nodes.spec import BatchDim, LayerError, TensorSpec

TOKENS = TensorSpec((BatchDim(), 64), "int64", classes=50)


def test_of_the_chosen_tokens_eight_in_ten_are_masked_and_one_in_ten_stays() -> None:
    module = REGISTRY.make("mask_tokens", {"share": 0.3}).build(TOKENS, None)
    torch.manual_seed(0)
    tokens = torch.randint(1, 50, (1000, 64))
    hidden, label = module(tokens)
    chosen = label != 0
    assert chosen.float().mean() == pytest.approx(0.3, abs=0.01)
    assert torch.equal(label[chosen], tokens[chosen])
    assert torch.equal(hidden[~chosen], tokens[~chosen])
    assert (hidden[chosen] == 50).float().mean() == pytest.approx(0.8, abs=0.02)
    kept = (hidden[chosen] == tokens[chosen]).float().mean()
    assert kept == pytest.approx(0.1 + 0.1 / 50, abs=0.01)
    assert int(hidden.max()) == 50


def test_what_is_filled_up_is_never_chosen() -> None:
    module = REGISTRY.make("mask_tokens", {"share": 1.0}).build(TOKENS, TensorSpec((BatchDim(), 64)))
    tokens = torch.randint(1, 50, (4, 64))
    mask = torch.ones(4, 64)
    mask[:, 40:] = 0
    hidden, label = module(tokens, mask)
    assert torch.equal(hidden[:, 40:], tokens[:, 40:])
    assert not label[:, 40:].any()
    assert label[:, :40].all()


def test_the_embedding_behind_it_has_a_row_for_the_mask_token() -> None:
    layer = REGISTRY.make("mask_tokens", {})
    assert layer.output_classes(TOKENS) == {"tokens": 51, "label": 50}
    with pytest.raises(LayerError, match="one of the tokens 0 … 49"):
        REGISTRY.make("mask_tokens", {"ignored": 50}).check(TOKENS, None)
    with pytest.raises(LayerError, match="tokens of a text"):
        layer.check(TensorSpec((BatchDim(), 64), "int64"), None)
