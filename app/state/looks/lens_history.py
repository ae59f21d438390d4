"""What lenses have shown so far: a bounded course of frames for each, thinned evenly over the steps.

Values only: it knows no run, no window and no picture.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Hashable
from typing import NamedTuple

import numpy as np

from engine.document.project import Project
from engine.messages.events import LensFrame

MOST_FRAMES = 200
"""Frames of one course."""
MOST_BYTES = 64 << 20
"""Bytes of the arrays of all courses together."""


class SeenMoment(NamedTuple):
    """A frame, and the drawing that it is of."""

    frame: LensFrame
    project: Project


class LensHistory:
    """Courses by key: what is shown, of which sample. In each the steps grow."""

    def __init__(self, most_bytes: int = MOST_BYTES) -> None:
        self._courses: dict[Hashable, _Course] = {}
        self._most_bytes = most_bytes

    def __len__(self) -> int:
        return sum(len(course.moments) for course in self._courses.values())

    @property
    def bytes(self) -> int:
        return sum(course.bytes for course in self._courses.values())

    def add(self, key: Hashable, moment: SeenMoment) -> None:
        """Keep this frame, in the place of its step; one of the same step is replaced."""
        course = self._courses.setdefault(key, _Course())
        course.put(moment)
        if len(course.moments) > MOST_FRAMES:
            course.thin()
        while self.bytes > self._most_bytes and len(self) > 1:
            self._make_room()

    def nearest(self, key: Hashable, step: int) -> SeenMoment | None:
        """The frame whose step is nearest to this one; of two the older."""
        course = self._courses.get(key)
        if course is None:
            return None
        at = bisect_left(course.moments, step, key=_step)
        around = course.moments[max(0, at - 1) : at + 1]
        return min(around, key=lambda one: abs(one.frame.step - step))

    def course(self, key: Hashable) -> tuple[SeenMoment, ...]:
        """All that is kept of one, in the order of steps."""
        course = self._courses.get(key)
        return () if course is None else tuple(course.moments)

    def steps(self) -> set[int]:
        """The steps of all courses."""
        return {one.frame.step for course in self._courses.values() for one in course.moments}

    def clear(self) -> None:
        self._courses.clear()

    def _make_room(self) -> None:
        """Thin the largest course; one of a single frame goes."""
        key = max(self._courses, key=lambda one: self._courses[one].bytes)
        course = self._courses[key]
        if len(course.moments) > 1:
            course.thin()
        else:
            del self._courses[key]


class _Course:
    """Frames of growing steps, with their sizes."""

    def __init__(self) -> None:
        self.moments: list[SeenMoment] = []
        self._sizes: list[int] = []
        self.bytes = 0

    def put(self, moment: SeenMoment) -> None:
        size = sum(int(getattr(array, "nbytes", 0)) for array in moment.frame.arrays.values())
        at = bisect_left(self.moments, moment.frame.step, key=_step)
        if at < len(self.moments) and self.moments[at].frame.step == moment.frame.step:
            self.bytes -= self._sizes[at]
            self.moments[at], self._sizes[at] = moment, size
        else:
            self.moments.insert(at, moment)
            self._sizes.insert(at, size)
        self.bytes += size

    def thin(self) -> None:
        """Take out the frame whose neighbours are closest to each other; the first and the last stay."""
        steps = np.array([one.frame.step for one in self.moments])
        at = 1 + int(np.argmin(steps[2:] - steps[:-2])) if len(steps) > 2 else 0
        del self.moments[at]
        self.bytes -= self._sizes.pop(at)


def _step(moment: SeenMoment) -> int:
    return moment.frame.step
