"""A run goes on with another kind of device than before, and says what is not as before."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor

from engine.document.project import Project
from engine.messages.events import Event, Warned
from engine.run.run import Run
from engine.weights.checkpoint import read, save_checkpoint
from tests.drawings import gan, with_settings
from tests.resuming import fingerprint

HALF = "step-000010.safetensors"


def project() -> Project:
    return with_settings(gan(), checkpoint_steps=10, seed=4)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A run of 20 steps of a drawing that draws noise."""
    found = tmp_path / "run"
    assert Run(project(), device="cpu", steps=20, folder=found).execute(lambda _: None).status == "completed"
    return found


def changed(folder: Path, change: Callable[[dict[str, Tensor], dict[str, Any]], None]) -> Path:
    """The checkpoint of the tenth step, with other contents."""
    path = folder / "checkpoints" / HALF
    tensors, facts = read(path)
    change(tensors, facts)
    save_checkpoint(path, tensors, facts)
    return path


def resumed(folder: Path, checkpoint: Path) -> list[str]:
    """What a run that goes on warns of."""
    events: list[Event] = []
    done = Run(project(), device="cpu", folder=folder, resume=checkpoint).execute(events.append)
    assert done.status == "completed", done.message
    return [event.message for event in events if isinstance(event, Warned)]


def test_on_the_same_kind_of_device_it_goes_on_to_the_same_bits_and_says_nothing(folder: Path) -> None:
    whole = fingerprint(folder)
    assert resumed(folder, folder / "checkpoints" / HALF) == []
    assert fingerprint(folder) == whole


def test_on_another_kind_it_says_that_random_numbers_differ(folder: Path) -> None:
    """What sources draw is the same: they draw on the CPU, wherever the run is."""
    states = [name for name in _random(read(folder / "checkpoints" / HALF)[0]) if "draws" in name]
    assert states

    def on_cuda(tensors: dict[str, Tensor], facts: dict[str, Any]) -> None:
        tensors["@random/cuda"] = torch.zeros(16, dtype=torch.uint8)
        facts["device"] = "cuda:0"

    assert resumed(folder, changed(folder, on_cuda)) == [
        "The run was on CUDA and goes on on CPU: layers that draw at random get other random numbers from "
        "here on, and sums are rounded in another order."
    ]


def test_a_random_state_of_another_kind_begins_anew(folder: Path) -> None:
    """Runs on CUDA once drew noise there, with a state of 16 bytes."""

    def drawn_on_cuda(tensors: dict[str, Tensor], facts: dict[str, Any]) -> None:
        for name in _random(tensors):
            if name.endswith("/draws"):
                tensors[name] = torch.zeros(16, dtype=torch.uint8)

    (said,) = resumed(folder, changed(folder, drawn_on_cuda))
    assert said == (
        "The random state of noise in the checkpoint is of another kind of device: it begins anew, which "
        "gives other random numbers from here on."
    )


def _random(tensors: Mapping[str, Tensor]) -> list[str]:
    return [name for name in tensors if name.startswith("@source/")]
