"""Imports of large libraries without the collections of garbage that they set off.

`import torch` makes a million objects, and all of them stay. Python would look at them again and again while
they are made, which takes a quarter of the time of the import.
"""

from __future__ import annotations

import atexit
import gc
import importlib
import sys


def load(*names: str) -> None:
    """Import these modules. What is there afterwards stays: later collections do not look at it."""
    if all(name in sys.modules for name in names):
        return
    was_on = gc.isenabled()
    gc.disable()  # a full collection in the midst of it stops every thread for a tenth of a second
    try:
        for name in names:
            importlib.import_module(name)
    finally:
        gc.freeze()
        atexit.register(_thaw)
        if was_on:
            gc.enable()


def _thaw() -> None:
    """Where torch has loaded Triton, let everything go at the end: Triton prints pages about what stays."""
    if "triton" in sys.modules:
        gc.unfreeze()
