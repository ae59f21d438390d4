"""What happens between replays, and around them, is as without graphs: looks, validation, resuming, an end in
NaN.
"""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from torch import Tensor

from engine.document.project import Project
from engine.lens import watcher
from engine.lens.registry import LENSES
from engine.messages.commands import Watch
from engine.messages.events import Event, LensFrame
from engine.messages.lens_request import LensRequest
from engine.run.run import Run
from engine.train.cuda_graphs import captured_steps
from tests.drawings import Step, chain
from tests.engine.train.cuda_graphs.recorder import RecordedGraphs
from tests.engine.train.cuda_graphs.test_captured_steps import mlp
from tests.resuming import drawn, fingerprint


@pytest.fixture
def graphs(monkeypatch: pytest.MonkeyPatch) -> RecordedGraphs:
    """Recorded graphs for the runs of a test."""
    made = RecordedGraphs()
    monkeypatch.setattr(captured_steps, "backend_of", lambda device: made)
    return made


def without_graphs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(captured_steps, "backend_of", lambda device: None)


def watched(project: Project, steps: int, kinds: list[str]) -> tuple[dict[str, Tensor], int]:
    """The weights after a run in which lenses of these kinds look at every node, and the number of frames."""
    frames: list[LensFrame] = []
    run = Run(project, steps=steps)
    run.send(Watch(tuple(LensRequest(kind, node) for node in project.main.nodes for kind in kinds)))
    finished = run.execute(lambda event: frames.append(event) if isinstance(event, LensFrame) else None)
    assert finished.status == "completed", finished.message
    assert run.plan is not None
    return run.plan.model.state_dict(), len(frames)


def test_lenses_look_between_replays_and_change_nothing(
    graphs: RecordedGraphs, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watcher, "RATE", 1e9)
    monkeypatch.setattr(watcher, "SHARE", 1e9)
    project = drawn("cnn with dropout", checkpoint_steps=0, checkpoint_epochs=0)
    seen, frames = watched(project, 30, list(LENSES))
    assert frames > 0
    assert graphs.count("replay") > 15
    without_graphs(monkeypatch)
    plain, _ = watched(project, 30, [])
    assert all(torch.equal(tensor, seen[name]) for name, tensor in plain.items())


def test_a_run_goes_on_to_the_same_bits_with_graphs_and_without(
    graphs: RecordedGraphs, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Checkpoints lie inside an accumulation of three batches, and validations between replays."""
    project, folder = drawn("augmented, one cycle", epochs=3, checkpoint_steps=25), tmp_path / "run"
    assert Run(project, folder=folder).execute(lambda event: None).status == "completed"
    whole = fingerprint(folder)
    kept = folder / "checkpoints" / "step-000025.safetensors"
    assert Run(project, folder=folder, resume=kept).execute(lambda event: None).status == "completed"
    assert fingerprint(folder) == whole
    assert graphs.count("capture") == 6
    without_graphs(monkeypatch)
    assert Run(project, folder=folder, resume=kept).execute(lambda event: None).status == "completed"
    assert fingerprint(folder) == whole


def test_data_that_is_read_step_by_step_enters_by_its_values(
    graphs: RecordedGraphs, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("engine.data.batches.resident", lambda *given: None)
    streamed, _ = watched(mlp(), 20, [])
    assert graphs.count("replay") == 15
    without_graphs(monkeypatch)
    plain, _ = watched(mlp(), 20, [])
    assert all(torch.equal(tensor, streamed[name]) for name, tensor in plain.items())


def test_a_loss_that_is_not_finite_is_found_and_located(
    graphs: RecordedGraphs, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("engine.train.loss_report.FLUSH_SECONDS", 1e9)
    steps: list[Step] = [("flatten", "flatten"), ("linear", "linear", {"out_features": 1})]
    rising = {"optimiser": "sgd", "learning_rate": 0.5, "accumulate": 2}
    project = chain({"dataset": "sunspots", "window": 24}, steps, "mse", **rising)
    ended = []
    for _ in range(2):
        finished = Run(project, steps=100).execute(lambda event: None)
        ended.append((finished.reason, finished.message))
        without_graphs(monkeypatch)
    assert graphs.count("replay") > 10
    assert ended[0] == ended[1]
    assert ended[0][0] == "diverged"
    assert "at step 55. The output of loss is the first that is not finite." in ended[0][1]


def test_what_was_captured_is_dropped_when_a_run_ends(graphs: RecordedGraphs) -> None:
    events: list[Event] = []
    run = Run(mlp(), steps=20)
    assert run.execute(events.append).status == "completed"
    assert run._loop is not None
    assert not hasattr(run._loop, "_step")
