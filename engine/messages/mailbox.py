"""What a run has said and nobody has read yet. Losses are joined, never lost; of a lens only the newest frame
is kept.

So the mailbox holds at most one progress event between two others and one frame per lens, however late its
reader.
"""

from __future__ import annotations

import threading

from engine.messages.events import Event, LensFrame, Progress, Reading
from engine.messages.lens_request import LensKey

NAN = float("nan")
Measured = tuple[int, dict[str, float]]
MOST_MEASURED = 512
"""Points of training metrics that wait at most; an older course is kept at every second point."""


class Mailbox:
    """Written by the run's thread, drained by the reader's."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._events: list[Event] = []
        self._frames: dict[LensKey, LensFrame] = {}

    def put(self, event: Event) -> None:
        with self._lock:
            if isinstance(event, LensFrame):
                self._frames[event.key] = event
            elif isinstance(event, Reading) and self._events and isinstance(self._events[-1], Reading):
                self._events[-1] = event
            elif isinstance(event, Progress) and self._events and isinstance(self._events[-1], Progress):
                self._events[-1] = joined(self._events[-1], event)
            else:
                self._events.append(event)

    def has_frames(self) -> bool:
        """Whether the last look is still unseen: until it is, another one is a waste."""
        return bool(self._frames)

    def drain(self, *, frames: bool = True) -> list[Event]:
        """Everything since the last call, in order; lens frames last, or left for later."""
        with self._lock:
            events, self._events = self._events, []
            taken = self._frames if frames else {}
            if frames:
                self._frames = {}
        return [*events, *taken.values()]


def joined(first: Progress, second: Progress) -> Progress:
    """Two batches of steps as one; the numbers that are not lists are the newer ones.

    The lists of `first` are extended in place: its only owner is the mailbox that holds it.
    """
    count = len(first.steps)
    first.steps.extend(second.steps)
    for held, new in ((first.losses, second.losses), (first.terms, second.terms)):
        for path in (*held, *(path for path in new if path not in held)):
            values = new.get(path, [NAN] * len(second.steps))
            held.setdefault(path, [NAN] * count).extend(values)
    return Progress(
        second.step,
        second.epoch,
        first.steps,
        first.losses,
        second.samples_per_second,
        second.seconds_left,
        second.learning_rates,
        second.metrics or first.metrics,
        first.terms,
        [*first.rates, *second.rates],
        _thinned([*first.measured, *second.measured]),
    )


def _thinned(measured: list[Measured]) -> list[Measured]:
    """The same course in at most `MOST_MEASURED` points, of which the newest is always one."""
    return measured if len(measured) <= MOST_MEASURED else measured[::-2][::-1]
