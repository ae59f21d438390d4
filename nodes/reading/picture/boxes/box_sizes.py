"""What is told of boxes beside the sizes of their pictures: those that reach out, and sizes that differ."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from nodes.reading.picture import open_picture
from nodes.reading.picture.boxes.box_masks import in_pixels
from nodes.reading.picture.boxes.boxed import Boxed
from nodes.reading.picture.picture_formats import PictureError
from nodes.reading.progress import Meter
from nodes.shown_text import shown

MOST_HEADERS = 5000
"""Pictures whose headers are read for it."""


def sizes_told(boxed: Sequence[Boxed]) -> tuple[str, ...]:
    """Sentences with true counts; of more than `MOST_HEADERS` pictures of the first so many."""
    some = boxed[:MOST_HEADERS]
    meter = Meter("Reading sizes of pictures", len(some))
    outside, cut, scaled, first = 0, 0, 0, {"outside": "", "cut": "", "scaled": ""}
    for done, one in enumerate(some):
        meter.to(done)
        try:
            head = open_picture.header(one.picture)
            boxes = in_pixels(one, head.width, head.height)
        except PictureError:
            continue  # told where the picture is read
        name = shown(one.picture.rpartition("/")[2], 60)
        size = np.array([head.width, head.height], np.float64)
        away = ((boxes[:, :2] >= size) | (boxes[:, 2:] <= 0)).any(axis=1)
        over = ((boxes[:, :2] < -0.5) | (boxes[:, 2:] > size + 0.5)).any(axis=1) & ~away
        outside, cut = outside + int(away.sum()), cut + int(over.sum())
        is_scaled = one.size not in (None, (1.0, 1.0), (head.width, head.height))
        scaled += is_scaled
        for key, met in (("outside", away.any()), ("cut", over.any()), ("scaled", is_scaled)):
            first[key] = first[key] or (name if met else "")
    among = f" of the first {len(some):,} pictures" if len(boxed) > len(some) else ""
    told = []
    if outside:
        told.append(f"{_boxes(outside)} outside of the picture{among}, as in {first['outside']}: left out.")
    if cut:
        told.append(
            f"{_boxes(cut)} partly outside of the picture{among}, as in {first['cut']}: cut at its edge."
        )
    if scaled:
        of = "1 picture has" if scaled == 1 else f"{scaled:,} pictures have"
        told.append(
            f"{of} another size than their boxes say{among}, as {first['scaled']}: the boxes are brought to "
            "the size of the picture."
        )
    return tuple(told)


def _boxes(count: int) -> str:
    return "1 box lies" if count == 1 else f"{count:,} boxes lie"
