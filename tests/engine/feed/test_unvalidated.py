"""That nothing is held back to validate is said at the start of a run, with the set that lacks it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from engine.document.edits.decoration import set_settings
from engine.document.project import MAIN, Project
from engine.messages.events import Event, Warned
from engine.run.run import Run
from tests.drawings import Step, chain, graph, with_settings

WHOLE = {"dataset": "circle", "validation": 0.0, "samples": 50}
NOTHING = "so that nothing is validated: how well it does on new data is not known."


def said(project: Project) -> list[str]:
    events: list[Event] = []
    finished = Run(set_settings(project, epochs=2), device="cpu", steps=4).execute(events.append)
    assert finished.status == "completed", finished.message
    return [event.message for event in events if isinstance(event, Warned) and event.step == 0]


def classifier(data: dict[str, Any]) -> Project:
    return chain(data, [("linear", "linear", {"out_features": 2})])


def test_no_share_is_held_back() -> None:
    assert said(classifier({"dataset": "circle", "validation": 0.0})) == [
        f"data holds back no samples, {NOTHING}"
    ]
    assert said(classifier({"dataset": "circle"})) == []


@pytest.mark.parametrize("by", ["group_column", "order_column"])
def test_no_sample_can_be_held_back(tmp_path: Path, by: str) -> None:
    (tmp_path / "t.csv").write_text("a,who,y\n" + "".join(f"{k},7,{'ab'[k % 2]}\n" for k in range(20)))
    data = {"dataset": "csv-file", "path": str(tmp_path / "t.csv"), "input_columns": "a", by: "who"}
    told = said(classifier(data))
    assert f"data holds back no samples, {NOTHING}" in told
    assert "Every sample has the same who, so that nothing can be held back to validate." in told


def two_sets(data: dict[str, Any]) -> Project:
    project = classifier(data)
    nodes = {
        **project.main.nodes,
        **graph([("other", "data", {"dataset": "ring", "samples": 384}), ("see", "output")]).nodes,
    }
    wires = (*project.main.wires, *graph([], ["other.input -> see"]).wires)
    return Project(graphs={MAIN: type(project.main)(nodes, wires)})


def test_one_of_two_sets_holds_nothing_back() -> None:
    assert said(two_sets({"dataset": "circle", "samples": 480})) == [
        f"other holds back no samples, {NOTHING}"
    ]


def test_points_to_be_generated_are_not_meant_to_be_validated() -> None:
    steps: list[Step] = [
        ("data", "data", {"dataset": "ring", "samples": 384}),
        ("linear", "linear", {"out_features": 1}),
        ("loss", "real_or_fake"),
        ("objective", "objective"),
    ]
    wires = ["data.input -> linear", "linear -> loss.score", "loss.loss -> objective.loss"]
    assert said(Project(graphs={MAIN: graph(steps, wires)})) == []


@pytest.mark.parametrize(("batch_size", "left"), [(10, 0), (49, 1), (7, 1), (48, 0), (50, 0), (100, 0)])
def test_a_sample_that_would_be_a_batch_of_its_own_is_told(batch_size: int, left: int) -> None:
    project = with_settings(classifier(WHOLE), batch_size=batch_size)
    told = [message for message in said(project) if "left over" in message]
    wanted = (
        "data: 1 training sample is left over in each epoch, in the next one others: it would be a batch of "
        "one, from which nothing can be told apart."
    )
    assert told == [wanted] * left


def test_samples_that_are_left_over_as_two_sets_go_in_step_are_told() -> None:
    project = two_sets({"dataset": "circle"})
    assert said(project)[-1] == (
        "data: 16 training samples are left over in each epoch, in the next one others: sets that go in step "
        "are used in whole batches."
    )
