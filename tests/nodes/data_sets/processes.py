"""Fresh processes, with the test package on their path as if it were installed, or without."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from tests import ROOT
from tests.plug_ins import PATH


def run(*command: str, packages: tuple[Path, ...] = (PATH,)) -> subprocess.CompletedProcess[str]:
    """Python with these arguments; `packages` are folders with installed packages."""
    path = os.pathsep.join(str(folder) for folder in (ROOT, *packages))
    environment = {**os.environ, "PYTHONPATH": path, "QT_QPA_PLATFORM": "offscreen"}
    return subprocess.run(
        [sys.executable, *command], capture_output=True, text=True, check=False, env=environment
    )


def said(code: str, packages: tuple[Path, ...] = (PATH,)) -> Any:
    """What this code prints as JSON."""
    done = run("-c", code, packages=packages)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def told_by_commands(*lines: list[str], first: str = "") -> list[str]:
    """What each of these command lines prints, all in one process; `first` is run before."""
    code = f"import contextlib, io, json\n{first}\nfrom app import __main__ as cmd\ntold = []\n"
    code += f"for line in {list(lines)!r}:\n    with contextlib.redirect_stdout(io.StringIO()) as out:\n"
    code += "        cmd.main(line)\n    told.append(out.getvalue())\nprint(json.dumps(told))"
    found: list[str] = said(code)
    return found
