"""One column of a data set (its inputs or its targets) as tensors on a device: stored rows and how they are
finished.

Stored rows are what the disk has (uint8 pixels, int64 tokens); finishing makes float32 inputs or int64 labels
of them. Where there is room the finished column is kept, so that a batch is one gather and nothing else.
"""

from __future__ import annotations

import math
from typing import Protocol

import numpy as np
import torch
from torch import Tensor

from nodes.reading.dataset import ArrayRows, PartRows, Rows, Scaling, WindowRows
from nodes.reading.error import DataError
from nodes.spec import UNCOUNTED, TensorSpec

FINISHED_SHARE, STORED_SHARE = 0.25, 0.4
"""Shares of the free memory that a finished, or a merely stored, column may take."""
CHUNK = 2048
"""Rows that are finished at a time, so that no second copy of the whole column ever exists."""
WIDE = (torch.float64, torch.int32, torch.int64, torch.uint32, torch.uint64)
"""Stored numbers that may have more digits than float32: they are scaled in float64, and only then cast."""
LAZY_LIMIT = 64 << 20
"""Bytes of a memory-mapped array that are read before the first step; a larger one is streamed."""


class Finish:
    """Turns stored rows into what the drawing declares: dtype, scaling, and channels last for images."""

    def __init__(
        self, spec: TensorSpec, scaling: Scaling | None, device: torch.device, *, channels_last: bool = False
    ) -> None:
        self.spec, self.device = spec, device
        self.dtype: torch.dtype = getattr(torch, spec.dtype)
        self.channels_last = channels_last and spec.rank == 4
        self.features = tuple(int(size) for size in spec.features if isinstance(size, int))
        self._steps: list[tuple[str, Tensor, Tensor]] = []  # the operation, its numbers, and those in float64
        self._exact_device = torch.device("cpu") if device.type == "mps" else device
        if scaling is not None and spec.is_float:
            self._set_scaling(scaling)

    def _set_scaling(self, scaling: Scaling) -> None:
        """(x / divisor − mean) / deviation, step by step, so that a hand-written loop gets equal bits."""
        for operation, values, neutral in (
            ("div_", (scaling.divisor,), 1.0),
            ("sub_", scaling.mean, 0.0),
            ("div_", scaling.deviation, 1.0),
        ):
            if any(value != neutral for value in values):
                exact = self._per_channel(values)
                single = exact.to(self.dtype).to(self.device)
                self._steps.append((operation, single, exact.to(self._exact_device)))

    def _per_channel(self, values: tuple[float, ...]) -> Tensor:
        images = self.spec.rank >= 4 and len(values) > 1
        shape = (-1,) + (1,) * (self.spec.rank - 2) if images else (-1,)
        return torch.tensor(values, dtype=torch.float64).view(shape)

    def values(self, stored: Tensor) -> Tensor:
        """Finished values in the stored order of dimensions; what is stored is not changed."""
        if self._steps and stored.dtype in WIDE:
            return self._exactly(stored)
        finished = stored.to(self.dtype, copy=bool(self._steps))
        for operation, by, _ in self._steps:
            getattr(finished, operation)(by)
        return finished

    def alone(self, stored: Tensor) -> Tensor:
        """A finished batch as of a call, to the same bits, by this thread alone: torch's helpers would wait
        for cores on which others decode.
        """
        if self.device.type != "cpu" or self.dtype != torch.float32 or stored.dtype in WIDE:
            return self(stored)
        finished = stored.numpy().astype(np.float32)
        for operation, by, _ in self._steps:
            {"div_": np.divide, "sub_": np.subtract}[operation](finished, by.numpy(), out=finished)
        finished = finished.reshape(len(stored), *self.features)
        if not self.channels_last:
            return torch.from_numpy(finished)
        return torch.from_numpy(np.ascontiguousarray(finished.transpose(0, 2, 3, 1))).permute(0, 3, 1, 2)

    def _exactly(self, stored: Tensor) -> Tensor:
        """Scaled in float64, so that times stay apart; on the CPU where the device has none."""
        finished = stored.to(self._exact_device, torch.float64, copy=True)
        for operation, _, by in self._steps:
            getattr(finished, operation)(by)
        return finished.to(self.device, self.dtype)

    def moved(self, stored: Tensor, *, non_blocking: bool = False) -> Tensor:
        """Stored rows on the device, where it can hold them."""
        if self.device.type == "mps" and stored.dtype == torch.float64:
            return stored
        return stored.to(self.device, non_blocking=non_blocking)

    def __call__(self, stored: Tensor) -> Tensor:
        """A finished batch of shape `(batch, *features)`."""
        finished = self.values(stored).view(len(stored), *self.features)
        return finished.to(memory_format=torch.channels_last) if self.channels_last else finished


class Column(Protocol):
    """Rows on the device."""

    def __len__(self) -> int: ...

    def take(self, rows: Tensor) -> Tensor:
        """The finished rows of these indices (on the device)."""
        ...


