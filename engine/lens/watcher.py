"""When a run looks: at most 12 times a second and at most 1.5 % of its time.

Looks at what is watched, on the pinned sample; how it is read is the business of `evaluate`. Samplers take
turns with the rest: their loops go on a few calls at a time, so that a long one never holds up training.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Mapping
from time import perf_counter
from typing import Any

from numpy.typing import NDArray
from torch import Tensor

from engine.compile import Plan
from engine.expand.flat import FlatEnd
from engine.feed.units import Units
from engine.infer.layer import MODULE_ERRORS
from engine.lens.evaluate import drawn, look, reads_sampler
from engine.lens.lens import Cost
from engine.lens.registry import LENSES
from engine.messages.events import Event, Warned
from engine.messages.lens_request import LensRequest
from engine.sample.samplers import Drawing, Samplers
from engine.system.device import drain
from nodes.param import ParamError

RATE = 12.0
"""Looks a second at most."""
SHARE = 0.015
"""Share of the run's time that looking may take."""
SLICE = 0.004
"""Seconds after which the loop of a sampler rests; a call that was begun is not broken off."""


class Watcher:
    """Serves the watched requests between steps. `due` is the time from which the next look is allowed."""

    def __init__(self, plan: Plan, samplers: Samplers) -> None:
        self._plan, self._samplers = plan, samplers
        self._requests: tuple[LensRequest, ...] = ()
        self._waiting: deque[str] = deque()  # samplers, the one whose turn it is first
        self._drawing: tuple[int, Drawing] | None = None
        self._is_samplers_turn = False
        self._changes: dict[str, dict[str, Any]] = {}  # other values of parameters, by sampler
        self._values: dict[FlatEnd, Tensor] = {}
        self._units: Units = {}
        self._left_out: frozenset[str] = frozenset()  # kinds of lenses that cannot be computed here
        self.due = float("inf")

    def watch(self, requests: frozenset[LensRequest]) -> None:
        """Show these from the next step on."""
        new = tuple(sorted(requests, key=lambda request: (request.kind, request.target)))
        if new == self._requests:
            return
        self._requests = new
        asked = list(dict.fromkeys(request.target for request in new if reads_sampler(request)))
        self._waiting = deque(path for path in asked if path in self._samplers.layers)
        if self._drawing is not None and self._drawing[1].path not in asked:
            self._drawing = None
        self.due = 0.0 if new else float("inf")

    def is_watched(self, sampler: str) -> bool:
        """Whether what the run keeps of this sampler is what somebody wants to see."""
        asked = {request.target for request in self._requests if reads_sampler(request)}
        return sampler in asked and not self._changes.get(sampler)

    def kept(self, step: int, sampler: str, arrays: Mapping[str, NDArray[Any]]) -> list[Event]:
        """Frames of samples that the run keeps; none where nobody watches."""
        return [*drawn(step, sampler, arrays)] if self.is_watched(sampler) else []

    def pin(self, values: dict[FlatEnd, Tensor], units: Units) -> None:
        """Look at this sample, which is measured in these units."""
        self._values, self._units = values, units
        self.due = 0.0 if self._requests else float("inf")

    def look(self, step: int) -> list[Event]:
        """The frames of now; sets when the next look is due."""
        drain(self._plan.device)  # what waits there is training, and no part of the look
        start = perf_counter()
        looks = not all(reads_sampler(request) for request in self._requests)
        self._is_samplers_turn = bool(self._waiting) and (self._is_samplers_turn or not looks)
        if self._is_samplers_turn:
            events = self._draw(step, lambda: perf_counter() - start >= SLICE)
        else:
            events = self._look(step)
        self._is_samplers_turn = not self._is_samplers_turn
        end = perf_counter()
        self.due = start + max(1.0 / RATE, (end - start) / SHARE)
        return events

    def look_long(self, step: int, interrupted: Callable[[], bool]) -> list[Event]:
        """All frames of now, whatever they cost: the run rests. Samplers go on until interrupted."""
        events = self._look(step)
        for _ in range(len(self._waiting)):
            if self._drawing is not None and self._drawing[0] != step:
                self._drawing = None  # begun with older weights
            events += self._draw(step, interrupted)
        self.due = 0.0 if self._drawing is not None else perf_counter() + 1.0 / RATE
        return events

    def draw_now(
        self, step: int, path: str, changes: Mapping[str, Any], interrupted: Callable[[], bool]
    ) -> list[Event]:
        """A whole evaluation, whatever it costs, with these values of its parameters from now on."""
        if path not in self._samplers.layers:
            return [Warned(step, f"{path} is not part of this run, so it cannot draw.")]
        try:
            arrays = self._samplers.start(path, changes).finish(interrupted)
        except ParamError as error:
            return [Warned(step, f"{path}: {error}")]
        except MODULE_ERRORS as error:
            return [self._failed(step, path, error, bool(changes))]
        self._changes[path] = dict(changes)
        if self._drawing is not None and self._drawing[1].path == path:
            self._drawing = None
        return [] if arrays is None else [*drawn(step, path, arrays)]

    def _look(self, step: int) -> list[Event]:
        """One look; lenses that need a backward pass are left out for good where that fails."""
        wanted = [request for request in self._requests if request.kind not in self._left_out]
        try:
            return [*look(self._plan, self._values, wanted, step, self._units)]
        except MODULE_ERRORS as error:
            dear = {kind for kind, lens in LENSES.items() if lens.cost is Cost.BACKWARD}
            lost = dear & {request.kind for request in wanted}
            if not lost:
                raise
            self._left_out |= lost
            titles = ", ".join(LENSES[kind].title for kind in sorted(lost))
            return [Warned(step, f"{titles}: no gradients for a single sample: {error}"), *self._look(step)]

    def _failed(self, step: int, path: str, error: Exception, is_changed: bool) -> Warned:
        """A sampler that fails as it is drawn fails for good; with other values, only those are given up."""
        if is_changed:
            return Warned(step, f"{path}: {self._samplers.layers[path].title}: {error}")
        return Warned(step, self._samplers.leave_out(path, error))

    def _draw(self, step: int, rests: Callable[[], bool]) -> list[Event]:
        """Go on with the sampler whose turn it is, by one call at least."""
        path = self._waiting[0]
        if path not in self._samplers.layers:  # it failed elsewhere and was told
            self._waiting.popleft()
            self._drawing = None
            return []
        try:
            if self._drawing is None or self._drawing[1].is_stale:
                self._drawing = step, self._samplers.start(path, self._changes.get(path))
            begun, drawing = self._drawing
            while not drawing.advance():
                if rests():
                    return []
        except MODULE_ERRORS as error:
            self._drawing = None
            is_changed = bool(self._changes.pop(path, None))
            if not is_changed:
                self._waiting.popleft()
            return [self._failed(step, path, error, is_changed)]
        self._drawing = None
        self._waiting.rotate(-1)
        assert drawing.arrays is not None
        return [*drawn(begun, path, drawing.arrays)]
