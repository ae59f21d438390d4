"""Loads the engine after the window is on screen, without making it stutter.

`import torch` takes about a second. Much of it is the dynamic loader at work on large libraries, which Python
does with its global lock held; loading them first through a foreign call does that work with the lock free.
"""

from __future__ import annotations

import ctypes
import importlib.util
import sys
import threading
from pathlib import Path

from engine.system import imports

_LIBRARIES = ("libc10.so", "libtorch_cpu.so", "libtorch.so", "libshm.so", "libtorch_python.so")
_loaded = threading.Event()
_PANELS = ("app.inspector.inspector", "app.training.training")
_ENGINE = ("torch", "engine.infer", "engine.run.run", "app.charts.plot")


def is_loaded() -> bool:
    """Whether the engine can be used without a wait."""
    return _loaded.is_set()


def load_panels() -> None:
    """Import the panels that need plots. They are made in the GUI thread afterwards."""
    imports.load(*_PANELS)


def load_engine() -> None:
    """Import torch and what needs it; returns when done. Call from a thread other than the GUI's."""
    if _loaded.is_set():
        return
    if "torch" not in sys.modules and sys.platform == "linux":
        _preload_libraries()
    imports.load(*_ENGINE)
    _loaded.set()


def _preload_libraries() -> None:
    """Bring torch's libraries into memory with Python's lock free. Absent ones are left to the import."""
    spec = importlib.util.find_spec("torch")
    if spec is None or spec.origin is None:
        return
    folder = Path(spec.origin).parent / "lib"
    loader = ctypes.CDLL(None)
    loader.dlopen.restype = ctypes.c_void_p
    loader.dlopen.argtypes = (ctypes.c_char_p, ctypes.c_int)
    for name in _LIBRARIES:
        path = folder / name
        if path.is_file():
            loader.dlopen(str(path).encode(), 2 | 0x100)  # RTLD_NOW | RTLD_GLOBAL, as torch itself loads them
