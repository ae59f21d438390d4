"""Validation values that are no finite numbers: counted, told, never judged by, and no plain success."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest

from engine.compile import compile  # noqa: A004
from engine.document import edits
from engine.document.project import MAIN, End, Node, Project
from engine.messages.events import Event, Finished, Warned
from engine.run.run import Run
from engine.runs.archive import checkpoints_of, record_of
from engine.train.best_weights import BestWeights
from engine.train.schedule import Schedule
from engine.train.validation import Measured
from nodes.reading.array import gaps
from nodes.training.objective import Objective
from tests.drawings import chain, mlp, with_settings

FAULT = (
    "objective: the validation loss is not a finite number in 1 of 3 batches. "
    "data.input holds NaN or infinity in 2 of 20 validation samples. Correct or remove these samples. "
    "Epochs without a finite validation loss count neither for the best weights nor for early stopping."
)


@pytest.fixture(autouse=True)
def arrays_are_not_looked_through(monkeypatch: pytest.MonkeyPatch) -> None:
    look_through_no_array(monkeypatch)


def look_through_no_array(monkeypatch: pytest.MonkeyPatch) -> None:
    """Arrays are read as those that are too large to be looked through; of others such samples go."""
    monkeypatch.setattr(
        gaps, "gaps_of", lambda _where, _name, rows: gaps.ArrayGaps(np.zeros(len(rows), bool))
    )
    monkeypatch.setattr("nodes.reading.array.outline.gaps_of", gaps.gaps_of)


def drawing(folder: Path, *rows: int, **settings: object) -> Project:
    """Regression on an array whose held-back part has NaN in these rows; three validation batches."""
    rng = np.random.default_rng(0)
    x = rng.normal(size=(60, 2)).astype(np.float32)
    held = rng.normal(size=(20, 2)).astype(np.float32)
    targets, held_targets = x.sum(1), held.sum(1)
    held[list(rows), 1] = np.nan
    path = folder / "data.npz"
    np.savez(path, x_train=x, y_train=targets, x_test=held, y_test=held_targets)
    source = {"dataset": "array-file", "path": str(path), "scaling": "none", "task": "regression"}
    project = chain(source, [("linear", "linear", {"out_features": 1})], loss="mse")
    return with_settings(project, batch_size=8, **settings)


def ran(project: Project, folder: Path | None = None, **more: object) -> tuple[Finished, list[Event]]:
    events: list[Event] = []
    return Run(project, folder=folder, **more).execute(events.append), events  # type: ignore[arg-type]


def warned(events: list[Event]) -> list[str]:
    return [event.message for event in events if isinstance(event, Warned)]


def test_a_nan_in_validation_is_told_once_with_its_counts_and_ends_no_plain_success(tmp_path: Path) -> None:
    finished, events = ran(drawing(tmp_path, 3, 5, epochs=4, early_stopping=2), tmp_path / "run")
    assert warned(events) == [FAULT]
    assert (finished.status, finished.epoch, finished.nonfinite_epochs) == ("completed", 4, 4)
    assert finished.message == "The validation gave values that are not finite numbers in 4 of 4 epochs."
    assert {each.kind for each in checkpoints_of(tmp_path / "run")} == {"initial", "last"}
    record = record_of(tmp_path / "run")
    assert record.nonfinite_epochs == 4
    assert "not finite numbers in 4 of 4 epochs" in record.sentence


def test_finite_validation_costs_no_second_pass_and_says_nothing(tmp_path: Path) -> None:
    finished, events = ran(drawing(tmp_path, epochs=2))
    assert warned(events) == []
    assert (finished.message, finished.nonfinite_epochs) == ("", 0)


def two_objectives(folder: Path, every: int) -> Project:
    """The loss, and another of the same prediction in an objective that acts at every so many steps."""
    project = drawing(folder, 3, epochs=2, best_by="second")
    for node, layer, params in (
        ("loss2", "mae", {}),
        ("second", "objective", {"every": every}),
        ("error", "mean_absolute_error", {}),
    ):
        project = edits.add_node(project, MAIN, Node(node, layer, params), (0.0, 0.0))
    for source, target in (
        (("linear", "output"), ("loss2", "prediction")),
        (("data", "target"), ("loss2", "target")),
        (("loss2", "loss"), ("second", "loss")),
        (("linear", "output"), ("error", "prediction")),
        (("data", "target"), ("error", "target")),
    ):
        project = edits.connect(project, MAIN, End(*source), End(*target))
    return project


@pytest.mark.parametrize("every", [1, 2], ids=["in one pass", "one after the other"])
def test_each_of_several_objectives_and_the_metric_are_told(tmp_path: Path, every: int) -> None:
    finished, events = ran(two_objectives(tmp_path, every))
    first, second, metric = warned(events)
    assert first.startswith("objective: the validation loss is not a finite number in 1 of 3 batches.")
    assert second.startswith("second: the validation loss is not a finite number in 1 of 3 batches.")
    assert metric.startswith("error: the metric on the validation data is not a finite number.")
    assert "Epochs without a finite validation loss of second count neither" in metric
    assert finished.nonfinite_epochs == 2


@pytest.mark.parametrize("every", [1, 2])
def test_a_training_loss_that_is_nan_ends_a_run_of_several_objectives(tmp_path: Path, every: int) -> None:
    project = two_objectives(tmp_path, every)
    with np.load(tmp_path / "data.npz") as found:
        arrays = dict(found)
    arrays["x_train"][:, 0] = np.nan
    np.savez(tmp_path / "data.npz", **arrays)
    finished, _ = ran(project)
    assert finished.status == "failed"
    assert finished.message.startswith("objective: the loss is not a finite number at step 1.")


def test_a_run_that_goes_on_tells_nothing_twice_and_keeps_counting(tmp_path: Path) -> None:
    project, folder = drawing(tmp_path, 3, 5, epochs=2), tmp_path / "run"
    ran(project, folder)
    last = next(each.path for each in checkpoints_of(folder) if each.kind == "last")
    finished, events = ran(project, folder, resume=last, epochs=4)
    assert warned(events) == []
    assert finished.nonfinite_epochs == 4


def test_a_plateau_schedule_and_early_stopping_wait_for_a_finite_loss() -> None:
    schedule = Schedule(Objective(schedule="plateau", step_epochs=1), 10)
    for loss in (1.0, math.nan, math.inf, math.nan):
        schedule.validated(loss)
    assert (schedule.best, schedule.waited, schedule.drops) == (1.0, 0, 0)
    schedule.validated(1.0)
    assert schedule.drops == 1


@pytest.mark.parametrize("value", [math.nan, -math.inf])
def test_no_weights_are_the_best_by_a_figure_that_is_not_finite(value: float) -> None:
    plan = compile(with_settings(mlp("digits", 8), early_stopping=2))
    best_weights = BestWeights(plan, dict)
    for epoch, loss in enumerate((2.0, value, value, 1.5, value, value), start=1):
        best_weights.validated(epoch, Measured({"objective": loss}, {}))
        assert best_weights.ended(epoch) == ""
    assert (best_weights.best_epoch, best_weights.best_value) == (4, 1.5)
    for epoch in (7, 8):
        best_weights.validated(epoch, Measured({"objective": 1.6}, {}))
    assert best_weights.ended(8) == "Stopped after epoch 8: no better validation loss in 2 epochs."
