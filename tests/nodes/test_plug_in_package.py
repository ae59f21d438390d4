"""A layer of an installed package: one file, and it is inspected and trained like any other."""

from __future__ import annotations

import json
from pathlib import Path

from engine.document import edits
from engine.document.project import MAIN, Node
from engine.document.storage.file import save
from tests.drawings import mlp
from tests.nodes.data_sets.processes import told_by_commands


def test_a_layer_of_a_package_is_inspected_and_trained(tmp_path: Path) -> None:
    project = mlp("digits", 8)
    wire = next(wire for wire in project.main.wires if project.main.nodes[wire.source.node].layer == "linear")
    node = Node("noisy", "relu")
    file = tmp_path / "p.loom"
    save(edits.insert_on_wire(project, MAIN, wire, node, (0, 0)), file)
    text = file.read_text("utf-8")
    assert '"layer": "relu"' in text
    file.write_text(text.replace('"layer": "relu"', '"layer": "rrelu", "params": {"upper": 0.4}'), "utf-8")
    inspected, trained = told_by_commands(
        ["inspect", str(file), "--json"], ["train", str(file), "--steps", "2", "--json"]
    )
    assert json.loads(inspected)["problems"] == []
    assert json.loads(trained.splitlines()[-1])["status"] == "completed"
