"""Keeps what was learned: the last weights that were sound, and the best by validation loss.

Both are copies on the run's device. The last sound ones are taken now and then, so seldom that copying stays
under a fiftieth of the time, and are put back when a loss turns into not-a-number. Knows nothing of files.
"""

from __future__ import annotations

import math
from time import perf_counter

import torch
from torch import Tensor

from engine.compile import Plan
from engine.run.checkpoint import fill, weights
from engine.run.device import free_memory

SECONDS = 1.0
"""Shortest time between two copies."""
COST_FACTOR = 50
"""A copy that took c seconds is repeated after 50·c at the earliest."""


class Keeper:
    """`best` holds the weights of `best_epoch`, the one with the lowest validation loss so far."""

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        size = sum(tensor.numel() * tensor.element_size() for tensor in plan.model.state_dict().values())
        self._fits = size * 8 < free_memory(plan.device)
        self._sound: dict[str, Tensor] = {}
        self._sound_step = 0
        self._due = 0.0
        self.best: dict[str, Tensor] = {}
        self.best_loss, self.best_epoch = math.inf, 0

    def keep(self, step: int) -> bool:
        """Copy the present weights, where they are sound. False where they are not."""
        if not self._fits:
            return True
        start = perf_counter()
        copy = weights(self._plan.model)
        if not _sound(copy):
            return False
        self._sound, self._sound_step = copy, step
        end = perf_counter()
        self._due = end + max(SECONDS, COST_FACTOR * (end - start))
        return True

    def consider(self, step: int) -> None:
        """Copy the weights if it is time to."""
        if perf_counter() >= self._due:
            self.keep(step)

    def restore(self) -> str:
        """Put the last sound weights back; says so in a sentence."""
        if not self._sound:
            return ""
        fill(self._plan.model, self._sound)
        return f"The weights of step {self._sound_step} were put back."

    def validated(self, epoch: int, loss: float) -> None:
        """Take note of a validation loss at the end of an epoch (from 1)."""
        if loss < self.best_loss:
            self.best_loss, self.best_epoch = loss, epoch
            if self._fits:
                self.best = weights(self._plan.model)

    def epochs_without_better(self, epoch: int) -> int:
        return epoch - self.best_epoch


def _sound(tensors: dict[str, Tensor]) -> bool:
    floats = [tensor.sum() for tensor in tensors.values() if tensor.is_floating_point()]
    return not floats or bool(torch.stack([value.float() for value in floats]).isfinite().all())
