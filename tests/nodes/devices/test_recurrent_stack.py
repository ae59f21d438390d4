"""Recurrent layers are torch's, bit for bit, with dropout between them that draws as every layer does."""

from __future__ import annotations

from itertools import product

import pytest
import torch
from torch import Tensor, nn

from nodes.modules import recurrent
from tests.nodes.battery import seeded

SHAPES = [*product(("LSTM", "GRU", "RNN"), (False, True), (1, 3), (0.0, 0.5))]


def pair(kind: str, both_ways: bool, layers: int, dropout: float) -> tuple[nn.Module, nn.Module]:
    """Torch's module and ours with the same weights under the same names."""
    given = {"bidirectional": both_ways, "dropout": dropout if layers > 1 else 0.0}
    with seeded():
        torchs = getattr(nn, kind)(5, 7, layers, batch_first=True, **given)
    ours = getattr(recurrent, kind)(5, 7, layers, last=False, states=True, **given)
    ours.load_state_dict(torchs.state_dict())
    return torchs, ours


def gone_through(module: nn.Module, sequence: Tensor, training: bool) -> list[Tensor]:
    """What leaves, the states at the end with torch's batch, and all gradients."""
    module.train(training)
    given = sequence.clone().requires_grad_()
    with seeded(3):
        steps, *ends = module(given)
    if isinstance(ends[0], tuple):
        ends = [*ends[0]]
    (steps.square().sum() + sum(end.sin().sum() for end in ends)).backward()
    assert given.grad is not None
    return [steps, given.grad, *(weight.grad for weight in module.parameters() if weight.grad is not None)]


@pytest.mark.parametrize(("kind", "both_ways", "layers", "dropout"), SHAPES)
def test_results_and_gradients_are_those_of_torch(
    kind: str, both_ways: bool, layers: int, dropout: float
) -> None:
    torchs, ours = pair(kind, both_ways, layers, dropout)
    with seeded(1):
        sequence = torch.randn(4, 6, 5)
    for training in (True, False):
        wanted, found = (gone_through(module, sequence, training) for module in (torchs, ours))
        assert len(wanted) == len(found)
        assert all(torch.equal(a, b) for a, b in zip(wanted, found, strict=True))


def test_kernels_are_never_asked_for_dropout(monkeypatch: pytest.MonkeyPatch) -> None:
    """cuDNN would draw it from a state of its own, which anew begins whenever torch's is put back."""
    asked: list[float] = []
    plain = torch.lstm

    def noted(*arguments: object) -> object:
        asked.append(float(arguments[5]))  # type: ignore[arg-type]
        return plain(*arguments)  # type: ignore[call-overload]

    monkeypatch.setattr(torch, "lstm", noted)
    _, ours = pair("LSTM", False, 3, 0.5)
    ours.train()(torch.randn(2, 4, 5))
    assert asked == [0.0, 0.0, 0.0]
