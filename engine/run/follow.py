"""Follows a run that somebody else runs, by its folder: what its files newly say, as the events of a run.

The run may be in another process or on another machine that writes into a shared folder. Looking costs a few
system calls while nothing is new. Nothing here writes; does not import torch.
"""

from __future__ import annotations

import math
import threading
from collections.abc import Iterator
from pathlib import Path
from time import monotonic
from typing import Any

from engine.messages.commands import RunCommand, Stop
from engine.messages.events import (
    Event,
    Finished,
    Paused,
    Resumed,
    Started,
)
from engine.messages.mailbox import Mailbox
from engine.run.tail import Tail
from engine.runs import lock
from engine.runs.record import ABOUT

POLL_SECONDS = 0.25
"""Time between two looks at a folder."""
FAR_SECONDS = 2.0
"""The same where each look copies the rows, on a shared disk."""
CHECK_SECONDS = 2.0
"""Time between two questions whether the run's process still lives, and whether it waits."""


class Follower:
    """The run in a folder as a `RunHandle`; it takes no command but `Stop`.

    `start` follows in a thread of its own until the run ends; told to stop, it leaves the run alone.
    """

    def __init__(self, folder: Path, *, poll_seconds: float = POLL_SECONDS) -> None:
        self.folder = folder
        self.mailbox = Mailbox()
        self.state = "created"
        self.plan: Any = None
        self.finished: Finished | None = None
        self._poll_seconds = poll_seconds
        self._left = threading.Event()
        self._paused = self._told_paused = False
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        assert self.state == "created", "a run is followed once"
        self.state = "compiling"
        self._thread = threading.Thread(target=self._follow, name="run-follower", daemon=True)
        self._thread.start()

    def send(self, command: RunCommand) -> str:
        """`Stop` ends the following, and the run continues; everything else is refused with a sentence."""
        if isinstance(command, Stop):
            self._left.set()
            return ""
        return "This run was started by another program: it can be followed, not controlled."

    def join(self, timeout: float | None = None) -> bool:
        """Wait for the thread; whether it has ended."""
        if self._thread is not None:
            self._thread.join(timeout)
        return self._thread is None or not self._thread.is_alive()

    def events(self) -> Iterator[Event]:
        """Every event as it comes, in the caller's thread, to the end of the run or until `stop`."""
        tail = Tail(self.folder)
        pause = FAR_SECONDS if tail.is_far else self._poll_seconds
        check = monotonic()
        dead = False
        while True:
            yield from tail.poll()
            if tail.finished is not None or self._left.is_set():
                return
            if dead:
                yield interrupted(self.folder, tail)
                return
            if monotonic() >= check:
                dead = not self._is_alive(tail)
                yield from self._pauses(tail)
                check = monotonic() + CHECK_SECONDS
            if not dead:  # else look once more: it may have ended well in between
                self._left.wait(pause)

    def _is_alive(self, tail: Tail) -> bool:
        if not (self.folder / ABOUT).exists():
            return tail.started is None  # it is yet to come; else its folder was removed
        pulse, held = lock.pulse_of(self.folder)
        self._paused = held and pulse is not None and pulse.paused
        return held

    def _pauses(self, tail: Tail) -> Iterator[Event]:
        """What its heartbeat says of the run: that it waits, or continues."""
        if tail.started is not None and self._paused != self._told_paused:
            self._told_paused = self._paused
            yield Paused(tail.step) if self._paused else Resumed(tail.step)

    def _follow(self) -> None:
        for event in self.events():
            match event:
                case Started() | Resumed():
                    self.state = "running"
                case Paused():
                    self.state = "paused"
                case Finished():
                    self.finished, self.state = event, "finished"
            self.mailbox.put(event)
        if self.finished is None:
            self.state = "finished"
            self.mailbox.put(left(self.folder))


def interrupted(folder: Path, tail: Tail) -> Finished:
    """The end of a run whose process is gone and left no word."""
    if not folder.exists():
        gone = f"The run's folder was removed; it was at step {tail.step:,}."
        return Finished("failed", tail.step, tail.epoch, 0.0, {}, gone)
    pulse, _ = lock.pulse_of(folder)
    step = max(tail.step, pulse.step if pulse is not None else 0)
    epoch = max(tail.epoch, pulse.epoch if pulse is not None else 0)
    seconds = pulse.seconds if pulse is not None else 0.0
    measured = pulse.metrics if pulse is not None else {}
    metrics = {name: math.nan if value is None else value for name, value in measured.items()}
    return Finished("failed", step, epoch, seconds, metrics, killed(step, folder))


def killed(step: int, folder: Path | None, why: str = "") -> str:
    """The sentence for a process that ended without a word."""
    kept = folder is not None and any((folder / "checkpoints").glob("*.safetensors"))
    advice = "resume goes on from its last checkpoint." if kept else "no checkpoint was kept."
    return f"The run's process was killed{why} at step {step:,}; {advice}"


def left(folder: Path) -> Finished:
    """What is said where a run goes on and is no longer looked at."""
    return Finished("stopped", 0, 0, 0.0, {}, f"{folder.name} is no longer followed; it goes on by itself.")
