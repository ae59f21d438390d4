"""The parts of a training loop that make up its state: what a snapshot saves and restores."""

from __future__ import annotations

from typing import Protocol

from torch import Tensor

from engine.compile import Plan
from engine.feed.sources import Sources
from engine.messages.command_queue import CommandQueue
from engine.train.best_weights import BestWeights
from engine.train.bounds import Bounds
from engine.train.divergence.watch import DivergenceWatch
from engine.train.epoch_results import EpochResults
from engine.train.live_views import LiveViews
from engine.train.stepper import Stepper


class TrainingState(Protocol):
    """A training loop between two steps. `step` and `epoch` count what is done."""

    plan: Plan
    sources: Sources
    stepper: Stepper
    bounds: Bounds
    commands: CommandQueue
    best_weights: BestWeights
    results: EpochResults
    views: LiveViews
    watch: DivergenceWatch | None
    step: int
    epoch: int
    random_states: dict[str, Tensor]
    """Random states to begin with, of a run that is resumed, by kind of device."""
    notices: list[str]
    """What is to be told at the start."""
