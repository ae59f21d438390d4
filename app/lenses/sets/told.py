"""Of which samples a lens over a set tells, in words."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def of_set(held: NDArray[np.generic]) -> str:
    """`512 of 2,000 validation samples`, from how many were looked at, how many there are and whether they
    are held back.
    """
    seen, total, is_held_back = (int(count) for count in held)
    part = "validation" if is_held_back else "training"
    return f"{seen:,} {part} samples" if seen >= total else f"{seen:,} of {total:,} {part} samples"