class ReadyColumn:
    """Float inputs or integer labels, ready."""

    def __init__(self, values: Tensor) -> None:
        self._values = values

    def __len__(self) -> int:
        return len(self._values)

    def take(self, rows: Tensor) -> Tensor:
        return self._values.index_select(0, rows)


class FinishedImages:
    """Images kept as `(N, H, W, C)`: a gathered batch is channels last without another copy."""

    def __init__(self, values: Tensor) -> None:
        self._values = values

    def __len__(self) -> int:
        return len(self._values)

    def take(self, rows: Tensor) -> Tensor:
        return self._values.index_select(0, rows).permute(0, 3, 1, 2)


class Stored:
    """Rows as they are on disk, finished batch by batch: a quarter of the memory for pixels."""

    def __init__(self, stored: Tensor, finish: Finish) -> None:
        self._stored, self._finish = stored, finish

    def __len__(self) -> int:
        return len(self._stored)

    def take(self, rows: Tensor) -> Tensor:
        return self._finish(self._stored.index_select(0, rows))


class Windows:
    """Overlapping windows of a finished sequence; the sequence is kept once."""

    def __init__(self, sequence: Tensor, starts: Tensor, length: int, shape: tuple[int, ...]) -> None:
        # (positions, ..., length): a view, whatever the overlap
        self._view = sequence.unfold(0, length, 1)
        self._starts, self._shape, self._flat = starts, shape, sequence.dim() == 1

    def __len__(self) -> int:
        return len(self._starts)

    def take(self, rows: Tensor) -> Tensor:
        windows = self._view.index_select(0, self._starts.index_select(0, rows))
        if not self._flat:
            windows = windows.movedim(-1, 1)
        return windows.reshape(len(rows), *self._shape)


def resident(rows: Rows, finish: Finish, free: int) -> Column | None:
    """The column on the device, or None where it does not fit or would have to be read first."""
    if isinstance(rows, WindowRows):
        return _windows(rows, finish, free)
    whole = rows.rows if isinstance(rows, PartRows) else rows
    if not isinstance(whole, ArrayRows):
        return None
    count = math.prod(rows.shape)
    stored_bytes = count * rows.dtype.itemsize
    if isinstance(whole.array, np.memmap) and stored_bytes > LAZY_LIMIT:
        return None
    if count * finish.dtype.itemsize <= free * FINISHED_SHARE:
        return _finished(rows, finish)
    if stored_bytes <= free * STORED_SHARE and isinstance(rows, ArrayRows):
        stored = tensor(rows.array)
        check_classes(stored, finish.spec)
        return Stored(finish.moved(stored), finish)
    return None


def tensor(array: np.ndarray) -> Tensor:
    """The array as a tensor, without a copy where torch can share it."""
    if not array.flags.writeable or not array.flags.c_contiguous:
        array = np.array(array, order="C")
    return torch.from_numpy(array)


def _finished(rows: Rows, finish: Finish) -> Column:
    features, count = finish.features, len(rows)
    if not finish.channels_last:
        values = torch.empty((count, *features), dtype=finish.dtype, device=finish.device)
        for start in range(0, count, CHUNK):
            values[start : start + CHUNK] = finish(finish.moved(_chunk(rows, start)))
        check_classes(values, finish.spec)
        return ReadyColumn(values)
    channels, height, width = features
    values = torch.empty((count, height, width, channels), dtype=finish.dtype, device=finish.device)
    for start in range(0, count, CHUNK):
        stored = finish.moved(_chunk(rows, start))
        values[start : start + CHUNK] = finish.values(stored).view(-1, *features).permute(0, 2, 3, 1)
    return FinishedImages(values)


def _chunk(rows: Rows, start: int) -> Tensor:
    """The next `CHUNK` stored rows, without a copy where torch can share them."""
    if isinstance(rows, ArrayRows):
        return tensor(rows.array[start : start + CHUNK])
    return tensor(rows.fetch(np.arange(start, min(start + CHUNK, len(rows)))))


def _windows(rows: WindowRows, finish: Finish, free: int) -> Column | None:
    if isinstance(rows.sequence, np.memmap) and rows.sequence.nbytes > LAZY_LIMIT:
        return None
    sequence_bytes = rows.sequence.size * finish.dtype.itemsize
    if sequence_bytes + rows.starts.nbytes > free * FINISHED_SHARE:
        return None
    sequence = finish.values(finish.moved(tensor(rows.sequence)))
    check_classes(sequence, finish.spec)
    starts = tensor(rows.starts).to(finish.device) + rows.offset
    return Windows(sequence, starts, rows.length, finish.features)


def check_classes(values: Tensor, spec: TensorSpec) -> None:
    """A class out of range would end CUDA for the whole process when the loss meets it."""
    if spec.classes is None or spec.is_float or not values.numel():
        return
    low, high = int(values.min()), int(values.max())
    if low < 0 and spec.rank > 2:  # pixels of a map of labels may count nowhere
        counted = values[values != UNCOUNTED]
        low = int(counted.min()) if counted.numel() else 0
    if low < 0 or high >= spec.classes:
        raise DataError(
            f"Expected classes from 0 to {spec.classes - 1}. Received {low if low < 0 else high}."
        )
