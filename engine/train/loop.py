"""The training loop: steps, reports, validations and lenses, until it completes, is stopped or fails.

Runs in its caller's thread, reports through `emit` and fetches losses from the device 25 times a second.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from time import perf_counter
from typing import Any, NoReturn

import torch
from torch import Tensor

from engine.compile import CompileError, Plan
from engine.feed.sources import Sources
from engine.messages.command_queue import CommandQueue
from engine.messages.events import Event, LearningRateSet, Paused, Resumed, Started, Warned
from engine.messages.lens_request import LensRequest
from engine.messages.pinned import HeldSample, Pinned
from engine.sample.history import SampleHistory
from engine.system.device import title
from engine.system.random_state import random_state, set_random_state
from engine.train.best_weights import BestWeights
from engine.train.bounds import Bounds
from engine.train.command_handling import carry_out
from engine.train.cuda_graphs.captured_steps import steps_of
from engine.train.divergence.diverged import diverged
from engine.train.divergence.origin import origin, outside
from engine.train.divergence.watch import Advice, DivergenceWatch, watch_of
from engine.train.epoch_results import EpochResults
from engine.train.live_views import LiveViews
from engine.train.loss_report import Divergence, LossReport
from engine.train.snapshot import tensors_of
from engine.train.stepper import Stepper
from engine.train.validation import Measured, curves_of, validate

CHECK_STEPS = 50
"""Steps whose losses wait on the device at most: a loss that is not finite is found before as many more."""


def _nothing() -> None:
    pass


@dataclass
class LoopHooks:
    """Called before the first step of a new run, between two steps where all losses have been told, and where
    the settings ask for a checkpoint of its own.
    """

    on_begun: Callable[[], None] = _nothing
    on_rest: Callable[[], None] = _nothing
    on_kept: Callable[[], None] = _nothing


class Loop:
    """One run over one plan. `step` and `epoch` count what is done; `restored` is the step whose weights were
    put back, if any; `is_torn` says that the run ended inside a step, so that its state is of no step.
    """

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
        self.step, self.epoch = 0, 0
        self.is_torn = False
        self.restored: int | None = None
        self.stepper = self._new_stepper()
        self._take, self._step = steps_of(plan, sources, self.stepper, 2 * CHECK_STEPS, self.warn)
        self.best_weights = self._new_best_weights()
        self.losses = LossReport(plan, self.stepper, sources, limits)
        self.results = EpochResults(plan, self.stepper, self.best_weights, emit)
        history = SampleHistory() if samples is None else samples
        self.views = LiveViews(plan, sources, self.stepper.averages, history, commands, emit)
        self.watch: DivergenceWatch | None = watch_of(plan, sources)
        self.hooks = LoopHooks()
        self.random_states: dict[str, Tensor] = {}
        """Random states to begin with, of a run that goes on."""
        self.notices: list[str] = []
        """What is to be told at the start."""
        self._paused = False

    def _new_stepper(self) -> Stepper:
        return Stepper(self.plan, self.bounds.total_steps)

    def _new_best_weights(self) -> BestWeights:
        return BestWeights(self.plan, lambda: tensors_of(self))

    def run(self) -> None:
        """Until the end, or until stopped."""
        try:
            with torch.enable_grad():  # and back to the caller's mode, however a step ends
                self._begin()
                while not self.is_complete and not self.results.stopped_early and self._epoch():
                    pass
                self.flush()
                self.views.look_at_end(self.step)
        finally:
            self._take, self._step = self.sources.next, self.stepper.step  # frees what was captured

    def close(self) -> None:
        """Let go of everything but what was reached. Parts of a loop refer to each other in circles, which
        would keep its tensors in memory until somebody collects them.
        """
        for name in vars(self).keys() - {"step", "epoch", "is_torn", "restored"}:
            delattr(self, name)

    @property
    def is_complete(self) -> bool:
        return self.epoch >= self.bounds.epochs

    def _begin(self) -> None:
        plan, limits = self.plan, self.bounds
        course = limits.steps_per_epoch, limits.epochs, limits.total_steps
        curves = curves_of(plan)
        self.emit(Started(title(plan.device), plan.parameters(), *course, plan.seed, *curves))
        skipped = self.sources.newly_skipped()
        if self.step == 0:
            self._warn_at_start(skipped)
        for notice in self.notices:
            self.emit(Warned(self.step, notice))
        plan.train()
        self.views.pin(self.step, (HeldSample(),))
        self.views.begin(self.step, self.epoch)
        set_random_state(self.random_states, plan.device)
        self.best_weights.keep(self.step)
        if self.step == 0:
            self.hooks.on_begun()
        self.losses.throughput.go()

    def _warn_at_start(self, skipped: list[str]) -> None:
        left_out = [f"{p.path or p.node} is left out: {p.message}" for p in self.plan.problems]
        idle = self.best_weights.idle(validates=self.sources.validates)
        unvalidated = [] if idle else self.sources.unvalidated()
        for sentence in (*left_out, *idle, *unvalidated, *self.sources.left_over(), *skipped):
            self.emit(Warned(0, sentence))

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
                self.hooks.on_kept()
        self.flush()
        return self._validate()

    def _train(self, end: int) -> bool:
        """The steps up to this one; False where the run was stopped."""
        step, take, losses, waiting = self._step, self._take, self.losses, self.losses.waiting
        commands, watcher = self.commands, self.views.watcher
        while self.step < end:
            if commands.attention and not self._attend():
                return False
            try:
                waiting.append(step(take(), self.step, self.epoch))
            except BaseException:
                self.is_torn = True
                raise
            self.step += 1
            now = perf_counter()
            if now >= losses.due or (len(waiting) >= CHECK_STEPS and not losses.check()):
                self.flush()
            if now >= watcher.due and self.views.is_seen():
                self.views.look(self.step)
        return True

    def flush(self) -> None:
        """Fetch the losses that wait and tell them. Raises `DivergedError` where one is not finite."""
        progress, divergence = self.losses.collect(self.step, self.epoch)
        if progress is None:
            return
        self.emit(progress)
        if divergence is not None:
            self._diverged(divergence)
        first = self.step - len(progress.steps)
        self._advise([] if self.watch is None else self.watch.observe(first, progress.losses))
        self.best_weights.consider(self.step)
        self.views.keep_begun(self.step, self.epoch)  # the first loss is told before
        self.hooks.on_rest()

    def _diverged(self, divergence: Divergence) -> NoReturn:
        """Find where it began, put the last sound weights back, and end."""
        self.is_torn = True
        indices = outside(self.plan)
        culprit = indices or origin(self, divergence.step)
        restored = self.best_weights.restore()
        self.restored = self.best_weights.sound_step if restored else None
        advice = (
            "Correct the labels, or the number of classes or words that the layer knows." if indices else ""
        )
        raise diverged(divergence.path, divergence.step, culprit, restored, advice)

    def warn(self, sentence: str) -> None:
        """Tell this, at the present step."""
        self.emit(Warned(self.step, sentence))

    def _advise(self, advice: list[Advice]) -> None:
        for step, sentence in advice:
            self.emit(Warned(step, sentence))

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
            if perf_counter() >= self.views.watcher.due:
                self.views.look_while_paused(self.step)
            self.views.look_at_rest(self.step)
        self._resume()
        return True

    def _obey(self) -> None:
        for command in self.commands.take():
            carry_out(self, command)

    def set_learning_rate(self, objective: str, value: float) -> None:
        """From the next step on; noted on the curve of the rates."""
        self.flush()
        self.losses.rate_is_set = True
        self.stepper.set_learning_rate(objective, value)
        self.stepper.set_rates(self.step, self.epoch)
        self.best_weights.keep(self.step)
        if any(each.path == objective for each in self.plan.objectives):
            self.emit(LearningRateSet(self.step, objective, value))

    def watch_lenses(self, requests: frozenset[LensRequest]) -> None:
        self.views.watch(requests)

    def pin(self, samples: tuple[Pinned, ...]) -> None:
        """Show these samples in the lenses."""
        self.views.pin(self.step, samples)

    def draw(self, sampler: str, changes: Mapping[str, Any]) -> None:
        """Let a sampler draw now, with these values of its parameters."""
        self.views.draw(self.step, self.epoch, sampler, changes)

    def _pause(self) -> None:
        self.flush()
        self.losses.throughput.rest()
        self.views.keep_begun(self.step, self.epoch)
        self.views.look_while_paused(self.step)
        if not self._paused:
            self.emit(Paused(self.step))
        self._paused = True
        self.views.look_at_rest(self.step)

    def _resume(self) -> None:
        if self._paused:
            self._paused = False
            self.emit(Resumed(self.step))
            self.losses.throughput.go()

    def _validate(self) -> bool:
        """Measure at the end of the epoch, which is done then; False where the run was stopped meanwhile."""
        self.losses.throughput.rest()
        start = perf_counter()
        drawn = random_state(self.plan.device)
        measured = self._measured()
        if measured is None and self.sources.validates and self.commands.is_stopped():
            set_random_state(drawn, self.plan.device)
            return False
        self.epoch += 1
        if measured is not None:
            self.results.take_in(self.step, self.epoch, measured)
        for sentence in self.sources.newly_skipped():
            self.emit(Warned(self.step, sentence))
        self.views.keep(self.step, self.epoch)
        self.losses.throughput.aside(perf_counter() - start)
        every = self.plan.project.settings.checkpoint_epochs
        if every and self.epoch % every == 0:
            self.hooks.on_kept()
        self.hooks.on_rest()
        self.losses.throughput.go()
        return True

    def _measured(self) -> Measured | None:
        return validate(self.plan, self.sources, self.commands.is_stopped)
