"""Projects written by commit 64d92db load whole and are saved to the same bytes."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from engine.document.expression import is_expression
from engine.document.project import MAIN
from engine.document.storage.file import from_bytes, load, save, to_bytes
from nodes.registry import REGISTRY

PROJECTS = Path(__file__).parents[3] / "fixtures" / "before_house" / "projects"
FILES = sorted(PROJECTS.glob("*.loom"))


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_a_project_is_loaded_and_saved_to_the_same_bytes(file: Path, tmp_path: Path) -> None:
    project = load(file)
    save(project, tmp_path / "again.loom")
    assert (tmp_path / "again.loom").read_bytes() == file.read_bytes()
    assert from_bytes(to_bytes(project)) == project


def test_every_layer_of_the_time_is_still_known() -> None:
    written = json.loads((PROJECTS / "every-layer.loom").read_text("utf-8"))["graphs"][MAIN]["nodes"]
    project = load(PROJECTS / "every-layer.loom")
    assert len({node["layer"] for node in written.values()}) == 132
    assert project.main.nodes.keys() == written.keys()
    for node in project.main.nodes.values():
        assert node.layer in REGISTRY, f"{node.id}: {node.layer} is not known any more"


def test_every_part_of_the_format_is_read() -> None:
    project = load(PROJECTS / "all-of-the-format.loom")
    main, part, outer = (project.graphs[name] for name in (MAIN, "part", "outer"))
    assert (part.inputs, part.outputs, part.parameters) == (("x",), ("y",), {"stride": 2})
    assert outer.nodes["inner"].params["repeat"] == "=depth"
    assert is_expression(part.nodes["conv1"].params["stride"])
    assert {main.nodes[name].layer for name in ("stage1", "net1", "shown")} == {"block", "network", "samples"}
    assert main.nodes["stage1"].params["repeat"] == 3
    assert main.nodes["join"].bypassed
    assert main.nodes["linear1"].frozen
    assert [wire.order for wire in main.wires if wire.target == ("join", "input")] == [0, 1]
    assert [note.text for note in main.layout.notes.values()] == ['Größe ×2\n"quoted"']
    assert [frame.title for frame in main.layout.frames.values()] == ["Trunk"]
    assert [(pin.kind, pin.target, pin.options) for pin in main.lenses] == [
        ("feature_maps", "stage1.0.conv1", {"rows": 4}),
        ("kernels", "net1.conv1", {}),
    ]
    assert {pin.target for pin in part.lenses} == {"relu1"}
    assert "acme.warp" in {node.layer for node in main.nodes.values()}
    settings = project.settings
    assert (settings.epochs, settings.batch_size, settings.seed, settings.device) == (3, 32, 7, "cpu")
    assert (settings.precision, settings.run_in, settings.best_by) == ("bfloat16", "process", "loss1")
    assert (settings.early_stopping, settings.checkpoint_epochs, settings.checkpoint_steps) == (4, 2, 50)
    assert settings.tensorboard
