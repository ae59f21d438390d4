"""One training step: runs the program of the objectives that act, and updates their weights.

The hot path of the product: nothing here waits for the device. Losses stay tensors until somebody fetches
them.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractContextManager, nullcontext

import torch
from torch import Tensor

from engine.compile import Plan
from engine.compile.program import Program
from engine.run.optimiser import Optimiser, optimiser
from engine.run.schedule import Schedule
from engine.run.sources import Values

PRECISIONS = ("float32", "bfloat16")


class PrecisionError(ValueError):
    """The project asks for a precision that a run cannot offer."""


class Stepper:
    """Optimisers and schedules of a plan, and the step itself.

    `losses` of the last step: None where none acted.
    """

    def __init__(self, plan: Plan, total_steps: int) -> None:
        self._plan = plan
        self._every = [objective.layer.every for objective in plan.objectives]
        self.optimisers: list[Optimiser] = [optimiser(o.layer, o.parameters) for o in plan.objectives]
        self.schedules = [Schedule(o.layer, total_steps) for o in plan.objectives]
        self.schedules_by_step = any(schedule.changes_every_step for schedule in self.schedules)
        self._always = tuple(range(len(plan.objectives))) if max(self._every, default=1) == 1 else None
        self._precision = _precision(plan)
        self.values: Values = {}
        self.set_rates(0, 0)

    def step(self, values: Values, step: int, epoch: int) -> list[Tensor | None]:
        """Train on these source values. `step` counts from 0."""
        if self.schedules_by_step:
            self.set_rates(step, epoch)
        losses: list[Tensor | None] = [None] * len(self.optimisers)
        self.values = values
        for phase in self._program(step).phases:
            part = phase.part
            with self._precision:
                loss, *kept = part.forward(*[values[end] for end in part.inputs])
            if phase.terms:
                del kept[: phase.terms]
            if kept:
                values.update(zip(phase.kept, kept, strict=True))
            if phase.inputs is None:
                loss.backward()
            else:
                loss.backward(inputs=phase.inputs)
            self.optimisers[phase.objective].step()
            losses[phase.objective] = loss.detach()
        return losses

    def _program(self, step: int) -> Program:
        if self._always is not None:
            return self._plan.program(self._always)
        acting = tuple(i for i, every in enumerate(self._every) if step % every == 0)
        return self._plan.program(acting)

    def set_rates(self, step: int, epoch: int) -> None:
        """Take the rates of this moment from the schedules."""
        for schedule, updating in zip(self.schedules, self.optimisers, strict=True):
            updating.learning_rate = schedule.rate(step, epoch)

    def set_learning_rate(self, path: str, value: float) -> None:
        """A rate set by hand: the base from which the schedule of this objective goes on."""
        for objective, schedule in zip(self._plan.objectives, self.schedules, strict=True):
            if objective.path == path:
                schedule.base = value

    def state(self) -> dict[str, Tensor]:
        """All that later steps hang on besides weights and random states, under names that no weight has.

        A run that takes it up by `resume` goes on to the same bits.
        """
        found: dict[str, Tensor] = {}
        for objective, updating, schedule in zip(
            self._plan.objectives, self.optimisers, self.schedules, strict=True
        ):
            for name, tensor in updating.state().items():
                found[f"@optimiser/{objective.path}/{name}"] = tensor
            for name, value in schedule.state().items():
                found[f"@schedule/{objective.path}/{name}"] = torch.tensor(value, dtype=torch.float64)
        return found

    def resume(self, state: Mapping[str, Tensor]) -> None:
        """Take up what `state` gave; what is missing there starts anew."""
        for objective, updating, schedule in zip(
            self._plan.objectives, self.optimisers, self.schedules, strict=True
        ):
            start = f"@optimiser/{objective.path}/"
            updating.load_state({k[len(start) :]: v for k, v in state.items() if k.startswith(start)})
            start = f"@schedule/{objective.path}/"
            kept = {k[len(start) :]: float(v) for k, v in state.items() if k.startswith(start)}
            schedule.load_state(schedule.state() | kept)

    def learning_rates(self) -> dict[str, float]:
        pairs = zip(self._plan.objectives, self.optimisers, strict=True)
        return {objective.path: updating.learning_rate for objective, updating in pairs}


def _precision(plan: Plan) -> AbstractContextManager[object]:
    asked = plan.project.settings.precision
    if asked not in PRECISIONS:
        raise PrecisionError(f"precision: Expected {' or '.join(PRECISIONS)}. Received {asked!r}.")
    if asked == "float32":
        return nullcontext()
    return torch.autocast(plan.device.type, torch.bfloat16)
