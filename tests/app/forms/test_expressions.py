"""Inside a definition every field takes expressions, says what they are and offers names to read."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from app.forms.completing import CompletingNames
from tests.app.forms.test_forms import entry, form, retype

__all__ = ["form"]

NAMES = frozenset({"width", "wide", "i"})


@pytest.fixture
def inside(form):
    """The form of every kind, as within a definition with these names."""
    form.allow_expressions(NAMES)
    return form


def values(form):
    return [(name, value) for name, value, _ in form.taken]


def test_an_item_of_a_list_may_be_an_expression(inside) -> None:
    retype(entry(inside, "size"), "1, =width // 2")
    retype(entry(inside, "shape"), "8 × =max(width, 4) × =i + 1")
    assert values(inside) == [("size", [1, "=width // 2"]), ("shape", [8, "=max(width, 4)", "=i + 1"])]
    size = inside.rows["size"].field
    assert [one.text() for one in size.entries] == ["1", "=width // 2"]
    assert not size.link.isChecked()


def test_one_axis_alone_becomes_an_expression(inside) -> None:
    size = inside.rows["size"].field
    QTest.mouseClick(size.link, Qt.MouseButton.LeftButton)
    retype(size.entries[1], "=width")
    assert values(inside) == [("size", [3, "=width"])]
    retype(size.entries[0], "5")
    assert values(inside)[-1] == ("size", [5, "=width"])


@pytest.mark.parametrize(
    ("name", "text", "words"),
    [
        ("size", "1, =height", "Expected names among i, wide, width. Received height."),
        ("size", "1, =width, 3", "Expected a whole number from 1 to 255, or 2 of them."),
        ("size", "1, three", "Received 1, three."),
        ("shape", "=width +, 3", "Expected an expression such as"),
        ("channels", "=" + "9" * 600, "Expected an expression of at most 500 characters."),
    ],
)
def test_what_cannot_be_read_is_refused_in_words(inside, name, text, words) -> None:
    retype(entry(inside, name), text)
    assert words in inside.rows[name].message.text()
    assert inside.taken == []


def test_outside_of_blocks_the_field_says_where_expressions_may_stand(form) -> None:
    retype(entry(form, "channels"), "=width")
    said = form.rows["channels"].message.text()
    assert said.endswith("may stand inside blocks only, where there are names to read.")
    assert form.taken == []


def test_the_tooltip_explains_the_sign_and_names_what_there_is(inside, form) -> None:
    for name in ("channels", "size", "bias", "mode"):
        said = inside.rows[name].field.toolTip()
        assert "Or an expression: = and then arithmetic over i, wide, width" in said
    inside.allow_expressions(None)
    assert "expression" not in inside.rows["channels"].field.toolTip()


def test_names_are_offered_while_an_expression_is_written(inside) -> None:
    channels = entry(inside, "channels")
    QTest.mouseClick(channels, Qt.MouseButton.LeftButton)
    channels.selectAll()
    QTest.keyClicks(channels, "=2 * wi")
    offered = channels.findChild(CompletingNames)
    assert offered.offered == ("wide", "width")
    QTest.keyClick(channels, Qt.Key.Key_Down)
    QTest.keyClick(channels, Qt.Key.Key_Down)
    QTest.keyClick(channels, Qt.Key.Key_Return)
    assert offered.offered == ()
    assert channels.text() == "=2 * width"
    assert inside.taken == []
    QTest.keyClick(channels, Qt.Key.Key_Return)
    assert values(inside) == [("channels", "=2 * width")]


def test_a_number_offers_no_names(inside) -> None:
    channels = entry(inside, "channels")
    QTest.mouseClick(channels, Qt.MouseButton.LeftButton)
    QTest.keyClicks(channels, "12")
    assert channels.findChild(CompletingNames).offered == ()


@pytest.mark.parametrize(("name", "text"), [("bias", "=i == 0"), ("mode", "='sgd' if i else 'adam'")])
def test_a_switch_and_a_choice_take_an_expression_by_its_sign(inside, name, text) -> None:
    field = inside.rows[name].field
    field.box.setFocus()
    QTest.keyClick(field.box, "=")
    over = field.box.findChild(type(entry(inside, "channels")))
    assert over.text() == "="
    QTest.keyClicks(over, text[1:])
    QTest.keyClick(over, Qt.Key.Key_Return)
    assert values(inside) == [(name, text)]
    assert field.box.word == text
    QTest.mouseClick(field.box, Qt.MouseButton.LeftButton)
    again = [one for one in field.box.findChildren(type(over)) if one.isVisible()]
    assert again[0].text() == text
    again[0].selectAll()
    QTest.keyClick(again[0], Qt.Key.Key_Delete)
    QTest.keyClick(again[0], Qt.Key.Key_Return)
    assert values(inside)[-1] == (name, field.param.default)
