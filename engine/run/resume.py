"""The checkpoint with which a run goes on: read, and checked against the drawing that is to go on with it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import msgspec
import torch
from torch import Tensor

from engine.document.project import Project
from engine.runs.checkpoints import broken_checkpoints
from engine.runs.comparison import learns_alike
from engine.runs.plain_files import Count, Seconds
from engine.runs.record import project_of
from engine.system.device import DeviceError, choose
from engine.train.loop import Loop
from engine.weights.checkpoint import WeightsError, read, shortened
from nodes.shown_text import shown

REMEMBERED = ("@optimiser/", "@average/")


class _Facts(msgspec.Struct):
    """What must be told of a run to go on with it."""

    step: Count
    epoch: Count
    seed: Annotated[int, msgspec.Meta(ge=-(2**63), le=2**63 - 1)]
    total_steps: Count
    device: str = "auto"
    seconds: Seconds = 0.0
    steps_per_epoch: Count = 0
    resumable: bool = False


@dataclass(frozen=True)
class GoingOn:
    """A run's state at a step, and what it was asked for. `seconds` were spent on it before."""

    tensors: dict[str, Tensor]
    facts: dict[str, Any]
    step: int
    seed: int
    device: str
    total_steps: int
    seconds: float

    def require_rest(self, epochs: int | None, steps: int | None) -> None:
        """That a course of so many epochs or steps does not end before this step. Raises `WeightsError`."""
        if steps is None and epochs is not None:
            steps = epochs * int(self.facts.get("steps_per_epoch", self.step))
        if steps is not None and steps < self.step:
            raise WeightsError(
                f"Expected a course of at least {self.step:,} steps, which the run has made. "
                f"Received one of {steps:,}."
            )


def differing(loop: Loop, before: GoingOn) -> list[str]:
    """In what a run that goes on is not what it was, in sentences."""
    return [
        *begun_anew(loop, before.tensors),
        *elsewhere(before.facts, loop.plan.device),
        *stretched(loop, before.total_steps),
    ]


def stretched(loop: Loop, before: int) -> list[str]:
    """What becomes of the learning rates where a run of `before` steps goes on with another number, in
    sentences; nothing where no schedule depends on it.
    """
    bounds, found = loop.bounds, []
    by_epochs = bounds.total_steps == bounds.epochs * bounds.steps_per_epoch
    length = f"{bounds.epochs:,} epochs" if by_epochs else f"{bounds.total_steps:,} steps"
    objectives = loop.plan.objectives
    for objective, schedule in zip(objectives, loop.stepper.schedules, strict=True):
        rates = schedule.jump(before, loop.step, loop.epoch)
        if rates is not None:
            of = f"{objective.path}: the" if len(objectives) > 1 else "The"
            words = (
                f"schedule is now spread over {length}: the rate goes from {rates[0]:.2g} to {rates[1]:.2g}"
            )
            found.append(f"{of} {words}.")
    return found


def left_out(checkpoint: Path, folder: Path, step: int) -> list[str]:
    """That newer checkpoints of this run cannot be read, in a sentence; nothing where all can."""
    newer = [one.sentence for one in broken_checkpoints(folder) if one.step is None or one.step > step]
    if not newer:
        return []
    more = f" {len(newer) - 3} others cannot be read either." if len(newer) > 3 else ""
    return [f"{' '.join(newer[:3])}{more} The run goes on from step {step:,}, with {checkpoint.name}."]


def begun_anew(loop: Loop, tensors: Mapping[str, Tensor]) -> list[str]:
    """What the optimisers should have remembered and the checkpoint does not have, in a sentence."""
    if loop.step == 0:
        return []
    expected = [name for name in loop.stepper.state() if name.startswith(REMEMBERED)]
    expected += [name for name in loop.stepper.searches() if name not in expected]
    missing = [name for name in expected if name not in tensors]
    if not missing:
        return []
    return [
        f"The checkpoint lacks {len(missing):,} of the {len(expected):,} values that the optimiser "
        f"remembers, so these start anew: {shortened(missing)}. The run learns differently from here."
    ]


def elsewhere(facts: Mapping[str, Any], device: torch.device) -> list[str]:
    """What changes where a run goes on with another kind of device than before, in sentences."""
    before = str(facts.get("device", "")).partition(":")[0]
    if before in ("", device.type):
        return []
    return [
        f"The run was on {shown(before.upper())} and goes on on {device.type.upper()}: layers that draw at "
        "random get other random numbers from here on, and sums are rounded in another order."
    ]


def going_on(checkpoint: Path, project: Project, folder: Path | None) -> GoingOn:
    """What this checkpoint holds. Raises `WeightsError`, and `ArchiveError` where the folder is no run's.

    With a folder, the project must learn as the run in it does, and the checkpoint must be one of its own.
    """
    tensors, facts = read(checkpoint)
    try:
        known = msgspec.convert(facts, _Facts)
    except msgspec.ValidationError as error:
        raise WeightsError(_no_run(checkpoint)) from error
    if not known.resumable:
        raise WeightsError(_no_run(checkpoint))
    if folder is not None:
        if checkpoint.resolve().parent.parent != folder.resolve():
            raise WeightsError(
                f"{checkpoint}: Expected a checkpoint of the run in {folder}. Received another's."
            )
        other = learns_alike(project_of(folder), project)
        if other:
            raise WeightsError(
                f"Expected the drawing of the run in {folder}. Received one that differs in "
                f"{shortened(other)}. Start a new run with its weights instead."
            )
    return GoingOn(
        tensors, facts, known.step, known.seed, _present(known.device), known.total_steps, known.seconds
    )


def _no_run(checkpoint: Path) -> str:
    return (
        f"{checkpoint}: Expected a checkpoint with which a run goes on, such as last.safetensors. Received "
        "weights alone; start a new run with them instead."
    )


def _present(device: str) -> str:
    """The device of before; where this machine has none such, the best that it has."""
    try:
        choose(device)
    except DeviceError:
        return "auto"
    return device
