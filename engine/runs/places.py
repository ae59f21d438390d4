"""Where run folders are: beside the project's file, one folder per run, named by its start time.

Does not import torch.
"""

from __future__ import annotations

import itertools
from datetime import datetime
from pathlib import Path

from engine.runs.plain_files import ArchiveError

SUFFIX = ".runs"


def runs_of(project_file: Path) -> Path:
    """The folder of all runs of a project: `NAME.runs` beside `NAME.loom`."""
    return project_file.with_suffix(SUFFIX)


def project_folder(run: Path) -> Path | None:
    """The folder of the project's file for this run folder; None where the run is kept elsewhere."""
    runs = run.absolute().parent
    return runs.parent if runs.suffix == SUFFIX else None


def is_free(folder: Path) -> bool:
    """Whether a run may use this folder: it does not exist yet, or is empty but for hidden system files."""
    try:
        return all(entry.name.startswith(".") for entry in folder.iterdir())
    except FileNotFoundError:
        return True
    except OSError:
        return False


def require_no_link(run: Path) -> None:
    """Raise `ArchiveError` where this folder, or the folder of a project's runs that it is in, is a link:
    a run would write elsewhere.
    """
    for place in (run.parent, run) if run.parent.suffix == SUFFIX else (run,):
        if place.is_symlink():
            raise ArchiveError(
                f"{place}: Put the folder itself there. Expected a folder of runs. Received a link."
            )


def new_run(runs: Path) -> Path:
    """Create the folder of a run that starts now; no other run gets the same.

    Where nothing can be written the path is only returned; the run reports the error.
    """
    stem = datetime.now().astimezone().strftime("%Y-%m-%d_%H-%M-%S")
    for count in itertools.count(1):
        folder = runs / (stem if count == 1 else f"{stem}_{count}")
        try:
            if not runs.is_symlink():
                folder.mkdir(parents=True)
        except FileExistsError:
            if runs.is_dir():
                continue
        except OSError:
            pass
        return folder
    raise AssertionError("numbers do not end")
