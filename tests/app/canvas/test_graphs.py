"""Definitions on the canvas, by mouse and keys: made of a selection, taken apart, given a border."""

from __future__ import annotations

import json
from itertools import combinations

import pytest
from PySide6.QtCore import QPointF, QRectF, Qt

from app.canvas import menu
from app.canvas.editing import definition_edits
from app.canvas.editing.text_fields import RenameField
from app.canvas.view import CanvasView
from app.state.session import Session
from engine.document import edits
from engine.document.building_blocks import BuildingBlock, building_blocks
from engine.document.edits import border
from engine.document.project import INPUT, MAIN, OUTPUT, End, Frame, Note, Wire
from engine.infer import infer
from tests.app.canvas.conftest import Hand, mirrors, name_it
from tests.drawings import lenet5

_K = Qt.Key


# Made of a selection --------------------------------------------------------------------------------------


def test_a_selection_becomes_a_block_that_is_named_at_once(
    hand: Hand, session: Session, view: CanvasView
) -> None:
    session.select(frozenset({"conv1", "relu1"}))
    view.names.make_definition("block")
    assert session.undo_label == "Make block"
    name_it(view, "Stem")
    assert set(session.project.graphs) == {MAIN, "Stem"}
    assert set(session.project.graphs["Stem"].nodes) == {"conv1", "relu1"}
    key = next(iter(session.selection))
    assert Wire(End(key, "output"), End("conv2", "input")) in session.graph.wires
    assert view.drawing.nodes[key].card.title == "Stem"
    assert mirrors(view)
    session.undo()
    session.undo()
    assert "conv1" in session.graph.nodes
    assert mirrors(view)


@pytest.mark.parametrize("part", building_blocks(), ids=lambda part: part.name)
def test_no_card_of_a_part_covers_another(view: CanvasView, session: Session, part: BuildingBlock) -> None:
    definition_edits.new_definition(session, part)
    boxes = {key: item.rect for key, item in view.drawing.nodes.items()}
    assert len(boxes) > 2
    for one, other in combinations(boxes, 2):
        assert not boxes[one].adjusted(-8, -8, 8, 8).intersects(boxes[other]), (one, other)
    forward = [
        item.route
        for item in view.drawing.wires.values()
        if item.route.points[0][0] < item.route.points[-1][0]
    ]
    level = [route for route in forward if route.points[0][1] == route.points[-1][1]]
    assert len(level) >= len(forward) - 4, "but for skips, wires of a row run level"
    session.undo()
    assert part.name not in session.project.graphs


def test_the_first_name_of_a_network_is_its_placements_too(view: CanvasView, session: Session) -> None:
    session.select(frozenset({"conv1", "relu1", "conv2"}))
    view.names.make_definition("network")
    name_it(view, "G")
    assert session.selection == {"g"}  # as the step plan and the paths of weights call it
    assert {port.name for port in view.drawing.nodes["g"].card.outputs} == {"output"}
    assert mirrors(view)
    session.undo()
    assert session.graph.nodes["network"].params["definition"] == "Network"
    session.redo()
    assert "g" in session.graph.nodes


def test_a_network_is_placed_once_more_with_the_parameters_of_the_first(
    hand: Hand, view: CanvasView, session: Session
) -> None:
    definition_edits.new_definition(session, next(part for part in building_blocks() if part.name == "MLP"))
    session.show_tab(MAIN)
    first = view.add_layer(definition_edits.layer_for(session.project, "MLP"), {"definition": "MLP"})
    assert first is not None
    session.apply(edits.set_param(session.project, MAIN, first, "out", 1), "Set out")
    second = view.add_layer(definition_edits.layer_for(session.project, "MLP"), {"definition": "MLP"})
    hand.drop("network\n" + json.dumps({"definition": "MLP"}), QPointF(40.0, 420.0))
    placed = [node.params for node in session.graph.nodes.values() if node.layer == "network"]
    assert second is not None
    assert placed == [{"definition": "MLP", "out": 1}] * 3


