"""When a run looks: at most 12 times a second and at most 1.5 % of its time.

Looks at what is watched, on the pinned samples; how it is read is the business of `evaluate`. Four kinds of
looks share the time: what a forward or backward pass of a sample shows, all at once; lenses that look at many
samples, one at a time; samplers, whose loops go on a few calls at a time, so that a long one never holds up
training; and notes of the weights for lenses that show their way. What takes seconds is looked at while the
run rests.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from time import perf_counter
from typing import Any

from numpy.typing import NDArray

from engine.compile import Plan
from engine.infer.layer import MODULE_ERRORS
from engine.lens.access import never
from engine.lens.evaluate import Looked, drawn, look, reads_sampler
from engine.lens.feeds import LONG_PATIENCE, PATIENCE, Feeds
from engine.lens.lens import Cost, Reads
from engine.lens.registry import LENSES
from engine.lens.trail import Trail
from engine.messages.events import Event, LensFrame, Warned
from engine.messages.lens_request import LensRequest
from engine.sample.samplers import Drawing, Samplers
from engine.system.device import drain
from nodes.param import ParamError

RATE = 12.0
"""Looks a second at most."""
SHARE = 0.015
"""Share of the run's time that looking may take."""
NEVER = float("inf")
SAMPLE, MANY, SAMPLERS, TRAIL = TURNS = ("sample", "many samples", "samplers", "trail")
"""What is looked at in turn."""
SLICE = 0.004
"""Seconds after which the loop of a sampler rests; a call that was begun is not broken off."""


