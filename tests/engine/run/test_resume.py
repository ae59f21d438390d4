"""Runs that go on to the same bits as if they had never stopped, from every kind of end and checkpoint."""

from __future__ import annotations

import os
import random
import shutil
import sqlite3
import threading
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import msgspec
import pytest
import torch
from safetensors.torch import save_file

from engine.document.project import Project
from engine.feed.sources import Sources
from engine.messages.commands import Stop
from engine.messages.events import Event, Finished, Progress, Validated, Warned
from engine.run import files
from engine.run.run import Run
from engine.runs import archive
from engine.weights.checkpoint import WeightsError, load_weights, read, save_checkpoint
from tests.drawings import Step, chain, gan, mlp, with_settings
from tests.resuming import DRAWINGS, drawn, fingerprint, newest


def ran(
    project: Project, folder: Path | None, sink: Callable[[Event], None] = lambda event: None
) -> Finished:
    return Run(project, folder=folder).execute(sink)


def gone_on(folder: Path, checkpoint: Path | None = None, **more: int) -> Finished:
    place = newest(folder) if checkpoint is None else checkpoint
    return Run(archive.project_of(folder), folder=folder, resume=place, **more).execute(lambda event: None)


class Kill:
    """Takes a copy of the folder at a step: what a kill would leave there."""

    def __init__(self, folder: Path, step: int) -> None:
        self.folder, self.step, self.left = folder, step, folder.with_name(folder.name + "-killed")

    def __call__(self, event: Event) -> None:
        if isinstance(event, Progress) and event.step >= self.step and not self.left.exists():
            shutil.copytree(self.folder, self.left)