def test_what_cannot_be_a_definition_is_told_and_nothing_changes(view: CanvasView, session: Session) -> None:
    session.open(lenet5(), None)
    said: list[str] = []
    session.notified.connect(lambda message, _kind: said.append(message))
    before = session.project
    session.select(frozenset({"data", "conv1"}))
    assert definition_edits.make_definition(session, "network") is None
    assert session.project is before
    assert said == [
        "Expected layers that compute. Received data, a data set. It belongs to the drawing; leave it out."
    ]


def test_unpacking_puts_the_nodes_back_and_covers_no_other(view: CanvasView, session: Session) -> None:
    session.select(frozenset({"conv1", "relu1"}))
    view.names.make_definition("block")
    (key,) = session.selection
    view.findChild(RenameField).close()
    assert key is not None
    session.apply(edits.move(session.project, MAIN, {key: (200.0, 0.0), "conv2": (344.0, 0.0)}), "Move")
    session.select(frozenset({key}))
    definition_edits.unpack_selected(view.session, view.editor.geometry)
    assert {"conv1", "relu1"} == session.selection
    assert set(session.project.graphs) == {MAIN}
    boxes = {name: item.rect for name, item in view.drawing.nodes.items()}
    assert not [
        (a, b) for a, one in boxes.items() for b, other in boxes.items() if a < b and one.intersects(other)
    ]
    assert mirrors(view)


def test_unpacking_a_network_that_is_updated_leaves_a_drawing_that_trains(
    view: CanvasView, gan: Session
) -> None:
    gan.set_report(infer(gan.project))
    assert not gan.report.errors
    gan.select(frozenset({"make"}))
    definition_edits.unpack_selected(view.session, view.editor.geometry)
    assert gan.graph.nodes["making"].params["updates"] == "linear1, linear2"
    assert not infer(gan.project).errors
    gan.undo()
    assert gan.graph.nodes["making"].params["updates"] == "maker"
    assert mirrors(view)


def test_frames_and_notes_go_along_with_what_is_unpacked(view: CanvasView, gan: Session) -> None:
    """The frame around the placement holds what comes, the one behind it and the note move on."""
    key = "make"
    box = view.drawing.nodes[key].box
    around = Frame("around", box[0] - 20.0, box[1] - 30.0, 150.0, 120.0)
    behind = Frame("behind", box[2] + 400.0, 0.0, 200.0, 80.0)
    drawn = edits.add_frame(edits.add_frame(gan.project, MAIN, around), MAIN, behind)
    drawn = edits.add_note(drawn, MAIN, Note("Here.", box[2] + 400.0, 600.0))
    gan.apply(drawn, "Frame")
    layout = gan.graph.layout
    (note,) = layout.notes
    gan.select(frozenset({key}))
    definition_edits.unpack_selected(view.session, view.editor.geometry)
    frames = {frame.title: frame for frame in gan.graph.layout.frames.values()}
    push = frames["behind"].x - behind.x
    assert push > 0
    assert gan.graph.layout.notes[note].x == layout.notes[note].x + push
    grown = frames["around"]
    area = QRectF(grown.x, grown.y, grown.width, grown.height)
    for node in ("linear1", "relu1", "linear2"):
        assert area.contains(view.drawing.nodes[node].rect), node
    gan.undo()
    assert gan.graph.layout == layout
    assert mirrors(view)


def test_the_menu_of_a_placement_forks_it_and_changes_its_kind(view: CanvasView, gan: Session) -> None:
    gan.select(frozenset({"fake"}))
    at = view.drawing.nodes["fake"].rect.center()
    offered = {entry[0]: entry[2] for entry in menu.entries(view, at) if entry is not None}
    offered["Make unique"]()
    assert gan.graph.nodes["fake"].params["definition"] == "judge2"
    offered["Own weights"]()
    assert gan.graph.nodes["fake"].layer == "block"
    gan.undo()
    gan.undo()
    assert gan.graph.nodes["fake"].params["definition"] == "judge"


def test_other_placements_of_the_same_network_are_linked(hand: Hand, view: CanvasView, gan: Session) -> None:
    view.camera.fit()
    hand.click(hand.middle("real"))
    assert view.drawing.look.linked == {"fake"}
    hand.click(hand.middle("make"))
    assert view.drawing.look.linked == frozenset()
    gan.select(frozenset())
    hand.move(hand.middle("fake"))
    assert view.drawing.look.linked == {"real"}


