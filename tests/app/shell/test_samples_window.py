"""Samples in a whole window beside a real run: on the card, large in their own panel, and back through it."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPointF, Qt
from PySide6.QtTest import QTest

from engine.document import edits
from engine.document.project import End, Node, Point, Project


def drawing() -> Project:
    """A small net is pulled towards two clouds; a sampler looks at what it makes of its noise."""
    project = edits.set_settings(Project(), epochs=4)
    places = {"noise": (0, 0), "fc": (160, 0), "cloud": (360, -80), "data": (0, 200), "loss": (360, 200)}
    places["objective"] = (560, 200)
    layers = {"fc": "linear", "cloud": "samples", "loss": "mse"}
    params = {
        "noise": {"shape": [2]},
        "fc": {"out_features": 2},
        "cloud": {"count": 100},
        "data": {"dataset": "gauss"},
    }
    for name, place in places.items():
        node = Node(name, layers.get(name, name), params.get(name, {}))
        project = edits.add_node(project, "main", node, Point(*place))
    wires = {
        "noise.output": ("fc.input",),
        "fc.output": ("cloud.value", "loss.prediction"),
        "data.input": ("cloud.real", "loss.target"),
        "loss.loss": ("objective.loss",),
    }
    for start, ends in wires.items():
        for end in ends:
            project = edits.connect(project, "main", End(*start.split(".")), End(*end.split(".")))
    return project


@pytest.fixture
def drawn(window, qtbot):
    """The window with this drawing, shapes known and every panel there."""
    window.session.open(drawing(), None)
    window.files.is_open = True
    window.show_drawing()
    qtbot.waitUntil(lambda: "cloud" in window.session.report.nodes, timeout=20_000)
    qtbot.waitUntil(lambda: window.workbench().samples is not None, timeout=10_000)
    return window


def middle(canvas, name: str):
    item = canvas.drawing.nodes[name]
    return canvas.mapFromScene(item.pos() + QPointF(item.card.width / 2, item.card.height / 2))


def test_samples_of_a_real_run_live_and_back(drawn, qtbot):
    workbench, controller = drawn.workbench(), drawn.controller
    canvas, dock = workbench.canvas, workbench.docks["samples"]
    assert dock.isHidden()
    QTest.mouseDClick(canvas.viewport(), Qt.MouseButton.LeftButton, pos=middle(canvas, "cloud"))
    panel = workbench.samples
    assert dock.isVisible()
    assert dock.isFloating()
    assert dock.width() >= 700
    assert panel.empty.isVisible()
    drawn.commands.training.play()
    qtbot.waitUntil(lambda: controller.state == "finished", timeout=20_000)
    qtbot.waitUntil(lambda: panel.view.run_reel.timeline.count == 5, timeout=5_000)
    assert canvas.drawing.nodes["cloud"].sheet is not None
    assert panel.note.text().startswith("500 of the data · 100 generated") or "generated" in panel.note.text()
    assert panel.view.run_reel.words.text().startswith("epoch 4")
    last = panel.view.canvas.sampled.values.copy()
    panel.view.run_reel.timeline.setFocus()
    QTest.keyClick(panel.view.run_reel.timeline, Qt.Key.Key_Home)
    assert panel.view.run_reel.words.text() == "before training"
    assert abs(panel.view.canvas.sampled.values - last).max() > 0.01
    drawn.session.select(frozenset({"cloud"}))
    part = workbench.inspector.page.samples
    qtbot.waitUntil(lambda: part.heading.note.text().startswith("epoch 4"), timeout=5_000)
    dock.setFloating(False)
    assert dock.isVisible()
    drawn.commands.view.toggle_panel("samples")
    assert dock.isHidden()


def test_another_project_leaves_nothing_of_the_last_run(drawn, qtbot):
    panel = drawn.workbench().samples
    drawn.commands.view.toggle_panel("samples")
    drawn.commands.training.play()
    qtbot.waitUntil(lambda: drawn.controller.state == "finished", timeout=20_000)
    qtbot.waitUntil(lambda: panel.view.canvas.sampled is not None, timeout=5_000)
    drawn.files.may_leave = lambda: True
    drawn.files.new()
    assert panel.view.canvas.sampled is None
    assert panel.empty.title.text() == "No sampler yet"
    drawn.session.apply(drawing(), "Draw")
    assert panel.empty.title.text() == "No samples yet"


def test_the_samples_of_a_run_come_back_with_its_drawing(drawn, qtbot):
    controller, panel = drawn.controller, drawn.workbench().samples
    drawn.commands.training.play()
    qtbot.waitUntil(lambda: controller.state == "finished", timeout=20_000)
    folder = controller.run.folder
    drawn.files.may_leave = lambda: True
    drawn.run_list.watch(True)
    qtbot.waitUntil(lambda: drawn.run_list.record(folder) is not None, timeout=10_000)
    drawn.run_list.choose((folder,))
    drawn.commands.runs.open()
    assert controller.run is None
    drawn.commands.view.toggle_panel("samples")
    assert panel.view.run_reel.timeline.count == 5
    QTest.keyClick(panel.view.run_reel.timeline, Qt.Key.Key_Left)
    assert panel.view.run_reel.words.text().startswith("epoch 3") or panel.note.text().startswith("epoch 3")
    drawn.run_list.watch(False)


def test_a_narrow_panel_still_says_which_step_it_shows(drawn, qtbot):
    panel = drawn.workbench().samples
    drawn.commands.view.toggle_panel("samples")
    drawn.commands.training.play()
    qtbot.waitUntil(lambda: drawn.controller.state == "finished", timeout=20_000)
    qtbot.waitUntil(lambda: panel.view.run_reel.timeline.count == 5, timeout=5_000)
    drawn.commands.view.float_panel("samples")
    step, seen = f"step {drawn.controller.finished.step:,}", set()
    for width in (700, 420, 330, 280):
        panel.window().resize(width, 320)
        qtbot.waitUntil(lambda width=width: abs(panel.width() - width) <= 12)
        told = panel.note.text()
        assert panel.note.fontMetrics().horizontalAdvance(told) <= panel.note.width()
        assert told.endswith(step) or not panel.view.tells_no_moment
        seen.add(told)
    assert len(seen) > 2, "less is said where there is less room"


@pytest.mark.parametrize("name", ["samples", "training", "inspector"])
def test_a_panel_that_floats_is_on_the_screen(drawn, name):
    dock = drawn.workbench().docks[name]
    drawn.commands.view.float_panel(name)
    assert dock.isFloating()
    room, place = dock.screen().availableGeometry(), dock.geometry()
    assert room.contains(place.topLeft())
    for first, last, end in (
        (place.left(), place.right(), room.right()),
        (place.top(), place.bottom(), room.bottom()),
    ):
        assert last <= end or first == 0, "as much of it as there is room for"
