"""When a run's files are written: rows as events come, the last and the best weights every few seconds and at
the end.

Everything a later resume needs lies in `checkpoints/last.safetensors`: weights, optimisers, schedules, random
states and how far the epoch is.
"""

from __future__ import annotations

from pathlib import Path
from time import monotonic
from typing import Any

import torch
from torch import Tensor

from engine.document.project import Project
from engine.run.checkpoint import save_checkpoint, weights
from engine.run.events import Event, Finished
from engine.run.loop import Loop
from engine.run.store import RunFolder

SECONDS = 10.0
"""Shortest time between two checkpoints while training."""
FIRST_SECONDS = 1.0
"""The first comes sooner: a power cut should not take the whole of a short run."""


class RunFiles:
    """The folder of a run, and the rhythm in which it is written. Used from the run's thread alone."""

    def __init__(self, folder: Path, project: Project) -> None:
        self._folder = RunFolder(folder, project)
        self._checkpoints = folder / "checkpoints"
        self._loop: Loop | None = None
        self._saved = monotonic() - SECONDS + FIRST_SECONDS
        self._best_saved = 0

    def attend(self, loop: Loop) -> None:
        """Save checkpoints of this loop at the ends of its epochs."""
        self._loop = loop
        loop.on_epoch = self._epoch_ended

    def record(self, event: Event) -> None:
        self._folder.record(event)

    def finish(self, event: Finished) -> None:
        """Write the weights, then the end itself."""
        try:
            self._save()
        finally:
            self._folder.record(event)

    def close(self) -> None:
        self._folder.close()

    def _epoch_ended(self) -> None:
        if monotonic() - self._saved >= SECONDS:
            self._save()

    def _save(self) -> None:
        loop = self._loop
        if loop is None:
            return
        about = {
            "step": loop.step,
            "epoch": loop.epoch,
            "seed": loop.plan.seed,
            "device": str(loop.plan.device),
        }
        if loop.measured is not None:
            about |= {"losses": loop.measured.losses, "metrics": loop.measured.metrics}
        schedules = {
            o.path: s.state() for o, s in zip(loop.plan.objectives, loop.stepper.schedules, strict=True)
        }
        last: dict[str, Any] = {**about, "schedules": schedules}
        save_checkpoint(
            self._checkpoints / "last.safetensors", {**weights(loop.plan.model), **state(loop)}, last
        )
        keeper = loop.keeper
        if keeper.best and keeper.best_epoch != self._best_saved:
            best = {"epoch": keeper.best_epoch, "validation_loss": keeper.best_loss, "seed": loop.plan.seed}
            save_checkpoint(self._checkpoints / "best.safetensors", keeper.best, best)
            self._best_saved = keeper.best_epoch
        self._saved = monotonic()


def state(loop: Loop) -> dict[str, Tensor]:
    """What a run needs to go on besides weights, under names that no weight can have."""
    found: dict[str, Tensor] = {"@random/cpu": torch.get_rng_state()}
    if loop.plan.device.type == "cuda":
        found["@random/cuda"] = torch.cuda.get_rng_state(loop.plan.device)
    for objective, updating in zip(loop.plan.objectives, loop.stepper.optimisers, strict=True):
        for name, tensor in updating.state().items():
            found[f"@optimiser/{objective.path}/{name}"] = tensor.clone()  # counts may be shared
    for name, tensor in loop.sources.state().items():
        found[f"@source/{name}"] = tensor
    return found
