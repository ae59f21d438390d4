"""The strip of pinned samples, by mouse and keys: choose, take off, draw, place, type, drop."""

from __future__ import annotations

from time import perf_counter

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QMimeData, QPoint, QPointF, QRect, Qt, QUrl
from PySide6.QtGui import QDropEvent, QMouseEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from app.lens_pins.pin_strip import PinStrip, Way, way_of
from app.lens_pins.pins_page import PinsPage
from app.state import warmup
from app.training.run_words import data_info
from engine.infer import infer
from engine.messages.lens_request import LensRequest
from engine.messages.pinned import GivenSample, HeldSample
from tests.drawings import chain, lenet5

POINTS = chain({"dataset": "spiral"}, [("linear1", "linear", {"out_features": 2})])


@pytest.fixture
def strip_of(session, controller, qtbot):
    """A strip over a drawing whose shapes are known."""
    made = []

    def make(project) -> PinStrip:
        warmup.load_engine()
        session.open(project, None)
        session.set_report(infer(project))
        strip = PinStrip(session, controller)
        qtbot.addWidget(strip)
        strip.resize(280, 400)
        strip.show()
        made.append(strip)
        return strip

    yield make
    for strip in made:
        strip.hide()
        strip.reading.wait()
    controller.looks.cancel()
    controller.looks.wait()


def drag(widget, places: list[QPoint]) -> None:
    """Press, move through these places and let go, as a mouse does."""
    QTest.mousePress(widget, Qt.MouseButton.LeftButton, pos=places[0])
    for place in places[1:]:
        event = QMouseEvent(
            QEvent.Type.MouseMove, QPointF(place), widget.mapToGlobal(QPointF(place)),
            Qt.MouseButton.NoButton, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier,
        )  # fmt: skip
        QApplication.sendEvent(widget, event)
    QTest.mouseRelease(widget, Qt.MouseButton.LeftButton, pos=places[-1])


def test_a_click_shows_a_pinned_sample_everywhere_and_the_cross_takes_it_off(strip_of, controller, qtbot):
    strip = strip_of(lenet5())
    assert strip.none.isVisible()
    strip.add((HeldSample(3), HeldSample(7)))
    assert controller.pins.shown == HeldSample(7)
    qtbot.waitUntil(lambda: len(strip._thumbnails) == 2, timeout=20_000)
    assert strip._thumbnails[HeldSample(3)].shape == (1, 28, 28)
    QTest.mouseClick(strip.row, Qt.MouseButton.LeftButton, pos=strip.row.tile(0).center().toPoint())
    assert controller.pins.shown == HeldSample(3)
    assert controller.pinned == 3
    assert strip.heading.note.text() == "sample 3"
    QTest.keyClick(strip.row, Qt.Key.Key_Right)
    assert controller.pins.shown == HeldSample(7)
    QTest.mouseClick(strip.row, Qt.MouseButton.LeftButton, pos=strip.row.cross(0).center().toPoint())
    assert controller.pins.samples == (HeldSample(7),)
    QTest.keyClick(strip.row, Qt.Key.Key_Delete)
    assert controller.pins.samples == ()
    assert controller.pins.shown == HeldSample(7), "it stays on show"


def test_no_more_than_sixteen_are_pinned_and_the_rest_is_told(strip_of, controller, session):
    told = []
    session.notified.connect(lambda message, _kind: told.append(message))
    strip = strip_of(lenet5())
    strip.add(tuple(HeldSample(index) for index in range(20)))
    assert len(controller.pins.samples) == 16
    assert told == ["4 not pinned: 16 samples can be pinned at a time."]


def test_the_network_answers_while_one_draws(strip_of, controller, session, qtbot):
    project = lenet5()
    strip = strip_of(project)
    output = next(node.id for node in project.main.nodes.values() if node.layer == "output")
    kind = "prediction"
    request = LensRequest(kind, output)
    controller.watch(controller, frozenset({request}))
    qtbot.waitUntil(lambda: controller.drawing.seen(kind, output).frame is not None, timeout=20_000)
    QTest.mouseClick(strip.tries, Qt.MouseButton.LeftButton)
    assert strip.strokes.isVisible()
    assert strip.strokes.hasFocus()
    before = controller.drawing.seen(kind, output).frame
    waits = []
    for at in (40, 80, 120):
        begun = perf_counter()
        drag(strip.strokes, [QPoint(at, 30 + step) for step in range(0, 90, 10)])
        shown = controller.drawing.seen(kind, output).frame
        qtbot.waitUntil(
            lambda shown=shown: controller.drawing.seen(kind, output).frame is not shown, timeout=5_000
        )
        waits.append(perf_counter() - begun)
    assert isinstance(controller.pins.shown, GivenSample)
    qtbot.waitUntil(lambda: controller.looks.question is None, timeout=5_000)
    frame, is_stale = controller.drawing.seen(kind, output)
    assert not is_stale
    assert frame is not before
    assert "target" not in frame.arrays, "nobody knows what was drawn"
    assert np.abs(frame.arrays["input"] - before.arrays["input"]).max() > 1
    assert strip.heading.note.text() == "drawn by hand"
    assert min(waits) < 0.3, waits
    QTest.mouseClick(strip.pin, Qt.MouseButton.LeftButton)
    assert controller.pins.samples == (controller.pins.shown,)
    QTest.keyClick(strip.strokes, Qt.Key.Key_Delete)
    assert not strip.strokes.picture().any()


