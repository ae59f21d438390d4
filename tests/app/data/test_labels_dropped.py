"""A table whose cells have several labels: dropped, asked about, trained on and looked at, by the mouse."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from app.browse.panel import BrowseDeclaration
from tests.app.browse.test_browse_panel import answered
from tests.app.data.dropping import click, drop, falls, read, settled
from tests.engine.predict.test_labels import NAMES, ROWS, held, in_cells


def test_labels_are_seen_from_the_drop_to_the_samples(window, qtbot, tmp_path: Path) -> None:
    in_cells(tmp_path)
    drop(window, tmp_path / "cells.csv")
    page = read(qtbot, window)
    card = page.found.doubts.cards[-1]
    yes, no = "Yes: each label by itself (3 labels)", "No: each cell is one class"
    assert [button.text() for button in card.buttons] == [f"✓ {yes}", no]
    click(card.buttons[1])
    settled(qtbot, page)
    assert page.found.balance_heading.title.text() == "Classes"
    assert "several_labels" not in page.params(), "the default, as of projects from before"
    click(page.found.doubts.cards[-1].buttons[0])
    settled(qtbot, page)
    assert page.found.balance_heading.title.text() == "Labels"
    assert [name for name, _ in page.found.balance.balance] == [*NAMES]
    click(page.header.new)
    qtbot.waitUntil(lambda: window.shows_drawing and window.session.report.parameters > 0, timeout=20_000)
    assert window.session.report.problems == ()
    assert window.session.project.main.nodes["data"].params["several_labels"] == "bar"
    falls(window, qtbot)
    QTest.keyClick(window, Qt.Key.Key_8, Qt.KeyboardModifier.ControlModifier)
    panel = window.workbench().made(BrowseDeclaration)
    answered(panel, qtbot)
    QTest.keyClicks(panel.search, "emu")
    QTest.keyClick(panel.search, Qt.Key.Key_Return)
    answered(panel, qtbot)
    wanted = [", ".join(held(*ROWS[at])) for at in panel.model.places]
    assert [panel.model.label(row) for row in range(panel.model.rowCount())] == wanted
    assert all("emu" in label for label in wanted)
