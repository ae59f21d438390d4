"""What an objective does, seen on the canvas: rings, what stands back, in every tab, and the way out."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QColor

from app.canvas.items.objective_marks import Mark
from app.canvas.items.spotlight import REST_MS
from app.canvas.view import CanvasView
from app.state.session import Session
from app.style import theme
from engine.compile.step_plan import step_plan
from engine.document import edits
from engine.document.project import MAIN
from tests import drawings
from tests.app.canvas.conftest import Hand

PLACES = {
    "noise": (0, 0), "make": (192, 0), "fake": (384, 0), "fool_loss": (624, -40), "making": (832, -40),
    "data": (0, 240), "real": (384, 240), "fake_loss": (624, 104), "real_loss": (624, 240),
    "judging": (832, 200), "ones": (384, 400), "zeros": (384, 120),
}  # fmt: skip


@pytest.fixture
def gan(session: Session, view: CanvasView) -> Session:
    drawing = edits.move(drawings.gan(), MAIN, PLACES)
    session.open(drawing, None)
    session.set_step_plan(step_plan(drawing))
    view.camera.fit()
    return session


def test_choosing_an_objective_shows_what_it_updates_and_holds_constant(
    hand: Hand, view: CanvasView, gan: Session
) -> None:
    hand.click(hand.middle("making"))
    marks = view.drawing.look.marks
    assert marks is not None
    assert marks["make"] is Mark.UPDATED
    assert marks["fake"] is Mark.CONSTANT
    assert marks["fool_loss"] is marks["noise"] is marks["ones"] is Mark.PART
    assert not {"real", "real_loss", "judging", "fake_loss", "zeros"} & marks.keys()
    assert view.chrome.light.isVisible()
    assert view.chrome.light.text() == "updated by making · dashed: held constant"
    hand.click(hand.middle("judging"))
    marks = view.drawing.look.marks
    assert marks is not None
    assert marks["real"] is marks["fake"] is Mark.UPDATED
    assert marks["make"] is Mark.PART


def test_the_light_stays_in_the_tabs_until_it_is_put_out(hand: Hand, view: CanvasView, gan: Session) -> None:
    hand.click(hand.middle("making"))
    gan.show_tab("judge")
    assert view.drawing.look.marks == {
        "linear1": Mark.CONSTANT, "relu1": Mark.PART, "linear2": Mark.CONSTANT,
    }  # fmt: skip
    gan.show_tab("maker")
    assert view.drawing.look.marks is not None
    assert view.drawing.look.marks["linear1"] is Mark.UPDATED
    hand.key(Qt.Key.Key_Escape)
    assert view.drawing.look.marks is None
    assert gan.view.graph == "maker"
    assert not view.chrome.light.isVisible()


def test_choosing_something_else_or_nothing_takes_the_light_away(
    hand: Hand, view: CanvasView, gan: Session
) -> None:
    hand.click(hand.middle("making"))
    hand.click(hand.middle("real"))
    assert view.drawing.look.marks is None
    hand.click(hand.middle("making"))
    hand.click(QPointF(500.0, 560.0))
    assert view.drawing.look.marks is None


def test_a_resting_mouse_lights_an_objective_for_as_long(
    hand: Hand, view: CanvasView, gan: Session, qtbot
) -> None:
    hand.move(hand.middle("judging"))
    assert view.drawing.look.marks is None
    qtbot.waitUntil(lambda: view.drawing.look.marks is not None, timeout=REST_MS * 10)
    hand.move(QPointF(500.0, 560.0))
    assert view.drawing.look.marks is None


def test_the_rings_are_seen_near_and_from_afar(hand: Hand, view: CanvasView, gan: Session) -> None:
    wanted = QColor(theme.current().family("objective"))
    for zoom in (1.0, 0.4):
        view.camera.zoom_to(zoom)
        view.camera.centre(view.drawing.nodes["make"].rect.center())
        gan.select(frozenset())
        before = _near(view, wanted)
        gan.select(frozenset({"making"}))
        assert _near(view, wanted) > before + 100, zoom


def _near(view: CanvasView, wanted: QColor) -> int:
    """How many pixels round the generator have this colour, about."""
    image = view.viewport().grab().toImage()
    rect = view.mapFromScene(view.drawing.nodes["make"].rect.adjusted(-8, -8, 8, 8)).boundingRect()
    found = 0
    for x in range(rect.left(), rect.right()):
        for y in range(rect.top(), rect.bottom()):
            seen = image.pixelColor(x, y)
            parts = zip(seen.getRgb()[:3], wanted.getRgb()[:3], strict=True)
            found += all(abs(int(a) - int(b)) < 60 for a, b in parts)
    return found


def test_the_card_of_an_objective_tells_what_it_updates(view: CanvasView, gan: Session) -> None:
    assert view.drawing.nodes["judging"].card.label == "Adam · 2e-3 · updates judge"
    gan.apply(edits.set_param(gan.project, MAIN, "judging", "times", 5), "Set times")
    assert view.drawing.nodes["judging"].card.label == "Adam · 2e-3 · 5× per cycle · updates judge"
