"""The list of runs as a person uses it: read, searched, sorted, written on, chosen, compared."""

from __future__ import annotations

import shutil
from datetime import UTC, datetime

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QGuiApplication, QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLineEdit

from app import theme
from app.panels.runs import RunsPanel
from app.panels.runs_table import ROW
from app.runs import RunShelf
from engine.document import edits
from engine.document.project import MAIN
from engine.runs.archive import annotate, record_of
from tests.drawings import mlp
from tests.stored_runs import noisy, shelf_of_runs, store

NOW = datetime.now(UTC)


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
def panel(shelf, session, qtbot):
    made = RunsPanel(session, shelf)
    qtbot.addWidget(made)
    made.resize(1200, 300)
    made.show()
    qtbot.waitUntil(lambda: len(made.model.shown) == 6, timeout=5_000)
    return made


def names(panel: RunsPanel) -> list[str]:
    return [panel.model.columns[0].text(record) for record in panel.model.shown]


def cell(panel: RunsPanel, row: int, column: str) -> QPoint:
    at = next(i for i, one in enumerate(panel.model.columns) if one.id == column)
    return panel.table.visualRect(panel.model.index(row, at)).center()


def text(panel: RunsPanel, row: int, column: str) -> str:
    at = next(i for i, one in enumerate(panel.model.columns) if one.id == column)
    return panel.model.data(panel.model.index(row, at))


def click(panel: RunsPanel, row: int, column: str = "name", keys=Qt.KeyboardModifier.NoModifier) -> None:
    QTest.mouseClick(panel.table.viewport(), Qt.MouseButton.LeftButton, keys, cell(panel, row, column))


def pixels(picture: QImage, colour: str, area) -> int:
    """How many pixels of a part of a picture are near this colour."""
    plain = picture.copy(area).convertToFormat(QImage.Format.Format_RGB32)
    held = np.frombuffer(plain.constBits(), np.uint8).reshape(plain.height(), -1, 4)[..., 2::-1]
    wanted = theme.colour(colour)
    rgb = np.array([wanted.red(), wanted.green(), wanted.blue()], np.int32)
    return int((np.abs(held.astype(np.int32) - rgb).max(axis=-1) < 40).sum())


# The list -------------------------------------------------------------------------------------------------


def test_the_newest_run_comes_first_with_a_truthful_sentence_and_its_figures(panel):
    assert names(panel)[:4] == ["wide, cosine", "wide", "rate 1e-1", "rate 1e-2"]
    assert [text(panel, row, "status") for row in range(4)] == [
        "stopped at step 1,204; resume",
        "completed, 1,570 steps",
        "failed at step 38",
        "stopped at step 700; resume",
    ]
    assert text(panel, 1, "figure accuracy") == "89.3 %"
    assert text(panel, 1, "figure objective") == "0.297"
    assert text(panel, 2, "figure accuracy") == ""
    assert (text(panel, 1, "steps"), text(panel, 1, "took")) == ("1,570", "1:24")
    assert text(panel, 1, "tags") == "#wide #best"
    headings = [panel.model.headerData(i, Qt.Orientation.Horizontal) for i in range(4)]
    assert headings == ["Name", "Status", "Accuracy", "Loss"]


def test_the_sentence_has_the_colour_of_the_status(panel):
    picture = panel.table.viewport().grab().toImage()
    at = next(i for i, one in enumerate(panel.model.columns) if one.id == "status")
    for row, token in ((0, "warn"), (1, "good"), (2, "bad")):
        area = panel.table.visualRect(panel.model.index(row, at))
        colour = getattr(theme.current(), token)
        assert pixels(picture, colour, area) > 3, token


def test_an_empty_list_says_what_to_do(session, bridge, qtbot, tmp_path):
    shelf = RunShelf(session, bridge, lambda: tmp_path / "none.runs", session)
    panel = RunsPanel(session, shelf)
    qtbot.addWidget(panel)
    panel.show()
    assert panel.empty.isVisible()
    assert "Press Play" in panel.empty.hint.text()
    shelf.close()


