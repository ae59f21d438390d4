"""Work in a thread of its own, so that the window stays responsive, answered by a signal.

Work that reads data tells how far it is (`nodes/reading/progress.py`), and ends there once it is called off.
An answer for a window that has closed meanwhile is dropped.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from time import monotonic
from typing import Any

from PySide6.QtCore import QObject, Signal, SignalInstance

from nodes.reading.progress import CalledOffError, NowAndThen, listening


class BackgroundTask(QObject):
    """One kind of work. `work` runs in another thread and touches no widget.

    Where it raises, `failed` is emitted instead of `answered`, for whoever waits; the exception goes on to
    `threading.excepthook`, by which `app.shell.startup` shows it to the user. What was called off is not
    answered at all. `progressed` tells now and then how far a reading is.
    """

    answered = Signal(object, object)  # the question, the answer; in the thread of the window
    failed = Signal(object, str)  # the question, what went wrong; in the thread of the window
    progressed = Signal(object, object)  # the question, (what is being read, the share done or None)

    def __init__(self, name: str, work: Callable[[Any], object], parent: QObject) -> None:
        super().__init__(parent)
        self._name, self._work = name, work
        self._threads: dict[threading.Thread, threading.Event] = {}

    def ask(self, question: object) -> None:
        """Start on this question; several may be under way at once."""
        self._threads = {thread: off for thread, off in self._threads.items() if thread.is_alive()}
        off = threading.Event()
        thread = threading.Thread(target=self._run, args=(question, off), name=self._name, daemon=True)
        self._threads[thread] = off
        thread.start()

    def ask_instead(self, question: object) -> None:
        """Start on this question; nobody wants the answers to earlier ones any more."""
        self.call_off()
        self.ask(question)

    def call_off(self) -> None:
        """Let all that is under way end soon, unanswered."""
        for off in self._threads.values():
            off.set()

    def wait(self, seconds: float | None = None) -> bool:
        """Until nothing is under way, or so long; whether nothing is."""
        until = None if seconds is None else monotonic() + seconds
        for thread in self._threads:
            thread.join(None if until is None else max(0.0, until - monotonic()))
        self._threads = {thread: off for thread, off in self._threads.items() if thread.is_alive()}
        return not self._threads

    def _run(self, question: object, off: threading.Event) -> None:
        shown = NowAndThen(lambda what, share: self._emit(self.progressed, question, (what, share)))

        def listen(what: str, share: float | None) -> None:
            if off.is_set():
                raise CalledOffError
            shown(what, share)

        try:
            with listening(listen):
                answer = self._work(question)
        except CalledOffError:
            return
        except BaseException as error:
            self._emit(self.failed, question, f"{self._name}: {type(error).__name__}: {error}")
            raise
        if not off.is_set():
            self._emit(self.answered, question, answer)

    @staticmethod
    def _emit(signal: SignalInstance, question: object, answer: object) -> None:
        try:
            signal.emit(question, answer)
        except RuntimeError:
            return  # Qt has deleted the object of the signal with its window


def end_all(tasks: Iterable[BackgroundTask], seconds: float) -> None:
    """Call all of them off and wait for their threads, so long at most: what hangs is left to its disk."""
    held, until = list(tasks), monotonic() + seconds
    for task in held:
        task.call_off()
    for task in held:
        task.wait(max(0.0, until - monotonic()))