class Watcher:
    """Serves the watched requests between steps."""

    def __init__(self, plan: Plan, samplers: Samplers) -> None:
        self._plan, self._samplers = plan, samplers
        self._requests: tuple[LensRequest, ...] = ()
        self._waiting: deque[str] = deque()  # samplers, the one whose turn it is first
        self._drawing: tuple[int, Drawing] | None = None
        self._many: deque[LensRequest] = deque()  # lenses of many samples, the one whose turn it is first
        self._due = dict.fromkeys(TURNS, NEVER)
        self._next = 0
        self._changes: dict[str, dict[str, Any]] = {}  # other values of parameters, by sampler
        self._feeds = Feeds()
        self._left_out: frozenset[str] = frozenset()  # kinds of lenses that cannot be computed here
        self._unfit: frozenset[LensRequest] = frozenset()
        self._trail = Trail()
        self._rested: dict[LensRequest, int] = {}  # what takes seconds, and the step at which it was shown

    @property
    def due(self) -> float:
        """The time from which the next look is allowed."""
        return min(self._due.values())

    def watch(self, requests: frozenset[LensRequest]) -> None:
        """Show these from the next step on."""
        new = tuple(sorted(requests, key=lambda request: (request.kind, request.target)))
        if new == self._requests:
            return
        self._requests = new
        self._rested = {request: step for request, step in self._rested.items() if request in requests}
        asked = list(dict.fromkeys(request.target for request in new if reads_sampler(request)))
        self._waiting = deque(path for path in asked if path in self._samplers.layers)
        if self._drawing is not None and self._drawing[1].path not in asked:
            self._drawing = None
        self._many = deque(self._costing(Cost.SET, Cost.SET))
        self._begin()

    def is_watched(self, sampler: str) -> bool:
        """Whether what the run keeps of this sampler is what somebody wants to see."""
        asked = {request.target for request in self._requests if reads_sampler(request)}
        return sampler in asked and not self._changes.get(sampler)

    def kept(self, step: int, sampler: str, arrays: Mapping[str, NDArray[Any]]) -> list[Event]:
        """Frames of samples that the run keeps; none where nobody watches."""
        return [*self._frames(step, sampler, arrays)] if self.is_watched(sampler) else []

    def pin(self, feeds: Feeds) -> None:
        """Look at these samples."""
        self._feeds = feeds
        kept = (each for each in self._rested.items() if not LENSES[each[0].kind].of_sample)
        self._rested = dict(kept)
        self._begin()

    def look(self, step: int) -> list[Event]:
        """The frames of now; sets when the next look is due."""
        drain(self._plan.device)  # what waits there is training, and no part of the look
        start = perf_counter()
        turn, self._feeds.patience = self._next_turn(start), PATIENCE
        if turn == SAMPLERS:
            events = self._draw(step, lambda: perf_counter() - start >= SLICE)
        elif turn == TRAIL:
            self._trail.note(self._plan, step)
            events = []
        elif turn == MANY:
            events = self._look(step, [self._many[0]])
            self._many.rotate(-1)
        else:
            events = self._look(step, self._costing(Cost.READ, Cost.BACKWARD))
        end = perf_counter()
        share = SHARE / max(1, sum(due != NEVER for due in self._due.values()))
        self._due[turn] = start + max(1.0 / RATE, (end - start) / share)
        self._begin(only_ends=True)
        return events

    def look_long(self, step: int, interrupted: Callable[[], bool]) -> list[Event]:
        """All frames of now but those that take seconds: the run rests. Samplers go on until interrupted."""
        self._feeds.patience = LONG_PATIENCE
        events = self._look(step, self._costing(Cost.READ, Cost.BACKWARD))
        for request in self._many:
            if interrupted():
                break
            events += self._look(step, [request])
        for _ in range(len(self._waiting)):
            if self._drawing is not None and self._drawing[0] != step:
                self._drawing = None  # begun with older weights
            events += self._draw(step, interrupted)
        self._begin()
        if self._drawing is None:
            self._due = {turn: max(due, perf_counter() + 1.0 / RATE) for turn, due in self._due.items()}
        return events

    def look_at_rest(self, step: int, interrupted: Callable[[], bool]) -> Iterator[Event]:
        """The frames that take seconds, each once at a step, until interrupted."""
        if self._due[TRAIL] != NEVER:
            self._trail.note(self._plan, step)
        for request in self._costing(Cost.LONG, Cost.LONG):
            if self._rested.get(request) == step:
                continue
            if not interrupted():
                yield from self._look(step, [request], interrupted)
            if interrupted():
                return
            self._rested[request] = step

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
        return [] if arrays is None else [*self._frames(step, path, arrays, changes)]

    def _costing(self, least: Cost, most: Cost) -> list[LensRequest]:
        """The requests of lenses of these costs."""
        known = [request for request in self._requests if request.kind in LENSES]
        return [request for request in known if least <= LENSES[request.kind].cost <= most]

    def _next_turn(self, now: float) -> str:
        """Of the turns that are due, or else of those that have work, the next one after the last."""
        work = [turn for turn in TURNS if self._due[turn] != NEVER]
        due = [turn for turn in work if self._due[turn] <= now] or work or [SAMPLE]
        found = min(due, key=lambda turn: (TURNS.index(turn) - self._next) % len(TURNS))
        self._next = (TURNS.index(found) + 1) % len(TURNS)
        return found

    def _begin(self, *, only_ends: bool = False) -> None:
        """Every turn that has something to show is due at once, the others never."""
        busy = {
            SAMPLE: bool(self._costing(Cost.READ, Cost.BACKWARD)),
            MANY: bool(self._many),
            SAMPLERS: bool(self._waiting),
            TRAIL: any(Reads.TRAIL in LENSES[one.kind].reads for one in self._requests if one.kind in LENSES),
        }
        for turn, has_work in busy.items():
            if not has_work:
                self._due[turn] = NEVER
            elif not only_ends:
                self._due[turn] = 0.0

    def _look(
        self, step: int, requests: Iterable[LensRequest], interrupted: Callable[[], bool] = never
    ) -> list[Event]:
        """One look; lenses that need a backward pass are left out for good where that fails, and requests
        that cannot be served.
        """
        asked = [request for request in requests if request not in self._unfit]
        wanted = [request for request in asked if request.kind not in self._left_out]
        try:
            looked = look(self._plan, self._feeds, wanted, step, interrupted, self._trail.moments)
            return self._told(step, looked)
        except MODULE_ERRORS as error:
            dear = {kind for kind, lens in LENSES.items() if lens.cost is Cost.BACKWARD}
            lost = dear & {request.kind for request in wanted}
            if not lost:
                raise
            self._left_out |= lost
            titles = ", ".join(LENSES[kind].title for kind in sorted(lost))
            words = f"{titles}: no gradients for a single sample: {error}"
            return [Warned(step, words), *self._look(step, wanted)]

    def _told(self, step: int, looked: Looked) -> list[Event]:
        """The frames, and a sentence for each request that could not be served; it is not asked for again."""
        self._unfit |= {failed.request for failed in looked.failed}
        words = [(f.request.target, LENSES[f.request.kind].title, f.error) for f in looked.failed]
        told = [Warned(step, f"{path}: {title}: {error}") for path, title, error in words]
        return [*looked.frames, *told]

    def _frames(
        self,
        step: int,
        sampler: str,
        arrays: Mapping[str, NDArray[Any]],
        changes: Mapping[str, Any] | None = None,
    ) -> list[LensFrame]:
        """What was drawn, seen through the lenses that watch this sampler, else through the first one."""
        asked = [request.kind for request in self._requests if request.target == sampler]
        return drawn(step, sampler, arrays, asked or [LENSES.reading(Reads.SAMPLER)[0].kind], changes)

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
        return [*self._frames(begun, path, drawing.arrays, drawing.changes)]
