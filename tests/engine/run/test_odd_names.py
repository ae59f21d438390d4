"""Files and folders whose names are no text: archives that were unpacked elsewhere are full of them."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import msgspec
import pytest
from PIL import Image

from engine.document.project import MAIN, Node, Project
from engine.messages.events import Finished, Warned
from engine.run.run import Run
from engine.runs.archive import curves_of, record_of
from tests.drawings import chain, mlp

pytestmark = pytest.mark.skipif(sys.platform in ("darwin", "win32"), reason="names are text there")


def pictures(folder: Path) -> Project:
    """Two classes of four pictures in this folder, and a drawing that learns them."""
    for name in ("a", "b"):
        (folder / name).mkdir(parents=True)
        for shade in range(8):
            Image.new("L", (4, 4), 30 * shade).save(folder / name / f"{shade}.png")
    data = {"dataset": "image-folder", "path": str(folder)}
    return chain(data, [("flat", "flatten"), ("linear", "linear", {"out_features": 2})])


def test_a_picture_that_is_left_out_is_named_with_what_is_no_text_escaped(tmp_path: Path) -> None:
    project = pictures(tmp_path / "data")
    Path(os.fsdecode(os.fsencode(tmp_path / "data" / "a") + b"/caf\xe9.png")).write_bytes(b"none")
    warned: list[str] = []
    finished = Run(project, folder=tmp_path / "run", steps=2).execute(
        lambda event: warned.append(event.message) if isinstance(event, Warned) else None
    )
    assert (finished.status, record_of(tmp_path / "run").status) == ("completed", "completed")
    assert any(r"caf\udce9.png: not a picture" in sentence for sentence in warned)
    assert [sentence for _, sentence in curves_of(tmp_path / "run").messages] == warned


def test_data_in_a_folder_that_cannot_be_named_is_refused_in_a_sentence(tmp_path: Path) -> None:
    project = pictures(Path(os.fsdecode(os.fsencode(tmp_path) + b"/caf\xe9")))
    finished = Run(project, folder=tmp_path / "run", steps=2).execute(lambda event: None)
    assert (finished.status, finished.message[:38]) == ("failed", "Expected data in folders whose names a")
    assert not (tmp_path / "run").exists()


def test_every_end_can_be_written() -> None:
    assert Finished("failed", 1, 1, 1.0, {}, "caf\udce9: gone").message == "caf?: gone"


def test_a_drawing_that_cannot_be_loaded_again_is_refused_before_anything_is_written(tmp_path: Path) -> None:
    project = mlp("digits", 8)
    nodes = {**project.main.nodes, "double": Node("double", "relu")}
    odd = Project(graphs={MAIN: msgspec.structs.replace(project.main, nodes=nodes)})
    finished = Run(odd, folder=tmp_path / "run", steps=1).execute(lambda _event: None)
    assert finished.status == "failed"
    assert "$.graphs.main.nodes.double: Expected as an id a name of letters" in finished.message
    assert not (tmp_path / "run").exists()
