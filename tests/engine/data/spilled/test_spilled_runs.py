"""A run on values that lie on disk has the losses of one on values in memory."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from engine.data import catalogue
from engine.data.first_drawing import first_drawing
from engine.messages.events import Progress, Validated
from engine.run.run import Run
from nodes.data.source import DataSource
from nodes.reading import budget
from tests.engine.data.sources import source

ROWS = 400
STEPS = 12


def run(made: DataSource) -> tuple[list[Any], bool]:
    """The losses of each step and the results of validation, and whether the values lie on disk."""
    catalogue.forget()
    events: list[object] = []
    project = first_drawing(made, catalogue.describe(made))
    assert Run(project, steps=STEPS, device="cpu").execute(events.append).status == "completed"
    losses = [loss for event in events if isinstance(event, Progress) for loss in event.losses["objective"]]
    results = [(event.losses, event.metrics) for event in events if isinstance(event, Validated)]
    assert len(losses) == STEPS
    assert results
    return [losses, results], any("do not fit" in note for note in catalogue.load(made).notes)


@pytest.mark.parametrize(
    ("dataset", "how", "free"),
    [("csv-file", {"gaps": "fill"}, 400 * ROWS), ("series-file", {"input_columns": "a, b, c"}, 170 * ROWS)],
)
def test_losses_and_results_are_those_of_values_in_memory(
    dataset: str, how: dict[str, Any], free: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    gap = "" if dataset == "csv-file" else "0"
    lines = ["a,b,c,kind,label"] + [
        f"{i % 17}.5,{i * i % 23 if i % 9 else gap},{-i},k{i % 5},{'yes' if i % 17 > 8 else 'no'}"
        for i in range(ROWS)
    ]
    (tmp_path / "t.csv").write_text("\n".join(lines))
    made = source(dataset, path=str(tmp_path / "t.csv"), validation=0.3, **how)
    usual, is_on_disk = run(made)
    assert not is_on_disk
    monkeypatch.setattr(budget, "free_memory", lambda: free)
    assert run(made) == (usual, True)
