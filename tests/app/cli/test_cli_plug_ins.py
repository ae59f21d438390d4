"""Plug-ins on the command line: all are listed, and those that cannot be used are told on stderr."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from engine.document.storage.file import save
from tests import ROOT
from tests.drawings import mlp
from tests.plug_ins import PATH, write_package

OLD = """
from nodes.spec import Family, Layer
class Shaped(Layer):
    "Shapes."
    family = Family.SHAPE
    def telling(self): return ""
"""
TOLD = (
    "Plug-in shapes 1.0 (layerloom.nodes) uses Layer.telling, which is now called Layer.card_label. "
    "Update or uninstall it."
)
LENS = "Plug-in odd 2.0 (layerloom.lenses) cannot be used: odd_lens: torn \ufffd. Update or uninstall it."
"""Its own words have a character that would move the cursor of the terminal."""


@pytest.fixture
def packages(tmp_path: Path) -> Path:
    write_package(tmp_path, "shapes", "1.0", {"old_layers": OLD}, {"layerloom.nodes": "old_layers"})
    text = "raise ValueError('torn \\x1b')\n"
    write_package(tmp_path, "odd", "2.0", {"odd_lens": text}, {"layerloom.lenses": "odd_lens"})
    return tmp_path


def layerloom(*arguments: str, packages: tuple[Path, ...] = ()) -> subprocess.CompletedProcess[str]:
    path = os.pathsep.join(map(str, (ROOT, *packages)))
    environment = {**os.environ, "PYTHONPATH": path, "PYTHONIOENCODING": "utf-8"}
    command = [sys.executable, "-m", "app", *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False, env=environment)


def test_a_command_that_loads_a_project_tells_of_each_on_a_line(packages: Path, tmp_path: Path) -> None:
    file = tmp_path / "p.loom"
    save(mlp("digits", 8), file)
    done = layerloom("inspect", str(file), "--json", packages=(packages, PATH))
    assert done.returncode == 0
    assert json.loads(done.stdout)["problems"] == []
    assert sorted(done.stderr.splitlines()) == sorted([f"layerloom: {LENS}", f"layerloom: {TOLD}"])


def test_all_plug_ins_are_listed(packages: Path) -> None:
    done = layerloom("plug-ins", packages=(packages, PATH))
    lines = done.stdout.splitlines()
    assert done.returncode == 1
    assert lines[0].endswith("installed; 2 cannot be used. Update or uninstall what is named below.")
    assert int(lines[0].split()[0]) == len(lines) - 1
    assert "layerloom.nodes  extras 1.0  extras.rrelu  in use" in lines
    assert "layerloom.panels  extras 1.0  extras.node_count  in use" in lines
    old = "uses Layer.telling, which is now called Layer.card_label"
    assert f"layerloom.nodes  shapes 1.0  old_layers  {old}" in lines


def test_they_are_listed_as_json(packages: Path) -> None:
    done = layerloom("plug-ins", "--json", packages=(packages,))
    assert done.returncode == 1
    lens, layer = sorted(json.loads(done.stdout), key=lambda one: str(one["group"]))
    assert layer == {
        "group": "layerloom.nodes",
        "name": "old_layers",
        "package": "shapes",
        "version": "1.0",
        "module": "old_layers",
        "problem": "uses Layer.telling, which is now called Layer.card_label",
    }
    assert lens["problem"] == "cannot be used: odd_lens: torn \x1b"


def test_without_plug_ins_it_says_so() -> None:
    done = layerloom("plug-ins")
    assert (done.returncode, done.stdout, done.stderr) == (0, "No plug-ins are installed.\n", "")


def test_without_qt_those_of_the_window_are_left_out_and_it_says_so(packages: Path) -> None:
    """A server may lack the libraries that Qt needs."""
    without = "import sys; sys.modules['PySide6'] = None; from app.__main__ import main; "
    code = f"{without}sys.exit(main(['plug-ins']))"
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(map(str, (ROOT, packages, PATH)))}
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=environment)
    assert done.returncode == 1
    assert done.stderr.startswith("layerloom: Plug-ins of the window are not listed: ")
    assert "layerloom.nodes  extras 1.0  extras.rrelu  in use" in done.stdout.splitlines()
    assert "layerloom.panels" not in done.stdout
