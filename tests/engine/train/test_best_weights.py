"""The best weights and early stopping go by what the drawing's settings choose, and by nothing where that is
open."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec
import pytest

from engine.document import edits
from engine.document.edits.extract import extract
from engine.document.edits.unpack import unpack
from engine.document.project import MAIN, Project
from engine.infer import infer
from engine.messages.events import Event, Finished, Validated, Warned
from engine.run.run import Run
from engine.runs import archive
from engine.weights.checkpoint import read, save_checkpoint
from tests.drawings import gan, mlp, with_settings


def ran(project: Project, folder: Path | None = None, **more: Any) -> tuple[Finished, list[Event]]:
    events: list[Event] = []
    return Run(project, folder=folder, **more).execute(events.append), events


def course(events: list[Event], path: str) -> list[float]:
    """A figure of the validation data, epoch by epoch."""
    told = [event for event in events if isinstance(event, Validated)]
    return [(event.losses | event.metrics)[path] for event in told]


def warnings(events: list[Event]) -> list[str]:
    return [event.message for event in events if isinstance(event, Warned)]


def best_of(folder: Path) -> dict[str, Any]:
    return read(folder / "checkpoints" / "best.safetensors")[1]


def still(**settings: Any) -> Project:
    """A drawing whose weights never change."""
    project = edits.set_param(mlp("digits", 8), MAIN, "objective", "learning_rate", 0.0)
    return with_settings(project, epochs=9, **settings)


def test_the_best_weights_are_those_of_the_highest_accuracy(tmp_path: Path) -> None:
    project = edits.set_param(mlp("digits", 8), MAIN, "objective", "learning_rate", 0.1)
    _, events = ran(with_settings(project, epochs=6, best_by="accuracy"), tmp_path / "run")
    accuracies, losses = course(events, "accuracy"), course(events, "objective")
    assert accuracies.index(max(accuracies)) != losses.index(min(losses)), "the two must differ here"
    about = best_of(tmp_path / "run")
    assert about["epoch"] == accuracies.index(max(accuracies)) + 1
    assert (about["best_by"], about["best_value"]) == ("accuracy", max(accuracies))


def test_without_a_choice_a_single_objective_is_judged_by_its_validation_loss(tmp_path: Path) -> None:
    _, events = ran(with_settings(mlp("digits", 8), epochs=3), tmp_path / "run")
    losses = course(events, "objective")
    about = best_of(tmp_path / "run")
    assert (about["best_by"], about["best_value"]) == ("objective", min(losses))


def test_several_objectives_without_a_choice_have_no_best_and_early_stopping_says_why(tmp_path: Path) -> None:
    finished, events = ran(with_settings(gan(), epochs=4, early_stopping=1), tmp_path / "run")
    assert (finished.status, finished.epoch, finished.message) == ("completed", 4, "")
    (told,) = warnings(events)
    assert told.startswith("Early stopping is set, but there are several objectives")
    assert {each.kind for each in archive.checkpoints_of(tmp_path / "run")} == {"initial", "last"}


def test_one_of_several_objectives_may_be_chosen(tmp_path: Path) -> None:
    _, events = ran(with_settings(gan(), epochs=4, best_by="making"), tmp_path / "run")
    losses = course(events, "making")
    assert warnings(events) == []
    assert best_of(tmp_path / "run")["epoch"] == losses.index(min(losses)) + 1


def test_early_stopping_goes_by_the_chosen_metric() -> None:
    finished, _ = ran(still(early_stopping=2, best_by="accuracy"))
    assert (finished.reason, finished.status, finished.epoch) == ("early_stopped", "completed", 3)
    assert finished.message == "Stopped after epoch 3: no better accuracy on the validation data in 2 epochs."


def test_a_choice_without_validation_data_says_that_it_does_nothing() -> None:
    project = edits.set_param(still(best_by="accuracy"), MAIN, "data", "validation", 0.0)
    _, events = ran(project, steps=1)
    (told,) = warnings(events)
    assert told.startswith("Best by is set, but the data hold no validation samples")


def test_a_schedule_that_waits_for_validation_that_never_comes_says_so() -> None:
    project = edits.set_param(still(early_stopping=2), MAIN, "data", "validation", 0.0)
    stopping, plateau = warnings(
        ran(edits.set_param(project, MAIN, "objective", "schedule", "plateau"), steps=1)[1]
    )
    assert stopping.startswith("Early stopping is set, but the data hold no validation samples")
    assert plateau == (
        "objective: the rate is to fall at a plateau, but the data hold no validation samples: "
        "the rate stays. Hold back a share of them for validation."
    )


@pytest.mark.parametrize("path", ["nowhere", "linear1", "accuracy.value"])
def test_a_path_that_is_no_judge_is_refused_while_drawing_and_by_the_run(path: str) -> None:
    project = still(best_by=path)
    sentence = (
        f"Best by: Expected the path of an objective or a metric (objective, accuracy). Received {path!r}. "
        "Choose one as Best by in the run's settings, or leave it empty."
    )
    (problem,) = infer(project).problems
    assert (problem.message, problem.node, problem.severity) == (sentence, "objective", "error")
    (fix,) = problem.fixes
    assert infer(fix.edit(project)).problems == ()
    finished, _ = ran(project)
    assert (finished.status, finished.message) == ("failed", sentence)


def test_what_is_judged_by_follows_its_node() -> None:
    project = edits.rename_node(still(best_by="accuracy"), MAIN, "accuracy", "hits")
    assert project.settings.best_by == "hits"
    inside, placed = extract(project, MAIN, ["linear3", "hits"], "Head")
    assert inside.settings.best_by == f"{placed}.hits"
    assert infer(inside).problems == ()
    assert infer(edits.rename_node(inside, "Head", "hits", "score")).problems == ()
    assert unpack(inside, MAIN, placed)[0].settings.best_by == "hits"


def test_a_metric_inside_a_block_judges() -> None:
    inside, placed = extract(still(early_stopping=1), MAIN, ["linear3", "accuracy"], "Head")
    finished, _ = ran(edits.set_settings(inside, best_by=f"{placed}.accuracy"))
    assert (finished.status, finished.epoch) == ("completed", 2)


def test_a_checkpoint_of_before_there_was_a_choice_goes_on_counting(tmp_path: Path) -> None:
    project, folder = still(early_stopping=4, checkpoint_epochs=2), tmp_path / "run"
    ran(project, folder)
    kept = next(each.path for each in archive.checkpoints_of(folder) if each.kind == "kept")
    tensors, about = read(kept)
    assert about.pop("best_by") == "objective"
    save_checkpoint(kept, tensors, about | {"best_loss": about.pop("best_value")})
    finished, _ = ran(project, folder, resume=kept)
    assert finished.epoch == 5


def test_a_run_that_goes_on_under_another_judge_begins_to_judge_anew(tmp_path: Path) -> None:
    project, folder = still(early_stopping=4, checkpoint_epochs=2), tmp_path / "run"
    ran(project, folder)
    kept = next(each.path for each in archive.checkpoints_of(folder) if each.kind == "kept")
    other = msgspec.structs.replace(
        project, settings=msgspec.structs.replace(project.settings, best_by="accuracy")
    )
    finished, _ = ran(other, folder, resume=kept)
    assert finished.epoch == 7  # judged from the third epoch on
    assert best_of(folder)["best_by"] == "accuracy"
