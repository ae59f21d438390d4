"""Fixtures for tests of the window: a dressed application, sessions and whole windows that go again."""

from __future__ import annotations

import shutil
from datetime import UTC, datetime

import pytest
from PySide6.QtWidgets import QApplication

from app.commands import panel_registry
from app.commands.panel_registry import panels
from app.inspector.inspector import Inspector
from app.runs.runs import RunsPanel
from app.state.run_controller import RunController
from app.state.run_list import RunList
from app.state.session import Session
from app.style import style_sheet, theme
from app.widgets import dialogs
from tests.drawings import mlp
from tests.stored_runs import example_runs

NOW = datetime.now(UTC)


@pytest.fixture(scope="session")
def qapp(qapp: QApplication) -> QApplication:
    """The application, with the product's fonts and style."""
    theme.load_fonts()
    style_sheet.install(qapp, theme.DARK)
    return qapp


@pytest.fixture
def session(qapp: QApplication) -> Session:
    return Session()


@pytest.fixture
def controller(session: Session):
    """A controller that is shut down after the test."""
    controller = RunController(session)
    yield controller
    controller.shutdown()


@pytest.fixture
def no_plug_in_stays():
    """Panels of packages that a test installed are forgotten after everything else of the test is gone."""
    yield
    if panel_registry.broken or any(not type(one).__module__.startswith("app.") for one in panels()):
        panels.cache_clear()
        panel_registry.broken.clear()


@pytest.fixture(autouse=True)
def no_question_hangs(no_plug_in_stays: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """A dialog that a test does not expect fails it, instead of waiting for an answer for ever."""

    def refuse(dialog: dialogs.Dialog) -> int:
        raise AssertionError(f"nobody answers the dialog {dialog.windowTitle()!r}: {dialog.words.text()}")

    monkeypatch.setattr(dialogs.Dialog, "exec", refuse)


@pytest.fixture
def window(qtbot, qapp: QApplication, monkeypatch: pytest.MonkeyPatch):
    """A whole window at 1440×900 that shows the gallery; its engine is loaded. Leaves without a question."""
    from app.shell.window import Window
    from app.state import warmup
    from app.state.appearance import Appearance

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


@pytest.fixture
def inspector(session: Session, controller: RunController, qtbot) -> Inspector:
    """Over the test's own `session`."""
    made = Inspector(session, controller)
    qtbot.addWidget(made)
    made.resize(300, 860)
    made.show()
    qtbot.waitUntil(made.isVisible)
    return made


@pytest.fixture(scope="module")
def stored(tmp_path_factory):
    """Six runs, made once."""
    folder = tmp_path_factory.mktemp("stored")
    example_runs(folder, mlp("digits", 8), "objective", "accuracy", NOW)
    return folder


@pytest.fixture
def runs(tmp_path, session, stored):
    session.open(mlp("digits", 8), None)
    return shutil.copytree(stored, tmp_path / "digits.runs")


@pytest.fixture
def run_list(runs, session, controller, qtbot):
    made = RunList(session, controller, lambda: runs, session)
    yield made
    made.close()


@pytest.fixture
def runs_page(run_list, session, qtbot):
    made = RunsPanel(session, run_list)
    qtbot.addWidget(made)
    made.resize(1200, 300)
    made.show()
    qtbot.waitUntil(lambda: len(made.model.shown) == 6, timeout=5_000)
    return made
