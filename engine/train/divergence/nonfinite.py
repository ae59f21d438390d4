"""Values that are no finite numbers (NaN or infinite): where they are, and what of them was told.

Knows plans, their sources and what is measured; decides nothing about the run.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from math import isfinite
from typing import Any

import torch
from torch import Tensor

from engine.compile import Plan
from engine.expand.best_by import BestBy
from engine.feed.sources import Sources

MOST_NAMED = 4
"""Ends of data nodes that a sentence names."""


def first_bad(rows: list[list[float | None]]) -> tuple[int, int] | None:
    """(row, column) of the first loss that is no finite number. None: its objective did not act."""
    pairs = ((i, k) for i, row in enumerate(rows) for k, loss in enumerate(row) if not isfinite(loss or 0.0))
    return next(pairs, None)


def located(
    plan: Plan, sources: Sources, figures: Mapping[str, float], interrupted: Callable[[], bool]
) -> tuple[str, ...]:
    """Sentences that say how many validation batches and samples are not finite, by another pass over them.

    `figures` are the validation losses and metrics by path; nothing is done where all are finite. The plan is
    in evaluation mode and no gradients are recorded.
    """
    bad = [path for path, value in figures.items() if not isfinite(value)]
    if not bad:
        return ()
    evaluation = plan.evaluation
    batches, samples = 0, 0
    of_loss = dict.fromkeys(evaluation.losses, 0)
    of_end: dict[str, int] = {}
    for size, values in sources.validation():
        if interrupted():
            return ()  # counts of a part would be wrong
        losses, _, _ = evaluation(values)
        batches, samples = batches + 1, samples + size
        for path, loss in zip(evaluation.losses, losses, strict=True):
            of_loss[path] += not bool(loss.isfinite().all())
        for end, tensor in values.items():
            name = f"{end.path}.{end.port}"
            of_end[name] = of_end.get(name, 0) + _rows(tensor)
    told = [_measure(path, of_loss.get(path), batches) for path in bad]
    return tuple(f"{each} {_cause(of_end, samples)}" for each in told)


def _rows(tensor: Tensor) -> int:
    """In how many rows of a batch some number is not finite."""
    if not tensor.is_floating_point():
        return 0
    return (
        int((~torch.isfinite(tensor)).flatten(1).any(1).sum()) if tensor.dim() > 1 else _rows(tensor[:, None])
    )


def _measure(path: str, count: int | None, batches: int) -> str:
    if count is None:
        return f"{path}: the metric on the validation data is not a finite number."
    return f"{path}: the validation loss is not a finite number in {count:,} of {batches:,} batches."


def _cause(of_end: Mapping[str, int], samples: int) -> str:
    ends = [(name, count) for name, count in of_end.items() if count]
    if not ends:
        return "All data that enter are finite; a layer makes the value. Lower the learning rate."
    words = ", ".join(
        f"{name} holds NaN or infinity in {count:,} of {samples:,} validation samples"
        for name, count in ends[:MOST_NAMED]
    )
    return f"{words}. Correct or remove these samples."


@dataclass
class NonFinite:
    """What a run has told of validations that were not finite, and in how many epochs there were any."""

    epochs: int = 0
    told: list[str] = field(default_factory=list)

    def noted(self, sentences: tuple[str, ...], paths: list[str], best_by: BestBy | None) -> list[str]:
        """Count an epoch whose figures at `paths` were not finite; what has not been told before.

        `best_by` is the figure that says which weights are best, None where there is none.
        """
        if not paths:
            return []
        self.epochs += 1
        found = [each for each in sentences if each not in self.told]
        self.told += found
        if found and best_by is not None and best_by.path in paths:
            last = f"Epochs without a finite {best_by.words} count neither for the best weights nor for early"
            return [*found[:-1], f"{found[-1]} {last} stopping."]
        return found

    def sentence(self, epochs: int) -> str:
        """How the validation of a run of so many epochs went; empty where all was finite."""
        if not self.epochs:
            return ""
        return (
            f"The validation gave values that are not finite numbers in {self.epochs:,} of {epochs:,} epochs."
        )

    def state(self) -> dict[str, Any]:
        """What a checkpoint keeps."""
        return {"epochs": self.epochs, "told": self.told}

    def resume(self, state: Mapping[str, Any]) -> None:
        """Take up what `state` gave. Raises TypeError, ValueError."""
        self.epochs = int(state.get("epochs", 0))
        self.told = [str(each) for each in state.get("told", [])]
