"""An objective inside of a block is refused, or ends a run, as one on the main graph does."""

from __future__ import annotations

from typing import Any

import pytest

from engine.compile import CompileError, compile  # noqa: A004
from engine.document import edits
from engine.document.project import MAIN, Project
from engine.messages.events import Event, Warned
from engine.run.run import Run
from tests.drawings import graph

HEAD = "head"


def drawing(where: str, repeat: int = 1, **objective: Any) -> Project:
    """A classifier with an objective inside of a block and one outside; one of them has these parameters."""
    inner, outer = (objective, {}) if where == HEAD else ({}, objective)
    head = graph(
        [
            ("linear", "linear", {"out_features": 64}),
            ("scores", "linear", {"out_features": 10}),
            ("loss", "cross_entropy"),
            ("objective", "objective", inner),
        ],
        [
            "@in.x -> linear",
            "linear -> scores",
            "scores -> loss.logits",
            "@in.label -> loss.label",
            "loss.loss -> objective.loss",
            "linear.output -> @out.y",
        ],
        inputs=("x", "label"),
        outputs=("y",),
    )
    main = graph(
        [
            ("data", "data", {"dataset": "digits"}),
            ("flatten", "flatten"),
            ("part", "block", {"definition": HEAD, "repeat": repeat}),
            ("scores", "linear", {"out_features": 10}),
            ("loss", "cross_entropy"),
            ("objective", "objective", outer),
        ],
        [
            "data.input -> flatten",
            "flatten -> part.x",
            "data.target -> part.label",
            "part.y -> scores",
            "scores -> loss.logits",
            "data.target -> loss.label",
            "loss.loss -> objective.loss",
        ],
    )
    return Project(graphs={MAIN: main, HEAD: head})


WHERE = pytest.mark.parametrize(("where", "path"), [(MAIN, ""), (HEAD, "part.")])


@WHERE
def test_an_objective_whose_loss_is_broken_is_refused(where: str, path: str) -> None:
    project = edits.set_param(drawing(where), where, "scores", "out_features", 3)
    with pytest.raises(CompileError, match=f"^{path}loss: Cross-entropy: Expected at least 10 scores"):
        compile(project)


@WHERE
def test_an_objective_without_a_loss_is_refused(where: str, path: str) -> None:
    project = drawing(where)
    (loss,) = (wire for wire in project.graphs[where].wires if wire.target.node == "objective")
    project = edits.disconnect(project, where, loss)
    with pytest.raises(CompileError, match=f"^{path}objective: Expected a loss that depends on data"):
        compile(project)
    bypassed = edits.set_bypassed(project, where, ["objective"], True)
    assert len(compile(bypassed).objectives) == 1


@WHERE
def test_an_objective_that_turns_into_not_a_number_ends_the_run_and_is_named(where: str, path: str) -> None:
    events: list[Event] = []
    finished = Run(drawing(where, weights=[3e38])).execute(events.append)
    assert finished.status == "failed"
    assert finished.message.startswith(f"{path}objective: the loss is not a finite number at step 1.")
    assert not [event for event in events if isinstance(event, Warned)]


def test_every_copy_of_a_block_is_looked_at() -> None:
    project = drawing(HEAD, repeat=2)
    assert [each.path for each in compile(project).objectives] == [
        "part.0.objective",
        "part.1.objective",
        "objective",
    ]
    uneven = edits.set_param(project, HEAD, "scores", "out_features", "=10 if i == 0 else 3")
    with pytest.raises(CompileError, match=r"^part\.1\.loss: "):
        compile(uneven)
