"""What the validation at the end of an epoch has measured, and what follows from it."""

from __future__ import annotations

from collections.abc import Callable

from engine.compile import Plan
from engine.messages.events import Event, Validated, Warned
from engine.train.best_weights import BestWeights
from engine.train.divergence.nonfinite import NonFinite
from engine.train.stepper import Stepper
from engine.train.validation import Measured


class EpochResults:
    """`measured` is of the newest epoch that was validated; `stopped_early` says why the run ends."""

    def __init__(
        self, plan: Plan, stepper: Stepper, best_weights: BestWeights, emit: Callable[[Event], None]
    ) -> None:
        self.measured: Measured | None = None
        self.stopped_early = ""
        self.nonfinite = NonFinite()
        self.best_weights = best_weights
        self._plan, self._stepper, self._emit = plan, stepper, emit

    def metrics(self) -> dict[str, float]:
        """The losses and metrics of the newest validation, by path; empty before the first."""
        return {} if self.measured is None else {**self.measured.losses, **self.measured.metrics}

    def take_in(self, step: int, epoch: int, measured: Measured) -> None:
        """Tell what was measured, and act on it: schedules, the best weights, an early end."""
        self.measured = measured
        self._emit(Validated(step, epoch, measured.losses, measured.metrics))
        for sentence in self.nonfinite.noted(measured.nonfinite, measured.bad(), self.best_weights.best_by):
            self._emit(Warned(step, sentence))
        drops = [schedule.drops for schedule in self._stepper.schedules]
        for objective, schedule in zip(self._plan.objectives, self._stepper.schedules, strict=True):
            schedule.validated(measured.losses[objective.path])
        if drops != [schedule.drops for schedule in self._stepper.schedules]:
            self.best_weights.keep(step)
        self.best_weights.validated(epoch, measured)
        self.stopped_early = self.best_weights.ended(epoch)
