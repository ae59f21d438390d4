"""What the headers of some of the pictures say, and which of their numbers are black and white."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from nodes.reading.picture import open_picture
from nodes.reading.picture.levels import MODES, Levels, extremes, holding
from nodes.reading.picture.open_picture import Header
from nodes.reading.picture.picture_formats import PictureError

MEASURED = 256
"""Pictures, evenly spread, by which black and white of deep pictures are found."""
SURVEYED = 1000
"""Pictures, evenly spread, whose headers are read for a look."""


@dataclass(frozen=True)
class Survey:
    """The headers of some pictures by path; those that cannot be opened, with the reason."""

    headers: dict[str, Header]
    broken: dict[str, str]

    @property
    def sizes(self) -> Counter[tuple[int, int]]:
        """How many have each (width, height)."""
        return Counter((one.width, one.height) for one in self.headers.values())

    @property
    def modes(self) -> Counter[tuple[str, int]]:
        """How many have each mode and number of bits."""
        return Counter((one.mode, one.bits) for one in self.headers.values())


def spread(paths: Sequence[str], most: int) -> list[str]:
    """At most so many of them, evenly spread, the first among them."""
    step = -(-len(paths) // most) if paths else 1
    return list(paths[::step])


def survey(paths: Sequence[str], most: int = SURVEYED) -> Survey:
    """What the headers of some of these pictures say."""
    headers: dict[str, Header] = {}
    broken: dict[str, str] = {}
    for path in spread(paths, most):
        try:
            headers[path] = open_picture.header(path)
        except PictureError as error:
            broken[path] = str(error)
    return Survey(headers, broken)


def measured(found: Survey, *, deep: bool) -> tuple[float, float] | None:
    """The least and the greatest number of the surveyed pictures with 16 bits (`deep`), or of those with
    floats or 32 bits; None where there is none. Reads `MEASURED` of them.
    """
    wanted = [path for path, one in found.headers.items() if one.mode in MODES and (one.mode in "IF") != deep]
    ends = []
    for path in spread(wanted, MEASURED):
        try:
            ends.append(extremes(open_picture.stored_numbers(path)))
        except PictureError:  # it is named when it is read for training
            continue
    return (min(low for low, _ in ends), max(high for _, high in ends)) if ends else None


def levels_of(paths: Sequence[str]) -> Levels | None:
    """The levels of the floats and 32-bit numbers among these pictures; None where there are none."""
    ends = measured(survey(paths, MEASURED), deep=False)
    return holding([ends]) if ends else None
