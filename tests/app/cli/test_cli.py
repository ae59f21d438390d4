"""The command line, as a person or a script uses it: in a process of its own, without a display."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest
import torch
from torch import nn

from app import __main__ as cmd
from app.shell import display
from engine.document import edits
from engine.document.edits.extract import extract
from engine.document.project import MAIN, Graph, Node, Project
from engine.document.storage import gallery
from engine.document.storage.file import save
from engine.runs.archive import project_of
from tests import ROOT
from tests.drawings import mlp
from tests.engine.resnet import resnet18

ENVIRONMENT = {
    **{k: v for k, v in os.environ.items() if k not in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")},
    "OMP_NUM_THREADS": "1",
}


def layerloom(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "app", *arguments],
        env=ENVIRONMENT,
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def refused(done: subprocess.CompletedProcess[str], code: int = 2) -> str:
    """The one sentence on stderr."""
    assert done.returncode == code, done.stderr
    assert done.stderr.startswith("layerloom: ")
    assert done.stderr.count("\n") == 1
    return done.stderr


@pytest.fixture
def spiral(tmp_path: Path) -> str:
    path = str(tmp_path / "s.loom")
    assert cmd.main(["new", "mlp-spiral", path]) == 0
    return path


def test_without_a_display_the_window_says_what_works() -> None:
    sentence = refused(layerloom())
    for name in ("display", "new", "templates", "inspect", "train"):
        assert name in sentence


def test_a_drawing_with_nothing_to_train_is_bad_input(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "empty.loom"
    save(Project(), path)
    assert cmd.main(["train", str(path), "--json"]) == 2
    assert "nothing to train" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == [path], "no folder of a run"


def test_a_paired_data_node_without_a_file_is_inspected_and_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    nodes = [
        Node("one", "data", {"dataset": "csv-file"}),
        Node("two", "data", {"dataset": "circle", "paired_with": "one"}),
    ]
    path = tmp_path / "pairs.loom"
    save(Project(graphs={MAIN: Graph({node.id: node for node in nodes})}), path)
    assert cmd.main(["inspect", str(path)]) == 0
    told = capsys.readouterr()
    assert "error  one: " in told.out
    assert "choose a file" in told.out
    assert told.err == ""


def test_opening_a_file_without_a_display(spiral: str) -> None:
    assert "display" in refused(layerloom("open", spiral))


def test_a_display_that_does_not_answer_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("QT_QPA_PLATFORM", "WAYLAND_DISPLAY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("DISPLAY", ":99173")
    assert not display.has_display()
    monkeypatch.setenv("DISPLAY", "another-machine:0")
    assert display.has_display()
    with socket.socket(socket.AF_UNIX) as server:
        server.bind("\0/tmp/.X11-unix/X99173")
        server.listen()
        monkeypatch.setenv("DISPLAY", ":99173.0")
        assert display.has_display()


def test_a_project_alone_is_opened(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    opened: list[Path | None] = []
    monkeypatch.setattr(display, "open_window", lambda path: opened.append(path) or 0)
    file = tmp_path / "my net.loom"
    save(gallery.make("mlp-spiral"), file)
    assert cmd.main([str(file)]) == 0
    assert cmd.main([]) == 0
    assert opened == [file, None]
    assert cmd.main([str(tmp_path / "none.loom")]) == 2


def test_version_and_help(capsys: pytest.CaptureFixture[str]) -> None:
    assert cmd.main(["--version"]) == 0
    assert capsys.readouterr().out.startswith("layerloom ")
    assert cmd.main(["--help"]) == 0
    told = capsys.readouterr().out
    assert all(
        name in told for name in ("open", "new", "train", "resume", "runs", "compare", "follow", "sample")
    )


def test_help_and_templates_do_not_load_torch_or_the_window() -> None:
    script = (
        "import sys; import app.__main__ as cmd; cmd.main(['templates']); cmd.main(['--help']); "
        "assert not {'torch', 'PySide6'} & set(sys.modules), 'loaded'"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_the_way_to_the_window_loads_no_command_line() -> None:
    script = "import sys, app.__main__; assert not {'typer', 'rich', 'torch', 'numpy'} & set(sys.modules)"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_templates(capsys: pytest.CaptureFixture[str]) -> None:
    assert cmd.main(["templates", "--json"]) == 0
    listed = json.loads(capsys.readouterr().out)
    assert all(set(entry) == {"name", "title", "data", "parameters"} for entry in listed)
    assert {"mlp-spiral", "lenet5-fashion", "attention-moby"} <= {entry["name"] for entry in listed}
    assert cmd.main(["templates"]) == 0
    assert "61,706 parameters" in capsys.readouterr().out


def test_new_writes_a_project_and_never_over_another(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "mine"
    assert cmd.main(["new", "lenet5-fashion", str(out)]) == 0
    written = tmp_path / "mine.loom"
    written.write_text("precious")
    assert cmd.main(["new", "lenet5-fashion", str(out)]) == 2
    assert "use --force" in capsys.readouterr().err
    assert written.read_text() == "precious"
    assert cmd.main(["new", "lenet5-fashion", str(out), "--force"]) == 0
    assert written.read_text().startswith("{")


def test_lenet5_counts_the_same_on_32_by_32_pixels_without_padding(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "l.loom"
    project = edits.set_param(gallery.make("lenet5-fashion"), MAIN, "data", "size", 32)
    save(edits.set_param(project, MAIN, "conv1", "padding", 0), path)
    assert cmd.main(["inspect", str(path), "--json"]) == 0
    facts = json.loads(capsys.readouterr().out)
    assert (facts["parameters"], facts["problems"]) == (61_706, [])


def test_inspect(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = str(tmp_path / "l.loom")
    cmd.main(["new", "lenet5-fashion", path])
    capsys.readouterr()
    assert cmd.main(["inspect", path, "--json"]) == 0
    facts = json.loads(capsys.readouterr().out)
    assert facts["parameters"] == 61_706
    assert facts["flops"] == 833_040
    assert (facts["nodes"], facts["wires"], facts["problems"]) == (15, 16, [])
    assert facts["outputs"] == [{"name": "class", "shape": ["N", 10]}]
    assert cmd.main(["inspect", path]) == 0
    assert "61,706" in capsys.readouterr().out


def test_inspect_gives_what_blocks_come_to_by_path(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "resnet.loom"
    save(resnet18(), path)
    assert cmd.main(["inspect", str(path), "--json"]) == 0
    facts = json.loads(capsys.readouterr().out)
    held = facts["by_path"]
    assert facts["parameters"] == 11_689_512
    assert held["layer2.0.conv1"]["parameters"] == 64 * 128 * 9
    assert held["layer2.0.conv1"]["outputs"] == {"output": ["N", 128, 28, 28]}
    assert held["layer2.0.downsample"]["parameters"] == 64 * 128 + 256
    assert "layer2.1.downsample.conv" not in held
    inner = [path for path in held if path.startswith("layer2.") and path.count(".") >= 2]
    leaves = [path for path in inner if not any(other.startswith(f"{path}.") for other in held)]
    for what in ("parameters", "flops"):
        assert held["layer2"][what] == sum(held[path][what] for path in leaves)
        tops = [path for path in held if "." not in path]
        assert facts[what] == sum(held[path][what] for path in tops)


def test_inspect_names_problems_and_fixes(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "broken.loom"
    cmd.main(["new", "lenet5-fashion", str(path)])
    path.write_text(path.read_text().replace('"kernel_size": 5', '"kernel_size": 99'))
    capsys.readouterr()
    assert cmd.main(["inspect", str(path), "--json"]) == 0
    problems = json.loads(capsys.readouterr().out)["problems"]
    assert any(problem["path"] == "conv1" and problem["severity"] == "error" for problem in problems)
    assert all(problem["fixes"] == problem["repairs"] for problem in problems)
    assert any(title.startswith("Set ") for problem in problems for title in problem["fixes"])
    assert cmd.main(["train", str(path), "--steps", "1"]) == 2
    assert "conv1" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["frobnicate"], "frobnicate"),
        (["train"], "FILE"),
        (["inspect", "nowhere.loom"], "nowhere.loom"),
        (["open", "nowhere.loom"], "Received no such file"),
        (["new", "lenet", "x"], "unknown template 'lenet'"),
        (["train", "nowhere.loom", "--epochs", "1", "--steps", "1"], "Received both"),
        (["train", "nowhere.loom", "--epochs", "0"], "--epochs"),
        (["templates", "--frob"], "--frob"),
    ],
)
def test_bad_input_is_one_sentence(
    arguments: list[str], words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cmd.main(arguments) == 2
    told = capsys.readouterr().err
    assert told.startswith("layerloom: ")
    assert words in told
    assert told.count("\n") == 1


def test_a_file_that_is_no_project_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "x.loom").write_text("{]")
    assert cmd.main(["inspect", str(tmp_path / "x.loom")]) == 2
    assert capsys.readouterr().err.count("\n") == 1


def test_train_tells_events_line_by_line(
    spiral: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    capsys.readouterr()
    place = str(tmp_path / "r")
    assert cmd.main(["train", spiral, "--epochs", "2", "--seed", "5", "--json", "--run-dir", place]) == 0
    events = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    kinds = [event["event"] for event in events]
    assert kinds[0] == "started"
    assert kinds[-1] == "finished"
    assert kinds.count("validated") == 2
    assert events[0]["seed"] == 5
    assert 0 <= events[-1]["metrics"]["accuracy"] <= 1
    assert (tmp_path / "r" / "run.json").is_file()


def test_train_for_a_person(spiral: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert cmd.main(["train", spiral, "--steps", "30", "--device", "cpu"]) == 0
    told = capsys.readouterr().out
    assert "mlp-spiral" in told
    assert "1,218 parameters" in told
    assert "Trained after 30 steps" in told
    runs = list(Path(spiral).with_suffix(".runs").iterdir())
    assert len(runs) == 1
    assert (runs[0] / "run.json").is_file()


def test_weights_are_judged_by_what_is_asked_for(
    spiral: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    place = tmp_path / "r"
    assert cmd.main(["train", spiral, "--epochs", "1", "--best-by", "accuracy", "--run-dir", str(place)]) == 0
    assert project_of(place).settings.best_by == "accuracy"
    assert cmd.main(["train", spiral, "--epochs", "1", "--best-by", "luck"]) == 2
    assert "Best by: Expected the path of an objective or a metric" in capsys.readouterr().err


def test_a_run_that_fails_ends_with_1(spiral: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert cmd.main(["train", spiral, "--steps", "1", "--device", "cuda:77", "--json"]) == 1
    told = capsys.readouterr()
    assert told.err.count("\n") == 1
    assert json.loads(told.out.splitlines()[-1])["event"] == "finished"


def test_interrupting_keeps_what_was_learned(spiral: str, tmp_path: Path) -> None:
    out = tmp_path / "r"
    process = subprocess.Popen(
        [sys.executable, "-m", "app", "train", spiral, "--epochs", "100000", "--json", "--run-dir", str(out)],
        env=ENVIRONMENT,
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    lines = [process.stdout.readline() for _ in range(3)]
    time.sleep(0.2)
    process.send_signal(signal.SIGINT)
    rest, errors = process.communicate(timeout=30)
    assert process.returncode == 0, errors
    last = json.loads((lines + rest.splitlines())[-1])
    assert (last["event"], last["status"]) == ("finished", "stopped")
    assert list((out / "checkpoints").glob("*.safetensors"))
    assert errors == ""


def test_data_is_found_beside_the_project(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "t.csv").write_text("a,b,c\n" + "".join(f"{i},{i * 2},{i * 0.5}\n" for i in range(40)))
    path = tmp_path / "p.loom"
    cmd.main(["new", "linear-table", str(path)])
    stored = path.read_text().replace('"dataset": "diabetes"', '"dataset": "csv-file", "path": "t.csv"')
    path.write_text(stored)
    capsys.readouterr()
    assert cmd.main(["inspect", str(path), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["parameters"] == 3


def test_training_begins_with_weights_of_torch_in_one_part(tmp_path: Path) -> None:
    """In the order of the file, which is told."""
    body = ["flatten", "linear1", "relu1", "linear2"]
    project, part = extract(mlp("digits", 8), MAIN, body, "Body")
    save(project, tmp_path / "net.loom")
    net = nn.Sequential(nn.Linear(64, 8), nn.ReLU(), nn.Linear(8, 8))
    torch.save(net.state_dict(), tmp_path / "w.pth")
    file, weights = str(tmp_path / "net.loom"), str(tmp_path / "w.pth")
    done = layerloom("train", file, "--steps", "1", "--from", weights, "--part", part)
    assert done.returncode == 0, done.stderr
    assert f"{part}.linear1.weight from 0.weight" in done.stdout + done.stderr
