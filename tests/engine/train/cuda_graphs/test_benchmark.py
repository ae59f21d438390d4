"""The benchmark for CUDA compares the same sides wherever it runs; here on a CPU, with steps that run as they
are.
"""

from __future__ import annotations

import pytest
import torch
from torch import nn
from torch.nn import functional as F

from tests.benchmarks import _train_cuda, train
from tests.drawings import dcgan, mlp


def by_hand() -> nn.Module:
    return nn.Sequential(nn.Flatten(), nn.Linear(64, 8), nn.ReLU(), nn.Linear(8, 10))


def test_every_side_trains(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(train.MODELS, "mlp", (lambda: mlp("digits", 8), by_hand, F.cross_entropy))
    found = _train_cuda.compare(
        "mlp", torch.device("cpu"), lambda call: call, rounds=1, seconds=0.0, warm_up=3
    )
    sides = ("plain_ms", "graph_ms", "engine_ms", "deterministic_ms", "against_plain", "against_graph")
    assert tuple(found) == sides
    assert all(figure > 0.0 for figure in found.values())


def test_the_hand_written_adversaries_take_turns(monkeypatch: pytest.MonkeyPatch) -> None:
    tables = torch.rand(70, 1, 28, 28), torch.zeros(70, dtype=torch.int64)
    monkeypatch.setattr(_train_cuda, "tables_of", lambda project: tables)
    monkeypatch.setattr(_train_cuda, "BATCH", 2)
    side = _train_cuda.ByHand("dcgan", dcgan(), torch.device("cpu"), lambda call: call)
    assert side.graph(2) > 0.0
    assert side.plain(2) > 0.0


def test_where_there_is_a_device_it_is_measured(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(_train_cuda, "run", lambda: {"device": "NVIDIA H200"})
    assert train.run() == {"device": "NVIDIA H200"}
