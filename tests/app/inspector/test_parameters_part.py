"""Parameters of the definition on show are made, described, renamed, moved and removed by mouse and keys."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QMimeData, QPoint, Qt
from PySide6.QtGui import QContextMenuEvent, QDrag
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from app.forms.form import PARAMETER_MIME
from app.state.session import Session, View
from app.widgets.menus import Menu
from engine.document import edits
from engine.document.own_params import info_of, parameter_names
from engine.document.project import MAIN, Graph, Node, ParameterInfo, Project
from tests.app.inspector.test_inspector import retype, row, select


@pytest.fixture
def session(qapp) -> Session:
    """A block of one convolution whose width is a parameter, placed once, and on show."""
    conv = Node("conv1", "conv2d", {"out_channels": "=width", "padding": 2, "kernel_size": [5, 3]})
    part = Graph({"conv1": conv, "relu1": Node("relu1", "relu")}, parameters={"width": 8})
    main = Graph({"part1": Node("part1", "block", {"definition": "Part", "width": 5})})
    made = Session(Project("test", {MAIN: main, "Part": part}))
    made.show_graph(View(), View("Part", "part1"))
    return made


def click(widget) -> None:
    QTest.mouseClick(widget, Qt.MouseButton.LeftButton)


@pytest.fixture
def part(inspector):
    return inspector.summary.parameters


def test_a_parameter_is_added_named_and_given_a_default(inspector, part, session):
    assert list(part.lines) == ["width"]
    assert part.lines["width"].entry.toolTip() == "Read by conv1"
    click(part.more)
    assert part.lines["value"].entry.toolTip() == "Nothing reads it yet: =value"
    retype(part.lines["value"].entry, "depth")
    retype(part.lines["depth"].form.rows["default"].field.entry, "3")
    assert session.graph.parameters == {"width": 8, "depth": 3}
    assert session.undo_label == "Set default of depth"
    click(part.lines["depth"].up)
    assert parameter_names(session.graph) == ("depth", "width")
    assert list(part.lines) == ["depth", "width"]
    for _ in range(4):
        session.undo()
    assert list(part.lines) == ["width"]


def test_renaming_is_followed_by_expressions_and_placements(part, session):
    retype(part.lines["width"].entry, "channels")
    assert session.graph.nodes["conv1"].params["out_channels"] == "=channels"
    assert session.project.main.nodes["part1"].params["channels"] == 5
    told = []
    session.notified.connect(lambda text, *_: told.append(text))
    retype(part.lines["channels"].entry, "repeat")
    assert part.lines["channels"].entry.text() == "channels"
    assert "and not definition, repeat or i" in told[0]


def test_kind_range_and_help_stand_behind_the_fold(inspector, part, session):
    line = part.lines["width"]
    assert not line.form.rows["min"].isVisible()
    click(line.form.fold)
    retype(line.form.rows["help"].field.entry, "How many channels.")
    retype(part.lines["width"].form.rows["min"].field.entry, "4")
    retype(part.lines["width"].form.rows["max"].field.entry, "64")
    assert info_of(session.graph, "width") == ParameterInfo("width", "How many channels.", 4, 64)
    assert part.lines["width"].form.fold.isChecked()
    retype(part.lines["width"].form.rows["min"].field.entry, "6")
    assert info_of(session.graph, "width").min == 4  # part1 has 5
    assert part.lines["width"].form.rows["min"].field.entry.text() in ("4", "6")
    session.show_graph(View())
    select(inspector, "part1")
    assert row(inspector, "width").field.toolTip() == "How many channels.\nA whole number from 4 to 64."
    retype(row(inspector, "width").field.entry, "65")
    assert row(inspector, "width").message.text() == "Expected a whole number from 4 to 64. Received 65."


def test_the_keys_go_on_to_the_next_row(part, session):
    line = part.lines["width"]
    click(line.form.fold)
    entry = line.form.rows["help"].field.entry
    QTest.mouseClick(entry, Qt.MouseButton.LeftButton)
    QTest.keyClicks(entry, "How wide.")
    QTest.keyClick(entry, Qt.Key.Key_Tab)
    assert info_of(session.graph, "width").help == "How wide."
    assert part.lines["width"].form.rows["kind"].isAncestorOf(QApplication.focusWidget())


def test_a_parameter_becomes_a_text_with_choices(part, session):
    click(part.more)
    click(part.lines["value"].form.fold)
    kind = part.lines["value"].form.rows["kind"].field
    kind.box.setFocus()
    QTest.keyClick(kind.box, "t")
    assert session.graph.parameters["value"] == "1"
    retype(part.lines["value"].form.rows["default"].field.entry, "zeros")
    retype(part.lines["value"].form.rows["choices"].field.entry, "zeros, reflect")
    assert info_of(session.graph, "value").choices == ("zeros", "reflect")
    assert part.lines["value"].form.rows["default"].field.choices == ("zeros", "reflect")


def test_what_was_read_has_the_default_when_a_parameter_goes(part, session):
    told = []
    session.notified.connect(lambda text, *_: told.append(text))
    click(part.lines["width"].gone)
    assert session.graph.parameters == {}
    assert session.graph.nodes["conv1"].params["out_channels"] == 8
    assert session.project.main.nodes["part1"].params == {"definition": "Part"}
    assert told == ["conv1 read width: its default 8 stands there now."]
    assert part.empty.isVisible()
    session.undo()
    assert list(part.lines) == ["width"]


def menu_of(line) -> Menu:
    at = QPoint(4, 4)
    event = QContextMenuEvent(QContextMenuEvent.Reason.Mouse, at, line.mapToGlobal(at))
    QApplication.sendEvent(line, event)
    return line.findChildren(Menu)[-1]


def test_a_row_becomes_a_parameter_by_its_menu(inspector, session):
    select(inspector, "conv1")
    menu = menu_of(row(inspector, "padding"))
    words = [action.text() for action in menu.actions()]
    assert words[1:] == ["Write an expression", "Make it a parameter of the block"]
    menu.actions()[-1].trigger()
    menu.close()
    assert session.graph.parameters == {"width": 8, "padding": 2}
    assert session.graph.nodes["conv1"].params["padding"] == "=padding"
    assert row(inspector, "padding").field.entries[0].text() == "=padding"
    assert session.undo_label == "Make padding a parameter of Part"
    menu = menu_of(row(inspector, "out_channels"))
    assert [action.text() for action in menu.actions()][1:] == ["Write an expression"]
    menu.close()


def test_in_main_rows_cannot_become_parameters(inspector, session):
    session.show_graph(View())
    select(inspector, "part1")
    menu = menu_of(row(inspector, "width"))
    assert len(menu.actions()) == 1
    menu.close()


def test_a_row_is_dragged_by_its_label(inspector, session, monkeypatch):
    carried: list[QMimeData] = []

    def exec_(drag: QDrag, *_: object) -> Qt.DropAction:
        carried.append(drag.mimeData())
        return Qt.DropAction.IgnoreAction

    monkeypatch.setattr(QDrag, "exec", exec_)
    select(inspector, "conv1")
    label = row(inspector, "padding").label
    QTest.mousePress(label, Qt.MouseButton.LeftButton, pos=QPoint(5, 5))
    QTest.mouseMove(label, QPoint(9, 5))
    assert not carried
    QTest.mouseMove(label, QPoint(5 + 2 * QApplication.startDragDistance(), 5))
    QTest.mouseRelease(label, Qt.MouseButton.LeftButton)
    assert bytes(carried[0].data(PARAMETER_MIME).data()) == b"conv1\npadding"


def test_a_placement_keeps_what_it_had_when_its_definition_gets_more(inspector, session):
    made = edits.add_parameter(session.project, "Part", "depth", 2)
    session.apply(made, "Add parameter")
    session.show_graph(View())
    select(inspector, "part1")
    assert list(inspector.page.form.rows)[-2:] == ["width", "depth"]