def test_leaving_the_pad_shows_a_sample_of_the_data_again(strip_of, controller):
    strip = strip_of(lenet5())
    QTest.mouseClick(strip.tries, Qt.MouseButton.LeftButton)
    drag(strip.strokes, [QPoint(40, 40), QPoint(60, 60)])
    strip._try_now()
    assert isinstance(controller.pins.shown, GivenSample)
    QTest.mouseClick(strip.tries, Qt.MouseButton.LeftButton)
    assert controller.pins.shown == HeldSample()


def test_a_point_is_moved_by_mouse_and_keys(strip_of, controller, qtbot):
    strip = strip_of(POINTS)
    assert strip.way is Way.PLACE
    QTest.mouseClick(strip.tries, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: len(strip.points._data) > 0, timeout=20_000)
    drag(strip.points, [QPoint(20, 20), QPoint(84, 84)])
    qtbot.waitUntil(lambda: isinstance(controller.pins.shown, GivenSample), timeout=2_000)
    at = strip.points.point.copy()
    QTest.keyClick(strip.points, Qt.Key.Key_Right)
    assert strip.points.point[0] > at[0]
    qtbot.waitUntil(
        lambda: np.allclose(np.frombuffer(controller.pins.shown.data, "<f4"), strip.points.point, atol=1e-5),
        timeout=2_000,
    )


def test_a_text_is_typed(strip_of, controller, session, qtbot):
    strip = strip_of(chain({"dataset": "moby-dick"}, [("embedding1", "embedding")]))
    assert way_of(data_info(session.project)) is Way.TYPE
    QTest.mouseClick(strip.tries, Qt.MouseButton.LeftButton)
    QTest.keyClicks(strip.text, "the white whale " * 8)
    qtbot.waitUntil(lambda: isinstance(controller.pins.shown, GivenSample), timeout=30_000)
    assert controller.pins.shown.words == "typed"
    strip.text.clear()
    QTest.keyClicks(strip.text, "a whale")
    qtbot.waitUntil(lambda: controller.pins.shown.words != "typed", timeout=30_000)
    assert strip.heading.note.text() == "typed, after the end of sample 0", "a short text is taken too"


def test_the_page_has_the_pad_at_once_and_clear_goes_back_to_the_data(session, controller, qtbot):
    warmup.load_engine()
    session.open(lenet5(), None)
    session.set_report(infer(session.project))
    page = PinsPage(session, controller)
    qtbot.addWidget(page)
    page.resize(900, 320)
    page.show()
    strip = page.strip
    assert strip.strokes.isVisible()
    assert controller.pins.shown == HeldSample(), "nothing is tried before somebody draws"
    assert not strip.clear.isVisible()
    drag(strip.strokes, [QPoint(40, 40), QPoint(60, 60)])
    qtbot.waitUntil(lambda: isinstance(controller.pins.shown, GivenSample), timeout=2_000)
    assert strip.heading.note.text() == "drawn by hand"
    QTest.mouseClick(strip.clear, Qt.MouseButton.LeftButton)
    assert controller.pins.shown == HeldSample()
    assert not strip.strokes.picture().any()
    page.hide()
    strip.reading.wait()
    controller.looks.cancel()
    controller.looks.wait()


@pytest.mark.parametrize("width", [380, 700, 1000])
def test_nothing_of_the_page_lies_over_something_else(session, controller, qtbot, width):
    project = chain({"dataset": "moby-dick"}, [("embedding1", "embedding")])
    warmup.load_engine()
    session.open(project, None)
    session.set_report(infer(project))
    page = PinsPage(session, controller)
    qtbot.addWidget(page)
    page.resize(width, 260)
    page.show()
    page.lens.show()
    strip, lens = page.strip, page.lens

    def on_page(widget) -> QRect:
        return QRect(widget.mapTo(page, QPoint()), widget.size())

    qtbot.waitUntil(strip.text.isVisible)
    QApplication.processEvents()
    assert not on_page(strip).intersects(on_page(lens))
    assert on_page(strip.text).right() <= page.width()
    assert on_page(strip.text).intersected(on_page(strip.heading)).isEmpty()
    assert strip.text.width() >= 220
    page.hide()
    strip.reading.wait()


def test_a_picture_is_dropped(strip_of, controller, qtbot, tmp_path):
    from PIL import Image

    Image.fromarray(np.arange(784, dtype=np.uint16).reshape(28, 28).astype(np.uint8)).save(
        tmp_path / "mine.png"
    )
    strip = strip_of(lenet5())
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(tmp_path / "mine.png"))])
    event = QDropEvent(
        QPointF(10, 10),
        Qt.DropAction.CopyAction,
        data,
        Qt.MouseButton.LeftButton,
        Qt.KeyboardModifier.NoModifier,
    )
    strip.dropEvent(event)
    qtbot.waitUntil(lambda: len(controller.pins.samples) == 1, timeout=20_000)
    assert controller.pins.shown.words == "mine.png"
    assert controller.pins.shown.shape == (1, 28, 28)