@pytest.mark.parametrize("name", DRAWINGS)
def test_a_killed_run_goes_on_to_the_same_bits(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setattr(files, "FIRST_SECONDS", 0.0)
    monkeypatch.setattr(files, "SECONDS", 0.0)
    monkeypatch.setattr(files, "COST_FACTOR", 3)
    project = drawn(name, epochs=4, checkpoint_epochs=2)
    kill = Kill(tmp_path / "run", random.Random(name).randrange(5, 75))
    assert ran(project, tmp_path / "run", kill).status == "completed"
    whole = fingerprint(tmp_path / "run")
    assert len(whole) > 15
    assert archive.record_of(kill.left).status == "interrupted"
    assert gone_on(kill.left).status == "completed"
    assert fingerprint(kill.left) == whole


def test_a_run_goes_on_from_any_kept_checkpoint(tmp_path: Path) -> None:
    folder = tmp_path / "run"
    ran(drawn("cnn with dropout", epochs=5, checkpoint_steps=20, checkpoint_epochs=0), folder)
    whole = fingerprint(folder)
    for checkpoint in archive.checkpoints_of(folder)[::-1]:
        if checkpoint.kind in ("kept", "initial"):
            assert gone_on(folder, checkpoint.path).status == "completed"
            assert fingerprint(folder) == whole


def test_a_stopped_run_goes_on_to_the_same_bits(tmp_path: Path) -> None:
    project = drawn("augmented, one cycle", epochs=4)
    ran(project, tmp_path / "whole")
    whole = fingerprint(tmp_path / "whole")
    run = Run(project, folder=tmp_path / "run")
    assert (
        run.execute(lambda e: run.send(Stop()) if isinstance(e, Progress) and e.step > 40 else None).status
        == "stopped"
    )
    record = archive.record_of(tmp_path / "run")
    assert record.resumes == record.step
    assert record.sentence == f"stopped at step {record.step}; resume"
    assert gone_on(tmp_path / "run").status == "completed"
    assert fingerprint(tmp_path / "run") == whole
    assert archive.record_of(tmp_path / "run").status == "completed"


def test_a_run_that_was_stopped_while_it_validated_validates_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    project = drawn("cnn with dropout", epochs=3)
    ran(project, tmp_path / "whole")
    run = Run(project, folder=tmp_path / "run")
    validation = Sources.validation

    def stopping(self: Sources) -> object:
        for number, batch in enumerate(validation(self)):
            if number == 2:
                run.send(Stop())
            yield batch

    with monkeypatch.context() as patch:
        patch.setattr(Sources, "validation", stopping)
        finished = run.execute(lambda event: None)
    assert (finished.status, finished.epoch) == ("stopped", 0)
    assert finished.step > 0
    gone_on(tmp_path / "run")
    assert fingerprint(tmp_path / "run") == fingerprint(tmp_path / "whole")


def test_a_search_with_a_history_goes_on_to_the_same_bits(tmp_path: Path) -> None:
    layers: list[Step] = [("hidden", "linear", {"out_features": 5, "activation": "tanh"})]
    layers += [("last", "linear", {"out_features": 2})]
    rule = {"optimiser": "lbfgs", "learning_rate": 0.05, "iterations": 3, "history": 3, "clip_norm": 0.01}
    project = chain({"dataset": "circle"}, layers, **rule)
    project = with_settings(project, epochs=6, batch_size=40, checkpoint_epochs=1)
    ran(project, tmp_path / "run")
    whole = fingerprint(tmp_path / "run")
    for checkpoint in archive.checkpoints_of(tmp_path / "run"):
        if checkpoint.kind == "kept":
            gone_on(tmp_path / "run", checkpoint.path)
            assert fingerprint(tmp_path / "run") == whole


@pytest.mark.parametrize(("judge", "words"), [("", "validation loss"), ("accuracy", "accuracy on")])
def test_early_stopping_and_a_plateau_go_on_counting(tmp_path: Path, judge: str, words: str) -> None:
    main = mlp("digits", 8).main
    params = {"schedule": "plateau", "step_epochs": 1, "learning_rate": 0.05}
    objective = msgspec.structs.replace(main.nodes["objective"], params=params)
    project = Project(
        graphs={"main": msgspec.structs.replace(main, nodes={**main.nodes, "objective": objective})}
    )
    project = with_settings(project, epochs=40, early_stopping=3, checkpoint_epochs=1, best_by=judge)
    finished = ran(project, tmp_path / "run")
    assert f"no better {words}" in finished.message
    whole = fingerprint(tmp_path / "run")
    kept = [each for each in archive.checkpoints_of(tmp_path / "run") if each.kind == "kept"]
    again = gone_on(tmp_path / "run", kept[-2].path)
    assert (again.epoch, again.message) == (finished.epoch, finished.message)
    assert fingerprint(tmp_path / "run") == whole


def test_a_run_that_goes_on_tells_only_the_steps_that_follow(tmp_path: Path) -> None:
    ran(drawn("lstm", epochs=2, checkpoint_steps=10), tmp_path / "run")
    middle = next(c for c in archive.checkpoints_of(tmp_path / "run") if c.kind == "kept" and c.step >= 20)
    events: list[Event] = []
    project = archive.project_of(tmp_path / "run")
    finished = Run(project, folder=tmp_path / "run", resume=middle.path).execute(events.append)
    steps = [step for event in events if isinstance(event, Progress) for step in event.steps]
    assert steps == list(range(middle.step + 1, finished.step + 1))
    assert [event.epoch for event in events if isinstance(event, Validated)] == [1, 2]


def test_the_list_names_the_step_of_the_newest_checkpoint(tmp_path: Path) -> None:
    run = Run(drawn("lstm", epochs=2, checkpoint_steps=10), folder=tmp_path / "run")
    run.execute(lambda event: run.send(Stop()) if isinstance(event, Progress) and event.step >= 25 else None)
    (tmp_path / "run" / "checkpoints" / "last.safetensors").unlink()
    kept = [each.step for each in archive.checkpoints_of(tmp_path / "run") if each.kind == "kept"]
    assert archive.record_of(tmp_path / "run").resumes == kept[-1] >= 20
    shutil.rmtree(tmp_path / "run" / "checkpoints")
    assert archive.record_of(tmp_path / "run").resumes is None


def test_a_longer_course_goes_on_where_the_shorter_ended(tmp_path: Path) -> None:
    ran(drawn("cnn with dropout", epochs=2), tmp_path / "run")
    ran(drawn("cnn with dropout", epochs=4), tmp_path / "long")
    assert gone_on(tmp_path / "run", epochs=4).epoch == 4
    assert fingerprint(tmp_path / "run") == fingerprint(tmp_path / "long")


def test_what_cannot_go_on_says_why(tmp_path: Path) -> None:
    ran(mlp("digits", 8), tmp_path / "run")
    last = tmp_path / "run" / "checkpoints" / "last.safetensors"

    def refused(project: Project, checkpoint: Path = last, **more: int) -> str:
        finished = Run(project, folder=tmp_path / "run", resume=checkpoint, **more).execute(
            lambda event: None
        )
        assert finished.status == "failed"
        return finished.message

    before = fingerprint(tmp_path / "run")
    assert "Received one that differs in linear1.out_features" in refused(mlp("digits", 9))
    assert "differs in batch_size" in refused(with_settings(mlp("digits", 8), batch_size=8))
    assert "Received weights alone" in refused(mlp("digits", 8), last.with_name("best.safetensors"))
    assert "seed: Expected 0" in refused(mlp("digits", 8), seed=4)
    assert "which the run has made. Received one of 9." in refused(mlp("digits", 8), steps=9)
    assert "which the run has made. Received one of 23." in refused(mlp("digits", 8), epochs=1)
    shutil.copytree(tmp_path / "run", tmp_path / "other")
    stranger = tmp_path / "other" / "checkpoints" / "last.safetensors"
    assert "Received another's" in refused(mlp("digits", 8), stranger)
    last.write_bytes(b"nothing")
    assert "Expected a safetensors file" in refused(mlp("digits", 8))
    shutil.copy(stranger, last)
    assert fingerprint(tmp_path / "run") == before


@pytest.mark.parametrize(
    ("facts", "tensors", "words"),
    [
        ({"step": -5}, {}, "Received weights alone"),
        ({"epoch": 10**30}, {}, "Received weights alone"),
        ({"seed": 2**70}, {}, "Received weights alone"),
        ({"losses": [1]}, {}, "does not fit it"),
        ({"best_epoch": 1, "best_value": "x"}, {}, "does not fit it"),
        ({}, {"@source/data/used": torch.tensor(10**12)}, "batch 1,000,000,000,000 of 23"),
        ({}, {"@source/data/order": torch.ones(7)}, "does not fit it"),
        ({}, {"@schedule/objective/base": torch.ones(7)}, "does not fit it"),
        ({}, {"@optimiser/objective/mean/linear1.bias": torch.ones(7)}, "does not fit it"),
    ],
)
def test_a_checkpoint_that_makes_no_sense_is_refused(
    tmp_path: Path, facts: dict[str, Any], tensors: dict[str, torch.Tensor], words: str
) -> None:
    Run(mlp("digits", 8), folder=tmp_path / "run", steps=5).execute(lambda event: None)
    last = tmp_path / "run" / "checkpoints" / "last.safetensors"
    held, about = read(last)
    save_checkpoint(last, {**held, **tensors}, {**about, **facts})
    assert words in gone_on(tmp_path / "run", last, steps=9).message


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="Windows has no pipes in folders")
def test_weights_are_read_from_plain_files_alone(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.safetensors")  # whoever opened it would wait for ever
    for place, kind in ((tmp_path, "a folder"), (tmp_path / "pipe.safetensors", "a pipe")):
        with pytest.raises(WeightsError, match=f"Expected a safetensors file. Received {kind}."):
            read(place)
    deep = '{"a":' * 50_000 + "1" + "}" * 50_000
    save_file({"x": torch.ones(1)}, tmp_path / "deep.safetensors", {"about": deep})
    with pytest.raises(WeightsError, match="does not read"):
        read(tmp_path / "deep.safetensors")


def test_a_run_that_is_running_is_not_taken_up_twice(tmp_path: Path) -> None:
    project = drawn("lstm", epochs=2)
    ran(project, tmp_path / "run")
    said: list[str] = []

    def twice(event: Event) -> None:
        if isinstance(event, Validated) and not said:
            said.append(gone_on(tmp_path / "run").message)

    checkpoint = archive.checkpoints_of(tmp_path / "run")[0].path
    assert Run(project, folder=tmp_path / "run", resume=checkpoint).execute(twice).status == "completed"
    assert "is running already" in said[0]


def test_what_a_killed_process_left_half_written_goes_with_the_resume(tmp_path: Path) -> None:
    ran(drawn("lstm", epochs=2), tmp_path / "run")
    leftover = tmp_path / "run" / "checkpoints" / ".last.safetensors.123-4.part"
    leftover.write_bytes(b"half")
    assert gone_on(tmp_path / "run", archive.checkpoints_of(tmp_path / "run")[0].path).status == "completed"
    assert not leftover.exists()


@pytest.mark.parametrize("name", ["run.json", "metrics.sqlite", "checkpoints/best.safetensors", "samples"])
def test_a_run_does_not_go_on_through_links(tmp_path: Path, name: str) -> None:
    ran(drawn("lstm", epochs=1), tmp_path / "run")
    outside = tmp_path / "outside"
    place = tmp_path / "run" / name
    if place.exists():
        place.rename(outside)
    else:
        outside.mkdir()
    place.symlink_to(outside)
    before = outside.stat().st_mtime_ns
    assert gone_on(tmp_path / "run").status == "failed"
    assert outside.stat().st_mtime_ns == before


def test_a_run_does_not_go_on_with_a_database_that_acts(tmp_path: Path) -> None:
    ran(drawn("lstm", epochs=1), tmp_path / "run")
    with closing(sqlite3.connect(tmp_path / "run" / "metrics.sqlite")) as database:
        database.execute("CREATE TRIGGER t AFTER INSERT ON rates BEGIN DELETE FROM blocks; END")
        database.commit()
    finished = gone_on(tmp_path / "run")
    assert "Expected plain tables" in finished.message


# Weights that are carried over ------------------------------------------------------------------------------


def warnings(project: Project, start: Path, prefix: str = "") -> tuple[Run, list[str]]:
    said: list[str] = []
    run = Run(project, steps=1, start=start, prefix=prefix)
    run.execute(lambda event: said.append(event.message) if isinstance(event, Warned) else None)
    return run, said


def test_rewind_begins_with_the_same_weights(tmp_path: Path) -> None:
    project = drawn("cnn with dropout", epochs=2)
    ran(project, tmp_path / "run")
    initial = tmp_path / "run" / "checkpoints" / "initial.safetensors"
    Run(project, folder=tmp_path / "again", start=initial).execute(lambda event: None)
    first, again = (archive.curves_of(tmp_path / name).losses["objective"] for name in ("run", "again"))
    assert first[1].tolist() == again[1].tolist()
    other = Run(project, start=initial, seed=5, steps=1)
    other.execute(lambda event: None)
    tensors, _ = read(initial)
    assert other.plan is not None
    far = max(
        float((tensor - tensors[name]).abs().max())
        for name, tensor in other.plan.model.state_dict().items()
        if "norm" not in name
    )
    assert far < 0.01  # one step away, whatever the seed


def test_changes_keep_the_weights_that_fit_and_name_the_rest(tmp_path: Path) -> None:
    ran(mlp("digits", 8), tmp_path / "run")
    start = tmp_path / "run" / "checkpoints" / "last.safetensors"
    layers = [
        ("flatten", "flatten"),
        ("linear1", "linear", {"out_features": 8}),
        ("extra", "linear", {"out_features": 8}),
        ("linear2", "linear", {"out_features": 6}),
        ("last", "linear", {"out_features": 10}),
    ]
    run, (said,) = warnings(chain({"dataset": "digits"}, layers), start)
    assert said == (
        "Weights carried over: 2 of 8. Of another shape, so they start anew: linear2.weight, linear2.bias. "
        "Not in the file, so they start anew: extra.weight, extra.bias, last.weight, last.bias. "
        "Only in the file: linear3.bias, linear3.weight."
    )
    assert run.plan is not None
    assert warnings(mlp("digits", 8), start)[1] == []


def test_one_network_takes_weights_of_its_own(tmp_path: Path) -> None:
    run = Run(gan(), steps=1)
    run.execute(lambda event: None)
    assert run.plan is not None
    state = run.plan.model.state_dict()
    before = {name: tensor.clone() for name, tensor in state.items()}
    prefix = next(name for name in state if "linear1.weight" in name).removesuffix(".linear1.weight")
    bare = {"linear1.weight": torch.full((16, 4), 0.5), "linear1.bias": torch.zeros(16), "odd": torch.ones(1)}
    inside = {name: tensor for name, tensor in before.items() if name.startswith(f"{prefix}.")}
    bare["linear1.weight"] = torch.full_like(inside[f"{prefix}.linear1.weight"], 0.5)
    save_file(bare, tmp_path / "bare.safetensors")
    loaded = load_weights(run.plan.model, tmp_path / "bare.safetensors", prefix)
    assert set(loaded.filled) == {f"{prefix}.linear1.weight", f"{prefix}.linear1.bias"}
    assert set(loaded.missing) == {f"{prefix}.linear2.weight", f"{prefix}.linear2.bias"}
    assert loaded.unexpected == (f"{prefix}.odd",)
    after = run.plan.model.state_dict()
    assert float(after[f"{prefix}.linear1.weight"].mean()) == 0.5
    others = [name for name in before if not name.startswith(f"{prefix}.")]
    assert all(torch.equal(before[name], after[name]) for name in others)
    with pytest.raises(WeightsError, match="Expected a part of the drawing that has weights"):
        load_weights(run.plan.model, tmp_path / "bare.safetensors", "nowhere")


def test_nothing_is_left_running(tmp_path: Path) -> None:
    ran(mlp("digits", 8), tmp_path / "run")
    assert not [thread for thread in threading.enumerate() if thread.name == "run-pulse"]
