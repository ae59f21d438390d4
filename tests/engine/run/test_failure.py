"""Runs that end badly: listed truthfully, with their metrics and the last good checkpoint."""

from __future__ import annotations

import errno
import math
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import msgspec
import pytest
import torch
from torch import Tensor

from engine.document.project import Project
from engine.feed.sources import Sources
from engine.messages.events import Event, Finished, Progress, Warned
from engine.run import files
from engine.run.run import Run
from engine.runs import archive
from engine.train.stepper import Stepper
from engine.weights.checkpoint import read, save_checkpoint
from tests import ROOT
from tests.drawings import convnet, mlp, with_settings
from tests.resuming import drawn, fingerprint, newest


@pytest.fixture(autouse=True)
def often(monkeypatch: pytest.MonkeyPatch) -> None:
    """Checkpoints at every chance."""
    monkeypatch.setattr(files, "FIRST_SECONDS", 0.0)
    monkeypatch.setattr(files, "SECONDS", 0.0)
    monkeypatch.setattr(files, "COST_FACTOR", 0)


def failed(project: Project, folder: Path, sink: Callable[[Event], None] = lambda event: None) -> Finished:
    finished = Run(project, folder=folder).execute(sink)
    assert finished.status == "failed"
    return finished


def intact(folder: Path) -> archive.RunRecord:
    """The run is listed, its curves open and its last checkpoint is sound and goes on."""
    record = archive.record_of(folder)
    steps, values = archive.curves_of(folder).losses["objective"]
    checkpoint = folder / "checkpoints" / "last.safetensors"
    tensors, facts = read(checkpoint)
    weights = [tensor for name, tensor in tensors.items() if not name.startswith("@")]
    assert all(bool(tensor.isfinite().all()) for tensor in weights)
    assert steps.tolist()[: facts["step"]] == list(range(1, facts["step"] + 1))
    assert all(map(math.isfinite, values.tolist()))
    return record


def test_a_disk_that_is_full_while_a_checkpoint_is_written_keeps_the_last_good_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    written: list[int] = []
    project = with_settings(mlp("digits", 8), epochs=3)

    def filling(path: Path, tensors: Mapping[str, Tensor], about: Mapping[str, Any]) -> None:
        if len(written) >= 5:
            path.with_name(f".{path.name}.part").write_bytes(b"half")
            raise OSError(errno.ENOSPC, "No space left on device")
        save_checkpoint(path, tensors, about)
        if path.stem == "last":
            written.append(about["step"])

    with monkeypatch.context() as patch:
        patch.setattr(files, "save_checkpoint", filling)
        finished = failed(project, tmp_path / "run")
    assert finished.message.startswith("The disk is full: ")
    assert finished.message.endswith("free some space and resume it.")
    record = intact(tmp_path / "run")
    assert (record.status, record.message) == ("failed", finished.message)
    assert record.resumes == written[-1]
    Run(project, folder=tmp_path / "whole").execute(lambda event: None)
    run = Run(project, folder=tmp_path / "run", resume=newest(tmp_path / "run"))
    assert run.execute(lambda event: None).status == "completed"
    left, whole = fingerprint(tmp_path / "run"), fingerprint(tmp_path / "whole")
    assert {name: left[name] for name in whole if "best" not in name} == {
        name: whole[name] for name in whole if "best" not in name
    }


def test_a_disk_that_is_full_before_the_first_checkpoint_promises_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(files, "save_checkpoint", full)
    finished = failed(with_settings(mlp("digits", 8), epochs=1), tmp_path / "run")
    assert finished.message.endswith("free some space and start it again.")
    assert not archive.record_of(tmp_path / "run").resumable


def test_a_disk_that_takes_no_more_bytes_leaves_a_run_that_is_whole(tmp_path: Path) -> None:
    text = f"""
import resource, signal, sys
from pathlib import Path
from engine.run import files
from engine.messages.events import Progress
from engine.run.run import Run
from tests.drawings import convnet, with_settings
files.FIRST_SECONDS = files.SECONDS = 0.0
files.COST_FACTOR = 0
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)

def sink(event):
    if isinstance(event, Progress) and event.step > 30:
        resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000))

run = Run(with_settings(convnet("digits", width=8), epochs=4), folder=Path({str(tmp_path / "run")!r}))
finished = run.execute(sink)
assert finished.status == "failed", finished
assert "disk is full" in finished.message or "could not be written" in finished.message, finished
"""
    subprocess.run([sys.executable, "-c", text], check=True, cwd=ROOT)
    record = intact(tmp_path / "run")
    assert record.status in ("failed", "interrupted")
    assert record.resumable
    assert record.resumes is not None
    assert record.resumes > 0
    project = archive.project_of(tmp_path / "run")
    run = Run(project, folder=tmp_path / "run", resume=newest(tmp_path / "run"))
    assert run.execute(lambda event: None).status == "completed"


