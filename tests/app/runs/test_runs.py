"""The list of runs as a person uses it: read, searched, sorted, written on, chosen, compared."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit

from app.runs.runs import RunsPanel
from app.runs.runs_table import ROW
from app.state.run_list import RunList
from app.style import theme
from engine.runs.archive import annotate, record_of
from tests.app.runs.runs_reading import cell, click, names, pixels, text
from tests.drawings import mlp
from tests.stored_runs import noisy, store


@pytest.fixture
def panel(runs_page):
    return runs_page


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


def test_an_empty_list_says_what_to_do(session, controller, qtbot, tmp_path):
    run_list = RunList(session, controller, lambda: tmp_path / "none.runs", session)
    panel = RunsPanel(session, run_list)
    qtbot.addWidget(panel)
    panel.show()
    assert panel.empty.isVisible()
    assert "Press Play" in panel.empty.hint.text()
    run_list.close()


def test_a_run_that_is_made_elsewhere_appears_by_itself(panel, runs, session, run_list, qtbot):
    store(runs / "new", session.project, losses={"objective": noisy(20)}, metrics={"objective": 0.9})
    run_list.refresh()
    qtbot.waitUntil(lambda: len(panel.model.shown) == 7, timeout=5_000)
    annotate(runs / "new", name="from the terminal")
    run_list.refresh()
    qtbot.waitUntil(lambda: "from the terminal" in names(panel), timeout=5_000)


def test_two_hundred_runs_are_listed_and_scrolled(session, controller, qtbot, tmp_path):
    session.open(mlp("digits", 8), None)
    first = store(tmp_path / "000", session.project, losses={"objective": noisy(10)})
    about, drawing = (first / "run.json").read_bytes(), (first / "project.loom").read_bytes()
    for index in range(1, 200):
        folder = tmp_path / f"{index:03}"
        folder.mkdir()
        (folder / "run.json").write_bytes(about)
        (folder / "project.loom").write_bytes(drawing)
    run_list = RunList(session, controller, lambda: tmp_path, session)
    panel = RunsPanel(session, run_list)
    qtbot.addWidget(panel)
    panel.resize(900, 272)
    panel.show()
    qtbot.waitUntil(lambda: len(panel.model.shown) == 200, timeout=5_000)
    panel.table.setFocus()
    QTest.keyClick(panel.table, Qt.Key.Key_End)
    assert panel.table.folders() == [panel.model.shown[-1].folder]
    assert panel.table.visualRect(panel.model.index(199, 0)).bottom() <= panel.table.viewport().height() + ROW
    run_list.close()


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


def test_what_a_search_hides_is_no_longer_chosen(panel, run_list):
    click(panel, 1)
    click(panel, 3, keys=Qt.KeyboardModifier.ControlModifier)
    kept, hidden = [record for record in panel.model.shown if record.folder in run_list.chosen]
    assert panel.buttons["compare"].isVisible()
    QTest.keyClicks(panel.search, kept.name)
    assert hidden not in panel.model.shown
    assert run_list.chosen == (kept.folder,)
    assert not panel.buttons["compare"].isVisible()
    QTest.keyClicks(panel.search, "xyz")
    assert run_list.chosen == ()
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


def test_what_is_chosen_stays_chosen_when_the_order_changes(panel, run_list):
    click(panel, 1)
    chosen = run_list.chosen
    panel.model.sort_by("steps")
    assert [record.folder for record in run_list.chosen_records()] == list(chosen)
    assert tuple(panel.table.folders()) == chosen


# Writing on a run -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(("column", "typed"), [("note", "try a lower rate"), ("tags", "#slow, kept")])
def test_a_note_and_tags_are_typed_into_the_list(panel, run_list, qtbot, column, typed):
    panel.edited.connect(lambda folder, what, value: run_list.replace(annotate(folder, **{what: value})))
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


def test_what_was_written_on_a_run_stays_in_sight_where_room_is_short(panel, run_list, runs, qtbot):
    """A tag and a note are worth more than the time, which the name of a run tells."""
    panel.resize(1060, 300)

    def shown() -> list[str]:
        made = panel.model.columns
        return [column.title for at, column in enumerate(made) if not panel.table.isColumnHidden(at)]

    folder = panel.model.shown[0].folder
    for record in panel.model.shown:
        run_list.replace(annotate(record.folder, tags=(), note=""))
    qtbot.waitUntil(lambda: "Started" in shown() and "Tags" not in shown())
    run_list.replace(annotate(folder, tags=("best",)))
    qtbot.waitUntil(lambda: "Tags" in shown())


def test_ctrl_enter_takes_the_name_and_is_no_shortcut_of_the_window(panel):
    edited, started = [], []
    panel.edited.connect(lambda *args: edited.append(args))
    shortcut = QShortcut(QKeySequence("Ctrl+Return"), panel)
    shortcut.activated.connect(lambda: started.append("play"))
    panel.activateWindow()
    click(panel, 0)
    panel.edit("name")
    editor = panel.table.findChild(QLineEdit)
    editor.selectAll()
    QTest.keyClicks(editor, "other")
    QTest.keyClick(editor, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    QApplication.processEvents()
    assert started == []
    assert [change[-1] for change in edited] == ["other"]


def test_escape_leaves_the_name_as_it_was(panel, run_list):
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


def test_the_page_of_runs_by_keys_alone(panel, run_list, qtbot):
    panel.activateWindow()
    panel.search.setFocus()
    qtbot.waitUntil(panel.search.hasFocus)
    QTest.keyClicks(panel.search, "wide")
    QTest.keyClick(panel.search, Qt.Key.Key_Down)
    assert panel.table.hasFocus()
    QTest.keyClick(panel.table, Qt.Key.Key_Down, Qt.KeyboardModifier.ShiftModifier)
    assert len(run_list.chosen) == 2
    panel.show_comparison(*run_list.chosen)
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


def test_a_link_in_place_of_the_runs_is_told_once(panel, runs, session, qtbot, tmp_path):
    told = []
    session.notified.connect(lambda message, _kind: told.append(message))
    elsewhere = tmp_path / "elsewhere"
    runs.rename(elsewhere)
    runs.symlink_to(elsewhere)
    panel.run_list.refresh()
    qtbot.waitUntil(lambda: not panel.run_list.records, timeout=5_000)
    panel.run_list.refresh()
    qtbot.waitUntil(lambda: not panel.run_list._looking, timeout=5_000)
    (message,) = told
    assert "Expected a folder of runs. Received a link" in message
