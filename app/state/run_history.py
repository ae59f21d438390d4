"""What a run has told so far, as curves: losses, their terms, validations, metrics, and what it warned of.

The controller keeps one per run, so that a panel that is made late, or shown late, has all of it.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from app.charts.series import Series, fitted_smoothing
from engine.messages.events import Event, LearningRateSet, Progress, Started, Validated, Warned
from engine.runs.archive import Curves


class RunNote(NamedTuple):
    """Something a person should know of a step."""

    step: int
    message: str


class RunHistory:
    """Curves by path of objective, of term ("objective/loss node") or of metric; `notes` in order."""

    def __init__(self) -> None:
        self.losses: dict[str, Series] = {}
        self.terms: dict[str, Series] = {}
        self.validation: dict[str, Series] = {}
        self.training_metrics: dict[str, Series] = {}
        self.metrics: dict[str, Series] = {}
        self.notes: list[RunNote] = []
        self._smoothing = 0.0
        self.goes_on = False
        """Whether curves of an earlier part of the run stand before what is told now."""

    def take(self, event: Event) -> None:
        """Keep what this event says."""
        if isinstance(event, Started):
            self._smoothing = fitted_smoothing(event.total_steps)
            for series in (*self.losses.values(), *self.terms.values()):
                series.set_smoothing(self._smoothing)
        elif isinstance(event, Progress):
            self._progress(event)
        elif isinstance(event, Validated):
            for held, values in ((self.validation, event.losses), (self.metrics, event.metrics)):
                for path, value in values.items():
                    held.setdefault(path, Series()).extend([event.step], [value])
        elif isinstance(event, Warned | LearningRateSet):
            self.notes.append(RunNote(event.step, event.message))

    def load(self, curves: Curves, step: int) -> None:
        """The curves of the earlier part of a run that goes on from the checkpoint after `step` steps.

        What was told beyond that will be told again.
        """
        validated = {path: held for path, held in curves.validation.items() if path in curves.losses}
        measured = {path: held for path, held in curves.validation.items() if path not in curves.losses}
        pairs = (
            (self.losses, curves.losses),
            (self.terms, curves.terms),
            (self.validation, validated),
            (self.metrics, measured),
        )
        for held, given in pairs:
            for path, (steps, values) in given.items():
                kept = steps <= step
                held.setdefault(path, Series()).extend(steps[kept].astype(np.float64), values[kept])
        self.notes += [RunNote(at, message) for at, message in curves.messages if at <= step]
        self.notes.append(RunNote(step, "Resumed here."))
        self.goes_on = True

    def _progress(self, event: Progress) -> None:
        for held, values in ((self.losses, event.losses), (self.terms, event.terms)):
            for path, given in values.items():
                steps, numbers = acted(event.steps, given)
                held.setdefault(path, Series(self._smoothing)).extend(steps, numbers)
        for step, metrics in event.measured or [(event.step, event.metrics)]:
            for path, value in metrics.items():
                if math.isfinite(value):
                    self.training_metrics.setdefault(path, Series()).extend([step], [value])


def acted(steps: list[int], values: list[float]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Steps and values where there is one: it is NaN where an objective did not act."""
    numbers = np.asarray(values, np.float64)
    told = ~np.isnan(numbers)
    return np.asarray(steps, np.float64)[told], numbers[told]
