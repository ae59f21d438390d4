"""A run in a process of its own, with the surface of `Run`: whoever shows it cannot tell them apart.

The run's folder says what it measures (`engine.run.tail`); a pipe brings the commands there and back what
cannot wait: frames, pauses, the end. A run that is killed ends with a sentence here; a watcher that is killed
leaves a run that goes on (`engine.run.worker`). Does not import torch.
"""

from __future__ import annotations

import os
import queue
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
from contextlib import suppress
from pathlib import Path
from time import monotonic
from typing import IO, Any, BinaryIO

import msgspec

import engine
from engine.document.project import Project
from engine.messages.commands import RunCommand
from engine.messages.events import Event, Finished, LensFrame, Paused, Progress, Resumed, Started
from engine.messages.mailbox import Mailbox
from engine.messages.pipe import Begin, FramesSeen, Message, Told, packed, read_told
from engine.run.follow import killed
from engine.run.tail import Tail

POLL_SECONDS = 0.1
"""Time between two looks at the run's folder."""
WAIT_SECONDS = 0.03
"""Time between two looks at whether the frames have been taken."""
SAID = 2000
"""Bytes of the process's last words that are looked at."""
Item = Message | Told | None
"""What waits to be handled: a command, an event of the run, or the end of the pipe (None)."""


