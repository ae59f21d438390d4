"""Readings of the data page that are called off: the first one, and one that goes on behind what is shown."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from nodes.data_sets.table_files import CsvFile
from nodes.reading.look import DataLook
from nodes.reading.progress import tell
from tests.app.data.dropping import click, drop, read, settled
from tests.made_looks import table_file


def test_a_reading_can_be_cancelled(window, qtbot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def slow(_self: CsvFile, _seed: int) -> DataLook:
        while True:
            tell("Reading rows", 0.25)

    monkeypatch.setattr(CsvFile, "look", slow)
    drop(window, table_file(tmp_path / "parts.csv"))
    page = window.data.page
    qtbot.waitUntil(lambda: page.reading.words.text() == "Reading rows · 25 %", timeout=5_000)
    click(page.reading.cancel)
    assert window._stack.currentWidget() is window.gallery
    qtbot.waitUntil(lambda: not page.is_reading, timeout=5_000)
    assert page.understood is None


def _slowly_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """From now on data are read for ever, once half of them must validate."""
    look = CsvFile.look

    def slow(one: CsvFile, seed: int) -> DataLook:
        while one.validation == 0.5:
            tell("Reading rows", 0.25)
        return look(one, seed)

    monkeypatch.setattr(CsvFile, "look", slow)


@pytest.mark.parametrize("by", ["button", "key"])
def test_a_reading_again_shows_how_far_it_is_and_is_cancelled(
    window, qtbot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, by: str
) -> None:
    _slowly_again(monkeypatch)
    drop(window, table_file(tmp_path / "parts.csv"))
    page = read(qtbot, window)
    why, field = page.header.why.text(), page.found.settings.forms["Split"].rows["validation"].field
    field.offer(0.4)
    settled(qtbot, page)
    field.offer(0.5)
    qtbot.waitUntil(lambda: page.header.why.text() == "Reading rows · 25%", timeout=5_000)
    assert page.header.cancel.isVisible()
    assert page.found.isVisible()
    if by == "button":
        click(page.header.cancel)
    else:
        page.setFocus()
        QTest.keyClick(page, Qt.Key.Key_Escape)
    settled(qtbot, page)
    assert page.isVisible()
    assert page.header.cancel.isHidden()
    assert page.header.why.text() == why
    assert field.value == 0.4
    assert page.params()["validation"] == 0.4
    assert page.found.figures.values["to validate"].text() == "64"
    page.setFocus()
    QTest.keyClick(page, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)  # what was chosen before
    settled(qtbot, page)
    assert "validation" not in page.params()


def test_a_reading_again_after_a_failure_is_cancelled(window, qtbot, tmp_path: Path, monkeypatch) -> None:
    (tmp_path / "parts.csv").write_text("a,b\n1,2\n", "utf-8")
    _slowly_again(monkeypatch)
    drop(window, tmp_path / "parts.csv")
    page = read(qtbot, window, "failed")
    field = page.failed.settings.forms["Split"].rows["validation"].field
    field.offer(0.5)
    qtbot.waitUntil(page.header.cancel.isVisible, timeout=5_000)
    click(page.header.cancel)
    settled(qtbot, page)
    assert page.failed.isVisible()
    assert field.value == 0.2


def test_data_that_are_read_again_are_added_as_they_are_chosen(lenet, qtbot, tmp_path: Path) -> None:
    drop(lenet, table_file(tmp_path / "parts.csv"))
    page = read(qtbot, lenet)
    before = set(lenet.session.project.main.nodes)
    page.found.settings.forms["Split"].rows["validation"].field.offer(0.5)
    click(page.header.add)  # before the change is read
    qtbot.waitUntil(lambda: lenet.shows_drawing, timeout=5_000)
    (added,) = set(lenet.session.project.main.nodes) - before
    assert lenet.session.project.main.nodes[added].params["validation"] == 0.5
