"""Writes the report of a run in a process of its own: the window goes on meanwhile, and so does a run."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from nodes.user_error import UserError


class ReportError(UserError):
    """The report was not written; the message says why."""


def write_apart(folder: Path, out: Path, *, light: bool) -> None:
    """Write the page of the run in this folder, which lies among the runs of its project.

    Returns when it is there. Raises `ReportError`.
    """
    file = folder.parent.with_suffix(".loom")
    look = "--light" if light else "--dark"
    command = [
        sys.executable,
        "-m",
        "app",
        "report",
        str(file),
        "--run",
        str(folder),
        "--out",
        str(out),
        look,
    ]
    environment = {**os.environ, "QT_QPA_PLATFORM": "offscreen"}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise ReportError(done.stderr.strip().removeprefix("layerloom: ") or "The report was not written.")
