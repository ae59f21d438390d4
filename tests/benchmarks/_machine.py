"""What else the machine did during a measurement: figures are worth something only where it was little."""

from __future__ import annotations

import os
import resource
from pathlib import Path
from time import perf_counter

_STAT = Path("/proc/stat")
_IDLE = (3, 4)  # idle, waiting for a disk


class Elsewhere:
    """`cores()`: how many cores other programs kept busy since this was made; None where nobody tells."""

    def __init__(self) -> None:
        self._begun, self._all, self._own = perf_counter(), _busy(), _own()

    def cores(self) -> float | None:
        now = _busy()
        if now is None or self._all is None:
            return None
        seconds = perf_counter() - self._begun
        return round(max(0.0, (now - self._all - _own() + self._own) / seconds), 2)


def _busy() -> float | None:
    """Seconds that all cores have worked."""
    try:
        ticks = [int(word) for word in _STAT.read_text("ascii").split("\n", 1)[0].split()[1:9]]
    except OSError:
        return None
    return (sum(ticks) - sum(ticks[i] for i in _IDLE)) / os.sysconf("SC_CLK_TCK")


def _own() -> float:
    """Seconds that this program and its finished children have worked."""
    who = (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    used = [resource.getrusage(one) for one in who]
    return sum(one.ru_utime + one.ru_stime for one in used)
