"""What the data page shows of much and of little: many columns and classes, several files, narrow windows."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QDragLeaveEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QWidget

from app.data import part_paint
from app.data.class_balance import ClassBalance, summary
from app.data.data_page import DataPage
from app.data.found_view import FoundView, figures_of
from app.data.notices import as_sentence
from app.data.reading import Question, Understood
from app.data.rows_view import RowsView
from app.inspector.panel import InspectorDeclaration
from app.shell.drop_overlay import words_for
from nodes.data.source import DataSource
from nodes.reading.look import DataLook, DataMatch, Recognised
from tests.app.data.dropping import click, drop, read, settled
from tests.made_looks import LONG, crowded_look, folder_of_classes, table_file, table_look, wide_look


@pytest.fixture
def page(qtbot, qapp) -> DataPage:
    made = DataPage()
    qtbot.addWidget(made)
    made.resize(1440, 840)
    made.show()
    qtbot.waitExposed(made)
    return made


def show(page: DataPage, look: DataLook) -> FoundView:
    """Show a look that was made up, as if it had been read."""
    path = Path("/data/made.csv")
    page._question = Question((path,))
    match = DataMatch(look.info.name, "Made up", Recognised(90, {}, "it was made up"), (path,))
    page._show_understood(Understood((match,), DataSource(dataset=look.info.name), look))
    QApplication.processEvents()
    return page.found


def test_a_warning_is_a_sentence_and_its_file_keeps_its_name() -> None:
    assert as_sentence("column price: 3 values are missing") == "Column price: 3 values are missing."
    assert as_sentence("houses.csv: row 3 is left out.") == "houses.csv: row 3 is left out."
    assert as_sentence("led: 2 of its samples are not used") == "led: 2 of its samples are not used."


def test_of_very_many_columns_only_those_in_sight_are_painted(page, monkeypatch) -> None:
    painted: list[str] = []
    real = part_paint.paint_name

    def paint(painter, part, *more, **options) -> None:
        painted.append(part.name)
        real(painter, part, *more, **options)

    monkeypatch.setattr(part_paint, "paint_name", paint)
    found = show(page, wide_look(20_000))
    found.verticalScrollBar().setValue(90_000)
    QApplication.processEvents()
    painted.clear()
    found.viewport().grab()
    assert 5 < len(set(painted)) < 40


def test_parts_are_called_what_they_are(page) -> None:
    found = show(page, replace(wide_look(), parts_are="arrays"))
    assert found.parts_heading.title.text() == "Arrays"
    assert found.search.placeholderText() == "Search arrays"
    assert "arrays" in figures_of(found.look)
    found = show(page, wide_look())
    assert found.parts_heading.title.text() == "Columns"


def test_columns_are_found_by_name_and_walked_by_keys(page) -> None:
    found = show(page, wide_look())
    assert found.search.isVisible()
    assert found.parts_heading.note.text() == "299 inputs · 1 target"
    QTest.keyClicks(found.search, "gene_0029")
    assert [part.name for part in found.parts.parts] == [f"gene_{at:05d}" for at in range(290, 299)]
    assert found.parts_heading.note.text() == "9 of 300"
    found.search.clear()
    found.parts.setFocus(Qt.FocusReason.TabFocusReason)
    QTest.keyClick(found.parts, Qt.Key.Key_End)
    assert found.parts.parts[found.parts.current].name == "price"
    shown = found.parts.row_rect(299).translated(QPointF(found.parts.mapTo(found.viewport(), QPoint(0, 0))))
    assert 0 <= shown.top() < shown.bottom() <= found.viewport().height()
    assert not show(page, table_look()).search.isVisible()


def test_very_many_classes_are_one_profile_that_can_be_read_out(page) -> None:
    balance = show(page, crowded_look()).balance
    assert balance.is_profile
    assert balance.height() < 320
    assert balance.text_at(QPointF(0, 30)).startswith("n00000000")
    assert balance.text_at(QPointF(balance.width() - 1, 30)).startswith("n0000099")
    last = QPointF(10, balance.height() - 8)
    assert balance.text_at(last).startswith("n0000099")
    few = ClassBalance()
    few.show_balance((("cat", 3), ("dog", 5)))
    assert few.text_at(QPointF(4, 22)) == "dog: 5 samples"
    assert summary((("cat", 3), ("dog", 3))) == "2 · 3 samples each"


@pytest.mark.parametrize("width", [760, 958, 1079, 1080, 1440, 2400])
def test_nothing_is_clipped_at_any_width(page, width: int) -> None:
    page.resize(width, 700)
    found = show(page, table_look())
    assert found.horizontalScrollBar().maximum() == 0
    inner = found.widget()
    assert inner is not None
    for widget in (found.parts, found.rows, found.facts, found.doubts, found.settings):
        left = widget.mapTo(inner, QPoint(0, 0)).x()
        assert 0 <= left < left + widget.width() <= inner.width()
    columns = part_paint.columns_for(found.parts.width(), found.parts.parts)
    ends = [left + wide for left, wide in columns if wide]
    starts = [left for left, wide in columns if wide]
    assert all(end <= start for end, start in zip(ends, starts[1:], strict=False))
    assert ends[-1] <= found.parts.width()
    assert columns.name[1] >= 140
    for label in _labels(found):
        assert label.width() >= label.minimumSizeHint().width() or label.wordWrap(), label.text()


def _labels(found: QWidget) -> list[QLabel]:
    return [one for one in found.findChildren(QLabel) if one.isVisible() and one.text()]


def test_columns_of_a_table_that_find_no_room_are_counted(qapp) -> None:
    look = wide_look(60)
    assert look.samples is not None
    names = tuple(part.name for part in look.parts)
    preview = replace(look.samples, columns=names, rows=(tuple("0.5" for _ in names),) * 3, labels=())
    view = RowsView()
    view.show_rows(preview)
    view.resize(700, view.sizeHint().height())
    assert 3 < view.shown_columns() < 60
    view.resize(20_000, view.sizeHint().height())
    assert view.shown_columns() == 60


def test_long_names_are_cut_and_told_in_the_tooltip(page) -> None:
    parts = show(page, table_look()).parts
    at = next(at for at, part in enumerate(parts.parts) if part.name == LONG)
    assert LONG in parts._tooltip(at)


def test_tab_reaches_everything_that_can_be_done(page) -> None:
    found = show(page, table_look())
    page.setFocus()
    reached: list[QWidget | None] = []
    for _ in range(40):
        QTest.keyClick(QApplication.focusWidget() or page, Qt.Key.Key_Tab)
        reached.append(QApplication.focusWidget())
    header, card = page.header, found.doubts.cards[0]
    for widget in (header.back, header.new, header.add, card.buttons[0], card.buttons[1], found.parts):
        assert widget in reached, widget


def test_several_files_are_chosen_between(window, qtbot, tmp_path: Path) -> None:
    first, second = table_file(tmp_path / "a.csv", 60), table_file(tmp_path / "b.csv", 90)
    drop(window, first, second)
    page = read(qtbot, window)
    assert page.header.title.text() == "a.csv and 1 more"
    assert page.found.figures.values["samples"].text() == "60"
    assert page.found.warnings.lines[0].text().startswith("2 files were dropped; a.csv alone is read.")
    menu = page.header.make_menu()
    entries = [action.text() for action in menu.actions()]
    assert sum("CSV table" in entry for entry in entries) == 2
    next(action for action in menu.actions() if action.text().startswith("b.csv as CSV table")).trigger()
    qtbot.waitUntil(lambda: page.found.figures.values["samples"].text() == "90", timeout=5_000)
    settled(qtbot, page)
    assert page.params()["path"] == str(second)
    menu.deleteLater()


def test_pictures_that_are_dropped_one_by_one_are_read_with_their_folder(window, qtbot, tmp_path) -> None:
    folder = folder_of_classes(tmp_path / "shapes", ("disc",), 60) / "disc"
    drop(window, *sorted(folder.iterdir()))  # more than are looked at one by one
    page = read(qtbot, window)
    assert page.header.title.text() == "000.png and 59 more"
    assert page.params()["path"] == str(folder)
    told = "60 files were dropped; the folder that holds them, disc, is read whole."
    assert page.found.warnings.lines[0].text() == told


def test_very_many_files_of_several_folders_are_refused(window, qtbot, tmp_path: Path) -> None:
    drop(window, *(tmp_path / str(at) / "a.csv" for at in range(60)))
    page = read(qtbot, window, "failed")
    assert page.failed.words.text().startswith("Drop the folder that holds them all.")


def test_a_file_that_changed_since_it_was_added_is_told_at_its_node(lenet, qtbot, tmp_path: Path) -> None:
    path = table_file(tmp_path / "parts.csv")
    drop(lenet, path)
    click(read(qtbot, lenet).header.add)
    session = lenet.session
    (added,) = session.selection
    qtbot.waitUntil(lambda: added in session.report.nodes, timeout=10_000)
    assert session.graph.nodes[added].params["fingerprint"].startswith("parts.csv|")
    table_file(path, 170)
    session.recheck()
    problems = lenet.workbench().inspector.page.problems
    qtbot.waitUntil(lambda: bool(problems.buttons), timeout=10_000)
    assert problems.buttons[0].text() == "Take the data as they are now"
    click(problems.buttons[0])
    qtbot.waitUntil(lambda: not problems.buttons, timeout=10_000)


def test_what_a_drop_does_is_said_while_files_are_dragged(window, qtbot, tmp_path: Path) -> None:
    path, overlay = table_file(tmp_path / "parts.csv"), window.drop_overlay
    drop(window.gallery, path, until_over=True)
    assert overlay.isVisible()
    assert overlay.words == "Look at parts.csv"
    assert overlay.size() == window.size()
    QApplication.sendEvent(window, QDragLeaveEvent())
    assert not overlay.isVisible()
    drop(window.gallery, tmp_path / "mine.loom", until_over=True)
    assert overlay.words == "Open mine"
    drop(window.gallery, path, path)
    assert not overlay.isVisible()
    assert words_for((path, path)) == "Look at 2 files"
    read(qtbot, window)


def test_a_panel_that_floats_takes_drops_for_the_window(lenet, qtbot, tmp_path: Path) -> None:
    bench = lenet.workbench()
    bench.float_panel(InspectorDeclaration.id)
    assert drop(bench.inspector, table_file(tmp_path / "parts.csv"))
    assert read(qtbot, lenet).header.title.text() == "parts.csv"
