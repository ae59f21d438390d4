"""The processes that train one run together: who they are, and what they tell each other.

Numbers go by torch.distributed (gloo on the CPU, NCCL between CUDA devices), small facts as bytes; nothing is
pickled.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta

import torch
from torch import Tensor

from engine.system.device import DeviceError, choose
from nodes.torch_internals import foreach_copy_
from nodes.user_error import UserError

BUCKET = 8 << 20
"""Numbers that are averaged in one go at most."""
PATIENCE = timedelta(hours=6)
"""How long one process waits for another that is busy; one that has ended is noticed at once."""
GONE = "Another process of this run ended or cannot be reached; resume goes on from the last checkpoint."


class RanksError(UserError, RuntimeError):
    """Another process of the run cannot be reached. The message is the sentence."""


@dataclass(frozen=True)
class Share:
    """This process's rows of a batch, and what its mean counts for: its size over that of an equal share."""

    rows: slice
    factor: float


class ProcessGroup:
    """This process among `count`; `rank` counts from 0, which is the one that speaks and writes."""

    def __init__(self, rank: int, count: int, local_rank: int = 0) -> None:
        self.rank, self.count, self.local_rank = rank, count, local_rank
        self.ends_alike = False
        """Whether all processes end at the same step for the same reason, which the first one tells."""

    @property
    def leads(self) -> bool:
        return self.rank == 0

    def share(self, size: int) -> Share:
        """The part of a batch of so many that is ours: never empty, but then it counts for nothing."""
        start, end = size * self.rank // self.count, size * (self.rank + 1) // self.count
        if end > start:
            return Share(slice(start, end), (end - start) * self.count / size)
        row = min(start, size - 1)
        return Share(slice(row, row + 1), 0.0)

    def average(self, tensors: Sequence[Tensor]) -> None:
        """Put the mean over all processes into these tensors, in flat pieces of one kind of number."""
        for bucket in _buckets(tensors):
            flat = torch.cat([tensor.reshape(-1) for tensor in bucket]) if len(bucket) > 1 else bucket[0]
            flat = flat.contiguous()
            with _together():
                torch.distributed.all_reduce(flat)
            flat.div_(self.count)
            parts = torch.split(flat.reshape(-1), [tensor.numel() for tensor in bucket])
            foreach_copy_(list(bucket), [p.view_as(t) for p, t in zip(parts, bucket, strict=True)])

    def most(self, numbers: Sequence[int]) -> list[int]:
        """The largest of each number over all processes; what only one knows, the others give as 0."""
        told = torch.tensor(numbers, dtype=torch.int64)
        with _together():
            torch.distributed.all_reduce(told, torch.distributed.ReduceOp.MAX)
        found: list[int] = told.tolist()
        return found

    def told(self, text: bytes) -> bytes:
        """What the first process says; the others give anything."""
        (size,) = self.most([len(text) if self.leads else 0])
        held = torch.zeros(size, dtype=torch.uint8)
        if self.leads and size:
            held = torch.frombuffer(bytearray(text), dtype=torch.uint8)
        with _together():
            torch.distributed.broadcast(held, 0)
        return held.numpy().tobytes()


def _buckets(tensors: Sequence[Tensor]) -> Iterator[list[Tensor]]:
    """Tensors of one kind of number and one device, up to `BUCKET` together, in an order that all share."""
    kinds: dict[tuple[torch.dtype, torch.device], list[Tensor]] = {}
    for tensor in tensors:
        kinds.setdefault((tensor.dtype, tensor.device), []).append(tensor)
    for group in kinds.values():
        bucket: list[Tensor] = []
        held = 0
        for tensor in group:
            if bucket and held + tensor.numel() > BUCKET:
                yield bucket
                bucket, held = [], 0
            bucket.append(tensor)
            held += tensor.numel()
        yield bucket


@contextmanager
def _together() -> Iterator[None]:
    try:
        yield
    except RuntimeError as error:
        raise RanksError(GONE) from error


def is_rank() -> bool:
    """Whether torchrun, or `layerloom train --nproc-per-node`, started this process as one of several."""
    return "TORCHELASTIC_RUN_ID" in os.environ and "RANK" in os.environ


@contextmanager
def joined(device: str) -> Iterator[tuple[ProcessGroup, str]]:
    """Meet the other processes; gives who we are and our own device. Raises `RanksError`."""
    place = ProcessGroup(*(int(os.environ[name]) for name in ("RANK", "WORLD_SIZE", "LOCAL_RANK")))
    own = _own_device(device, place.local_rank)
    try:
        choose(own)
    except DeviceError as error:
        raise RanksError(f"Process {place.rank} of the run: {error}") from error
    _require_own(device, place.count)
    on_cuda = own.startswith("cuda")
    if on_cuda:
        torch.cuda.set_device(own)
    backend = "cpu:gloo,cuda:nccl" if on_cuda else "gloo"
    with _together():
        torch.distributed.init_process_group(backend, timeout=PATIENCE)
    yield place, own
    # not after an error: it would wait for those that have ended
    torch.distributed.destroy_process_group()


def _require_own(asked: str, count: int) -> None:
    """Raise `RanksError` where several processes would share one CUDA device, which NCCL cannot."""
    if count > 1 and asked.startswith("cuda:"):
        raise RanksError(
            f"device: Expected cuda or auto, so that each of the {count} processes has a device of its own. "
            f"Received {asked!r}. To choose among devices, set CUDA_VISIBLE_DEVICES."
        )


def _own_device(asked: str, local_rank: int) -> str:
    """Each process of a machine has a CUDA device of its own; without any, all are on the CPU."""
    if asked not in ("", "auto", "cuda"):
        return asked
    devices = torch.cuda.device_count() if torch.cuda.is_available() else 0
    if not devices and asked != "cuda":
        return "cpu"
    return f"cuda:{local_rank}"  # the run says where there are fewer devices than processes
