"""What guarding a run costs: checks for not-a-number, copies of the last sound state and the watch over
opposed objectives; and what its folder with rows and checkpoints costs.

Told twice: as the share of a run's time that is spent inside, and as the fastest run with against the
fastest without, which took turns in one process. The second is blunt: on a quiet machine neighbours differ by
some per cent. The guard must stay below 1 % of the time, the folder below 2 %.
"""

from __future__ import annotations

import gc
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from functools import wraps
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any
from unittest.mock import patch

from engine.document.project import Project
from engine.run.files import RunFiles
from engine.run.run import Run
from engine.train import loop, loss_report
from engine.train.best_weights import BestWeights
from engine.train.divergence.watch import DivergenceWatch
from tests.benchmarks._machine import Elsewhere
from tests.drawings import gan, lenet5, mlp

ROUNDS = 7
CASES: dict[str, tuple[Callable[[], Project], int]] = {
    "lenet5": (lenet5, 800),
    "mlp": (mlp, 3000),
    "two opposed nets": (gan, 5000),
}
GUARD_LIMIT, FILES_LIMIT = 0.01, 0.02
GUARD = (
    (loss_report.LossReport, "check"),
    (BestWeights, "keep"),
    (BestWeights, "consider"),
    (DivergenceWatch, "observe"),
    (DivergenceWatch, "look"),
)
FILES = tuple((RunFiles, name) for name in ("record", "_consider", "_keep", "_take_initial", "attend"))


@contextmanager
def unguarded() -> Iterator[None]:
    """Losses are looked at only when they are told; nothing is copied or watched."""
    with (
        patch.object(loop, "CHECK_STEPS", 1 << 30),
        patch.object(loss_report, "first_bad", lambda rows: None),
        patch.object(loop, "watch_of", lambda plan, sources: None),
        patch.object(BestWeights, "keep", lambda self, step: True),
    ):
        yield


class Inside:
    """Seconds spent in some functions, each counted where none of the others is at work."""

    def __init__(self, functions: tuple[tuple[Any, str], ...]) -> None:
        self.seconds, self._deep = 0.0, 0
        self._stack = ExitStack()
        for owner, name in functions:
            self._stack.enter_context(patch.object(owner, name, self._timed(getattr(owner, name))))

    def _timed(self, function: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(function)
        def timed(*given: Any, **named: Any) -> Any:
            begun, self._deep = perf_counter(), self._deep + 1
            try:
                return function(*given, **named)
            finally:
                self._deep -= 1
                if not self._deep:
                    self.seconds += perf_counter() - begun

        return timed

    def __enter__(self) -> Inside:
        return self

    def __exit__(self, *error: object) -> None:
        self._stack.close()


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
    taken: dict[str, list[float]] = {"bare": [], "guarded": [], "written": []}
    inside: dict[str, list[float]] = {"guard": [], "files": []}

    def once(kind: str) -> float:
        if kind == "bare":
            with unguarded():
                return seconds(project, steps)
        return seconds(project, steps, Path(tempfile.mkdtemp(dir=place)) if kind == "written" else None)

    once("guarded")
    for number in range(ROUNDS):
        for kind in list(taken) if number % 2 else list(taken)[::-1]:
            taken[kind].append(once(kind))
        for kind, functions in (("guard", GUARD), ("files", FILES)):
            with Inside(functions) as time:
                whole = once("written")
            inside[kind].append(time.seconds / whole)
    bare, guarded, written = (min(each) for each in taken.values())
    return {
        "seconds": round(guarded, 2),
        "guard_inside": round(median(inside["guard"]), 4),
        "guard_fastest": round(guarded / bare - 1, 4),
        "guard_limit": GUARD_LIMIT,
        "files_inside": round(median(inside["files"]), 4),
        "files_fastest": round(written / guarded - 1, 4),
        "files_limit": FILES_LIMIT,
    }


def run() -> dict[str, object]:
    elsewhere = Elsewhere()
    found: dict[str, object] = {}
    for name, (make, steps) in CASES.items():
        with tempfile.TemporaryDirectory() as place:
            found[name] = compared(make, steps, Path(place))
    return {**found, "cores_busy_elsewhere": elsewhere.cores()}
