"""Play and Step on a drawing that has nothing to train: a sentence, and no run."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from engine.document import edits
from engine.document.project import MAIN, Node, Point, Project


def lone_layer() -> Project:
    return edits.add_node(Project(), MAIN, Node("linear1", "linear"), Point(0.0, 0.0))


@pytest.mark.parametrize("project", [Project(), lone_layer()], ids=["empty", "no objective"])
@pytest.mark.parametrize("control", ["key", "play", "step"])
def test_a_drawing_with_nothing_to_train_leaves_no_run(window, qtbot, project, control) -> None:
    said = []
    window.session.notified.connect(lambda message, _kind: said.append(message))
    window.session.open(project, None)
    window.files.is_open = True
    window.show_drawing()
    qtbot.waitUntil(lambda: window.workbench().training is not None, timeout=10_000)
    window.actions_.refresh()
    if control == "key":
        window.activateWindow()
        QApplication.processEvents()
        QTest.keyClick(window.workbench().canvas, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    else:
        QTest.mouseClick(getattr(window.topbar, control), Qt.MouseButton.LeftButton)
    QApplication.processEvents()
    assert said
    assert "nothing to train" in said[-1] or "cannot train" in said[-1]
    assert window.controller.run is None
    assert not window.controller.is_active
    folder = window.files.runs_folder()
    assert not folder.exists() or not list(folder.iterdir())
