"""What the mouse does on the canvas, by real presses, moves and releases on its viewport."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPointF, Qt
from PySide6.QtWidgets import QApplication

from app.canvas.view import CanvasView
from app.state.session import Session
from engine.document.project import End, Frame, Layout, Point, Wire
from tests.app.canvas.conftest import MIDDLE, Hand, mirrors

ALT, SHIFT = Qt.KeyboardModifier.AltModifier, Qt.KeyboardModifier.ShiftModifier
EMPTY = QPointF(200.0, 140.0)


def test_dragging_a_node_moves_it_on_the_grid_as_one_step(hand: Hand, session: Session) -> None:
    start = hand.middle("relu1")
    hand.drag(start, start + QPointF(37.0, 61.0))
    assert session.graph.layout.positions["relu1"] == Point(240.0, 72.0)
    assert session.undo_label == "Move ReLU"
    assert mirrors(hand.view)
    session.undo()
    assert session.graph.layout.positions["relu1"] == Point(200.0, 8.0)
    assert session.undo_label is None
    assert mirrors(hand.view)


def test_a_drag_moves_all_that_is_chosen(hand: Hand, session: Session) -> None:
    session.select(frozenset({"conv1", "relu1"}))
    start = hand.middle("conv1")
    hand.drag(start, start + QPointF(0.0, 80.0))
    assert session.graph.layout.positions["conv1"] == Point(0.0, 80.0)
    assert session.graph.layout.positions["relu1"] == Point(200.0, 88.0)
    assert session.undo_label == "Move 2 nodes"
    assert mirrors(hand.view)


def test_a_press_without_a_move_chooses_only(hand: Hand, session: Session) -> None:
    hand.click(hand.middle("conv2"))
    assert session.selection == {"conv2"}
    hand.click(hand.middle("conv1"), SHIFT)
    assert session.selection == {"conv1", "conv2"}
    assert session.undo_label is None
    hand.click(EMPTY)
    assert session.selection == frozenset()


def test_escape_gives_up_a_drag_without_a_trace(hand: Hand, session: Session) -> None:
    before = session.project
    start = hand.middle("conv1")
    hand.hold(start, start + QPointF(90.0, 90.0))
    assert hand.view.drawing.nodes["conv1"].x() != 0.0
    hand.key(Qt.Key.Key_Escape)
    assert session.project is before
    assert mirrors(hand.view)
    hand.release(start + QPointF(90.0, 90.0))
    assert session.project is before


def test_alt_drag_puts_down_a_copy(hand: Hand, session: Session) -> None:
    session.select(frozenset({"conv1", "relu1"}))
    start = hand.middle("conv1")
    hand.drag(start, start + QPointF(0.0, 400.0), keys=ALT)
    assert session.graph.layout.positions["conv1"] == Point(0.0, 0.0)
    copies = sorted(session.selection)
    assert len(copies) == 2
    assert Point(0.0, 400.0) in [session.graph.layout.positions[key] for key in copies]
    assert len(session.graph.wires) == 3
    assert mirrors(hand.view)


def test_a_box_chooses_what_it_touches(hand: Hand, session: Session) -> None:
    hand.drag(QPointF(-30.0, -40.0), QPointF(210.0, 100.0))
    assert session.selection == {"conv1", "relu1"}
    hand.drag(QPointF(-30.0, 220.0), QPointF(20.0, 260.0), keys=SHIFT)
    assert session.selection == {"conv1", "relu1", "noise1"}


def test_escape_brings_the_choice_before_the_box_back(hand: Hand, session: Session) -> None:
    session.select(frozenset({"loss"}))
    hand.hold(QPointF(-30.0, -40.0), QPointF(210.0, 100.0))
    assert session.selection == {"conv1", "relu1"}
    hand.key(Qt.Key.Key_Escape)
    assert session.selection == {"loss"}


@pytest.mark.parametrize("backwards", [False, True])
def test_a_wire_is_drawn_from_either_end(hand: Hand, session: Session, backwards: bool) -> None:
    out, into = hand.spot("noise1", "output", output=True), hand.spot("linear1", "input", output=False)
    hand.drag(*((into, out) if backwards else (out, into)))
    assert Wire(End("noise1", "output"), End("linear1", "input")) in session.graph.wires
    assert session.undo_label == "Connect"
    assert mirrors(hand.view)


def test_a_wire_dropped_on_a_card_takes_its_free_port(hand: Hand, session: Session) -> None:
    hand.drag(hand.spot("noise1", "output", output=True), hand.middle("linear1"))
    assert Wire(End("noise1", "output"), End("linear1", "input")) in session.graph.wires


def test_ports_that_fit_light_up_and_all_others_dim(hand: Hand, session: Session) -> None:
    hand.hold(hand.spot("noise1", "output", output=True), QPointF(250.0, 200.0))
    look = hand.view.drawing.look
    assert look.lit is not None
    assert look.lit[("linear1", False)] == {"input"}
    assert ("conv1", False) not in look.lit, "a vector does not fit a convolution"
    assert look.dims("conv1")
    assert not look.dims("linear1")
    hand.key(Qt.Key.Key_Escape)
    assert look.lit is None
    assert mirrors(hand.view)


def test_a_port_that_does_not_fit_refuses_and_says_why(hand: Hand, session: Session) -> None:
    said: list[str] = []
    session.notified.connect(lambda message, _kind: said.append(message))
    before = session.project
    hand.drag(hand.spot("noise1", "output", output=True), hand.spot("conv1", "input", output=False))
    assert session.project is before
    assert said == ["Expected real numbers of rank 4. Received N×64 (float32)."]


def test_a_wire_that_would_close_a_loop_is_refused(hand: Hand, session: Session) -> None:
    said: list[str] = []
    session.notified.connect(lambda message, _kind: said.append(message))
    before = session.project
    hand.drag(hand.spot("conv2", "output", output=True), hand.spot("conv1", "input", output=False))
    assert session.project is before
    assert said == ["This wire would close a loop."]


def test_the_end_of_a_wire_is_plugged_elsewhere(hand: Hand, session: Session) -> None:
    session.undo()
    hand.drag(hand.spot("relu1", "input", output=False), hand.spot("conv2", "input", output=False))
    assert Wire(End("conv1", "output"), End("conv2", "input")) in session.graph.wires
    assert len(session.graph.wires) == 1, "the input that was taken gave up its wire"
    assert session.undo_label == "Move wire"
    assert mirrors(hand.view)


def test_the_end_of_a_wire_dropped_on_nothing_removes_it(hand: Hand, session: Session) -> None:
    hand.drag(hand.spot("relu1", "input", output=False), EMPTY)
    assert len(session.graph.wires) == 1
    assert hand.view.search.box is None
    session.undo()
    assert len(session.graph.wires) == 2
    assert mirrors(hand.view)


def test_escape_puts_a_taken_wire_back(hand: Hand, session: Session) -> None:
    wire = session.graph.wires[0]
    hand.hold(hand.spot("relu1", "input", output=False), EMPTY)
    assert not hand.view.drawing.wires[wire].isVisible()
    hand.key(Qt.Key.Key_Escape)
    assert hand.view.drawing.wires[wire].isVisible()
    assert mirrors(hand.view)


def test_a_wire_dropped_on_nothing_asks_what_to_put_there(hand: Hand, session: Session) -> None:
    hand.drag(hand.spot("conv2", "output", output=True), QPointF(560.0, 100.0))
    box = hand.view.search.box
    assert box is not None
    box.field.setText("linear")
    titles = [box.list.item(row).text() for row in range(box.list.count())]
    assert "Embedding" not in titles, "it does not take maps"
    box.field.setText("flatten")
    from PySide6.QtTest import QTest

    QTest.keyClick(box.field, Qt.Key.Key_Return)
    added = next(key for key, node in session.graph.nodes.items() if node.layer == "flatten")
    assert Wire(End("conv2", "output"), End(added, "input")) in session.graph.wires
    assert session.undo_label == "Add Flatten"
    session.undo()
    assert added not in session.graph.nodes
    assert mirrors(hand.view)


def test_a_layer_is_dropped_from_the_palette(hand: Hand, session: Session) -> None:
    hand.drop("dropout", QPointF(620.0, 100.0))
    added = next(key for key, node in session.graph.nodes.items() if node.layer == "dropout")
    assert session.selection == {added}
    at = session.graph.layout.positions[added]
    assert (at.x % 8, at.y % 8) == (0.0, 0.0)
    assert hand.view.drawing.nodes[added].rect.contains(QPointF(620.0, 100.0))
    assert mirrors(hand.view)


def test_a_layer_dropped_on_a_wire_goes_in_between(hand: Hand, session: Session) -> None:
    wire = session.graph.wires[1]
    place = hand.view.drawing.wires[wire].path.pointAtPercent(0.5)
    hand.carry("dropout", [EMPTY, place])
    assert hand.view.drawing.wires[wire].aimed
    hand.carry_away()
    assert not hand.view.drawing.wires[wire].aimed
    hand.drop("dropout", place)
    added = next(key for key, node in session.graph.nodes.items() if node.layer == "dropout")
    assert Wire(End("relu1", "output"), End(added, "input")) in session.graph.wires
    assert Wire(End(added, "output"), End("conv2", "input")) in session.graph.wires
    positions = session.graph.layout.positions
    hand.view.slide.stop()
    card = hand.view.drawing.nodes[added].card
    assert positions[added].x + card.width < positions["conv2"].x, "what follows made room"
    assert mirrors(hand.view)
    session.undo()
    assert session.graph.layout.positions["conv2"] == Point(360.0, 0.0)
    assert mirrors(hand.view)


def test_a_drag_of_something_else_is_not_taken(hand: Hand, session: Session) -> None:
    before = session.project
    hand.drop("no_such_layer", EMPTY)
    assert session.project is before
    assert hand.view.gestures.current is None


def test_the_middle_button_pans(hand: Hand, view: CanvasView) -> None:
    before = view.mapToScene(300, 300)
    hand.press(EMPTY, MIDDLE)
    hand.move(EMPTY + QPointF(50.0, 30.0))
    view.mouseReleaseEvent  # noqa: B018 - the release below follows the scrolled view
    after = view.mapToScene(300, 300)
    assert (before.x() - after.x(), before.y() - after.y()) == pytest.approx((50.0, 30.0), abs=1.0)
    hand.key(Qt.Key.Key_Escape)
    back = view.mapToScene(300, 300)
    assert (back.x(), back.y()) == (before.x(), before.y())


def test_space_and_the_left_button_pan(hand: Hand, view: CanvasView, session: Session) -> None:
    from PySide6.QtTest import QTest

    before = view.mapToScene(300, 300)
    QTest.keyPress(view, Qt.Key.Key_Space)
    hand.press(hand.middle("conv1"))
    hand.move(hand.middle("conv1") + QPointF(40.0, 0.0))
    assert view.mapToScene(300, 300).x() == pytest.approx(before.x() - 40.0, abs=1.0)
    hand.release(hand.middle("conv1"))
    QTest.keyRelease(view, Qt.Key.Key_Space)
    assert session.selection == frozenset()


@pytest.mark.parametrize("turn", [120, -120, 480])
def test_the_wheel_zooms_and_the_point_under_it_stays(hand: Hand, view: CanvasView, turn: int) -> None:
    place = QPointF(220.0, 90.0)
    before = view.mapFromScene(place)
    zooms: list[float] = []
    view.camera.zoom_changed.connect(zooms.append)
    hand.wheel(place, turn)
    assert (view.camera.zoom > 1.0) == (turn > 0)
    assert zooms == [view.camera.zoom]
    after = view.mapFromScene(place)
    assert abs(after.x() - before.x()) <= 1
    assert abs(after.y() - before.y()) <= 1


def test_a_double_click_on_nothing_opens_the_search_there(
    hand: Hand, view: CanvasView, session: Session
) -> None:
    from PySide6.QtTest import QTest

    hand.double_click(QPointF(560.0, 120.0))
    assert view.search.box is not None
    QTest.keyClicks(view.search.box.field, "batch norm")
    QTest.keyClick(view.search.box.field, Qt.Key.Key_Return)
    added = session.graph.nodes[next(iter(session.selection))]
    assert added.layer.startswith("batch_norm")
    assert view.search.box is None


def test_a_wire_that_is_dropped_for_a_sampler_enters_where_it_reads(
    hand: Hand, view: CanvasView, session: Session
) -> None:
    """Not where it feeds values of its own, though that port comes first on its card."""
    from PySide6.QtTest import QTest

    hand.drag(hand.spot("conv2", "output", output=True), QPointF(560.0, 60.0))
    QTest.keyClicks(view.search.box.field, "latent walk")
    QTest.keyClick(view.search.box.field, Qt.Key.Key_Return)
    (walk,) = session.selection
    assert Wire(End("conv2", "output"), End(walk, "result")) in session.graph.wires
    session.undo()
    session.select(frozenset({"conv2"}))
    added = view.add_layer("latent_walk")  # as from the palette, behind what is chosen
    assert Wire(End("conv2", "output"), End(added, "result")) in session.graph.wires


def test_escape_closes_the_search_and_leaves_nothing(hand: Hand, view: CanvasView, session: Session) -> None:
    from PySide6.QtTest import QTest

    before = session.project
    hand.double_click(QPointF(560.0, 120.0))
    assert view.search.box is not None
    QTest.keyClick(view.search.box.field, Qt.Key.Key_Escape)
    assert view.search.box is None
    assert session.project is before


def test_a_frame_is_dragged_with_what_stands_in_it(hand: Hand, session: Session) -> None:
    import msgspec

    frame = Frame("Features", -24.0, -56.0, 360.0, 260.0)
    layout: Layout = msgspec.structs.replace(session.graph.layout, frames={"f": frame})
    graph = msgspec.structs.replace(session.graph, layout=layout)
    session.apply(msgspec.structs.replace(session.project, graphs={"main": graph}), "Add frame")
    start = QPointF(40.0, -40.0)
    hand.hold(start, start + QPointF(16.0, 24.0))
    hand.key(Qt.Key.Key_Escape)
    assert hand.view.drawing.frames["f"].pos() == QPointF(-24.0, -56.0)
    assert mirrors(hand.view)
    hand.drag(start, start + QPointF(16.0, 24.0))
    assert session.graph.layout.frames["f"].x == -8.0
    assert session.graph.layout.positions["conv1"] == Point(16.0, 24.0)
    assert session.graph.layout.positions["conv2"] == Point(360.0, 0.0)
    assert session.undo_label == "Move frame"
    assert mirrors(hand.view)


def test_a_wire_is_chosen_by_a_click_and_deleted(hand: Hand, session: Session) -> None:
    wire = session.graph.wires[0]
    hand.click(hand.view.drawing.wires[wire].path.pointAtPercent(0.5))
    assert hand.view.drawing.chosen_wires == {wire}
    hand.key(Qt.Key.Key_Delete)
    assert wire not in session.graph.wires
    QApplication.processEvents()
    assert mirrors(hand.view)
