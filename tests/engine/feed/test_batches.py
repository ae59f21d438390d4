"""Batches: the documented order, the same values resident and streamed, bounded memory while streaming."""

from __future__ import annotations

import threading
import time

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from engine.data import batches
from engine.data.batches import BatchOrder, ResidentFeed, StreamedFeed, feed
from engine.data.columns import Stored
from nodes.reading.dataset import Array, ArrayRows, DataSplit, Scaling, WindowRows
from nodes.reading.error import DataError
from nodes.reading.progress import tell
from nodes.spec import N, TensorSpec

CPU = torch.device("cpu")
IMAGES = TensorSpec((N, 3, 4, 4))
LABELS = TensorSpec((N,), "int64", classes=5)
PLENTY = 1 << 30


class SlowRows:
    """Rows that are made when they are asked for; counts how many were fetched."""

    def __init__(self, count: int, seconds: float = 0.0) -> None:
        self.count, self.seconds, self.fetched = count, seconds, 0
        self._lock = threading.Lock()

    @property
    def shape(self) -> tuple[int, ...]:
        return (self.count, 3, 4, 4)

    @property
    def dtype(self) -> np.dtype[np.generic]:
        return np.dtype(np.uint8)

    def __len__(self) -> int:
        return self.count

    def fetch(self, indices: NDArray[np.int64]) -> Array:
        time.sleep(self.seconds)
        with self._lock:
            self.fetched += len(indices)
        return (indices[:, None, None, None] % 251 * np.ones((1, 3, 4, 4))).astype(np.uint8)


def images(count: int = 50) -> DataSplit:
    pixels = np.random.default_rng(0).integers(0, 256, (count, 3, 4, 4), dtype=np.uint8)
    labels = np.arange(count, dtype=np.uint8) % 5
    scaling = Scaling(255.0, (0.1, 0.2, 0.3), (0.5, 0.6, 0.7))
    return DataSplit(ArrayRows(pixels), ArrayRows(labels), scaling)


def opened(split: DataSplit, free: int = PLENTY, **options: bool) -> ResidentFeed | StreamedFeed:
    return feed(split, (IMAGES, LABELS), BatchOrder(len(split), 8, 3), CPU, free=free, **options)


def test_batches_come_in_the_documented_order() -> None:
    split = images()
    assert isinstance(split.input, ArrayRows)
    resident = opened(split)
    generator = torch.Generator().manual_seed(3)
    pixels = torch.from_numpy(split.input.array).float() / 255.0
    mean, deviation = (torch.tensor(v).view(3, 1, 1) for v in ((0.1, 0.2, 0.3), (0.5, 0.6, 0.7)))
    for _ in range(2):
        order = torch.randperm(50, generator=generator)
        for rows in order.split(8):
            inputs, targets = resident.next()
            assert torch.equal(inputs, (pixels[rows] - mean) / deviation)
            assert targets is not None
            assert torch.equal(targets, rows % 5)
            assert targets.dtype == torch.int64


def test_resident_stored_and_streamed_batches_are_the_same() -> None:
    split = images()
    feeds = [opened(split, channels_last=True), opened(split, free=7000, channels_last=True)]
    assert isinstance(feeds[1], ResidentFeed)
    assert isinstance(feeds[1].input, Stored)
    feeds.append(opened(split, free=0, channels_last=True))
    assert isinstance(feeds[2], StreamedFeed)
    try:
        for _ in range(10):
            made = [each.next() for each in feeds]
            assert all(torch.equal(inputs, made[0][0]) for inputs, _ in made)
            assert all(i.is_contiguous(memory_format=torch.channels_last) for i, _ in made)
            assert all(torch.equal(targets, made[0][1]) for _, targets in made)  # type: ignore[arg-type]
        held = [torch.cat([inputs for inputs, _ in each.sequential(16)]) for each in feeds]
        assert all(torch.equal(inputs, held[0]) for inputs in held)
        assert torch.equal(feeds[2].at([7, 3])[0], held[0][[7, 3]])
    finally:
        for each in feeds:
            each.close()


def test_the_last_small_batch_is_used_unless_it_holds_one_sample_or_sources_keep_step() -> None:
    assert (BatchOrder(50, 8, 0).steps, BatchOrder(50, 8, 0).used) == (7, 50)
    assert (BatchOrder(49, 8, 0).steps, BatchOrder(49, 8, 0).used) == (6, 48)
    assert (BatchOrder(50, 8, 0, whole_only=True).steps, BatchOrder(3, 8, 0).steps) == (6, 1)
    assert BatchOrder(5, 1, 0).steps == 5
    with pytest.raises(DataError, match="at least one sample"):
        BatchOrder(0, 8, 0)


def test_windows_of_a_sequence_stay_one_sequence() -> None:
    sequence = np.arange(200, dtype=np.float32).reshape(100, 2)
    starts = np.arange(0, 90, 3)
    rows = WindowRows(sequence, starts, 6)
    coming = WindowRows(sequence[:, 0], starts, 2, offset=6)
    split = DataSplit(rows, coming, Scaling(2.0, (1.0, 2.0), (3.0, 4.0)))
    specs = (TensorSpec((N, 6, 2)), TensorSpec((N, 2)))
    made = feed(split, specs, BatchOrder(len(split), 30, 0), CPU, free=PLENTY)
    assert isinstance(made, ResidentFeed)
    (inputs, targets), *_ = made.sequential(30)
    everything = np.arange(30)
    assert targets is not None
    expected = (torch.from_numpy(rows.fetch(everything)) / 2.0 - torch.tensor([1.0, 2.0])) / torch.tensor(
        [3.0, 4.0]
    )
    assert torch.equal(inputs, expected)
    assert torch.equal(targets, torch.from_numpy(coming.fetch(everything)))


def test_streaming_reads_a_bounded_number_of_rows_ahead() -> None:
    rows = SlowRows(100_000)
    split = DataSplit(rows, None, Scaling(255.0))
    stream = feed(split, (IMAGES, None), BatchOrder(len(split), 64, 0), CPU, free=PLENTY)
    assert isinstance(stream, StreamedFeed)
    try:
        for _ in range(5):
            inputs, targets = stream.next()
            assert inputs.shape == (64, 3, 4, 4)
            assert targets is None
        time.sleep(0.05)
        assert rows.fetched <= (5 + batches.AHEAD) * 64
    finally:
        stream.close()


def test_closing_does_not_wait_for_what_nobody_needs() -> None:
    stream = opened(DataSplit(SlowRows(1000, seconds=0.02), ArrayRows(np.zeros(1000, np.int64))))
    stream.next()
    start = time.perf_counter()
    stream.close()
    assert time.perf_counter() - start < 5.0, "all rows would take 20 seconds"


class TellingRows(SlowRows):
    """Rows of which the first batch comes at once; others take 100 s each, and tell how far they are."""

    def fetch(self, indices: NDArray[np.int64]) -> Array:
        if not self.fetched:
            return super().fetch(indices)
        for _ in range(50_000):
            self.fetched += 1
            time.sleep(0.002)
            tell("Reading rows")
        return super().fetch(indices)


def test_closing_calls_off_what_is_being_read() -> None:
    rows = TellingRows(1000)
    stream = opened(DataSplit(rows, ArrayRows(np.zeros(1000, np.int64))))
    stream.next()
    stream.close()
    assert rows.fetched < 10_000


def test_a_label_out_of_range_is_refused_before_the_device_meets_it() -> None:
    split = DataSplit(images().input, ArrayRows(np.full(50, 5)))
    with pytest.raises(DataError, match=r"classes from 0 to 4. Received 5"):
        opened(split)
