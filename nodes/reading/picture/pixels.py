"""Stacks of pictures in memory: cropped, stretched, padded, recoloured. Pixels stay uint8 `(N, C, H, W)`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from PIL import Image

Pixels = NDArray[np.uint8]


@dataclass(frozen=True)
class Pictures:
    """A stack of pictures `(N, C, H, W)` with a label each, in two parts where the set has a fixed split."""

    images: Pixels
    labels: NDArray[np.int64]
    validation_images: Pixels | None = None
    validation_labels: NDArray[np.int64] | None = None


def reshape(images: Pixels, sample: tuple[int, int, int], fit: str) -> Pixels:
    """Recolour and resize a stack to pictures (channels, height, width); the same array where it has them."""
    if images.shape[1:] == sample or not len(images):
        return images
    from PIL import Image

    channels, height, width = sample
    shaped = np.empty((len(images), *sample), np.uint8)
    for i, image in enumerate(images):
        picture = Image.fromarray(image[0] if len(image) == 1 else np.moveaxis(image, 0, -1))
        shaped[i] = to_array(picture, fit, channels, (height, width))
    return shaped


def to_array(
    picture: Image.Image, fit: str, channels: int, size: tuple[int, int], *, beyond: int | None = None
) -> Pixels:
    """A picture as `(channels, height, width)` of the given (height, width).

    `beyond` makes it a mask: numbers are not mixed, and this one stands where it has no pixels.
    """
    mode = "L" if channels == 1 else "RGB"
    flat = picture if picture.mode == mode else picture.convert(mode)
    height, width = size
    if flat.size != (width, height):
        flat = _fitted(flat, fit, (height, width), beyond)
    pixels = np.asarray(flat, np.uint8)
    return pixels[None] if channels == 1 else np.moveaxis(pixels, -1, 0)


def _fitted(picture: Image.Image, fit: str, size: tuple[int, int], beyond: int | None) -> Image.Image:
    from PIL import Image

    height, width = size
    how = Image.Resampling.BILINEAR if beyond is None else Image.Resampling.NEAREST
    if fit == "stretch":
        return picture.resize((width, height), how)
    across, down = width / picture.width, height / picture.height
    if fit == "pad":
        # A smaller picture keeps its pixels (28 in 32 is a border of two); a larger one is shrunk to fit.
        factor = min(across, down, 1.0)
        inner = (max(1, round(picture.width * factor)), max(1, round(picture.height * factor)))
        canvas = Image.new(picture.mode, (width, height), beyond or 0)
        canvas.paste(
            picture.resize(inner, how) if factor < 1 else picture,
            ((width - inner[0]) // 2, (height - inner[1]) // 2),
        )
        return canvas
    factor = max(across, down)
    inner_width, inner_height = width / factor, height / factor
    left, top = (picture.width - inner_width) / 2, (picture.height - inner_height) / 2
    box = (left, top, left + inner_width, top + inner_height)
    return picture.resize((width, height), how, box=box, reducing_gap=2.0 if beyond is None else None)
