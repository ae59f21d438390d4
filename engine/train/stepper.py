"""One training step: runs the program of the objectives that act, and updates their weights.

The hot path of the product: nothing here waits for the device. Losses stay tensors until somebody fetches
them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import AbstractContextManager, nullcontext
from itertools import accumulate

import torch
from torch import Tensor

from engine.compile import CompileError, Plan
from engine.compile.program import Phase, Program
from engine.compile.step_cycle import acting, cycle_of
from engine.document.settings import check_setting
from engine.feed.sources import Values
from engine.train.clock import Clock
from engine.train.optimiser import LBFGS, Optimiser, optimiser
from engine.train.schedule import Schedule
from nodes.param import ParamError
from nodes.user_error import UserError


class PrecisionError(UserError, ValueError):
    """The project asks for a precision that a run cannot offer."""


class Stepper:
    """Optimisers and schedules of a plan, and the step itself.

    `values` are those of the last step. `term_names` ("objective path/loss node path") are the single losses
    of objectives that add up several.
    """

    def __init__(self, plan: Plan, total_steps: int) -> None:
        self._plan = plan
        self._layers = [objective.layer for objective in plan.objectives]
        self.optimisers: list[Optimiser] = [
            optimiser(o.layer, o.parameters, o.factors) for o in plan.objectives
        ]
        self.schedules = [Schedule(layer, total_steps) for layer in self._layers]
        self.schedules_by_step = any(schedule.changes_every_step for schedule in self.schedules)
        self._always = tuple(range(len(self._layers))) if cycle_of(self._layers) == 1 else None
        self._only: Program | None = None
        self._last = total_steps - 1
        self._precision = _precision(plan)
        self.clock = Clock(plan)
        self.values: Values = {}
        several = [o for o in plan.objectives if len(o.losses) > 1]
        self.term_names = [f"{o.path}/{end.path}" for o in several for end in o.losses]
        starts = accumulate((len(o.losses) for o in several), initial=len(self.optimisers))
        self._first_term = {o.path: start for o, start in zip(several, starts, strict=False)}
        self.set_rates(0, 0)

    def step(self, values: Values, step: int, epoch: int) -> list[Tensor | None]:
        """Train on these source values. `step` counts from 0.

        Returns the loss of each objective, then the terms; None where an objective did not act.
        """
        if self.schedules_by_step:
            self.set_rates(step, epoch)
        self.clock.tell(step, epoch)
        losses = self.carry_out(self._only or self._program(step), values)
        if step == self._last:
            for updating in self.optimisers:
                updating.finish()
        return losses

    def carry_out(self, program: Program, values: Values) -> list[Tensor | None]:
        """The device's part of a step, for the objectives of this program; returns what `step` does."""
        losses: list[Tensor | None] = [None] * (len(self.optimisers) + len(self.term_names))
        self.values = values
        for phase in program.phases:
            updating = self.optimisers[phase.objective]
            if isinstance(updating, LBFGS):
                loss, kept = self._search(updating, phase, values)
            else:
                loss, kept = self._forward(phase, values)
                if phase.inputs is None:
                    loss.backward()  # type: ignore[no-untyped-call]
                else:
                    loss.backward(inputs=phase.inputs)  # type: ignore[no-untyped-call]
                updating.step()
            losses[phase.objective] = loss.detach()
            if phase.terms:
                start = self._first_term[self._plan.objectives[phase.objective].path]
                losses[start : start + phase.terms] = [term.detach() for term in kept[: phase.terms]]
                del kept[: phase.terms]
            if kept:
                values.update(zip(phase.kept, kept, strict=True))
        return losses

    def _forward(self, phase: Phase, values: Values) -> tuple[Tensor, list[Tensor]]:
        graph = phase.graph
        with self._precision:
            loss, *kept = graph.forward(*[values[end] for end in graph.inputs])
        if not loss.requires_grad:
            path = self._plan.objectives[phase.objective].path
            raise CompileError(
                f"{path}: Expected a loss that changes with the weights it updates. "
                "Received one that no gradient flows through: a layer on the way passes none."
            )
        return loss, kept

    def _search(self, updating: LBFGS, phase: Phase, values: Values) -> tuple[Tensor, list[Tensor]]:
        """An update that evaluates its loss several times; what the first time gave counts."""
        first: list[tuple[Tensor, list[Tensor]]] = []

        def evaluate() -> Tensor:
            loss, kept = self._forward(phase, values)
            if not first:
                first.append((loss, kept))
            loss.backward(inputs=phase.inputs)  # type: ignore[no-untyped-call]
            return loss

        updating.search(evaluate)
        return first[0]

    def _program(self, step: int) -> Program:
        if self._always is None:
            return self.program(self.acting(step))
        self._only = self.program(self._always)
        return self._only

    def acting(self, step: int) -> tuple[int, ...]:
        """The indices of the objectives that act at this step."""
        return acting(self._layers, step) if self._always is None else self._always

    def program(self, objectives: tuple[int, ...]) -> Program:
        """What is computed where these objectives act."""
        return self._plan.program(objectives)

    def is_last(self, step: int) -> bool:
        """Whether gradients that still wait are used at this step, whichever objectives act."""
        return step == self._last

    def averages(self) -> dict[str, Tensor]:
        """Running means of weights by name, of the objectives that keep any."""
        return {name: mean for updating in self.optimisers for name, mean in updating.averages().items()}

    def set_rates(self, step: int, epoch: int) -> None:
        """Take the rates of this moment from the schedules."""
        for schedule, updating in zip(self.schedules, self.optimisers, strict=True):
            updating.learning_rate = schedule.rate(step, epoch)

    def rates_after(self, steps: Iterable[int], epoch: int) -> list[tuple[int, str, float]]:
        """(step, objective path, learning rate) of the step after each of these, of every objective."""
        pairs = list(zip(self._plan.objectives, self.schedules, strict=True))
        return [(at + 1, o.path, schedule.rate(at, epoch)) for at in steps for o, schedule in pairs]

    def set_learning_rate(self, path: str, value: float) -> None:
        """A rate set by hand: the base from which the schedule of this objective goes on."""
        for objective, schedule in zip(self._plan.objectives, self.schedules, strict=True):
            if objective.path == path:
                schedule.base = value

    def state(self) -> dict[str, Tensor]:
        """State of the optimisers that later steps depend on, by names that differ from those of weights.

        A run that takes it up by `resume` goes on to the same bits.
        """
        found = {f"@average/{name}": mean for name, mean in self.averages().items()}
        for objective, updating, schedule in zip(
            self._plan.objectives, self.optimisers, self.schedules, strict=True
        ):
            for name, tensor in updating.state().items():
                found[f"@optimiser/{objective.path}/{name}"] = tensor
            for name, value in schedule.state().items():
                found[f"@schedule/{objective.path}/{name}"] = torch.tensor(value, dtype=torch.float64)
        return found

    def searches(self) -> list[str]:
        """A name of the state of each line search, which has none before its first step."""
        pairs = zip(self._plan.objectives, self.optimisers, strict=True)
        return [
            f"@optimiser/{objective.path}/search/n_iter"
            for objective, updating in pairs
            if isinstance(updating, LBFGS) and updating.learning_rate
        ]

    def resume(self, state: Mapping[str, Tensor]) -> None:
        """Take up what `state` gave; what is missing there starts anew."""
        averages = _under(state, "@average/")
        for objective, updating, schedule in zip(
            self._plan.objectives, self.optimisers, self.schedules, strict=True
        ):
            updating.load_state(_under(state, f"@optimiser/{objective.path}/"))
            updating.load_averages(averages)
            kept = _under(state, f"@schedule/{objective.path}/")
            schedule.load_state(schedule.state() | {name: float(value) for name, value in kept.items()})

    def learning_rates(self) -> dict[str, float]:
        pairs = zip(self._plan.objectives, self.optimisers, strict=True)
        return {objective.path: updating.learning_rate for objective, updating in pairs}


def _under(state: Mapping[str, Tensor], start: str) -> dict[str, Tensor]:
    return {name.removeprefix(start): tensor for name, tensor in state.items() if name.startswith(start)}


def _precision(plan: Plan) -> AbstractContextManager[object]:
    asked = plan.project.settings.precision
    try:
        check_setting("precision", asked)
    except ParamError as error:
        raise PrecisionError(str(error)) from error
    if asked != "bfloat16":
        return nullcontext()
    # a captured step casts each time: a cast that is kept from before would be of the weights of then
    return torch.autocast(plan.device.type, torch.bfloat16, cache_enabled=plan.device.type != "cuda")
