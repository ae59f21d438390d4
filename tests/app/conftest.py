"""Fixtures for tests of the window: a dressed application, sessions and whole windows that go again."""

from __future__ import annotations

import pytest
from PySide6.QtWidgets import QApplication

from app import style, theme
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
