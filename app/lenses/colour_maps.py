"""Arrays become pictures: signed values from orange through the panel's ground to blue, and greys for images.

Pure functions from numpy to QImage, one array pixel per image pixel; whoever draws scales with nearest
neighbour, so that pictures stay crisp at every density.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from PySide6.QtGui import QColor, QImage

from app.lenses.room import Room
from app.style.theme import NEGATIVE, POSITIVE, Theme

FloatArray = NDArray[np.float32]
RgbArray = NDArray[np.uint8]
"""(H, W, 4) bytes in the order of QImage.Format_RGB32 on a little-endian machine: blue, green, red, 255."""

_STEPS = 255
"""Odd, so that zero is exactly the ground."""
_VIRIDIS = (
    "#440154", "#482878", "#3e4989", "#31688e", "#26828e",
    "#1f9e89", "#35b779", "#6ece58", "#b5de2b", "#fde725",
)  # fmt: skip
"""Evenly spaced colours of viridis (Smith & van der Walt, 2015), from the least value to the greatest."""


def signed_scale(array: NDArray[np.generic], quantile: float = 0.995) -> float:
    """The value that stands for full colour: nearly the largest magnitude; one outlier dims nothing."""
    values = np.abs(np.asarray(array, dtype=np.float32)).ravel()
    values = values[np.isfinite(values)]
    if values.size == 0:
        return 1.0
    at = min(values.size - 1, int(quantile * values.size))
    largest = float(np.partition(values, at)[at]) or float(values.max())
    return largest if largest > 0.0 else 1.0


def signed_pixels(array: NDArray[np.generic], scale: float, theme: Theme) -> RgbArray:
    """Values of any shape `(…)` -> pixels `(…, 4)`; −scale is orange, 0 (and NaN) the ground, +scale blue."""
    values = np.nan_to_num(np.asarray(array, dtype=np.float32), nan=0.0, posinf=scale, neginf=-scale)
    half = (_STEPS - 1) / 2
    index = np.clip(values * np.float32(half / scale) + np.float32(half + 0.5), 0, _STEPS - 1).astype(
        np.uint8
    )
    pixels: RgbArray = np.take(_signed_table(theme.panel), index, axis=0)
    return pixels


def sequential_pixels(
    array: NDArray[np.generic], low: float | None = None, high: float | None = None
) -> RgbArray:
    """Values `(…)` -> pixels `(…, 4)` in viridis from `low` to `high`; by default the own range."""
    values = np.nan_to_num(np.asarray(array, dtype=np.float32))
    bottom = float(values.min(initial=np.inf)) if low is None else low
    top = float(values.max(initial=-np.inf)) if high is None else high
    span = top - bottom if top > bottom else 1.0
    index = np.clip((values - bottom) * (255.0 / span) + 0.5, 0, 255).astype(np.uint8)
    pixels: RgbArray = np.take(_sequential_table(), index, axis=0)
    return pixels


def grey_pixels(array: NDArray[np.generic], low: float | None = None, high: float | None = None) -> RgbArray:
    """Values `(…)` -> grey pixels `(…, 4)` with `low` black and `high` white; by default the own range."""
    values = np.nan_to_num(np.asarray(array, dtype=np.float32))
    bottom = float(values.min(initial=np.inf)) if low is None else low
    top = float(values.max(initial=-np.inf)) if high is None else high
    span = top - bottom if top > bottom else 1.0
    grey = np.clip((values - bottom) * (255.0 / span), 0, 255).astype(np.uint8)
    pixels = np.empty((*grey.shape, 4), np.uint8)
    pixels[..., :3] = grey[..., None]
    pixels[..., 3] = 255
    return pixels


def colour_pixels(
    array: NDArray[np.generic], low: float | None = None, high: float | None = None
) -> RgbArray:
    """Red-green-blue values `(3, H, W)` -> pixels `(H, W, 4)`, scaled together from `low` to `high`."""
    planes = grey_pixels(array, low, high)[..., 0]
    pixels = np.empty((*planes.shape[1:], 4), np.uint8)
    pixels[..., 2], pixels[..., 1], pixels[..., 0], pixels[..., 3] = planes[0], planes[1], planes[2], 255
    return pixels


def to_image(pixels: RgbArray) -> QImage:
    """A QImage that owns a copy of the pixels `(H, W, 4)`."""
    held = np.ascontiguousarray(pixels)
    height, width = held.shape[:2]
    return QImage(held.data, width, height, width * 4, QImage.Format.Format_RGB32).copy()


def grey_image(array: NDArray[np.generic], low: float | None = None, high: float | None = None) -> QImage:
    """A map of plain values `(H, W)` in greys."""
    return to_image(grey_pixels(array, low, high))


def sample_image(sample: NDArray[np.generic], low: float | None = None, high: float | None = None) -> QImage:
    """An input picture: `(H, W)` and `(1, H, W)` in greys, `(3, H, W)` in colour."""
    values = np.asarray(sample)
    if values.ndim == 3 and values.shape[0] == 3:
        return to_image(colour_pixels(values, low, high))
    return grey_image(values[0] if values.ndim == 3 else values, low, high)


def tile(
    pixels: RgbArray,
    columns: int,
    gap: int = 1,
    ground: str = "#000000",
    magnify: int = 1,
    clear: bool = False,
    rows: int = 0,
) -> QImage:
    """Pictures `(n, H, W, 4)` in rows of `columns`, with `gap` pixels of ground between them.

    `magnify` repeats each pixel, so that a gap may be finer than a pixel of the pictures. `clear` leaves the
    gaps transparent instead (for drawing on any ground). With `rows` the sheet has so many rows of all
    columns, whether there are pictures for them or not.
    """
    if magnify > 1:
        pixels = pixels.repeat(magnify, axis=1).repeat(magnify, axis=2)
    count, height, width = pixels.shape[:3]
    columns = columns if rows else max(1, min(columns, count))
    rows = max(rows, -(-count // columns))
    colour = QColor(ground)
    fill = (0, 0, 0, 0) if clear else (colour.blue(), colour.green(), colour.red(), 255)
    sheet = np.empty((rows, height + gap, columns, width + gap, 4), np.uint8)
    sheet[:] = fill
    padded = np.empty((rows * columns, height, width, 4), np.uint8)
    padded[:count] = pixels
    padded[count:] = fill
    sheet[:, :height, :, :width] = padded.reshape(rows, columns, height, width, 4).transpose(0, 2, 1, 3, 4)
    flat = sheet.reshape(rows * (height + gap), columns * (width + gap), 4)
    flat = np.ascontiguousarray(flat[: flat.shape[0] - gap, : flat.shape[1] - gap])
    kind = QImage.Format.Format_ARGB32_Premultiplied if clear else QImage.Format.Format_RGB32
    return QImage(flat.data, flat.shape[1], flat.shape[0], flat.shape[1] * 4, kind).copy()


def tiles_in(room: Room, pixels: RgbArray, ground: str = "#000000") -> QImage:
    """The tiles of a picture inside a node, in the places of its room; a place without a tile stays clear.

    A node is painted by cutting its sheet into the places of its room, so that a sheet with fewer rows or
    columns would be cut through its pictures.
    """
    few = len(pixels) < room.columns * room.rows
    return tile(pixels[: room.count], room.columns, gap=0, ground=ground, clear=few, rows=room.rows)


@lru_cache(maxsize=1)
def _sequential_table() -> RgbArray:
    colours = [QColor(name) for name in _VIRIDIS]
    known = np.array([(c.blue(), c.green(), c.red()) for c in colours], np.float64)
    places, at = np.linspace(0.0, 1.0, 256), np.linspace(0.0, 1.0, len(known))
    table = np.full((256, 4), 255, np.uint8)
    table[:, :3] = np.rint([np.interp(places, at, known[:, channel]) for channel in range(3)]).T
    return table


@lru_cache(maxsize=8)
def _signed_table(ground: str) -> RgbArray:
    colours = [QColor(name) for name in (NEGATIVE, ground, POSITIVE)]
    ends = [np.array((c.blue(), c.green(), c.red()), np.float32) for c in colours]
    position = np.linspace(-1.0, 1.0, _STEPS, dtype=np.float32)[:, None]
    # On a light ground the eye needs more colour to see as much of a difference.
    share = np.abs(position) ** (0.75 if colours[1].lightnessF() > 0.5 else 1.0)
    mixed = ends[1] + np.where(position < 0, ends[0] - ends[1], ends[2] - ends[1]) * share
    table = np.full((_STEPS, 4), 255, np.uint8)
    table[:, :3] = np.rint(mixed).astype(np.uint8)
    return table
