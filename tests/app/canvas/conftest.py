"""A canvas on screen with a small network on it, and a hand that works it as a person would."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtCore import QEvent, QMimeData, QPoint, QPointF, Qt
from PySide6.QtGui import (
    QDragEnterEvent,
    QDragLeaveEvent,
    QDragMoveEvent,
    QDropEvent,
    QGuiApplication,
    QWheelEvent,
)
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.canvas.editing.text_fields import RenameField
from app.canvas.view import CanvasView
from app.shell.window import Window
from app.state.run_controller import RunController
from app.state.session import Session
from engine.document import edits
from engine.document.project import MAIN, End, Graph, Layout, Node, Point, Project, Wire
from engine.report import NodeReport, Report
from nodes.spec import N, TensorSpec
from tests import drawings

LEFT, MIDDLE = Qt.MouseButton.LeftButton, Qt.MouseButton.MiddleButton
NO_KEY = Qt.KeyboardModifier.NoModifier


def small_project() -> Project:
    """conv1 → relu1 → conv2, a lone linear1, and a source of labels with a loss, all far enough apart."""
    nodes = {
        "conv1": Node("conv1", "conv2d", {"out_channels": 4}),
        "relu1": Node("relu1", "relu"),
        "conv2": Node("conv2", "conv2d", {"out_channels": 8}),
        "linear1": Node("linear1", "linear"),
        "noise1": Node("noise1", "noise"),
        "loss": Node("loss", "cross_entropy"),
    }
    places = {
        "conv1": Point(0.0, 0.0),
        "relu1": Point(200.0, 8.0),
        "conv2": Point(360.0, 0.0),
        "linear1": Point(360.0, 240.0),
        "noise1": Point(0.0, 240.0),
        "loss": Point(600.0, 240.0),
    }
    wires = (
        Wire(End("conv1", "output"), End("relu1", "input")),
        Wire(End("relu1", "output"), End("conv2", "input")),
    )
    return Project(graphs={MAIN: Graph(nodes, wires, layout=Layout(positions=places))})


def small_report() -> Report:
    """What inference would say of `small_project`."""
    maps, vector = TensorSpec((N, 4, 8, 8)), TensorSpec((N, 64))
    return Report(
        nodes={
            "conv1": NodeReport(outputs={"output": maps}),
            "relu1": NodeReport(outputs={"output": maps}),
            "conv2": NodeReport(outputs={"output": TensorSpec((N, 8, 6, 6))}),
            "noise1": NodeReport(outputs={"output": vector}),
        }
    )


class Hand:
    """Mouse, wheel, keys and drops on a canvas, by places of the scene."""

    def __init__(self, view: CanvasView) -> None:
        self.view = view
        self.port = view.viewport()

    def at(self, place: QPointF) -> QPoint:
        return self.view.mapFromScene(place)

    def middle(self, node: str) -> QPointF:
        """A place on a card that is no port: its lower middle."""
        rect = self.view.drawing.nodes[node].rect
        return QPointF(rect.center().x(), rect.center().y() + rect.height() / 4)

    def spot(self, node: str, port: str, *, output: bool) -> QPointF:
        found = self.view.port_on_show(node, port, output=output)
        assert found is not None
        return found.place

    def press(
        self, place: QPointF, button: Qt.MouseButton = LEFT, keys: Qt.KeyboardModifier = NO_KEY
    ) -> None:
        QTest.mousePress(self.port, button, keys, self.at(place))

    def move(self, place: QPointF) -> None:
        QTest.mouseMove(self.port, self.at(place))

    def release(
        self, place: QPointF, button: Qt.MouseButton = LEFT, keys: Qt.KeyboardModifier = NO_KEY
    ) -> None:
        QTest.mouseRelease(self.port, button, keys, self.at(place))

    def hold(self, start: QPointF, end: QPointF, keys: Qt.KeyboardModifier = NO_KEY) -> None:
        """A drag without its release."""
        self.press(start, LEFT, keys)
        for share in (0.3, 0.6, 1.0):
            self.move(start + (end - start) * share)

    def drag(
        self,
        start: QPointF,
        end: QPointF,
        button: Qt.MouseButton = LEFT,
        keys: Qt.KeyboardModifier = NO_KEY,
    ) -> None:
        self.press(start, button, keys)
        for share in (0.3, 0.6, 1.0):
            self.move(start + (end - start) * share)
        self.release(end, button, keys)

    def click(self, place: QPointF, keys: Qt.KeyboardModifier = NO_KEY) -> None:
        QTest.mouseClick(self.port, LEFT, keys, self.at(place))

    def double_click(self, place: QPointF) -> None:
        QTest.mouseDClick(self.port, LEFT, NO_KEY, self.at(place))

    def key(self, key: Qt.Key, keys: Qt.KeyboardModifier = NO_KEY) -> None:
        QTest.keyClick(self.view, key, keys)

    def wheel(self, place: QPointF, turn: int) -> None:
        at = QPointF(self.at(place))
        on_screen, none = QPointF(self.port.mapToGlobal(at.toPoint())), Qt.MouseButton.NoButton
        phase = Qt.ScrollPhase.NoScrollPhase
        event = QWheelEvent(at, on_screen, QPoint(), QPoint(0, turn), none, NO_KEY, phase, False)
        QApplication.sendEvent(self.port, event)

    def carry(self, layer: str, places: list[QPointF]) -> QMimeData:
        """Drag a layer from the palette over these places, without letting go."""
        data = QMimeData()
        data.setData("application/x-layerloom-layer", layer.encode())
        copy = Qt.DropAction.CopyAction
        QApplication.sendEvent(self.port, QDragEnterEvent(self.at(places[0]), copy, data, LEFT, NO_KEY))
        for place in places:
            QApplication.sendEvent(self.port, QDragMoveEvent(self.at(place), copy, data, LEFT, NO_KEY))
        return data

    def drop(self, layer: str, place: QPointF) -> None:
        data = self.carry(layer, [place])
        copy, at = Qt.DropAction.CopyAction, QPointF(self.at(place))
        event = QDropEvent(at, copy, data, LEFT, NO_KEY, QEvent.Type.Drop)
        QApplication.sendEvent(self.port, event)

    def carry_away(self) -> None:
        QApplication.sendEvent(self.port, QDragLeaveEvent())


@pytest.fixture
def session(qapp: QApplication) -> Session:
    session = Session(small_project())
    session.set_report(small_report())
    return session


@pytest.fixture
def view(session: Session, controller: RunController) -> Iterator[CanvasView]:
    """The canvas, shown; its timers and readers end with it."""
    view = CanvasView(session, controller)
    view.resize(1000, 700)
    view.show()
    view.camera.centre(QPointF(360.0, 180.0))
    view.setFocus()
    QApplication.processEvents()
    yield view
    view.close()
    QGuiApplication.clipboard().clear()
    view.deleteLater()
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    QApplication.processEvents()


@pytest.fixture
def hand(view: CanvasView) -> Hand:
    return Hand(view)


def mirrors(view: CanvasView) -> bool:
    """Whether the scene shows just what the project holds."""
    graph, scene = view.session.graph, view.drawing
    assert scene.nodes.keys() == graph.nodes.keys()
    assert scene.wires.keys() == set(graph.wires)
    for key, at in graph.layout.positions.items():
        assert (scene.nodes[key].x(), scene.nodes[key].y()) == at, key
    for wire, item in scene.wires.items():
        ends = scene.wiring.ends(item)
        assert ends is not None
        assert item.route is not None
        assert (item.route.points[0], item.route.points[-1]) == ends, wire
    assert {key for key, item in scene.nodes.items() if item.chosen} == set(view.session.selection)
    assert scene.look.lit is None
    assert view.gestures.current is None
    return True


@pytest.fixture
def gan(session: Session, view: CanvasView) -> Session:
    """The session with two networks on main, one of them placed twice, all with places."""
    drawing = drawings.gan()
    for name, graph in drawing.graphs.items():
        row = {key: (176 * at, 96 * (at % 3)) for at, key in enumerate(graph.nodes)}
        drawing = edits.move(drawing, name, row)
    session.open(drawing, None)
    return session


def name_it(holder: object, name: str) -> None:
    """Type into the field that is open, as a person does."""
    field = holder.findChild(RenameField)  # type: ignore[attr-defined]
    assert field is not None
    field.selectAll()
    QTest.keyClicks(field, name)
    QTest.keyClick(field, Qt.Key.Key_Return)


def three_linears() -> Project:
    project = Project()
    for at in range(3):
        project = edits.add_node(project, MAIN, Node(f"linear{at}", "linear"), Point(240.0 * at, 0.0))
    for at in range(2):
        wire = End(f"linear{at}", "output"), End(f"linear{at + 1}", "input")
        project = edits.connect(project, MAIN, *wire)
    return project


@pytest.fixture
def linears(window: Window, qtbot: QtBot) -> Window:
    """The window with three wired Linears; every panel is there."""
    window.session.open(three_linears(), None)
    window.files.is_open = True
    window.show_drawing()
    qtbot.waitUntil(lambda: window.workbench().training is not None, timeout=10_000)
    window.workbench().canvas.setFocus()
    return window


def press(window: Window, key: Qt.Key, keys: Qt.KeyboardModifier = NO_KEY) -> None:
    """A key on the canvas of the active window; conditions are asked again first."""
    window.activateWindow()
    QApplication.processEvents()
    window.workbench().canvas.setFocus()
    window.actions_.refresh()
    QTest.keyClick(window.workbench().canvas, key, keys)
    QApplication.processEvents()
