"""The inspector and the page of runs as they stand in the window, for their tests."""

from __future__ import annotations

import shutil
from datetime import UTC, datetime

import pytest

from app.bridge import RunBridge
from app.panels.inspector import Inspector
from app.panels.runs import RunsPanel
from app.runs import RunShelf
from app.session import Session
from tests.drawings import mlp
from tests.stored_runs import shelf_of_runs

NOW = datetime.now(UTC)


@pytest.fixture
def inspector(session: Session, bridge: RunBridge, qtbot) -> Inspector:
    """Over the test's own `session`."""
    made = Inspector(session, bridge)
    qtbot.addWidget(made)
    made.resize(300, 860)
    made.show()
    qtbot.waitUntil(made.isVisible)
    return made


@pytest.fixture(scope="module")
def stored(tmp_path_factory):
    """Six runs, made once."""
    folder = tmp_path_factory.mktemp("stored")
    shelf_of_runs(folder, mlp("digits", 8), "objective", "accuracy", NOW)
    return folder


@pytest.fixture
def runs(tmp_path, session, stored):
    session.open(mlp("digits", 8), None)
    return shutil.copytree(stored, tmp_path / "digits.runs")


@pytest.fixture
def shelf(runs, session, bridge, qtbot):
    made = RunShelf(session, bridge, lambda: runs, session)
    yield made
    made.close()


@pytest.fixture
def runs_page(shelf, session, qtbot):
    made = RunsPanel(session, shelf)
    qtbot.addWidget(made)
    made.resize(1200, 300)
    made.show()
    qtbot.waitUntil(lambda: len(made.model.shown) == 6, timeout=5_000)
    return made