def test_a_run_that_is_made_elsewhere_appears_by_itself(panel, runs, session, shelf, qtbot):
    store(runs / "new", session.project, losses={"objective": noisy(20)}, metrics={"objective": 0.9})
    shelf.refresh()
    qtbot.waitUntil(lambda: len(panel.model.shown) == 7, timeout=5_000)
    annotate(runs / "new", name="from the terminal")
    shelf.refresh()
    qtbot.waitUntil(lambda: "from the terminal" in names(panel), timeout=5_000)


def test_two_hundred_runs_are_listed_and_scrolled(session, bridge, qtbot, tmp_path):
    session.open(mlp("digits", 8), None)
    first = store(tmp_path / "000", session.project, losses={"objective": noisy(10)})
    about, drawing = (first / "run.json").read_bytes(), (first / "project.loom").read_bytes()
    for index in range(1, 200):
        folder = tmp_path / f"{index:03}"
        folder.mkdir()
        (folder / "run.json").write_bytes(about)
        (folder / "project.loom").write_bytes(drawing)
    shelf = RunShelf(session, bridge, lambda: tmp_path, session)
    panel = RunsPanel(session, shelf)
    qtbot.addWidget(panel)
    panel.resize(900, 272)
    panel.show()
    qtbot.waitUntil(lambda: len(panel.model.shown) == 200, timeout=5_000)
    panel.table.setFocus()
    QTest.keyClick(panel.table, Qt.Key.Key_End)
    assert panel.table.folders() == [panel.model.shown[-1].folder]
    assert panel.table.visualRect(panel.model.index(199, 0)).bottom() <= panel.table.viewport().height() + ROW
    shelf.close()


# Search and order -----------------------------------------------------------------------------------------


def test_typing_finds_words_and_tags(panel):
    QTest.mouseClick(panel.search, Qt.MouseButton.LeftButton)
    QTest.keyClicks(panel.search, "wide")
    assert names(panel) == ["wide, cosine", "wide"]
    assert panel.count.text() == "2 of 6"
    panel.search.clear()
    QTest.keyClicks(panel.search, "#rate failed")
    assert names(panel) == ["rate 1e-1"]
    QTest.keyClicks(panel.search, "xyz")
    assert panel.empty.isVisible()
    assert panel.empty.title.text() == "No run matches"


def test_what_a_search_hides_is_no_longer_chosen(panel, shelf):
    click(panel, 1)
    click(panel, 3, keys=Qt.KeyboardModifier.ControlModifier)
    kept, hidden = [record for record in panel.model.shown if record.folder in shelf.chosen]
    assert panel.buttons["compare"].isVisible()
    QTest.keyClicks(panel.search, kept.name)
    assert hidden not in panel.model.shown
    assert shelf.chosen == (kept.folder,)
    assert not panel.buttons["compare"].isVisible()
    QTest.keyClicks(panel.search, "xyz")
    assert shelf.chosen == ()
    assert not panel.buttons["open"].isVisible()


def test_a_tag_is_chosen_from_the_menu_and_taken_back(panel):
    menu = panel.tag_menu()
    assert [action.text() for action in menu.actions()] == ["#rate", "#wide", "#best"]
    menu.actions()[1].trigger()
    assert names(panel) == ["wide, cosine", "wide"]
    menu.actions()[1].trigger()
    assert len(names(panel)) == 6
    menu.deleteLater()


