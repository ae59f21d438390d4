"""Runs on the pretended device, and what is known of one when it has ended."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from torch import Tensor

from engine.document.project import Project
from engine.lens import watcher
from engine.messages.commands import Watch
from engine.messages.events import Event, Finished, LensFrame, Progress, Warned
from engine.run.run import Run
from tests.gallery.every_lens import every_lens
from tests.pretended_device.chance import BACKEND
from tests.pretended_device.tensor import held

USUAL = (watcher.RATE, watcher.SHARE)


@dataclass
class Ended:
    """`draws` counts draws from the default generator of the card; `frames` are looks of lenses."""

    finished: Finished | None = None
    losses: dict[str, list[float]] = field(default_factory=dict)
    weights: dict[str, Tensor] = field(default_factory=dict)
    warnings: list[str] = field(default_factory=list)
    draws: int = 0
    frames: int = 0

    def note(self, event: Event) -> None:
        if isinstance(event, Progress):
            for path, losses in event.losses.items():
                self.losses.setdefault(path, []).extend(losses)
        elif isinstance(event, Warned):
            self.warnings.append(event.message)
        elif isinstance(event, LensFrame):
            self.frames += 1

    @property
    def failure(self) -> str:
        """The sentence of a run that was not completed; empty for one that was."""
        assert self.finished is not None
        return "" if self.finished.status == "completed" else self.finished.message


def trained(
    project: Project, device: str, *, looks: bool = False, folder: Path | None = None, **rest: Any
) -> Ended:
    """A run of this project; `looks`: with every lens where it offers itself, at every step."""
    run, ended = Run(project, device=device, folder=folder, **rest), Ended()
    watcher.RATE, watcher.SHARE = (1e9, 1e9) if looks else USUAL
    if looks:
        run.send(Watch(every_lens(project)))
    before = BACKEND.draws
    ended.finished = run.execute(ended.note)
    ended.draws = BACKEND.draws - before
    if run.plan is not None:
        state = run.plan.model.state_dict()
        ended.weights = {name: held(tensor).detach().clone() for name, tensor in state.items()}
    return ended
