"""What a CUDA graph could not repeat is refused before it is captured, and the run goes on without."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch
from torch import Tensor, nn

from engine.messages.events import Event, Warned
from engine.run.run import Run
from engine.train.cuda_graphs import captured_steps
from engine.train.cuda_graphs.guard import CaptureGuard, CaptureRefusedError
from engine.train.cuda_graphs.loss_ring import LossRing
from engine.train.cuda_graphs.module_state import ModuleState
from nodes.layers.activation import ReLU
from tests.drawings import chain
from tests.engine.train.cuda_graphs.recorder import RecordedGraphs

HERE = torch.ones(3, device="meta")
ROWS, NUMBER = torch.arange(2), torch.tensor(1.0)
"""The meta device stands for the one on which steps are captured."""


@pytest.mark.parametrize(
    ("words", "call"),
    [
        ("_local_scalar_dense waits for the device", lambda: HERE.sum().item()),
        ("_local_scalar_dense waits for the device", lambda: bool(HERE.sum())),
        ("nonzero waits for the device", HERE.nonzero),
        ("masked_select waits for the device", lambda: HERE.masked_select(HERE > 0)),
        ("index takes values from the memory of the CPU", lambda: HERE[ROWS]),
        ("_to_copy takes values from the memory of the CPU", lambda: NUMBER.to("meta")),
        ("copy_ takes values from the memory of the CPU", lambda: HERE.clone().copy_(torch.tensor(1.0))),
        ("ones works in the memory of the CPU", lambda: torch.ones(2)),
        ("rand draws in the memory of the CPU", lambda: HERE * torch.rand(())),
    ],
)
def test_what_a_graph_cannot_hold_is_refused(words: str, call: Callable[[], object]) -> None:
    with pytest.raises(CaptureRefusedError) as refused, CaptureGuard(HERE.device):
        call()
    assert str(refused.value) == words


def test_constants_of_a_step_are_captured() -> None:
    with CaptureGuard(HERE.device):
        assert (HERE * 2.0 + torch.tensor(1.0)).device == HERE.device
        assert torch.where(HERE > 0, HERE, 0.0).device == HERE.device


def test_losses_wait_in_a_ring_on_the_device() -> None:
    ring = LossRing(3, 2, torch.device("cpu"))
    rows = []
    for step in range(5):
        losses = [torch.tensor(float(step)), None if step % 2 else torch.tensor(10.0 + step)]
        ring.write(losses)
        rows.append(ring.written(losses))
    told = [[None if loss is None else float(loss) for loss in row] for row in rows[2:]]
    assert told == [[2.0, 12.0], [3.0, None], [4.0, 14.0]]


class Counting(nn.Module):
    """Counts its calls in Python, in a tensor that is replaced, or in one that is added to."""

    def __init__(self, way: str) -> None:
        super().__init__()
        self.way, self.calls = way, 0
        self.register_buffer("seen", torch.zeros(()), persistent=False)

    def forward(self, features: Tensor) -> Tensor:
        if self.way == "number":
            self.calls += 1
        elif self.way == "replaced":
            self.seen = self.seen + 1.0
        else:
            self.seen.add_(1.0)
        return features * (1.0 + 1e-3 * self.calls + 1e-3 * self.seen)


@pytest.mark.parametrize("way", ["number", "replaced", "in place"])
def test_a_module_that_keeps_something_in_python_is_not_captured(
    way: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ReLU, "build", lambda layer, *inputs: Counting(way))
    steps = [("flatten", "flatten"), ("count", "relu"), ("linear", "linear", {"out_features": 10})]
    found, warned = [], []
    for graphs in (None, RecordedGraphs()):
        monkeypatch.setattr(captured_steps, "backend_of", lambda device, graphs=graphs: graphs)
        run, events = Run(chain({"dataset": "digits"}, steps), steps=12), list[Event]()
        assert run.execute(events.append).status == "completed"
        assert run.plan is not None
        found.append(run.plan.model.state_dict())
        warned = [event.message for event in events if isinstance(event, Warned)]
    assert all(torch.equal(tensor, found[1][name]) for name, tensor in found[0].items())
    refusal = "Some steps run without CUDA graphs, which is slower: count keeps something in Python from step"
    assert warned == ([] if way == "in place" else [f"{refusal} to step."])
    assert graphs is not None
    assert graphs.count("replay") == (8 - 1 if way == "in place" else 0)


def test_a_module_is_put_back() -> None:
    module = Counting("number")
    state = ModuleState({"count": module})
    module(torch.ones(1))
    module.late = 3
    assert state.changed() == "count"
    state.restore()
    assert state.changed() == ""
    assert module.calls == 0
    assert not hasattr(module, "late")
