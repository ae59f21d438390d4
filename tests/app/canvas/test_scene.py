"""The scene follows the project, the report and the run; what a card says; where wires run."""

from __future__ import annotations

import msgspec
import numpy as np
import pytest
from PySide6.QtCore import QEvent, QObject, QPoint, QPointF, QRectF, Qt
from PySide6.QtGui import QPaintEvent, QRegion
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QPushButton, QWidget

from app.canvas.items.card import describe
from app.canvas.items.measures import Level
from app.canvas.tooltips import tooltip_at
from app.canvas.view import CanvasView
from app.state.run_controller import RunController
from app.state.session import Session
from app.style import style_sheet, theme
from engine.document import edits
from engine.document.project import MAIN, End, Graph, Layout, Node, Note, Point, Project, Wire
from engine.messages.events import LensFrame
from engine.messages.lens_request import LensRequest
from engine.report import NodeReport, Problem, Report
from nodes.spec import N, TensorSpec
from tests.app.canvas.conftest import Hand, mirrors, small_report


def nested_project() -> Project:
    """Main places the block `stage`, three in a row."""
    inner = Graph(
        {"conv1": Node("conv1", "conv2d")},
        (Wire(End("@in", "x"), End("conv1", "input")), Wire(End("conv1", "output"), End("@out", "y"))),
        inputs=("x",),
        outputs=("y",),
    )
    node = Node("body", "block", {"definition": "stage", "repeat": 3})
    main = Graph({"body": node}, layout=Layout(positions={"body": Point(0.0, 0.0)}))
    return Project(graphs={MAIN: main, "stage": inner})


def test_undo_and_redo_of_anything_are_followed(view: CanvasView, session: Session) -> None:
    session.apply(edits.remove_nodes(session.project, MAIN, ["conv1", "relu1"]), "Delete")
    session.apply(edits.set_param(session.project, MAIN, "conv2", "out_channels", 3), "Set")
    for step in (session.undo, session.undo, session.redo, session.redo):
        step()
        assert mirrors(view)
    assert view.drawing.nodes["conv2"].card.label.startswith("3 ")


def test_a_change_repaints_only_what_differs(view: CanvasView, session: Session) -> None:
    before = dict(view.drawing.nodes)
    cards = {key: item.card for key, item in before.items()}
    session.apply(edits.set_param(session.project, MAIN, "conv2", "out_channels", 3), "Set")
    assert view.drawing.nodes == before, "items stay"
    changed = {key for key, item in view.drawing.nodes.items() if item.card is not cards[key]}
    assert changed == {"conv2"}


def test_the_card_of_points_tells_their_number_and_noise(view: CanvasView, session: Session) -> None:
    node = Node("spiral", "data", {"dataset": "spiral", "noise": 0.1})
    session.apply(edits.add_node(session.project, MAIN, node, (0, 400)), "Add data")
    assert view.drawing.nodes["spiral"].card.label == "500 · noise 0.1"


def test_a_data_set_keeps_its_name_where_it_cannot_be_read(qapp) -> None:
    node = Node("data", "data", {"dataset": "image-folder", "path": "photos"})
    project = Project(graphs={MAIN: Graph({"data": node})})
    problem = Problem(MAIN, "data", "data", "Expected a folder. Received none.")
    before = describe(project, project.main, node, None, ())
    found = describe(project, project.main, node, None, (problem,))
    assert (before.title, found.title) == ("Image folder", "Image folder")
    assert before.picture is not None
    assert found.picture is None


def test_a_card_says_name_parameters_and_shape(view: CanvasView) -> None:
    card = view.drawing.nodes["conv1"].card
    assert (card.title, card.shape, card.family) == ("Conv2d", "4×8×8", "convolution")
    assert "3×3" in card.label
    assert not card.pill
    assert view.drawing.nodes["relu1"].card.pill


def test_a_wire_says_the_shape_where_it_fits(view: CanvasView, session: Session) -> None:
    wire = session.graph.wires[0]
    item = view.drawing.wires[wire]
    assert item.label == "N×4×8×8"
    session.apply(edits.move(session.project, MAIN, {"relu1": (400.0, 8.0), "conv2": (600.0, 0.0)}), "Move")
    assert item.label_at is not None, "there is room now"


def test_a_problem_inside_a_definition_is_a_badge_on_what_places_it(
    view: CanvasView, session: Session
) -> None:
    session.open(nested_project(), None)
    problem = Problem("stage", "conv1", "body.0.conv1", "Conv2d: Expected 3. Received 4.", port="input")
    session.set_report(Report(problems=(problem,)))
    card = view.drawing.nodes["body"].card
    assert (card.problem, card.severity) == ("0.conv1: Conv2d: Expected 3. Received 4.", "error")
    assert not card.bad_ports, "the placement's own ports are sound"
    view.editor.enter("body")
    assert view.drawing.nodes["conv1"].card.problem == "Conv2d: Expected 3. Received 4."
    assert view.drawing.nodes["conv1"].card.bad_ports == {"input"}


