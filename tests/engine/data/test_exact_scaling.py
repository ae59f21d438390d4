"""Numbers with more digits than float32 keep them until their mean is taken away."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from engine.data.columns import Finish, resident
from nodes.reading.dataset import ArrayRows, Scaling
from nodes.spec import N, TensorSpec

CPU = torch.device("cpu")


@pytest.mark.parametrize("dtype", [np.float64, np.int64])
def test_times_stay_apart_where_they_are_scaled(dtype: type[np.generic]) -> None:
    times = (1_700_000_000_000 + 250 * np.arange(400)).astype(dtype)[:, None]
    exact = times.astype(np.float64)
    scaling = Scaling(1.0, (float(exact.mean()),), (float(exact.std()),))
    column = resident(ArrayRows(times), Finish(TensorSpec((N, 1)), scaling, CPU), 1 << 30)
    assert column is not None
    finished = column.take(torch.arange(400)).numpy()
    assert finished.dtype == np.float32
    assert len(np.unique(finished)) == 400
    assert finished == pytest.approx((exact - exact.mean()) / exact.std(), abs=1e-6)


def test_pixels_are_scaled_in_single_precision() -> None:
    finish = Finish(TensorSpec((N, 3)), Scaling(255.0, (0.5,), (0.25,)), CPU)
    pixels = torch.tensor([[0, 128, 255]], dtype=torch.uint8)
    assert torch.equal(finish(pixels), (pixels.float() / 255.0 - 0.5) / 0.25)
