"""Starts, pauses and stops runs over and over and looks for what stays behind: run_cycles [TIMES].

Each run stops within one step of being told. Afterwards there are as many threads and open files as before,
no more tensors, and memory that has stopped growing.
"""

from __future__ import annotations

import gc
import random
import shutil
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import torch

from engine.document.project import Project
from engine.messages.commands import Pause, Resume, StepOnce, Stop
from engine.messages.events import Paused, Progress
from engine.run.run import Run
from tests.drawings import gan, mlp

WARM = 0.2
"""Share of the cycles after which memory is first measured: allocators fill up at first."""
MOST_GROWTH = 8 << 20
"""Bytes, between the warm state and the end."""
PATIENCE = 30.0


class Held(NamedTuple):
    """What the process holds: threads, open files, tensors, bytes of memory."""

    threads: int
    files: int
    tensors: int
    memory: int


def held() -> Held:
    gc.collect()
    tensors = sum(issubclass(type(thing), torch.Tensor) for thing in gc.get_objects())
    pages = int(Path("/proc/self/statm").read_text("ascii").split()[1])
    return Held(threading.active_count(), len(list(Path("/proc/self/fd").iterdir())), tensors, pages * 4096)


def until(run: Run, kind: type) -> Iterator[None]:
    """Waits for an event of this kind, one look at a time."""
    end = time.monotonic() + PATIENCE
    while not any(isinstance(event, kind) for event in run.mailbox.drain()):
        assert time.monotonic() < end, f"{kind.__name__} did not come; {run.state}, {run.finished}"
        assert run.finished is None, run.finished
        yield time.sleep(0.001)


def cycle(project: Project, folder: Path | None, chance: random.Random) -> int:
    """One run: started, paused, perhaps resumed, stopped. The steps made after it was told to stop."""
    run = Run(project, folder=folder, epochs=1_000_000)
    run.start()
    if chance.random() < 0.9:  # else it is stopped before its first step
        for _ in until(run, Progress):
            pass
        run.send(Pause())
        for _ in until(run, Paused):
            pass
        if chance.random() < 0.5:
            run.send(StepOnce())
            run.send(Resume())
            time.sleep(chance.uniform(0.0, 0.02))
    loop = run._loop
    before = loop.step if loop is not None else 0
    run.send(Stop())
    told = loop.step if loop is not None else 0
    assert run.join(PATIENCE), "the run did not end"
    assert run.finished is not None
    assert run.finished.status == "stopped", run.finished
    return 0 if loop is None else run.finished.step - max(told, before)


def measured(times: int, chance: random.Random) -> tuple[Held, Held, int]:
    """(held when warm, held at the end, most steps after a stop) of so many cycles."""
    projects = (mlp("digits", 8), gan())
    warm, late = held(), 0
    with tempfile.TemporaryDirectory(prefix="layerloom-cycles-") as place:
        for number in range(times):
            folder = Path(place, str(number)) if number % 4 == 0 else None
            late = max(late, cycle(projects[number % 2], folder, chance))
            if folder is not None:
                shutil.rmtree(folder, ignore_errors=True)
            if number == int(times * WARM):
                warm = held()
            if number % 200 == 199:
                print(f"{number + 1} cycles: {held()}", flush=True)
        return warm, held(), late


def check(warm: Held, end: Held, late: int) -> None:
    """Raises AssertionError where something stayed."""
    assert late <= 1, f"{late} steps were made after a run was told to stop"
    assert end.threads <= warm.threads, f"threads: {warm.threads} -> {end.threads}"
    assert end.files <= warm.files, f"open files: {warm.files} -> {end.files}"
    assert end.tensors <= warm.tensors, f"tensors: {warm.tensors} -> {end.tensors}"
    assert end.memory <= warm.memory + MOST_GROWTH, f"memory: {warm.memory:,} -> {end.memory:,} bytes"


def main(arguments: list[str]) -> int:
    times = int(arguments[0]) if arguments else 1000
    begun = time.monotonic()
    warm, end, late = measured(times, random.Random(0))
    print(f"warm {warm}, end {end}; at most {late} steps after stop; {time.monotonic() - begun:.0f} s")
    check(warm, end, late)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
