"""A run that goes on for longer says what becomes of its learning rate."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.document.project import Project
from engine.messages.commands import Stop
from engine.messages.events import Event, Progress, Validated, Warned
from engine.run.run import Run
from engine.runs import archive
from tests.drawings import Step, chain, with_settings
from tests.resuming import newest


def scheduled(kind: str) -> Project:
    steps: list[Step] = [("linear", "linear", {"out_features": 10})]
    project = chain({"dataset": "digits"}, [("flat", "flatten"), *steps], schedule=kind, learning_rate=0.01)
    return with_settings(project, epochs=4, batch_size=256)


def warned(folder: Path) -> list[str]:
    return [message for _, message in archive.curves_of(folder).messages]


@pytest.mark.parametrize("kind", ["cosine", "one_cycle"])
def test_a_schedule_that_is_spread_over_more_epochs_is_told_with_its_rates(tmp_path: Path, kind: str) -> None:
    project, folder = scheduled(kind), tmp_path / "run"
    rates: list[float] = []
    events: list[Event] = []
    Run(project, folder=folder).execute(events.append)
    rates += [event.learning_rates["objective"] for event in events if isinstance(event, Progress)][-1:]
    assert warned(folder) == []
    events.clear()
    Run(project, folder=folder, resume=newest(folder), epochs=8).execute(events.append)
    told = [event for event in events if isinstance(event, Warned)]
    first = next(rate for event in events if isinstance(event, Progress) for _, _, rate in event.rates)
    assert [event.message for event in told] == [
        f"The schedule is now spread over 8 epochs: the rate goes from {rates[0]:.2g} to {first:.2g}."
    ]
    assert first > 50 * rates[0]
    assert warned(folder) == [told[0].message]


@pytest.mark.parametrize("kind", ["constant", "step", "plateau"])
def test_a_schedule_that_does_not_depend_on_the_length_says_nothing(tmp_path: Path, kind: str) -> None:
    Run(scheduled(kind), folder=tmp_path / "run").execute(lambda _event: None)
    gone_on(tmp_path / "run", epochs=6)
    assert warned(tmp_path / "run") == []


def test_a_run_that_goes_on_to_its_old_end_says_nothing_of_its_schedule(tmp_path: Path) -> None:
    project, folder = scheduled("cosine"), tmp_path / "run"
    run = Run(project, folder=folder)
    run.execute(lambda event: run.send(Stop()) if isinstance(event, Validated) and event.epoch == 2 else None)
    gone_on(folder)
    assert warned(folder) == []
    gone_on(folder, steps=45)
    assert warned(folder)[0].startswith("The schedule is now spread over 45 steps: the rate goes from ")


def gone_on(folder: Path, **more: int) -> None:
    run = Run(archive.project_of(folder), folder=folder, resume=newest(folder), **more)
    assert run.execute(lambda _event: None).status == "completed"
