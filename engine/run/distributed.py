"""One run trained by several processes: each takes its part of every batch, and all make the same step.

The batch of the run is shared out in one common order, what sources draw is drawn for the whole batch, and
gradients are averaged before they are clipped and used: losses and weights are those of one process that
takes whole batches, as far as a loss is a mean over samples. Random layers (dropout, augmentation) draw
differently in each process, and batch norm measures its own part. The first process alone validates, looks,
writes and speaks; where to flush, what to keep and when to stop is agreed on, so that nobody waits for one
that has left.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import partial
from time import perf_counter
from typing import Any, NoReturn

import msgspec
import torch
from torch import Tensor

from engine.compile import CompileError, Plan
from engine.compile.program import Phase
from engine.data.batches import BatchOrder
from engine.document.project import Project
from engine.feed.sources import Sources, Values
from engine.messages.command_queue import CommandQueue
from engine.messages.commands import RunCommand
from engine.run.process_group import ProcessGroup
from engine.run.run import Run
from engine.train.batch_norm import require_values
from engine.train.best_weights import BestWeights
from engine.train.loop import Loop
from engine.train.loss_report import FLUSH_SECONDS, Divergence
from engine.train.losses import Rows, fetch
from engine.train.snapshot import tensors_of
from engine.train.stepper import Stepper
from engine.train.validation import Measured
from nodes.reading.error import DataError
from nodes.torch_internals import BatchNormBase

MOST_STEPS = 1024
"""The most steps between two all-reduces of the control state."""


class SharedOrder(BatchOrder):
    """This process's rows of another order's batches.

    `least` is how many rows each needs of a last, smaller batch, for it to be used.
    """

    def __init__(self, whole: BatchOrder, group: ProcessGroup, *, least: int, whole_only: bool) -> None:
        self._whole, self._group = whole, group
        whole.batch_size = whole.batch_size // group.count * group.count
        if not whole.batch_size:
            group.ends_alike = True
            raise DataError(
                f"Expected at least as many samples as processes ({group.count}). Received {whole.rows}."
            )
        rest = whole.rows % whole.batch_size
        keeps_rest = rest >= least and not whole_only
        whole.steps = whole.rows // whole.batch_size + keeps_rest
        whole.used = whole.rows if keeps_rest else whole.rows - rest
        self.rows, self.steps, self.used = whole.rows, whole.steps, whole.used
        self.batch_size = whole.batch_size // group.count
        self.generator, self.epoch_state = whole.generator, whole.epoch_state

    def permutation(self) -> Tensor:
        """Our rows of the next epoch, in the order of their use."""
        parts = torch.split(self._whole.permutation(), self._whole.batch_size)
        self.epoch_state = self._whole.epoch_state
        return torch.cat([part[self._group.share(len(part)).rows] for part in parts])

    def size(self, batch: int) -> int:
        """Rows of the whole batch of this number, from 0."""
        return min(self._whole.batch_size, self.used - batch * self._whole.batch_size)


class SharedSources(Sources):
    """This process's part of everything that enters the drawing. `factor`: what the last part counts for."""

    def __init__(self, group: ProcessGroup, plan: Plan) -> None:
        size = plan.project.settings.batch_size
        if size % group.count:
            group.ends_alike = True
            raise DataError(
                f"batch_size: Expected a multiple of {group.count}, the number of processes. "
                f"Received {size}; go on with as many processes as the run began with."
            )
        super().__init__(plan)
        self._group, self.factor = group, 1.0
        has_norm = any(isinstance(module, BatchNormBase) for module in plan.model.modules())
        least = 2 * group.count if has_norm else 2
        several = len(self._data) > 1
        orders = [
            SharedOrder(data.train.order, group, least=least, whole_only=several) for data in self._data
        ]
        for data, order in zip(self._data, orders, strict=True):
            data.train.order = order
        self._lead = max(range(len(orders)), key=lambda i: orders[i].steps, default=None)
        self._orders = orders
        if self._lead is not None:
            self.steps_per_epoch = orders[self._lead].steps
            self.samples_per_epoch = orders[self._lead].used
        try:
            require_values(plan, self.smallest_batch)
        except CompileError:
            group.ends_alike = True
            raise

    @property
    def smallest_batch(self) -> int:
        """Samples of our part of a training batch."""
        return super().smallest_batch if self._data else self.batch_size // self._group.count

    def next(self) -> Values:
        """The values of our part of the next training step. Raises `BatchError`."""
        values: Values = {}
        for data in self._data:
            values.update(data.values(self._batch(data)))
        size = self.batch_size
        if self._lead is not None:
            _, used = self._data[self._lead].train.state()
            size = self._orders[self._lead].size(used - 1)
        share = self._group.share(size)
        self.factor = share.factor
        values.update({end: drawn[share.rows] for end, drawn in self._draw(size, self._generators).items()})
        return values


