"""The user's own blocks: written, read back, used elsewhere, told when they changed, and updated."""

from __future__ import annotations

from pathlib import Path

import msgspec
import platformdirs
import pytest

from engine.document import edits, query
from engine.document.edits import EditError
from engine.document.edits.check import problems_of
from engine.document.project import INPUT, MAIN, OUTPUT, Graph, Node, Project
from engine.document.storage.file import load, save, to_bytes
from engine.document.storage.library import (
    LibraryError,
    blocks_folder,
    fingerprint,
    names,
    origin_of,
    read_block,
    write_block,
)
from engine.infer import infer
from tests.engine.resnet import chain, graph, project_of, resnet18


def use(folder: Path, project: Project, name: str = "residual") -> tuple[Project, str]:
    made, ids = edits.paste(project, MAIN, read_block(folder, name).fragment(), (0, 0))
    return made, next(iter(ids))


def test_the_folder_is_among_the_data_of_the_user(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(platformdirs, "user_data_path", lambda name, **_: tmp_path / name)
    assert blocks_folder() == tmp_path / "layerloom" / "blocks"


def test_a_block_goes_round_through_the_folder(tmp_path: Path) -> None:
    folder = tmp_path / "blocks"
    assert names(folder) == ()
    drawn = resnet18()
    written = write_block(folder, drawn, "residual")
    assert names(folder) == ("residual",)
    assert [path.name for path in folder.iterdir()] == ["residual.loom"]
    read = read_block(folder, "residual")
    assert (read.fingerprint, read.definition) == (written.fingerprint, "residual")
    assert read.fingerprint == fingerprint(drawn, "residual")
    made, key = use(folder, Project())
    assert set(made.graphs) == {MAIN, "residual", "projection"}
    assert made.graphs["residual"].nodes == drawn.graphs["residual"].nodes
    assert sorted(made.graphs["residual"].wires) == sorted(drawn.graphs["residual"].wires)
    assert made.graphs["residual"].parameters == drawn.graphs["residual"].parameters
    assert origin_of(made.graphs["residual"]) == ("residual", written.fingerprint)
    assert made.main.nodes[key].params == {"definition": "residual"}
    assert problems_of(made) == []
    assert write_block(folder, made, "residual").fingerprint == written.fingerprint
    twice, _ = use(folder, made)
    assert set(twice.graphs) == set(made.graphs)


def test_layout_is_no_change_and_everything_else_is(tmp_path: Path) -> None:
    drawn = resnet18()
    before = fingerprint(drawn, "residual")
    assert fingerprint(edits.move(drawn, "residual", {"conv1": (8.0, 8.0)}), "residual") == before
    for changed in (
        edits.set_param(drawn, "residual", "conv1", "bias", True),
        edits.set_param(drawn, "projection", "conv", "bias", True),
        edits.set_condition(drawn, "residual", ("relu1",), "=i == 0"),
        edits.set_parameter(drawn, "residual", "width", 65),
    ):
        assert fingerprint(changed, "residual") != before


def newer() -> Project:
    """Another version of the block: one more layer and parameter, another inner block."""
    drawn = resnet18()
    drawn = edits.set_param(drawn, "projection", "conv", "bias", True)
    drawn = edits.insert_on_wire(
        drawn, "residual", next(w for w in drawn.graphs["residual"].wires if w.source.node == "relu1"),
        Node("drop", "dropout"), (0, 0),
    )  # fmt: skip
    return edits.add_parameter(drawn, "residual", "rate", 0.5)


def test_an_update_takes_over_the_new_version_everywhere(tmp_path: Path) -> None:
    write_block(tmp_path, resnet18(), "residual")
    used, key = use(tmp_path, Project())
    used = edits.set_param(used, MAIN, key, "width", 32)
    write_block(tmp_path, newer(), "residual")
    block = read_block(tmp_path, "residual")
    assert origin_of(used.graphs["residual"]) != ("residual", block.fingerprint)
    made = edits.update_definition(used, "residual", block.definition, block.definitions())
    assert problems_of(made) == []
    assert origin_of(made.graphs["residual"]) == ("residual", block.fingerprint)
    assert "drop" in made.graphs["residual"].nodes
    assert made.main.nodes[key].params == {"definition": "residual", "width": 32}
    inner = query.placements(made.graphs["residual"])["downsample"]
    assert "bias" not in made.graphs[inner].nodes["conv"].params
    assert set(made.graphs) == {MAIN, "residual", inner}
    assert edits.update_definition(made, "residual", block.definition, block.definitions()) == made


def test_an_update_removes_wires_and_values_that_have_no_place_any_more(tmp_path: Path) -> None:
    old = graph([Node("relu", "relu"), Node("tanh", "tanh")],
                [*chain(INPUT, "relu", OUTPUT), f"{INPUT}.x > tanh.input", f"tanh.output > {OUTPUT}.z"],
                inputs=("x",), outputs=("y", "z"), parameters={"gone": 1, "kept": 2})  # fmt: skip
    new = graph([Node("relu", "relu")], chain(INPUT, "relu", OUTPUT),
                inputs=("x",), outputs=("y",), parameters={"kept": 3})  # fmt: skip
    nodes = [
        Node("image", "noise", {"shape": [4]}),
        Node("part", "block", {"definition": "Part", "gone": 5, "kept": 6}),
        Node("first", "output", {"name": "y"}),
        Node("second", "output", {"name": "z"}),
    ]
    wires = ["image.output > part.x", "part.y > first.input", "part.z > second.input"]
    project = project_of(nodes, wires, Part=old)
    made = edits.update_definition(project, "Part", "Part", {"Part": new})
    assert made.main.nodes["part"].params == {"definition": "Part", "kept": 6}
    assert [wire.source.port for wire in made.main.wires] == ["output", "y"]
    assert problems_of(made) == []
    assert list(infer(made).outputs) == ["y"]


def test_a_version_that_contains_the_definition_itself_is_refused() -> None:
    inside = graph([Node("again", "block", {"definition": "Part"})], [], inputs=(), outputs=())
    project = project_of([Node("part", "block", {"definition": "Part"})], [], Part=Graph())
    with pytest.raises(EditError, match="does not contain it"):
        edits.update_definition(project, "Part", "New", {"New": inside})


def test_what_a_stranger_put_into_the_folder_is_told_and_changes_nothing(tmp_path: Path) -> None:
    save(resnet18(), tmp_path / "whole.loom")
    (tmp_path / "broken.loom").write_text("{")
    (tmp_path / "huge.loom").write_bytes(b" " * (17 * 2**20))
    (tmp_path / "folder.loom").mkdir()
    (tmp_path / "other.txt").write_text("x")
    assert names(tmp_path) == ("broken", "folder", "huge", "whole")
    for name, words in (
        ("whole", "one block and nothing else"),
        ("broken", "broken.loom"),
        ("huge", "at most"),
        ("folder", "folder.loom"),
        ("absent", "absent.loom"),
    ):
        with pytest.raises(LibraryError, match=words):
            read_block(tmp_path, name)
    with pytest.raises(EditError):
        write_block(tmp_path, resnet18(), MAIN)
    (tmp_path / "file").write_text("")
    with pytest.raises(LibraryError, match="cannot be written"):
        write_block(tmp_path / "file" / "blocks", resnet18(), "residual")


@pytest.mark.parametrize("origin", ["x", "../a@0123456789abcdef", "a@0123", "<b>x</b>@0123456789abcdef"])
def test_a_strange_origin_in_a_file_is_a_problem(origin: str, tmp_path: Path) -> None:
    drawn = resnet18()
    part = msgspec.structs.replace(drawn.graphs["residual"], origin=origin)
    strange = msgspec.structs.replace(drawn, graphs={**drawn.graphs, "residual": part})
    assert dict(problems_of(strange)).keys() == {"$.graphs.residual.origin"}
    assert origin_of(part) is None


def test_a_file_keeps_where_a_block_comes_from(tmp_path: Path) -> None:
    write_block(tmp_path, resnet18(), "residual")
    made, _ = use(tmp_path, Project())
    save(made, tmp_path / "project.loom")
    assert to_bytes(load(tmp_path / "project.loom")) == to_bytes(made)
    assert origin_of(load(tmp_path / "project.loom").graphs["residual"]) is not None
