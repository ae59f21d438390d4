"""How pictures of any number of channels are shown: latents have four, a screen has one or three.

Knows numpy arrays alone.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray


def as_pictures(images: NDArray[Any]) -> NDArray[Any]:
    """Images `(…, C, H, W)` as pictures in grey or colour.

    One channel (grey) and three (red, green, blue) stay as they are. Any other number becomes
    `(…, 1, H, C·W)`: the channels as tiles side by side in grey, the first at the left.
    """
    *more, channels, height, width = images.shape
    if channels in (1, 3):
        return images
    return np.moveaxis(images, -3, -2).reshape(*more, 1, height, channels * width)
