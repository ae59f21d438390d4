"""Samples as files: a PNG of one set, a GIF of several, a text file. Pictures are enlarged without blending.

Pictures of other than 1 or 3 channels (latents) are written as their channels side by side in grey.

Knows arrays as `engine.sample.shown` makes them; needs neither torch nor a screen.
"""

from __future__ import annotations

import io
import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from engine.sample.channels import as_pictures
from nodes.user_error import UserError

Arrays = Mapping[str, NDArray[Any]]
Bounds = tuple[float, float, float, float]
GROUND, FAINT, STRONG = (255, 255, 255), (178, 186, 198), (36, 99, 235)
GAP, SIDE, PLANE, DOT = 2, 56, 480, 2
"""Pixels: between pictures, the least side of a shown one, the side of a plane of points, a dot's radius."""
FRAME_MS, LAST_MS = 150, 1500
MOST_PIXELS, MOST_FILM_PIXELS = 1 << 25, 1 << 28
"""The most pixels of one picture, and of all pictures of a film, so that they fit in memory."""


class ExportError(UserError, ValueError):
    """Arrays that cannot be written so. Says what was expected and what came."""


def png(arrays: Arrays) -> bytes:
    """One set of pictures or points as a PNG. Raises `ExportError` for texts and other shapes."""
    buffer = io.BytesIO()
    _picture(arrays, _bounds([arrays])).save(buffer, "PNG")
    return buffer.getvalue()


def pixels(arrays: Arrays) -> NDArray[np.uint8]:
    """What `png` writes, as `(height, width, 3)`. Raises `ExportError` as it does."""
    return np.asarray(_picture(arrays, _bounds([arrays])))


def gif(sets: Sequence[Arrays]) -> bytes:
    """Several sets, one after the other, as a GIF that starts over. Raises `ExportError`."""
    if not sets:
        raise ExportError("Expected at least one set of samples. Received none.")
    first, *rest = _frames(sets)
    buffer = io.BytesIO()
    times = [FRAME_MS] * len(rest) + [LAST_MS]
    first.save(buffer, "GIF", save_all=True, append_images=rest, duration=times, loop=0)
    return buffer.getvalue()


def _frames(sets: Sequence[Arrays]) -> list[Image.Image]:
    bounds, frames, pixels = _bounds(sets), list[Image.Image](), 0
    for left, arrays in zip(range(len(sets), 0, -1), sets, strict=True):
        picture = _picture(arrays, bounds)
        pixels += picture.width * picture.height
        frames.append(picture.quantize(256))
        if pixels > MOST_FILM_PIXELS or left * picture.width * picture.height > MOST_FILM_PIXELS:
            raise ExportError(
                f"Write a .png instead. Expected at most {MOST_FILM_PIXELS:,} pixels in all. Received more."
            )
    return frames


def text(arrays: Arrays) -> str:
    """The texts of a set, with a line between them. Raises `ExportError` where there are none."""
    if "text" not in arrays:
        raise ExportError(f"Expected texts. Received {', '.join(sorted(arrays))}.")
    return "\n\n----\n\n".join(map(str, arrays["text"])) + "\n"


def stages(arrays: Arrays) -> list[Arrays]:
    """The way from noise to the samples, stage by stage (or a walk, place by place); else the set itself."""
    if "trail" not in arrays:
        return [arrays]
    rest = {name: array for name, array in arrays.items() if name not in ("trail", "trail_steps", "samples")}
    if arrays["trail"].shape[1] != len(arrays["samples"]):
        rest.pop("columns", None)  # of a walk that was laid out in rows
    return [{**rest, "samples": stage} for stage in arrays["trail"]]


def _picture(arrays: Arrays, bounds: Bounds) -> Image.Image:
    samples = arrays.get("samples")
    if samples is not None and samples.ndim == 4 and samples.size:
        return _grid(as_pictures(samples), int(arrays.get("columns", np.array(0))))
    if samples is not None and samples.ndim == 2 and samples.shape[1] == 2:
        return _plane(samples, arrays.get("real"), bounds)
    received = "texts" if samples is None else f"an array of sizes {samples.shape}"
    raise ExportError(f"Expected pictures, or points in the plane. Received {received}.")


def _grid(images: NDArray[Any], columns: int) -> Image.Image:
    count, _, height, width = images.shape
    across = columns or math.ceil(math.sqrt(count))
    down = -(-count // across)
    scale = max(1, -(-SIDE // max(height, width)))
    pixels = down * across * (height * scale + GAP) * (width * scale + GAP)
    if pixels > MOST_PIXELS:
        raise ExportError(
            f"Draw fewer samples. Expected a picture of at most {MOST_PIXELS:,} pixels. Received {pixels:,}."
        )
    tile = np.array([height * scale + GAP, width * scale + GAP])
    sheet = np.full((down * tile[0] + GAP, across * tile[1] + GAP, 3), 255, np.uint8)
    levels = np.rint(np.nan_to_num(images) * 255.0).clip(0, 255).astype(np.uint8)
    levels = levels.repeat(scale, 2).repeat(scale, 3)
    for i, image in enumerate(levels):
        top, left = GAP + i // across * tile[0], GAP + i % across * tile[1]
        # one channel is spread over three
        sheet[top : top + height * scale, left : left + width * scale] = np.moveaxis(image, 0, -1)
    return Image.fromarray(sheet)


def _plane(points: NDArray[Any], real: NDArray[Any] | None, bounds: Bounds) -> Image.Image:
    image = Image.new("RGB", (2 * PLANE, 2 * PLANE), GROUND)
    draw = ImageDraw.Draw(image)
    for values, colour in ((real, FAINT), (points, STRONG)):
        if values is not None and values.ndim == 2 and values.shape[1] == 2:
            for x, y in _placed(values, bounds):
                draw.ellipse((x - 2 * DOT, y - 2 * DOT, x + 2 * DOT, y + 2 * DOT), fill=colour)
    return image.resize((PLANE, PLANE), Image.Resampling.LANCZOS)


def _placed(points: NDArray[Any], bounds: Bounds) -> Iterable[tuple[float, float]]:
    left, bottom, right, top = bounds
    scale = 2 * PLANE / (max(right - left, top - bottom) or 1.0)
    middle = np.array([(left + right) / 2, (bottom + top) / 2])
    finite = points[np.isfinite(points).all(axis=1)]
    pixels = (finite - middle) * scale * np.array([1.0, -1.0]) + PLANE
    return [(float(x), float(y)) for x, y in pixels]


def _bounds(sets: Sequence[Arrays]) -> Bounds:
    """What a plane of points shows: the data with some room or, where there are none, all samples."""
    flat = _clouds(sets, "real") or _clouds(sets, "samples")
    points = np.concatenate(flat) if flat else np.zeros((1, 2))
    points = points[np.isfinite(points).all(axis=1)]
    if not len(points):
        return (-1.0, -1.0, 1.0, 1.0)
    low, high = points.min(axis=0), points.max(axis=0)
    room = 0.15 * float((high - low).max() or 1.0)
    return (float(low[0]) - room, float(low[1]) - room, float(high[0]) + room, float(high[1]) + room)


def _clouds(sets: Sequence[Arrays], name: str) -> list[NDArray[Any]]:
    """The points in the plane that sets have under this name."""
    found = (arrays[name] for arrays in sets if name in arrays)
    return [cloud for cloud in found if cloud.ndim == 2 and cloud.shape[1] == 2]
