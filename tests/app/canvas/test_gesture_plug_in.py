"""A gesture of an installed package: found by its entry point, begun by the mouse, cancelled by a key."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtCore import QPointF, Qt

from app.canvas.gestures import registry
from app.state.session import Session
from tests.app.canvas.conftest import LEFT, Hand
from tests.plug_ins import PATH

ALT = Qt.KeyboardModifier.AltModifier


@pytest.fixture
def extras(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.syspath_prepend(str(PATH))
    registry.gestures.cache_clear()
    yield
    registry.gestures.cache_clear()


def loop_round(hand: Hand, node: str) -> list[QPointF]:
    rect = hand.view.drawing.nodes[node].rect.adjusted(-20.0, -20.0, 20.0, 20.0)
    return [rect.topLeft(), rect.topRight(), rect.bottomRight(), rect.bottomLeft()]


@pytest.mark.usefixtures("extras")
def test_a_lasso_of_a_plug_in_selects_what_it_encloses(hand: Hand, session: Session) -> None:
    corners = loop_round(hand, "linear1")
    hand.press(corners[0], LEFT, ALT)
    for corner in corners[1:]:
        hand.move(corner)
    hand.release(corners[-1], LEFT, ALT)
    assert session.selection == {"linear1"}


@pytest.mark.usefixtures("extras")
def test_escape_gives_the_selection_back(hand: Hand, session: Session) -> None:
    session.select(frozenset({"conv1"}))
    corners = loop_round(hand, "linear1")
    hand.press(corners[0], LEFT, ALT)
    for corner in corners[1:]:
        hand.move(corner)
    assert session.selection == {"linear1"}
    hand.key(Qt.Key.Key_Escape)
    assert session.selection == {"conv1"}


def test_without_the_plug_in_alt_and_a_drag_select_by_a_box(hand: Hand, session: Session) -> None:
    corners = loop_round(hand, "linear1")
    hand.press(corners[0], LEFT, ALT)
    hand.move(corners[2])
    hand.release(corners[2], LEFT, ALT)
    assert session.selection == {"linear1"}
    assert all(kind.__name__ != "Lasso" for kind in registry.gestures())
