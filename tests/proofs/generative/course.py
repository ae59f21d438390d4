"""One project of the gallery, trained into a folder of its own, and what its checkpoints can draw."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import msgspec
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from engine.document.project import Project
from engine.document.storage import gallery
from engine.document.storage.file import load
from engine.expand.flat import FlatEnd
from engine.feed.sources import Sources
from engine.lens.preview import Preview
from engine.messages.events import Event, Finished, Validated
from engine.run.run import Run
from engine.runs.archive import Curves, checkpoints_of, curves_of

Floats = NDArray[np.float64]


@dataclass
class Course:
    """A run that has ended. `folder` holds its checkpoints and curves."""

    project: Project
    folder: Path
    finished: Finished
    validated: list[Validated]

    def draw(self, sampler: str = "samples", epoch: int | None = None, **changes: Any) -> dict[str, Any]:
        """What a sampler draws with the weights of the end, or of a kept epoch (0: before training)."""
        preview = Preview(self.project, self.weights(epoch))
        try:
            return dict(preview.samplers.start(sampler, changes).finish() or {})
        finally:
            preview.close()

    def weights(self, epoch: int | None = None) -> Path:
        """The checkpoint of an epoch that was kept; by default the last."""
        for found in checkpoints_of(self.folder):
            if epoch is None and found.kind == "last":
                return found.path
            if epoch == 0 and found.kind == "initial":
                return found.path
            if epoch and found.kind == "kept" and found.epoch == epoch:
                return found.path
        raise LookupError(f"no checkpoint of epoch {epoch} in {self.folder}")

    def values(self, *paths: str) -> list[tuple[dict[FlatEnd, Tensor], dict[str, Tensor]]]:
        """Per validation batch: what the sources hand out, and the values at these paths of the drawing."""
        preview = Preview(self.project, self.weights())
        plan = preview.plan
        sources = Sources(plan)
        try:
            plan.eval()
            with torch.no_grad():
                return [(values, plan.capture(paths)(values)) for _, values in sources.validation()]
        finally:
            sources.close()
            preview.close()

    def tables(self) -> tuple[Tensor, Tensor]:
        """All training inputs and targets of the first data set."""
        preview = Preview(self.project)
        sources = Sources(preview.plan)
        try:
            return sources.training_tables()
        finally:
            sources.close()
            preview.close()

    def curves(self) -> Curves:
        return curves_of(self.folder)


def drawing(name: str) -> Project:
    """A project of the gallery by name, or of a file by path."""
    return load(Path(name)) if name.endswith(".loom") else gallery.make(name)


@contextmanager
def trained(project: Project, seed: int, keep_epochs: int = 0) -> Iterator[Course]:
    """Train it to the end; its files are gone afterwards. `keep_epochs`: a checkpoint every so many."""
    settings = msgspec.structs.replace(project.settings, checkpoint_epochs=keep_epochs, device="cpu")
    project = msgspec.structs.replace(project, settings=settings)
    with TemporaryDirectory() as place:
        folder = Path(place) / "run"
        validated: list[Validated] = []

        def sink(event: Event) -> None:
            if isinstance(event, Validated):
                validated.append(event)

        finished = Run(project, folder=folder, seed=seed).execute(sink)
        if finished.status != "completed":
            raise RuntimeError(finished.message or finished.status)
        yield Course(project, folder, finished, validated)
