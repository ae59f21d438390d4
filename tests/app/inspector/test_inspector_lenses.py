"""What the inspector shows of a running network and of data: maps, kernels, samples, downloads."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest

from app.inspector.inspector import Inspector
from app.state.session import Session
from engine.document import edits
from engine.document.project import MAIN, Graph, Node, Project
from engine.lens.lens import Cost
from engine.lens.registry import LENSES
from engine.messages.events import LensFrame
from engine.messages.lens_request import LensRequest
from engine.report import NodeReport, Report
from nodes.spec import N, TensorSpec


@pytest.fixture
def session(qapp) -> Session:
    nodes = (
        Node("conv1", "conv2d", {"out_channels": 6, "kernel_size": 5, "padding": 2}),
        Node("linear1", "linear", {"out_features": 10}),
    )
    return Session(Project("test", {MAIN: Graph(nodes={node.id: node for node in nodes})}))


def select(inspector: Inspector, *ids: str) -> None:
    inspector.session.select(frozenset(ids))


def spec(*features: int) -> TensorSpec:
    return TensorSpec((N, *features))


def known(session: Session) -> None:
    conv = NodeReport({"input": (spec(1, 28, 28),)}, {"output": spec(6, 28, 28)}, 156)
    session.set_report(Report(nodes={"conv1": conv, "linear1": NodeReport({}, {"output": spec(10)}, 850)}))


def test_only_what_is_on_screen_is_watched(inspector, session, controller):
    known(session)
    select(inspector, "conv1")
    assert controller.requests == {LensRequest("kernels", "conv1"), LensRequest("feature_maps", "conv1")}
    select(inspector, "linear1")
    assert {request.target for request in controller.requests} == {"linear1"}
    inspector.hide()
    assert controller.requests == frozenset()
    inspector.show()
    assert {request.target for request in controller.requests} == {"linear1"}
    select(inspector)
    assert controller.requests == frozenset()


def test_while_a_run_goes_on_nobody_is_told_to_press_play(inspector, session, controller):
    known(session)
    select(inspector, "conv1")
    part = inspector.page.parts["kernels"]
    assert part.empty.text() == "Press Play to see the weights change."
    controller.state = "running"
    controller.state_changed.emit()
    assert part.empty.text() == "Nothing of this layer has come from the run yet."
    controller.state = "finished"
    controller.state_changed.emit()
    assert part.empty.text() == "Press Play to see the weights change."


def frame(kind: str, **arrays: np.ndarray) -> LensFrame:
    return LensFrame(6104, kind, "conv1", arrays)


def test_frames_of_a_lens_become_pictures(inspector, session, controller):
    known(session)
    select(inspector, "conv1")
    assert not inspector.page.parts["feature_maps"].view.isVisible()
    controller.state = "running"
    controller.pin(10)
    maps = np.zeros((6, 28, 28), np.float32)
    maps[2, :14], maps[2, 14:] = 1.0, -1.0
    controller.frames[("feature_maps", "conv1")] = frame("feature_maps", output=maps)
    controller.frames[("kernels", "conv1")] = frame("kernels", weight=np.ones((6, 1, 5, 5), np.float32))
    controller.frames_changed.emit({"conv1"})
    page = inspector.page
    assert page.parts["kernels"].heading.note.text() == "live · step 6,104"
    assert page.parts["feature_maps"].heading.note.text() == "sample 10 · shared scale"
    grid = page.parts["feature_maps"].view
    picture = grid.grab().toImage()
    box = grid.tile_rect(2).toRect()
    above = picture.pixelColor(box.center().x(), box.top() + 5)
    below = picture.pixelColor(box.center().x(), box.bottom() - 5)
    assert above.blue() > above.red()
    assert below.red() > below.blue()


def test_pointing_at_a_map_reads_it_and_a_click_enlarges_it(inspector, session, controller):
    known(session)
    select(inspector, "conv1")
    maps = np.arange(6 * 4 * 4, dtype=np.float32).reshape(6, 4, 4)
    controller.frames[("feature_maps", "conv1")] = frame("feature_maps", output=maps)
    controller.frames_changed.emit({"conv1"})
    grid = inspector.page.parts["feature_maps"].view
    place = grid.tile_rect(1).topLeft().toPoint() + QPoint(3, 3)
    assert grid.text_at(place.toPointF()) == "channel 1 · row 0, column 0 · 16"
    small = grid.height()
    QTest.mouseClick(grid, Qt.MouseButton.LeftButton, pos=place)
    assert grid.enlarged == 1
    assert grid.tile_rect(1).width() == grid.width()
    QTest.mouseClick(grid, Qt.MouseButton.LeftButton, pos=QPoint(20, 20))
    assert grid.enlarged is None
    assert grid.height() == small


def test_arrows_pin_the_next_sample(inspector, session, controller):
    known(session)
    select(inspector, "conv1")
    controller.state = "running"
    controller.frames[("feature_maps", "conv1")] = frame(
        "feature_maps", output=np.ones((2, 4, 4), np.float32)
    )
    controller.frames_changed.emit({"conv1"})
    QTest.mouseClick(inspector.page.parts["feature_maps"].next, Qt.MouseButton.LeftButton)
    assert controller.pinned == 1
    assert "sample 1" in inspector.page.parts["feature_maps"].heading.note.text()


def test_a_data_set_shows_its_samples(inspector, session, qtbot):
    added = edits.add_node(session.project, MAIN, Node("data1", "data", {"dataset": "digits"}), (0, 0))
    session.apply(added, "Add data")
    select(inspector, "data1")
    data = inspector.page.data
    qtbot.waitUntil(lambda: data.preview is not None, timeout=5000)
    assert data.samples.grid.count == 12
    assert data.figures.values["Classes"].text() == "10"
    assert "Licence" in data.description.text()


def test_a_data_set_that_is_not_here_can_be_downloaded(inspector, session, qtbot, monkeypatch):
    asked = []

    def fetch(name, progress, is_cancelled):
        asked.append(name)
        progress(1_000_000, 2_000_000)

    monkeypatch.setattr("nodes.reading.download.fetch", fetch)
    node = Node("data1", "data", {"dataset": "cifar-10"})
    session.apply(edits.add_node(session.project, MAIN, node, (0, 0)), "Add data")
    select(inspector, "data1")
    part = inspector.page.data.download
    qtbot.waitUntil(part.isVisible, timeout=5000)
    assert part.button.text() == "Download 170 MB"
    with qtbot.waitSignals([part.done, session.recheck_wanted]):
        QTest.mouseClick(part.button, Qt.MouseButton.LeftButton)
    assert asked == ["cifar-10"]
    assert part.text.text() == "1 MB of 2 MB"
    assert "Expected" in inspector.page.data.message.text()


def test_a_lens_that_needs_a_backward_pass_is_asked_for_only_while_it_is_unfolded(
    inspector, session, controller
):
    known(session)
    select(inspector, "conv1")
    parts = inspector.page.parts
    dear = [lens for lens in LENSES.values() if lens.cost is Cost.BACKWARD and lens.kind in parts]
    assert dear
    for lens in dear:
        request = LensRequest(lens.kind, "conv1")
        assert request not in controller.requests
        QTest.mouseClick(inspector.page.parts[lens.kind].fold, Qt.MouseButton.LeftButton)
        assert request in controller.requests
        assert inspector.page.parts[lens.kind].empty.isVisible()
        select(inspector, "linear1")
        assert LensRequest(lens.kind, "linear1") in controller.requests, "it stays unfolded for other nodes"
        QTest.mouseClick(inspector.page.parts[lens.kind].fold, Qt.MouseButton.LeftButton)
        select(inspector, "conv1")
        assert request not in controller.requests


def test_what_was_seen_goes_where_the_run_of_it_is_gone(inspector, session, controller):
    known(session)
    select(inspector, "conv1")
    controller.frames[("kernels", "conv1")] = frame("kernels", weight=np.ones((6, 1, 5, 5), np.float32))
    controller.frames_changed.emit({"conv1"})
    part = inspector.page.parts["kernels"]
    assert part.view.isVisible()
    controller.frames.clear()
    controller.frames_changed.emit({"conv1"})
    assert not part.view.isVisible()
    assert part.empty.isVisible()


def test_a_folded_lens_has_no_picture_before_it_is_unfolded(inspector, session, controller):
    known(session)
    select(inspector, "linear1")
    parts = inspector.page.parts
    folded = {kind for kind, part in parts.items() if part.is_folded}
    assert folded
    assert not any(parts[kind].has_view for kind in folded)
    one = parts[sorted(folded)[0]]
    QTest.mouseClick(one.fold, Qt.MouseButton.LeftButton)
    assert one.kind in {request.kind for request in controller.requests}
    assert [kind for kind in folded if parts[kind].has_view] == []
    assert one.view.parent() is one
    assert one.column.indexOf(one.view) == one.column.indexOf(one.empty) - 1
