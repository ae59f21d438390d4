"""The program of a run's own process, `python -m engine.run.worker`: started by `ProcessRun`, by nobody else.

Reads what to run and then levers from its standard input, and tells what cannot wait for the run's folder on
its standard output. When the watching process is gone, a run that has a folder goes on to its end; one that
waits, or has only a temporary folder, ends.
"""

from __future__ import annotations

import faulthandler
import os
import shutil
import signal
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING, Any, BinaryIO

import msgspec

from engine.messages.events import Event, LensFrame, Progress, Validated
from engine.messages.pipe import Begin, Draw, Message, Pin, Pull, Rate, Watch, packed, read_lever

if TYPE_CHECKING:
    from engine.run.run import Run

TELL_SECONDS = 0.02
"""Time between two looks at what the run has said."""
PATIENCE = 60.0
"""Seconds that a run may take to end after nobody is there to see it."""


class Child:
    """Serves one run: levers come in a thread of their own, everything else happens in the main one."""

    def __init__(self, begin: Begin, levers: BinaryIO, told: BinaryIO) -> None:
        self._begin, self._levers, self._told = begin, levers, told
        self._waiting: list[Message] = []
        self._guard = threading.Lock()
        self._run: Run | None = None
        self._may_look = True
        self._alone = 0.0
        threading.Thread(target=self._listen, name="levers", daemon=True).start()

    @property
    def is_alone(self) -> bool:
        """Whether the watching process is gone."""
        return self._alone > 0.0

    def serve(self) -> None:
        """Run to the end."""
        from engine.run.run import Run  # torch comes with it: levers are listened to meanwhile

        begin = self._begin
        more: dict[str, Any] = {
            name: Path(text) if name != "prefix" else text for name, text in begin.more.items()
        }
        run = Run(
            begin.project,
            folder=Path(begin.folder),
            device=begin.device,
            seed=begin.seed,
            epochs=begin.epochs,
            steps=begin.steps,
            **more,
        )
        with self._guard:
            self._run = run
            for lever in self._waiting:
                self._pull(run, lever)
        run.start()
        while not run.join(TELL_SECONDS):
            self._tell(run, self._may_look)
            if self._alone:
                self._end_alone(run)
        self._tell(run, frames=True)

    # Levers ---------------------------------------------------------------------------------------

    def _listen(self) -> None:
        try:
            while (lever := self._lever()) is not None:
                with self._guard:
                    if self._run is None:
                        self._waiting.append(lever)
                    else:
                        self._pull(self._run, lever)
        finally:
            self._alone = monotonic()

    def _lever(self) -> Message | None:
        """The next lever; None where nobody watches any more."""
        try:
            return read_lever(self._levers)
        except (ValueError, OSError):
            return None  # cut short: who watched was killed

    def _pull(self, run: Run, lever: Message) -> None:
        if isinstance(lever, Rate):
            run.set_learning_rate(lever.objective, lever.value)
        elif isinstance(lever, Watch):
            run.watch(frozenset(lever.requests))
        elif isinstance(lever, Pin):
            run.pin(lever.index)
        elif isinstance(lever, Draw):
            run.draw(lever.sampler, lever.changes)
        elif isinstance(lever, Pull):
            pulls: dict[str, Callable[[], None]] = {
                "pause": run.pause,
                "resume": run.resume,
                "step": run.step,
                "stop": run.stop,
                "seen": self._seen,
            }
            pulls[lever.name]()

    def _seen(self) -> None:
        self._may_look = True

    def _end_alone(self, run: Run) -> None:
        """Nobody looks any more: what nobody could let go on, or could find again, ends."""
        if not self._begin.keeps or run.state == "paused":
            run.stop()
            if monotonic() - self._alone > PATIENCE:
                os._exit(1)
        run.watch(frozenset())

    # What is told ---------------------------------------------------------------------------------

    def _tell(self, run: Run, frames: bool) -> None:
        for event in run.mailbox.drain(frames=frames):
            self._send(event)

    def _send(self, event: Event) -> None:
        if isinstance(event, Validated) or self._alone:
            return
        if isinstance(event, LensFrame):
            self._may_look = False
        if isinstance(event, Progress):
            named: dict[str, Any] = {
                "losses": {path: [] for path in event.losses},
                "terms": {path: [] for path in event.terms},
            }
            event = msgspec.structs.replace(event, steps=[], rates=[], **named)
        try:
            self._told.write(packed(event))  # type: ignore[arg-type]
        except OSError:
            self._alone = self._alone or monotonic()
        except ValueError:
            return  # a frame that is larger than what the pipe takes


def channels() -> tuple[BinaryIO, BinaryIO]:
    """Standard input and output for messages alone; what is printed goes to standard error."""
    levers = os.fdopen(os.dup(0), "rb", buffering=0)
    told = os.fdopen(os.dup(1), "wb", buffering=0)
    with Path(os.devnull).open("rb") as nothing:
        os.dup2(nothing.fileno(), 0)
    os.dup2(2, 1)
    return levers, told


def main() -> int:
    faulthandler.enable()
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl+C is the watching process's to understand
    levers, told = channels()
    begin = read_lever(levers)
    if not isinstance(begin, Begin):
        return 2
    child = Child(begin, levers, told)
    try:
        child.serve()
    finally:
        if child.is_alone and not begin.keeps:  # else the watching process reads it to the end
            shutil.rmtree(begin.folder, ignore_errors=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
