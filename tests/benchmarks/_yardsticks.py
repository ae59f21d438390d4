"""Yardsticks: what Qt, torch and Python alone need for the plainest form of a task.

Milliseconds on one machine at one time say little about the product. The ratio of the product's time to a
yardstick's, measured in turns within the same minute, does.
"""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

BATCH = 64
_LOOP = 20_000
_BARE_WINDOW = """
import time
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication, QWidget

class Window(QWidget):
    def paintEvent(self, event):
        QTimer.singleShot(0, lambda: (print(time.time(), flush=True), application.quit()))

application = QApplication([])
window = Window()
window.resize(1440, 900)
window.show()
application.exec()
"""


class BareScene:
    """A `QGraphicsView` of 1200×800 with plain rectangles and lines, which is scrolled and repainted."""

    def __init__(self, places: list[tuple[float, float]], lines: list[tuple[int, int]]) -> None:
        """One rectangle at each of `places` (x, y); each line joins two of them by index."""
        from PySide6.QtCore import QRectF
        from PySide6.QtGui import QColor, QPainter, QPen
        from PySide6.QtWidgets import QGraphicsScene, QGraphicsView

        self.scene = QGraphicsScene()
        pen = QPen(QColor("#888888"), 1.5)
        for x, y in places:
            self.scene.addRect(QRectF(x, y, 160.0, 80.0), pen, QColor("#dddddd"))
        for source, target in lines:
            (x1, y1), (x2, y2) = places[source], places[target]
            self.scene.addLine(x1 + 160.0, y1 + 40.0, x2, y2 + 40.0, pen)
        self.view = QGraphicsView(self.scene)
        self.view.setRenderHint(QPainter.RenderHint.Antialiasing)
        self.view.setViewportUpdateMode(QGraphicsView.ViewportUpdateMode.FullViewportUpdate)
        self.view.resize(1200, 800)
        self.view.show()

    def frames(self, zoom: float, count: int) -> list[float]:
        """Milliseconds of each of `count` repaints of the whole view, scrolled by a few pixels each time."""
        from PySide6.QtWidgets import QApplication

        self.view.resetTransform()
        self.view.scale(zoom, zoom)
        self.view.centerOn(self.scene.itemsBoundingRect().center())
        QApplication.processEvents()
        bar, times = self.view.horizontalScrollBar(), []
        for index in range(count):
            began = time.perf_counter()
            bar.setValue(bar.value() + (7 if index < count / 2 else -7))
            self.view.viewport().update()
            QApplication.processEvents()
            times.append((time.perf_counter() - began) * 1e3)
        return times

    def close(self) -> None:
        self.view.close()
        self.view.deleteLater()
        self.scene.deleteLater()


class BareTraining:
    """LeNet-5 on random images, written by hand, that trains in a thread from `start` to `stop`."""

    def __init__(self) -> None:
        self.steps = 0
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._train, name="bare-training")

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """End after the present step."""
        self._ended.set()
        self._thread.join()

    def _train(self) -> None:
        import torch
        from torch.nn import functional as F

        net = _lenet5()
        optimiser = torch.optim.Adam(net.parameters(), lr=1e-3, foreach=True)
        images, labels = torch.randn(50 * BATCH, 1, 28, 28), torch.randint(0, 10, (50 * BATCH,))
        while not self._ended.is_set():
            at = self.steps % 50 * BATCH
            loss = F.cross_entropy(net(images[at : at + BATCH]), labels[at : at + BATCH])
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
            float(loss)
            self.steps += 1


def _lenet5() -> Any:
    from torch import nn

    return nn.Sequential(
        nn.Conv2d(1, 6, 5, padding=2), nn.Tanh(), nn.MaxPool2d(2),
        nn.Conv2d(6, 16, 5), nn.Tanh(), nn.MaxPool2d(2), nn.Flatten(),
        nn.Linear(400, 120), nn.Tanh(), nn.Linear(120, 84), nn.Tanh(), nn.Linear(84, 10),
    )  # fmt: skip


def fake_forward() -> float:
    """Milliseconds to make a convolution without memory and to find its output shape with fake tensors."""
    import torch
    from torch import nn
    from torch._subclasses.fake_tensor import FakeTensorMode

    began = time.perf_counter()
    with FakeTensorMode(), torch.no_grad():
        nn.Conv2d(8, 16, 3, padding=1)(torch.empty(2, 8, 32, 32))
    return (time.perf_counter() - began) * 1e3


def python_loop() -> float:
    """Milliseconds of a fixed loop over a dict in plain Python."""
    began, table = time.perf_counter(), {str(number): number for number in range(100)}
    keys, total = list(table), 0
    for number in range(_LOOP):
        total += table[keys[number % 100]]
    return (time.perf_counter() - began) * 1e3


def bare_window(platform: str = "offscreen") -> float:
    """Seconds from the making of a process to the first event after the first paint of an empty Qt window."""
    environment = {**os.environ, "QT_QPA_PLATFORM": platform}
    begun = time.time()
    done = subprocess.run(
        [sys.executable, "-c", _BARE_WINDOW],
        env=environment,
        cwd=Path(__file__).parent,
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    return float(done.stdout.split()[0]) - begun
