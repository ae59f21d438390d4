"""Work that makes many objects and no circles of them, without looks for circles.

Python looks for cyclic garbage whenever some hundred objects were made, which takes up to half of the time of
reading a large file.
"""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def uncollected() -> Iterator[None]:
    """Meanwhile Python looks for no cyclic garbage."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()
