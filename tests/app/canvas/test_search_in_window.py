"""Ctrl+Space, as a person presses it: each layer that is added follows the last one and covers none."""

from __future__ import annotations

from itertools import pairwise

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from tests.app.canvas.conftest import press
from tests.app.canvas.test_commands import covers_none

CTRL = Qt.KeyboardModifier.ControlModifier


def add_by_ctrl_space(window, words: str) -> str:
    press(window, Qt.Key.Key_Space, CTRL)
    field = QApplication.focusWidget()
    QTest.keyClicks(field, words)
    QTest.keyClick(field, Qt.Key.Key_Return)
    QApplication.processEvents()
    (added,) = window.session.selection
    return added


def wired(window) -> set[tuple[str, str]]:
    return {(wire.source.node, wire.target.node) for wire in window.session.graph.wires}


def test_layers_are_added_behind_the_selected_one(linears) -> None:
    linears.session.select(frozenset({"linear2"}))
    chain = ["linear2", *(add_by_ctrl_space(linears, words) for words in ("relu", "dropout", "linear"))]
    assert set(pairwise(chain)) <= wired(linears)
    assert covers_none(linears.workbench().canvas)


def test_layers_are_added_behind_the_selected_one_inside_a_definition(linears) -> None:
    press(linears, Qt.Key.Key_A, CTRL)
    press(linears, Qt.Key.Key_G, CTRL)
    QTest.keyClick(QApplication.focusWidget(), Qt.Key.Key_Return)
    QApplication.processEvents()
    press(linears, Qt.Key.Key_Return)
    assert linears.session.view.graph != "main"
    linears.session.select(frozenset({"linear1"}))
    chain = ["linear1", *(add_by_ctrl_space(linears, words) for words in ("relu", "dropout"))]
    assert set(pairwise(chain)) <= wired(linears)
    assert covers_none(linears.workbench().canvas)


@pytest.mark.parametrize("count", [4])
def test_layers_that_follow_none_stand_apart(linears, count: int) -> None:
    for _ in range(count):
        linears.session.select(frozenset())
        add_by_ctrl_space(linears, "relu")
        assert covers_none(linears.workbench().canvas)
