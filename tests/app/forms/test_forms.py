"""Fields are driven by mouse and keys; what they emit is what a project would store."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from app.forms.choice import ChoiceField
from app.forms.field import MIXED
from app.forms.form import ParamForm
from app.forms.number import NumberField, SizeField
from app.forms.steps import read_list, read_number, stepped, written
from nodes.param import Bool, Choice, Float, Int, Param, Shape, Size, Text


class Everything:
    channels = Int(16, min=1, max=4096, help="How many.")
    size = Size(3, dims=2, min=1, max=255, help="How large.")
    rate = Float(1e-3, min=0.0, max=1.0, log=True, help="How fast.")
    bias = Bool(True, help="Whether.")
    mode = Choice("sgd", choices=("sgd", "adam"), help="Which.")
    momentum = Float(0.9, min=0.0, max=1.0, help="Kept.", visible_if=("mode", ("sgd",)))
    shape = Shape((8, 4), min=1, help="Shape.")
    name = Text("a", suggestions="datasets", help="Name.")
    groups = Int(1, min=1, advanced=True, help="Groups.")


PARAMS: Mapping[str, Param[Any]] = {k: v for k, v in vars(Everything).items() if isinstance(v, Param)}
DEFAULTS = {name: param.to_json(param.default) for name, param in PARAMS.items()}


@pytest.fixture
def form(qtbot):
    """A form that shows every kind, and keeps what it emitted in `form.taken`."""
    made = ParamForm(PARAMS, lambda kind: ["a", "b"])
    qtbot.addWidget(made)
    made.taken = []
    made.edited.connect(lambda *edit: made.taken.append(edit))
    made.show_values(DEFAULTS, DEFAULTS)
    made.resize(268, 500)
    made.show()
    made.activateWindow()
    qtbot.waitUntil(made.isVisible)
    return made


def entry(form, name):
    field = form.rows[name].field
    return field.entries[0] if isinstance(field, SizeField) else field.entry


def retype(widget, text):
    QTest.mouseClick(widget, Qt.MouseButton.LeftButton)
    widget.selectAll()
    QTest.keyClicks(widget, text)
    QTest.keyClick(widget, Qt.Key.Key_Return)


def test_typing_a_number_emits_it_once(form):
    retype(entry(form, "channels"), "24")
    assert [(name, value) for name, value, _ in form.taken] == [("channels", 24)]


def test_what_cannot_be_is_refused_in_words_and_emits_nothing(form):
    retype(entry(form, "channels"), "0")
    row = form.rows["channels"]
    assert row.message.text() == "Expected a whole number from 1 to 4096. Received 0."
    assert row.message.isVisible()
    assert row.field.box.is_invalid
    assert form.taken == []
    retype(entry(form, "channels"), "abc")
    assert "Received abc." in row.message.text()
    retype(entry(form, "channels"), "7")
    assert not row.message.isVisible()
    assert form.taken[-1][1] == 7


def test_escape_takes_back_what_was_typed(form):
    widget = entry(form, "channels")
    QTest.mouseClick(widget, Qt.MouseButton.LeftButton)
    QTest.keyClicks(widget, "99")
    QTest.keyClick(widget, Qt.Key.Key_Escape)
    assert widget.text() == "16"
    assert form.taken == []


@pytest.mark.parametrize(
    ("name", "typed", "shown"),
    [("channels", "0", "16"), ("size", "none", "3"), ("rate", "7", "0.001"), ("shape", "8 × ?", "8 × 4")],
)
def test_escape_takes_back_what_was_refused_and_its_error(form, name, typed, shown):
    row, widget = form.rows[name], entry(form, name)
    retype(widget, typed)
    assert row.message.isVisible()
    assert row.field.box.is_invalid
    QTest.keyClick(widget, Qt.Key.Key_Escape)
    assert widget.text() == shown
    assert not row.message.isVisible()
    assert not row.field.box.is_invalid
    assert form.taken == []


def test_arrow_keys_step_and_share_a_gesture(form):
    widget = entry(form, "channels")
    QTest.mouseClick(widget, Qt.MouseButton.LeftButton)
    for _ in range(3):
        QTest.keyClick(widget, Qt.Key.Key_Up)
    QTest.keyClick(widget, Qt.Key.Key_Down, Qt.KeyboardModifier.ShiftModifier)
    assert [value for _, value, _ in form.taken] == [17, 18, 19, 9]
    assert len({gesture for _, _, gesture in form.taken}) == 1
    assert form.taken[0][2]


def test_dragging_sideways_scrubs_without_taking_the_focus(form):
    widget = entry(form, "channels")
    widget.clearFocus()
    QTest.mousePress(widget, Qt.MouseButton.LeftButton, pos=QPoint(10, 8))
    for x in range(10, 53, 3):
        QTest.mouseMove(widget, QPoint(x, 8))
        QApplication.processEvents()
    QTest.mouseRelease(widget, Qt.MouseButton.LeftButton, pos=QPoint(52, 8))
    assert form.taken[-1][1] == 16 + 7
    assert len({gesture for _, _, gesture in form.taken}) == 1
    assert not widget.hasFocus()


def wheel(widget, turns):
    at = QPointF(5, 5)
    buttons, modifiers = Qt.MouseButton.NoButton, Qt.KeyboardModifier.NoModifier
    phase = Qt.ScrollPhase.NoScrollPhase
    event = QWheelEvent(at, at, QPoint(), QPoint(0, 120 * turns), buttons, modifiers, phase, False)
    QApplication.sendEvent(widget, event)


def test_the_wheel_steps_only_with_the_focus(form):
    widget = entry(form, "channels")
    widget.clearFocus()
    wheel(widget, 1)
    assert form.taken == []
    QTest.mouseClick(widget, Qt.MouseButton.LeftButton)
    wheel(widget, 1)
    assert form.taken[-1][1] == 17


def test_a_logarithmic_value_steps_along_1_2_5(form):
    widget = entry(form, "rate")
    QTest.mouseClick(widget, Qt.MouseButton.LeftButton)
    QTest.keyClick(widget, Qt.Key.Key_Up)
    QTest.keyClick(widget, Qt.Key.Key_Up)
    QTest.keyClick(widget, Qt.Key.Key_Down)
    assert [value for _, value, _ in form.taken] == [0.002, 0.005, 0.002]


def test_linked_sizes_move_together_and_free_ones_alone(form):
    field = form.rows["size"].field
    assert isinstance(field, SizeField)
    retype(field.entries[0], "5")
    assert form.taken[-1][1] == 5
    assert [e.text() for e in field.entries] == ["5", "5"]
    QTest.mouseClick(field.link, Qt.MouseButton.LeftButton)
    assert field.link.text() == "free"
    retype(field.entries[1], "3")
    assert form.taken[-1][1] == [5, 3]
    QTest.mouseClick(field.link, Qt.MouseButton.LeftButton)
    assert form.taken[-1][1] == 5


def test_two_numbers_in_one_entry_set_both_sizes(form):
    field = form.rows["size"].field
    retype(field.entries[0], "7, 9")
    assert form.taken[-1][1] == [7, 9]
    assert field.link.text() == "free"


def test_a_click_turns_a_switch_and_space_turns_it_back(form):
    box = form.rows["bias"].field.box
    QTest.mouseClick(box, Qt.MouseButton.LeftButton)
    assert form.taken[-1][:2] == ("bias", False)
    assert box.word == "off"
    box.setFocus()
    QTest.keyClick(box, Qt.Key.Key_Space)
    assert form.taken[-1][:2] == ("bias", True)


def test_a_choice_opens_its_names_and_takes_one(form, qtbot):
    field = form.rows["mode"].field
    menu = field.make_menu()
    assert [action.text() for action in menu.actions()] == ["sgd", "adam"]
    menu.actions()[1].trigger()
    assert form.taken[-1][:2] == ("mode", "adam")
    menu.deleteLater()
    field.box.setFocus()
    QTest.keyClick(field.box, Qt.Key.Key_Up)
    assert form.taken[-1][:2] == ("mode", "sgd")


def test_a_letter_goes_to_a_name_in_the_open_list(sets, qtbot):
    """A list of thirty names is walked by first letters, as the closed field is."""
    field, seen = sets, []
    field.edited.connect(lambda value, _gesture: seen.append(value))
    field.show_value("spiral")
    field.show()
    menu = field.make_menu()
    menu.popup(field.mapToGlobal(field.rect().bottomLeft()))
    for letter, name in (("m", "moons"), ("m", "moby-dick"), ("x", "moby-dick"), ("d", "digits")):
        QTest.keyClicks(menu, letter)
        assert menu.activeAction().text() == name
    assert not seen, "nothing is taken before Enter"
    QTest.keyClick(menu, Qt.Key.Key_Return)
    assert seen == ["digits"]


@pytest.fixture
def sets(qtbot) -> ChoiceField:
    names = ("spiral", "moons", "digits", "moby-dick")
    made = ChoiceField(Choice("spiral", choices=names, help="Which."))
    qtbot.addWidget(made)
    return made


def test_a_letter_goes_from_name_to_name_and_the_list_opens_at_the_present_one(sets):
    field, seen = sets, []
    field.edited.connect(lambda value, _gesture: seen.append(value))
    field.show_value("spiral")
    for _ in range(3):
        QTest.keyClicks(field.box, "m")
    assert seen == ["moons", "moby-dick", "moons"]
    field.show()
    QTest.keyClick(field.box, Qt.Key.Key_Return)
    menu = QApplication.activePopupWidget()
    QTest.keyClick(menu, Qt.Key.Key_Down)
    assert menu.activeAction().text() == "digits"
    menu.close()


def test_what_does_not_matter_is_hidden(form):
    assert form.rows["momentum"].isVisible()
    form.show_values({**DEFAULTS, "mode": "adam"}, DEFAULTS)
    assert not form.rows["momentum"].isVisible()


def test_a_row_that_comes_to_matter_later_stands_at_its_place_and_the_tab_key_goes_there(qtbot):
    form = ParamForm(PARAMS, lambda kind: [])
    qtbot.addWidget(form)
    adam = {**DEFAULTS, "mode": "adam"}
    form.show_values(adam, DEFAULTS)
    assert "momentum" not in form.rows, "what does not matter is not made"
    form.show()
    form.activateWindow()
    form.allow_expressions(frozenset({"k"}))
    form.show_source("conv1")
    form.show_values({**DEFAULTS, "momentum": 0.5}, DEFAULTS)
    row = form.rows["momentum"]
    assert row.field.entry.text() == "0.5"
    assert row.source == "conv1"
    assert row.field.names == {"k"}
    assert list(form.rows) == list(PARAMS)
    assert form.rows["mode"].geometry().bottom() < row.geometry().top()
    assert row.geometry().bottom() < form.rows["shape"].geometry().top()
    shape = form.rows["shape"].field.entry
    row.field.entry.setFocus()
    qtbot.waitUntil(row.field.entry.hasFocus)
    QTest.keyClick(row.field.entry, Qt.Key.Key_Tab)
    assert shape.hasFocus()
    QTest.keyClick(shape, Qt.Key.Key_Backtab)
    assert row.field.entry.hasFocus()


def test_advanced_parameters_are_folded_until_asked_for(form):
    assert not form.rows["groups"].isVisible()
    QTest.mouseClick(form.fold, Qt.MouseButton.LeftButton)
    assert form.rows["groups"].isVisible()


def test_shape_and_text_fields(form):
    retype(form.rows["shape"].field.entry, "3 × 32 x 32")
    assert form.taken[-1][:2] == ("shape", [3, 32, 32])
    retype(form.rows["name"].field.entry, "b")
    assert form.taken[-1][:2] == ("name", "b")


def test_a_value_that_is_not_the_default_offers_its_reset(form, qtbot):
    form.show_values({**DEFAULTS, "channels": 6}, DEFAULTS)
    with qtbot.waitSignal(form.reset) as caught:
        row = form.rows["channels"]
        row.undo.show()
        QTest.mouseClick(row.undo, Qt.MouseButton.LeftButton)
    assert caught.args == ["channels"]
    assert form.rows["channels"].undo.toolTip() == "Reset to 16"


def test_expressions_are_values_only_where_they_are_allowed(form):
    retype(entry(form, "channels"), "=width * 2")
    assert form.taken == []
    form.allow_expressions(frozenset({"width", "i"}))
    retype(entry(form, "channels"), "=width * 2")
    assert form.taken[-1][:2] == ("channels", "=width * 2")
    retype(entry(form, "channels"), "=height * 2")
    assert form.rows["channels"].message.text() == "Expected names among i, width. Received height."
    retype(entry(form, "channels"), "=width *")
    assert form.rows["channels"].message.text().startswith("Expected ")
    assert len(form.taken) == 1


def test_several_values_show_as_mixed(form):
    form.show_values({**DEFAULTS, "channels": MIXED, "size": MIXED, "bias": MIXED}, DEFAULTS)
    field = form.rows["channels"].field
    assert isinstance(field, NumberField)
    assert field.entry.text() == ""
    assert field.entry.placeholderText() == "mixed"
    assert form.rows["bias"].field.box.word == "mixed"


@pytest.mark.parametrize(
    ("text", "number"), [("6", 6), ("1,000", 1000), ("1e-3", 1e-3), ("−4", -4), ("x", None), ("", None)]
)
def test_numbers_are_read_as_people_write_them(text, number):
    assert read_number(text) == number


def test_lists_are_read_with_any_separator():
    assert read_list("3×32, 32 1") == [3, 32, 32, 1]
    assert read_list("3, a") is None


def test_values_are_written_short():
    assert [written(v) for v in (1e-5, 0.001, 3, 2.0, 1.5e-7)] == ["1e-5", "0.001", "3", "2", "1.5e-7"]


def test_steps_stay_in_range():
    param = Everything.__dict__["rate"]
    assert stepped(param, 1.0, 5) == 1.0
    assert stepped(param, 0.0, 1) == 1e-6
    assert stepped(Everything.__dict__["channels"], 2, -5) == 1


class Worded:
    samples = Int(0, zero="all", help="How many.")
    size = Size(0, dims=2, unit="px", zero="as it is", help="How large.")
    optimiser = Choice("sgd", choices=("sgd", "adam"), titles={"sgd": "SGD", "adam": "Adam"}, help="Which.")


@pytest.fixture
def worded(qtbot):
    """A form over parameters whose values stand for words."""
    params = {name: value for name, value in vars(Worded).items() if isinstance(value, Param)}
    made = ParamForm(params, lambda kind: [])
    qtbot.addWidget(made)
    made.taken = []
    made.edited.connect(lambda *edit: made.taken.append(edit))
    values = {"samples": 0, "size": 0, "optimiser": "sgd"}
    made.show_values(values, values)
    made.resize(268, 200)
    made.show()
    qtbot.waitUntil(made.isVisible)
    return made


def test_what_0_means_stands_beside_it_and_only_beside_it(worded):
    samples, size = worded.rows["samples"].field, worded.rows["size"].field
    assert (samples.box.hint, size.link.text()) == ("all", "as it is")
    retype(entry(worded, "samples"), "300")
    retype(entry(worded, "size"), "28")
    assert samples.box.hint != "all"
    assert size.link.text() == "linked"
    samples.show_value(MIXED)
    size.show_value(MIXED)
    assert samples.box.hint != "all"
    assert size.link.text() == "linked"


def test_a_choice_shows_titles_and_stores_names(worded):
    field = worded.rows["optimiser"].field
    assert field.box.word == "SGD"
    menu = field.make_menu()
    assert [action.text() for action in menu.actions()] == ["SGD", "Adam"]
    menu.actions()[1].trigger()
    assert field.box.word == "Adam"
    assert worded.taken == [("optimiser", "adam", "")]
    assert worded.rows["optimiser"].undo.toolTip() == "Reset to SGD"
