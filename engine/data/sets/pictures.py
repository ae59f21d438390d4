"""Labelled pictures that fit in memory: embedded sets, IDX files, CIFAR-10. Pixels stay uint8 `(N, C, H, W)`.

Knows how to crop, stretch, pad and recolour a stack of pictures; pictures in a folder are `image_folder`'s.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from engine.data import split
from engine.data.dataset import ArrayRows, DataInfo, DataSet, DataSplit
from nodes.data.source import DataSource
from nodes.spec import N, TensorSpec

Pixels = NDArray[np.uint8]


@dataclass(frozen=True)
class Pictures:
    """A stack of pictures `(N, C, H, W)` with a label each, in two parts where the set has a fixed split."""

    images: Pixels
    labels: NDArray[np.int64]
    validation_images: Pixels | None = None
    validation_labels: NDArray[np.int64] | None = None


def sample_shape(source: DataSource, channels: int, height: int, width: int) -> tuple[int, int, int]:
    """What pictures of this size become by the source's size and colour: channels, height, width."""
    kept = {"auto": channels, "grey": 1, "rgb": 3}[source.colour]
    return (kept, height, width) if 0 in source.size else (kept, source.size[0], source.size[1])


def spec(source: DataSource, channels: int, height: int, width: int) -> TensorSpec:
    """The same as a tensor with its batch dimension."""
    return TensorSpec((N, *sample_shape(source, channels, height, width)))


def data_set(source: DataSource, info: DataInfo, pictures: Pictures, seed: int) -> DataSet:
    """Split, cut to size and scaled, ready to train on."""
    images, labels = pictures.images, pictures.labels
    if pictures.validation_images is not None and pictures.validation_labels is not None:
        kept = split.first(len(images), len(pictures.validation_images), source.samples)
        inside, outside = np.arange(kept[0]), len(images) + np.arange(kept[1])
        train = (images[: kept[0]], labels[: kept[0]])
        held = (pictures.validation_images[: kept[1]], pictures.validation_labels[: kept[1]])
    else:
        inside, outside = split.shuffled(len(images), source.validation, seed, source.samples)
        train, held = (images[inside], labels[inside]), (images[outside], labels[outside])
    shaped = reshape(train[0], source)
    choice = "standardise" if source.scaling == "auto" else source.scaling
    scaling = split.scaling(shaped, choice, axis=1)
    return DataSet(
        info,
        DataSplit(ArrayRows(shaped), ArrayRows(train[1]), scaling, places=inside),
        DataSplit(ArrayRows(reshape(held[0], source)), ArrayRows(held[1]), scaling, places=outside),
    )


def reshape(images: Pixels, source: DataSource) -> Pixels:
    """Recolour and resize a stack of pictures as the source asks; the same array where it asks nothing."""
    target = sample_shape(source, *images.shape[1:])
    if images.shape[1:] == target or not len(images):
        return images
    shaped = np.empty((len(images), *target), np.uint8)
    for i, image in enumerate(images):
        picture = Image.fromarray(image[0] if len(image) == 1 else np.moveaxis(image, 0, -1))
        shaped[i] = to_array(picture, source.fit, shaped.shape[1], (shaped.shape[2], shaped.shape[3]))
    return shaped


def to_array(picture: Image.Image, fit: str, channels: int, size: tuple[int, int]) -> Pixels:
    """A picture as `(channels, height, width)` of the given (height, width)."""
    flat = picture.convert("L" if channels == 1 else "RGB")
    height, width = size
    if flat.size != (width, height):
        flat = _fitted(flat, fit, height, width)
    pixels = np.asarray(flat, np.uint8)
    return pixels[None] if channels == 1 else np.moveaxis(pixels, -1, 0)


def _fitted(picture: Image.Image, fit: str, height: int, width: int) -> Image.Image:
    if fit == "stretch":
        return picture.resize((width, height), Image.Resampling.BILINEAR)
    across, down = width / picture.width, height / picture.height
    if fit == "pad":
        # A smaller picture keeps its pixels (28 in 32 is a border of two); a larger one is shrunk to fit.
        factor = min(across, down, 1.0)
        inner = (max(1, round(picture.width * factor)), max(1, round(picture.height * factor)))
        canvas = Image.new(picture.mode, (width, height))
        canvas.paste(
            picture.resize(inner, Image.Resampling.BILINEAR) if factor < 1 else picture,
            ((width - inner[0]) // 2, (height - inner[1]) // 2),
        )
        return canvas
    factor = max(across, down)
    inner_width, inner_height = width / factor, height / factor
    left, top = (picture.width - inner_width) / 2, (picture.height - inner_height) / 2
    box = (left, top, left + inner_width, top + inner_height)
    return picture.resize((width, height), Image.Resampling.BILINEAR, box=box, reducing_gap=2.0)