def test_a_problem_is_a_badge_a_tooltip_and_a_dashed_wire(view: CanvasView, session: Session) -> None:
    problem = Problem(MAIN, "conv2", "conv2", "Expected rank 4. Received rank 2.", port="input")
    session.set_report(Report(nodes=small_report().nodes, problems=(problem,)))
    item = view.drawing.nodes["conv2"]
    assert item.card.problem == "Expected rank 4. Received rank 2."
    assert view.drawing.wires[session.graph.wires[1]].bad
    assert view.drawing.wires[session.graph.wires[1]].pen().style() == Qt.PenStyle.CustomDashLine
    assert tooltip_at(view.drawing, item.rect.center()) == problem.message
    session.set_report(small_report())
    assert not item.card.problem
    assert not view.drawing.wires[session.graph.wires[1]].bad


def test_ports_and_wires_have_tooltips(view: CanvasView, hand: Hand, session: Session) -> None:
    assert "N×4×8×8" in tooltip_at(view.drawing, hand.spot("conv1", "output", output=True))
    middle = view.drawing.wires[session.graph.wires[0]].path.pointAtPercent(0.5)
    assert "conv1.output → relu1.input" in tooltip_at(view.drawing, middle)
    assert tooltip_at(view.drawing, QPointF(200.0, 160.0)) == ""


def test_a_wire_that_runs_back_goes_round_the_nodes(view: CanvasView, session: Session) -> None:
    session.apply(edits.connect(session.project, MAIN, ("conv2", "output"), ("linear1", "input")), "Connect")
    session.apply(
        edits.move(session.project, MAIN, {"linear1": (0.0, 160.0), "noise1": (0.0, 400.0)}), "Move"
    )
    item = view.drawing.wires[Wire(End("conv2", "output"), End("linear1", "input"))]
    assert item.route is not None
    assert item.route.is_routed
    for step in range(1, 100):
        place = item.path.pointAtPercent(step / 100)
        held = [n for n in view.drawing.nodes.values() if n.rect.adjusted(2, 2, -2, -2).contains(place)]
        assert not held, f"it runs through {held[0].card.title}"


def test_a_double_click_enters_a_block_and_the_breadcrumb_leads_back(
    controller: RunController, session: Session
) -> None:
    session.open(nested_project(), None)
    view = CanvasView(session, controller)
    view.resize(800, 600)
    view.show()
    view.camera.fit()
    card = view.drawing.nodes["body"].card
    assert (card.title, card.copies) == ("stage", 3)
    hand = Hand(view)
    hand.double_click(hand.middle("body"))
    assert session.view.graph == "stage"
    assert session.view.path == "body.0"
    assert view.drawing.nodes.keys() == {"conv1", "@in", "@out"}
    assert len(view.drawing.wires) == 2
    hand.key(Qt.Key.Key_Escape)
    assert session.view.graph == MAIN
    assert view.drawing.nodes.keys() == {"body"}
    view.close()
    view.deleteLater()


def test_an_unknown_layer_is_shown_by_its_type(view: CanvasView, session: Session) -> None:
    nodes = {**session.graph.nodes, "odd": Node("odd", "from_a_plugin")}
    wires = (*session.graph.wires, Wire(End("conv2", "output"), End("odd", "feed")))
    graph = msgspec.structs.replace(session.graph, nodes=nodes, wires=wires)
    session.apply(msgspec.structs.replace(session.project, graphs={MAIN: graph}), "Load")
    card = view.drawing.nodes["odd"].card
    assert card.unknown
    assert (card.title, card.label) == ("from_a_plugin", "unknown layer")
    assert [port.name for port in card.inputs] == ["feed"]


def test_a_note_is_shown_and_follows(view: CanvasView, session: Session) -> None:
    session.apply(edits.add_note(session.project, MAIN, Note("Look here", 700.0, 0.0)), "Add note")
    assert [item.note.text for item in view.drawing.notes.values()] == ["Look here"]
    session.undo()
    assert not view.drawing.notes


def test_a_frame_of_a_run_changes_only_its_node(
    view: CanvasView, controller: RunController, hand: Hand
) -> None:
    maps = np.zeros((4, 8, 8), np.float32)
    maps[1] = 1.0
    controller.frames[("feature_maps", "conv1")] = LensFrame(0, "feature_maps", "conv1", {"output": maps})
    controller.frames_changed.emit({"conv1"})
    sheet = view.drawing.nodes["conv1"].sheet
    assert sheet is not None
    assert view.drawing.nodes["conv2"].sheet is None
    picture = view.drawing.nodes["conv1"].card.picture
    assert picture is not None
    assert (sheet.width(), sheet.height()) == (picture.columns * 8, picture.rows * 8)
    assert sheet.pixelColor(8 + 4, 4).name() == "#fde725", "the largest value has the last colour of viridis"
    assert sheet.pixelColor(4, 4).name() == "#440154", "nought has the first one"


