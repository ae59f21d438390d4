"""The program of a run's own process, `python -m engine.run.worker`: started by `ProcessRun`, by nobody else.

Reads what to run and then commands from its standard input, and writes events that cannot wait for the run's
folder to its standard output. When the watching process is gone, a run that has a folder continues to its
end; one that is paused, or has only a temporary folder, ends.
"""

from __future__ import annotations

import faulthandler
import os
import shutil
import signal
import sys
import threading
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING, Any, BinaryIO

import msgspec

from engine.messages.commands import Stop, Watch
from engine.messages.events import Event, LensFrame, Progress, Validated
from engine.messages.pipe import Begin, FramesSeen, Message, packed, read_message
from engine.system import imports

if TYPE_CHECKING:
    from engine.run.run import Run

TELL_SECONDS = 0.02
"""Time between two looks at what the run has said."""
PATIENCE = 60.0
"""Seconds that a run may take to end after nobody is there to see it."""


class Worker:
    """Serves one run: commands are read in a thread of their own, everything else happens in the main one."""

    def __init__(self, begin: Begin, messages: BinaryIO, told: BinaryIO) -> None:
        self._begin, self._messages, self._told = begin, messages, told
        self._waiting: list[Message] = []
        self._guard = threading.Lock()
        self._run: Run | None = None
        self._may_look = True
        self._alone = 0.0
        threading.Thread(target=self._listen, name="commands", daemon=True).start()

    @property
    def is_alone(self) -> bool:
        """Whether the watching process is gone."""
        return self._alone > 0.0

    def serve(self) -> None:
        """Run to the end."""
        imports.load("engine.run.run")  # and torch with it: commands are read meanwhile
        from engine.run.run import Run

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
            for message in self._waiting:
                self._pass_on(run, message)
        run.start()
        while not run.join(TELL_SECONDS):
            self._tell(run, self._may_look)
            if self._alone:
                self._end_alone(run)
        self._tell(run, frames=True)

    # Commands -------------------------------------------------------------------------------------

    def _listen(self) -> None:
        try:
            while (message := self._message()) is not None:
                with self._guard:
                    if self._run is None:
                        self._waiting.append(message)
                    else:
                        self._pass_on(self._run, message)
        finally:
            self._alone = monotonic()

    def _message(self) -> Message | None:
        """The next message; None where nobody watches any more."""
        try:
            return read_message(self._messages)
        except (ValueError, OSError):
            return None  # cut short: the watching process was killed

    def _pass_on(self, run: Run, message: Message) -> None:
        if isinstance(message, FramesSeen):
            self._may_look = True
        elif not isinstance(message, Begin):
            run.send(message)

    def _end_alone(self, run: Run) -> None:
        """Nobody looks any more: what nobody could let go on, or could find again, ends."""
        if not self._begin.keeps or run.state == "paused":
            run.send(Stop())
            if monotonic() - self._alone > PATIENCE:
                os._exit(1)
        run.send(Watch())

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
    messages = os.fdopen(os.dup(0), "rb", buffering=0)
    told = os.fdopen(os.dup(1), "wb", buffering=0)
    with Path(os.devnull).open("rb") as nothing:
        os.dup2(nothing.fileno(), 0)
    os.dup2(2, 1)
    return messages, told


def main() -> int:
    faulthandler.enable()
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl+C is the watching process's to understand
    messages, told = channels()
    begin = read_message(messages)
    if not isinstance(begin, Begin):
        return 2
    worker = Worker(begin, messages, told)
    try:
        worker.serve()
    finally:
        if worker.is_alone and not begin.keeps:  # else the watching process reads it to the end
            shutil.rmtree(begin.folder, ignore_errors=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
