"""Waits for work that may take long, such as reading a large file, without letting the window stand still.

The work is done in a thread. The window paints meanwhile and takes no clicks; after a moment a dialog says
what is waited for and can be told to give up.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import TypeVar

from PySide6.QtCore import QEventLoop, QTimer
from PySide6.QtWidgets import QWidget

from app.widgets.dialogs import Dialog, DialogChoice

T = TypeVar("T")

AT_ONCE = 0.1
"""Seconds that the window may stand still, which is most often enough."""
QUIET_MS = 400
"""Time until the dialog comes."""
_LOOK_MS = 15


class _Work(threading.Thread):
    def __init__(self, what: str, work: Callable[[], object]) -> None:
        super().__init__(name=what, daemon=True)
        self._do = work
        self.answer: object = None
        self.error: BaseException | None = None

    def run(self) -> None:
        try:
            self.answer = self._do()
        except BaseException as error:  # noqa: BLE001 - raised again in the thread that waits
            self.error = error


def waited_for(parent: QWidget | None, what: str, work: Callable[[], T]) -> T | None:
    """What `work` returns or raises; `what` is the heading of the dialog.

    None where the user gives up: the work goes on unheard.
    """
    thread = _Work(what, work)
    thread.start()
    thread.join(AT_ONCE)
    if thread.is_alive():
        _spin(thread, QEventLoop.ProcessEventsFlag.ExcludeUserInputEvents, QUIET_MS)
    if thread.is_alive() and not _has_patience(parent, what, thread):
        return None
    if thread.error is not None:
        raise thread.error
    return thread.answer  # type: ignore[return-value]


def _spin(thread: threading.Thread, flags: QEventLoop.ProcessEventsFlag, longest_ms: int) -> None:
    """Handle events until the thread has ended, or so long."""
    loop = QEventLoop()
    look = QTimer(interval=_LOOK_MS)
    look.timeout.connect(lambda: None if thread.is_alive() else loop.quit())
    look.start()
    QTimer.singleShot(longest_ms, loop, loop.quit)
    loop.exec(flags)
    look.stop()


def _has_patience(parent: QWidget | None, what: str, thread: threading.Thread) -> bool:
    """Wait with a dialog; False where it is closed before the thread has ended."""
    dialog = Dialog(parent, what, "It takes longer than usual.", (DialogChoice("cancel", "Cancel"),))
    loop = QEventLoop()
    look = QTimer(interval=_LOOK_MS)
    look.timeout.connect(lambda: None if thread.is_alive() else loop.quit())
    dialog.finished.connect(loop.quit)
    look.start()
    dialog.show()
    loop.exec()
    look.stop()
    dialog.hide()
    dialog.deleteLater()
    return not thread.is_alive()
