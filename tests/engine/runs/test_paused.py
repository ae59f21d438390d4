"""A run that is paused is listed as paused, in the window's words and on the command line."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import pytest

from app import __main__ as cmd
from app.runs.run_columns import brief, tint
from engine.document.storage.file import save
from engine.messages.commands import Pause, Resume, Stop
from engine.messages.events import Paused, Resumed
from engine.run.follow import Follower
from engine.run.run import Run
from engine.runs import places
from engine.runs.record import record_of
from tests.drawings import mlp, with_settings


def until(holds: Callable[[], bool]) -> None:
    end = time.monotonic() + 20
    while not holds() and time.monotonic() < end:
        time.sleep(0.01)
    assert holds()


def test_a_paused_run_is_listed_as_paused_until_it_goes_on(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file, project = tmp_path / "p.loom", with_settings(mlp("digits", 8), epochs=100_000)
    save(project, file)
    folder = places.new_run(places.runs_of(file))
    run = Run(project, folder=folder)
    run.start()
    try:
        until(lambda: run.state == "running")
        run.send(Pause())
        until(lambda: run.state == "paused")
        until(lambda: record_of(folder).paused)
        record = record_of(folder)
        assert record.status == "running"
        assert record.sentence.startswith(f"paused, step {record.step:,} of ")
        assert (brief(record), tint(record)) == (record.sentence, "warn")
        assert cmd.main(["runs", str(file)]) == 0
        assert "paused, step" in capsys.readouterr().out
        run.send(Resume())
        until(lambda: not record_of(folder).paused)
        assert record_of(folder).sentence.startswith("running, step ")
        run.send(Pause())
        until(lambda: record_of(folder).paused)
    finally:
        run.send(Stop())
        run.join()
    assert not record_of(folder).paused
    assert record_of(folder).status == "stopped"


def test_who_follows_a_run_hears_that_it_is_paused_and_that_it_continues(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("engine.run.follow.CHECK_SECONDS", 0.05)
    project = with_settings(mlp("digits", 8), epochs=100_000)
    run, follower = Run(project, folder=tmp_path / "run"), Follower(tmp_path / "run", poll_seconds=0.02)
    run.start()
    follower.start()
    try:
        until(lambda: follower.state == "running")
        for _ in range(2):
            run.send(Pause())
            until(lambda: follower.state == "paused")
            run.send(Resume())
            until(lambda: follower.state == "running")
        later = Follower(tmp_path / "run", poll_seconds=0.02)
        run.send(Pause())
        until(lambda: record_of(tmp_path / "run").paused)
        later.start()
        until(lambda: later.state == "paused")
        later.send(Stop())
        later.join()
    finally:
        run.send(Stop())
        run.join()
        follower.join()
    told = [type(event) for event in follower.mailbox.drain() if isinstance(event, Paused | Resumed)]
    assert told[:4] == [Paused, Resumed, Paused, Resumed]
    assert follower.finished is not None
    assert follower.finished.status == "stopped"
