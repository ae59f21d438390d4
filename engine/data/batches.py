"""Batches from a data set: resident on the device where it fits, else read ahead by a few threads with
bounded memory.

The order is the one thing that a hand-written loop must mirror:
`generator = torch.Generator().manual_seed(seed)`, then for every epoch
`order = torch.randperm(len(split), generator=generator)`, and batch i is
`order[i * batch_size : (i + 1) * batch_size]`. The last, smaller batch of an epoch is used too, unless it
holds a single sample (batch norm cannot learn from one) or other sources must keep step.

Where samples have chances of their own, an epoch draws as many with replacement, as torch's
WeightedRandomSampler does: `order = torch.multinomial(chances, len(split), True, generator=generator)`.

A feed's `state` says where it is: the generator's state from which the epoch of the last batch was shuffled,
and how many of its batches were handed out. `resume` goes on from there, with the very batch that comes next.
"""

from __future__ import annotations

import os
import threading
from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor

import numpy as np
import torch
from torch import Tensor

from engine.data.columns import Column, Finish, check_classes, resident
from engine.system.cpu_affinity import any_core
from nodes.modules.devices.moving import moved
from nodes.reading.dataset import DataSplit, Rows
from nodes.reading.error import DataError
from nodes.reading.progress import CalledOffError, listening
from nodes.spec import TensorSpec

READERS = max(2, min(8, os.cpu_count() or 1))
"""Threads that read ahead when a data set is streamed."""
AHEAD_BYTES = 256 << 20
"""Most bytes of stored rows that wait to be used."""
AHEAD = 8
"""Most batches that wait to be used."""

Batch = tuple[Tensor, Tensor | None, *tuple[Tensor, ...]]
"""Inputs, targets where there are any, and the further outputs of the set in the order of its description."""
Specs = tuple[TensorSpec, TensorSpec | None, *tuple[TensorSpec, ...]]
"""What the columns of a batch are, in the same order."""
Place = tuple[Tensor, int]
"""The generator's state before an epoch was shuffled, and how many batches of it have been used."""


class BatchOrder:
    """Which rows make which batch. `epoch()` is the next shuffled epoch, batch after batch.

    `chances` of each row, `(rows,)`: rows are drawn by them, with replacement; None: each comes once.
    """

    def __init__(
        self,
        rows: int,
        batch_size: int,
        seed: int,
        *,
        whole_only: bool = False,
        chances: Tensor | None = None,
    ) -> None:
        if rows < 1:
            raise DataError("Expected at least one sample to train on. Received none.")
        self.rows, self.batch_size, self.chances = rows, min(batch_size, rows), chances
        self.generator = torch.Generator().manual_seed(seed)
        rest = rows % self.batch_size
        keep_rest = rest > 1 and not whole_only
        self.steps = rows // self.batch_size + keep_rest
        self.used = rows if keep_rest else rows - rest
        self.epoch_state = self.generator.get_state()
        """The generator's state before it shuffled the present epoch; a resumed run starts from it."""

    def epoch(self) -> Iterator[Tensor]:
        """Row indices of each batch, `(batch,)`; endless callers call again."""
        return iter(torch.split(self.permutation(), self.batch_size))

    def permutation(self) -> Tensor:
        """The rows of the next epoch in the order of their use, `(used,)`."""
        self.epoch_state = self.generator.get_state()
        if self.chances is None:
            return torch.randperm(self.rows, generator=self.generator)[: self.used]
        drawn = torch.multinomial(self.chances, self.rows, replacement=True, generator=self.generator)
        return drawn[: self.used]


class ResidentFeed:
    """All columns lie on the device; a batch is a gather.

    `next` hands out training batches without end, `sequential` all rows in file order.
    """

    def __init__(
        self,
        input_: Column,
        target: Column | None,
        order: BatchOrder,
        device: torch.device,
        more: Sequence[Column] = (),
    ) -> None:
        self.input, self.target, self.order, self.device = input_, target, order, device
        self.more = tuple(more)
        self._batches: Iterator[Tensor] = iter(())
        self._used = 0

    def next(self) -> Batch:
        return self.taken(self.next_rows())

    def next_rows(self) -> Tensor:
        """The rows of the next training batch, `(batch,)` on the device; `taken` gathers them."""
        rows = next(self._batches, None)
        if rows is None:
            self._shuffle()
            rows = next(self._batches)
        self._used += 1
        return rows

    def taken(self, rows: Tensor) -> Batch:
        """These rows as a batch; touches the device only."""
        target = None if self.target is None else self.target.take(rows)
        return (self.input.take(rows), target, *(column.take(rows) for column in self.more))

    def _shuffle(self) -> None:
        order = moved(self.order.permutation(), self.device)
        self._batches, self._used = iter(torch.split(order, self.order.batch_size)), 0

    def state(self) -> Place:
        """Where it is."""
        return self.order.epoch_state, self._used

    def resume(self, state: Tensor, used: int) -> None:
        """Go on where another feed of the same rows was."""
        self.order.generator.set_state(state)
        self._shuffle()
        for _ in range(used):
            next(self._batches, None)
        self._used = used

    def sequential(self, batch_size: int) -> Iterator[Batch]:
        for rows in torch.split(torch.arange(len(self.input), device=self.device), batch_size):
            yield self.taken(rows)

    def at(self, places: Sequence[int]) -> Batch:
        """These rows as a batch."""
        return self.taken(moved(torch.tensor(places), self.device))

    def close(self) -> None:
        """Nothing to stop."""


