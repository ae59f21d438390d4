"""Writes what is needed to find an unexpected error into a text file of the user's state folder.

A report holds the traceback, the versions and the layers of the project; no data, no parameters and no paths
of data files, so that it can be sent to others.
"""

from __future__ import annotations

import platform
import traceback
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path

from app.state import settings
from engine.document.project import Project
from engine.system.atomic_write import write_atomically
from engine.system.version import version


def folder() -> Path:
    """Where reports are written."""
    return settings.state_folder() / "reports"


def write(error: BaseException, project: Project) -> Path:
    """Write a report of this error, raised while working on this project. Raises OSError."""
    now = datetime.now(UTC)
    path = folder() / f"error-{now:%Y%m%d-%H%M%S-%f}.txt"
    path.parent.mkdir(parents=True, exist_ok=True)
    write_atomically(path, _text(error, project, now).encode("utf-8", "replace"))
    return path


def told(error: BaseException, project: Project, what: str) -> str:
    """Write a report; the sentence that says what failed and where the report is."""
    words = f"{what} ({type(error).__name__}: {error})."
    try:
        return f"{words} Your work is kept. Please send the report in {write(error, project)}."
    except OSError as refused:
        return f"{words} Your work is kept. The report could not be written: {refused}."


def _text(error: BaseException, project: Project, now: datetime) -> str:
    layers = [
        f"{name}/{node.id}: {node.layer}"
        for name, graph in project.graphs.items()
        for node in graph.nodes.values()
    ]
    return "\n".join(
        [
            f"Layerloom {version()}, {now.isoformat(timespec='seconds')}",
            f"Python {platform.python_version()}, torch {_torch()}, {platform.platform()}",
            "",
            *traceback.format_exception(error),
            "Layers (graph/node: layer):",
            *layers,
            "",
        ]
    )


def _torch() -> str:
    try:
        return metadata.version("torch")
    except metadata.PackageNotFoundError:
        return "not installed"
