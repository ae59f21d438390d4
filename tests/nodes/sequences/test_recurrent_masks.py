"""Masks of recurrent layers: what is filled up is passed over, as torch has it for packed sequences."""

from __future__ import annotations

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor, nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

from nodes.layers.recurrent import GRU, LSTM, RNN
from nodes.spec import InsertBefore, Layer
from tests.nodes.fixes_tried import refusal, spec

PAIRS = [(RNN, nn.RNN), (GRU, nn.GRU), (LSTM, nn.LSTM)]
BATCH, TIME, SIZE, HIDDEN = 4, 6, 3, 5
GIVEN = spec(TIME, SIZE)


def drawn(seed: int, *shape: int) -> Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


def made(kind: type[Layer], **params: object) -> nn.Module:
    layer = kind(hidden_size=HIDDEN, states=True, **params)
    layer.check(GIVEN, *[None] * len(layer.carried), spec(TIME))
    return layer.build(GIVEN, *[None] * len(layer.carried), spec(TIME)).double()


def slopes(values: tuple[Tensor, ...], of: list[Tensor]) -> list[Tensor]:
    loss = sum((value * drawn(9 + i, *value.shape)).sum() for i, value in enumerate(values))
    return list(torch.autograd.grad(loss, of))


@pytest.mark.parametrize(("ours", "theirs"), PAIRS)
@settings(max_examples=10, deadline=None)
@given(
    lengths=st.lists(st.integers(1, TIME), min_size=BATCH, max_size=BATCH),
    layers=st.integers(1, 2),
    both_ways=st.booleans(),
    starts=st.booleans(),
)
def test_padded_sequences_are_torchs_packed_ones(
    ours: type[Layer],
    theirs: type[nn.RNNBase],
    lengths: list[int],
    layers: int,
    both_ways: bool,
    starts: bool,
) -> None:
    """Steps, states at the end and all gradients, whatever stands where a sequence is filled up."""
    module = made(ours, num_layers=layers, bidirectional=both_ways)
    twin = theirs(SIZE, HIDDEN, layers, batch_first=True, bidirectional=both_ways, dtype=torch.float64)
    twin.load_state_dict(module.state_dict())
    mask = torch.arange(TIME) < torch.tensor(lengths)[:, None]
    x = drawn(0, BATCH, TIME, SIZE).masked_fill(~mask[..., None], torch.nan).requires_grad_()
    rows = layers * (2 if both_ways else 1)
    start = [drawn(i + 1, BATCH, rows, HIDDEN) if starts else None for i in range(len(ours.carried))]
    left, *ends = module(x, *start, mask.float())
    packed = pack_padded_sequence(x.nan_to_num(), lengths, batch_first=True, enforce_sorted=False)
    inward = [one.transpose(0, 1).contiguous() for one in start if one is not None]
    steps, after = twin(packed, (tuple(inward) if ours is LSTM else inward[0]) if starts else None)
    steps, _ = pad_packed_sequence(steps, batch_first=True, total_length=TIME)
    wanted = tuple(one.transpose(0, 1) for one in (after if ours is LSTM else (after,)))
    for found, expected in zip((left, *ends), (steps, *wanted), strict=True):
        assert torch.allclose(found, expected, atol=1e-12)
    found = slopes((left, *ends), [x, *module.parameters()])
    expected = slopes((steps, *wanted), [x, *twin.parameters()])
    assert (found[0][~mask] == 0).all()
    expected[0] = expected[0].nan_to_num()
    assert all(torch.allclose(a, b, atol=1e-11) for a, b in zip(found, expected, strict=True))


@pytest.mark.parametrize("kind", [RNN, GRU, LSTM])
@pytest.mark.parametrize("both_ways", [False, True])
def test_steps_that_are_passed_over_may_stand_anywhere(kind: type[Layer], both_ways: bool) -> None:
    """Filled up in front, with gaps, or with no real step: as the real steps alone."""
    module = made(kind, num_layers=2, bidirectional=both_ways)
    x = drawn(0, BATCH, TIME, SIZE)
    mask = torch.tensor([[0, 0, 1, 1, 1, 1], [1, 0, 1, 0, 0, 1], [0, 0, 0, 0, 0, 0], [1, 1, 1, 1, 1, 1]])
    rows = 4 if both_ways else 2
    start = [drawn(i + 1, BATCH, rows, HIDDEN) for i in range(len(kind.carried))]
    left, *ends = module(x, *start, mask)
    for at in range(BATCH):
        real = mask[at].bool()
        own = [one[at : at + 1] for one in start]
        if not real.any():
            assert (left[at] == 0).all()
            assert all(torch.equal(end[at], one[0]) for end, one in zip(ends, own, strict=True))
            continue
        alone, *after = module(x[at : at + 1, real], *own)
        assert torch.allclose(left[at, real], alone[0], atol=1e-12)
        assert (left[at, ~real] == 0).all()
        assert all(torch.allclose(end[at], one[0], atol=1e-12) for end, one in zip(ends, after, strict=True))


@pytest.mark.parametrize("kind", [RNN, GRU, LSTM])
def test_the_last_state_is_that_of_the_last_real_step(kind: type[Layer]) -> None:
    layer = kind(hidden_size=HIDDEN, output="last", bidirectional=True)
    module = layer.build(GIVEN, *[None] * len(layer.carried), spec(TIME)).double()
    x, mask = drawn(0, BATCH, TIME, SIZE), (torch.arange(TIME) < 4).expand(BATCH, TIME)
    found = module(x, *[None] * len(kind.carried), mask)
    assert torch.allclose(found, module(x[:, :4]), atol=1e-12)
    everything = module(x, *[None] * len(kind.carried), torch.ones(BATCH, TIME))
    assert torch.allclose(everything, module(x), atol=1e-12)


def test_a_mask_has_one_number_for_each_step() -> None:
    layer = LSTM()
    assert refusal(layer, GIVEN, None, None, spec(TIME + 1)).port == "mask"
    fixes = layer.port_fixes(layer.inputs[-1], spec(TIME, 1))
    assert fixes == (InsertBefore("reshape", {"shape": [TIME]}),)
