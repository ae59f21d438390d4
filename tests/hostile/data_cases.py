"""Cases of data files: a project whose data node reads them, inspected and trained."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from engine.document import edits
from engine.document.storage.file import save
from tests.drawings import chain
from tests.hostile.case import Case


def of_data(
    kind: str, name: str, params: dict[str, Any], write: Callable[[Path], Path], answer: str, **bounds: Any
) -> tuple[Case, Case]:
    """A file or folder that `write` makes, as the `path` of a data node with these parameters.

    `inspect` describes a drawing with its errors; `train` refuses. `is_quick` is for `inspect` alone.
    """

    def make(folder: Path) -> Path:
        path = write(folder)
        project = chain(
            {**params, "path": str(path)},
            [("flat", "flatten"), ("linear", "linear", {"out_features": 2})],
            "mse",
        )
        save(edits.set_settings(project, epochs=1), folder / "p.loom")
        return folder / "p.loom"

    looked = Case(kind, f"{name}, inspect", make, answer, exits=(0,), **bounds)
    bounds.pop("is_quick", None)
    command = ("train", "{}", "--device", "cpu")
    return looked, Case(kind, f"{name}, train", make, answer, command=command, **bounds)
