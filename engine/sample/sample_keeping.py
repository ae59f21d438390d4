"""Keeps samples while a run trains: a set before the first step and at the ends of epochs.

A sampler that fails is named once and left out from then on; a disk that refuses ends the keeping, not the
run.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import NamedTuple

from engine.infer.layer import MODULE_ERRORS
from engine.messages.events import Warned
from engine.sample.history import SampleHistory
from engine.sample.samplers import Drawing, Samplers
from engine.sample.shown import Arrays


class Kept(NamedTuple):
    """What a sampler drew after a step."""

    step: int
    sampler: str
    arrays: Arrays


class Keeping:
    """Used from the run's thread alone; what it has kept may be read from any."""

    def __init__(self, samplers: Samplers, history: SampleHistory) -> None:
        self._samplers, self._history = samplers, history
        self._refused = False
        self._begun: dict[str, Drawing] = {}
        self._place: tuple[int, int] | None = None

    def _owed(self, step: int, epoch: int) -> list[str]:
        return [path for path in self._samplers.due(epoch) if step not in self._history.steps(path)]

    @property
    def waits(self) -> bool:
        """Whether sets were begun that `keep` is to finish."""
        return self._place is not None

    def lacks(self, step: int, epoch: int) -> bool:
        """Whether a set that is due after this epoch is not kept yet."""
        return bool(self._owed(step, epoch))

    def begin(self, step: int, epoch: int) -> None:
        """Take the present weights for the sets that are due; they are drawn when `keep` is called."""
        self._place = step, epoch
        for path in self._owed(step, epoch):
            with suppress(*MODULE_ERRORS):  # told when it is drawn
                self._begun[path] = self._samplers.start(path)

    def keep(self, step: int, epoch: int, interrupted: Callable[[], bool]) -> Iterator[Kept | Warned]:
        """Keep the sets that are due after this epoch, or were begun, and hand them on.

        Asks `interrupted` before every call of a drawn function.
        """
        step, epoch = self._place or (step, epoch)
        self._place = None
        begun, self._begun = self._begun, {}
        for path in self._owed(step, epoch):
            if self._refused or interrupted():
                return
            drawing = begun.get(path)
            try:
                if drawing is None or drawing.is_stale:
                    drawing = self._samplers.start(path)
                arrays = drawing.finish(interrupted)
            except MODULE_ERRORS as error:
                yield Warned(step, self._samplers.leave_out(path, error))
                continue
            if arrays is None:
                return
            yield Kept(step, path, arrays)
            try:
                self._history.keep(path, step, epoch, arrays)
            except OSError as error:
                self._refused = True
                yield Warned(step, f"Samples are kept no longer: {error}")
