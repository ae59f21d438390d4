"""The one figure that stands for the training loss of a run at its end, wherever it is shown."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from engine.runs.curves import Curves

SHARE, MOST = 10, 100
MEANING = "mean of the last tenth of the steps"
"""What `final_loss` is, as a label says it."""


def final_loss(losses: NDArray[np.float64]) -> float:
    """The mean of the last tenth of the losses `(steps,)`, at most 100 and at least 1.

    Losses that are no numbers are left out; NaN where there are no others.
    """
    last = losses[-min(max(len(losses) // SHARE, 1), MOST) :]
    last = last[np.isfinite(last)]
    return float(last.mean()) if len(last) else float("nan")


def final_losses(curves: Curves) -> dict[str, float]:
    """The final training loss of every objective that acted."""
    return {path: final_loss(losses) for path, (_, losses) in curves.losses.items() if len(losses)}
