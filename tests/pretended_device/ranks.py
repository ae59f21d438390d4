"""A run of several processes on the pretended device: what each of them does, by one that is alone.

Sums over all processes are those of this one; what they are sums of must lie together in memory, as
torch.distributed asks for.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

import torch
from torch import Tensor

from engine.document.project import Project
from engine.run.distributed import RankRun, SharedSources
from engine.run.process_group import ProcessGroup
from tests.drawings import convnet, gan, mlp
from tests.pretended_device import CARD
from tests.pretended_device.projects import STEPS, alike, waits_of
from tests.pretended_device.runs import Ended, trained
from tests.pretended_device.tensor import Card, held
from tests.pretended_device.waits import WAITS, mark


def shared() -> dict[str, Callable[[], Project]]:
    """How to make each drawing."""
    return {"mlp": partial(mlp, "digits", 8), "gan": gan, "convnet": partial(convnet, "digits")}


def rank_faults(project: Project) -> list[str]:
    """In sentences; empty where all is well."""
    alone = trained(project, CARD, steps=STEPS)
    mark(SharedSources, "next")
    WAITS.clear()
    ended, summed = Ended(), [0]
    with exchanges(summed):
        run = RankRun(ProcessGroup(0, 1), project, device=CARD, steps=STEPS)
        ended.finished = run.execute(ended.note)
    if ended.failure or run.plan is None:
        return [f"on the card: {ended.failure}"]
    faults = waits_of(project)
    weights = {name: held(tensor) for name, tensor in run.plan.model.state_dict().items()}
    if not alike(weights, alone.weights):
        faults.append("weights are not those of a run of one process")
    if not summed[0]:
        faults.append("no gradients were averaged on the card")
    return faults


@contextmanager
def exchanges(summed: list[int]) -> Iterator[None]:
    """Stands for torch.distributed; counts the sums of tensors on the card."""

    def all_reduce(tensor: Tensor, *_: Any) -> None:
        if not tensor.is_contiguous():
            raise RuntimeError("Tensors must be contiguous")
        summed[0] += isinstance(tensor, Card)

    kept = torch.distributed.all_reduce, torch.distributed.broadcast
    torch.distributed.all_reduce = all_reduce  # type: ignore[assignment]
    torch.distributed.broadcast = lambda *_: None  # type: ignore[assignment]
    try:
        yield
    finally:
        torch.distributed.all_reduce, torch.distributed.broadcast = kept
