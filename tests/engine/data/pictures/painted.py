"""Folders of small pictures for tests, each class of another grey."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
from PIL import Image

GREYS = {"cat": 40, "dog": 120, "owl": 200, "A": 90, "_": 10, "__background__": 240}


def paint(path: Path, grey: int = 100, size: tuple[int, int] = (6, 6)) -> Path:
    """A picture of one grey."""
    path.parent.mkdir(parents=True, exist_ok=True)
    kind = "JPEG" if path.suffix.lower() in {".jfif", ".jpg"} else None
    Image.fromarray(np.full((size[1], size[0], 3), grey, np.uint8)).save(path, kind)
    return path


def fill(folder: Path, counts: Mapping[str, int], suffix: str = ".png") -> Path:
    """So many pictures in each folder of these paths; "" is the folder itself."""
    for place, count in counts.items():
        for i in range(count):
            paint(folder / place / f"{i:03}{suffix}", GREYS.get(place.split("/")[-1], 100) + i)
    return folder
