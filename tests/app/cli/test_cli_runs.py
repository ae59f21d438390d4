"""The runs of a project on the command line: listed, compared, followed, gone on with."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from app import __main__ as cmd
from engine.document import edits
from engine.document.project import MAIN
from engine.document.storage.file import save
from tests.drawings import gan


@pytest.fixture
def spiral(tmp_path: Path) -> str:
    path = str(tmp_path / "s.loom")
    assert cmd.main(["new", "mlp-spiral", path]) == 0
    return path


@pytest.fixture
def two_runs(spiral: str, capsys: pytest.CaptureFixture[str]) -> str:
    """A project with a run called "short" and a longer one called "long"."""
    named = ["--note", "by hand", "--tag", "a", "--tag", "b"]
    assert cmd.main(["train", spiral, "--steps", "30", "--name", "short", *named]) == 0
    assert cmd.main(["train", spiral, "--steps", "60", "--seed", "4", "--name", "long"]) == 0
    capsys.readouterr()
    return spiral


def test_runs_are_listed(two_runs: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert cmd.main(["runs", two_runs, "--json"]) == 0
    listed = json.loads(capsys.readouterr().out)
    assert [run["name"] for run in listed] == ["long", "short"]
    assert (listed[1]["note"], listed[1]["tags"]) == ("by hand", ["a", "b"])
    assert (listed[1]["status"], listed[1]["step"], listed[1]["resumable"]) == ("completed", 30, False)
    assert set(listed[0]["metrics"]) == {"objective", "accuracy"}
    assert cmd.main(["runs", two_runs]) == 0
    told = capsys.readouterr().out
    assert "completed, 60 steps" in told
    assert "[a, b]" in told
    assert "by hand" in told


def test_a_project_without_runs_says_so(spiral: str, capsys: pytest.CaptureFixture[str]) -> None:
    capsys.readouterr()
    assert cmd.main(["runs", spiral]) == 0
    assert "no runs yet" in capsys.readouterr().out
    assert cmd.main(["runs", spiral, "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == []


def test_runs_and_compare_do_not_load_torch(two_runs: str) -> None:
    script = (
        f"import sys; import app.__main__ as cmd; cmd.main(['runs', {two_runs!r}]); "
        f"assert cmd.main(['compare', {two_runs!r}, 'short', 'long']) == 0; "
        "assert not {'torch', 'PySide6'} & set(sys.modules), 'loaded'"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_runs_are_compared(two_runs: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert cmd.main(["compare", two_runs, "short", "long", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["same_drawing"] is True
    changed = {change["name"]: (change["a"], change["b"]) for change in found["settings"]}
    assert changed["seed"] == (0, 4)
    assert found["metrics"]["objective"] == [
        found["first"]["metrics"]["objective"],
        found["second"]["metrics"]["objective"],
    ]
    assert cmd.main(["compare", two_runs, "short", "long"]) == 0
    told = capsys.readouterr().out
    assert "seed: 0 -> 4" in told
    assert "training loss" not in told, "it is validated"


def test_runs_without_validation_are_told_with_their_training_losses(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = str(tmp_path / "net.loom")
    save(edits.set_param(gan(), MAIN, "data", "validation", 0.0), Path(path))
    for name in ("one", "two"):
        assert cmd.main(["train", path, "--steps", "20", "--name", name]) == 0
    capsys.readouterr()
    assert cmd.main(["runs", path]) == 0
    assert "training loss of judging 1." in capsys.readouterr().out
    assert cmd.main(["runs", path, "--json"]) == 0
    assert set(json.loads(capsys.readouterr().out)[0]["training"]) == {"making", "judging"}
    assert cmd.main(["compare", path, "one", "two"]) == 0
    assert "training loss of making (mean of the last tenth of the steps)  0." in capsys.readouterr().out


def test_a_complete_run_is_made_longer(two_runs: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert cmd.main(["resume", two_runs, "short"]) == 2
    assert "is complete" in capsys.readouterr().err
    assert cmd.main(["resume", two_runs, "short", "--steps", "40"]) == 0
    capsys.readouterr()
    assert cmd.main(["runs", two_runs, "--json"]) == 0
    assert json.loads(capsys.readouterr().out)[1]["step"] == 40


def test_weights_are_carried_over(two_runs: str, capsys: pytest.CaptureFixture[str]) -> None:
    folders = sorted(Path(two_runs).with_suffix(".runs").iterdir())
    weights = str(folders[-1] / "checkpoints" / "last.safetensors")

    def first_loss(*more: str) -> float:
        assert cmd.main(["train", two_runs, "--steps", "1", "--json", *more]) == 0
        events = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
        return next(e["losses"]["objective"][0] for e in events if e["event"] == "progress")

    assert first_loss("--from", weights) != first_loss()
    assert first_loss("--from", weights, "--seed", "0") == first_loss("--from", weights)
    assert cmd.main(["train", two_runs, "--from", "nowhere.safetensors"]) == 2
    assert "--from" in capsys.readouterr().err


def test_following_shows_a_run_to_its_end(two_runs: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert cmd.main(["follow", two_runs, "short", "--json"]) == 0
    events = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [events[0]["event"], events[-1]["event"]] == ["started", "finished"]
    assert cmd.main(["follow", two_runs]) == 0
    assert "Trained after 60 steps" in capsys.readouterr().out


def test_what_is_no_run_is_not_waited_for(two_runs: str, capsys: pytest.CaptureFixture[str]) -> None:
    folder = next(Path(two_runs).with_suffix(".runs").iterdir())
    (folder / "run.json").unlink()
    assert cmd.main(["follow", two_runs, folder.name]) == 2
    assert "cannot be read: Expected run.json" in capsys.readouterr().err


def test_a_folder_with_files_in_it_is_no_place_for_a_run(
    two_runs: str, capsys: pytest.CaptureFixture[str]
) -> None:
    place = Path(two_runs).parent
    before = sorted(place.iterdir())
    assert cmd.main(["train", two_runs, "--run-dir", str(place)]) == 2
    assert "--run-dir: Expected a new or empty folder" in capsys.readouterr().err
    assert sorted(place.iterdir()) == before


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["runs", "nowhere.loom"], "no such file"),
        (["resume", "nowhere.loom"], "no such file"),
        (["resume", "FILE", "nobody"], "Received 'nobody'"),
        (["resume", "FILE", "none.safetensors"], "Expected a checkpoint"),
        (["resume", "FILE", "--steps", "1", "--epochs", "1"], "Received both"),
        (["compare", "FILE", "short"], "RUN"),
        (["compare", "FILE", "short", "nobody"], "Received 'nobody'"),
        (["train", "FILE", "--nproc-per-node", "several"], "several"),
        (["train", "FILE", "--nproc-per-node", "0"], "at least one process"),
        (["train", "FILE", "--nproc-per-node", "2", "--nnodes", "2:1"], "could not be started"),
        (["train", "FILE", "--seed", str(10**30)], "--seed"),
        (["sample", "FILE", "--seed", str(10**30)], "--seed"),
    ],
)
def test_bad_input_about_runs_is_one_sentence(
    arguments: list[str], words: str, two_runs: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cmd.main([two_runs if word == "FILE" else word for word in arguments]) == 2
    told = capsys.readouterr().err
    assert told.startswith("layerloom: ")
    assert words in told
    assert told.count("\n") == 1
