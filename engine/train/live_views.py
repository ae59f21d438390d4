"""What a run shows and draws beside its steps: lenses, samples drawn now, and the samples that it keeps."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from engine.compile import Plan
from engine.feed.sources import Sources
from engine.lens.pinned import feeds_of
from engine.lens.watcher import Watcher
from engine.messages.command_queue import CommandQueue
from engine.messages.events import Event, Warned
from engine.messages.lens_request import LensRequest
from engine.messages.pinned import Pinned
from engine.sample.history import SampleHistory
from engine.sample.sample_keeping import Keeping
from engine.sample.samplers import Averages, Samplers
from nodes.reading.error import DataError

NEVER = float("inf")


class LiveViews:
    """Sends everything to `emit`. `samples_due`: samples of the epoch that ended are still to be kept."""

    def __init__(
        self,
        plan: Plan,
        sources: Sources,
        averages: Averages,
        samples: SampleHistory,
        commands: CommandQueue,
        emit: Callable[[Event], None],
    ) -> None:
        samplers = Samplers(plan, sources, averages)
        self.watcher = Watcher(plan, samplers)
        self.keeping = Keeping(samplers, samples)
        self.samples_due = True
        self.keeps_samples = True
        """Whether this process keeps samples; of several that train together only one does."""
        self.is_seen: Callable[[], bool] = lambda: True
        """Whether the frames of the last look have been taken; a look that nobody sees is put off."""
        self._plan, self._sources = plan, sources
        self._commands, self._emit = commands, emit

    # Lenses ---------------------------------------------------------------------------------------

    def watch(self, requests: frozenset[LensRequest]) -> None:
        self.watcher.watch(requests)

    def pin(self, step: int, samples: tuple[Pinned, ...]) -> None:
        """Show these samples in the lenses. Those that do not fit the data are told, and not shown."""
        try:
            self.watcher.pin(feeds_of(self._plan, self._sources, samples))
        except DataError as error:
            self._tell([Warned(step, str(error))])

    def look(self, step: int) -> None:
        self._tell(self.watcher.look(step))

    def look_while_paused(self, step: int) -> None:
        """All that is watched, whatever it costs; samplers go on until a command comes."""
        if self.watcher.due != NEVER:
            self._tell(self.watcher.look_long(step, lambda: not self._commands.is_idle()))

    def look_at_rest(self, step: int) -> None:
        """What takes seconds to compute, until a command comes."""
        self._tell(self.watcher.look_at_rest(step, lambda: not self._commands.is_idle()))

    def look_at_end(self, step: int) -> None:
        """However short the run, its end is shown."""
        if self.watcher.due != NEVER and not self._commands.is_stopped():
            self.look(step)

    # Samples --------------------------------------------------------------------------------------

    def draw(self, step: int, epoch: int, sampler: str, changes: Mapping[str, Any]) -> None:
        """Let a sampler draw now, with these values of its parameters."""
        self.keep_begun(step, epoch)
        self._tell(self.watcher.draw_now(step, sampler, changes, self._commands.is_stopped))

    def begin(self, step: int, epoch: int) -> None:
        """Before the first step of a run, or of its continuation."""
        if step == 0:
            self.keeping.begin(0, 0)
        elif self.samples_due:  # of these very weights, which the next step changes
            self.keep_begun(step, epoch)
            self.keep(step, epoch)

    def keep_begun(self, step: int, epoch: int) -> None:
        """Samples of the beginning, before anything else is drawn with other weights."""
        if self.keeping.waits:
            self.keep(step, epoch)

    def keep(self, step: int, epoch: int) -> None:
        """The samples that are due after this epoch, shown too where they are watched."""
        if not self.keeps_samples:
            return
        stopped = self._commands.is_stopped
        are_past = self.keeping.waits  # of weights that are gone: they cannot be drawn later
        for kept in self.keeping.keep(step, epoch, stopped):
            self._tell([kept] if isinstance(kept, Warned) else self.watcher.kept(*kept))
        self.samples_due = stopped() and not are_past

    def _tell(self, events: Iterable[Event]) -> None:
        for event in events:
            self._emit(event)
