"""Runs: what they tell, how they are steered, and how they end."""

from __future__ import annotations

import math
import sqlite3
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec
import pytest
import torch

from engine.data.batches import ResidentFeed
from engine.document.project import Project
from engine.feed.sources import Sources
from engine.messages.commands import Pause, PinSample, Resume, SetLearningRate, StepOnce, Stop, Watch
from engine.messages.events import (
    Event,
    Finished,
    LensFrame,
    Paused,
    Progress,
    Resumed,
    Started,
    Validated,
    Warned,
)
from engine.messages.lens_request import LensRequest
from engine.messages.mailbox import Mailbox
from engine.run.run import Run
from engine.run.run_folder import RunFolder
from engine.runs.archive import curves_of, project_of
from engine.weights.checkpoint import WeightsError, load_weights, read
from nodes.layers.activation import ReLU
from tests.drawings import chain, convnet, gan, lenet5, mlp, with_settings


def small(**settings: object) -> Project:
    """An MLP on the digits."""
    return with_settings(mlp("digits", hidden=16), **settings)


def execute(run: Run) -> tuple[Finished, list[Event]]:
    events: list[Event] = []
    return run.execute(events.append), events


def of(events: list[Event], kind: type) -> list[Event]:
    return [event for event in events if isinstance(event, kind)]


def losses(events: list[Event]) -> list[float]:
    return [loss for event in events if isinstance(event, Progress) for loss in event.losses["objective"]]


@pytest.fixture
def started() -> Iterator[Callable[..., Run]]:
    """Starts runs in their threads, and ends them."""
    runs: list[Run] = []

    def start(run: Run) -> Run:
        runs.append(run)
        run.start()
        return run

    yield start
    for run in runs:
        run.send(Stop())
        assert run.join(20)


