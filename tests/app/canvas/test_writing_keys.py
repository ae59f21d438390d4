"""Enter, Ctrl+Enter and Escape in fields that are written in: they end the writing and start nothing."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QEvent, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from app.canvas.editing.text_fields import NoteField, RenameField
from app.forms.box import LineEntry
from app.palette.palette import Palette
from tests.app.canvas.conftest import press

_K, CTRL = Qt.Key, Qt.KeyboardModifier.ControlModifier


@pytest.fixture
def started(linears, monkeypatch):
    """How often training was asked for; it is not started."""
    calls = []
    monkeypatch.setattr(linears.controller, "play", lambda: calls.append("play"))
    monkeypatch.setattr("app.commands.training_commands.can_train", lambda _: True)
    linears.activateWindow()
    QApplication.processEvents()
    return calls


def note_field(window) -> NoteField:
    window.workbench().canvas.names.add_note()
    field = window.findChild(NoteField)
    QTest.keyClicks(field, "Why so wide?")
    return field


@pytest.mark.parametrize("key", [_K.Key_Return, _K.Key_Enter])
def test_ctrl_enter_finishes_a_note_and_starts_no_training(linears, started, key) -> None:
    field = note_field(linears)
    linears.actions_.refresh()
    QTest.keyClick(field, key, CTRL)
    QTest.keyClick(linears.workbench().canvas, _K.Key_Escape)
    assert started == []
    assert not field.isVisible()
    (note,) = linears.workbench().canvas.drawing.notes.values()
    assert note.note.text == "Why so wide?"


def test_escape_in_a_note_gives_up_that_text_only(linears, started) -> None:
    note_field(linears)
    QTest.keyClick(linears.findChild(NoteField), _K.Key_Return, CTRL)
    canvas = linears.workbench().canvas
    (item,) = canvas.drawing.notes.values()
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)  # the old field goes
    canvas.names.edit_annotation(item)
    field = linears.findChild(NoteField)
    QTest.keyClicks(field, "something else")
    QTest.keyClick(field, _K.Key_Escape)
    assert item.note.text == "Why so wide?"
    assert list(canvas.drawing.notes.values()) == [item]


def test_ctrl_enter_takes_a_name_and_starts_no_training(linears, started) -> None:
    linears.session.select(frozenset({"linear0"}))
    press(linears, _K.Key_F2)
    field = linears.findChild(RenameField)
    QTest.keyClicks(field, "first")
    linears.actions_.refresh()
    QTest.keyClick(field, _K.Key_Return, CTRL)
    assert started == []
    assert "first" in linears.session.graph.nodes


def test_ctrl_enter_in_the_search_adds_the_layer_and_starts_no_training(linears, started) -> None:
    press(linears, _K.Key_Slash)
    box = linears.workbench().canvas.search.box
    QTest.keyClicks(box.field, "relu")
    linears.actions_.refresh()
    QTest.keyClick(box.field, _K.Key_Return, CTRL)
    assert started == []
    assert any(node.layer == "relu" for node in linears.session.graph.nodes.values())


def test_ctrl_enter_in_the_palette_adds_the_layer_and_starts_no_training(linears, started) -> None:
    search = linears.findChild(Palette).search
    search.setFocus()
    QTest.keyClicks(search, "relu")
    linears.actions_.refresh()
    QTest.keyClick(search, _K.Key_Return, CTRL)
    assert started == []
    assert any(node.layer == "relu" for node in linears.session.graph.nodes.values())


def test_ctrl_enter_in_the_search_for_everything_does_what_is_found_and_starts_no_training(
    linears, started
) -> None:
    press(linears, _K.Key_K, CTRL)
    line = QApplication.focusWidget()
    QTest.keyClicks(line, "add gelu")
    linears.actions_.refresh()
    QTest.keyClick(line, _K.Key_Return, CTRL)
    QApplication.processEvents()
    assert started == []
    assert not line.isVisible()
    assert any(node.layer == "gelu" for node in linears.session.graph.nodes.values())


def features(window) -> LineEntry:
    window.session.select(frozenset({"linear0"}))
    QApplication.processEvents()
    entry = window.workbench().inspector.page.form.rows["out_features"].field.entry
    entry.setFocus()
    entry.selectAll()
    return entry


def test_ctrl_enter_in_a_form_commits_what_is_typed_and_starts_no_training(linears, started) -> None:
    entry = features(linears)
    QTest.keyClicks(entry, "77")
    linears.actions_.refresh()
    QTest.keyClick(entry, _K.Key_Return, CTRL)
    assert linears.session.graph.nodes["linear0"].params["out_features"] == 77
    assert started == []
    QTest.keyClick(entry, _K.Key_Return, CTRL)
    assert started == ["play"], "nothing is being typed: the key means training again"


def test_play_takes_what_is_typed_in_a_form_first(linears, started) -> None:
    entry = features(linears)
    QTest.keyClicks(entry, "78")
    linears.actions_.refresh()
    linears.topbar.play.click()
    assert linears.session.graph.nodes["linear0"].params["out_features"] == 78
    assert started == ["play"]
