"""Frames of the prediction lens, for an output and a target that are given."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from engine.lens.lens import Seen
from engine.lens.registry import LENSES


def sent(
    output: NDArray[Any], target: NDArray[Any], given: NDArray[Any] | None = None
) -> dict[str, NDArray[Any]]:
    """What travels to the window of one sample."""
    data = {"target": target} if given is None else {"target": target, "input": given}
    tensors = {port: torch.from_numpy(np.asarray(value))[None] for port, value in data.items()}
    return LENSES["prediction"].compute(Seen(torch.from_numpy(np.asarray(output))[None], data=tensors))
