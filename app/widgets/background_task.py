"""Work in a thread of its own, so that the window stays responsive, answered by a signal.

An answer for a window that has closed meanwhile is dropped.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QObject, Signal, SignalInstance


class BackgroundTask(QObject):
    """One kind of work. `work` runs in another thread and touches no widget.

    Where it raises, `failed` is emitted instead of `answered`, for whoever waits; the exception goes on to
    `threading.excepthook`, by which `app.shell.startup` shows it to the user.
    """

    answered = Signal(object, object)  # the question, the answer; in the thread of the window
    failed = Signal(object, str)  # the question, what went wrong; in the thread of the window

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
        try:
            answer = self._work(question)
        except Exception as error:
            self._emit(self.failed, question, f"{self._name}: {type(error).__name__}: {error}")
            raise
        self._emit(self.answered, question, answer)

    @staticmethod
    def _emit(signal: SignalInstance, question: object, answer: object) -> None:
        try:
            signal.emit(question, answer)
        except RuntimeError:
            return  # Qt has deleted the object of the signal with its window
