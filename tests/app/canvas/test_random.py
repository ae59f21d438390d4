"""Random gestures: the scene always mirrors the project, and Esc leaves the project as it was."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PySide6.QtCore import QPointF, Qt

from app.canvas.view import CanvasView
from app.state.session import Session
from tests.app.canvas.conftest import Hand, mirrors, small_project, small_report

PLACES = st.tuples(st.integers(-40, 760), st.integers(-60, 400)).map(lambda at: QPointF(*map(float, at)))
KEYS = st.sampled_from(
    [Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.AltModifier, Qt.KeyboardModifier.ShiftModifier]
)
LAYERS = st.sampled_from(["relu", "dropout", "conv2d", "add", "cross_entropy"])
ACTS = st.one_of(
    st.tuples(st.just("drag"), PLACES, PLACES, KEYS),
    st.tuples(st.just("escape"), PLACES, PLACES, KEYS),
    st.tuples(st.just("drop"), LAYERS, PLACES),
    st.tuples(st.just("key"), st.sampled_from([Qt.Key.Key_Delete, Qt.Key.Key_Left, Qt.Key.Key_Tab])),
    st.tuples(st.just("zoom"), st.sampled_from([0.2, 0.5, 1.0])),
    st.tuples(st.just("undo")),
    st.tuples(st.just("redo")),
)


def _aimed(view: CanvasView, place: QPointF) -> QPointF:
    """Half of the time random places would hit nothing: take the nearest port where one is near."""
    spot = view.drawing.hit_testing.port_at(place, 40.0)
    return spot.place if spot is not None else place


def _act(hand: Hand, session: Session, act: tuple[object, ...]) -> None:
    view = hand.view
    match act:
        case ("drag", QPointF() as start, QPointF() as end, keys):
            hand.drag(_aimed(view, start), _aimed(view, end), keys=keys)  # type: ignore[arg-type]
        case ("escape", QPointF() as start, QPointF() as end, keys):
            before = session.project
            hand.hold(_aimed(view, start), end, keys)  # type: ignore[arg-type]
            hand.key(Qt.Key.Key_Escape)
            hand.release(end)
            assert session.project is before, "Esc leaves the project as it was"
        case ("drop", str() as layer, QPointF() as place):
            hand.drop(layer, place)
        case ("key", Qt.Key() as key):
            hand.key(key)
        case ("zoom", float() as zoom):
            view.camera.zoom_to(zoom)
        case ("undo",):
            session.undo()
        case ("redo",):
            session.redo()


@pytest.mark.usefixtures("qapp")
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(acts=st.lists(ACTS, min_size=1, max_size=8))
def test_the_scene_mirrors_the_project_whatever_is_done(
    view: CanvasView, session: Session, acts: list[tuple[object, ...]]
) -> None:
    session.open(small_project(), None)
    session.set_report(small_report())
    view.camera.zoom_to(1.0)
    view.camera.centre(QPointF(360.0, 180.0))
    hand = Hand(view)
    first = session.project
    for act in acts:
        _act(hand, session, act)
        if view.search.box is not None:
            view.search.box.close_box()
        view.slide.stop()
        assert mirrors(view)
    while session.undo_label is not None:
        session.undo()
    assert session.project is first
    assert mirrors(view)
