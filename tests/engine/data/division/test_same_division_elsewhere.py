"""A set is divided alike at any place: in another folder, order of files, locale or process; and by group."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import wave
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from engine.data import catalogue
from nodes.data.source import DataSource
from nodes.reading.dataset import DataSet
from nodes.reading.error import DataError

EACH = 9
Write = Callable[[Path, int], None]


def _picture(path: Path, value: int) -> None:
    Image.new("L", (3, 2), value).save(path.with_suffix(".png"))


def _text(path: Path, value: int) -> None:
    path.with_suffix(".txt").write_text(f"text number {value} and a word of its own w{value}")


def _sound(path: Path, value: int) -> None:
    with wave.open(str(path.with_suffix(".wav")), "wb") as file:
        file.setparams((1, 2, 8000, 0, "NONE", ""))
        file.writeframes(np.full(400, 100 * value, "<i2").tobytes())


def _folders(folder: Path, write: Write, names: Sequence[str], *, is_reversed: bool) -> None:
    files = [(name, i) for name in names for i in range(EACH)]
    for name, i in reversed(files) if is_reversed else files:
        (folder / name).mkdir(parents=True, exist_ok=True)
        write(folder / name / f"{i:02}", EACH * names.index(name) + i)


CLASSES = ("Äpfel", "Birnen", "zucchini", "Zwiebel")
KINDS: dict[str, tuple[Write, Sequence[str], dict[str, Any]]] = {
    "pictures": (_picture, CLASSES, {"dataset": "image-folder"}),
    "pictures, stratified": (_picture, CLASSES, {"dataset": "image-folder", "split": "stratified"}),
    "masks": (_picture, ("images", "masks"), {"dataset": "image-masks"}),
    "texts": (_text, CLASSES, {"dataset": "texts"}),
    "sounds": (_sound, CLASSES, {"dataset": "sounds", "seconds": 0.05}),
}


def shown(data: DataSet) -> list[list[int]]:
    """What the samples of each part hold, in their order: an average says which sample it is."""
    found = []
    for part in (data.train, data.validation):
        rows = part.input.fetch(np.arange(len(part))).reshape(len(part), -1).astype(np.float64)
        found.append([round(float(value), 6) for value in rows.mean(axis=1)])
    return found


@pytest.mark.parametrize("name", KINDS)
def test_a_copy_whose_files_were_written_in_another_order_is_divided_alike(name: str, tmp_path: Path) -> None:
    write, names, given_values = KINDS[name]
    found = []
    for place, is_reversed in (("here", False), ("elsewhere/ö b", True)):
        _folders(tmp_path / place, write, names, is_reversed=is_reversed)
        source = DataSource(path=str(tmp_path / place), **given_values)
        found.append((catalogue.load(source, seed=5), catalogue.load(source, seed=6)))
    (first, other), (second, _) = found
    assert shown(first) == shown(second)
    assert len(first.validation) > 1
    assert shown(first) != shown(other), "the seed divides"


_PROGRAM = """
import json, sys
from engine.data import catalogue
from nodes.data.source import DataSource
data = catalogue.load(DataSource(**json.loads(sys.argv[1])), seed=5)
print(json.dumps([[int(at) for at in part.places] for part in (data.train, data.validation)]))
"""


def test_another_process_of_another_locale_and_folder_divides_alike(tmp_path: Path) -> None:
    _folders(tmp_path / "set", _picture, CLASSES, is_reversed=False)
    values = {"dataset": "image-folder", "path": str(tmp_path / "set"), "split": "stratified"}
    here = catalogue.load(DataSource(**values), seed=5)
    values["path"] = "set"
    environment = {
        **os.environ,
        "LC_ALL": "C",
        "PYTHONHASHSEED": "7",
        "PYTHONPATH": os.pathsep.join(sys.path),
    }
    answer = subprocess.run(
        [sys.executable, "-c", _PROGRAM, json.dumps(values)],
        cwd=tmp_path,
        env=environment,
        check=True,
        capture_output=True,
        text=True,
    )
    parts = (here.train.places, here.validation.places)
    assert json.loads(answer.stdout) == [[int(at) for at in part] for part in parts if part is not None]


# Groups -------------------------------------------------------------------------------------------------

CELLS = ["1", "1.0", "01", "2", " 2", "007", "7", "a", "A", "b ", "b", "", "NA", "12345678901234567890"]


@settings(max_examples=25, deadline=None)
@given(
    cells=st.lists(st.sampled_from(CELLS), min_size=6, max_size=40),
    seed=st.integers(0, 50),
    are_numbers=st.booleans(),
)
def test_rows_of_one_group_are_never_parted(
    tmp_path_factory: pytest.TempPathFactory, cells: list[str], seed: int, are_numbers: bool
) -> None:
    kept = [cell for cell in cells if not are_numbers or not cell.strip().isalpha() or cell == "NA"]
    path = tmp_path_factory.mktemp("groups") / "t.csv"
    path.write_text("x,who,y\n" + "".join(f"{i},{cell},{i}.5\n" for i, cell in enumerate(kept)))
    source = DataSource(
        dataset="csv-file", path=str(path), group_column="who", input_columns="x", scaling="none"
    )
    try:
        data = catalogue.load(source, seed=seed)
    except DataError:  # too few rows have a group
        return
    train, held = (
        {kept[int(row[0])].strip() for row in part.input.fetch(np.arange(len(part)))}
        for part in (data.train, data.validation)
    )
    assert not train & held