def test_a_step_that_runs_out_of_memory_leaves_the_steps_before_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plain = Stepper.step

    def greedy(self: Stepper, values: Any, step: int, epoch: int) -> Any:
        if step == 40:
            self._plan.model.state_dict()["linear1.weight"].add_(1.0)  # half a step
            raise RuntimeError("DefaultCPUAllocator: can't allocate memory")
        return plain(self, values, step, epoch)

    released = []
    with monkeypatch.context() as patch:
        patch.setattr(Stepper, "step", greedy)
        patch.setattr("engine.run.run.release_memory", released.append)
        finished = failed(mlp("digits", 8), tmp_path / "run")
    assert "Out of memory at step 41. Lower the batch size (now 64)" in finished.message
    assert released == [torch.device("cpu")]
    record = intact(tmp_path / "run")
    assert (record.status, record.step) == ("failed", 40)
    assert record.sentence.startswith("failed at step 40; resume")
    assert {each.kind for each in archive.checkpoints_of(tmp_path / "run")} >= {"initial", "last", "sound"}
    Run(mlp("digits", 8), folder=tmp_path / "whole").execute(lambda event: None)
    run = Run(mlp("digits", 8), folder=tmp_path / "run", resume=newest(tmp_path / "run"))
    assert run.execute(lambda event: None).status == "completed"
    left, whole = fingerprint(tmp_path / "run"), fingerprint(tmp_path / "whole")
    # the clock says of which step the weights are that were put back, and so whether they are kept
    assert {name: figure for name, figure in left.items() if not name.startswith("sound ")} == whole


# Divergence -------------------------------------------------------------------------------------------------


def spoiled_at(step: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """The data of one batch are not a number."""
    plain, seen = Sources.next, [0]

    def spoiling(self: Sources) -> Any:
        values = plain(self)
        _, used = self._data[0].train.state()
        if used == step:
            values = {end: t * math.nan if t.is_floating_point() else t for end, t in values.items()}
        seen[0] += 1
        return values

    monkeypatch.setattr(Sources, "next", spoiling)


def test_not_a_number_is_caught_within_fifty_steps_and_its_source_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("engine.train.loss_report.FLUSH_SECONDS", 1e9)
    spoiled_at(60, monkeypatch)
    project = with_settings(mlp("digits", 8), batch_size=8)
    finished = failed(project, tmp_path / "run")
    assert "not a finite number at step 60. The data of data is not finite." in finished.message
    assert "The weights of step 0 were put back." in finished.message
    assert finished.step <= 60 + 50
    kinds = {each.kind: each for each in archive.checkpoints_of(tmp_path / "run")}
    assert kinds["sound"].step == 0
    assert not kinds["sound"].resumable
    assert archive.record_of(tmp_path / "run").status == "failed"


def test_the_last_checkpoint_of_a_run_that_diverges_is_from_before(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    spoiled_at(60, monkeypatch)
    monkeypatch.setattr("engine.train.best_weights.SECONDS", 0.0)
    monkeypatch.setattr("engine.train.best_weights.COST_FACTOR", 0)
    monkeypatch.setattr("engine.train.loss_report.FLUSH_SECONDS", 0.0)
    project = with_settings(mlp("digits", 8), batch_size=8)
    finished = failed(project, tmp_path / "run")
    assert "The weights of step 59 were put back." in finished.message
    record = intact(tmp_path / "run")
    assert record.resumes == 59
    tensors, facts = read(tmp_path / "run" / "checkpoints" / "sound.safetensors")
    last, _ = read(tmp_path / "run" / "checkpoints" / "last.safetensors")
    assert facts["step"] == 59
    assert all(torch.equal(tensor, last[name]) for name, tensor in tensors.items())


def test_an_update_that_spoils_a_layer_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    plain = Stepper.step

    def exploding(self: Stepper, values: Any, step: int, epoch: int) -> Any:
        losses = plain(self, values, step, epoch)
        if step == 30:
            with torch.no_grad():
                dict(self._plan.model.named_parameters())["linear2.weight"].mul_(math.inf)
        return losses

    monkeypatch.setattr(Stepper, "step", exploding)
    finished = failed(mlp("digits", 8), tmp_path / "run")
    assert "The update of linear2 at step 31 was the first that is not finite." in finished.message


def test_early_stopping_without_validation_says_so() -> None:
    project = with_settings(convnet("digits"), early_stopping=2, epochs=1)
    said: list[str] = []

    def hear(event: Event) -> None:
        if isinstance(event, Warned):
            said.append(event.message)

    Run(project, steps=1).execute(hear)
    assert said == []
    data = project.main.nodes["data"]
    nodes = {
        **project.main.nodes,
        "data": msgspec.structs.replace(data, params={**data.params, "validation": 0.0}),
    }
    graphs = {"main": msgspec.structs.replace(project.main, nodes=nodes)}
    Run(msgspec.structs.replace(project, graphs=graphs), steps=1).execute(hear)
    assert len(said) == 1
    assert said[0].startswith("Early stopping is set, but the data hold no validation samples")


def test_a_checkpoint_is_written_inside_a_long_epoch(tmp_path: Path) -> None:
    project = drawn("cnn with dropout", checkpoint_steps=0)
    kept: list[int] = []

    def look(event: Event) -> None:
        if isinstance(event, Progress) and (last := newest(tmp_path / "run")) is not None:
            kept.append(read(last)[1]["step"])

    Run(project, folder=tmp_path / "run", steps=20).execute(look)
    assert any(0 < step < 20 for step in kept)