def test_the_run_is_asked_for_what_is_in_sight(
    view: CanvasView, controller: RunController, qtbot: object
) -> None:
    view.live.watch()
    assert LensRequest("feature_maps", "conv1") in controller.requests
    view.camera.centre(QPointF(9000.0, 9000.0))
    view.live.watch()
    assert controller.requests == frozenset()
    view.camera.centre(QPointF(300.0, 100.0))
    view.live.watch()
    assert controller.requests
    view.hide()
    assert controller.requests == frozenset()


def test_a_loss_shows_the_last_value(view: CanvasView, controller: RunController, session: Session) -> None:
    added = edits.add_node(session.project, MAIN, Node("objective", "objective"), (800.0, 240.0))
    session.apply(edits.connect(added, MAIN, ("loss", "loss"), ("objective", "loss")), "Connect")
    controller.losses["objective"] = 0.2843
    controller.events.emit([])
    assert view.drawing.nodes["loss"].live == "0.284"


@pytest.mark.parametrize("value", ["82.3 %", "12,345.6"])
def test_a_number_of_another_drawing_stays_inside_its_card(view: CanvasView, value: str) -> None:
    item = view.drawing.nodes["loss"]
    view.camera.zoom_to(1.0)
    view.camera.centre(item.rect.center())
    pictures = []
    for why in ("", "This run trains an older drawing."):
        item.set_live(value)
        item.set_stale(why)
        QApplication.processEvents()
        pictures.append(view.viewport().grab().toImage())
    body = QRectF(view.mapFromScene(item.rect).boundingRect()).adjusted(1, 1, -2, -2).toRect()
    fresh, stale = pictures
    differ = [
        QPoint(x, y)
        for x in range(fresh.width())
        for y in range(body.top(), body.bottom() + 1)
        if fresh.pixel(x, y) != stale.pixel(x, y)
    ]
    assert differ, "it looks different"
    assert all(body.contains(place) for place in differ)


@pytest.mark.parametrize(
    ("zoom", "level"),
    [(1.0, Level.FULL), (0.6, Level.FULL), (0.59, Level.NAMES), (0.25, Level.NAMES), (0.2, Level.BLOCKS)],
)
def test_each_zoom_level_shows_the_drawing(view: CanvasView, zoom: float, level: Level) -> None:
    view.camera.zoom_to(zoom)
    view.camera.centre(view.drawing.nodes["conv1"].rect.center())
    assert view.camera.level is level
    image = view.viewport().grab().toImage()
    ground = theme.colour(theme.current().canvas)
    body = view.mapFromScene(QRectF(view.drawing.nodes["conv1"].rect)).boundingRect()
    ratio = image.devicePixelRatio()
    place = body.center() * ratio
    assert image.pixelColor(place.toPoint() if hasattr(place, "toPoint") else place) != ground
    edge = image.pixelColor(int((body.left() + 1) * ratio), int(body.center().y() * ratio))
    assert edge.hue() == pytest.approx(theme.colour(theme.current().family("convolution")).hue(), abs=25)


def test_a_theme_repaints_everything(view: CanvasView) -> None:
    dark = view.viewport().grab().toImage().pixelColor(2, 300)
    app = QApplication.instance()
    assert isinstance(app, QApplication)
    style_sheet.install(app, theme.LIGHT)
    light = view.viewport().grab().toImage().pixelColor(2, 300)
    style_sheet.install(app, theme.DARK)
    assert dark.lightness() < 60
    assert light.lightness() > 200


def test_nodes_with_a_pictured_source_show_samples(view: CanvasView, session: Session) -> None:
    session.apply(
        edits.add_node(session.project, MAIN, Node("data1", "data", {"dataset": "digits"}), (0.0, 400.0)),
        "Add",
    )
    view.live.wait()
    QApplication.processEvents()
    assert view.drawing.nodes["data1"].sheet is not None
    assert view.drawing.nodes["data1"].card.title != "Data set", "the data set's own title"


def test_shapes_that_come_later_make_room_for_pictures(view: CanvasView, session: Session) -> None:
    before = view.drawing.nodes["conv1"].card.height
    more = NodeReport(outputs={"output": TensorSpec((N, 16, 28, 28))})
    session.set_report(Report(nodes={**small_report().nodes, "conv1": more}))
    assert view.drawing.nodes["conv1"].card.height > before
    assert mirrors(view)


