"""Lengths of tensors against numpy in double precision, also where single precision ends."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from engine.lens.arrays import length


@pytest.mark.parametrize("scale", [0.0, 1e-30, 1e-18, 1e-3, 1.0, 1e12, 1e25])
@pytest.mark.parametrize("kind", [torch.float32, torch.float64, torch.bfloat16])
def test_a_length_is_that_of_numpy(scale: float, kind: torch.dtype) -> None:
    values = (torch.randn(300, 400, generator=torch.Generator().manual_seed(3)) * scale).to(kind)
    expected = float(np.linalg.norm(values.double().numpy()))
    assert length(values) == pytest.approx(expected, rel=1e-6)


def test_lengths_of_halves_nothing_and_infinities() -> None:
    assert length(torch.full((70_000,), 100.0, dtype=torch.float16)) == pytest.approx(100 * 70_000**0.5)
    assert length(torch.zeros(0)) == 0.0
    assert length(torch.tensor([1.0, float("inf")])) == float("inf")
    assert np.isnan(length(torch.tensor([1.0, float("nan")])))
