"""The inspector's page of an objective: a weight per loss, the parts it updates, their rates, its turns."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from app.state.session import Session
from app.widgets.buttons import IconButton
from engine.compile.step_plan import step_plan
from engine.document import edits
from engine.document.project import MAIN, Node
from engine.infer import infer
from tests.app.inspector.test_inspector import params, retype, row, select
from tests.drawings import gan


@pytest.fixture
def session(qapp) -> Session:
    drawing = gan()
    session = Session(drawing)
    session.set_report(infer(drawing))
    session.set_step_plan(step_plan(drawing))
    return session


def click(widget) -> None:
    QTest.mouseClick(widget, Qt.MouseButton.LeftButton)


def test_each_loss_has_a_weight_named_after_it(inspector, session):
    select(inspector, "judging")
    field = row(inspector, "weights").field
    assert [title.text() for title in field.titles] == ["real_loss", "fake_loss"]
    retype(field.fields[1].entry, "0.5")
    assert params(session, "judging")["weights"] == [1.0, 0.5]
    assert session.undo_label == "Set loss weights of Objective"
    retype(field.fields[1].entry, "1")
    assert "weights" not in params(session, "judging")  # as before it was set
    select(inspector, "making")
    assert [title.text() for title in row(inspector, "weights").field.titles] == ["fool_loss"]


def test_a_new_wire_brings_a_weight_of_its_own(inspector, session):
    select(inspector, "making")
    session.apply(edits.connect(session.project, MAIN, ("real_loss", "loss"), ("making", "loss")), "Connect")
    session.set_report(infer(session.project))
    field = row(inspector, "weights").field
    assert [title.text() for title in field.titles] == ["fool_loss", "real_loss"]


def test_what_it_updates_is_picked_from_what_there_is(inspector, session):
    select(inspector, "making")
    field = row(inspector, "updates").field
    assert list(field.chips) == ["all upstream", "judge", "maker"]
    assert [name for name, chip in field.chips.items() if chip.isChecked()] == ["maker"]
    click(field.chips["judge"])
    assert params(session, "making")["updates"] == "maker, judge"
    QTest.keyClick(field.chips["maker"], Qt.Key.Key_Space)
    assert params(session, "making")["updates"] == "judge"
    click(field.chips["all upstream"])
    assert "updates" not in params(session, "making")
    retype(field.entry, "maker.linear1")
    assert params(session, "making")["updates"] == "maker.linear1"
    assert field.chips["maker.linear1"].isChecked()
    session.undo()
    assert "maker.linear1" not in field.chips


def test_rates_of_parts_are_lines_of_a_part_and_a_factor(inspector, session):
    select(inspector, "making")
    inspector.page.form.fold.setChecked(True)
    field = row(inspector, "rate_factors").field
    click(field.more)
    retype(field.rows[0][0].entry, "maker.linear1")
    assert params(session, "making")["rate_factors"] == "maker.linear1: 1"
    retype(field.rows[0][1].entry, "0.1")
    assert params(session, "making")["rate_factors"] == "maker.linear1: 0.1"
    click(field.more)
    retype(field.rows[1][0].entry, "maker.linear2")
    assert params(session, "making")["rate_factors"] == "maker.linear1: 0.1, maker.linear2: 1"
    QApplication.processEvents()  # the lines find their places
    signs = field.rows[0][2].findChildren(IconButton)
    click(next(sign for sign in signs if sign.toolTip() == "Take this rate away"))
    assert params(session, "making")["rate_factors"] == "maker.linear2: 1"
    assert len(field.rows) == 1


def listed(entry) -> list[str]:
    """What the list below an entry shows."""
    model = entry.completer().completionModel()
    return [model.index(at, 0).data() for at in range(model.rowCount())]


def pick(entry, *keys) -> None:
    for key in keys:
        QTest.keyClick(entry.completer().popup(), key)


def test_parts_inside_networks_are_found_by_typing(inspector, session, qtbot):
    select(inspector, "making")
    updates = row(inspector, "updates").field
    updates.entry.setFocus()
    QTest.keyClicks(updates.entry, "maker.")
    assert listed(updates.entry) == ["maker.linear1", "maker.linear2"]
    pick(updates.entry, Qt.Key.Key_Down, Qt.Key.Key_Down, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: params(session, "making")["updates"] == "maker, maker.linear2")
    assert updates.chips["maker.linear2"].isChecked()
    assert updates.entry.text() == ""
    inspector.page.form.fold.setChecked(True)
    rates = row(inspector, "rate_factors").field
    click(rates.more)
    entry = rates.rows[0][0].entry
    assert entry.placeholderText() == "part"
    QTest.keyClick(entry, Qt.Key.Key_Down)
    inner = [f"{net}.linear{at}" for net in ("maker", "judge") for at in (1, 2)]
    assert sorted(listed(entry)) == sorted(["judge", "maker", *inner])
    pick(entry, Qt.Key.Key_Down, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: params(session, "making").get("rate_factors") == "judge: 1")
    assert entry.text() == "judge"


def test_the_step_plan_is_a_list_whose_entries_lead_to_their_objectives(inspector, session):
    entries = inspector.summary.step_plan.entries
    assert [entry.title.text() for entry in entries] == ["1  judging", "2  making"]
    assert "updates judge" in entries[0].sentence.text()
    session.show_tab("judge")
    click(entries[1])
    assert session.view.graph == MAIN
    assert session.selection == {"making"}
    assert session.spotlight == "making"
    own = inspector.page.step_plan.entries
    assert [entry.title.text() for entry in own] == ["making"]
    assert "held constant" in own[0].sentence.text()


def test_the_step_plan_says_how_often_a_turn_comes(inspector, session):
    session.apply(edits.set_param(session.project, MAIN, "judging", "times", 5), "Set times")
    session.set_step_plan(step_plan(session.project))
    entries = inspector.summary.step_plan.entries
    told = {entry.objective: entry.often.text() for entry in entries}
    assert told["making"] == "1× per cycle of 5"
    assert any(entry.often.text() for entry in entries if entry.objective == "judging")
    assert inspector.summary.step_plan.heading.note.text() == "a cycle of 5 steps"


# The border of a definition -----------------------------------------------------------------------------


def test_the_border_of_the_definition_on_show_is_edited_by_keys(inspector, session):
    part = inspector.summary.border
    assert not part.isVisible()
    session.show_tab("judge")
    assert part.isVisible()
    retype(part.lines[("@in", "x")].entry, "sample")
    assert session.graph.inputs == ("sample",)
    click(part.more["@in"])
    QTest.keyClicks(part.lines[("@in", "input")].entry, "condition")
    QTest.keyClick(part.lines[("@in", "input")].entry, Qt.Key.Key_Return)
    assert session.graph.inputs == ("sample", "condition")
    QTest.keyClick(part.lines[("@in", "condition")].up, Qt.Key.Key_Space)
    assert session.graph.inputs == ("condition", "sample")
    click(part.lines[("@in", "condition")].gone)
    assert session.graph.inputs == ("sample",)
    retype(part.lines[("@in", "sample")].entry, "no name")
    assert session.graph.inputs == ("sample",)
    assert part.lines[("@in", "sample")].entry.text() == "sample"


def test_a_penalty_names_whose_weights_it_reads(inspector, qapp):
    project = edits.add_node(gan(), MAIN, Node("keep", "weight_penalty"), (0, 0))
    session = inspector.session
    session.apply(project, "Add")
    session.set_report(infer(project))
    select(inspector, "keep")
    field = row(inspector, "of").field
    assert list(field.chips) == ["all that learn", "judge", "maker"]
    assert field.chips["all that learn"].isChecked()
    click(field.chips["judge"])
    assert params(session, "keep")["of"] == "judge"
    click(field.chips["all that learn"])
    assert "of" not in params(session, "keep")
