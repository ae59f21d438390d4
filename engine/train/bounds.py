"""How long a run goes, and at which of its steps learning rates are noted."""

from __future__ import annotations

from dataclasses import dataclass

from engine.compile import Plan
from engine.feed.sources import Sources

RATE_STEPS = 32
"""Learning rates are noted at every so many steps, and at the first of an epoch."""


@dataclass(frozen=True)
class Bounds:
    """How long a run goes: so many steps in all, of which `steps_per_epoch` make an epoch."""

    steps_per_epoch: int
    epochs: int
    total_steps: int


def bounds(plan: Plan, sources: Sources, epochs: int | None, steps: int | None) -> Bounds:
    """`steps` rules over `epochs`, which rules over the project's settings."""
    per_epoch = sources.steps_per_epoch
    if steps is not None:
        return Bounds(per_epoch, -(-steps // per_epoch), steps)
    epochs = plan.project.settings.epochs if epochs is None else epochs
    return Bounds(per_epoch, epochs, epochs * per_epoch)


def noted(done: int, step: int, per_epoch: int) -> set[int]:
    """Of the steps `done`, …, `step` - 1 (from 0) those whose rates are noted, whenever they are told."""
    return {at for every in (RATE_STEPS, per_epoch) for at in range(-(-done // every) * every, step, every)}
