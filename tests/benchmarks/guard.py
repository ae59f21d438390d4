"""What guarding a run costs: checks for not-a-number, copies of the last sound state and the watch over
opposed objectives, against the same run without; and what its folder with checkpoints costs.

Runs take turns in one process, in turning order; a figure is the median over rounds of the ratio of
neighbours, of the time on the clock and of the time that the process worked, which other programs disturb
less. The guard must stay below 1 % of the time, the checkpoints below 2 %.
"""

from __future__ import annotations

import gc
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from time import process_time
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


def seconds(project: Project, steps: int, folder: Path | None = None) -> tuple[float, float]:
    """Of a run in its thread: on the clock, and of work."""
    gc.collect()
    begun = process_time()
    run = Run(project, folder=folder, steps=steps)
    run.start()
    run.join()
    assert run.finished is not None
    assert run.finished.status == "completed", run.finished.message
    return run.finished.seconds, process_time() - begun


def compared(make: Callable[[], Project], steps: int, place: Path) -> dict[str, object]:
    project = make()
    guards: list[list[float]] = []
    writes: list[list[float]] = []

    def once(kind: str) -> tuple[float, float]:
        if kind == "bare":
            with unguarded():
                return seconds(project, steps)
        return seconds(project, steps, Path(tempfile.mkdtemp(dir=place)) if kind == "written" else None)

    once("guarded")
    for number in range(ROUNDS):
        kinds = ["bare", "guarded", "written"]
        taken = {kind: once(kind) for kind in (kinds if number % 2 else kinds[::-1])}
        bare, guarded, written = (taken[kind] for kind in kinds)
        guards.append([b / a - 1 for a, b in zip(bare, guarded, strict=True)])
        writes.append([b / a - 1 for a, b in zip(guarded, written, strict=True)])
    found: dict[str, object] = {"seconds": round(guarded[0], 2)}
    for name, shares, limit in (("guard", guards, GUARD_LIMIT), ("files", writes, FILES_LIMIT)):
        clock, work = zip(*shares, strict=True)
        found |= {
            name: round(median(clock), 4),
            f"{name}_work": round(median(work), 4),
            f"{name}_limit": limit,
            f"{name}_rounds": [round(share, 3) for share in clock],
        }
    return found


def run() -> dict[str, object]:
    elsewhere = Elsewhere()
    found: dict[str, object] = {}
    for name, (make, steps) in CASES.items():
        with tempfile.TemporaryDirectory() as place:
            found[name] = compared(make, steps, Path(place))
    return {**found, "cores_busy_elsewhere": elsewhere.cores()}
