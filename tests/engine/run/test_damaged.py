"""Runs whose folders are damaged, or not theirs alone: each says so, and none of them does more harm."""

from __future__ import annotations

import errno
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file

from engine.messages.events import Finished
from engine.run import run_folder as store
from engine.run.run import Run
from engine.runs import places
from engine.runs.archive import curves_of, project_of
from engine.system.atomic_write import write_atomically
from tests.drawings import chain, with_settings

DRAWING = with_settings(
    chain({"dataset": "circle", "validation": 0.0}, [("linear", "linear", {"out_features": 2})]),
    early_stopping=2,
    epochs=4,
)


def run(folder: Path, **more: Path) -> Finished:
    return Run(DRAWING, folder=folder, steps=8 if more else 5, **more).execute(lambda event: None)  # type: ignore[arg-type]


def gone_on(folder: Path, checkpoint: str = "last") -> Finished:
    return run(folder, resume=folder / "checkpoints" / f"{checkpoint}.safetensors")


@pytest.mark.parametrize("text", ["", "{", '{"format": 2', "[]", "null", "\xff"])
def test_a_run_that_cannot_read_what_it_said_does_not_go_on(tmp_path: Path, text: str) -> None:
    folder = tmp_path / "run"
    assert run(folder).status == "completed"
    (folder / "run.json").write_bytes(text.encode("latin-1"))
    finished = gone_on(folder)
    assert finished.status == "failed"
    assert finished.message.startswith(f"{folder}: run.json cannot be read.")
    assert (folder / "run.json").read_bytes() == text.encode("latin-1")


@pytest.mark.parametrize(
    "harm", ["UPDATE blocks SET data = 'text'", "UPDATE blocks SET data = NULL", "UPDATE blocks SET data = 7"]
)
def test_a_run_whose_losses_are_none_does_not_go_on(tmp_path: Path, harm: str) -> None:
    folder = tmp_path / "run"
    assert run(folder).status == "completed"
    with closing(sqlite3.connect(folder / "metrics.sqlite")) as database:
        database.execute(harm)
        database.commit()
    finished = gone_on(folder)
    assert finished.message.startswith(f"{folder}: metrics.sqlite is not a run's.")


def test_what_was_said_before_the_first_step_is_said_once(tmp_path: Path) -> None:
    folder = tmp_path / "run"
    run(folder)
    told = curves_of(folder).messages
    assert len(told) == 1
    assert gone_on(folder, "initial").status == "completed"
    assert curves_of(folder).messages == told


def test_a_folder_with_files_in_it_is_not_taken(tmp_path: Path) -> None:
    mine = tmp_path / "project.loom"
    mine.write_text("mine")
    finished = run(tmp_path)
    assert (finished.status, mine.read_text()) == ("failed", "mine")
    assert finished.message.startswith(f"{tmp_path}: Expected a new or empty folder.")
    assert [path.name for path in tmp_path.iterdir()] == ["project.loom"]


def test_a_folder_that_only_a_system_has_written_to_is_empty(tmp_path: Path) -> None:
    (tmp_path / ".DS_Store").write_bytes(b"")
    assert run(tmp_path).status == "completed"
    assert project_of(tmp_path) == DRAWING


@pytest.mark.parametrize("name", ["project.loom", "metrics.sqlite", "run.json"])
def test_a_disk_that_is_full_at_the_start_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    def written(path: Path, data: bytes, **more: bool) -> None:
        if path.name == name:
            raise OSError(errno.ENOSPC, "No space left on device")
        write_atomically(path, data, **more)

    def connected(path: Path, **_more: object) -> sqlite3.Connection:
        found = opened(path, isolation_level=None)
        if name == "metrics.sqlite":
            found.set_authorizer(lambda *_: sqlite3.SQLITE_DENY)
        return found

    opened = sqlite3.connect
    monkeypatch.setattr(store, "write_atomically", written)
    monkeypatch.setattr(store.sqlite3, "connect", connected)
    folder = places.new_run(tmp_path / "p.runs")
    finished = run(folder)
    assert finished.status == "failed"
    assert "No space left" in finished.message or name == "metrics.sqlite"
    assert not folder.exists()


def test_weights_that_are_no_numbers_are_not_begun_with(tmp_path: Path) -> None:
    folder = tmp_path / "run"
    run(folder)
    file = tmp_path / "w.safetensors"
    save_file({"linear.weight": torch.zeros(2, 2), "linear.bias": torch.tensor([1.0, torch.inf])}, file)
    finished = run(tmp_path / "next", start=file)
    assert finished.message == (
        f"{file}: Expected weights that are finite numbers. Received others in linear.bias."
    )