class StreamedFeed:
    """Rows are fetched ahead by a few threads; at most `AHEAD` batches and `AHEAD_BYTES` wait."""

    def __init__(
        self,
        split: DataSplit,
        finish: tuple[Finish, Finish | None, *tuple[Finish, ...]],
        order: BatchOrder,
        device: torch.device,
    ) -> None:
        self.split, self.finish, self.order, self.device = split, finish, order, device
        self._closed = threading.Event()
        self._pool = ThreadPoolExecutor(READERS, thread_name_prefix="read-ahead", initializer=any_core)
        self._waiting: deque[tuple[Place, Future[Batch]]] = deque()
        self._endless = self._epochs()
        self._place: Place = (order.epoch_state, 0)
        columns = (split.input, split.target, *split.more.values())
        row = sum(_row_bytes(column) for column in columns if column is not None)
        self._ahead = int(min(AHEAD, max(2, AHEAD_BYTES // max(row * order.batch_size, 1))))

    def _epochs(self, skip: int = 0) -> Iterator[tuple[Place, Tensor]]:
        """The rows of each batch, and where the feed is once they are used."""
        while True:
            rows, size = self.order.permutation(), self.order.batch_size
            state = self.order.epoch_state
            for i in range(skip, -(-len(rows) // size)):
                yield (state, i + 1), rows[i * size : (i + 1) * size]
            skip = 0

    def next(self) -> Batch:
        while len(self._waiting) < self._ahead:
            place, rows = next(self._endless)
            self._waiting.append((place, self._pool.submit(self._read_ahead, rows)))
        place, coming = self._waiting.popleft()
        batch = self._finished(coming.result())
        self._place = place
        return batch

    def state(self) -> Place:
        """Where it is; what was read ahead is not used yet."""
        return self._place

    def resume(self, state: Tensor, used: int) -> None:
        """Go on where another feed of the same rows was."""
        for _, coming in self._waiting:
            coming.cancel()
        self._waiting.clear()
        self.order.generator.set_state(state)
        self._endless, self._place = self._epochs(used), (state, used)

    def sequential(self, batch_size: int) -> Iterator[Batch]:
        parts = torch.split(torch.arange(len(self.split)), batch_size)
        waiting: deque[Future[Batch]] = deque()
        for rows in parts:
            waiting.append(self._pool.submit(self._read_ahead, rows))
            if len(waiting) >= self._ahead:
                yield self._finished(waiting.popleft().result())
        while waiting:
            yield self._finished(waiting.popleft().result())

    def at(self, places: Sequence[int]) -> Batch:
        """These rows as a batch."""
        return self._finished(self._fetch(torch.tensor(places)))

    def close(self) -> None:
        """Stop reading: what is being read now is called off."""
        self._closed.set()
        self._waiting.clear()
        self._pool.shutdown(wait=True, cancel_futures=True)

    def _fetch(self, rows: Tensor) -> Batch:
        indices = rows.numpy()
        finish, finish_target, *finish_more = self.finish
        stored, target = self._tensor(self.split.input.fetch(indices), finish.spec), None
        if self.split.target is not None and finish_target is not None:
            target = self._tensor(self.split.target.fetch(indices), finish_target.spec)
        more = (
            self._tensor(one.fetch(indices), last.spec)
            for one, last in zip(self.split.more.values(), finish_more, strict=True)
        )
        return (stored, target, *more)

    def _read_ahead(self, rows: Tensor) -> Batch:
        with listening(self._told):
            return self._fetch(rows)

    def _told(self, _what: str, _share: float | None) -> None:
        if self._closed.is_set():
            raise CalledOffError

    def _tensor(self, array: np.ndarray, spec: TensorSpec) -> Tensor:
        tensor = torch.from_numpy(np.ascontiguousarray(array))
        check_classes(tensor, spec)
        return tensor.pin_memory() if self.device.type == "cuda" else tensor

    def _finished(self, batch: Batch) -> Batch:
        stored, target, *more = batch
        finish, finish_target, *finish_more = self.finish
        done = finish.alone(finish.moved(stored, non_blocking=True))
        rest = [one(one.moved(held, non_blocking=True)) for one, held in zip(finish_more, more, strict=True)]
        if target is None or finish_target is None:
            return (done, None, *rest)
        return (done, finish_target(finish_target.moved(target, non_blocking=True)), *rest)


def feed(
    split: DataSplit,
    specs: Specs,
    order: BatchOrder,
    device: torch.device,
    *,
    free: int,
    channels_last: bool = False,
) -> ResidentFeed | StreamedFeed:
    """The fastest feed that fits: `free` bytes are free on the device. `specs` are those of input, target
    and further outputs, in the order of the split's."""
    input_spec, target_spec, *more_specs = specs
    finish = Finish(input_spec, split.input_scaling, device, channels_last=channels_last)
    finish_target = None
    if split.target is not None and target_spec is not None:
        finish_target = Finish(target_spec, split.target_scaling, device)
    finish_more = [Finish(spec, None, device) for spec in more_specs]
    parts = [(split.input, finish)]
    if split.target is not None and finish_target is not None:
        parts.append((split.target, finish_target))
    parts += zip(split.more.values(), finish_more, strict=True)
    columns: list[Column] = []
    for rows, last in parts:
        column = resident(rows, last, free)
        if column is None:
            return StreamedFeed(split, (finish, finish_target, *finish_more), order, device)
        columns.append(column)
    has_target = len(columns) - len(finish_more) > 1
    more = columns[1 + has_target :]
    return ResidentFeed(columns[0], columns[1] if has_target else None, order, device, more)


def _row_bytes(rows: Rows) -> int:
    return int(np.prod(rows.shape[1:], dtype=np.int64)) * rows.dtype.itemsize
