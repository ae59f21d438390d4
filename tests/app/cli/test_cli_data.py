"""`layerloom data`: what was understood of a file or folder."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from app.__main__ import main

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
