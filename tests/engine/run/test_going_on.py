"""Runs that go on from a folder that is not whole: what cannot be read or is missing is told."""

from __future__ import annotations

import errno
import json
import math
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from engine.messages.events import Event, Finished, Warned
from engine.run.run import Run
from engine.runs import archive
from engine.runs.checkpoints import broken_checkpoints
from engine.runs.plain_files import ArchiveError
from engine.weights.checkpoint import read, save_checkpoint
from tests.drawings import chain, with_settings

PARAMS = {"out_features": 2}
DRAWING = with_settings(
    chain({"dataset": "circle", "validation": 0.0}, [("linear", "linear", PARAMS)], optimiser="adam"),
    checkpoint_steps=3,
)


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    folder = tmp_path_factory.mktemp("p.runs") / "run"
    assert Run(DRAWING, folder=folder, steps=5, device="cpu").execute(lambda _: None).status == "completed"
    files = [path for path in folder.rglob("*") if path.is_file()]
    return {str(path.relative_to(folder)): path.read_bytes() for path in files}


@pytest.fixture
def folder(run: dict[str, bytes], tmp_path: Path) -> Path:
    for name, data in run.items():
        path = tmp_path / "p.runs" / "run" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    return tmp_path / "p.runs" / "run"


def gone_on(folder: Path) -> tuple[Finished, list[str]]:
    """The run from its newest checkpoint that can be read; how it ended, and its warnings."""
    newest = [one for one in archive.checkpoints_of(folder) if one.resumable][-1]
    told: list[Event] = []
    finished = Run(DRAWING, folder=folder, steps=8, device="cpu", resume=newest.path).execute(told.append)
    return finished, [event.message for event in told if isinstance(event, Warned)]


def test_a_whole_run_goes_on_without_a_word(folder: Path) -> None:
    finished, warned = gone_on(folder)
    assert (finished.status, finished.step) == ("completed", 8)
    assert not [text for text in warned if "cannot be read" in text or "lacks" in text]


def zeros(path: Path) -> None:
    path.write_bytes(bytes(1000))


def shorter(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-5])


def longer(path: Path) -> None:
    path.write_bytes(path.read_bytes() + b"more")


def empty(path: Path) -> None:
    path.write_bytes(b"")


def other_shape(path: Path) -> None:
    path.write_bytes(path.read_bytes().replace(b'"shape":[2,2]', b'"shape":[2,9]', 1))


@pytest.mark.parametrize("harm", [zeros, shorter, longer, empty, other_shape])
def test_a_run_says_that_its_last_checkpoint_cannot_be_read_and_from_where_it_goes_on(
    folder: Path, harm: Callable[[Path], None]
) -> None:
    harm(folder / "checkpoints" / "last.safetensors")
    (broken,) = broken_checkpoints(folder)
    assert (broken.path.name, broken.step) == ("last.safetensors", None)
    assert archive.record_of(folder).status == "completed"
    finished, warned = gone_on(folder)
    assert (finished.status, finished.step) == ("completed", 8)
    (text,) = [text for text in warned if "cannot be read" in text]
    assert text.startswith("last.safetensors cannot be read: ")
    assert text.endswith("The run goes on from step 3, with step-000003.safetensors.")
    assert text in [message for _, message in archive.curves_of(folder).messages]
    assert not broken_checkpoints(folder), "it was written anew"


def test_an_older_checkpoint_that_is_damaged_is_no_matter(folder: Path) -> None:
    zeros(folder / "checkpoints" / "step-000003.safetensors")
    assert [one.step for one in broken_checkpoints(folder)] == [3]
    assert not [text for text in gone_on(folder)[1] if "cannot be read" in text]


def test_where_the_newest_kept_checkpoint_is_damaged_the_one_before_it_counts(folder: Path) -> None:
    about = json.loads((folder / "run.json").read_text())
    (folder / "run.json").write_text(json.dumps({**about, "status": "running"}))
    place = folder / "checkpoints"
    zeros(place / "last.safetensors")
    zeros(place / "step-000009.safetensors")
    assert archive.record_of(folder).resumes == 3


