"""Finds what a piece of code left behind: threads, timers, animations, top-level widgets, open files.

Only Python's threads and Qt's count; the pools that torch and OpenMP keep for themselves do not. Qt is
looked at only where it is loaded.
"""

from __future__ import annotations

import gc
import sys
import threading
import time
import weakref
from pathlib import Path
from types import TracebackType
from typing import Any

_PATIENCE = 2.0
_FILES_OF_THE_HOUSE = ("/dev/", "/proc/", "/sys/", "pipe:", "socket:", "anon_inode:", "/memfd:")
_started: weakref.WeakSet[Any] = weakref.WeakSet()
_patched = False


def _record(kind: type, method: str) -> None:
    plain = getattr(kind, method)

    def start(self: Any, *args: Any, **kwargs: Any) -> Any:
        _started.add(self)
        return plain(self, *args, **kwargs)

    start.__name__ = method
    setattr(kind, method, start)


def _patch_qt() -> None:
    """Remember every timer, animation and thread that Python starts."""
    global _patched  # noqa: PLW0603 - once a process
    if _patched or "PySide6.QtCore" not in sys.modules:
        return
    from PySide6 import QtCore

    for kind in (QtCore.QThread, QtCore.QTimer, QtCore.QAbstractAnimation):
        _record(kind, "start")
    _patched = True


def _open_files() -> dict[str, str]:
    folder = Path("/proc/self/fd")
    if not folder.is_dir():
        import psutil

        return {f"{file.fd}": file.path for file in psutil.Process().open_files()}
    found = {}
    for link in folder.iterdir():
        try:
            target = str(link.readlink())
        except OSError:
            continue
        if not target.startswith(_FILES_OF_THE_HOUSE):
            found[link.name] = target
    return found


def _widgets() -> set[Any]:
    if "PySide6.QtWidgets" not in sys.modules:
        return set()
    from PySide6.QtWidgets import QApplication

    return set(QApplication.topLevelWidgets()) if QApplication.instance() is not None else set()


def _running() -> set[Any]:
    """Timers, animations and Qt threads that are going."""
    if not _patched:
        return set()
    import shiboken6
    from PySide6 import QtCore

    going = set()
    for thing in list(_started):
        if not shiboken6.isValid(thing):
            continue
        if isinstance(thing, QtCore.QTimer):
            alive = thing.isActive()
        elif isinstance(thing, QtCore.QThread):
            alive = thing.isRunning()
        else:
            alive = thing.state() == QtCore.QAbstractAnimation.State.Running
        if alive:
            going.add(thing)
    return going


def _settle() -> None:
    if "PySide6.QtWidgets" not in sys.modules:
        return
    from PySide6.QtCore import QCoreApplication, QEvent

    app = QCoreApplication.instance()
    if app is not None:
        app.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)
        app.processEvents()
        app.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)


class LeakWatch:
    """Compares what there is before and after a `with` block; `left` names what stayed."""

    def __enter__(self) -> LeakWatch:
        _patch_qt()
        self._threads = set(threading.enumerate())
        self._files = _open_files()
        self._widgets = _widgets()
        self._running = _running()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        return None

    def left(self, patience: float = _PATIENCE) -> list[str]:
        """What is there now and was not before, as words; waits a little for what is on its way out."""
        _settle()
        found = self._look()
        end = time.monotonic() + patience
        while found and time.monotonic() < end:
            gc.collect()
            _settle()
            time.sleep(0.02)
            found = self._look()
        return found

    def _look(self) -> list[str]:
        threads = [f"thread {thread.name}" for thread in threading.enumerate() if thread not in self._threads]
        files = [f"open file {path}" for fd, path in _open_files().items() if self._files.get(fd) != path]
        widgets = [
            f"widget {type(widget).__name__} {widget.objectName()!r}" for widget in _widgets() - self._widgets
        ]
        running = [f"running {type(thing).__name__}" for thing in _running() - self._running]
        return [*threads, *files, *widgets, *running]
