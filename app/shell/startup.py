"""Starts the window: the application, its fonts and theme, the window itself, and the way out.

torch and the plots are not loaded here; the window is there first.
"""

from __future__ import annotations

import signal
import sys
from pathlib import Path
from types import TracebackType

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication

from app.shell.window import Window
from app.state.appearance import Appearance
from app.style import theme


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
    if path is not None:
        window.files.open_path(path)
    window.show()
    _end_on_interrupt(app, window)
    _tell_mistakes(window)
    code = app.exec()
    window.deleteLater()
    return code


def _tell_mistakes(window: Window) -> None:
    """What nobody expected goes to the terminal whole and to the window in a sentence; the window goes on."""

    def tell(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        sys.__excepthook__(kind, error, trace)
        if not issubclass(kind, KeyboardInterrupt):
            words = (
                f"Layerloom made a mistake ({kind.__name__}: {error}). Your work is kept; please report it."
            )
            window.session.notify(words, "bad")

    sys.excepthook = tell


def _end_on_interrupt(app: QApplication, window: Window) -> None:
    """Ctrl+C in the terminal ends the program; the recovery file keeps what was not saved."""

    def leave(*_: object) -> None:
        window.inference.stop()
        window.bridge.shutdown()
        app.exit(130)  # quit() would ask about unsaved changes, and nobody may be there to answer

    signal.signal(signal.SIGINT, leave)
    beat = QTimer(window, interval=250)  # lets Python see the signal
    beat.timeout.connect(lambda: None)
    beat.start()
