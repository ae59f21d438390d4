"""Collects garbage at moments of the caller's choice, in the caller's thread.

Python collects in whatever thread makes the next object. A closed window is a circle of Qt objects, and Qt
objects that end in another thread than their own crash the process, or make both threads wait for ever: a
process with a window turns automatic collection off and calls `collect_due` in the thread of the window.
"""

from __future__ import annotations

import gc


def collect_due() -> int | None:
    """Collect what Python itself would have collected by now. The generation; None where nothing is due."""
    made, each = gc.get_count()[0], gc.get_threshold()
    for generation, due in ((2, each[0] * each[1] * each[2]), (1, each[0] * each[1]), (0, each[0])):
        if made > due > 0 or gc.get_count()[generation] > each[generation] > 0:
            gc.collect(generation)
            return generation
    return None