def test_what_the_optimiser_should_remember_and_does_not_is_told(folder: Path) -> None:
    last = folder / "checkpoints" / "last.safetensors"
    tensors, facts = read(last)
    without = {name: tensor for name, tensor in tensors.items() if "/count/" in name or "@opt" not in name}
    save_checkpoint(last, without, facts)
    finished, warned = gone_on(folder)
    assert finished.status == "completed"
    (text,) = [text for text in warned if "optimiser" in text]
    assert text.startswith(
        "The checkpoint lacks 4 of the 6 values that the optimiser remembers, so these start"
    )
    assert "mean/linear.weight" in text or "linear.weight" in text


def test_what_the_optimiser_remembers_in_another_shape_is_refused(folder: Path) -> None:
    last = folder / "checkpoints" / "last.safetensors"
    tensors, facts = read(last)
    name = next(name for name in tensors if name.startswith("@optimiser") and tensors[name].dim() == 2)
    save_checkpoint(last, {**tensors, name: tensors[name][:1]}, facts)
    finished, _ = gone_on(folder)
    assert finished.status == "failed"
    assert "has the shape (1, 2) instead of (2, 2)" in finished.message


def test_a_run_of_a_newer_version_does_not_go_on(folder: Path) -> None:
    about = json.loads((folder / "run.json").read_text())
    (folder / "run.json").write_text(json.dumps({**about, "format": 999}))
    assert archive.record_of(folder).status == "unreadable"
    finished, _ = gone_on(folder)
    assert finished.status == "failed"
    assert "Received format 999: the run was made by a newer Layerloom" in finished.message
    assert json.loads((folder / "run.json").read_text())["format"] == 999


def test_the_newest_run_is_the_first_whatever_the_clock_says(folder: Path) -> None:
    runs = folder.parent
    for name in ("second", "third"):
        Run(DRAWING, folder=runs / name, steps=1, device="cpu").execute(lambda _: None)
    about = json.loads((runs / "third" / "run.json").read_text())
    about["created"] = "2001-01-01T00:00:00.000+00:00"
    (runs / "third" / "run.json").write_text(json.dumps(about))
    assert [(one.folder.name, one.number) for one in archive.runs_in(runs)] == [
        ("third", 3),
        ("second", 2),
        ("run", 1),
    ]


@pytest.mark.parametrize("number", [-1, 2**70, "1", 10**10])
def test_a_number_that_is_none_does_not_stop_the_counting(folder: Path, number: object) -> None:
    about = json.loads((folder / "run.json").read_text())
    (folder / "run.json").write_text(json.dumps({**about, "number": number}))
    Run(DRAWING, folder=folder.parent / "next", steps=1, device="cpu").execute(lambda _: None)
    assert archive.record_of(folder.parent / "next").number == 1


def test_runs_are_not_written_where_a_link_leads(folder: Path, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    folder.parent.rename(outside)
    folder.parent.symlink_to(outside)
    before = sorted(outside.rglob("*"))
    with pytest.raises(ArchiveError, match=r"p.runs: Put a folder there.*Received a link"):
        archive.runs_in(folder.parent)
    for more in ({}, {"resume": folder / "checkpoints" / "last.safetensors"}):
        place = folder if more else folder.parent / "new"
        finished = Run(DRAWING, folder=place, steps=8, device="cpu", **more).execute(lambda _: None)  # type: ignore[arg-type]
        assert finished.status == "failed"
        assert "p.runs: Put the folder itself there." in finished.message
    assert sorted(outside.rglob("*")) == before


def test_what_is_said_of_a_run_is_on_lines_of_a_bounded_length(folder: Path) -> None:
    words = "\x1b[2J\u202eevil\n" + "x" * 100_000
    (folder / "notes.json").write_text(json.dumps({"name": words, "note": "", "tags": [words] * 300}))
    about = json.loads((folder / "run.json").read_text())
    about["result"]["message"] = about["started"]["device"] = words
    (folder / "run.json").write_text(json.dumps(about))
    record = archive.record_of(folder)
    assert record.status == "completed"
    for text in (record.name, record.message, record.device, *record.tags):
        assert text.isprintable()
        assert len(text) <= 300
    assert len(record.tags) <= 100
    assert math.isfinite(record.seconds)


def test_checkpoints_that_may_not_be_listed_are_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "checkpoints").mkdir()

    def refused(path: object) -> None:
        raise PermissionError(errno.EACCES, "Permission denied", str(path))

    assert not broken_checkpoints(tmp_path)
    monkeypatch.setattr(os, "scandir", refused)
    assert [one.sentence for one in broken_checkpoints(tmp_path)] == [
        "checkpoints cannot be read: Permission denied."
    ]
