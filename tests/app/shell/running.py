"""What tests of runs do with the window: train, wait, list, click."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from app.runs.runs import RunsPanel

CTRL_ALT = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.AltModifier


def trained(window, qtbot, steps: int = 60) -> None:
    """Play, and stop after some steps."""
    window.commands.training.play()
    gone_on(window, qtbot, steps)
    window.commands.training.stop()
    ended(window, qtbot)


def gone_on(window, qtbot, step: int) -> None:
    controller = window.controller
    qtbot.waitUntil(
        lambda: controller.progress is not None and controller.progress.step > step, timeout=20_000
    )


def ended(window, qtbot) -> None:
    qtbot.waitUntil(lambda: window.controller.state == "finished", timeout=20_000)


def listed(window, qtbot, count: int) -> RunsPanel:
    """The page of runs on show, with so many of them, none going."""
    if not window.workbench().is_shown("runs"):
        qtbot.keyClick(window, Qt.Key.Key_5, Qt.KeyboardModifier.ControlModifier)
    panel = window.workbench().runs_panel()
    window.run_list.refresh()
    qtbot.waitUntil(lambda: len(panel.model.shown) == count, timeout=10_000)
    if not window.controller.is_active:
        qtbot.waitUntil(lambda: not [r for r in panel.model.shown if r.status == "running"], timeout=5_000)
    return panel


def click(panel: RunsPanel, row: int, keys=Qt.KeyboardModifier.NoModifier) -> None:
    place = panel.table.visualRect(panel.model.index(row, 0)).center()
    QTest.mouseClick(panel.table.viewport(), Qt.MouseButton.LeftButton, keys, place)


def key(window, qtbot, letter: str) -> None:
    window.actions_.refresh()
    qtbot.keyClick(window, getattr(Qt.Key, f"Key_{letter}"), CTRL_ALT)
