"""Labels of a sample in words."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

NONE = "no label"
"""What is told of a sample of which no label holds."""


def words_of(row: NDArray[np.generic], labels: Sequence[str]) -> str:
    """The labels of which a row `(K)` has more than 0.5, in words; empty: none of them."""
    held = [label for label, value in zip(labels, np.ravel(row), strict=True) if float(value) > 0.5]
    sign = next(
        (one for one in (", ", "; ", " | ") if not any(one.strip() in label for label in labels)), ", "
    )
    return sign.join(held)