def test_the_breadcrumb_names_every_graph_on_the_way(controller: RunController, session: Session) -> None:
    session.open(nested_project(), None)
    view = CanvasView(session, controller)
    view.show()
    view.editor.enter("body")
    crumb = view.chrome.breadcrumb
    shown = [label.text() for label in crumb.findChildren(QLabel) if label.isVisible()]
    assert shown[-2:] == ["stage", "body.0 · 1 of 3"]
    assert crumb.width() > 60
    main = next(button for button in crumb.findChildren(QPushButton) if button.isVisible())
    assert main.text() == "Main"
    QTest.mouseClick(main, Qt.MouseButton.LeftButton)
    assert session.view.graph == MAIN
    view.close()
    view.deleteLater()


@pytest.mark.parametrize("zoom", [0.4, 0.2])
def test_from_afar_every_change_is_seen_too(view: CanvasView, session: Session, zoom: float) -> None:
    view.camera.zoom_to(zoom)
    view.camera.centre(view.drawing.hit_testing.content_rect().center())
    graph = session.graph
    problem = Problem(MAIN, "conv2", "conv2", "It does not fit.", port="input")
    changes = [
        lambda: session.apply(edits.move(session.project, MAIN, {"conv1": (0.0, 80.0)}), "Move"),
        lambda: session.set_report(Report(nodes=small_report().nodes, problems=(problem,))),
        lambda: session.select(frozenset({"loss"})),
        lambda: session.apply(edits.add_note(session.project, MAIN, Note("Here", 600.0, -80.0)), "Note"),
        lambda: session.apply(edits.disconnect(session.project, MAIN, graph.wires[0]), "Cut"),
        lambda: session.apply(edits.remove_nodes(session.project, MAIN, ["linear1"]), "Delete"),
        session.undo,
    ]
    last = view.viewport().grab().toImage()
    for change in changes:
        change()
        now = view.viewport().grab().toImage()
        assert now != last
        last = now


def test_a_label_gives_way_to_cards(view: CanvasView, session: Session) -> None:
    """Above its wire, below it where a card stands above, and nowhere between two."""
    session.apply(edits.move(session.project, MAIN, {"conv2": (560.0, 0.0)}), "Move")
    wire = view.drawing.wires[Wire(End("relu1", "output"), End("conv2", "input"))]
    level = wire.route.points[0][1]
    assert wire.label_at[1] < level
    session.apply(edits.move(session.project, MAIN, {"linear1": (380.0, level - 72.0)}), "Move")
    assert wire.label_at[1] > level
    session.apply(edits.move(session.project, MAIN, {"noise1": (380.0, level + 8.0)}), "Move")
    assert wire.label_at is None
    session.undo()
    session.undo()
    assert wire.label_at[1] < level


class Painted(QObject):
    """What a viewport was asked to paint."""

    def __init__(self, viewport: QWidget) -> None:
        super().__init__(viewport)
        self.region = QRegion()
        viewport.installEventFilter(self)

    def eventFilter(self, _watched: QObject, event: QEvent) -> bool:
        if isinstance(event, QPaintEvent):
            self.region += event.region()
        return False


def test_nothing_stays_on_screen_where_something_stood(view: CanvasView, session: Session, qtbot) -> None:
    """From afar too: what an edit or an undo moves leaves no trace behind."""
    view.camera.zoom_to(0.43)
    QApplication.processEvents()
    item = view.drawing.nodes["linear1"]
    before = view.mapFromScene(item.rect).boundingRect()
    painted = Painted(view.viewport())
    session.apply(edits.move(session.project, MAIN, {"linear1": (0.0, -200.0)}), "Move")
    qtbot.waitUntil(lambda: QRegion(before).subtracted(painted.region).isEmpty())
    there = view.mapFromScene(item.rect).boundingRect()
    painted.region = QRegion()
    session.undo()
    qtbot.waitUntil(lambda: QRegion(there).subtracted(painted.region).isEmpty())


def test_a_card_says_what_its_expressions_come_to_where_it_is_seen(
    view: CanvasView, session: Session
) -> None:
    """Inside a definition: the defaults while nothing places it, else what the placement gives."""
    inner = Graph(
        {"linear1": Node("linear1", "linear", {"out_features": "=2 * out"})}, parameters={"out": 10}
    )
    placed = {"net": Node("net", "network", {"definition": "Net", "out": 3})}
    session.open(Project(graphs={MAIN: Graph(placed), "Net": inner, "Other": inner}), None)
    session.show_tab("Net")
    assert view.drawing.nodes["linear1"].card.label == "6"
    session.apply(edits.set_param(session.project, MAIN, "net", "out", 4), "Set out")
    assert view.drawing.nodes["linear1"].card.label == "8"
    session.show_tab("Other")
    assert view.drawing.nodes["linear1"].card.label == "20"
