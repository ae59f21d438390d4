"""Training steps that are captured and replayed, where a step of the same kind comes again and again.

Steps are of one kind where the same objectives act, as many batches wait for an update, and the inputs have
the same shapes. The first steps of a kind run as they are; the next is captured and replayed from then on.
What changes between two replays is written to the device before: the values of the sources and the numbers of
the updates. A last, smaller batch, the last step of a run and an update that searches (LBFGS) are never
captured. Losses and weights are those of the steps that are not.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor

from engine.compile import Plan
from engine.feed.sources import Inputs, Sources, Values
from engine.train.cuda_graphs.backend import CudaGraphs, GraphBackend, Replay
from engine.train.cuda_graphs.guard import CaptureRefusedError
from engine.train.cuda_graphs.loss_ring import LossRing
from engine.train.cuda_graphs.module_state import ModuleState
from engine.train.optimiser import LBFGS, Optimiser
from engine.train.stepper import Stepper
from nodes.torch_internals import foreach_copy_

WARM_UPS = 3
"""Steps of a kind that run before it is captured: libraries choose their kernels and take their memory then.
"""
MOST_KINDS = 32
"""Kinds that are captured; each keeps the values of its step."""

Losses = list[Tensor | None]
Take = Callable[[], Any]
Step = Callable[[Any, int, int], Losses]


def backend_of(device: torch.device) -> GraphBackend | None:
    """What captures steps on this device; None where nothing does."""
    return CudaGraphs(device) if device.type == "cuda" else None


def steps_of(
    plan: Plan, sources: Sources, stepper: Stepper, rows: int, tell: Callable[[str], None]
) -> tuple[Take, Step]:
    """What takes the inputs of a step, and what carries it out: by graphs where the device has any and the
    settings allow it.

    `rows` and `tell` are those of `CapturedSteps`. Processes that train together exchange gradients within a
    step, which is not captured.
    """
    alone = all(updating.average is None for updating in stepper.optimisers)
    backend = backend_of(plan.device) if plan.project.settings.cuda_graphs == "auto" and alone else None
    if backend is None:
        return sources.next, stepper.step
    return sources.inputs, CapturedSteps(plan, sources, stepper, backend, rows, tell).step


@dataclass
class StepKind:
    """The steps in which these objectives act on values of these shapes.

    `reached` is what their updates reach, by optimiser and rule. `replay` repeats the step on `inputs` and
    fills `values` and `losses`; `counts` are how many numbers its updates take, `progress` is where the
    optimisers stand after it.
    """

    acting: tuple[int, ...]
    signature: Hashable
    runs: int = 0
    is_refused: bool = False
    reached: list[list[Sequence[int]]] = field(default_factory=list)
    replay: Replay | None = None
    inputs: Inputs = field(default_factory=lambda: Inputs({}, {}))
    counts: tuple[tuple[int, ...], ...] = ()
    values: Values = field(default_factory=dict)
    losses: Losses = field(default_factory=list)
    progress: list[tuple[int, list[Tensor | None]]] = field(default_factory=list)


class CapturedSteps:
    """Carries out the steps of a stepper by graphs. `tell` is told once, in a sentence, if some cannot be.

    `rows`: losses of so many steps wait at most before they are fetched.
    """

    def __init__(
        self,
        plan: Plan,
        sources: Sources,
        stepper: Stepper,
        backend: GraphBackend,
        rows: int,
        tell: Callable[[str], None],
    ) -> None:
        self._plan, self._sources = plan, sources
        self._stepper, self._backend, self._tell = stepper, backend, tell
        self._kinds: dict[Hashable, StepKind] = {}
        self._inputs: dict[Hashable, Inputs] = {}
        self._signature: Hashable = None
        self._has_told = False
        self._ring = LossRing(rows, len(stepper.optimisers) + len(stepper.term_names), plan.device)
        for updating in stepper.optimisers:
            updating.keep_on_device(plan.device)

    def step(self, inputs: Inputs, step: int, epoch: int) -> Losses:
        """What `Stepper.step` does with the values of these inputs."""
        kind = self._kind(inputs, step)
        if kind is None or kind.is_refused:
            return self._stepper.step(self._sources.values_of(inputs), step, epoch)
        if kind.replay is None and kind.runs < WARM_UPS:
            return self._warm_up(kind, inputs, step, epoch)
        if self._stepper.schedules_by_step:
            self._stepper.set_rates(step, epoch)
        self._stepper.clock.tell(step, epoch)
        optimisers = self._acting(kind)
        try:
            pairs = zip(optimisers, kind.reached, strict=True)
            counts = tuple(updating.prepare(reached) for updating, reached in pairs)
            self._fill(kind, inputs)
            if kind.replay is None or counts != kind.counts:
                self._capture(kind, counts)
            if kind.replay is None:
                return self._carried_out(kind, inputs)
            return self._replayed(kind, kind.replay)
        finally:
            for updating in optimisers:
                updating.prepared()

    def _carried_out(self, kind: StepKind, inputs: Inputs) -> Losses:
        """The device's part of a step, from its inputs on."""
        return self._stepper.carry_out(self._stepper.program(kind.acting), self._sources.values_of(inputs))

    def _kind(self, inputs: Inputs, step: int) -> StepKind | None:
        """The kind of this step; None where it is not to be captured.

        Shapes that do not come twice in succession are those of a last, smaller batch.
        """
        given = (*inputs.rows.items(), *inputs.values.items())
        signature = tuple((key, each.shape, each.stride(), each.dtype) for key, each in given)
        is_repeated, self._signature = signature == self._signature, signature
        if self._stepper.is_last(step):
            return None
        acting = self._stepper.acting(step)
        key = acting, tuple([self._stepper.optimisers[i].place for i in acting]), signature
        kind = self._kinds.get(key)
        is_new = kind is None and is_repeated and not self._searches(acting)
        if is_new and len(self._kinds) < MOST_KINDS:
            kind = self._kinds[key] = StepKind(acting, signature)
        return kind

    def _searches(self, acting: tuple[int, ...]) -> bool:
        return any(isinstance(self._stepper.optimisers[i], LBFGS) for i in acting)

    def _acting(self, kind: StepKind) -> list[Optimiser]:
        return [self._stepper.optimisers[i] for i in kind.acting]

    def _warm_up(self, kind: StepKind, inputs: Inputs, step: int, epoch: int) -> Losses:
        stepper, sources = self._stepper, self._sources
        losses = self._backend.eager(lambda: stepper.step(sources.values_of(inputs), step, epoch))
        kind.reached = [updating.reached() for updating in self._acting(kind)]
        kind.runs += 1
        return losses

    def _fill(self, kind: StepKind, inputs: Inputs) -> None:
        """Put the inputs of the step where the graphs of this kind read them."""
        if kind.signature not in self._inputs:
            rows = {path: torch.empty_like(each) for path, each in inputs.rows.items()}
            values = {end: torch.empty_like(each) for end, each in inputs.values.items()}
            self._inputs[kind.signature] = Inputs(rows, values)
        kind.inputs = self._inputs[kind.signature]
        if inputs.rows:
            foreach_copy_(list(kind.inputs.rows.values()), list(inputs.rows.values()))
        if inputs.values:
            foreach_copy_(list(kind.inputs.values.values()), list(inputs.values.values()))

    def _capture(self, kind: StepKind, counts: tuple[tuple[int, ...], ...]) -> None:
        """Capture this kind of step; where it cannot be, it is refused and nothing has happened."""
        kind.replay = None

        def call() -> tuple[Values, Losses]:
            losses = self._carried_out(kind, kind.inputs)
            self._ring.write(losses)
            return {end: each.detach() for end, each in self._stepper.values.items()}, losses

        before = [updating.progress() for updating in self._acting(kind)]
        modules = ModuleState(self._plan.modules)
        try:
            (kind.values, kind.losses), replay = self._backend.capture(call)
            if path := modules.changed():
                raise CaptureRefusedError(f"{path} keeps something in Python from step to step")
            kind.replay = replay
        except CaptureRefusedError as error:
            modules.restore()
            for updating, progress in zip(self._acting(kind), before, strict=True):
                updating.set_progress(progress)
                updating.drop_gradients()
            kind.is_refused = True
            self._tell_refusal(error)
            return
        kind.counts = counts
        kind.progress = [updating.progress() for updating in self._acting(kind)]

    def _replayed(self, kind: StepKind, replay: Replay) -> Losses:
        replay()
        for updating, progress in zip(self._acting(kind), kind.progress, strict=True):
            updating.set_progress(progress)
        self._stepper.values = dict(kind.values)
        return self._ring.written(kind.losses)

    def _tell_refusal(self, error: CaptureRefusedError) -> None:
        if not self._has_told:
            self._has_told = True
            self._tell(f"Some steps run without CUDA graphs, which is slower: {error}.")
