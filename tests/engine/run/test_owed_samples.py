"""Samples that a stop cut off are kept when the run goes on, of the very weights they were due of."""

from __future__ import annotations

from pathlib import Path

from engine.document import edits
from engine.document.project import Project
from engine.messages.commands import Draw, Pause, Resume, Stop
from engine.messages.events import Event, Paused, Progress
from engine.run.run import Run
from engine.runs import archive
from engine.sample.history import SampleHistory
from tests.resuming import drawn, newest


def ran(project: Project, folder: Path) -> None:
    Run(project, folder=folder).execute(lambda event: None)


def gone_on(folder: Path) -> None:
    Run(archive.project_of(folder), folder=folder, resume=newest(folder)).execute(lambda event: None)


def same_samples(one: Path, other: Path) -> list[int]:
    """The steps of the kept sets, which are the same in both folders to the last bit."""
    found, whole = SampleHistory(one / "samples"), SampleHistory(other / "samples")
    steps = found.steps("shown")
    assert steps == whole.steps("shown")
    for step in steps:
        a, b = found.load("shown", step), whole.load("shown", step)
        assert all((a[name] == b[name]).all() for name in ("samples", "epoch"))
    return steps


def test_samples_of_the_beginning_and_of_an_epoch_may_both_be_owed(tmp_path: Path) -> None:
    project = drawn("dcgan", epochs=4, batch_size=2000, checkpoint_steps=0, checkpoint_epochs=0)
    project = edits.set_param(project, "main", "data", "validation", 0.0)
    project = edits.set_param(project, "main", "shown", "keep", 1)
    project = edits.set_param(project, "main", "making", "ema", 0.5)
    project = edits.set_param(project, "main", "shown", "average", True)
    Run(project, folder=tmp_path / "first", seed=5, steps=1).execute(lambda event: None)
    weights = tmp_path / "first" / "checkpoints" / "last.safetensors"
    Run(project, folder=tmp_path / "whole", start=weights).execute(lambda event: None)
    run = Run(project, folder=tmp_path / "run", start=weights)
    finished = run.execute(lambda event: run.send(Stop()) if isinstance(event, Progress) else None)
    assert (finished.step, finished.epoch) == (1, 1)
    assert SampleHistory(tmp_path / "run" / "samples").steps("shown") == []
    gone_on(tmp_path / "run")
    assert same_samples(tmp_path / "run", tmp_path / "whole") == [0, 1, 2, 3, 4]


def test_samples_of_the_beginning_are_of_its_weights_though_others_are_drawn_first(tmp_path: Path) -> None:
    project = drawn("dcgan", epochs=1)
    ran(project, tmp_path / "whole")
    run = Run(project, folder=tmp_path / "run")
    run.send(Pause())
    run.send(Draw("shown"))

    def go_on(event: Event) -> None:
        if isinstance(event, Paused):
            run.send(Resume())

    run.execute(go_on)
    assert same_samples(tmp_path / "run", tmp_path / "whole")[0] == 0


def test_samples_that_a_stop_cut_off_are_not_taken_for_those_of_a_later_step(tmp_path: Path) -> None:
    project = drawn("dcgan", epochs=6)
    ran(project, tmp_path / "whole")
    run = Run(project, folder=tmp_path / "run")
    finished = run.execute(lambda event: run.send(Stop()) if isinstance(event, Progress) else None)
    assert 0 < finished.step < 20
    found = SampleHistory(tmp_path / "run" / "samples")
    assert found.steps("shown") == []
    gone_on(tmp_path / "run")
    same_samples(tmp_path / "run", tmp_path / "whole")
