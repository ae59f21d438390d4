"""The parts of a training loop that make up its state: what a snapshot saves and restores."""

from __future__ import annotations

from typing import Protocol

from torch import Tensor

from engine.compile import Plan
from engine.feed.sources import Sources
from engine.messages.command_queue import CommandQueue
from engine.train.best_weights import BestWeights
from engine.train.bounds import Bounds
from engine.train.divergence_watch import DivergenceWatch
from engine.train.nonfinite import NonFinite
from engine.train.stepper import Stepper
from engine.train.validation import Measured


class TrainingState(Protocol):
    """A training loop between two steps. `step` and `epoch` count what is done."""

    plan: Plan
    sources: Sources
    stepper: Stepper
    bounds: Bounds
    commands: CommandQueue
    best_weights: BestWeights
    nonfinite: NonFinite
    watch: DivergenceWatch | None
    measured: Measured | None
    step: int
    epoch: int
    samples_due: bool
    """Whether samples are still to be kept of the epoch that has ended."""
    random_states: dict[str, Tensor]
    """Random states to begin with, of a run that is resumed."""
