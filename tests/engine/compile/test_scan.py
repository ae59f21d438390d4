"""Drawn recurrent cells over time compute what torch's own modules do."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from torch import Tensor, nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

from tests.engine.cells import CELLS, in_torchs_order, module_of, run_over_time, with_torch_weights

TORCH = {"rnn": nn.RNN, "lstm": nn.LSTM, "gru": nn.GRU}
STATES = {"rnn": 1, "lstm": 2, "gru": 1}
KINDS = pytest.mark.parametrize("kind", list(CELLS))
STEPS, FEATURES, HIDDEN = 7, 3, 5
LENGTHS = [7, 1, 4, 6]


def _drawn(kind: str, *more: str, features: int = FEATURES, **scan: Any) -> nn.Module:
    """A drawn cell over time; with lengths, they come from a data set."""
    nodes = [("count", "data", {"dataset": "digits"})] if scan.get("lengths") else []
    more = ("count.target -> rnn.lengths", *more) if scan.get("lengths") else more
    return module_of(run_over_time(CELLS[kind](HIDDEN), (STEPS, features), *more, nodes=nodes, **scan))


def _theirs(kind: str, **options: Any) -> nn.RNNBase:
    torch.manual_seed(1)
    return TORCH[kind](FEATURES, HIDDEN, batch_first=True, **options).double()


def _input(samples: int = 4) -> Tensor:
    torch.manual_seed(2)
    return torch.randn(samples, STEPS, FEATURES, dtype=torch.double)


def _run(module: nn.Module, kind: str, x: Tensor, *rest: Tensor | None) -> tuple[Tensor, ...]:
    return module(x, *[None] * STATES[kind], *rest)


def _gradients(torch_rnn: nn.RNNBase, end: str = "l0") -> dict[str, Tensor]:
    found = {}
    for name in ("weight_ih", "weight_hh", "bias_ih", "bias_hh"):
        gradient = getattr(torch_rnn, f"{name}_{end}").grad
        assert gradient is not None
        found[name] = gradient
    return found


def _close(found: Tensor | None, expected: Tensor | None) -> None:
    assert found is not None
    assert expected is not None
    torch.testing.assert_close(found, expected, rtol=0, atol=1e-10)


def _same_gradients(module: nn.Module, kind: str, torch_rnn: nn.RNNBase) -> None:
    expected = in_torchs_order(kind, _gradients(torch_rnn))
    for name, weight in module.named_parameters():
        wanted = expected[name]
        if kind == "lstm" and name.endswith("bias"):
            wanted = wanted / 2  # one bias is drawn where torch has two, whose gradients are the same
        _close(weight.grad, wanted)


@KINDS
def test_a_drawn_cell_equals_torchs(kind: str) -> None:
    module, theirs, x = _drawn(kind), _theirs(kind), _input()
    with_torch_weights(module, kind, theirs)
    ours, other = x.clone().requires_grad_(), x.clone().requires_grad_()
    found, expected = _run(module, kind, ours)[0], theirs(other)[0]
    _close(found, expected)
    (found**3).sum().backward()
    (expected**3).sum().backward()
    _close(ours.grad, other.grad)
    _same_gradients(module, kind, theirs)


@KINDS
def test_first_and_last_values_of_states(kind: str) -> None:
    """What is wired to a state is its first value; the last one leaves beside the sequence."""
    module, theirs, x = _drawn(kind), _theirs(kind), _input()
    with_torch_weights(module, kind, theirs)
    start = [torch.randn(4, HIDDEN, dtype=torch.double) for _ in range(STATES[kind])]
    found = module(x, *start)
    given = [state.unsqueeze(0) for state in start]
    expected, last = theirs(x, tuple(given) if len(given) > 1 else given[0])
    _close(found[0], expected)
    for ours, other in zip(found[-len(start) :], last if isinstance(last, tuple) else (last,), strict=True):
        _close(ours, other[0])


@KINDS
def test_lengths_are_those_of_packed_sequences(kind: str) -> None:
    """Outputs are 0 after the end of a sample, and states stay; read backwards, each begins at its end."""
    theirs, x, lengths = _theirs(kind, bidirectional=True), _input(), torch.tensor(LENGTHS)
    packed = pack_padded_sequence(x, lengths, batch_first=True, enforce_sorted=False)
    expected, last = theirs(packed)
    expected, _ = pad_packed_sequence(expected, batch_first=True)
    ended = last[0] if isinstance(last, tuple) else last
    forward, backward = _drawn(kind, lengths=True), _drawn(kind, lengths=True, reverse=True)
    with_torch_weights(forward, kind, theirs)
    with_torch_weights(backward, kind, theirs, "l0_reverse")
    for place, module in enumerate((forward, backward)):
        found = _run(module, kind, x, lengths)
        _close(found[0], expected[..., place * HIDDEN : (place + 1) * HIDDEN])
        _close(found[-STATES[kind]], ended[place])


@KINDS
def test_two_layers(kind: str) -> None:
    theirs, x = _theirs(kind, num_layers=2), _input()
    first, second = _drawn(kind), _drawn(kind, features=HIDDEN)
    with_torch_weights(first, kind, theirs)
    with_torch_weights(second, kind, theirs, "l1")
    found = _run(second, kind, _run(first, kind, x)[0])[0]
    expected = theirs(x)[0]
    _close(found, expected)
    found.sum().backward()
    expected.sum().backward()
    _same_gradients(first, kind, theirs)