def wait_for(run: Run, seen: list[Event], condition: Callable[[], bool], seconds: float = 20.0) -> None:
    """Drain the mailbox until something is so."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, f"did not happen; state {run.state}, {run.finished}"
        seen.extend(run.mailbox.drain())
        time.sleep(0.005)


# What a run tells -----------------------------------------------------------------------------------------


def test_a_run_tells_every_loss_once_in_order_and_validates_each_epoch() -> None:
    finished, events = execute(Run(small(), epochs=2, seed=1))
    start = events[0]
    assert isinstance(start, Started)
    assert (start.epochs, start.total_steps) == (2, 2 * start.steps_per_epoch)
    steps = [step for event in events if isinstance(event, Progress) for step in event.steps]
    assert steps == list(range(1, start.total_steps + 1))
    assert len(losses(events)) == len(steps)
    validated = of(events, Validated)
    assert [event.epoch for event in validated] == [1, 2]  # type: ignore[attr-defined]
    assert finished == events[-1]
    assert finished.status == "completed"
    assert finished.metrics["accuracy"] > 0.2  # by chance 0.1
    assert finished.metrics["objective"] == validated[-1].losses["objective"]  # type: ignore[attr-defined]


def test_the_first_loss_is_told_after_the_first_step_with_speed_time_left_and_training_metrics() -> None:
    _, events = execute(Run(small(), epochs=2))
    first = next(event for event in events if isinstance(event, Progress))
    assert first.steps == [1]
    assert first.samples_per_second > 0
    assert first.seconds_left > 0
    assert first.learning_rates == {"objective": 1e-3}
    assert 0.0 <= first.metrics["accuracy"] <= 1.0


def test_the_same_seed_gives_the_same_losses_and_another_seed_others() -> None:
    one, two, three = (losses(execute(Run(convnet("digits"), steps=12, seed=seed))[1]) for seed in (5, 5, 6))
    assert one == two
    assert one != three


def test_steps_bound_a_run_across_epochs() -> None:
    finished, events = execute(Run(small(), steps=30))
    assert finished.step == 30
    assert len(losses(events)) == 30


def test_early_stopping_ends_when_validation_no_longer_falls() -> None:
    project = small(epochs=50, early_stopping=2)
    main = project.main
    objective = msgspec.structs.replace(main.nodes["objective"], params={"learning_rate": 0.0})
    graphs = {"main": msgspec.structs.replace(main, nodes={**main.nodes, "objective": objective})}
    finished, _ = execute(Run(msgspec.structs.replace(project, graphs=graphs)))
    assert (finished.status, finished.epoch) == ("completed", 3)
    assert "no better validation loss in 2 epochs" in finished.message


def test_two_objectives_have_a_loss_each_and_none_where_one_does_not_act() -> None:
    _, events = execute(Run(gan(every=2), steps=6))
    told = [event for event in events if isinstance(event, Progress)]
    judging = [loss for event in told for loss in event.losses["judging"]]
    making = [loss for event in told for loss in event.losses["making"]]
    assert all(math.isfinite(loss) for loss in judging)
    assert [math.isfinite(loss) for loss in making] == [True, False] * 3


# Steering -------------------------------------------------------------------------------------------------


def test_pause_resume_step_and_stop(started: Callable[..., Run]) -> None:
    run = started(Run(small(), epochs=10_000))
    seen: list[Event] = []
    wait_for(run, seen, lambda: bool(of(seen, Progress)))
    run.send(Pause())
    wait_for(run, seen, lambda: bool(of(seen, Paused)))
    assert run.state == "paused"
    paused = of(seen, Paused)[-1]
    seen.extend(run.mailbox.drain())
    told = of(seen, Progress)[-1]
    assert told.step == paused.step  # type: ignore[attr-defined]  # all losses are told before it rests
    time.sleep(0.05)
    assert run.mailbox.drain() == []
    run.send(StepOnce())
    wait_for(run, seen, lambda: len(of(seen, Paused)) == 2)
    assert of(seen, Paused)[-1].step == paused.step + 1  # type: ignore[attr-defined]
    run.send(Resume())
    wait_for(run, seen, lambda: len(of(seen, Resumed)) >= 2 and run.state == "running")
    run.send(Stop())
    wait_for(run, seen, lambda: bool(of(seen, Finished)))
    assert of(seen, Finished)[-1].status == "stopped"  # type: ignore[attr-defined]
    assert run.state == "finished"


def test_stop_does_not_wait_for_a_long_validation(
    started: Callable[..., Run], monkeypatch: pytest.MonkeyPatch
) -> None:
    validation = Sources.validation

    def slow(self: Sources) -> Iterator[object]:
        for batch in [*validation(self)] * 100:
            time.sleep(0.02)
            yield batch

    monkeypatch.setattr(Sources, "validation", slow)
    run = started(Run(small(), epochs=10_000))
    seen: list[Event] = []
    wait_for(run, seen, lambda: any(isinstance(e, Progress) and e.step == 23 for e in seen))
    start = time.monotonic()
    run.send(Stop())
    assert run.join(20)
    assert time.monotonic() - start < 2.0
    assert run.finished is not None
    assert run.finished.status == "stopped"


def test_a_learning_rate_set_by_hand_acts_from_the_next_step_on(started: Callable[..., Run]) -> None:
    run = Run(small(), epochs=10_000)
    run.send(StepOnce())  # pressed before Play: the run waits after its first step
    started(run)
    seen: list[Event] = []
    wait_for(run, seen, lambda: bool(of(seen, Paused)))
    assert run.plan is not None
    run.send(SetLearningRate("objective", 0.0))
    before = {name: tensor.clone() for name, tensor in run.plan.model.state_dict().items()}
    run.send(StepOnce())
    wait_for(run, seen, lambda: len(of(seen, Paused)) == 2)
    assert of(seen, Progress)[-1].learning_rates == {"objective": 0.0}  # type: ignore[attr-defined]
    assert all(torch.equal(tensor, before[name]) for name, tensor in run.plan.model.state_dict().items())


def test_lenses_are_served_while_it_runs_and_while_it_waits(started: Callable[..., Run]) -> None:
    run = started(Run(convnet("digits"), epochs=10_000))
    request = LensRequest("feature_maps", "conv1")
    run.send(Watch(tuple(frozenset({request}))))
    seen: list[Event] = []
    wait_for(run, seen, lambda: bool(of(seen, LensFrame)))
    run.send(Pause())
    wait_for(run, seen, lambda: bool(of(seen, Paused)))
    seen.clear()
    run.send(PinSample(3))
    wait_for(run, seen, lambda: bool(of(seen, LensFrame)))
    run.send(Watch())
    time.sleep(0.05)
    run.mailbox.drain()
    run.send(PinSample(4))
    time.sleep(0.05)
    assert run.mailbox.drain() == []


def test_the_mailbox_joins_losses_and_keeps_the_newest_frame_of_a_lens() -> None:
    box = Mailbox()
    box.put(Progress(1, 0, [1], {"a": [0.5]}, 1.0, 9.0, {"a": 0.1}))
    box.put(Progress(3, 0, [2, 3], {"a": [0.4, 0.3]}, 2.0, 8.0, {"a": 0.2}, {"m": 1.0}))
    for step in range(3):
        box.put(LensFrame(step, "feature_maps", "conv1", {}))
    progress, frame = box.drain()
    assert progress == Progress(3, 0, [1, 2, 3], {"a": [0.5, 0.4, 0.3]}, 2.0, 8.0, {"a": 0.2}, {"m": 1.0})
    assert frame == LensFrame(2, "feature_maps", "conv1", {})
    assert box.drain() == []


def test_the_mailbox_keeps_the_course_of_training_metrics_in_bounds() -> None:
    box = Mailbox()
    for step in range(1, 2001):
        metrics = {"m": float(step)}
        box.put(Progress(step, 0, [step], {"a": [0.5]}, 1.0, 9.0, {}, metrics, measured=[(step, metrics)]))
    (progress,) = box.drain()
    assert isinstance(progress, Progress)
    assert len(progress.steps) == 2000
    assert 200 < len(progress.measured) <= 512
    steps = [step for step, _ in progress.measured]
    assert steps == sorted(steps)
    assert steps[0] < 20
    assert progress.measured[-1] == (2000, {"m": 2000.0})


# Ends -----------------------------------------------------------------------------------------------------


def test_a_diverging_run_says_where_and_puts_sound_weights_back() -> None:
    project = chain(
        {"dataset": "digits"},
        [
            ("flatten", "flatten"),
            ("linear1", "linear", {"out_features": 16}),
            ("grow", "function", {"function": "exp"}),
            ("linear2", "linear", {"out_features": 10}),
        ],
        optimiser="sgd",
        learning_rate=1000.0,
    )
    run = Run(project)
    finished, events = execute(run)
    assert (finished.reason, finished.status) == ("diverged", "failed")
    assert finished.message.startswith("objective: the loss is not a finite number at step ")
    assert "The output of grow is the first that is not finite" in finished.message
    assert "were put back" in finished.message
    assert run.plan is not None
    assert all(bool(tensor.isfinite().all()) for tensor in run.plan.model.state_dict().values())
    assert not math.isfinite(losses(events)[-1])


def test_a_failing_layer_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    class Broken(torch.nn.Module):
        def forward(self, features: torch.Tensor) -> torch.Tensor:
            raise RuntimeError("[enforce fail] DefaultCPUAllocator: can't allocate memory: you tried 9 TB")

    execute(Run(small(), steps=1))  # inference knows the sound layer
    monkeypatch.setattr(ReLU, "build", lambda self, features: Broken())
    finished, _ = execute(Run(small(), steps=50))
    assert finished.status == "failed"
    assert finished.message.startswith("relu1: Out of memory at step 1. Lower the batch size (now 64)")


def test_a_drawing_that_cannot_run_fails_with_its_problem() -> None:
    finished, _ = execute(Run(Project()))
    assert finished.status == "failed"
    assert "nothing to train" in finished.message
    finished, _ = execute(Run(small(), device="cuda:99"))
    assert finished.message.startswith("device: Expected auto")
    finished, _ = execute(Run(small(precision="float7")))
    assert finished.message.startswith(
        "precision: Expected one of float32, bfloat16, tf32. Received 'float7'"
    )


def test_a_batch_that_cannot_be_read_ends_the_run_by_name(monkeypatch: pytest.MonkeyPatch) -> None:
    fetch, fetched = ResidentFeed.next, []

    def failing(self: ResidentFeed) -> object:
        if len(fetched) == 3:
            raise OSError("img_0041.png is gone")
        fetched.append(fetch(self))
        return fetched[-1]

    monkeypatch.setattr(ResidentFeed, "next", failing)
    finished, _ = execute(Run(small(), epochs=1))
    assert finished.status == "failed"
    assert finished.message == "data: a batch could not be read: img_0041.png is gone"
    assert finished.step == 3


def test_what_the_data_could_not_read_is_named_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Sources, "_left_out", lambda self: [["cat_7.png is no picture; it is left out"]])
    _, events = execute(Run(small(), epochs=2))
    assert [event.message for event in of(events, Warned)] == [  # type: ignore[attr-defined]
        "cat_7.png is no picture; it is left out"
    ]


# Files ----------------------------------------------------------------------------------------------------


def test_a_run_folder_holds_the_project_the_numbers_and_the_weights(tmp_path: Path) -> None:
    run = Run(small(), folder=tmp_path / "run", epochs=2, seed=4)
    finished, events = execute(run)
    about = msgspec.json.decode((tmp_path / "run" / "run.json").read_bytes())
    assert (about["status"], about["started"]["seed"]) == ("completed", 4)
    assert project_of(tmp_path / "run") == run.project
    rows = curves_of(tmp_path / "run").losses["objective"][1].tolist()
    database = sqlite3.connect(tmp_path / "run" / "metrics.sqlite")
    best = dict(database.execute("SELECT name, value FROM validation WHERE epoch = 2 AND kind = 'metric'"))
    database.close()
    assert rows == losses(events)
    assert best == {"accuracy": finished.metrics["accuracy"]}
    tensors, last = read(tmp_path / "run" / "checkpoints" / "last.safetensors")
    assert last["step"] == finished.step
    assert {"linear1.weight", "@random/cpu", "@optimiser/objective/mean/linear1.weight"} <= set(tensors)
    assert (tmp_path / "run" / "checkpoints" / "best.safetensors").exists()


def test_weights_come_back_by_their_paths(tmp_path: Path) -> None:
    run = Run(small(), folder=tmp_path, steps=5)
    execute(run)
    other = Run(small(), steps=1, seed=9)
    execute(other)
    assert run.plan is not None
    assert other.plan is not None
    loaded = load_weights(other.plan.model, tmp_path / "checkpoints" / "last.safetensors")
    assert (loaded.missing, loaded.unexpected, loaded.refused) == ((), (), ())
    for name, tensor in run.plan.model.state_dict().items():
        assert torch.equal(tensor, other.plan.model.state_dict()[name])
    bad = tmp_path / "bad.safetensors"
    bad.write_bytes(b"not weights at all")
    with pytest.raises(WeightsError, match="Expected a safetensors file"):
        load_weights(other.plan.model, bad)


def test_a_full_disk_ends_the_run_and_keeps_what_was_learned(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(self: RunFolder, *, sync: bool = False) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(RunFolder, "flush", full)
    monkeypatch.setattr("engine.run.run_folder.WRITE_SECONDS", 0.0)
    run = Run(small(), folder=tmp_path / "run", epochs=3)
    finished, _ = execute(run)
    assert finished.status == "failed"
    assert "The disk is full" in finished.message
    assert run.plan is not None
    assert (tmp_path / "run" / "checkpoints" / "sound.safetensors").exists()


def test_lenet_has_a_loss_within_300_ms_of_play_once_it_is_on_screen() -> None:
    project = lenet5()
    execute(Run(project, steps=1))  # as inference does: layers are evaluated, torch is warm

    def first() -> float:
        told: list[float] = []
        start = time.perf_counter()

        def note(event: Event) -> None:
            if isinstance(event, Progress):
                told.append(time.perf_counter() - start)

        Run(project, steps=20).execute(note)
        return told[0]

    assert min(first() for _ in range(5)) < 0.3
