"""Numbers that single precision cannot hold are scaled in double precision, resident and streamed alike."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch

from engine.data.batches import BatchOrder, ResidentFeed, StreamedFeed, feed
from nodes.reading import split
from nodes.reading.dataset import ArrayRows, DataSplit, PartRows
from nodes.spec import N, TensorSpec

CPU = torch.device("cpu")
SPEC = TensorSpec((N, 1))


def batches(stored: np.ndarray, *, free: int) -> torch.Tensor:
    """All rows as the network sees them, standardised, as inputs and as targets."""
    scaling = split.scaling(stored, "standardise")
    part = DataSplit(ArrayRows(stored), ArrayRows(stored), scaling, scaling)
    made = feed(part, (SPEC, SPEC), BatchOrder(len(stored), 64, 0), CPU, free=free)
    assert isinstance(made, ResidentFeed if free else StreamedFeed)
    try:
        taken = list(made.sequential(64))
    finally:
        made.close()
    inputs, targets = (torch.cat([batch[i] for batch in taken]) for i in (0, 1))  # type: ignore[misc]
    assert torch.equal(inputs, targets)
    return inputs


@pytest.mark.parametrize("free", [0, 1 << 30])
@pytest.mark.parametrize(
    ("start", "step", "dtype"),
    [
        (1.6e12, 250, np.float64),
        (1_600_000_000_000, 250, np.int64),
        (1_600_000_000_000, 250, np.uint64),
        (2_000_000_000, 3, np.int32),
        (4_000_000_000, 3, np.uint32),
        (5543210.123, 1e-4, np.float64),
        (2459000.5, 1e-5, np.float64),
        (0.0, 1e-9, np.float64),
    ],
)
def test_large_numbers_that_differ_little_stay_apart(
    free: int, start: float, step: float, dtype: Any
) -> None:
    stored = (np.arange(400)[:, None] * dtype(step) + dtype(start)).astype(dtype)
    found = batches(stored, free=free)
    wanted = (np.arange(400) - 199.5) / np.arange(400).std()
    assert found.dtype == torch.float32
    assert found[:, 0].numpy() == pytest.approx(wanted, abs=1e-4)


@pytest.mark.parametrize("dtype", ["f2", "f4", "f8", "i8"])
@pytest.mark.parametrize("value", [0, 3, 60_000])
def test_a_column_without_spread_keeps_its_size(dtype: str, value: int) -> None:
    for choice in ("standardise", "0-1"):
        scaling = split.scaling(np.full((1000, 1), value, dtype), choice)
        assert scaling.deviation == (1.0,)


def test_some_rows_of_an_array_in_memory_are_resident() -> None:
    part = DataSplit(PartRows(ArrayRows(np.arange(10.0)[:, None]), np.array([7, 1, 4])), None)
    made = feed(part, (SPEC, None), BatchOrder(3, 2, 0), CPU, free=1 << 30)
    assert isinstance(made, ResidentFeed)
    assert torch.cat([batch[0] for batch in made.sequential(2)]).ravel().tolist() == [7, 1, 4]
