"""Keeps the best weights by validation, and the last state in which all weights were finite.

Both are copies on the run's device. The figure that `best_by` names decides which weights are best. The
last finite state is copied at intervals that keep its cost below 0.5 % of the time; a run whose loss becomes
NaN is reset to it and searches from there for the layer that caused it.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from time import perf_counter

import torch
from torch import Tensor

from engine.compile import Plan
from engine.expand.best_by import BestByError, best_by_of
from engine.system.device import free_memory
from engine.train.validation import Measured
from engine.weights.checkpoint import fill, weights

SECONDS = 1.0
"""Shortest time between two copies."""
COST_FACTOR = 200
"""A copy that took c seconds is repeated after 200·c at the earliest."""

NO_VALIDATION = "the data hold no validation samples: {}. Hold back a share of them for validation."
NOT_CHOSEN = "there are several objectives and Best by is empty: {}. Choose one as Best by."


class BestWeights:
    """`best` holds the weights of `best_epoch`, the one with the best figure so far; `best_by` says of what.

    `state` gives all tensors of the run, whose weights go by their names.
    """

    def __init__(self, plan: Plan, state: Callable[[], dict[str, Tensor]]) -> None:
        self._plan, self._state = plan, state
        size = sum(tensor.numel() * tensor.element_size() for tensor in plan.model.state_dict().values())
        self.fits = size * 8 < free_memory(plan.device)
        """Whether copies have room on the device."""
        self.sound: dict[str, Tensor] = {}
        self.sound_step = 0
        self._due = 0.0
        self.best: dict[str, Tensor] = {}
        self.best_by = best_by_of(plan.project.settings.best_by, plan.nodes)
        self.best_value, self.best_epoch = math.nan if self.best_by is None else self.best_by.worst, 0
        self.unjudged = 0
        """Epochs since the best one whose figure was no finite number: they say nothing of the weights."""

    def keep(self, step: int) -> bool:
        """Copy the present state, where it is sound. False where it is not."""
        if not self.fits:
            return True
        start = perf_counter()
        copy = {name: tensor.detach().clone() for name, tensor in self._state().items()}
        if not is_sound(copy):
            return False
        self.sound, self.sound_step = copy, step
        end = perf_counter()
        self._due = end + max(SECONDS, COST_FACTOR * (end - start))
        return True

    def consider(self, step: int) -> None:
        """Copy the state if it is time to."""
        if perf_counter() >= self._due:
            self.keep(step)

    def sound_weights(self) -> dict[str, Tensor]:
        return {name: tensor for name, tensor in self.sound.items() if not name.startswith("@")}

    def restore(self) -> str:
        """Put the last sound weights back; says so in a sentence."""
        if not self.sound:
            return ""
        fill(self._plan.model, self.sound_weights())
        return f"The weights of step {self.sound_step:,} were put back."

    def validated(self, epoch: int, measured: Measured) -> None:
        """Take note of what was measured at the end of an epoch (from 1). Raises `BestByError`."""
        if self.best_by is None:
            return
        value = (measured.losses | measured.metrics).get(self.best_by.path)
        if value is None:
            raise BestByError("a metric that is one number", f"{self.best_by.path}, which is not")
        if not math.isfinite(value):
            self.unjudged += 1
        elif self.best_by.is_better(value, self.best_value):
            self.best_value, self.best_epoch, self.unjudged = value, epoch, 0
            if self.fits:
                self.best = weights(self._plan.model)

    def idle(self, *, validates: bool) -> list[str]:
        """Settings that have no effect because there is no figure to choose by, as sentences."""
        settings, found = self._plan.project.settings, []
        why = NOT_CHOSEN if self.best_by is None else NO_VALIDATION
        if settings.early_stopping and (self.best_by is None or not validates):
            found.append(f"Early stopping is set, but {why.format('the run goes to its end')}")
        elif settings.best_by and not validates:
            found.append(f"Best by is set, but {why.format('no best weights are kept')}")
        waiting = [o.path for o in self._plan.objectives if o.layer.schedule == "plateau" and not validates]
        if waiting:
            stays = NO_VALIDATION.format("the rate stays")
            found.append(f"{', '.join(waiting)}: the rate is to fall at a plateau, but {stays}")
        return found

    def ended(self, epoch: int) -> str:
        """Why early stopping ends the run after this epoch, as a sentence; empty where it goes on."""
        patience = self._plan.project.settings.early_stopping
        if self.best_by is None or not patience or epoch - self.best_epoch - self.unjudged < patience:
            return ""
        return f"Stopped after epoch {epoch}: no better {self.best_by.words} in {patience} epochs."


def is_sound(tensors: dict[str, Tensor]) -> bool:
    """Whether every number in these weights is finite; one look at the device in all."""
    named = [tensor for name, tensor in tensors.items() if not name.startswith("@")]
    sums = [tensor.sum().float() for tensor in named if tensor.is_floating_point()]
    return not sums or bool(torch.stack(sums).isfinite().all())
