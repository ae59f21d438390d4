"""Keeps samples while a run trains: a set before the first step and at the ends of epochs.

A sampler that fails is named once and left out from then on; a disk that refuses ends the keeping, not the
run.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from engine.infer.layer import FAULTS
from engine.run.events import Event, LensFrame, Warned
from engine.sample.history import History
from engine.sample.samplers import Samplers


class Keeping:
    """Used from the run's thread alone; what it has kept may be read from any."""

    def __init__(self, samplers: Samplers, history: History) -> None:
        self._samplers, self._history = samplers, history
        self._refused = False

    def keep(self, step: int, epoch: int, interrupted: Callable[[], bool]) -> Iterator[Event]:
        """Keep the sets that are due after this epoch and say so; asks `interrupted` before every call."""
        for path in self._samplers.due(epoch):
            if self._refused or interrupted():
                return
            try:
                arrays = self._samplers.draw(path, interrupted)
            except FAULTS as error:
                yield Warned(step, self._samplers.leave_out(path, error))
                continue
            if arrays is None:
                return
            yield LensFrame(step, "samples", path, arrays)
            try:
                self._history.keep(path, step, epoch, arrays)
            except OSError as error:
                self._refused = True
                yield Warned(step, f"Samples are kept no longer: {error}")
