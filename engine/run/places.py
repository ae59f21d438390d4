"""Where the files of runs go: beside the project's file, a folder for each run, named by the time it starts.

Names places only; knows nothing of what lies there, and makes nothing. Does not import torch.
"""

from __future__ import annotations

import itertools
from datetime import datetime
from pathlib import Path


def runs_of(project_file: Path) -> Path:
    """The folder of all runs of a project: `NAME.runs` beside `NAME.loom`."""
    return project_file.with_suffix(".runs")


def new_run(runs: Path) -> Path:
    """A folder for a run that starts now, which is not there yet."""
    stem = datetime.now().astimezone().strftime("%Y-%m-%d_%H-%M-%S")
    names = (stem if count == 1 else f"{stem}_{count}" for count in itertools.count(1))
    return next(runs / name for name in names if not (runs / name).exists())
