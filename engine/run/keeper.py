"""Keeps what was learned: the last state in which all weights were sound, and the best weights by validation.

Both are copies on the run's device. The last sound state is taken now and then, so seldom that copying stays
under half a hundredth of the time; a run whose loss turns into not-a-number is put back to it, and looks from
there for the layer where it began. Knows nothing of files.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from time import perf_counter

import torch
from torch import Tensor

from engine.compile import Plan
from engine.run.checkpoint import fill, weights
from engine.run.device import free_memory

SECONDS = 1.0
"""Shortest time between two copies."""
COST_FACTOR = 200
"""A copy that took c seconds is repeated after 200·c at the earliest."""


class Keeper:
    """`best` holds the weights of `best_epoch`, the one with the lowest validation loss so far.

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
        self.best_loss, self.best_epoch = math.inf, 0

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

    def validated(self, epoch: int, loss: float) -> None:
        """Take note of a validation loss at the end of an epoch (from 1)."""
        if loss < self.best_loss:
            self.best_loss, self.best_epoch = loss, epoch
            if self.fits:
                self.best = weights(self._plan.model)

    def epochs_without_better(self, epoch: int) -> int:
        return epoch - self.best_epoch


def is_sound(tensors: dict[str, Tensor]) -> bool:
    """Whether every number in these weights is finite; one look at the device in all."""
    named = [tensor for name, tensor in tensors.items() if not name.startswith("@")]
    sums = [tensor.sum().float() for tensor in named if tensor.is_floating_point()]
    return not sums or bool(torch.stack(sums).isfinite().all())
