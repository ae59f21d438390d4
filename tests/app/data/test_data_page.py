"""The data page: data are dropped, seen as they were understood, corrected, and put on the canvas."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QFileDialog

from app.data.data_page import DataPage
from engine.document.project import MAIN
from engine.document.storage import gallery
from engine.document.storage.file import save
from nodes.data_sets.table_files import CsvFile
from nodes.reading.error import DataError
from nodes.reading.look import Answer, DataLook, Doubt
from tests.app.data.dropping import click, drop, falls, read, settled
from tests.made_looks import folder_of_classes, table_file, table_look


def test_a_folder_of_classes_goes_from_drop_to_falling_loss(window, qtbot, tmp_path: Path) -> None:
    drop(window.gallery, folder_of_classes(tmp_path / "shapes"))
    page = read(qtbot, window)
    assert page.header.title.text() == "shapes"
    assert page.found.figures.values["samples"].text() == "48"
    assert dict(page.found.balance.balance).keys() == {"disc", "square"}
    assert page.found.samples.grid.count > 0
    assert page.header.new.property("role") == "primary"  # no drawing is open
    click(page.header.new)
    qtbot.waitUntil(lambda: window.shows_drawing and window.session.report.parameters > 0, timeout=20_000)
    assert window.session.report.problems == ()
    assert window.session.is_modified
    falls(window, qtbot)


def test_a_table_goes_from_drop_to_falling_loss_by_keys(window, qtbot, tmp_path: Path) -> None:
    drop(window, table_file(tmp_path / "parts.csv"))
    page = read(qtbot, window)
    assert page.hasFocus()
    QTest.keyClick(page, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: window.shows_drawing and window.session.report.parameters > 0, timeout=20_000)
    assert window.session.project.name == "parts"
    falls(window, qtbot)


def test_data_are_added_to_the_drawing_as_one_step_selected_and_in_sight(
    lenet, qtbot, tmp_path: Path
) -> None:
    session, canvas = lenet.session, lenet.workbench().canvas
    before = session.project
    assert drop(canvas.viewport(), table_file(tmp_path / "parts.csv"))
    page = read(qtbot, lenet)
    assert page.header.add.property("role") == "primary"
    click(page.header.add)
    assert lenet.shows_drawing
    (added,) = session.project.main.nodes.keys() - before.main.nodes.keys()
    assert session.project.main.nodes[added].params["path"] == str(tmp_path / "parts.csv")
    assert session.selection == {added}
    qtbot.waitUntil(
        lambda: canvas.camera.visible_rect().contains(canvas.drawing.nodes[added].rect), timeout=5_000
    )
    session.undo()
    assert session.project is before


def test_without_a_drawing_data_are_added_to_a_new_one(window, qtbot, tmp_path: Path) -> None:
    drop(window.gallery, table_file(tmp_path / "parts.csv"))
    page = read(qtbot, window)
    assert page.header.add.text() == "Add to a new drawing"
    click(page.header.add)
    assert window.shows_drawing
    assert [node.layer for node in window.session.project.main.nodes.values()] == ["data"]
    window.actions_.run("undo")
    assert window.session.project.main.nodes == {}


def test_a_file_can_be_dropped_anywhere_on_the_window(lenet, qtbot, tmp_path: Path) -> None:
    lenet.session.select(frozenset({"conv1"}))
    bench, page = lenet.workbench(), lenet.data.page
    path = table_file(tmp_path / "parts.csv")
    for on in (
        bench.inspector,
        bench.inspector.page.header.id_entry,
        bench.palette_panel.search,
        bench.training,
        lenet.topbar,
    ):
        assert lenet.shows_drawing
        assert drop(on, path), on
        assert read(qtbot, lenet).header.title.text() == "parts.csv"
        assert drop(page.found.search, path)  # and on the page itself
        QTest.keyClick(page, Qt.Key.Key_Escape)


def test_a_project_that_is_dropped_still_opens(window, qtbot, tmp_path: Path) -> None:
    save(gallery.make("mlp-spiral"), tmp_path / "mine.LOOM")
    drop(window.gallery, tmp_path / "mine.LOOM")
    qtbot.waitUntil(lambda: window.session.path == tmp_path / "mine.LOOM", timeout=5_000)
    assert window.shows_drawing


def test_a_broken_file_is_told_in_a_sentence_and_can_be_read_again(window, qtbot, tmp_path: Path) -> None:
    path = tmp_path / "parts.csv"
    path.write_text("a,b\n1,2\n", "utf-8")
    drop(window, path)
    page = read(qtbot, window, "failed")
    assert page.failed.title.text() == "parts.csv cannot be read"
    assert "Expected" in page.failed.words.text()
    assert page.header.add.isHidden()
    table_file(path)
    QTest.keyClick(page, Qt.Key.Key_Return)  # reads it again
    assert read(qtbot, window).found.figures.values["samples"].text() == "160"


def test_a_failure_is_mended_by_the_parameters_beside_it(window, qtbot, tmp_path: Path, monkeypatch) -> None:
    def look(one: CsvFile, _seed: int) -> DataLook:
        if one.validation < 0.3:
            raise DataError("Hold back more samples. Expected at least 40 to validate. Received 32.")
        return table_look()

    monkeypatch.setattr(CsvFile, "look", look)
    drop(window, table_file(tmp_path / "parts.csv"))
    page = read(qtbot, window, "failed")
    assert page.failed.side.isVisible()
    page.failed.settings.forms["Split"].rows["validation"].field.offer(0.5)
    assert read(qtbot, window) is page
    assert page.params()["validation"] == 0.5
    assert page.params()["path"] == str(tmp_path / "parts.csv")


def test_what_nobody_reads_is_refused_with_what_can_be_read(window, qtbot, tmp_path: Path) -> None:
    (tmp_path / "slides.key").write_bytes(b"?")
    drop(window, tmp_path / "slides.key", tmp_path / "gone.csv")
    page = read(qtbot, window, "failed")
    assert page.failed.title.text() == "slides.key and 1 more cannot be read"
    drop(window, tmp_path / "slides.key")
    qtbot.waitUntil(lambda: page.failed.title.text() == "slides.key cannot be read", timeout=5_000)
    assert page.failed.hint.isVisible()
    assert "CSV table" in " ".join(label.text() for label in page.failed.hint.words)
    QTest.keyClick(page, Qt.Key.Key_Escape)
    assert window._stack.currentWidget() is window.gallery


def test_add_data_asks_for_files(window, qtbot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = table_file(tmp_path / "parts.csv")
    monkeypatch.setattr(QFileDialog, "getOpenFileNames", lambda *args: ([str(path)], ""))
    click(window.gallery.add_data)
    page = window.data.page
    assert page.pages.currentWidget() is page.drop
    QTest.keyClick(page, Qt.Key.Key_Return)
    assert read(qtbot, window).header.title.text() == "parts.csv"
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *args: str(tmp_path))
    QTest.keyClick(page, Qt.Key.Key_Escape)
    QTest.keyClick(window, "I", Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier)
    assert page.pages.currentWidget() is page.drop
    click(page.drop.folder)
    qtbot.waitUntil(lambda: page.header.title.text() == tmp_path.name, timeout=5_000)


def test_parameters_of_the_split_are_changed_and_taken_back(window, qtbot, tmp_path: Path) -> None:
    drop(window, table_file(tmp_path / "parts.csv"))
    page = read(qtbot, window)
    field = page.found.settings.forms["Split"].rows["validation"].field
    field.offer(0.5)
    settled(qtbot, page)
    assert page.found.figures.values["to validate"].text() == "80"
    page.setFocus()
    QTest.keyClick(page, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    settled(qtbot, page)
    assert page.found.figures.values["to validate"].text() == "32"
    assert "validation" not in page.params()


def test_a_choice_that_cannot_be_read_leaves_what_was_understood(window, qtbot, tmp_path: Path) -> None:
    drop(window, table_file(tmp_path / "parts.csv"))
    page = read(qtbot, window)
    field = page.found.settings.forms["More"].rows["target_columns"].field
    field.offer("colour")
    qtbot.waitUntil(page.found.refused.isVisible, timeout=5_000)
    assert "colour" in page.found.refused.words.text()
    assert not page.header.add.isEnabled()
    click(page.found.refused.button)
    settled(qtbot, page)
    assert page.found.refused.isHidden()
    assert page.header.add.isEnabled()
    assert field.value == ""


# Looks that were made up ----------------------------------------------------------------------------------


@pytest.fixture
def houses(window, qtbot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> DataPage:
    """A table with questions and roles, as a reader would tell it; dropped."""
    monkeypatch.setattr(CsvFile, "look", lambda _self, _seed: table_look())
    drop(window, table_file(tmp_path / "houses.csv"))
    return read(qtbot, window)


def test_an_answer_sets_its_parameters_and_reads_anew(houses, qtbot, monkeypatch) -> None:
    asked: list[float] = []

    def look(one: CsvFile, _seed: int) -> DataLook:
        asked.append(one.validation)
        return table_look()

    monkeypatch.setattr(CsvFile, "look", look)
    card = houses.found.doubts.cards[0]
    assert [button.text() for button in card.buttons] == [
        "✓ 3 November (day first)",
        "11 March (month first)",
    ]
    click(card.buttons[1])
    settled(qtbot, houses)
    assert asked == [0.3]
    assert houses.params()["validation"] == 0.3


def test_an_answer_that_is_refused_is_not_ticked_once_it_is_taken_back(houses, qtbot, monkeypatch) -> None:
    def look(one: CsvFile, _seed: int) -> DataLook:
        if one.validation == 0.3:
            raise DataError("column sold: Expected months from 1 to 12. Received 14 in row 3.")
        return table_look()

    monkeypatch.setattr(CsvFile, "look", look)
    card = houses.found.doubts.cards[0]
    click(card.buttons[1])
    qtbot.waitUntil(houses.found.refused.isVisible, timeout=5_000)
    click(houses.found.refused.button)
    settled(qtbot, houses)
    assert [button.isChecked() for button in houses.found.doubts.cards[0].buttons] == [True, False]


def test_a_role_is_given_by_a_click_by_arrows_and_by_the_menu(houses, qtbot, monkeypatch) -> None:
    given: list[tuple[str, str]] = []

    def values(_self: CsvFile, part: str, role: str) -> dict[str, str]:
        given.append((part, role))
        return {"target_columns": "price"}

    monkeypatch.setattr(CsvFile, "values_for_role", values)
    parts = houses.found.parts
    click(parts, parts.role_place("area", "target"))
    settled(qtbot, houses)
    assert given == [("area", "target")]
    assert houses.params()["target_columns"] == "price"
    parts.setFocus()
    QTest.keyClick(parts, Qt.Key.Key_Down)
    QTest.keyClick(parts, Qt.Key.Key_Right)
    settled(qtbot, houses)
    assert given[1:] == [("rooms", "target")]
    click(parts, parts.role_place("rooms", "weight"))
    menu = QApplication.activePopupWidget()
    assert menu is not None
    next(action for action in menu.actions() if action.text() == "weight").trigger()
    menu.close()
    settled(qtbot, houses)
    assert given[2:] == [("rooms", "weight")]


def test_roles_that_are_given_quickly_one_after_the_other_all_count(houses, qtbot, monkeypatch) -> None:
    monkeypatch.setattr(CsvFile, "values_for_role", lambda _self, part, _role: {"target_columns": part}
                        if part == "area" else {"input_columns": part})  # fmt: skip
    houses.give_role("area", "target")
    houses.give_role("rooms", "input")
    settled(qtbot, houses)
    assert (houses.params()["target_columns"], houses.params()["input_columns"]) == ("area", "rooms")


def test_a_role_that_a_set_refuses_is_told(houses, qtbot, monkeypatch) -> None:
    def refuse(*_: object) -> dict[str, str]:
        raise DataError("column id: Expected a column of numbers. Received identifiers.")

    monkeypatch.setattr(CsvFile, "values_for_role", refuse)
    click(houses.found.parts, houses.found.parts.role_place("id", "target"))
    qtbot.waitUntil(houses.found.refused.isVisible, timeout=5_000)
    assert houses.found.refused.words.text().startswith("column id: Expected")


def test_words_of_files_are_shown_as_they_are(window, qtbot, tmp_path: Path, monkeypatch) -> None:
    from dataclasses import replace

    bad = "<img src='x'>&\u202e"
    look = table_look()
    answers = (Answer(bad, {}), Answer("b", {"gaps": "fill"}))
    look = replace(look, doubts=(Doubt(bad, bad, answers, 0, bad),), warnings=(bad,),
                   parts=(replace(look.parts[0], name=bad, examples=(bad,)),))  # fmt: skip
    monkeypatch.setattr(CsvFile, "look", lambda _self, _seed: look)
    drop(window, table_file(tmp_path / "houses.csv"))
    page = read(qtbot, window)
    seen = r"<img src='x'>&\u202e"
    assert page.found.warnings.lines[0].text() == f"{seen}."
    assert page.found.doubts.cards[0].buttons[0].text().endswith(seen)


# From a node ----------------------------------------------------------------------------------------------


def test_the_data_of_a_node_are_looked_at_and_read_otherwise(lenet, qtbot) -> None:
    session = lenet.session
    session.select(frozenset({"data"}))
    before = session.project
    button = lenet.workbench().inspector.page.data.look
    assert button.text() == "Look at the data…"
    click(button)
    page = read(qtbot, lenet)
    assert page.header.title.text() == "Fashion-MNIST"
    assert page.header.add.text() == "Use for data"
    assert page.header.new.isHidden()
    page.found.settings.forms["Split"].rows["samples"].field.offer(600)
    settled(qtbot, page)
    click(page.header.add)
    assert lenet.shows_drawing
    assert session.project.graphs[MAIN].nodes["data"].params["samples"] == 600
    session.undo()
    assert session.project is before
