"""CUDA graphs on a CUDA device: the bits of steps that are not replayed, refusals, and what a run leaves
behind.
"""

from __future__ import annotations

import gc
from contextlib import nullcontext
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from engine.document.edits.decoration import set_settings
from engine.document.project import Project
from engine.messages.events import Event, Progress, Warned
from engine.run.run import Run
from engine.train.cuda_graphs import backend, captured_steps
from engine.train.stepper import Stepper
from nodes.layers.activation import ReLU
from tests import drawings
from tests.engine.train.cuda_graphs.test_captured_steps import KINDS, mlp

pytestmark = [
    pytest.mark.cuda,
    pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA device"),
]
STEPS = 50


class Ended:
    """What a run on the device told and left."""

    def __init__(self, project: Project, **settings: Any) -> None:
        events: list[Event] = []
        self.run = Run(set_settings(project, device="cuda", **settings), steps=STEPS)
        self.finished = self.run.execute(events.append)
        told = [event for event in events if isinstance(event, Progress)]
        self.losses = [loss for event in told for path in sorted(event.losses) for loss in event.losses[path]]
        self.warnings = [event.message for event in events if isinstance(event, Warned)]

    def weights(self) -> dict[str, Tensor]:
        assert self.run.plan is not None
        return self.run.plan.model.state_dict()


def are_same(one: Ended, other: Ended) -> bool:
    return all(torch.equal(tensor, other.weights()[name]) for name, tensor in one.weights().items())


@pytest.fixture
def captures(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """A note for each graph that was captured, and for each capture that was refused."""
    found: list[str] = []
    plain = backend.CudaGraphs.capture

    def noted(self: backend.CudaGraphs, call: Any) -> Any:
        try:
            made = plain(self, call)
        except Exception:
            found.append("refused")
            raise
        found.append("captured")
        return made

    monkeypatch.setattr(backend.CudaGraphs, "capture", noted)
    return found


@pytest.mark.parametrize("name", KINDS)
def test_a_replay_gives_the_bits_of_the_step(
    name: str, captures: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    replayed = Ended(KINDS[name]())
    assert replayed.finished.status == "completed", replayed.finished.message
    assert set(captures) == {"captured"}
    monkeypatch.setattr(captured_steps, "WARM_UPS", STEPS)
    eager = Ended(KINDS[name]())
    assert replayed.losses == eager.losses
    assert are_same(replayed, eager)


def test_losses_are_those_of_a_run_without_graphs(captures: list[str]) -> None:
    replayed, plain = Ended(drawings.lenet5()), Ended(drawings.lenet5(), cuda_graphs="off")
    assert captures == ["captured"]
    assert replayed.losses == pytest.approx(plain.losses, rel=1e-4)


class Waiting(nn.Module):
    """Waits for the device at every step."""

    def forward(self, features: Tensor) -> Tensor:
        return features * (2.0 if features.sum().item() > 0.0 else 1.0)


@pytest.mark.parametrize("is_guarded", [True, False])
def test_a_capture_that_fails_leaves_the_run_and_the_process_sound(
    is_guarded: bool, captures: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Refused by the guard, or by CUDA itself, which leaves the capture void."""
    with monkeypatch.context() as patch:
        patch.setattr(ReLU, "build", lambda layer, *inputs: Waiting())
        if not is_guarded:
            patch.setattr(backend, "CaptureGuard", lambda device: nullcontext())
        waiting = Ended(mlp())
        assert waiting.finished.status == "completed", waiting.finished.message
        assert captures == ["refused"]
        (sentence,) = waiting.warnings
        assert sentence.startswith("Some steps run without CUDA graphs, which is slower: ")
        assert are_same(waiting, Ended(mlp(), cuda_graphs="auto"))
    captures.clear()
    after = Ended(drawings.convnet("digits", width=4))  # draws at random: the generator is sound
    assert after.finished.status == "completed", after.finished.message
    assert captures == ["captured"]


def test_a_run_that_takes_all_memory_says_what_to_do_and_frees_it(monkeypatch: pytest.MonkeyPatch) -> None:
    free, _ = torch.cuda.mem_get_info()
    with monkeypatch.context() as patch:
        plain = Stepper.carry_out

        def greedy(self: Stepper, program: Any, values: Any) -> Any:
            self.hoard = torch.empty(free // 2, dtype=torch.int16, device="cuda")  # type: ignore[attr-defined]
            self.more = torch.empty(free, dtype=torch.int16, device="cuda")  # type: ignore[attr-defined]
            return plain(self, program, values)

        patch.setattr(Stepper, "carry_out", greedy)
        ended = Ended(mlp())
    assert ended.finished.status == "failed"
    assert "Out of memory at step 1. Lower the batch size (now 64)" in ended.finished.message
    del ended
    gc.collect()
    assert Ended(mlp()).finished.status == "completed"


@pytest.mark.parametrize("precision", ["float32", "bfloat16", "tf32"])
def test_a_run_repeats_bit_for_bit(precision: str) -> None:
    project = drawings.convnet("fashion-mnist")
    first, second = (Ended(project, precision=precision) for _ in range(2))
    assert first.finished.status == "completed", first.finished.message
    assert first.losses == second.losses
    assert are_same(first, second)


def test_the_switches_are_put_back_after_a_run() -> None:
    before = torch.are_deterministic_algorithms_enabled(), torch.backends.cuda.matmul.allow_tf32
    Ended(mlp(), precision="tf32")
    assert (torch.are_deterministic_algorithms_enabled(), torch.backends.cuda.matmul.allow_tf32) == before


@pytest.mark.skipif(torch.cuda.device_count() < 2, reason="needs two CUDA devices")
def test_a_run_goes_on_the_device_that_was_chosen() -> None:
    run = Run(mlp(), device="cuda:1", steps=20)
    assert run.execute(lambda event: None).status == "completed"
    assert run.plan is not None
    assert {tensor.device for tensor in run.plan.model.state_dict().values()} == {torch.device("cuda", 1)}