def test_a_click_on_a_heading_sorts_and_another_turns_it_round(panel):
    head = panel.table.horizontalHeader()
    at = next(i for i, one in enumerate(panel.model.columns) if one.id == "figure accuracy")
    place = QPoint(head.sectionViewportPosition(at) + 20, 10)
    QTest.mouseClick(head.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert names(panel)[0] == "wide"
    assert panel.model.headerData(at, Qt.Orientation.Horizontal) == "Accuracy ↓"
    QTest.mouseClick(head.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert names(panel)[-1] == "wide"
    QTest.mouseClick(head.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert names(panel)[0] == "wide, cosine"


def test_what_is_chosen_stays_chosen_when_the_order_changes(panel, shelf):
    click(panel, 1)
    chosen = shelf.chosen
    panel.model.sort_by("steps")
    assert [record.folder for record in shelf.chosen_records()] == list(chosen)
    assert tuple(panel.table.folders()) == chosen


# Writing on a run -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(("column", "typed"), [("note", "try a lower rate"), ("tags", "#slow, kept")])
def test_a_note_and_tags_are_typed_into_the_list(panel, shelf, qtbot, column, typed):
    panel.edited.connect(lambda folder, what, value: shelf.replace(annotate(folder, **{what: value})))
    panel.resize(1800, 300)
    click(panel, 2)
    QTest.mouseDClick(panel.table.viewport(), Qt.MouseButton.LeftButton, pos=cell(panel, 2, column))
    editor = panel.table.findChild(QLineEdit)
    editor.selectAll()
    QTest.keyClicks(editor, typed)
    QTest.keyClick(editor, Qt.Key.Key_Return)
    expected = typed if column == "note" else ("slow", "kept")
    folder = panel.model.shown[2].folder
    qtbot.waitUntil(lambda: getattr(record_of(folder), column) == expected, timeout=2_000)
    assert text(panel, 2, column) == (typed if column == "note" else "#slow #kept")


def test_what_was_written_on_a_run_stays_in_sight_where_room_is_short(panel, shelf, runs, qtbot):
    """A tag and a note are worth more than the time, which the name of a run tells."""
    panel.resize(1060, 300)

    def shown() -> list[str]:
        made = panel.model.columns
        return [column.title for at, column in enumerate(made) if not panel.table.isColumnHidden(at)]

    folder = panel.model.shown[0].folder
    for record in panel.model.shown:
        shelf.replace(annotate(record.folder, tags=(), note=""))
    qtbot.waitUntil(lambda: "Started" in shown() and "Tags" not in shown())
    shelf.replace(annotate(folder, tags=("best",)))
    qtbot.waitUntil(lambda: "Tags" in shown())


def test_escape_leaves_the_name_as_it_was(panel, shelf):
    edited = []
    panel.edited.connect(lambda *args: edited.append(args))
    click(panel, 0)
    panel.edit("name")
    editor = panel.table.findChild(QLineEdit)
    QTest.keyClicks(editor, "other")
    QTest.keyClick(editor, Qt.Key.Key_Escape)
    assert edited == []
    assert names(panel)[0] == "wide, cosine"


@pytest.mark.parametrize(
    ("key", "asked"), [(Qt.Key.Key_Return, "open"), (Qt.Key.Key_F2, "rename"), (Qt.Key.Key_Delete, "delete")]
)
def test_the_list_has_keys_of_its_own(panel, key, asked):
    heard = []
    panel.asked.connect(heard.append)
    click(panel, 0)
    QTest.keyClick(panel.table, key)
    assert heard == [asked]


def test_the_page_of_runs_by_keys_alone(panel, shelf, qtbot):
    panel.activateWindow()
    panel.search.setFocus()
    qtbot.waitUntil(panel.search.hasFocus)
    QTest.keyClicks(panel.search, "wide")
    QTest.keyClick(panel.search, Qt.Key.Key_Down)
    assert panel.table.hasFocus()
    QTest.keyClick(panel.table, Qt.Key.Key_Down, Qt.KeyboardModifier.ShiftModifier)
    assert len(shelf.chosen) == 2
    panel.show_comparison(*shelf.chosen)
    QTest.keyClick(panel.window().focusWidget(), Qt.Key.Key_Escape)
    assert panel.pair is None
    assert panel.table.hasFocus()
    QTest.keyClick(panel.table, Qt.Key.Key_Escape)
    assert panel.search.text() == ""
    assert len(names(panel)) == 6


def test_tab_leads_out_of_the_list_and_back(panel, qtbot):
    panel.activateWindow()
    panel.table.setFocus()
    qtbot.waitUntil(panel.table.hasFocus)
    QTest.keyClick(panel.table, Qt.Key.Key_Tab)
    assert not panel.table.hasFocus()
    QTest.keyClick(panel.window().focusWidget(), Qt.Key.Key_Backtab)
    assert panel.table.hasFocus()


# Curves ---------------------------------------------------------------------------------------------------


def drawn(panel, count: int) -> bool:
    return len(panel.chart.series) == count and all(len(held) for held in panel.chart.series.values())


def test_chosen_runs_lie_over_one_another_each_in_its_colour(panel, shelf, qtbot):
    click(panel, 1)
    click(panel, 3, keys=Qt.KeyboardModifier.ControlModifier)
    click(panel, 5, keys=Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(lambda: drawn(panel, 3), timeout=5_000)
    assert panel.chart.chooser.text() == "Training loss"
    curves = panel.chart.plot.curves.values()
    assert [curve.name for curve in curves] == ["wide", "rate 1e-2", "first try"]
    assert len({curve.colour() for curve in curves}) == 3
    assert panel.chart.legend.text().startswith("wide 0.2")
    picture = panel.table.viewport().grab().toImage()
    for row in (1, 3, 5):
        area = panel.table.visualRect(panel.model.index(row, 0))
        assert pixels(picture, panel.colours[panel.model.shown[row].folder], area) > 10
    colour = panel.colours[panel.model.shown[3].folder]
    click(panel, 1, keys=Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(lambda: drawn(panel, 2), timeout=5_000)
    assert panel.colours[panel.model.shown[3].folder] == colour


def test_a_run_without_curves_says_so(panel, runs, session, shelf, qtbot):
    store(runs / "none", session.project, losses={"objective": []}, name="none")
    shelf.refresh()
    qtbot.waitUntil(lambda: len(panel.model.shown) == 7, timeout=5_000)
    assert "Choose runs" in panel.hint.hint.text()
    click(panel, names(panel).index("none"))
    qtbot.waitUntil(lambda: "no curves to show" in panel.hint.hint.text(), timeout=5_000)
    qtbot.waitUntil(panel.hint.isVisible, timeout=5_000)
    click(panel, names(panel).index("wide"))
    qtbot.waitUntil(lambda: drawn(panel, 1), timeout=5_000)
    assert panel.chart.isVisible()


def test_figures_stand_beside_the_status_in_a_narrow_list(panel):
    panel.resize(660, 300)
    shown = [c.title for at, c in enumerate(panel.model.columns) if not panel.table.isColumnHidden(at)]
    assert shown == ["Name", "Status", "Accuracy"]


def test_a_curve_is_left_out_by_a_click_on_its_name(panel, qtbot):
    click(panel, 1)
    click(panel, 3, keys=Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(lambda: drawn(panel, 2), timeout=5_000)
    legend, key = panel.chart.legend, str(panel.model.shown[1].folder)
    place = legend.place_of(key)
    QTest.mouseClick(legend, Qt.MouseButton.LeftButton, pos=place.toPoint())
    assert [curve.name for curve in panel.chart.plot.seen()] == ["rate 1e-2"]
    QTest.mouseClick(legend, Qt.MouseButton.LeftButton, pos=legend.place_of(key).toPoint())
    assert len(panel.chart.plot.seen()) == 2


def test_the_crosshair_reads_every_run(panel, qtbot):
    click(panel, 1)
    click(panel, 3, keys=Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(lambda: drawn(panel, 2), timeout=5_000)
    plot = panel.chart.plot
    area = plot.plot_rect()
    QTest.mouseMove(plot.viewport(), area.center().toPoint())
    qtbot.waitUntil(lambda: plot.crosshair is not None, timeout=2_000)
    assert [reading.name for reading in plot.readings()] == ["wide", "rate 1e-2"]


def test_curves_keep_the_order_of_choosing_whichever_is_read_first(panel, shelf, qtbot):
    click(panel, 1)
    click(panel, 3, keys=Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(lambda: drawn(panel, 2), timeout=5_000)
    both = panel._runs(shelf.chosen)
    panel.chart.clear()
    for seen in (dict(list(both.items())[1:]), both):
        panel.chart.show_runs(seen, panel.session.project)
    assert [entry.name for entry in panel.chart.legend.entries] == ["wide", "rate 1e-2"]
    assert [curve.name for curve in panel.chart.plot.seen()] == ["wide", "rate 1e-2"]


def test_another_quantity_is_chosen(panel, qtbot):
    click(panel, 1)
    click(panel, 3, keys=Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(lambda: drawn(panel, 2), timeout=5_000)
    menu = panel.chart.quantity_menu()
    words = [action.text() for action in menu.actions()]
    assert words[:3] == ["Training loss", "Validation loss", "Accuracy"]
    menu.actions()[2].trigger()
    menu.deleteLater()
    assert panel.chart.chooser.text() == "Accuracy"
    assert "89" in panel.chart.legend.text()
    assert panel.chart.legend.text().count("%") == 2


def test_the_curves_of_a_run_that_goes_on_grow(panel, runs, session, shelf, qtbot):
    from engine.run.events import Progress, Started
    from engine.run.store import RunFolder

    going = RunFolder(runs / "going", session.project)
    going.record(Started("CPU", 10, 100, 10, 1000, 0))

    def told(first: int, last: int) -> None:
        steps = list(range(first, last + 1))
        losses = {"objective": [1.0] * len(steps)}
        going.record(Progress(last, 0, steps, losses, 1.0, 1.0, {}))
        going.flush()
        going._lock.beat(last, 0, 1.0, {})

    told(1, 50)
    shelf.refresh()
    qtbot.waitUntil(lambda: len(panel.model.shown) == 7, timeout=5_000)
    row = panel.model.row_of(runs / "going")
    assert text(panel, row, "status").startswith("running, step 50")
    click(panel, row)
    qtbot.waitUntil(lambda: drawn(panel, 1), timeout=5_000)
    told(51, 80)
    shelf.refresh()
    qtbot.waitUntil(lambda: len(panel.chart.series[str(runs / "going")]) == 80, timeout=5_000)
    going.close()


# Two compared ---------------------------------------------------------------------------------------------


def test_two_runs_are_compared_setting_by_setting_and_the_better_figure_is_marked(
    panel, runs, session, qtbot
):
    other = edits.set_param(session.project, MAIN, "linear1", "out_features", 32)
    other = edits.set_settings(other, batch_size=256)
    folder = store(
        runs / "2026-01-01_00-00-00",
        other,
        losses={"objective": noisy(400)},
        metrics={"objective": 0.9, "accuracy": 0.5},
        name="other",
    )
    panel.shelf.refresh()
    panel.show_comparison(folder, panel.model.shown[1].folder)
    qtbot.waitUntil(lambda: len(panel.compare_page.chart.series) == 2, timeout=5_000)
    lines = panel.compare_page.differences.lines()
    assert "Accuracy 50.0 % 89.3 %" in lines
    assert "batch size 256 64" in lines
    assert any(line.startswith("linear1 · out features 32") for line in lines)
    results = panel.compare_page.differences.parts[0].rows
    assert {row.name: row.better for row in results if row.better is not None} == {"Accuracy": 1, "Loss": 1}
    picture = panel.compare_page.differences.grab().toImage()
    assert pixels(picture, theme.current().good, picture.rect()) > 10
    QTest.mouseClick(panel.compare_page.copy, Qt.MouseButton.LeftButton)
    assert "batch size: 256 | 64" in QGuiApplication.clipboard().text()
    QTest.mouseClick(panel.compare_page.back, Qt.MouseButton.LeftButton)
    assert panel.table.isVisible()


def test_two_runs_of_one_drawing_say_so(panel):
    panel.show_comparison(panel.model.shown[1].folder, panel.model.shown[5].folder)
    assert "The two drawings are the same." in panel.compare_page.differences.lines()


def test_a_run_that_cannot_be_read_is_listed_and_compares_with_a_sentence(panel, runs, shelf, qtbot):
    broken = runs / "broken"
    broken.mkdir()
    (broken / "run.json").write_text("{", "utf-8")
    shelf.refresh()
    qtbot.waitUntil(lambda: len(panel.model.shown) == 7, timeout=5_000)
    row = panel.model.row_of(broken)
    assert text(panel, row, "status").startswith("cannot be read")
    panel.show_comparison(broken, panel.model.shown[1].folder)
    assert panel.compare_page.message.isVisible()
    assert "cannot be read" in panel.compare_page.message.text()
