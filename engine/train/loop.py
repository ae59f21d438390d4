"""The training loop: steps, reports, validations and lenses, until it completes, is stopped or fails.

Runs in its caller's thread, reports through `emit` and fetches losses from the device 25 times a second.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from time import perf_counter
from typing import Any, NoReturn

import torch
from torch import Tensor

from engine.compile import CompileError, Plan
from engine.feed.sources import Sources
from engine.lens.watcher import Watcher
from engine.messages.command_queue import CommandQueue
from engine.messages.events import (
    Event,
    LearningRateSet,
    Paused,
    Progress,
    Resumed,
    Started,
    Validated,
    Warned,
)
from engine.messages.lens_request import LensRequest
from engine.sample.history import SampleHistory
from engine.sample.sample_keeping import Keeping
from engine.sample.samplers import Samplers
from engine.system.device import title
from engine.train.best_weights import BestWeights
from engine.train.bounds import Bounds, noted
from engine.train.command_handling import carry_out
from engine.train.divergence import diverged
from engine.train.divergence_watch import Advice, DivergenceWatch, watch_of
from engine.train.losses import columns, fetch
from engine.train.nonfinite import NonFinite, first_bad
from engine.train.nonfinite_origin import origin
from engine.train.snapshot import random_state, set_random_state, tensors_of
from engine.train.stepper import Stepper
from engine.train.throughput import Throughput
from engine.train.validation import Measured, curves_of, training_metrics, validate

FLUSH_SECONDS = 0.04
"""Time between two fetches of losses."""
CHECK_STEPS = 50
"""Steps whose losses wait on the device at most: a loss that is not finite is found before as many more."""


class Loop:
    """One run over one plan. `step` and `epoch` count what is done."""

    step, epoch = 0, 0
    measured: Measured | None = None
    stopped_early = ""
    is_torn = False
    """Whether the run ended inside a step, so that its state is of no step."""
    restored: int | None = None
    """The step whose weights were put back."""
    samples_due = True
    """Whether samples are still to be kept of the epoch that has ended."""
    _next_flush = 0.0
    _skipped = 0
    _paused = False
    _by_hand = False

    def __init__(
        self,
        plan: Plan,
        sources: Sources,
        limits: Bounds,
        commands: CommandQueue,
        emit: Callable[[Event], None],
        samples: SampleHistory | None = None,
    ) -> None:
        if not plan.objectives:
            raise CompileError(
                "Expected an Objective with a loss wired into it. Received none: nothing to train."
            )
        self.plan, self.sources, self.bounds, self.commands, self.emit = plan, sources, limits, commands, emit
        self.stepper = self._new_stepper()
        samplers = Samplers(plan, sources, self.stepper.averages)
        self.watcher = Watcher(plan, samplers)
        self.keeping = Keeping(samplers, SampleHistory() if samples is None else samples)
        self.best_weights = BestWeights(plan, lambda: tensors_of(self))
        self.nonfinite = NonFinite()
        self.watch: DivergenceWatch | None = watch_of(plan, sources)
        self.throughput = Throughput()
        self.is_seen: Callable[[], bool] = lambda: True
        """Whether the frames of the last look have been taken; a look that nobody sees is put off."""
        self.on_begun: Callable[[], None] = lambda: None
        """Called before the first step of a new run."""
        self.on_rest: Callable[[], None] = lambda: None
        """Called between two steps where all losses have been told."""
        self.on_kept: Callable[[], None] = lambda: None
        """Called where the settings ask for a checkpoint of its own."""
        self.random_states: dict[str, Tensor] = {}
        """Random states to begin with, of a run that goes on."""
        self.notices: list[str] = []
        """What is to be told at the start."""
        self._losses: list[list[Tensor | None]] = []
        self._rows: list[list[float | None]] = []

    def _new_stepper(self) -> Stepper:
        return Stepper(self.plan, self.bounds.total_steps)

    def run(self) -> None:
        """Until the end, or until stopped."""
        with torch.enable_grad():  # and back to the caller's mode, however a step ends
            self._begin()
            while not self.is_complete and not self.stopped_early and self._epoch():
                pass
            self.flush()
            if not self.commands.is_stopped() and self.watcher.due != float("inf"):
                self._look(self.watcher.look(self.step))  # however short the run, its end is seen

    @property
    def is_complete(self) -> bool:
        return self.epoch >= self.bounds.epochs

    def _begin(self) -> None:
        plan, limits = self.plan, self.bounds
        course = limits.steps_per_epoch, limits.epochs, limits.total_steps
        curves = curves_of(plan)
        self.emit(Started(title(plan.device), plan.parameters(), *course, plan.seed, *curves))
        if self.step == 0:
            self._warn_at_start()
        for notice in self.notices:
            self.emit(Warned(self.step, notice))
        self._skipped = len(self.sources.skipped())
        plan.train()
        self.pin(0)
        if self.step == 0:
            self.keeping.begin(0, 0)
        elif self.samples_due:  # of these very weights, which the next step changes
            self._keep_begun()
            self._keep_samples()
        set_random_state(self.random_states, plan.device)
        self.best_weights.keep(self.step)
        if self.step == 0:
            self.on_begun()
        self.throughput.go()

    def _warn_at_start(self) -> None:
        for problem in self.plan.problems:
            self.emit(Warned(0, f"{problem.path or problem.node} is left out: {problem.message}"))
        for idle in self.best_weights.idle(validates=self.sources.validates):
            self.emit(Warned(0, idle))
        self._warn_of_skipped()

    # Steps ----------------------------------------------------------------------------------------

    def _epoch(self) -> bool:
        """Train to the end of the epoch and validate; False where the run was stopped."""
        end = min((self.epoch + 1) * self.bounds.steps_per_epoch, self.bounds.total_steps)
        keeps = self.plan.project.settings.checkpoint_steps
        looks = 0 if self.watch is None else self.watch.looks_every
        if not self.stepper.schedules_by_step:
            self.stepper.set_rates(self.step, self.epoch)
        while self.step < end:
            rest = min([end, *((self.step // every + 1) * every for every in (keeps, looks) if every)])
            if not self._train(rest):
                return False
            self.flush()
            if looks and self.step % looks == 0:
                self._advise(self.watch.look(self.step) if self.watch else [])
            if keeps and self.step % keeps == 0:
                self.on_kept()
        self.flush()
        return self._validate()

    def _train(self, end: int) -> bool:
        """The steps up to this one; False where the run was stopped."""
        step, take, losses = self.stepper.step, self.sources.next, self._losses
        commands, watcher = self.commands, self.watcher
        while self.step < end:
            if commands.attention and not self._attend():
                return False
            try:
                losses.append(step(take(), self.step, self.epoch))
            except BaseException:
                self.is_torn = True
                raise
            self.step += 1
            now = perf_counter()
            if now >= self._next_flush:
                self.flush()
            elif len(losses) >= CHECK_STEPS:
                self._fetch()
            if now >= watcher.due and self.is_seen():
                self._look(watcher.look(self.step))
        return True

    def _fetch(self) -> None:
        """Fetch the losses that wait on the device; tells them at once where one is not finite."""
        rows = self._fetched(self._losses)
        self._losses.clear()
        self._rows += rows
        if first_bad(rows) is not None:
            self.flush()

    def flush(self) -> None:
        """Fetch the losses that wait and tell them. Raises `DivergedError` where one is not finite."""
        self._next_flush = perf_counter() + FLUSH_SECONDS
        rows = [*self._rows, *self._fetched(self._losses)]
        self._rows.clear()
        self._losses.clear()
        if not rows:
            return
        first = self.step - len(rows)
        paths = [objective.path for objective in self.plan.objectives]
        names = [*paths, *self.stepper.term_names]
        curves = columns(rows, names)
        losses = {path: curves.pop(path) for path in paths}
        self.throughput.count(len(rows) * self.sources.samples_per_epoch // self.sources.steps_per_epoch)
        self.throughput.measure()
        bad = first_bad(rows)
        measured = {} if bad else training_metrics(self.plan, self.stepper.values, self.sources.factors)
        self.emit(
            Progress(
                self.step,
                self.epoch,
                list(range(first + 1, self.step + 1)),
                losses,
                self.throughput.samples_per_second,
                self._seconds_left(),
                self.stepper.learning_rates(),
                measured,
                terms=curves,
                rates=self._rates(first, self.step),
                measured=[(self.step, measured)] if measured else [],
            )
        )
        if bad is not None:
            self._diverged(first + 1 + bad[0], names[bad[1]])
        self._advise([] if self.watch is None else self.watch.observe(first, losses))
        self.best_weights.consider(self.step)
        self._keep_begun()  # the first loss is told before
        self.on_rest()

    def _fetched(self, losses: list[list[Tensor | None]]) -> list[list[float | None]]:
        """These losses in one transfer; None where an objective did not act."""
        return fetch(losses)

    def _diverged(self, step: int, path: str) -> NoReturn:
        """Find where it began, put the last sound weights back, and end."""
        self.is_torn = True
        culprit = origin(self, step)
        advice = self.best_weights.restore()
        self.restored = self.best_weights.sound_step if advice else None
        raise diverged(path, step, culprit, advice)

    def _advise(self, advice: list[Advice]) -> None:
        self._look([Warned(step, sentence) for step, sentence in advice])

    def _rates(self, done: int, step: int) -> list[tuple[int, str, float]]:
        """The rates of the steps after `done` up to `step`, at fixed steps and where one was set by hand."""
        grid = noted(done, step, self.bounds.steps_per_epoch)
        if self._by_hand and done < step:
            grid.add(done)
            self._by_hand = False
        return self.stepper.rates_after(sorted(grid), self.epoch)

    def _seconds_left(self) -> float:
        left = self.bounds.total_steps - self.step
        samples = left * self.sources.samples_per_epoch // self.sources.steps_per_epoch
        return self.throughput.seconds_left(samples, -(-left // self.bounds.steps_per_epoch))

    # Between steps --------------------------------------------------------------------------------

    def _attend(self) -> bool:
        """Carry out the commands that wait; waits while paused. False where the run is to stop."""
        self._obey()
        if self.commands.is_stopped():
            return False
        if self.commands.may_step():
            self._resume()
            return True
        self._pause()
        while not self.commands.may_step():
            if self.commands.is_stopped():
                return False
            self.commands.wait()
            self._obey()
            if perf_counter() >= self.watcher.due:
                self._look_long()
        self._resume()
        return True

    def _obey(self) -> None:
        for command in self.commands.take():
            carry_out(self, command)

    def set_learning_rate(self, objective: str, value: float) -> None:
        """From the next step on; noted on the curve of the rates."""
        self.flush()
        self._by_hand = True
        self.stepper.set_learning_rate(objective, value)
        self.stepper.set_rates(self.step, self.epoch)
        self.best_weights.keep(self.step)
        if any(each.path == objective for each in self.plan.objectives):
            self.emit(LearningRateSet(self.step, objective, value))

    def watch_lenses(self, requests: frozenset[LensRequest]) -> None:
        self.watcher.watch(requests)

    def pin(self, index: int) -> None:
        """Show this sample of the validation data in the lenses."""
        self.watcher.pin(self.sources.sample(index), self.sources.units())

    def draw(self, sampler: str, changes: Mapping[str, Any]) -> None:
        """Let a sampler draw now, with these values of its parameters."""
        self._keep_begun()
        self._look(self.watcher.draw_now(self.step, sampler, changes, self.commands.is_stopped))

    def _pause(self) -> None:
        self.flush()
        self.throughput.rest()
        self._keep_begun()
        if self.watcher.due != float("inf"):
            self._look_long()
        if not self._paused:
            self.emit(Paused(self.step))
        self._paused = True

    def _resume(self) -> None:
        if self._paused:
            self._paused = False
            self.emit(Resumed(self.step))
            self.throughput.go()

    def _look(self, seen: list[Event]) -> None:
        for event in seen:
            self.emit(event)

    def _look_long(self) -> None:
        """The run rests: samplers may go on until a command comes."""
        self._look(self.watcher.look_long(self.step, lambda: not self.commands.is_idle()))

    def _validate(self) -> bool:
        """Measure at the end of the epoch, which is done then; False where the run was stopped meanwhile."""
        self.throughput.rest()
        start = perf_counter()
        drawn = random_state(self.plan.device)
        measured = self._measured()
        if measured is None and self.sources.validates and self.commands.is_stopped():
            set_random_state(drawn, self.plan.device)
            return False
        self.epoch += 1
        if measured is not None:
            self._take_in(measured)
        self._warn_of_skipped()
        self._keep_samples()
        self.throughput.aside(perf_counter() - start)
        every = self.plan.project.settings.checkpoint_epochs
        if every and self.epoch % every == 0:
            self.on_kept()
        self.on_rest()
        self.throughput.go()
        return True

    def _measured(self) -> Measured | None:
        return validate(self.plan, self.sources, self.commands.is_stopped)

    def _take_in(self, measured: Measured) -> None:
        """Tell what was measured, and act on it: schedules, the best weights, an early end."""
        self.measured = measured
        self.emit(Validated(self.step, self.epoch, measured.losses, measured.metrics))
        for sentence in self.nonfinite.noted(measured.nonfinite, measured.bad(), self.best_weights.best_by):
            self.emit(Warned(self.step, sentence))
        drops = [schedule.drops for schedule in self.stepper.schedules]
        for objective, schedule in zip(self.plan.objectives, self.stepper.schedules, strict=True):
            schedule.validated(measured.losses[objective.path])
        if drops != [schedule.drops for schedule in self.stepper.schedules]:
            self.best_weights.keep(self.step)
        self.best_weights.validated(self.epoch, measured)
        self.stopped_early = self.best_weights.ended(self.epoch)

    def _keep_begun(self) -> None:
        """Samples of the beginning, before anything else is drawn with other weights."""
        if self.keeping.waits:
            self._keep_samples()

    def _keep_samples(self) -> None:
        """Those that are due after this epoch, shown too where they are watched."""
        stopped = self.commands.is_stopped
        are_past = self.keeping.waits  # of weights that are gone: they cannot be drawn later
        for kept in self.keeping.keep(self.step, self.epoch, stopped):
            self._look([kept] if isinstance(kept, Warned) else self.watcher.kept(*kept))
        self.samples_due = stopped() and not are_past

    def _warn_of_skipped(self) -> None:
        """Name what the data sets could not read since the last time."""
        skipped = self.sources.skipped()
        for reason in skipped[self._skipped :]:
            self.emit(Warned(self.step, reason))
        self._skipped = len(skipped)
