"""The losses of the steps: they wait on the device, and are fetched and told together with the speed."""

from __future__ import annotations

from collections.abc import Callable
from time import perf_counter
from typing import NamedTuple

from torch import Tensor

from engine.compile import Plan
from engine.feed.sources import Sources
from engine.messages.events import Progress
from engine.train.bounds import Bounds, noted
from engine.train.divergence.nonfinite import first_bad
from engine.train.losses import Rows, columns, fetch
from engine.train.stepper import Stepper
from engine.train.throughput import Throughput
from engine.train.validation import training_metrics

FLUSH_SECONDS = 0.04
"""Time between two reports."""


class Divergence(NamedTuple):
    """The first loss that is not finite: the step (from 1) and the objective or term."""

    step: int
    path: str


class LossReport:
    """`waiting` holds a row of losses for each step since the last fetch, still on the device.

    `fetch` gets rows from the device; `due` is the time of the next report, `interval` the seconds after it.
    """

    def __init__(self, plan: Plan, stepper: Stepper, sources: Sources, limits: Bounds) -> None:
        self._plan, self._stepper, self._sources, self._bounds = plan, stepper, sources, limits
        self.waiting: list[list[Tensor | None]] = []
        self.fetch: Callable[[list[list[Tensor | None]]], Rows] = fetch
        self.due, self.interval = 0.0, FLUSH_SECONDS
        self.throughput = Throughput()
        self.rate_is_set = False
        """Whether a person has set a rate since the last report, which notes it at once."""
        self._rows: Rows = []

    def check(self) -> bool:
        """Fetch what waits on the device, to be told later; whether all of it is finite."""
        return first_bad(self._pull()) is None

    def _pull(self) -> Rows:
        rows = self.fetch(self.waiting)
        self.waiting.clear()
        self._rows += rows
        return rows

    def collect(self, step: int, epoch: int) -> tuple[Progress | None, Divergence | None]:
        """What is to be told of the steps up to this one; None, None where there is nothing new."""
        self.due = perf_counter() + self.interval
        self._pull()
        rows, self._rows = self._rows, []
        if not rows:
            return None, None
        first = step - len(rows)
        paths = [objective.path for objective in self._plan.objectives]
        names = [*paths, *self._stepper.term_names]
        curves = columns(rows, names)
        losses = {path: curves.pop(path) for path in paths}
        self.throughput.count(len(rows) * self._sources.samples_per_epoch // self._sources.steps_per_epoch)
        self.throughput.measure()
        bad = first_bad(rows)
        values, factors = self._stepper.values, self._sources.factors
        measured = {} if bad else training_metrics(self._plan, values, factors)
        progress = Progress(
            step,
            epoch,
            list(range(first + 1, step + 1)),
            losses,
            self.throughput.samples_per_second,
            self._seconds_left(step),
            self._stepper.learning_rates(),
            measured,
            terms=curves,
            rates=self._rates(first, step, epoch),
            measured=[(step, measured)] if measured else [],
        )
        return progress, None if bad is None else Divergence(first + 1 + bad[0], names[bad[1]])

    def _rates(self, done: int, step: int, epoch: int) -> list[tuple[int, str, float]]:
        """The rates of the steps after `done` up to `step`, at fixed steps and where a person set one."""
        grid = noted(done, step, self._bounds.steps_per_epoch)
        if self.rate_is_set and done < step:
            grid.add(done)
            self.rate_is_set = False
        return self._stepper.rates_after(sorted(grid), epoch)

    def _seconds_left(self, step: int) -> float:
        left = self._bounds.total_steps - step
        samples = left * self._sources.samples_per_epoch // self._sources.steps_per_epoch
        return self.throughput.seconds_left(samples, -(-left // self._bounds.steps_per_epoch))
