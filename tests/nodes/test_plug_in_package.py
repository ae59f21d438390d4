"""A layer of an installed package: one file, and it is inspected and trained like any other."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

from engine.document import edits
from engine.document.project import MAIN, Node
from engine.document.storage.file import save
from tests import ROOT
from tests.drawings import mlp
from tests.plug_ins import PATH


def layerloom(*arguments: str) -> subprocess.CompletedProcess[str]:
    """The command with the package on its path, as if it were installed."""
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join((str(ROOT), str(PATH)))}
    command = [sys.executable, "-m", "app", *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False, env=environment)


def test_a_layer_of_a_package_is_inspected_and_trained(tmp_path: Path) -> None:
    project = mlp("digits", 8)
    wire = next(wire for wire in project.main.wires if project.main.nodes[wire.source.node].layer == "linear")
    node = Node("noisy", "relu")
    file = tmp_path / "p.loom"
    save(edits.insert_on_wire(project, MAIN, wire, node, (0, 0)), file)
    text = file.read_text("utf-8")
    assert '"layer": "relu"' in text
    file.write_text(text.replace('"layer": "relu"', '"layer": "rrelu", "params": {"upper": 0.4}'), "utf-8")
    found = json.loads(layerloom("inspect", str(file), "--json").stdout)
    assert found["problems"] == []
    trained = layerloom("train", str(file), "--steps", "2", "--json")
    assert json.loads(trained.stdout.splitlines()[-1])["status"] == "completed", trained.stderr
