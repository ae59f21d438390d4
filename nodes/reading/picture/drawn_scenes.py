"""Small scenes that are drawn by rule: discs, squares and triangles in four colours, with masks and captions.

Each scene has one object at one of five places, or two of which one is left of or above the other. Made from
a random state alone.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

SIDE = 32
SHAPES = ("disc", "square", "triangle")
COLOURS = {"red": (214, 64, 56), "green": (62, 160, 84), "blue": (58, 106, 208), "yellow": (228, 188, 52)}
PLACES = {
    "in the middle": (0.5, 0.5),
    "at the top left": (0.28, 0.28),
    "at the top right": (0.72, 0.28),
    "at the bottom left": (0.28, 0.72),
    "at the bottom right": (0.72, 0.72),
}
"""Middles (x, y) in sides of a picture."""
RELATIONS = {"left of": ((0.27, 0.5), (0.73, 0.5)), "above": ((0.5, 0.27), (0.5, 0.73))}
"""Middles of the first and of the second object."""
WORDS = tuple(
    sorted({*COLOURS, *SHAPES, "a", *(word for told in (*PLACES, *RELATIONS) for word in told.split())})
)
"""Every word of the captions, in order."""
RADIUS, STRAY, GRAIN = (0.13, 0.2), 0.03, 10.0
"""Half the size of an object and how far it strays, in sides; deviation of the pixels, in levels of 255."""


@dataclass(frozen=True)
class Scenes:
    """Pictures (n, 3, height, width) uint8, masks (n, height, width) with 0 or the number of a shape, and
    captions.
    """

    pictures: NDArray[np.uint8]
    masks: NDArray[np.int64]
    captions: tuple[str, ...]


def scenes(rng: np.random.Generator, count: int, size: tuple[int, int] = (SIDE, SIDE)) -> Scenes:
    """So many scenes of this height and width."""
    pictures = np.empty((count, 3, *size), np.float32)
    masks = np.zeros((count, *size), np.int64)
    pictures[:] = rng.uniform(215, 245, (count, 1, 1, 1))
    captions = tuple(_draw(rng, pictures[i], masks[i]) for i in range(count))
    pictures += rng.normal(0.0, GRAIN, pictures.shape)
    return Scenes(np.clip(pictures, 0, 255).astype(np.uint8), masks, captions)


def _draw(rng: np.random.Generator, picture: NDArray[np.float32], mask: NDArray[np.int64]) -> str:
    """Draw one scene onto an empty ground; its caption."""
    if rng.random() < 0.5:
        place = list(PLACES)[rng.integers(len(PLACES))]
        return f"{_object(rng, picture, mask, PLACES[place])} {place}"
    relation = list(RELATIONS)[rng.integers(len(RELATIONS))]
    first, second = (_object(rng, picture, mask, middle) for middle in RELATIONS[relation])
    return f"{first} {relation} {second}"


def _object(
    rng: np.random.Generator,
    picture: NDArray[np.float32],
    mask: NDArray[np.int64],
    middle: tuple[float, float],
) -> str:
    """Draw an object of a random shape and colour about a middle; its words."""
    colour = list(COLOURS)[rng.integers(len(COLOURS))]
    shape = int(rng.integers(len(SHAPES)))
    height, width = mask.shape
    radius = rng.uniform(*RADIUS) * min(height, width)
    x, y = (
        side * (at + rng.uniform(-STRAY, STRAY)) for side, at in zip((width, height), middle, strict=True)
    )
    rows, columns = np.arange(height)[:, None] + 0.5 - y, np.arange(width)[None, :] + 0.5 - x
    inside = _inside(SHAPES[shape], rows, columns, radius)
    picture[:, inside] = np.array(COLOURS[colour], np.float32)[:, None] * rng.uniform(0.85, 1.0)
    mask[inside] = 1 + shape
    return f"a {colour} {SHAPES[shape]}"


def _inside(
    shape: str, rows: NDArray[np.float64], columns: NDArray[np.float64], radius: float
) -> NDArray[np.bool_]:
    """The pixels of an object, whose middle is where rows and columns are 0."""
    if shape == "disc":
        inside = rows**2 + columns**2 <= radius**2
    elif shape == "square":
        inside = (np.abs(rows) <= 0.85 * radius) & (np.abs(columns) <= 0.85 * radius)
    else:
        inside = (rows <= 0.8 * radius) & (rows >= -radius + np.abs(columns) * 1.8)
    found: NDArray[np.bool_] = inside
    return found
