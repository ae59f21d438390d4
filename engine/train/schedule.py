"""How a learning rate changes during a run: a factor on the objective's rate, by step, by epoch or by
validation loss.

A rate set by hand during the run becomes the new base; the schedule goes on from there.
"""

from __future__ import annotations

import math
from copy import copy

from nodes.training.objective import Objective

START_SHARE = 1 / 25
"""Where one-cycle starts, as a share of its highest rate (Smith, 2018)."""


class Schedule:
    """The rate of one objective. `base` is what the objective, or the user, asked for."""

    def __init__(self, objective: Objective, total_steps: int) -> None:
        self.kind: str = objective.schedule
        self.base: float = objective.learning_rate
        self.total_steps = max(total_steps, 1)
        self.step_epochs: int = objective.step_epochs
        self.gamma: float = objective.gamma
        self.warmup_share: float = objective.warmup_share
        self.warmup_steps: int = objective.warmup_steps
        self.final_share: float = objective.final_share
        self.best, self.waited, self.drops = math.inf, 0, 0

    @property
    def changes_every_step(self) -> bool:
        return self.kind in ("cosine", "one_cycle") or self.warmup_steps > 0

    def rate(self, step: int, epoch: int) -> float:
        """The learning rate at this step (from 0) of this epoch (from 0)."""
        warm = min((step + 1) / self.warmup_steps, 1.0) if self.warmup_steps else 1.0
        return self.base * warm * self._factor(step, epoch)

    def _factor(self, step: int, epoch: int) -> float:
        if self.kind == "step":
            return self.gamma ** (epoch // self.step_epochs)
        if self.kind == "plateau":
            return self.gamma**self.drops
        done = min(step / self.total_steps, 1.0)
        if self.kind == "cosine":
            return _cosine(1.0, self.final_share, done)
        if self.kind == "one_cycle":
            if done < self.warmup_share:
                return _cosine(START_SHARE, 1.0, done / self.warmup_share)
            return _cosine(
                1.0, self.final_share, (done - self.warmup_share) / max(1.0 - self.warmup_share, 1e-9)
            )
        return 1.0

    def jump(self, before: int, step: int, epoch: int) -> tuple[float, float] | None:
        """(last rate, next rate) at a run that goes on at this step with another number of steps in all than
        `before`, where the rate becomes another by that; None where it does not.
        """
        old = copy(self)
        old.total_steps = max(before, 1)
        new = self.rate(step, epoch)
        if step < 1 or math.isclose(old.rate(step, epoch), new, rel_tol=1e-3):
            return None
        return old.rate(step - 1, epoch), new

    def validated(self, loss: float) -> None:
        """Tell the validation loss at the end of an epoch; a plateau schedule acts on it.

        One that is no finite number says nothing and is not counted.
        """
        if not math.isfinite(loss):
            return
        if loss < self.best:
            self.best, self.waited = loss, 0
            return
        self.waited += 1
        if self.kind == "plateau" and self.waited >= self.step_epochs:
            self.waited, self.drops = 0, self.drops + 1

    def state(self) -> dict[str, float]:
        """What a checkpoint keeps."""
        return {"base": self.base, "best": self.best, "waited": self.waited, "drops": self.drops}

    def load_state(self, state: dict[str, float]) -> None:
        self.base, self.best = float(state["base"]), float(state["best"])
        self.waited, self.drops = int(state["waited"]), int(state["drops"])


def _cosine(start: float, end: float, done: float) -> float:
    return end + (start - end) * 0.5 * (1.0 + math.cos(math.pi * min(max(done, 0.0), 1.0)))
