"""Processes that decode pictures beside this one: Python decodes in one thread at a time, they do not.

They are started when first wanted and take seconds to be ready; who finds none that is idle decodes in
threads. A picture that ends its process is named, and ends nothing else.
"""

from __future__ import annotations

import atexit
import os
import queue
import select
import subprocess
import sys
import threading
from collections.abc import Sequence
from typing import BinaryIO, cast

import msgspec
import numpy as np

from nodes.reading.picture.apart.messages import READY, Answered, Wanted, read, read_bytes, write
from nodes.reading.picture.open_picture import MEMORY, PixelRules
from nodes.reading.picture.pixels import Pixels
from nodes.reading.progress import tell

MOST = 8
"""The most processes."""
COMMAND = ("-P", "-m", "nodes.reading.picture.apart.worker")
ENDED = "it ended the process that decoded it"
_CALLED_OFF = 0.05
"""Seconds between two times that somebody may call it off."""


class DecodingProcess:
    """A process that answers one question at a time."""

    def __init__(self, memory: int) -> None:
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
        self._process = subprocess.Popen(
            [sys.executable, *COMMAND, str(memory)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=environment,
        )
        self._asked = cast(BinaryIO, self._process.stdin)
        self._told = cast(BinaryIO, self._process.stdout)

    def is_ready(self) -> bool:
        """Waits until it is; False: it never will be."""
        try:
            return read(self._told) == READY
        except (EOFError, OSError):
            return False

    def answer(self, wanted: Wanted) -> tuple[list[str | None], Pixels]:
        """Why pictures were not decoded, and the pixels of the others, `(n, channels, height, width)`.

        Can be called off. Raises `EOFError` where the process ends.
        """
        asked, told = self._asked, self._told
        try:
            write(asked, msgspec.msgpack.encode(wanted))
            asked.flush()
            while os.name != "nt" and not select.select([told], [], [], _CALLED_OFF)[0]:
                tell("Reading pictures")
            reasons = msgspec.msgpack.decode(read(told), type=Answered).reasons
            count = sum(reason is None for reason in reasons)
            pixels = read_bytes(told, count * int(np.prod(wanted.sample)))
        except (OSError, msgspec.DecodeError) as error:
            raise EOFError from error
        return reasons, np.frombuffer(pixels, np.uint8).reshape(count, *wanted.sample)

    def end(self) -> None:
        self._process.kill()
        self._process.communicate()


class Workers:
    """As many processes as this machine has cores for, shared by all who decode."""

    def __init__(self) -> None:
        self._idle: queue.SimpleQueue[DecodingProcess] = queue.SimpleQueue()
        self._lock = threading.Lock()
        self._every: set[DecodingProcess] = set()
        self._missing = min(MOST, os.cpu_count() or 1)
        self._memory = MEMORY // self._missing

    def decoded(
        self, paths: Sequence[str], sample: tuple[int, int, int], fit: str, rules: PixelRules
    ) -> tuple[list[str | None], Pixels] | None:
        """As `DecodingProcess.answer`; None where no process is idle now."""
        self._start()
        try:
            worker = self._idle.get_nowait()
        except queue.Empty:
            return None
        wanted = Wanted(list(paths), sample, fit, rules)
        try:
            found = worker.answer(wanted)
        except EOFError:
            self._lose(worker)
            return self._one_by_one(wanted)
        except BaseException:
            self._lose(worker)  # called off: its answer would be taken for that of the next question
            raise
        self._idle.put(worker)
        return found

    def end(self) -> None:
        """End all of them; they are started again when they are wanted."""
        while True:
            try:
                self._idle.get_nowait()
            except queue.Empty:
                break
        with self._lock:
            every = list(self._every)
        for worker in every:
            self._lose(worker)

    def _one_by_one(self, wanted: Wanted) -> tuple[list[str | None], Pixels] | None:
        """After a process has ended: each picture by itself, so that the one that ends another is known."""
        reasons: list[str | None] = []
        pixels: list[Pixels] = []
        worker: DecodingProcess | None = None
        for path in wanted.paths:
            if worker is None:
                worker = DecodingProcess(self._memory)
                if not worker.is_ready():
                    worker.end()
                    return None
            try:
                reason, found = worker.answer(msgspec.structs.replace(wanted, paths=[path]))
            except EOFError:
                worker.end()
                worker, reason, found = None, [ENDED], np.empty((0, *wanted.sample), np.uint8)
            reasons += reason
            pixels.append(found)
        if worker is not None:
            worker.end()
        return reasons, np.concatenate(pixels)

    def _start(self) -> None:
        with self._lock:
            missing, self._missing = self._missing, 0
        for _ in range(missing):
            threading.Thread(target=self._started, name="start-decoding", daemon=True).start()

    def _started(self) -> None:
        try:
            worker = DecodingProcess(self._memory)
        except OSError:
            return  # no process can be started here: threads decode
        with self._lock:
            self._every.add(worker)
        if worker.is_ready():
            self._idle.put(worker)
        else:
            with self._lock:
                self._every.discard(worker)
            worker.end()

    def _lose(self, worker: DecodingProcess) -> None:
        worker.end()
        with self._lock:
            if worker in self._every:
                self._every.discard(worker)
                self._missing += 1


WORKERS = Workers()
atexit.register(WORKERS.end)