# The border -----------------------------------------------------------------------------------------------


def test_a_wire_dropped_on_plus_makes_an_output_of_its_own(
    hand: Hand, view: CanvasView, gan: Session
) -> None:
    gan.show_tab("judge")
    view.camera.fit()
    hand.drag(hand.spot("relu1", "output", output=True), hand.spot(OUTPUT, "+", output=False))
    assert gan.graph.outputs == ("y", "output")
    assert Wire(End("relu1", "output"), End(OUTPUT, "output")) in gan.graph.wires
    gan.show_tab(MAIN)
    assert [port.name for port in view.drawing.nodes["real"].card.outputs] == ["y", "output"]
    gan.undo()
    assert gan.project.graphs["judge"].outputs == ("y",)


def test_a_wire_from_plus_makes_an_input(hand: Hand, view: CanvasView, gan: Session) -> None:
    gan.show_tab("judge")
    gan.apply(edits.remove_nodes(gan.project, "judge", ["relu1"]), "Remove")
    view.camera.fit()
    hand.drag(hand.spot(INPUT, "+", output=True), hand.spot("linear2", "input", output=False))
    assert gan.graph.inputs == ("x", "input")
    assert Wire(End(INPUT, "input"), End("linear2", "input")) in gan.graph.wires


def test_a_click_on_plus_adds_a_port_and_asks_its_name(hand: Hand, view: CanvasView, gan: Session) -> None:
    gan.show_tab("judge")
    view.camera.fit()
    hand.click(hand.spot(INPUT, "+", output=True))
    name_it(view, "condition")
    assert gan.graph.inputs == ("x", "condition")


def test_ports_are_renamed_in_place_moved_and_removed(hand: Hand, view: CanvasView, gan: Session) -> None:
    gan.show_tab("judge")
    view.camera.fit()
    spot = hand.spot(INPUT, "x", output=True)
    hand.double_click(spot - QPointF(24.0, 0.0))
    name_it(view, "sample")
    assert gan.graph.inputs == ("sample",)
    assert Wire(End("data", "input"), End("real", "sample")) in gan.project.main.wires
    view.add_port(INPUT)
    view.findChild(RenameField).close()
    at = hand.spot(INPUT, "input", output=True) - QPointF(24.0, 0.0)
    offered = {entry[0]: entry[2] for entry in menu.entries(view, at) if entry is not None}
    offered["Move up"]()
    assert gan.graph.inputs == ("input", "sample")
    offered["Remove input"]()
    assert gan.graph.inputs == ("sample",)


def test_ports_are_put_in_another_order_by_dragging_their_rows(
    hand: Hand, view: CanvasView, gan: Session
) -> None:
    gan.show_tab("judge")
    for port in ("second", "third"):
        gan.apply(border.add_port(gan.project, "judge", INPUT, port), "Add input")
    view.camera.fit()
    away = QPointF(24.0, 0.0)
    start, end = (hand.spot(INPUT, port, output=True) - away for port in ("x", "third"))
    hand.drag(start, end)
    assert gan.graph.inputs == ("second", "third", "x")
    hand.drag(end, end)  # a press that does not move changes nothing
    assert gan.graph.inputs == ("second", "third", "x")
    assert Wire(End(INPUT, "x"), End("linear1", "input")) in gan.graph.wires


def test_an_empty_definition_shows_both_sides_of_its_border(view: CanvasView, session: Session) -> None:
    definition_edits.new_definition(session)
    assert {INPUT, OUTPUT} == view.drawing.nodes.keys()
    assert [port.name for port in view.drawing.nodes[INPUT].card.outputs] == ["input", "+"]


def test_dropping_a_definition_places_it_under_its_own_name(hand: Hand, gan: Session) -> None:
    hand.view.camera.fit()
    hand.drop('network\n{"definition": "judge"}', QPointF(100.0, 400.0))
    key = next(iter(gan.selection))
    assert gan.graph.nodes[key].params == {"definition": "judge"}
    assert key == "judge1"
