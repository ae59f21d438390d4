"""A row of the inspector that is dropped on the border of a definition becomes a parameter of it."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QEvent, QMimeData, QPointF, Qt
from PySide6.QtGui import QDragEnterEvent, QDragMoveEvent, QDropEvent

from app.canvas.view import CanvasView
from app.forms.form import PARAMETER_MIME
from app.state.session import Session, View
from engine.document import edits
from engine.document.edits.extract import extract
from engine.document.project import INPUT, MAIN, OUTPUT
from tests.app.canvas.conftest import LEFT, NO_KEY, Hand


def drop_row(hand: Hand, place: QPointF, text: bytes) -> bool:
    """Drag a row over the canvas to a place and drop it; whether it was taken."""
    data, copy = QMimeData(), Qt.DropAction.CopyAction
    data.setData(PARAMETER_MIME, text)
    at = hand.at(place)
    enter = QDragEnterEvent(at, copy, data, LEFT, NO_KEY)
    hand.view.dragEnterEvent(enter)
    if not enter.isAccepted():
        return False
    hand.view.dragMoveEvent(QDragMoveEvent(at, copy, data, LEFT, NO_KEY))
    event = QDropEvent(QPointF(at), copy, data, LEFT, NO_KEY, QEvent.Type.Drop)
    hand.view.dropEvent(event)
    return event.isAccepted()


@pytest.fixture
def inside(session: Session) -> Session:
    made, key = extract(session.project, MAIN, ("conv1", "relu1"), "Part")
    session.apply(made, "Make block")
    session.show_graph(View(), View("Part", key))
    return session


@pytest.mark.parametrize("side", [INPUT, OUTPUT])
def test_dropped_on_either_border(hand: Hand, view: CanvasView, inside: Session, side: str) -> None:
    assert drop_row(hand, view.drawing.nodes[side].rect.center(), b"conv1\nout_channels")
    assert inside.graph.parameters == {"out_channels": 4}
    assert inside.graph.nodes["conv1"].params["out_channels"] == "=out_channels"
    assert inside.undo_label == "Make out_channels a parameter of Part"


def test_dropped_elsewhere_nothing_happens(hand: Hand, view: CanvasView, inside: Session) -> None:
    before = inside.project
    drop_row(hand, hand.middle("relu1"), b"conv1\nout_channels")
    assert inside.project is before
    told: list[str] = []
    inside.notified.connect(lambda text, *_: told.append(text))
    drop_row(hand, view.drawing.nodes[INPUT].rect.center(), b"conv1\nno_such")
    drop_row(hand, view.drawing.nodes[INPUT].rect.center(), b"gone\nout_channels")
    assert inside.project is before
    assert "Expected a parameter that a block can have" in told[0]


def test_main_takes_no_row(hand: Hand, session: Session) -> None:
    assert not drop_row(hand, hand.middle("conv1"), b"conv1\nout_channels")
    assert session.project is edits.set_param(session.project, MAIN, "conv1", "out_channels", 4)
