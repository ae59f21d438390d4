"""Looks at a drawing that is not training: its fresh weights, or those of a file, on a sample of its data.

A preview is compiled apart from any run. It seeds torch's random state and puts it back; the state is shared
by the whole process, so no preview is made while a run trains (a run serves its own lenses).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path

import torch
from torch import Tensor

from engine.compile import Plan, compile  # noqa: A004
from engine.compile.beginning import begin_from_files
from engine.document.project import Project
from engine.feed.sources import Sources
from engine.lens.evaluate import drawn, look, reads_sampler
from engine.lens.feeds import Feeds
from engine.messages.events import LensFrame
from engine.messages.lens_request import LensRequest
from engine.sample.samplers import Samplers
from engine.system.random_state import kept_random_state
from engine.weights.checkpoint import Loaded, WeightsError, load_weights, read, shortened

AVERAGE = "@average/"
"""What the names of running means begin with in a checkpoint."""


class Preview:
    """A compiled snapshot on the CPU. Raises `CompileError` or `DataError` when it is made."""

    def __init__(self, project: Project, weights: Path | None = None) -> None:
        with kept_random_state(torch.device("cpu")):
            self.plan: Plan = compile(project, "cpu")
        if weights is None:
            begin_from_files(self.plan)
        averages: dict[str, Tensor] = {}
        self.loaded: Loaded | None = None
        """What was filled from `weights`."""
        if weights is not None:
            self.loaded = load_weights(self.plan.model, weights)
            averages = _averages(weights)
        self.sources = Sources(self.plan)
        self._averages = averages
        self.samplers = Samplers(self.plan, self.sources, lambda: averages)

    def look(
        self,
        requests: Iterable[LensRequest],
        index: int = 0,
        interrupted: Callable[[], bool] = lambda: False,
    ) -> list[LensFrame]:
        """Frames of these lenses for one sample of the validation data; their step is 0.

        Samplers ask `interrupted` before every call and are left out where it says so.
        """
        requests = list(requests)
        feeds = Feeds.of(self.sources, index)
        frames = look(self.plan, feeds, requests, 0, interrupted).frames
        for sampler in dict.fromkeys(request.target for request in requests if reads_sampler(request)):
            if sampler in self.samplers.layers:
                kinds = {request.kind for request in requests if request.target == sampler}
                frames += [frame for frame in self.draw(sampler, 0, interrupted) if frame.lens in kinds]
        return frames

    def unfilled(self, sampler: str) -> tuple[str, ...]:
        """The weights with which this sampler draws and that `weights` did not have, by name.

        Raises `KeyError` for a path without a sound sampler.
        """
        if self.loaded is None:
            return ()
        filled = {*self.loaded.filled, *(self._averages if self.samplers.layers[sampler].average else ())}
        return tuple(name for name in self.samplers.weights_of(sampler) if name not in filled)

    def require_filled(self, sampler: str) -> None:
        """Raise `WeightsError` where this sampler would draw with weights that nobody trained."""
        empty = self.unfilled(sampler)
        if empty:
            count = len(self.samplers.weights_of(sampler))
            raise WeightsError(
                f"Train the drawing first. Expected the {count:,} weights with which {sampler} draws. "
                f"Received {count - len(empty):,}; not there, or of another shape: {shortened(empty, 3)}."
            )

    def draw(
        self, sampler: str, step: int, interrupted: Callable[[], bool] = lambda: False
    ) -> list[LensFrame]:
        """What this sampler draws, as every lens shows it that reads samplers; none where interrupted.

        `step` is that of the weights. Raises `KeyError` for a path without a sound sampler.
        """
        arrays = self.samplers.draw(sampler, interrupted)
        return [] if arrays is None else drawn(step, sampler, arrays)

    def close(self) -> None:
        self.sources.close()


def preview(
    project: Project, requests: Iterable[LensRequest], index: int = 0, weights: Path | None = None
) -> list[LensFrame]:
    """One look at a drawing."""
    opened = Preview(project, weights)
    try:
        return opened.look(requests, index)
    finally:
        opened.close()


def _averages(weights: Path) -> dict[str, Tensor]:
    """The running means of weights in a checkpoint, by the names of the weights."""
    tensors, _ = read(weights)
    return {name[len(AVERAGE) :]: tensor for name, tensor in tensors.items() if name.startswith(AVERAGE)}
