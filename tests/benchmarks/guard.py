"""What guarding a run costs: checks for not-a-number, copies of the last sound state and the watch over
opposed objectives, against the same run without; and what its folder with checkpoints costs.

Runs take turns in one process; a figure is the median over rounds of the ratio of neighbours. The guard must
stay below 1 % of the time, the checkpoints below 2 %.
"""

from __future__ import annotations

import gc
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from unittest.mock import patch

from engine.document.project import Project
from engine.run import loop
from engine.run.keeper import Keeper
from engine.run.run import Run
from tests.benchmarks._machine import Elsewhere
from tests.drawings import gan, lenet5, mlp

ROUNDS = 9
CASES: dict[str, tuple[Callable[[], Project], int]] = {
    "lenet5": (lenet5, 1500),
    "mlp": (mlp, 5000),
    "two opposed nets": (gan, 8000),
}
GUARD_LIMIT, FILES_LIMIT = 0.01, 0.02


@contextmanager
def unguarded() -> Iterator[None]:
    """Losses are looked at only when they are told; nothing is copied or watched."""
    with (
        patch.object(loop, "CHECK_STEPS", 1 << 30),
        patch.object(loop, "_first_bad", lambda rows: None),
        patch.object(loop, "watch_of", lambda plan, sources: None),
        patch.object(Keeper, "keep", lambda self, step: True),
    ):
        yield


def seconds(project: Project, steps: int, folder: Path | None = None) -> float:
    """Of a run in its thread."""
    gc.collect()
    run = Run(project, folder=folder, steps=steps)
    run.start()
    run.join()
    assert run.finished is not None
    assert run.finished.status == "completed", run.finished.message
    return run.finished.seconds


def compared(make: Callable[[], Project], steps: int, place: Path) -> dict[str, object]:
    project = make()
    guards, writes = [], []
    seconds(project, steps)
    for number in range(ROUNDS):
        with unguarded():
            bare = seconds(project, steps)
        guarded = seconds(project, steps)
        written = seconds(project, steps, place / str(number))
        guards.append(guarded / bare - 1)
        writes.append(written / guarded - 1)
    return {
        "seconds": round(guarded, 2),
        "guard": round(median(guards), 4),
        "guard_limit": GUARD_LIMIT,
        "files": round(median(writes), 4),
        "files_limit": FILES_LIMIT,
        "guards": [round(share, 3) for share in guards],
        "writes": [round(share, 3) for share in writes],
    }


def run() -> dict[str, object]:
    elsewhere = Elsewhere()
    found: dict[str, object] = {}
    for name, (make, steps) in CASES.items():
        with tempfile.TemporaryDirectory() as place:
            found[name] = compared(make, steps, Path(place))
    return {**found, "cores_busy_elsewhere": elsewhere.cores()}
