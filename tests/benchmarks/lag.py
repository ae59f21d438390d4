"""How late the window answers while LeNet-5 trains with every panel open: the delay of a timer of 16 ms.

Offscreen, so that what is measured is the program and not a graphics card. Milliseconds.
"""

from __future__ import annotations

import itertools
import os
import statistics
import tempfile
from time import perf_counter
from typing import Any

from tests.benchmarks._machine import Elsewhere

SECONDS = 15.0
TICK_MS = 16
BOUND_P99_MS, BOUND_MAX_MS = 33.0, 100.0


def run(seconds: float = SECONDS) -> dict[str, Any]:
    """Delays beyond nothing: the time between two ticks, p50, p99 and worst."""
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    with tempfile.TemporaryDirectory() as home:
        for kind in ("CONFIG", "DATA", "STATE", "CACHE"):
            os.environ[f"XDG_{kind}_HOME"] = home
        return _measure(seconds)


def _wait(until: Any, longest: float = 60.0) -> None:
    from PySide6.QtCore import QCoreApplication

    end = perf_counter() + longest
    while not until() and perf_counter() < end:
        QCoreApplication.processEvents()


def _measure(seconds: float) -> dict[str, Any]:
    from PySide6.QtCore import QEventLoop, Qt, QTimer

    from app.shell import startup as gui
    from app.shell.window import Window
    from app.state.appearance import Appearance
    from engine.document import edits

    app = gui.make_application()
    window = Window(Appearance(app))
    window.resize(1440, 900)
    window.show()
    window.files.open_template("lenet5-fashion")

    _wait(lambda: window.session.report.parameters and window.workbench().training is not None)
    session = window.session
    session.apply(edits.set_settings(session.project, epochs=100_000), "Train on")
    session.select(frozenset({"conv1"}))
    window.bridge.play()
    _wait(lambda: bool(window.bridge.losses) and bool(window.bridge.frames))
    ticks: list[float] = []
    timer = QTimer(interval=TICK_MS, timerType=Qt.TimerType.PreciseTimer)
    timer.timeout.connect(lambda: ticks.append(perf_counter()))
    elsewhere = Elsewhere()
    begin, step = perf_counter(), window.bridge.progress.step if window.bridge.progress else 0
    timer.start()
    loop = QEventLoop()
    QTimer.singleShot(int(seconds * 1000), loop.quit)
    loop.exec()
    timer.stop()
    steps = (window.bridge.progress.step if window.bridge.progress else 0) - step
    rate, busy = steps / (perf_counter() - begin), elsewhere.cores()
    window.bridge.shutdown(60.0)
    window.files.close()
    window.close()
    return _words(ticks, rate) | {"cores_busy_elsewhere": busy}


def _words(ticks: list[float], rate: float) -> dict[str, Any]:
    gaps = sorted(1000 * (after - before) for before, after in itertools.pairwise(ticks))
    return {
        "ticks": len(gaps),
        "tick_ms": TICK_MS,
        "p50_ms": round(statistics.median(gaps), 1),
        "p99_ms": round(gaps[int(0.99 * len(gaps))], 1),
        "max_ms": round(gaps[-1], 1),
        "bound_p99_ms": BOUND_P99_MS,
        "bound_max_ms": BOUND_MAX_MS,
        "steps_per_second": round(rate, 1),
    }
