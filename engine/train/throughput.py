"""How fast a run goes and how long it will still take, smoothed over the last seconds."""

from __future__ import annotations

import math
from time import perf_counter

MEMORY_SECONDS = 3.0
"""Time over which the speed is smoothed."""


class Throughput:
    """Counts samples and the seconds spent training; pauses and validation are left out of the speed."""

    def __init__(self) -> None:
        self.samples_per_second = 0.0
        self._since: float | None = None
        self._samples = 0
        self._aside: list[float] = []  # seconds of each validation

    def go(self) -> None:
        """Training begins, or goes on after something else."""
        self._since = perf_counter()

    def rest(self) -> None:
        """Something else than training follows."""
        self.measure()
        self._since = None

    def count(self, samples: int) -> None:
        self._samples += samples

    def aside(self, seconds: float) -> None:
        """A validation took this long."""
        self._aside = [*self._aside[-7:], seconds]

    def measure(self) -> None:
        """Take in what was counted since the last time."""
        now = perf_counter()
        if self._since is None or now - self._since < 1e-6 or not self._samples:
            return
        seconds = now - self._since
        speed = self._samples / seconds
        share = 1.0 - math.exp(-seconds / MEMORY_SECONDS)
        old = self.samples_per_second
        self.samples_per_second = speed if old == 0.0 else old + max(share, 0.02) * (speed - old)
        self._since, self._samples = now, 0

    def seconds_left(self, samples: int, validations: int) -> float:
        """For so many samples and validations more; 0 while nothing is known."""
        if self.samples_per_second <= 0.0:
            return 0.0
        each = sum(self._aside) / len(self._aside) if self._aside else 0.0
        return samples / self.samples_per_second + each * validations
