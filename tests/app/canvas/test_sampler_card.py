"""What a sampler draws is seen on its card; a double click asks for it large."""

from __future__ import annotations

from time import thread_time

import numpy as np
import pytest
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QImage, QPainter
from PySide6.QtTest import QTest

from app.canvas.items import node_paint
from app.canvas.items.card import describe
from app.canvas.view import CanvasView
from app.lenses.painters.samples import drawn_sheet
from app.lenses.room import Room
from app.lenses.sampled import read_samples
from app.state.run_controller import RunController
from app.state.session import Session
from app.style import theme
from engine.document.project import MAIN, Graph, Layout, Node, Point, Project
from engine.messages.events import LensFrame
from engine.messages.lens_request import LensRequest
from engine.report import NodeReport, Report
from nodes.spec import N, TensorSpec


@pytest.fixture
def session(qapp) -> Session:
    nodes = {"samples": Node("samples", "samples", {"count": 9})}
    project = Project(graphs={MAIN: Graph(nodes, layout=Layout(positions={"samples": Point(0.0, 0.0)}))})
    session = Session(project)
    session.set_report(Report({"samples": NodeReport({"value": (TensorSpec((N, 1, 4, 4)),)})}))
    return session


@pytest.fixture
def view(session: Session, controller: RunController, qtbot) -> CanvasView:
    view = CanvasView(session, controller)
    qtbot.addWidget(view)
    view.resize(640, 480)
    view.show()
    view.camera.centre(QPointF(60.0, 80.0))
    return view


def frame(arrays: dict[str, np.ndarray]) -> LensFrame:
    return LensFrame(3, "samples", "samples", arrays)


def test_the_card_asks_for_samples_and_shows_them(view: CanvasView, controller: RunController):
    view.live.watch()
    assert controller.requests == {LensRequest("samples", "samples")}
    pictures = np.zeros((9, 1, 4, 4), np.float32)
    pictures[4] = 1.0
    controller.frames[("samples", "samples")] = frame({"samples": pictures})
    controller.frames_changed.emit({"samples"})
    item = view.drawing.nodes["samples"]
    assert item.card.picture.columns == 3
    place = node_paint._places(item.card.picture)
    shown = view.grab().toImage()
    for index in (3, 4, 5):
        at = view.mapFromScene(item.pos() + place[index][0].center())
        assert shown.pixelColor(at).red() == (255 if index == 4 else 0)


def test_a_double_click_asks_for_them_large(view: CanvasView, session: Session, qtbot):
    item = view.drawing.nodes["samples"]
    middle = view.mapFromScene(item.pos() + QPointF(item.card.width / 2, item.card.height / 2))
    with qtbot.waitSignal(view.live.samples_wanted) as asked:
        QTest.mouseDClick(view.viewport(), Qt.MouseButton.LeftButton, pos=middle)
    assert asked.args == ["samples"]


@pytest.mark.parametrize(
    ("layer", "params", "port", "features", "room"),
    [
        ("samples", {"count": 64}, "value", (1, 28, 28), (64, 8)),
        ("samples", {"count": 500}, "value", (3, 32, 32), (64, 8)),
        ("samples", {"count": 400}, "value", (2,), (1, 1)),
        ("latent_walk", {"count": 4}, "result", (1, 28, 28), (4, 2)),
        ("generate_text", {}, "logits", (16, 10), (1, 1)),
    ],
)
def test_room_fits_what_is_drawn(layer, params, port, features, room):
    node = Node("it", layer, params)
    report = NodeReport({port: (TensorSpec((N, *features)),)})
    picture = describe(Project(), Graph(), node, report, ()).picture
    assert (picture.count, picture.columns) == room


def test_dots_walks_and_texts_are_drawn_small_too(qapp):
    rng = np.random.default_rng(0)
    dots = read_samples({"samples": rng.random((40, 2)), "real": rng.random((40, 2))})
    sheet = drawn_sheet(dots, Room(1, 1, 132.0, 132.0), theme.DARK)
    colours = {sheet.pixelColor(x, y).name() for x in range(0, 264, 2) for y in range(0, 264, 2)}
    assert len(colours) > 10
    walk = np.zeros((8, 1, 4, 4), np.float32)
    walk[4:] = 1.0
    film = {"samples": walk, "trail": walk.reshape(2, 4, 1, 4, 4).swapaxes(0, 1), "columns": np.array(4)}
    sheet = drawn_sheet(read_samples(film), Room(2, 2, 40.0, 40.0), theme.DARK)
    assert (sheet.pixelColor(1, 1).red(), sheet.pixelColor(6, 1).red()) == (0, 255)
    text = read_samples({"text": np.array(["and then"])}, "and")
    sheet = drawn_sheet(text, Room(1, 1, 120.0, 40.0), theme.DARK)
    accent = theme.colour(theme.DARK.accent)
    assert any(
        abs(sheet.pixelColor(x, y).red() - accent.red()) < 12
        and abs(sheet.pixelColor(x, y).blue() - accent.blue()) < 12
        for x in range(12, 80)
        for y in range(8, 40)
    )


def test_64_new_pictures_are_painted_as_fast_as_qt_draws_them(qapp):
    node = Node("it", "samples", {"count": 64})
    report = NodeReport({"value": (TensorSpec((N, 1, 28, 28)),)})
    card = describe(Project(), Graph(), node, report, ())
    rng, screen = np.random.default_rng(0), QImage(300, 300, QImage.Format.Format_RGB32)
    ours: list[float] = []
    plain: list[float] = []
    for _ in range(40):
        values = rng.random((64, 1, 28, 28)).astype(np.float32)
        drawn, painter = read_samples({"samples": values}), QPainter(screen)
        start = thread_time()
        node_paint.paint_tiles(painter, card, drawn_sheet(drawn, card.picture, theme.DARK))
        middle = thread_time()
        _draw_plainly(painter, values)
        ours.append(middle - start)
        plain.append(thread_time() - middle)
        painter.end()
    assert min(ours) <= 3.0 * min(plain)


def _draw_plainly(painter: QPainter, values: np.ndarray) -> None:
    """The yardstick: 64 grey pictures, each made and drawn by Qt alone."""
    for at, picture in enumerate((values[:, 0] * 255).astype(np.uint8)):
        grey = QImage(picture.data, 28, 28, 28, QImage.Format.Format_Grayscale8)
        painter.drawImage(QRectF(at % 8 * 34.0, at // 8 * 34.0, 33.0, 33.0), grey)


def test_dots_are_whole_in_a_room_that_is_no_square() -> None:
    """Those of an older drawing may stand in the room of what the sampler draws now."""
    corners = np.array([[0.02, 0.02], [0.98, 0.98]], np.float32).repeat(40, axis=0)
    dots = read_samples({"samples": corners})
    square, wide = (drawn_sheet(dots, Room(1, 1, width, 60.0), theme.DARK) for width in (60.0, 184.0))
    assert square is not None
    assert wide is not None
    left = (wide.width() - square.width()) // 2
    assert wide.copy(left, 0, square.width(), square.height()) == square
