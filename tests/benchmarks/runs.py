"""Runs on disk: 200 of them listed (limit 200 ms), and one of 300,000 steps and two objectives opened (limit
1 s).

The long run is written by the store itself, as a run would write it.
"""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any

import numpy as np

from engine.run.events import Finished, Progress, Started, Validated
from engine.run.run import Run
from engine.run.store import RunFolder
from engine.runs.archive import curves_of, runs_in
from tests.benchmarks._machine import Elsewhere
from tests.drawings import gan, lenet5

RUNS, STEPS, ROUNDS, BATCH = 200, 300_000, 9, 50
LIST_MS, OPEN_MS = 200.0, 1000.0


def listed(place: Path) -> dict[str, Any]:
    """A real short run, copied, of which some were stopped and some died."""
    runs = place / "NAME.runs"
    Run(lenet5(), folder=runs / "run-000", steps=3).execute(lambda event: None)
    ended = (runs / "run-000" / "run.json").read_text()
    for number in range(1, RUNS):
        folder = runs / f"run-{number:03d}"
        shutil.copytree(runs / "run-000", folder)
        status = ("completed", "stopped", "running")[number % 3]
        (folder / "run.json").write_text(ended.replace('"completed"', f'"{status}"'))
    times = []
    for _ in range(ROUNDS):
        begun = perf_counter()
        found = runs_in(runs)
        times.append((perf_counter() - begun) * 1e3)
        assert len(found) == RUNS
    return {
        "runs": RUNS,
        "first_ms": round(times[0], 1),
        "median_ms": round(median(times), 1),
        "limit_ms": LIST_MS,
    }


def opened(place: Path) -> dict[str, Any]:
    """The curves of a long run."""
    folder = place / "long"
    store = RunFolder(folder, gan())
    store.record(Started("CPU", 1000, 100, STEPS // 100, STEPS, 0))
    chance = np.random.default_rng(0)
    begun = perf_counter()
    for first in range(0, STEPS, BATCH):
        losses = {name: chance.random(BATCH).tolist() for name in ("judging", "making")}
        steps = list(range(first + 1, first + BATCH + 1))
        rates = [(first + 1, name, float(first)) for name in losses]
        store.record(Progress(first + BATCH, 0, steps, losses, 1.0, 1.0, {}, rates=rates))
        if first % 1000 == 0:
            store.record(Validated(first, first // 100, {"judging": 1.0, "making": 2.0}, {}))
    store.record(Finished("completed", STEPS, STEPS // 100, 1.0, {}))
    store.close()
    written = perf_counter() - begun
    times = []
    for _ in range(ROUNDS):
        begun = perf_counter()
        curves = curves_of(folder)
        times.append((perf_counter() - begun) * 1e3)
    assert [len(steps) for steps, _ in curves.losses.values()] == [STEPS, STEPS]
    return {
        "steps": STEPS,
        "objectives": 2,
        "first_ms": round(times[0], 1),
        "median_ms": round(median(times), 1),
        "limit_ms": OPEN_MS,
        "written_s": round(written, 2),
        "megabytes": round(sum(path.stat().st_size for path in folder.rglob("*") if path.is_file()) / 1e6, 1),
    }


def run() -> dict[str, object]:
    elsewhere = Elsewhere()
    with tempfile.TemporaryDirectory() as place:
        found: dict[str, object] = {"list": listed(Path(place)), "open": opened(Path(place))}
    return {**found, "cores_busy_elsewhere": elsewhere.cores()}
