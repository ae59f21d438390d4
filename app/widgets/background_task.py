"""Work that would hold the window up, done in a thread of its own and answered by a signal.

An answer for a window that has closed meanwhile is dropped.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QObject, Signal


class Errand(QObject):
    """One kind of work. `work` runs in another thread, must not raise, and touches no widget."""

    answered = Signal(object, object)  # the question, the answer; in the thread of the window

    def __init__(self, name: str, work: Callable[[Any], object], parent: QObject) -> None:
        super().__init__(parent)
        self._name, self._work = name, work
        self._threads: list[threading.Thread] = []

    def ask(self, question: object) -> None:
        """Start on this question; several may be under way at once."""
        self._threads = [thread for thread in self._threads if thread.is_alive()]
        thread = threading.Thread(target=self._run, args=(question,), name=self._name, daemon=True)
        self._threads.append(thread)
        thread.start()

    def wait(self) -> None:
        """Until nothing is under way."""
        for thread in self._threads:
            thread.join()
        self._threads = []

    def _run(self, question: object) -> None:
        answer = self._work(question)
        try:
            self.answered.emit(question, answer)
        except RuntimeError:
            return  # Qt has deleted this object with its window
