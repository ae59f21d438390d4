"""Frames and notes by hand: made, written in place, taken away, each as one step."""

from __future__ import annotations

from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QContextMenuEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from app.canvas.editing.text_fields import NoteField, RenameField
from app.canvas.menu import entries
from app.canvas.view import CanvasView
from app.state.session import Session
from app.style import style_sheet, theme
from tests.app.canvas.conftest import Hand


def do(view: CanvasView, at: QPointF, words: str) -> None:
    """Take an entry of the menu at this place."""
    next(entry[2] for entry in entries(view, at) if entry is not None and entry[0] == words)()


def field_of(view: CanvasView, kind: type) -> RenameField | NoteField:
    found = view.findChild(kind)
    assert found is not None
    return found


def test_a_frame_goes_round_what_is_chosen_and_takes_its_title(
    hand: Hand, view: CanvasView, session: Session
) -> None:
    session.select(frozenset({"conv1", "relu1"}))
    do(view, hand.middle("conv1"), "Frame selection")
    QTest.keyClicks(field_of(view, RenameField), "Stem")
    QTest.keyClick(field_of(view, RenameField), Qt.Key.Key_Return)
    (frame,) = view.drawing.frames.values()
    assert frame.frame.title == "Stem"
    assert all(frame.rect.contains(view.drawing.nodes[key].rect) for key in ("conv1", "relu1"))
    assert not frame.rect.intersects(view.drawing.nodes["conv2"].rect)
    session.undo()
    assert next(iter(view.drawing.frames.values())).frame.title == "Frame"
    session.undo()
    assert not view.drawing.frames


def test_a_double_click_on_its_title_renames_a_frame_and_its_menu_deletes_it(
    hand: Hand, view: CanvasView, session: Session
) -> None:
    session.select(frozenset({"linear1"}))
    view.names.frame_selection()
    QTest.keyClick(field_of(view, RenameField), Qt.Key.Key_Escape)
    (frame,) = view.drawing.frames.values()
    view.findChild(RenameField).setObjectName("old")
    title = frame.rect.topLeft() + QPointF(60.0, 12.0)
    hand.double_click(title)
    field = next(field for field in view.findChildren(RenameField) if field.objectName() != "old")
    QTest.keyClicks(field, "Head")
    hand.click(frame.rect.bottomRight() + QPointF(120.0, 60.0))
    assert frame.frame.title == "Head"
    do(view, title, "Delete")
    assert not view.drawing.frames
    assert "linear1" in session.graph.nodes


def test_a_note_is_written_where_one_points(hand: Hand, view: CanvasView, session: Session) -> None:
    at = QPointF(160.0, 400.0)
    do(view, at, "Add note")
    field = field_of(view, NoteField)
    QTest.keyClicks(field, "Why so wide?")
    QTest.keyClick(field, Qt.Key.Key_Return)
    QTest.keyClicks(field, "Ask.")
    QTest.keyClick(field, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    (note,) = view.drawing.notes.values()
    assert note.note.text == "Why so wide?\nAsk."
    assert note.rect.contains(at + QPointF(20.0, 10.0))
    do(view, note.rect.center(), "Delete")
    assert not view.drawing.notes


def test_the_menu_of_a_field_does_not_end_the_writing(
    view: CanvasView, session: Session, qapp: QApplication
) -> None:
    session.select(frozenset({"conv1"}))
    view.names.frame_selection()
    field = field_of(view, RenameField)
    middle = field.rect().center()
    asked = QContextMenuEvent(QContextMenuEvent.Reason.Mouse, middle, field.mapToGlobal(middle))
    qapp.sendEvent(field, asked)
    menu = qapp.activePopupWidget()
    assert menu is not None
    assert field.isVisible()
    menu.close()
    QTest.keyClicks(field, "Stem")
    QTest.keyClick(field, Qt.Key.Key_Return)
    (frame,) = view.drawing.frames.values()
    assert frame.frame.title == "Stem"


def test_a_note_is_written_on_a_ground_of_its_own(hand: Hand, view: CanvasView, qapp: QApplication) -> None:
    style_sheet.install(qapp, theme.DARK)
    do(view, QPointF(700.0, 700.0), "Add note")
    field = field_of(view, NoteField)
    ground = field.grab().toImage().pixelColor(field.width() - 12, field.height() - 12)
    assert ground.name() == theme.DARK.raised
