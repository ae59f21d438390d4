"""How often a window takes what a run has said: less often the more it has to do for each time.

What showing a run costs on the CPU is taken from training on a small machine.
"""

from __future__ import annotations

import time
from collections.abc import Callable

from PySide6.QtCore import QObject, QTimer

DRAIN_MS = 33
"""Shortest time between two drains."""
LONGEST_DRAIN_MS = 400
SHARE = 0.015
"""Share of a core that showing a run on the CPU may take."""
SHARE_BESIDE = 0.15
"""The same for a run on another device."""


class DrainPace:
    """Calls `drain` while it goes; `is_beside` says whether the run trains on another device."""

    def __init__(self, drain: Callable[[], None], is_beside: Callable[[], bool], parent: QObject) -> None:
        self._drain, self._is_beside = drain, is_beside
        self._timer = QTimer(parent)
        self._timer.setInterval(DRAIN_MS)
        self._timer.timeout.connect(self.tick)
        self._spent = 0.0
        self._cost = 0.0  # seconds of this thread between two drains, smoothed

    def start(self) -> None:
        self._timer.start(DRAIN_MS)
        self.hurry()

    def stop(self) -> None:
        self._timer.stop()

    def tick(self) -> None:
        """Drain, and set the time to the next one by what was done since the last, painting included."""
        spent = time.thread_time()
        self._cost += 0.3 * (spent - self._spent - self._cost)
        self._spent = spent
        self._drain()
        if self._timer.isActive():
            pause = round(self._cost / (SHARE_BESIDE if self._is_beside() else SHARE) * 1000)
            self._timer.setInterval(min(max(pause, DRAIN_MS), LONGEST_DRAIN_MS))

    def hurry(self) -> None:
        """A command was sent: show its effect at once."""
        self._cost, self._spent = 0.0, time.thread_time()
        if self._timer.isActive():
            self._timer.start(DRAIN_MS)

    @property
    def interval(self) -> int:
        """Milliseconds from one drain to the next."""
        return self._timer.interval()
