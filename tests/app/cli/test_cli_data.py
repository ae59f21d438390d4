"""`layerloom data`: what was understood of a file or folder."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from app.__main__ import main
from app.cli.application import load
from app.cli.data_words import lines_of
from nodes.reading.look import DataMatch, Recognised
from tests.made_looks import crowded_look, wide_look

WINE = Path("resources/data/wine/wine.csv").resolve()


@pytest.fixture
def pets(tmp_path: Path) -> Path:
    """A folder of two classes, 12 and 8 pictures of 10×12."""
    for name, count in (("cat", 12), ("dog", 8)):
        (tmp_path / "pets" / name).mkdir(parents=True)
        for i in range(count):
            pixels = np.full((10, 12, 3), 10 * i, np.uint8)
            Image.fromarray(pixels).save(tmp_path / "pets" / name / f"{i}.png")
    return tmp_path / "pets"


def test_a_folder_of_pictures_is_told(pets: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["data", str(pets)]) == 0
    told = capsys.readouterr().out
    assert "Image folder, as it is a folder" in told
    assert "16 to train, 4 to validate" in told


def test_the_text_has_columns_classes_and_questions(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["data", str(WINE)]) == 0
    told = capsys.readouterr().out.splitlines()
    assert "samples     178: 142 to train, 36 to validate" in told
    assert "Columns (14: 13 input, 1 target)" in told
    rows = [line for line in told if line.startswith("  input ")]
    assert len(rows) == 13
    assert len({line.index(" … ") > 0 for line in rows}) == 1
    assert any(line.startswith("  cultivar 1  53  ██") for line in told)
    at = next(at for at, line in enumerate(told) if line.startswith("  ? Which column"))
    assert any("taken  cultivar" in line for line in told[at:])


def test_what_a_question_offers_can_be_typed(capsys: pytest.CaptureFixture[str]) -> None:
    """The options that stand beside an answer choose it."""
    assert main(["data", str(WINE)]) == 0
    told = capsys.readouterr().out.splitlines()
    offered = next(line for line in told if line.startswith("    or     alcohol"))
    option, setting = offered.split()[-2:]
    assert main(["data", str(WINE), option, setting]) == 0
    assert any(line.startswith("  target  alcohol ") for line in capsys.readouterr().out.splitlines())


def test_a_role_is_given_on_the_command_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["data", str(WINE), "--role", "ash=ignore", "--set", "validation=0.5"]) == 0
    told = capsys.readouterr().out
    assert "12 input" in told
    assert "89 to train, 89 to validate" in told


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (["--set", "validation"], "--set: Expected NAME=VALUE. Received 'validation'."),
        (["--role", "=input"], "--role: Expected PART=ROLE."),
        (["--set", "validation=2"], "validation: Expected"),
        (["--set", "colours=2"], "colours: Expected a parameter of Data set"),
        (["--role", "nothing=target"], "nothing"),
    ],
)
def test_a_wrong_option_is_refused(given: list[str], said: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["data", str(WINE), *given]) == 2
    assert said in capsys.readouterr().err


def test_very_many_columns_and_classes_are_counted(capsys: pytest.CaptureFixture[str]) -> None:
    path, match = Path("x"), DataMatch("csv-file", "CSV table", Recognised(50, {}, "so"))
    wide = "\n".join(lines_of(path, match, (), wide_look()))
    assert "Columns (300: 299 input, 1 target)" in wide
    assert "… and 280 more." in wide
    crowded = "\n".join(lines_of(path, match, (), crowded_look()))
    assert "Classes (1,000), samples to train" in crowded
    assert "… 980 classes between" in crowded
    assert max(map(len, (wide + crowded).splitlines())) <= 300


def test_json_tells_the_balance_of_classes(pets: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["data", str(pets), "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["dataset"] == "image-folder"
    assert told["classes"] == ["cat", "dog"]
    assert sum(entry["samples"] for entry in told["balance"]) == told["training"] == 16


def test_a_table_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["data", str(WINE)]) == 0
    assert "CSV table, as its name ends with .csv" in capsys.readouterr().out


def test_what_nobody_knows_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "notes.key").write_text("words")
    assert main(["data", str(tmp_path / "notes.key")]) == 2
    assert "Expected a file or folder that a data set can read." in capsys.readouterr().err
    assert main(["data", str(tmp_path / "nothing")]) == 2
    assert main(["data", str(WINE), "--as", "image-folder"]) == 2
    told = capsys.readouterr().err
    assert "can read (csv-file" in told  # the surest first
    assert "). Received image-folder." in told


def test_a_project_for_the_data_is_written_and_trains(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "wine.csv").write_bytes(WINE.read_bytes())
    monkeypatch.chdir(tmp_path)
    (tmp_path / "projects").mkdir()
    asked = ["data", "wine.csv", "--seed", "3", "--out", "projects/wine"]
    assert main([*asked, "--role", "ash=ignore"]) == 0
    assert "layerloom train projects/wine.loom" in capsys.readouterr().out.splitlines()[-1]
    project = load(Path("projects/wine.loom"))
    (data,) = (node for node in project.main.nodes.values() if node.layer == "data")
    assert project.settings.seed == 3
    assert data.params["ignored_columns"] == "ash"
    assert data.params["path"] == str(tmp_path / "wine.csv")
    assert data.params["fingerprint"]
    assert main(["train", "projects/wine.loom", "--epochs", "2"]) == 0
    capsys.readouterr()
    assert main(asked) == 2
    assert "Expected a new file. Received one that exists" in capsys.readouterr().err
    assert main([*asked, "--force"]) == 0
