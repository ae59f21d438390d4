"""When a run's files are written: rows as events come, checkpoints every few seconds, where the settings ask
for one that is kept, and at the end.

`last` is written in such a rhythm that it costs at most a fiftieth of the time, inside long epochs too; rows
up to its step are on disk before it is. `initial` holds the weights before the first step, `best` the best as
`best_by` chooses them, `sound` those that were put back after a run went wrong inside a step.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from time import monotonic
from typing import Any

from torch import Tensor

from engine.document.project import Project
from engine.messages.events import Event, Finished
from engine.run.run_folder import RunFolder
from engine.run.tensorboard import EventLog, require_package
from engine.runs.checkpoints import CHECKPOINTS, checkpoints_of
from engine.train.best_weights import is_sound
from engine.train.loop import Loop
from engine.train.snapshot import facts_of, tensors_of
from engine.weights.checkpoint import save_checkpoint

SECONDS = 10.0
"""Shortest time between two writes of `last` while training."""
FIRST_SECONDS = 1.0
"""The first comes sooner: a power cut should not take the whole of a short run."""
COST_FACTOR = 50
"""A write that took c seconds is repeated after 50·c at the earliest."""


class RunFiles:
    """The folder of a run, and the rhythm in which it is written. Used from the run's thread alone."""

    def __init__(self, folder: Path, project: Project, *, resumed_at: int | None = None) -> None:
        wants_log = project.settings.tensorboard
        if wants_log:
            require_package()
        self._folder = RunFolder(folder, project, resumed_at=resumed_at)
        try:
            self._log = EventLog(folder, resumed_at=resumed_at) if wants_log else None
        except BaseException:
            self._folder.close()
            raise
        self._checkpoints = folder / CHECKPOINTS
        self._resumed_at = resumed_at
        self._loop: Loop | None = None
        self._due = monotonic() + FIRST_SECONDS
        self._best_saved = 0
        self._initial: tuple[dict[str, Tensor], dict[str, Any]] | None = None

    def attend(self, loop: Loop, seconds: float) -> None:
        """Save checkpoints of this loop; `seconds` were spent on the run before."""
        self._loop = loop
        loop.hooks.on_rest, loop.hooks.on_kept = self._consider, self._keep
        self._best_saved = loop.best_weights.best_epoch
        if self._resumed_at is None:
            loop.hooks.on_begun = self._take_initial
        else:
            self._forget_later(self._resumed_at)
        self._folder.went_on(loop.epoch, seconds, loop.results.metrics())

    def keep_data(self, text: Callable[[], bytes]) -> None:
        """Keep what was fitted to the training data, unless the folder has it."""
        self._folder.keep_data(text)

    @property
    def seconds(self) -> float:
        """Time that the run has taken, over all its parts."""
        return self._folder.seconds

    def record(self, event: Event) -> None:
        self._folder.record(event)
        if self._log is not None:
            self._log.record(event)

    def finish(self, event: Finished) -> None:
        """Write the weights, then the end itself."""
        try:
            self._save_end()
        finally:
            self.record(event)

    def end(self, event: Finished) -> None:
        """Say that it ended otherwise than `finish` was told."""
        self._folder.end(event)

    def close(self) -> None:
        if self._log is not None:
            with suppress(OSError):  # it was told when it was written
                self._log.close()
        self._folder.close()

    # Checkpoints ----------------------------------------------------------------------------------

    def _take_initial(self) -> None:
        """Before the first step: a copy now, which is written with the first checkpoint."""
        loop = self._loop
        assert loop is not None
        tensors = {name: t.detach().clone() for name, t in tensors_of(loop).items() if _is_initial(name)}
        self._initial = tensors, self._facts(loop)
        if not loop.best_weights.fits:
            self._save_initial()

    def _save_initial(self) -> None:
        if self._initial is not None:
            save_checkpoint(self._checkpoints / "initial.safetensors", *self._initial)
            self._initial = None

    def _consider(self) -> None:
        if monotonic() >= self._due:
            self._save()

    def _keep(self) -> None:
        """A checkpoint of its own, which stays."""
        loop = self._loop
        assert loop is not None
        self._save(self._checkpoints / f"step-{loop.step:06d}.safetensors")

    def _save(self, path: Path | None = None) -> None:
        """Write the present state as `last`, or as this file."""
        loop, begun = self._loop, monotonic()
        if loop is None or loop.is_torn:
            return
        self._folder.flush(sync=True)
        self._save_initial()
        self._save_best(loop)
        save_checkpoint(path or self._checkpoints / "last.safetensors", tensors_of(loop), self._facts(loop))
        if path is None:
            end = monotonic()
            self._due = end + max(SECONDS, COST_FACTOR * (end - begun))

    def _save_best(self, loop: Loop) -> None:
        best_weights = loop.best_weights
        if best_weights.best_epoch == self._best_saved:
            return
        step = min(best_weights.best_epoch * loop.bounds.steps_per_epoch, loop.bounds.total_steps)
        tensors = best_weights.best or (loop.plan.model.state_dict() if loop.step == step else {})
        if tensors:
            by = "" if best_weights.best_by is None else best_weights.best_by.path
            about = {
                "step": step,
                "epoch": best_weights.best_epoch,
                "best_by": by,
                "best_value": best_weights.best_value,
            }
            save_checkpoint(self._checkpoints / "best.safetensors", tensors, about | {"seed": loop.plan.seed})
            self._best_saved = best_weights.best_epoch

    def _save_end(self) -> None:
        """The present state where it is whole; else, or where the disk refuses, what is sound of it."""
        loop = self._loop
        if loop is None:
            return
        try:
            self._folder.flush(sync=True)
            self._save_initial()
            self._save_best(loop)
            self._save()
        except BaseException:
            with suppress(OSError):
                self._save_sound(loop)
            raise
        if loop.is_torn:
            self._save_sound(loop)

    def _save_sound(self, loop: Loop) -> None:
        weights = dict(loop.plan.model.state_dict())
        step = loop.step if loop.restored is None else loop.restored
        if is_sound(weights):
            save_checkpoint(
                self._checkpoints / "sound.safetensors",
                weights,
                {"step": step, "epoch": loop.epoch, "seed": loop.plan.seed},
            )

    def _facts(self, loop: Loop) -> dict[str, Any]:
        return facts_of(loop) | {"seconds": round(self._folder.seconds, 3)}

    def _forget_later(self, step: int) -> None:
        """Checkpoints of a course that is left."""
        for found in checkpoints_of(self._checkpoints.parent):
            if found.step > step:
                found.path.unlink(missing_ok=True)
                found.path.with_suffix(".json").unlink(missing_ok=True)


def _is_initial(name: str) -> bool:
    """Optimisers and averages begin anew by themselves."""
    return name.startswith(("@source/", "@random/")) or not name.startswith("@")
