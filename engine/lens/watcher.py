"""When a run looks: at most 12 times a second and at most 1.5 % of its time.

Looks at what is watched, on the pinned sample; how it is read is the business of `evaluate`.
"""

from __future__ import annotations

from time import perf_counter

from torch import Tensor

from engine.compile import Plan
from engine.expand.flat import FlatEnd
from engine.lens.evaluate import look
from engine.lens.request import LensRequest
from engine.run.events import LensFrame
from engine.run.units import Units

RATE = 12.0
"""Looks a second at most."""
SHARE = 0.015
"""Share of the run's time that looking may take."""


class Watcher:
    """Serves the watched requests between steps. `due` is the time from which the next look is allowed."""

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self._requests: tuple[LensRequest, ...] = ()
        self._values: dict[FlatEnd, Tensor] = {}
        self._units: Units = {}
        self.due = float("inf")

    def watch(self, requests: frozenset[LensRequest]) -> None:
        """Show these from the next step on."""
        new = tuple(sorted(requests, key=lambda request: (request.kind, request.target)))
        if new != self._requests:
            self._requests = new
            self.due = 0.0 if new else float("inf")

    def pin(self, values: dict[FlatEnd, Tensor], units: Units) -> None:
        """Look at this sample, which is measured in these units."""
        self._values, self._units = values, units
        self.due = 0.0 if self._requests else float("inf")

    def look(self, step: int) -> list[LensFrame]:
        """The frames of now; sets when the next look is due."""
        start = perf_counter()
        frames = look(self._plan, self._values, self._requests, step, self._units)
        end = perf_counter()
        self.due = start + max(1.0 / RATE, (end - start) / SHARE)
        return frames
