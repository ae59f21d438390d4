"""Starts the window: the application, its fonts and theme, the window itself, and the way out.

torch and the plots are not loaded here; the window is there first.
"""

from __future__ import annotations

import gc
import signal
import sys
import threading
from contextlib import suppress
from pathlib import Path
from types import TracebackType

from PySide6.QtCore import QObject, Qt, QTimer, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication

from app.shell.window import Window
from app.state import error_report
from app.state.appearance import Appearance
from app.style import theme
from engine.system.garbage import collect_due
from nodes.user_error import UserError


def make_application() -> QApplication:
    """The application object, named and with the bundled fonts."""
    present = QApplication.instance()
    if isinstance(present, QApplication):
        return present
    policy = Qt.HighDpiScaleFactorRoundingPolicy.PassThrough
    QGuiApplication.setHighDpiScaleFactorRoundingPolicy(policy)
    app = QApplication(sys.argv[:1])
    app.setApplicationName("Layerloom")
    app.setDesktopFileName("layerloom")
    theme.load_fonts()
    return app


def run(path: Path | None = None) -> int:
    """Open the window (on a project, or on the gallery) and stay until it is closed. The exit code."""
    app = make_application()
    window = Window(Appearance(app))
    UnexpectedErrors(window).install()
    window.show()
    collect_here(window)
    _end_on_interrupt(app, window)
    if path is not None:
        QTimer.singleShot(0, window, lambda: window.files.open_path(path))
    code = app.exec()
    window.deleteLater()
    return code


def collect_here(window: QObject) -> QTimer:
    """Collect garbage in this thread alone while the window lives: no other thread may end Qt's objects."""
    gc.disable()
    clock = QTimer(window, interval=1000)
    clock.timeout.connect(collect_due)
    clock.start()
    return clock


class UnexpectedErrors(QObject):
    """Errors that nobody caught, of any thread: in full on the terminal, as a sentence in the window.

    The sentence names a report file; the window goes on. A user's error is told by its own sentence alone,
    it is no mistake of the program. `install` takes the place of Python's own hooks.
    """

    _raised = Signal(object, str)  # from any thread to that of the window

    def __init__(self, window: Window) -> None:
        super().__init__(window)
        self._session = window.session
        self._raised.connect(self._show)

    def install(self) -> None:
        sys.excepthook = self._in_window
        threading.excepthook = self._in_thread

    def _in_window(
        self, kind: type[BaseException], error: BaseException, trace: TracebackType | None
    ) -> None:
        if not issubclass(kind, UserError):
            sys.__excepthook__(kind, error, trace)
        if not issubclass(kind, KeyboardInterrupt):
            self._raised.emit(error, "Layerloom made a mistake")

    def _in_thread(self, args: threading.ExceptHookArgs) -> None:
        if not issubclass(args.exc_type, UserError):
            threading.__excepthook__(args)
        name = args.thread.name if args.thread is not None else "a thread"
        with suppress(RuntimeError):  # Qt has deleted the window, and nobody is there to read it
            self._raised.emit(args.exc_value, f"Layerloom made a mistake in {name}")

    def _show(self, error: BaseException, what: str) -> None:
        if isinstance(error, UserError):
            self._session.notify(str(error), "warn")
            return
        self._session.notify(error_report.told(error, self._session.project, what), "bad")


def _end_on_interrupt(app: QApplication, window: Window) -> None:
    """Ctrl+C in the terminal ends the program; the recovery file keeps what was not saved."""

    def leave(*_: object) -> None:
        window.inference.stop()
        window.controller.shutdown()
        app.exit(130)  # quit() would ask about unsaved changes, and nobody may be there to answer

    signal.signal(signal.SIGINT, leave)
    beat = QTimer(window, interval=250)  # lets Python see the signal
    beat.timeout.connect(lambda: None)
    beat.start()
