"""Fixtures for tests of the window: a dressed application, sessions and whole windows that go again."""

from __future__ import annotations

import pytest
from PySide6.QtWidgets import QApplication

from app import dialogs, style, theme
from app.bridge import RunBridge
from app.session import Session


@pytest.fixture(scope="session")
def qapp(qapp: QApplication) -> QApplication:
    """The application, with the product's fonts and style."""
    theme.load_fonts()
    style.install(qapp, theme.DARK)
    return qapp


@pytest.fixture
def session(qapp: QApplication) -> Session:
    return Session()


@pytest.fixture
def bridge(session: Session):
    """A bridge that is shut down after the test."""
    bridge = RunBridge(session)
    yield bridge
    bridge.shutdown()


@pytest.fixture(autouse=True)
def no_question_hangs(monkeypatch: pytest.MonkeyPatch) -> None:
    """A dialog that a test does not expect fails it, instead of waiting for an answer for ever."""

    def refuse(dialog: dialogs.Dialog) -> int:
        raise AssertionError(f"nobody answers the dialog {dialog.windowTitle()!r}: {dialog.words.text()}")

    monkeypatch.setattr(dialogs.Dialog, "exec", refuse)


@pytest.fixture
def window(qtbot, qapp: QApplication, monkeypatch: pytest.MonkeyPatch):
    """A whole window at 1440×900 that shows the gallery; its engine is loaded. Leaves without a question."""
    from app import warmup
    from app.appearance import Appearance
    from app.window import Window

    warmup.load_panels()
    warmup.load_engine()
    appearance = Appearance(qapp)
    window = Window(appearance)
    window.resize(1440, 900)
    window.show()
    with qtbot.waitActive(window):
        window.activateWindow()
    yield window
    monkeypatch.setattr(dialogs, "ask", lambda *args: "stop" if "training" in args[1] else "discard")
    window.close()
    window.deleteLater()
    appearance.deleteLater()


@pytest.fixture
def lenet(window, qtbot):
    """The window with LeNet-5 open, shapes known and every panel there."""
    window.files.open_template("lenet5-fashion")
    qtbot.waitUntil(lambda: window.session.report.parameters == 61_706, timeout=20_000)
    qtbot.waitUntil(lambda: window.workbench().training is not None, timeout=10_000)
    return window
