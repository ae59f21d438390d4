"""What looking costs: LeNet-5 trained in the window with every panel open and every node watched, against
headless.

Both sides write a run folder and validate; they take turns in one process, in short rounds, and a figure is
the median of the ratios of neighbours. torch has one thread, so that a run's work is that of its own thread:
its CPU time stands beside the seconds and does not count what other programs take. `live` must stay at or
above 0.95 of headless.
"""

from __future__ import annotations

import gc
import os
import tempfile
from collections.abc import Callable
from pathlib import Path
from statistics import median
from time import monotonic, thread_time
from typing import Any, NamedTuple

import msgspec

from engine.document.project import Project
from engine.document.storage import gallery
from engine.messages.events import Finished, LensFrame
from engine.messages.lens_request import LensRequest
from engine.run.run import Run
from tests.benchmarks._machine import Elsewhere

ROUNDS = 15
EPOCHS = 1
THREADS = 1
"""Of torch, on both sides."""
PATIENCE = 300.0
TARGET = 0.95


class Spent(NamedTuple):
    """What a run took: seconds by the clock, and seconds of work of its thread."""

    wall: float
    cpu: float


class RunThreads:
    """Notes the CPU time of each run's thread within a `with` block; `last` is that of the latest run."""

    last = 0.0

    def __enter__(self) -> RunThreads:
        self._plain = plain = Run._run

        def timed(run: Run, sink: Any) -> Any:
            begun = thread_time()

            def noted(event: object) -> None:
                if isinstance(event, Finished):
                    self.last = thread_time() - begun
                sink(event)

            return plain(run, noted)

        Run._run = timed  # type: ignore[method-assign]
        return self

    def __exit__(self, *_: object) -> None:
        Run._run = self._plain  # type: ignore[method-assign]


def project() -> Project:
    made = gallery.make("lenet5-fashion")
    return msgspec.structs.replace(made, settings=msgspec.structs.replace(made.settings, epochs=EPOCHS))


def requests(drawn: Project) -> frozenset[LensRequest]:
    """Feature maps and kernels of every node."""
    kinds = ("feature_maps", "kernels")
    return frozenset(LensRequest(kind, node) for node in drawn.main.nodes for kind in kinds)


def headless(drawn: Project, folder: Path, threads: RunThreads) -> Spent:
    """A run in its thread, with nobody looking."""
    run = Run(drawn, folder=folder)
    run.start()
    run.join(PATIENCE)
    assert run.finished is not None, "the run did not end"
    assert run.finished.status == "completed", run.finished.message
    return Spent(run.finished.seconds, threads.last)


class Live:
    """The window, off screen, with the drawing open and everything on show."""

    def __init__(self, drawn: Project) -> None:
        os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
        from app.shell.startup import make_application
        from app.shell.window import Window
        from app.state.appearance import Appearance

        self.app = make_application()
        self.window = Window(Appearance(self.app))
        self.window.resize(1440, 900)
        self.window.show()
        self.window.session.open(drawn, None)
        self.window.show_drawing()
        self.controller = self.window.controller
        self.wait(lambda: self.window.workbench().training is not None)
        self.window.session.select(frozenset({"conv1"}))
        self.controller.watch(self, requests(drawn))
        self.frames = 0
        self.controller.events.connect(self._count)

    def _count(self, events: list[object]) -> None:
        self.frames += sum(isinstance(event, LensFrame) for event in events)

    def wait(self, condition: Callable[[], object]) -> None:
        """Run the window's own event loop, as the program does: polling would keep a core busy."""
        from PySide6.QtCore import QEventLoop, QTimer

        loop, end = QEventLoop(), monotonic() + PATIENCE
        timer = QTimer(interval=100)  # the run tells its seconds itself: looking seldom costs it nothing
        timer.timeout.connect(lambda: loop.quit() if condition() or monotonic() > end else None)
        timer.start()
        loop.exec()
        timer.stop()
        if not condition():
            raise TimeoutError(f"not there after {PATIENCE} s; the run: {self.controller.state}")

    def run(self, folder: Path, threads: RunThreads) -> Spent:
        """A run that is started by Play."""
        self.controller.place = lambda: folder
        self.controller.play()
        self.wait(lambda: self.controller.finished is not None)
        finished = self.controller.finished
        assert finished is not None
        assert finished.status == "completed", finished.message
        return Spent(finished.seconds, threads.last)

    def close(self) -> None:
        self.controller.shutdown()
        self.window.inference.stop()
        self.window.close()
        self.window.deleteLater()
        self.app.processEvents()


def run() -> dict[str, object]:
    import torch

    torch.set_num_threads(THREADS)
    drawn = project()
    live = Live(drawn)
    plain, seen = [], []
    with tempfile.TemporaryDirectory() as place, RunThreads() as threads:
        folders = (Path(place, str(number)) for number in range(1000))
        headless(drawn, next(folders), threads)
        live.run(next(folders), threads)
        live.frames = 0
        elsewhere, gui = Elsewhere(), thread_time()
        for _ in range(ROUNDS):
            gc.collect()
            plain.append(headless(drawn, next(folders), threads))
            gc.collect()
            seen.append(live.run(next(folders), threads))
        busy, gui = elsewhere.cores(), thread_time() - gui
    live.close()
    return figures(plain, seen) | {
        "window_share_of_a_core": round(gui / sum(one.wall for one in seen), 3),
        "frames_a_second": round(live.frames / sum(one.wall for one in seen), 1),
        "cores_busy_elsewhere": busy,
    }


def figures(plain: list[Spent], seen: list[Spent]) -> dict[str, object]:
    ratios = [a.wall / b.wall for a, b in zip(plain, seen, strict=True)]
    cpu = [a.cpu / b.cpu for a, b in zip(plain, seen, strict=True)]
    return {
        "headless_s": round(median(one.wall for one in plain), 3),
        "headless_cpu_s": round(median(one.cpu for one in plain), 3),
        "live_s": round(median(one.wall for one in seen), 3),
        "live_cpu_s": round(median(one.cpu for one in seen), 3),
        "live_against_headless": round(median(ratios), 3),
        "live_against_headless_cpu": round(median(cpu), 3),
        "target": TARGET,
        "holds": median(ratios) >= TARGET,
        "ratios": [round(ratio, 3) for ratio in ratios],
        "ratios_cpu": [round(ratio, 3) for ratio in cpu],
    }
