"""What a run measures as TensorBoard event files, in `tensorboard/` of its folder: losses, their terms,
learning rates, metrics, and kept samples that are pictures.

Written through tensorboardX, which is loaded only here. The first 10,000 steps are written each, of the later
ones every 10th, from 100,000 on every 100th: TensorBoard shows fewer. A run that goes on takes back what was
written beyond its checkpoint.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from pathlib import Path
from time import monotonic, time
from typing import Any

from engine.messages.events import Event, Finished, Progress, Validated
from nodes.user_error import UserError

FOLDER = "tensorboard"
SAMPLES = "samples"
FLUSH_SECONDS = 5.0
EVERY_STEP = 10_000
"""Up to this step each one is written."""
MISSING = (
    "tensorboard: Expected the package tensorboardX. Received none; install it with "
    "`pip install 'layerloom[tensorboard]'` or switch the setting off."
)


class TensorBoardError(UserError, RuntimeError):
    """Event files cannot be written. The message is the sentence."""


def require_package() -> None:
    """Raises `TensorBoardError` without tensorboardX."""
    try:
        import tensorboardX  # noqa: F401
    except ImportError as error:
        raise TensorBoardError(MISSING) from error


class EventLog:
    """The event files of one run; used from its thread. Needs the package."""

    def __init__(self, folder: Path, *, resumed_at: int | None = None) -> None:
        """`resumed_at`: the run goes on after this step; what was written of later ones counts no more."""
        from tensorboardX.event_file_writer import EventsWriter
        from tensorboardX.proto.event_pb2 import Event as Entry
        from tensorboardX.proto.event_pb2 import SessionLog

        place = folder / FOLDER
        place.mkdir(parents=True, exist_ok=True)
        count = len(list(place.glob("events.*")))  # two files of one second must not be one
        # Not its SummaryWriter: that writes in a thread, which a full disk ends in silence, and then waits
        # for it without end.
        self._writer = EventsWriter(str(place / "events"), f".{count:04d}")
        self._entry: Callable[..., Any] = Entry
        if resumed_at is not None:
            begun = SessionLog(status=SessionLog.START)
            self._writer.write_event(Entry(wall_time=time(), step=resumed_at + 1, session_log=begun))
        self._samples = folder / SAMPLES
        self._due: dict[str, int] = {}
        self._pictures = -1 if resumed_at is None else resumed_at
        self._flushed = monotonic()

    def record(self, event: Event) -> None:
        """Write what this event says. Raises OSError where the disk refuses."""
        if isinstance(event, Progress):
            self._progress(event)
        elif isinstance(event, Validated):
            for path, loss in event.losses.items():
                self._add(f"validation/{path}", event.step, loss)
            for path, value in event.metrics.items():
                self._add(f"metric/{path}", event.step, value)
        if isinstance(event, Validated | Finished):
            self._show_samples()
        if isinstance(event, Validated | Finished) or monotonic() - self._flushed > FLUSH_SECONDS:
            self._writer.flush()
            self._flushed = monotonic()

    def close(self) -> None:
        self._writer.close()

    def _progress(self, event: Progress) -> None:
        for kind, values in (("loss", event.losses), ("term", event.terms)):
            for path, numbers in values.items():
                self._add_all(f"{kind}/{path}", zip(event.steps, numbers, strict=False))
        for step, path, rate in event.rates:
            self._add(f"rate/{path}", step, rate)
        for step, measured in event.measured:
            for path, value in measured.items():
                self._add(f"training/{path}", step, value)

    def _add_all(self, tag: str, points: Iterable[tuple[int, float]]) -> None:
        due = self._due.get(tag, 0)
        for step, value in points:
            if step >= due and math.isfinite(value):  # not a number: the objective did not act
                self._add(tag, step, value)
                due = step + stride(step)
        self._due[tag] = due

    def _add(self, tag: str, step: int, value: float) -> None:
        from tensorboardX.summary import scalar

        self._write(scalar(tag, value), step)

    def _write(self, summary: Any, step: int) -> None:
        self._writer.write_event(self._entry(wall_time=time(), step=step, summary=summary))

    def _show_samples(self) -> None:
        """Kept samples that have come since, as pictures."""
        from tensorboardX.summary import image

        from engine.sample.export import pixels
        from engine.sample.history import SampleHistory

        history, newest = SampleHistory(self._samples), self._pictures
        for path in history.paths():
            for step in history.steps(path):
                if step <= self._pictures:
                    continue
                newest = max(newest, step)
                try:
                    picture = pixels(history.load(path, step))
                except UserError:
                    continue  # texts
                self._write(image(f"samples/{path}", picture, dataformats="HWC"), step)
        self._pictures = newest


def stride(step: int) -> int:
    """How many steps after this one the next is written."""
    return 1 if step < EVERY_STEP else 10 ** (len(str(step)) - 4)
