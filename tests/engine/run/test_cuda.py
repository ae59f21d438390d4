"""The same run on a CUDA device: losses like those of the CPU, lenses served, weights untouched by them."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest
import torch

from engine.document.project import Settings
from engine.messages.commands import Watch
from engine.messages.events import Event, LensFrame, Progress
from engine.messages.lens_request import LensRequest
from engine.run.run import Run
from tests.drawings import convnet, gan, lenet5
from tests.pretended_device.drawings import drawings
from tests.resuming import fingerprint

pytestmark = [
    pytest.mark.cuda,
    pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA device"),
]


def losses(run: Run) -> list[float]:
    told: list[float] = []

    def note(event: Event) -> None:
        if isinstance(event, Progress):
            told.extend(loss for values in event.losses.values() for loss in values)

    finished = run.execute(note)
    assert finished.status == "completed", finished.message
    return told


def test_losses_are_those_of_the_cpu() -> None:
    made = [losses(Run(lenet5(), device=device, steps=20)) for device in ("cpu", "cuda")]
    assert made[1] == pytest.approx(made[0], rel=1e-3)


def test_two_objectives_train() -> None:
    assert len(losses(Run(gan(), device="cuda", steps=20))) == 40


def test_lenses_leave_the_weights_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("engine.lens.watcher.RATE", 1e9)
    monkeypatch.setattr("engine.lens.watcher.SHARE", 1e9)
    monkeypatch.setattr(torch.backends.cudnn, "deterministic", True)
    states, frames = [], 0

    def note(event: Event) -> None:
        nonlocal frames
        frames += isinstance(event, LensFrame)

    for requests in (frozenset(), frozenset({LensRequest("feature_maps", "conv2")})):
        run = Run(convnet("digits", dropout=0.5), device="cuda", steps=40)
        run.send(Watch(tuple(requests)))
        assert run.execute(note).status == "completed"
        assert run.plan is not None
        states.append(run.plan.model.state_dict())
    assert frames > 0
    assert all(torch.equal(tensor, states[1][name]) for name, tensor in states[0].items())


def test_a_run_goes_on_to_the_same_bits(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.backends.cudnn, "deterministic", True)
    project = convnet("digits", dropout=0.5)
    project = msgspec.structs.replace(
        project, settings=Settings(device="cuda", epochs=3, checkpoint_steps=30)
    )
    assert Run(project, folder=tmp_path / "run").execute(lambda event: None).status == "completed"
    whole = fingerprint(tmp_path / "run")
    kept = tmp_path / "run" / "checkpoints" / "step-000030.safetensors"
    run = Run(project, folder=tmp_path / "run", resume=kept)
    assert run.execute(lambda event: None).status == "completed"
    assert fingerprint(tmp_path / "run") == whole


@pytest.mark.parametrize("name", drawings())
def test_limits_of_kernels_are_kept_away_from(name: str) -> None:
    assert Run(drawings()[name](), device="cuda", steps=12).execute(lambda event: None).status == "completed"


def test_noise_is_that_of_the_cpu() -> None:
    made = [losses(Run(gan(), device=device, steps=3)) for device in ("cpu", "cuda")]
    assert made[1] == pytest.approx(made[0], rel=1e-3)
