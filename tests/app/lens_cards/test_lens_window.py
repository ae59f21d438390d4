"""Lenses by mouse and keys in a whole window: offered, opened, fed by a run, closed, undone, saved."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QContextMenuEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from app.lens_cards.card import LensCard
from app.lens_cards.cards_panel import LensCardsPanel
from engine.document import edits
from engine.document.lens_pins import lens_cards
from engine.document.project import LensPin
from engine.document.storage.file import load, save
from tests.drawings import mlp

LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def drawn(window, qtbot):
    """A small classifier of digits, shapes known and every panel there."""
    window.session.open(edits.set_settings(mlp("digits", 8), epochs=200), None)
    window.files.is_open = True
    window.show_drawing()
    qtbot.waitUntil(lambda: "linear1" in window.session.report.nodes, timeout=20_000)
    qtbot.waitUntil(lambda: window.workbench().training is not None, timeout=10_000)
    window.workbench().canvas.camera.fit()
    return window


def middle(canvas, name: str) -> QPoint:
    return canvas.mapFromScene(canvas.drawing.nodes[name].rect.center())


def offer(window, node: str):
    """Select a node with the mouse and press L."""
    canvas = window.workbench().canvas
    QTest.mouseClick(canvas.viewport(), LEFT, pos=middle(canvas, node))
    assert window.session.selection == {node}
    QTest.keyClick(canvas, Qt.Key.Key_L)
    box = canvas.looking.box
    assert box is not None
    assert box.isVisible()
    return box


def panel_of(window) -> LensCardsPanel:
    return window.workbench().docks["lenses"].findChild(LensCardsPanel)


def opened(window, node: str, words: str) -> LensCard:
    """Open a lens by typing its name."""
    box = offer(window, node)
    QTest.keyClicks(box.field, words)
    QTest.keyClick(box.field, Qt.Key.Key_Return)
    return panel_of(window).cards[-1]


def test_the_key_lists_what_fits_and_opens_it_in_the_panel(drawn):
    canvas = drawn.workbench().canvas
    told = []
    drawn.session.notified.connect(lambda words, _kind: told.append(words))
    QTest.keyClick(canvas, Qt.Key.Key_L)
    assert canvas.looking.box is None
    assert told == ["Select one node or one wire first, then press L to look at it."]
    box = offer(drawn, "linear1")
    assert len(box.kinds) >= 3
    first = box.list.item(0).text()
    QTest.keyClicks(box.field, "hist")
    assert box.kinds[0] == "histogram"
    QTest.keyClicks(box.field, " zzz")
    assert box.kinds == []
    QTest.keyClick(box.field, Qt.Key.Key_Escape)
    assert canvas.looking.box is None
    assert canvas.hasFocus()
    assert lens_cards(drawn.session.project) == ()
    dock = drawn.workbench().docks["lenses"]
    assert dock.isHidden()
    QTest.keyClick(offer(drawn, "linear1").field, Qt.Key.Key_1)
    assert dock.isVisible()
    assert panel_of(drawn).cards[0].title.text() == first
    QTest.keyClicks(drawn.workbench().palette_panel.search, "L")
    assert canvas.looking.box is None, "in a field it is a letter"
    wire = next(item.wire for item in canvas.drawing.wires.values() if item.wire.source.node == "relu1")
    drawn.session.select(frozenset())
    canvas.drawing.choose_wires(frozenset({wire}))
    canvas.setFocus()
    QTest.keyClick(canvas, Qt.Key.Key_L)
    assert canvas.looking.box.field.placeholderText() == "Look at relu1"


def test_a_card_shows_frames_of_a_run_and_is_kept_with_the_project(drawn, qtbot, tmp_path):
    card = opened(drawn, "linear1", "histogram")
    panel, session = panel_of(drawn), drawn.session
    assert lens_cards(session.project) == (LensPin("histogram", "linear1", place="panel"),)
    assert card.empty.text() == card.painter.empty
    drawn.commands.training.play()
    qtbot.waitUntil(lambda: len(panel.feed.course(card)) >= 2, timeout=20_000)
    drawn.commands.training.stop()
    qtbot.waitUntil(lambda: drawn.controller.state == "finished", timeout=20_000)
    assert card.view.isVisible()
    assert "step" in card.note.text()
    request = card.request()
    session.select(frozenset())
    qtbot.waitUntil(lambda: request in drawn.controller.requests, timeout=5_000)
    drawn.commands.view.toggle_panel("lenses")
    qtbot.waitUntil(lambda: request not in drawn.controller.requests, timeout=5_000)
    drawn.commands.view.toggle_panel("lenses")
    qtbot.waitUntil(lambda: request in drawn.controller.requests, timeout=5_000)
    QTest.mouseClick(card.close_button, LEFT)
    assert panel.cards == []
    QTest.keyClick(drawn.workbench().canvas, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    (back,) = panel.cards
    qtbot.waitUntil(lambda: back.frame is not None, timeout=5_000)
    QTest.mouseClick(back.float_button, LEFT)
    assert panel.windows[back].isVisible()
    session.attempt(lambda project: edits.add_card(project, LensPin("kernels", "linear2", place="panel")), "")
    save(session.project, tmp_path / "net.loom")
    drawn.commands.view.toggle_panel("lenses")
    drawn.session.open(load(tmp_path / "net.loom"), None)
    assert not drawn.workbench().docks["lenses"].isHidden(), "a project with cards shows its panel"
    assert [card.pin.place for card in panel.cards] == ["window", "panel"]
    floating = next(iter(panel.windows.values()))
    drawn.close()
    assert not floating.isVisible()


def test_the_menu_of_a_node_and_the_inspector_open_lenses(drawn, qtbot):
    canvas = drawn.workbench().canvas
    at = middle(canvas, "linear1")
    event = QContextMenuEvent(QContextMenuEvent.Reason.Mouse, at, canvas.viewport().mapToGlobal(at))
    QApplication.sendEvent(canvas.viewport(), event)
    menu = QApplication.activePopupWidget()
    (line,) = [action for action in menu.actions() if action.text().startswith("Look at")]
    inner = line.menu()
    (entry,) = [action for action in inner.actions() if action.text() == "Histogram"]
    assert not entry.isChecked()
    inner.popup(QPoint(10, 10))
    QTest.mouseClick(inner, LEFT, pos=inner.actionGeometry(entry).center())
    for popup in iter(QApplication.activePopupWidget, None):
        popup.close()
    assert [card.pin.kind for card in panel_of(drawn).cards] == ["histogram"]
    drawn.session.select(frozenset({"linear2"}))
    QTest.mouseClick(drawn.workbench().inspector.page.parts["histogram"].open, LEFT)
    assert [card.pin.target for card in panel_of(drawn).cards] == ["linear1", "linear2"]
