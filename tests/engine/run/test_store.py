"""The folder of a run: one run, one folder, whoever comes at the same time."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from engine.messages.commands import Pause, Stop
from engine.messages.events import Event, Paused, Progress
from engine.run import files
from engine.run.run import Run
from engine.runs import places
from engine.runs.record import project_of, record_of
from tests.drawings import chain, mlp


def test_a_second_run_does_not_touch_the_files_of_the_first(tmp_path: Path) -> None:
    folder = tmp_path / "run"
    assert Run(mlp("digits", 8), folder=folder, steps=2).execute(lambda event: None).status == "completed"
    before = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    second = Run(mlp("digits", 8), folder=folder, steps=2, seed=1).execute(lambda event: None)
    assert second.status == "failed"
    assert second.message.startswith(f"{folder}: Expected a new or empty folder.")
    assert before == {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_runs_that_start_at_the_same_moment_get_folders_of_their_own(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        made = list(pool.map(lambda _: places.new_run(tmp_path / "NAME.runs"), range(24)))
    assert len(set(made)) == 24
    assert all(folder.is_dir() for folder in made)


def test_where_nothing_can_be_written_the_run_says_so(tmp_path: Path) -> None:
    (tmp_path / "NAME.runs").write_text("a file in the way")
    folder = places.new_run(tmp_path / "NAME.runs")
    finished = Run(mlp("digits", 8), folder=folder, steps=2).execute(lambda event: None)
    assert finished.status == "failed"
    assert "could not be written" in finished.message


def test_a_run_that_could_not_begin_leaves_no_folder(tmp_path: Path) -> None:
    broken = chain({"dataset": "circle"}, [("l", "linear", {"out_features": 1})], updates="ghost")
    folder = places.new_run(tmp_path / "NAME.runs")
    assert Run(broken, folder=folder).execute(lambda event: None).status == "failed"
    assert not folder.exists()


def test_the_record_is_whole_from_the_first_moment_on(tmp_path: Path) -> None:
    folder = tmp_path / "run"
    seen: list[str] = []
    Run(mlp("digits", 8), folder=folder, steps=1).execute(
        lambda event: seen.append(json.loads((folder / "run.json").read_text())["status"])
    )
    assert seen[0] == "running"
    assert seen[-1] == "completed"


def test_the_weights_of_a_short_run_are_on_disk_before_it_ends(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(files, "FIRST_SECONDS", 0.0)
    seen: list[tuple[str, bool]] = []
    last = tmp_path / "run" / "checkpoints" / "last.safetensors"
    Run(mlp("digits", 8), folder=tmp_path / "run", epochs=3).execute(
        lambda event: seen.append((type(event).__name__, last.exists()))
    )
    assert [there for name, there in seen if name == "Validated"] == [True] * 3


def test_a_run_that_waits_is_listed_with_the_step_at_which_it_waits(tmp_path: Path) -> None:
    run = Run(mlp("digits", 8), folder=tmp_path / "run")
    seen: list[tuple[int, int]] = []

    def told(event: Event) -> None:
        if isinstance(event, Progress) and event.step < 10:
            run.send(Pause())
        elif isinstance(event, Paused):
            seen.append((record_of(tmp_path / "run").step, event.step))
            run.send(Stop())

    run.execute(told)
    assert seen
    assert seen[0][0] == seen[0][1] > 0


def test_a_project_that_is_moved_with_its_data_and_its_runs_goes_on(tmp_path: Path) -> None:
    home, elsewhere = tmp_path / "here", tmp_path / "there"
    home.mkdir()
    (home / "t.csv").write_text("a,b\n" + "".join(f"{i},{2 * i}\n" for i in range(40)))
    data = {"dataset": "csv-file", "path": str(home / "t.csv")}
    project = chain(data, [("linear", "linear", {"out_features": 1})], loss="mse")
    folder = places.new_run(places.runs_of(home / "p.loom"))
    assert Run(project, folder=folder, steps=3).execute(lambda event: None).status == "completed"
    assert project_of(folder) == project
    home.rename(elsewhere)
    moved = elsewhere / folder.relative_to(home)
    opened = project_of(moved)
    assert opened.main.nodes["data"].params["path"] == str(elsewhere / "t.csv")
    last = moved / "checkpoints" / "last.safetensors"
    assert Run(opened, folder=moved, steps=5, resume=last).execute(lambda event: None).status == "completed"


def test_a_run_that_is_kept_apart_from_its_project_finds_its_data_where_they_were(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("a,b\n" + "".join(f"{i},{2 * i}\n" for i in range(40)))
    data = {"dataset": "csv-file", "path": str(tmp_path / "t.csv")}
    project = chain(data, [("linear", "linear", {"out_features": 1})], loss="mse")
    Run(project, folder=tmp_path / "run", steps=1).execute(lambda event: None)
    (tmp_path / "run").rename(tmp_path / "other")
    assert project_of(tmp_path / "other") == project
