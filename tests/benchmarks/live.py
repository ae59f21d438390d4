"""What looking costs: LeNet-5 trained in the window with every panel open and every node watched, against
headless.

Both sides write a run folder and validate; they take turns in one process, and a figure is the median of the
ratios of neighbours. `live` must stay at or above 0.95 of headless.
"""

from __future__ import annotations

import gc
import os
import tempfile
from collections.abc import Callable
from pathlib import Path
from statistics import median
from time import monotonic, thread_time

import msgspec

from engine.document.project import Project
from engine.document.storage import gallery
from engine.messages.events import LensFrame
from engine.messages.lens_request import LensRequest
from engine.run.run import Run
from tests.benchmarks._machine import Elsewhere

ROUNDS = 5
EPOCHS = 8
PATIENCE = 120.0
TARGET = 0.95


def project() -> Project:
    made = gallery.make("lenet5-fashion")
    return msgspec.structs.replace(made, settings=msgspec.structs.replace(made.settings, epochs=EPOCHS))


def requests(drawn: Project) -> frozenset[LensRequest]:
    """Feature maps and kernels of every node."""
    kinds = ("feature_maps", "kernels")
    return frozenset(LensRequest(kind, node) for node in drawn.main.nodes for kind in kinds)


def headless(drawn: Project, folder: Path) -> float:
    """Seconds of a run in its thread, with nobody looking."""
    run = Run(drawn, folder=folder)
    run.start()
    run.join(PATIENCE)
    assert run.finished is not None, "the run did not end"
    assert run.finished.status == "completed", run.finished.message
    return run.finished.seconds


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
        self.bridge = self.window.bridge
        self.wait(lambda: self.window.workbench().training is not None)
        self.window.session.select(frozenset({"conv1"}))
        self.bridge.watch(self, requests(drawn))
        self.frames = 0
        self.bridge.events.connect(self._count)

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
        assert condition(), "the window did not get there"

    def seconds(self, folder: Path) -> float:
        """Seconds of a run that is started by Play."""
        self.bridge.place = lambda: folder
        self.bridge.play()
        self.wait(lambda: self.bridge.finished is not None)
        finished = self.bridge.finished
        assert finished is not None
        assert finished.status == "completed", finished.message
        return finished.seconds

    def close(self) -> None:
        self.bridge.shutdown()
        self.window.inference.stop()
        self.window.close()
        self.window.deleteLater()
        self.app.processEvents()


def run() -> dict[str, object]:
    drawn = project()
    live = Live(drawn)
    times: dict[str, list[float]] = {"headless": [], "live": []}
    with tempfile.TemporaryDirectory() as place:
        folders = (Path(place, str(number)) for number in range(1000))
        headless(drawn, next(folders))
        live.seconds(next(folders))
        live.frames = 0
        elsewhere, gui = Elsewhere(), thread_time()
        for _ in range(ROUNDS):
            gc.collect()
            times["headless"].append(headless(drawn, next(folders)))
            gc.collect()
            times["live"].append(live.seconds(next(folders)))
        busy, gui = elsewhere.cores(), thread_time() - gui
    live.close()
    ratios = [a / b for a, b in zip(times["headless"], times["live"], strict=True)]
    return {
        "headless_s": round(median(times["headless"]), 3),
        "live_s": round(median(times["live"]), 3),
        "live_against_headless": round(median(ratios), 3),
        "target": TARGET,
        "ratios": [round(ratio, 3) for ratio in ratios],
        "window_share_of_a_core": round(gui / sum(times["live"]), 3),
        "frames_a_second": round(live.frames / sum(times["live"]), 1),
        "cores_busy_elsewhere": busy,
    }
