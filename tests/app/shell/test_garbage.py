"""Garbage of a process with a window."""

from __future__ import annotations

import gc
import threading
import weakref

from PySide6.QtCore import QObject
from pytestqt.qtbot import QtBot

from app.shell.startup import collect_here


class Circle:
    def __init__(self) -> None:
        self.me = self


def test_of_a_window_garbage_ends_in_its_own_thread(qapp, qtbot: QtBot) -> None:
    """Timers, scenes and items of Qt that end in another thread crash the process or make it hang."""
    ended: list[int] = []

    def make() -> None:
        for _ in range(3_000):
            circle = Circle()
            weakref.finalize(circle, lambda: ended.append(threading.get_ident()))

    window = QObject()
    clock = collect_here(window)
    gc.collect()
    thread = threading.Thread(target=make)
    thread.start()
    thread.join()
    assert ended == []
    qtbot.waitUntil(lambda: len(ended) == 3_000, timeout=5_000)
    assert set(ended) == {threading.main_thread().ident}
    clock.stop()
    window.deleteLater()
