"""The window and its panels can be made before torch is there: a thread loads it after them."""

from __future__ import annotations

import ast
import subprocess
import sys

from app.state import warmup
from tests import ROOT


def _imported_by_panels() -> list[str]:
    """The modules of the product that `make` of the declared panels imports."""
    found = set()
    for path in (ROOT / "app").rglob("panel.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.ImportFrom) and node.module and node.module.startswith("app."):
                found.add(node.module)
    return sorted(found)


def test_no_part_of_the_window_loads_torch() -> None:
    modules = ["app.shell.window", "app.shell.workbench", *warmup._PANELS, *_imported_by_panels()]
    assert {"app.inspector.inspector", "app.runs.runs", "app.palette.palette"} <= set(modules)
    lines = [
        "import importlib, sys",
        f"for name in {modules!r}:",
        "    importlib.import_module(name)",
        "    assert 'torch' not in sys.modules, name",
    ]
    done = subprocess.run(
        [sys.executable, "-c", "\n".join(lines)], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