class SharedStepper(Stepper):
    """Weighs our losses by our part of the batch; optimisers average gradients over all processes."""

    def __init__(self, group: ProcessGroup, sources: SharedSources, plan: Plan, total_steps: int) -> None:
        super().__init__(plan, total_steps)
        self._sources = sources
        for updating in self.optimisers:
            updating.average = group.average

    def _forward(self, phase: Phase, values: Values) -> tuple[Tensor, list[Tensor]]:
        loss, kept = super()._forward(phase, values)
        factor = self._sources.factor
        if factor == 1.0:
            return loss, kept
        terms = [term * factor for term in kept[: phase.terms]]
        return loss * factor, [*terms, *kept[phase.terms :]]


class SharedCommands(CommandQueue):
    """Commands of a run of several processes, carried out by all of them before the same step.

    `meet` says after how many steps they come together again. Only stopping can be asked for, of any of them.
    """

    def __init__(self, group: ProcessGroup) -> None:
        self._group = group
        self._left, self._interval = 1, 1
        self._met = perf_counter()
        self._agreed = False
        super().__init__()

    @property
    def attention(self) -> bool:
        """Whether the processes meet before the coming step; asked once a step."""
        self._left -= 1
        return self._left <= 0

    @attention.setter
    def attention(self, value: bool) -> None:
        """What one process was told counts when they meet."""

    def is_wanted(self) -> bool:
        """Whether this process was told to stop."""
        return super().is_stopped()

    def is_stopped(self) -> bool:
        return self._agreed

    def may_step(self) -> bool:
        return not self._agreed

    def take(self) -> list[RunCommand]:
        """Agree over all processes on stopping and on the step of the next exchange."""
        now = perf_counter()
        calls = self._interval * FLUSH_SECONDS / max(now - self._met, 1e-6)
        wanted = min(max(round(calls), 1), 2 * self._interval, MOST_STEPS) if self._group.leads else 0
        stop, self._interval = self._group.most([int(self.is_wanted()), wanted])
        self._left = self._interval + 1  # the step that follows is the first of them
        self._met, self._agreed = now, bool(stop)
        return []


class SharedBestWeights(BestWeights):
    """Keeps the state of the same steps in every process."""

    def __init__(self, group: ProcessGroup, plan: Plan, state: Callable[[], dict[str, Tensor]]) -> None:
        super().__init__(plan, state)
        self._group = group
        self.fits = not any(group.most([int(not self.fits)]))

    def consider(self, step: int) -> None:
        (due,) = self._group.most([int(self._group.leads and perf_counter() >= self._due)])
        if due:
            self.keep(step)


class SharedLoop(Loop):
    """The loop of one of several processes."""

    def __init__(
        self, group: ProcessGroup, plan: Plan, sources: SharedSources, limits: Any, commands: Any, *rest: Any
    ) -> None:
        self._group, self._own = group, sources
        super().__init__(plan, sources, limits, commands, *rest)
        self.losses.fetch = self._fetched
        self.losses.due = self.losses.interval = math.inf  # only where all are at the same step
        self.views.keeps_samples = group.leads

    def _new_stepper(self) -> Stepper:
        return SharedStepper(self._group, self._own, self.plan, self.bounds.total_steps)

    def _new_best_weights(self) -> BestWeights:
        return SharedBestWeights(self._group, self.plan, lambda: tensors_of(self))

    def _begin(self) -> None:
        super()._begin()
        if not self._group.leads:  # random layers differ; the same again where a run goes on from this step
            torch.manual_seed((self.plan.seed * 1_000_003 + self._group.rank) * 1_000_003 + self.step)

    def _obey(self) -> None:
        super()._obey()
        self.flush()

    def _fetched(self, losses: list[list[Tensor | None]]) -> Rows:
        """The losses that wait, as means over all processes."""
        present = [loss for row in losses for loss in row if loss is not None]
        if present:
            means = torch.stack(present).double()
            self._group.average([means])
            values = iter(means)
            losses = [[None if loss is None else next(values) for loss in row] for row in losses]
        return fetch(losses)

    def _measured(self) -> Measured | None:
        """What the first process measures on the validation data."""
        told = b""
        if self._group.leads and (found := super()._measured()) is not None:
            told = msgspec.msgpack.encode((found.losses, found.metrics, found.nonfinite))
        told = self._group.told(told)
        if not told:
            return None
        kind = tuple[dict[str, float], dict[str, float], tuple[str, ...]]
        return Measured(*msgspec.msgpack.decode(told, type=kind))

    def _diverged(self, divergence: Divergence) -> NoReturn:
        self._group.ends_alike = True
        super()._diverged(divergence)


class RankRun(Run):
    """The run of one of several processes; takes what `Run` takes. Its project's batch is that of all."""

    def __init__(self, group: ProcessGroup, project: Project, **rest: Any) -> None:
        super().__init__(project, **rest)
        self._commands = SharedCommands(group)
        self.writes = group.leads
        self.sources_kind = partial(SharedSources, group)
        self.loop_kind = partial(SharedLoop, group)


def for_all(project: Project, count: int) -> Project:
    """The project with a batch for so many processes, each of which takes its batch size of samples."""
    settings = project.settings
    larger = msgspec.structs.replace(settings, batch_size=settings.batch_size * count)
    return msgspec.structs.replace(project, settings=larger)
