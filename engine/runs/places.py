"""Where the files of runs go: beside the project's file, a folder for each run, named by the time it starts.

Knows nothing of what lies there. Does not import torch.
"""

from __future__ import annotations

import itertools
from datetime import datetime
from pathlib import Path

SUFFIX = ".runs"


def runs_of(project_file: Path) -> Path:
    """The folder of all runs of a project: `NAME.runs` beside `NAME.loom`."""
    return project_file.with_suffix(SUFFIX)


def project_folder(run: Path) -> Path | None:
    """Where the project's file lies whose run has this folder; None where the run is kept apart from it."""
    runs = run.absolute().parent
    return runs.parent if runs.suffix == SUFFIX else None


def is_free(folder: Path) -> bool:
    """Whether a run may have this folder: it is yet to be made, or empty but for what systems hide in it."""
    try:
        return all(entry.name.startswith(".") for entry in folder.iterdir())
    except FileNotFoundError:
        return True
    except OSError:
        return False


def new_run(runs: Path) -> Path:
    """Make the folder of a run that starts now: no other run, of this or another program, gets the same.

    Where nothing can be written it is only named; the run itself says what is wrong there.
    """
    stem = datetime.now().astimezone().strftime("%Y-%m-%d_%H-%M-%S")
    for count in itertools.count(1):
        folder = runs / (stem if count == 1 else f"{stem}_{count}")
        try:
            folder.mkdir(parents=True)
        except FileExistsError:
            if runs.is_dir():
                continue
        except OSError:
            pass
        return folder
    raise AssertionError("numbers do not end")
