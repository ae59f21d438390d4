"""Keeps the threads of a training run on cores of their own: a busy machine slows it down, and no more.

torch's threads (OpenMP) meet at a barrier after every operation and spin there. Beside other programs the
system may put two of them on one core; each barrier then waits for a whole time slice. LeNet-5 on two cores,
milliseconds a step (quiet / one / two busy programs beside it): left to the system 2.7-3.5 / 11-28 / 12-404,
each thread on its core 2.7-3.3 / 7 / 11, one thread 4.8 / 5 / 7, threads that sleep instead of spinning
(OMP_WAIT_POLICY=passive) 6.4 / 18 / 20, that spin shortly (GOMP_SPINCOUNT=1000) 3.4-4.0 / 15 / 12. The
number of threads stays as it is, because sums depend on it and a run must repeat bit for bit.
"""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import torch

_TASKS = Path("/proc/self/task")
_GRAIN = 32768
"""Numbers that torch gives to one thread at least."""
_HOME = os.sched_getaffinity(0) if sys.platform == "linux" else set()
"""The cores that this program may use."""


@contextmanager
def own_cores(wanted: bool = True) -> Iterator[None]:
    """Within: the calling thread and the torch threads that serve it have a core each.

    Only on Linux, where torch has as many threads as there are cores to be had (else the system has room to
    move them), and where the calling thread has not computed in parallel before.
    """
    cores = sorted(_HOME) if wanted else []
    if len(cores) < 2 or torch.get_num_threads() != len(cores):
        yield
        return
    helpers = _helpers(len(cores))
    if len(helpers) != len(cores) - 1:
        yield
        return
    _place([0, *helpers], [{core} for core in cores])
    try:
        yield
    finally:
        _place([0, *helpers], [_HOME] * len(cores))


def any_core() -> None:
    """For a thread that was started by one with a core of its own: it may run anywhere again."""
    if _HOME:
        _place([0], [_HOME])


def _helpers(count: int) -> list[int]:
    """The threads that torch starts for the first parallel operation of the calling thread."""
    before = _threads()
    torch.zeros(_GRAIN * count).add_(1.0)
    python = {thread.native_id for thread in threading.enumerate()}
    return sorted(_threads() - before - python)


def _threads() -> set[int]:
    return {int(task.name) for task in _TASKS.iterdir()}


def _place(threads: list[int], cores: list[set[int]]) -> None:
    for thread, allowed in zip(threads, cores, strict=True):
        try:
            os.sched_setaffinity(thread, allowed)
        except OSError:  # the thread has ended, or the system keeps it where it is
            continue
