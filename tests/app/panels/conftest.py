"""The inspector as it stands in the window, for the tests of its pages."""

from __future__ import annotations

import pytest

from app.bridge import RunBridge
from app.panels.inspector import Inspector
from app.session import Session


@pytest.fixture
def inspector(session: Session, bridge: RunBridge, qtbot) -> Inspector:
    """Over the test's own `session`."""
    made = Inspector(session, bridge)
    qtbot.addWidget(made)
    made.resize(300, 860)
    made.show()
    qtbot.waitUntil(made.isVisible)
    return made
