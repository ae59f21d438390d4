"""What a sampler drew, as values: pictures, points in the plane or texts, and the way from noise to them.

Reads the arrays of a samples frame.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from app.lenses.colour_maps import FloatArray, RgbArray
from engine.sample.channels import as_pictures

Array = NDArray[np.generic]
IMAGES, DOTS, TEXTS = "images", "dots", "texts"
_MOST_REAL = 5000


@dataclass(frozen=True, eq=False)
class Sampled:
    """`values` is (n, C, H, W) in [0, 1] for images, (n, 2) for dots, (n,) unicode for texts.

    `real` is (m, 2), the data under dots. `trail` is (k, n, …), k stages on the way to the samples, the
    samples last; or, of a `film`, k pictures of a walk each, the samples being all of them in rows of
    `columns` (0: as fits). `prompts` are the beginnings that were given to texts, one for each or one for
    all, `labels` the classes or the texts that were asked for.
    """

    kind: str
    values: Array
    real: FloatArray | None = None
    trail: Array | None = None
    film: bool = False
    columns: int = 0
    prompts: tuple[str, ...] = ()
    labels: tuple[str, ...] = ()
    epoch: int | None = None
    """At the end of which epoch they were kept."""
    trail_steps: tuple[int, ...] = ()
    """After how many steps of the sampler each stage was reached, where it is known."""

    def named(self, classes: tuple[str, ...]) -> Sampled:
        """The same with the names of the classes that were asked for, where there are names."""
        if not classes or not self.labels:
            return self
        known = {str(index): name for index, name in enumerate(classes)}
        return replace(self, labels=tuple(known.get(label, label) for label in self.labels))

    @property
    def count(self) -> int:
        return len(self.values)

    @property
    def stages(self) -> int:
        """Stages from noise to sample, or pictures of a film; 0 where the samples came at once."""
        return 0 if self.trail is None else len(self.trail)

    def at(self, stage: int | None) -> Sampled:
        """The samples as they were at a stage; None: as they are in the end, a film as all its pictures."""
        if stage is None or self.trail is None:
            return self
        values = self.trail[min(max(stage, 0), self.stages - 1)]
        return replace(self, values=values, columns=0 if self.film else self.columns)

    def stage_words(self, stage: int) -> str:
        """Which stage this is: the step of the sampler where it is known, else its place among the stages."""
        if not stage:
            return "noise"
        if self.trail_steps:
            return f"step {self.trail_steps[stage]:,} / {self.trail_steps[-1]:,}"
        return f"stage {stage} / {self.stages - 1}"

    def first(self, count: int) -> Sampled:
        """The first samples alone; of a film, its first rows."""
        return replace(self, values=self.values[:count])

    def prompt_of(self, index: int) -> str:
        """The beginning that was given to a text."""
        if not self.prompts:
            return ""
        return self.prompts[index] if index < len(self.prompts) else self.prompts[0]


def read_samples(arrays: Mapping[str, Array], prompt: str = "") -> Sampled | None:
    """The samples in a frame of arrays; None where there are none that can be shown."""
    found = _read(arrays, prompt)
    if found is None:
        return None
    steps = tuple(int(one) for one in np.ravel(arrays.get("trail_steps", ())))
    epoch = int(np.ravel(arrays["epoch"])[0]) if "epoch" in arrays else None
    return replace(found, epoch=epoch, trail_steps=steps if len(steps) == found.stages else ())


def _read(arrays: Mapping[str, Array], prompt: str) -> Sampled | None:
    text = arrays.get("text")
    if text is not None and text.size:
        texts = np.ravel(text)
        return Sampled(TEXTS, texts, trail=_trail(arrays, texts), prompts=(prompt,) if prompt else ())
    values = arrays.get("samples")
    if values is None or values.size == 0:
        return None
    if values.ndim == 2 and values.shape[1] != 2:
        values = _as_maps(values)
    if values.ndim == 3:
        values = values[:, None]
    asked = arrays.get("prompt", arrays.get("label"))
    labels = () if asked is None else tuple(str(one) for one in np.ravel(asked))
    columns = int(np.ravel(arrays["columns"])[0]) if "columns" in arrays else 0
    if values.ndim == 4:
        values = as_pictures(values)
    trail, film = _trail(arrays, values), False
    if trail is not None and trail.shape[1] != len(values):
        film = True
    if values.ndim == 4:
        return Sampled(IMAGES, values, None, trail, film, columns, labels=labels)
    if values.ndim != 2:
        return None
    real = arrays.get("real")
    usable = real is not None and real.ndim == 2 and real.shape[1] == 2 and len(real)
    under = np.asarray(real, np.float32)[:_MOST_REAL] if usable else None
    return Sampled(DOTS, values, under, trail, film, columns, labels=labels)


def _as_maps(rows: Array) -> Array:
    """Rows of features (n, F) as pictures (n, 1, 1, F) from the least to the greatest value of all."""
    values = np.nan_to_num(np.asarray(rows, np.float32))
    low, high = float(values.min()), float(values.max())
    return ((values - low) / ((high - low) or 1.0))[:, None, None]


def _trail(arrays: Mapping[str, Array], values: Array) -> Array | None:
    """The stages, ending with the samples themselves; None where they do not fit the samples."""
    trail = arrays.get("trail")
    if trail is None or trail.ndim < 2 or not len(trail):
        return None
    if values.ndim == 4 and trail.ndim == 4:
        trail = trail[:, :, None]
    if trail.ndim == 5:
        trail = as_pictures(trail)
    if trail.shape[2:] != values.shape[1:]:
        return None
    if trail.shape[1] != len(values) or np.array_equal(trail[-1], values):
        return trail
    return np.concatenate([trail, values[None]])


def image_pixels(values: Array) -> RgbArray:
    """Images (n, C, H, W) in [0, 1] -> pixels (n, H, W, 4), three channels in colour, one in grey.

    Of any other number of channels all are shown, side by side in grey: (n, H, C·W, 4).
    """
    values = as_pictures(values)
    with np.errstate(invalid="ignore"):
        clear = np.clip(np.asarray(values, np.float32) * np.float32(255.0) + np.float32(0.5), 0.0, 255.0)
        if np.isnan(clear.sum()):
            clear = np.nan_to_num(clear)
        bytes_ = clear.astype(np.uint8)
    pixels = np.empty((len(bytes_), *bytes_.shape[2:], 4), np.uint8)
    channels = (2, 1, 0) if bytes_.shape[1] == 3 else (0, 0, 0)
    for place, channel in enumerate(channels):
        pixels[..., place] = bytes_[:, channel]
    pixels[..., 3] = 255
    return pixels


@dataclass(frozen=True)
class AxisRange:
    """A square of the plane with equal axes."""

    x: float
    y: float
    side: float

    def holds(self, points: Array) -> NDArray[np.bool_]:
        """Which points (n, 2) lie inside."""
        away = np.abs(np.asarray(points, np.float64) - (self.x + self.side / 2, self.y + self.side / 2))
        return np.asarray((away <= self.side / 2).all(axis=1))


def bounds_of(sampled: Sampled) -> AxisRange:
    """Where to look: at the data with room around them, else at the samples without their furthest.

    The data stand still while a network learns, so the picture does too; samples may lie outside.
    """
    points = sampled.real if sampled.real is not None else sampled.values
    points = np.asarray(points, np.float64)
    points = points[np.isfinite(points).all(axis=1)]
    if not len(points):
        return AxisRange(0.0, 0.0, 1.0)
    ends = (0.0, 1.0) if sampled.real is not None else (0.01, 0.99)
    low, high = np.quantile(points, ends[0], axis=0), np.quantile(points, ends[1], axis=0)
    if sampled.real is not None and low.min() >= 0.0 and high.max() <= 1.0 and high.max() > 0.5:
        return AxisRange(-0.05, -0.05, 1.1)  # data that are made for the unit square are shown in it
    side = float((high - low).max()) * 1.3 or 1.0
    middle = (low + high) / 2
    return AxisRange(float(middle[0]) - side / 2, float(middle[1]) - side / 2, side)


def density(points: Array, bounds: AxisRange, cells: int = 40) -> FloatArray:
    """How many points lie where, (cells, cells) from the top, smoothed, the most being 1."""
    held = np.asarray(points, np.float64)
    held = held[bounds.holds(held)]
    places = ((held - (bounds.x, bounds.y)) / bounds.side * cells).astype(np.int64).clip(0, cells - 1)
    flat = np.bincount((cells - 1 - places[:, 1]) * cells + places[:, 0], minlength=cells * cells)
    grid: FloatArray = flat.reshape(cells, cells).astype(np.float32)
    for _ in range(2):
        for axis in (0, 1):
            padded = np.pad(grid, [(1, 1) if axis == side else (0, 0) for side in (0, 1)], mode="edge")
            before, after = np.roll(padded, 1, axis), np.roll(padded, -1, axis)
            whole = (before + 2 * padded + after) / np.float32(4)
            grid = (whole[1:-1] if axis == 0 else whole[:, 1:-1]).astype(np.float32)
    result: FloatArray = grid / (float(grid.max()) or 1.0)
    return result
