"""Long runs: how fast the store of 300,000 steps opens, its curves pan and zoom, and 200 runs are listed.

Every frame is painted for good, into a picture, offscreen. Milliseconds, but for what says otherwise.
"""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from time import perf_counter
from typing import Any

from tests.benchmarks._machine import Elsewhere

STEPS = 300_000
RUNS = 200
FRAMES = 300
BOUND_FRAME_MS, BOUND_OPEN_S, BOUND_LIST_MS = 16.0, 1.0, 200.0


def run() -> dict[str, Any]:
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    with tempfile.TemporaryDirectory() as home:
        for kind in ("CONFIG", "DATA", "STATE", "CACHE"):
            os.environ[f"XDG_{kind}_HOME"] = home
        return _measure(Path(home))


def _measure(home: Path) -> dict[str, Any]:
    from app.shell import startup
    from engine.document.storage import gallery
    from tests.stored_runs import noisy, store

    app = startup.make_application()
    project = gallery.make("lenet5-fashion")
    final = {"objective": 0.4, "accuracy": 0.86}
    long = []
    for index in range(4):
        losses = {"objective": noisy(STEPS, 0.3 + 0.1 * index, index)}
        long.append(store(home / "long" / str(index), project, losses=losses, metrics=final, epochs=100))
    for index in range(RUNS):
        losses = {"objective": noisy(50, 0.3, index)}
        status = ("completed", "stopped", "interrupted")[index % 3]
        store(home / "many" / f"{index:03}", project, losses=losses, metrics=final, status=status)
    elsewhere = Elsewhere()
    return {
        **_one_run(app, long[0]),
        **_overlay(app, long, project),
        **_list(app, home / "many", project),
        "steps": STEPS,
        "frames": FRAMES,
        "runs": RUNS,
        "cores_busy_elsewhere": elsewhere.cores(),
    }


def _one_run(app: Any, folder: Path) -> dict[str, Any]:
    """Open the store, fill the chart of the training panel, paint it; then pan, zoom and grow."""
    from app.training.loss_chart import LossChart
    from engine.runs.archive import curves_of

    begin = perf_counter()
    curves = curves_of(folder)
    read = perf_counter() - begin
    chart = LossChart()
    chart.resize(560, 230)
    chart.show()
    chart.fit_smoothing(STEPS)
    chart.add_curve("t", "training", lambda: "#4c9aff", raw=True)
    chart.add_curve("v", "validation", lambda: "#f2a65a", width=2.5)
    chart.extend("t", *(array.astype(float) for array in curves.losses["objective"]))
    chart.extend("v", *(array.astype(float) for array in curves.validation["objective"]))
    chart.refresh()
    chart.grab()
    opened = perf_counter() - begin
    found = {
        "read_s": round(read, 3),
        "open_s": round(opened, 3),
        "bound_open_s": BOUND_OPEN_S,
        "pan_p95_ms": _p95(_pans(app, chart)),
        "zoom_p95_ms": _p95(_zooms(app, chart)),
        "grow_p95_ms": _p95(_grows(app, chart)),
        "bound_frame_ms": BOUND_FRAME_MS,
    }
    chart.close()
    chart.deleteLater()
    return found


def _overlay(app: Any, folders: list[Path], project: Any) -> dict[str, Any]:
    """Four such runs in one chart."""
    from app.runs.overlay_chart import OverlayChart, ShownRun, colours
    from engine.runs.archive import curves_of

    tints = colours(tuple(folders), {})
    shown = {folder: ShownRun(folder.name, tints[folder], curves_of(folder)) for folder in folders}
    chart = OverlayChart()
    chart.resize(560, 230)
    chart.show()
    begin = perf_counter()
    chart.show_runs(shown, project)
    chart.grab()
    fill = perf_counter() - begin
    frames = [*_pans(app, chart), *_zooms(app, chart)]
    chart.close()
    chart.deleteLater()
    return {"overlay_of_4_fill_ms": round(1000 * fill, 1), "overlay_of_4_p95_ms": _p95(frames)}


def _frame(chart: Any) -> float:
    """Milliseconds until what was asked for is painted."""
    begin = perf_counter()
    chart()
    return 1000 * (perf_counter() - begin)


def _painted(chart: Any, change: Any) -> float:
    def work() -> None:
        change()
        chart.plot.grab()

    return _frame(work)


def _pans(app: Any, chart: Any) -> list[float]:
    plot, width = chart.plot, STEPS / 3
    times = []
    for index in range(FRAMES):
        left = (STEPS - width) * (index / FRAMES)
        times.append(_painted(chart, lambda at=left: plot.show_steps(at, at + width)))
        app.processEvents()
    return times


def _zooms(app: Any, chart: Any) -> list[float]:
    plot, times = chart.plot, []
    for index in range(FRAMES):
        width = STEPS * 0.98 ** (index % 250)
        times.append(
            _painted(chart, lambda wide=width: plot.show_steps(STEPS / 2 - wide / 2, STEPS / 2 + wide / 2))
        )
        app.processEvents()
    plot.reset_view()
    return times


def _grows(app: Any, chart: Any) -> list[float]:
    times = []
    for index in range(FRAMES):
        first = STEPS + 1 + 20 * index

        def change(first: int = first) -> None:
            chart.extend("t", range(first, first + 20), [0.3] * 20)
            chart.refresh()

        times.append(_painted(chart, change))
        app.processEvents()
    return times


def _list(app: Any, runs: Path, project: Any) -> dict[str, Any]:
    """The list read alone; from a page that shows nothing to 200 painted runs; then scrolling."""
    from app.runs.runs import RunsPanel
    from app.state.run_controller import RunController
    from app.state.run_list import RunList
    from app.state.session import Session
    from engine.runs.archive import runs_in

    begin = perf_counter()
    assert len(runs_in(runs)) == RUNS
    read = 1000 * (perf_counter() - begin)
    session = Session(project)
    run_list = RunList(session, RunController(session), lambda: runs, session)
    panel = RunsPanel(session, run_list)
    panel.resize(930, 272)
    panel.show()
    while len(panel.model.shown) < RUNS:  # what is made once is made; nothing else is read meanwhile
        app.processEvents()
    panel.grab()
    again = RunList(session, RunController(session), lambda: runs, session)
    cold = RunsPanel(session, again)
    cold.resize(930, 272)
    begin = perf_counter()
    cold.show()
    while len(cold.model.shown) < RUNS:
        app.processEvents()
    cold.grab()
    listed = 1000 * (perf_counter() - begin)
    bar, times = cold.table.verticalScrollBar(), []
    for index in range(FRAMES):
        times.append(_frame(lambda at=index: (bar.setValue(bar.maximum() * at // FRAMES), cold.table.grab())))
    for page, held in ((panel, run_list), (cold, again)):
        page.close()
        held.close()
    return {
        "list_read_ms": round(read, 1),
        "list_ms": round(listed, 1),
        "bound_list_ms": BOUND_LIST_MS,
        "scroll_p95_ms": _p95(times),
    }


def _p95(times: list[float]) -> float:
    return round(sorted(times)[int(0.95 * len(times))], 2)