class ProcessRun:
    """One training run of one snapshot, in a process of its own.

    Takes what `Run` takes. Without a `folder` the run has a temporary one, which is gone after it.
    """

    def __init__(
        self,
        project: Project,
        *,
        folder: Path | None = None,
        device: str | None = None,
        seed: int | None = None,
        epochs: int | None = None,
        steps: int | None = None,
        **more: Any,
    ) -> None:
        self.project, self.folder = project, folder
        self.device = project.settings.device if device is None else device
        self.seed = project.settings.seed if seed is None else seed
        self.epochs, self.steps = epochs, steps
        self._asked = device, seed
        self.mailbox = Mailbox()
        self.state = "created"
        self.plan: Any = None  # it is in the other process
        self.finished: Finished | None = None
        self._more = {name: str(value) for name, value in more.items() if value}
        self._items: queue.SimpleQueue[Item] = queue.SimpleQueue()
        self._thread: threading.Thread | None = None
        self._process: subprocess.Popen[bytes] | None = None
        self._tail: Tail | None = None
        self._live: Progress | None = None  # what the run said of itself and nobody was told yet
        self._last: Progress | None = None  # what was told of it
        self._owes_look = False

    @property
    def pid(self) -> int | None:
        """Number of the process, while there is one."""
        return self._process.pid if self._process is not None else None

    def start(self) -> None:
        """Start the process; returns at once. Events wait in `mailbox`."""
        assert self.state == "created", "a run runs once"
        self.state = "compiling"
        self._thread = threading.Thread(target=self._attend, name="run", daemon=True)
        self._thread.start()

    def join(self, timeout: float | None = None) -> bool:
        """Wait for the end of the process; whether it has come."""
        if self._thread is not None:
            self._thread.join(timeout)
        return self._thread is None or not self._thread.is_alive()

    def send(self, command: RunCommand) -> str:
        """Tell the run something; it goes through the pipe. Every command is taken."""
        self._items.put(command)
        return ""

    # The other process ----------------------------------------------------------------------------

    def _attend(self) -> None:
        """Start the process and read from it until it ends, in the thread of the run."""
        started = monotonic()
        place = self.folder or Path(tempfile.mkdtemp(prefix="layerloom-run-"))
        try:
            with tempfile.TemporaryFile() as words:
                finished = self._attended(place, words) or self._killed(words, monotonic() - started)
        except (OSError, ValueError) as error:
            finished = Finished("failed", 0, 0, 0.0, {}, f"The run's process could not be started: {error}.")
        finally:
            if self.folder is None:
                shutil.rmtree(place, ignore_errors=True)
        self.finished, self.state = finished, "finished"
        self.mailbox.put(finished)

    def _attended(self, place: Path, words: IO[bytes]) -> Finished | None:
        """The end that the run told; None where it told none."""
        self._process = process = subprocess.Popen(
            [sys.executable, "-P", "-m", "engine.run.worker"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=words,
            env=_environment(),
            bufsize=0,
            start_new_session=True,  # Ctrl+C and a closed terminal are the window's affair
        )
        assert process.stdin is not None
        assert process.stdout is not None
        reader = threading.Thread(target=self._read, args=(process.stdout,), name="run-pipe", daemon=True)
        reader.start()
        try:
            self._write(self._begin(place))
            return self._pump(place)
        finally:
            with suppress(OSError):
                process.stdin.close()
            process.wait()
            reader.join()
            process.stdout.close()

    def _begin(self, place: Path) -> Begin:
        return Begin(
            self.project,
            str(place.absolute()),
            self.folder is not None,
            *self._asked,
            self.epochs,
            self.steps,
            self._more,
        )

    def _read(self, stream: IO[bytes]) -> None:
        told: BinaryIO = stream  # type: ignore[assignment]
        with suppress(ValueError, OSError):  # cut short: the process was killed
            while (event := read_told(told)) is not None:
                self._items.put(event)
        self._items.put(None)

    def _write(self, message: Message) -> None:
        assert self._process is not None
        assert self._process.stdin is not None
        with suppress(OSError):  # it is gone: the reader says so
            self._process.stdin.write(packed(message))

    def _pump(self, place: Path) -> Finished | None:
        """Write commands to the process and take its events until the pipe ends."""
        finished: Finished | None = None
        due = monotonic()
        while True:
            try:
                item = self._items.get(timeout=WAIT_SECONDS)
            except queue.Empty:
                item = FramesSeen() if self._owes_look and not self.mailbox.has_frames() else None
                if item is not None:
                    self._owes_look = False
                    self._write(item)
            else:
                if item is None:
                    break
                if isinstance(item, Finished):
                    finished = item
                elif isinstance(item, Event):
                    self._take(item, place)
                else:
                    with suppress(ValueError):  # larger than what the pipe takes
                        self._write(item)
            if monotonic() >= due:
                self._poll()
                due = monotonic() + POLL_SECONDS
        self._poll()
        return finished

    # What is told ---------------------------------------------------------------------------------

    def _take(self, event: Event, place: Path) -> None:
        """One event of the pipe, in its place among those of the folder."""
        if isinstance(event, Progress):
            self._live = event if self._live is None else _newer(self._live, event)
            return
        if isinstance(event, LensFrame):
            self._owes_look = True
        elif isinstance(event, Started):
            self._tail = Tail(place, started=event)
            self.state = "running"
        elif isinstance(event, Paused | Resumed):
            self._poll()
            self.state = "paused" if isinstance(event, Paused) else "running"
        self.mailbox.put(event)

    def _poll(self) -> None:
        if self._tail is None:
            return
        for event in self._tail.poll():
            if isinstance(event, Progress):
                self._speak(event)
            elif not isinstance(event, Finished):
                self.mailbox.put(event)
        live, told = self._live, self._tail.step
        if live is not None and live.step <= told:  # its losses were told before it
            self._speak(msgspec.structs.replace(live, step=told))

    def _speak(self, event: Progress) -> None:
        """Tell these steps, with what the run last said of itself."""
        live = self._live or self._last
        if live is not None:
            event = _joined(event, live)
            self._last, self._live = msgspec.structs.replace(live, metrics={}, measured=[]), None
        self.mailbox.put(event)

    def _killed(self, words: IO[bytes], seconds: float) -> Finished:
        """The end of a process that told none."""
        assert self._process is not None
        step, epoch = (self._tail.step, self._tail.epoch) if self._tail is not None else (0, 0)
        why = _reason(self._process.returncode, words)
        return Finished("failed", step, epoch, seconds, {}, killed(step, self.folder, why))


def _newer(first: Progress, second: Progress) -> Progress:
    """Two reports without losses as one."""
    return msgspec.structs.replace(
        second, metrics=second.metrics or first.metrics, measured=[*first.measured, *second.measured]
    )


def _joined(rows: Progress, live: Progress) -> Progress:
    """The losses that the folder has, with what the run said of itself."""
    return msgspec.structs.replace(
        rows,
        samples_per_second=live.samples_per_second,
        seconds_left=live.seconds_left,
        learning_rates=live.learning_rates,
        metrics=live.metrics,
        measured=live.measured,
    )


def _reason(code: int, words: IO[bytes]) -> str:
    """How the process ended, in brackets: the signal, or its last words."""
    if code < 0:
        with suppress(ValueError):
            return f" ({signal.Signals(-code).name})"
    words.seek(0, os.SEEK_END)
    words.seek(max(words.tell() - SAID, 0))
    lines = words.read().decode("utf-8", "replace").strip().splitlines()
    return f" ({lines[-1][:300]})" if lines else f" (exit code {code})"


def _environment() -> dict[str, str]:
    """This program's own packages; the folder that we stand in is not looked into for code."""
    root = str(Path(next(iter(engine.__path__))).parent)
    found = [root, *filter(None, [os.environ.get("PYTHONPATH")])]
    return {**os.environ, "PYTHONPATH": os.pathsep.join(found)}
