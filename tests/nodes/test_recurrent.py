"""Recurrent layers: torch's numbers with the batch first, what leaves, states in and out."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from nodes.layers.recurrent import GRU, LSTM, RNN
from nodes.spec import InsertBefore, Layer
from tests.nodes.battery import seeded
from tests.nodes.fixes_tried import labels, refusal, says, spec

SEQUENCE = torch.randn(3, 7, 5, generator=torch.Generator().manual_seed(0))
GIVEN = spec(7, 5)
PAIRS = [(RNN, nn.RNN), (GRU, nn.GRU), (LSTM, nn.LSTM)]


def both(ours: type[Layer], theirs: type[nn.RNNBase], **params: object) -> tuple[nn.Module, nn.Module]:
    """Our module and torch's with the same weights."""
    made = ours(hidden_size=6, **params).build(GIVEN, *[None] * (len(ours.inputs) - 1))
    named = {k: v for k, v in params.items() if k in ("num_layers", "bidirectional")}
    twin = theirs(5, 6, batch_first=True, **named)
    twin.load_state_dict(made.state_dict())
    return made, twin


@pytest.mark.parametrize(("ours", "theirs"), PAIRS)
def test_every_step_is_torchs(ours: type[Layer], theirs: type[nn.RNNBase]) -> None:
    made, twin = both(ours, theirs, num_layers=2, bidirectional=True)
    assert torch.equal(made(SEQUENCE), twin(SEQUENCE)[0])


@pytest.mark.parametrize(("ours", "theirs"), PAIRS)
def test_weights_start_like_torchs(ours: type[Layer], theirs: type[nn.RNNBase]) -> None:
    with seeded():
        made = ours(hidden_size=6).build(GIVEN, *[None] * (len(ours.inputs) - 1))
    with seeded():
        twin = theirs(5, 6, batch_first=True)
    assert made.state_dict().keys() == twin.state_dict().keys()
    assert all(torch.equal(made.state_dict()[name], value) for name, value in twin.state_dict().items())


@pytest.mark.parametrize(("ours", "theirs"), PAIRS)
def test_the_end_of_one_direction_is_the_last_step(ours: type[Layer], theirs: type[nn.RNNBase]) -> None:
    made, twin = both(ours, theirs, output="last", num_layers=2)
    assert torch.equal(made(SEQUENCE), twin(SEQUENCE)[0][:, -1])


@pytest.mark.parametrize(("ours", "theirs"), PAIRS)
def test_each_direction_ends_at_its_own_side(ours: type[Layer], theirs: type[nn.RNNBase]) -> None:
    made, twin = both(ours, theirs, output="last", bidirectional=True)
    steps = twin(SEQUENCE)[0]
    assert torch.equal(made(SEQUENCE), torch.cat((steps[:, -1, :6], steps[:, 0, 6:]), 1))


@pytest.mark.parametrize("ours", [RNN, GRU, LSTM])
def test_a_sequence_read_in_two_parts_is_the_whole(ours: type[Layer]) -> None:
    """The states that leave the first half start the second: batch first on both sides."""
    layer = ours(hidden_size=6, num_layers=2, states=True)
    module = layer.build(GIVEN, *[None] * (len(ours.inputs) - 1))
    whole, *ends = module(SEQUENCE)
    _, *halfway = module(SEQUENCE[:, :4])
    rest, *after = module(SEQUENCE[:, 4:], *halfway)
    assert torch.allclose(rest, whole[:, 4:], atol=1e-6)
    assert all(torch.allclose(a, b, atol=1e-6) for a, b in zip(after, ends, strict=True))
    assert [tuple(state.shape) for state in ends] == [(3, 2, 6)] * len(ends)
    assert [port.name for port in layer.output_ports()] == ["output", "state", "cell"][: 1 + len(ends)]


def test_a_row_of_features_may_start_a_recurrent_layer() -> None:
    """As an image's features start its caption."""
    layer = LSTM(hidden_size=6)
    start = torch.randn(3, 6)
    layer.check(GIVEN, spec(6), None)
    module = layer.build(GIVEN, spec(6), None)
    assert torch.equal(module(SEQUENCE, start), module(SEQUENCE, start[:, None], torch.zeros(3, 1, 6)))
    assert torch.equal(module(SEQUENCE, None, start), module(SEQUENCE, torch.zeros(3, 6), start))


def test_a_state_of_another_size_is_refused() -> None:
    error = refusal(GRU(hidden_size=6, num_layers=2), GIVEN, spec(1, 6))
    assert error.port == "state"
    assert says(error, "Expected a state of N×2×6 (layers · directions, hidden). Received N×1×6.")
    assert refusal(LSTM(hidden_size=6), GIVEN, None, spec(5)).port == "cell"


def test_what_makes_a_sequence() -> None:
    port = LSTM.inputs[0]
    assert LSTM().port_fixes(port, spec(30)) == (InsertBefore("reshape", {"shape": [30, 1]}),)
    assert LSTM().port_fixes(port, spec(1, 28, 20)) == (InsertBefore("reshape", {"shape": [28, 20]}),)
    assert LSTM().port_fixes(port, spec(9, 3, 8, 8)) == (InsertBefore("flatten", {"start": 2}),)
    assert LSTM().port_fixes(port, labels(30)) == (InsertBefore("embedding"), InsertBefore("one_hot"))


def test_cards_and_sums() -> None:
    assert (
        LSTM(hidden_size=128, num_layers=2, bidirectional=True).card_label() == "128 · 2 layers · both ways"
    )
    assert GRU(output="last").card_label() == "64 · last"
    layer = LSTM(hidden_size=6)
    assert layer.arithmetic((GIVEN, None, None), (spec(7, 6),)) == "4·6·(5 + 6 + 2) = 312 weights"
    assert sum(p.numel() for p in layer.build(GIVEN, None, None).parameters()) == 312
    assert RNN(hidden_size=6).arithmetic((GIVEN, None), (spec(7, 6),)) == "6·(5 + 6 + 2) = 78 weights"
