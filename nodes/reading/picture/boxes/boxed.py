"""What every format of boxes becomes: pictures with boxes and their classes, and what was left out."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from nodes.reading.picture.boxes.box_numbers import Corners
from nodes.reading.picture.boxes.outlines import Outline
from nodes.shown_text import shown

FORMS = ("corners", "corner and size", "centre and size")
"""What four numbers of a box are: left, top, right, bottom; left, top, width, height; centre and size."""
LONGEST_NAME = 80


@dataclass(frozen=True, eq=False)
class Boxed:
    """A picture with its boxes, `(boxes, 4)`: left, top, right, bottom; and the class of each.

    They are counted in pixels of a picture of `size`, width and height; None: of the picture itself. `part`
    is that of `SplitMarks.parts`; None: nothing says it. `outlines` has what each object covers, None: its
    box; there are none where all are boxes.
    """

    picture: str
    boxes: NDArray[np.float64]
    labels: tuple[str, ...]
    size: tuple[float, float] | None = None
    part: int | None = None
    outlines: tuple[Outline | None, ...] = ()


@dataclass
class LeftBoxes:
    """What is left out, by reason: how often and where first. A reason names things: "boxes without size"."""

    where: str
    counts: dict[str, int] = field(default_factory=dict)
    places: dict[str, list[str]] = field(default_factory=dict)

    def add(self, reason: str, place: str, count: int = 1) -> None:
        self.counts[reason] = self.counts.get(reason, 0) + count
        known = self.places.setdefault(reason, [])
        if len(known) < 2:
            known.append(shown(place, 160))

    def notes(self) -> tuple[str, ...]:
        """A sentence for each reason, with its true count."""
        return tuple(
            f"{shown(self.where, 60)}: left out: {reason} ({count:,}: {self._first(reason, count)})"
            for reason, count in self.counts.items()
        )

    def _first(self, reason: str, count: int) -> str:
        known = self.places[reason]
        more = f" and {count - len(known):,} more" if count > len(known) else ""
        return f"{'; '.join(known)}{more}"


@dataclass
class Collected:
    """The boxes of pictures as they are found, by the path of the picture."""

    left: LeftBoxes
    notes: list[str] = field(default_factory=list)
    boxes: dict[str, list[Corners]] = field(default_factory=dict)
    labels: dict[str, list[str]] = field(default_factory=dict)
    sizes: dict[str, tuple[float, float] | None] = field(default_factory=dict)
    parts: dict[str, int | None] = field(default_factory=dict)
    outlines: dict[str, list[Outline | None]] = field(default_factory=dict)

    def see(self, picture: str, size: tuple[float, float] | None = None, part: int | None = None) -> None:
        """Note that this picture is one of the set, with boxes or without."""
        self.boxes.setdefault(picture, [])
        self.labels.setdefault(picture, [])
        self.sizes.setdefault(picture, size)
        self.parts.setdefault(picture, part)

    def add(
        self,
        picture: str,
        values: Sequence[float],
        form: str,
        label: str,
        place: str,
        outline: Outline | None = None,
    ) -> None:
        """Add a box of a picture that was seen, with its outline if it has one; one without a size is left
        out."""
        found = corners(values, form)
        if found is None:
            self.left.add("boxes without a size, or that are no numbers", place)
            return
        if outline is not None:
            before = len(self.boxes[picture]) - len(self.outlines.setdefault(picture, []))
            self.outlines[picture] += [*[None] * before, outline]
        self.boxes[picture].append(found)
        self.labels[picture].append(shown(label.strip(), LONGEST_NAME) or "object")

    def found(self) -> list[Boxed]:
        """The pictures in the order in which they were seen."""
        return [
            Boxed(
                picture,
                np.array(boxes, np.float64).reshape(-1, 4),
                tuple(self.labels[picture]),
                self.sizes[picture],
                self.parts[picture],
                self._outlines(picture, len(boxes)),
            )
            for picture, boxes in self.boxes.items()
        ]

    def _outlines(self, picture: str, count: int) -> tuple[Outline | None, ...]:
        known = self.outlines.get(picture, [])
        return (*known, *[None] * (count - len(known))) if known else ()


def corners(values: Sequence[float], form: str) -> Corners | None:
    """A box of one of `FORMS` as left, top, right, bottom; None where it has no size or is no number."""
    if len(values) != 4 or not all(math.isfinite(value) and abs(value) < 1e9 for value in values):
        return None
    left, top, right, bottom = (float(value) for value in values)
    if form != "corners":
        width, height = right, bottom
        if form == "centre and size":
            left, top = left - width / 2, top - height / 2
        right, bottom = left + width, top + height
    return (left, top, right, bottom) if right > left and bottom > top else None
