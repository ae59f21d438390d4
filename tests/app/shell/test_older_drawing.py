"""What a run shows belongs to the drawing that it trains: edits, undo, renaming, other projects."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from app.state.run_drawing import OUTDATED, OUTDATED_PAST
from app.widgets.dimming import is_dimmed
from engine.document import edits
from engine.document.edits.extract import extract
from engine.document.project import MAIN, LensPin, Node, Project
from engine.document.storage.file import save
from engine.messages.events import FRESH
from tests.app.canvas.conftest import press
from tests.drawings import convnet

LEFT = Qt.MouseButton.LeftButton


def drawing() -> Project:
    """A small convolutional network that trains for long."""
    return edits.set_settings(convnet("digits"), epochs=2000)


def opened(window, qtbot, project: Project, path: str) -> None:
    """Show this drawing, with every panel, and wait for what inference says of the node at a path."""
    window.session.open(project, None)
    window.files.is_open = True
    window.show_drawing()
    qtbot.waitUntil(lambda: path in window.session.report.nodes, timeout=20_000)
    qtbot.waitUntil(lambda: window.workbench().samples is not None, timeout=10_000)


@pytest.fixture
def training(window, qtbot):
    """The window while this drawing trains, with conv1 selected and seen."""
    opened(window, qtbot, drawing(), "conv1")
    window.session.select(frozenset({"conv1"}))
    canvas = window.workbench().canvas
    canvas.camera.zoom_to(0.65)
    canvas.camera.centre((item(window).rect | item(window, "conv2").rect).center())
    window.commands.training.play()
    qtbot.waitUntil(part(window).view.isVisible, timeout=20_000)
    qtbot.waitUntil(lambda: None not in (item(window).sheet, item(window, "conv2").sheet), timeout=10_000)
    shown = window.workbench().training.lens.lens.kind
    qtbot.waitUntil(lambda: shown in {kind for kind, _ in window.controller.frames}, timeout=10_000)
    yield window
    window.controller.shutdown()


def part(window, kind: str = "kernels"):
    return window.workbench().inspector.page.parts[kind]


def item(window, node: str = "conv1"):
    return window.workbench().canvas.drawing.nodes[node]


def shows_no_run(window, node: str) -> bool:
    """Whether a node shows nothing, or what fresh weights compute."""
    lens = item(window, node).card.lens
    frame = window.controller.drawing.seen(lens, node).frame
    return item(window, node).sheet is None or (frame is not None and frame.step == FRESH)


def widen(window) -> None:
    """Give conv1 twelve channels, as its form does."""
    session = window.session
    session.apply(edits.set_param(session.project, MAIN, "conv1", "out_channels", 12), "Set channels")


def test_an_edit_makes_pictures_stale_and_undo_makes_them_true_again(training, qtbot):
    window = training
    page = window.workbench().inspector.page
    assert not item(window).stale
    assert not page.outdated.isVisible()
    widen(window)
    qtbot.waitUntil(lambda: item(window).stale == OUTDATED, timeout=5_000)
    behind = item(window, "conv2")
    qtbot.waitUntil(lambda: behind.stale == OUTDATED, timeout=5_000)
    qtbot.waitUntil(page.outdated.isVisible, timeout=5_000)
    assert page.outdated.text.text() == OUTDATED
    assert is_dimmed(part(window).view)
    panel = window.workbench().training
    qtbot.waitUntil(panel.outdated.isVisible, timeout=5_000)
    assert is_dimmed(panel.lens.picture)
    grid = part(window, "feature_maps").view
    assert grid.tiles.count == 16, "the maps of the run are whole"
    window.actions_["undo"].trigger()
    for node in ("conv1", "conv2"):
        qtbot.waitUntil(lambda node=node: not item(window, node).stale, timeout=5_000)
    qtbot.waitUntil(lambda: not page.outdated.isVisible(), timeout=5_000)
    assert not is_dimmed(part(window).view)
    qtbot.waitUntil(lambda: not panel.outdated.isVisible(), timeout=5_000)
    assert not is_dimmed(panel.lens.picture)


def test_an_edit_of_what_stands_behind_leaves_a_picture_true(training, qtbot):
    window, session = training, training.session
    session.apply(edits.set_param(session.project, MAIN, "conv2", "out_channels", 7), "Set channels")
    qtbot.waitUntil(lambda: item(window, "conv2").stale == OUTDATED, timeout=5_000)
    assert not item(window).stale
    assert not is_dimmed(part(window).view)


def test_apply_by_restarting_trains_the_present_drawing(training, qtbot):
    window, controller = training, training.controller
    first = controller.run
    widen(window)
    notice = window.workbench().inspector.page.outdated
    qtbot.waitUntil(notice.isVisible, timeout=5_000)
    report = lambda: window.session.report.nodes["conv1"].outputs["output"]  # noqa: E731
    qtbot.waitUntil(lambda: report().features[0] == 12, timeout=10_000)
    QTest.mouseClick(notice.restart, LEFT)
    qtbot.waitUntil(lambda: controller.run is not first and controller.state == "running", timeout=30_000)
    assert controller.project is window.session.project
    qtbot.waitUntil(
        lambda: controller.drawing.seen("feature_maps", "conv1").frame is not None, timeout=10_000
    )
    seen = controller.drawing.seen("feature_maps", "conv1")
    assert not seen.is_stale
    assert len(seen.frame.arrays["output"]) == 12
    qtbot.waitUntil(lambda: not notice.isVisible(), timeout=5_000)
    assert not item(window).stale


def test_show_that_drawing_opens_it_as_a_copy_while_the_run_goes_on(training, qtbot, monkeypatch):
    window, controller = training, training.controller
    asked = []
    monkeypatch.setattr("app.widgets.dialogs.ask", lambda *rest: asked.append(rest[1]) or "discard")
    run, trained = controller.run, controller.project
    widen(window)
    notice = window.workbench().training.outdated
    qtbot.waitUntil(notice.isVisible, timeout=5_000)
    QTest.mouseClick(notice.show_drawing, LEFT)
    assert len(asked) == 1, "changes are not lost without a question"
    assert asked[0].startswith("Save changes")
    assert window.session.project.main.nodes == trained.main.nodes
    assert window.session.path is None
    assert window.session.is_modified
    assert controller.run is run
    assert controller.is_active
    qtbot.waitUntil(lambda: not notice.isVisible(), timeout=5_000)
    qtbot.waitUntil(lambda: item(window).sheet is not None, timeout=10_000)
    assert not item(window).stale


def test_a_new_project_shows_nothing_of_the_last_run(training, qtbot, monkeypatch):
    window = training
    answers = {"Stop training?": "stop"}
    monkeypatch.setattr("app.widgets.dialogs.ask", lambda *rest: answers.get(rest[1], "discard"))
    window.actions_["new"].trigger()
    session = window.session
    assert not session.graph.nodes
    node = Node("conv1", "conv2d", {"out_channels": 16})
    session.apply(edits.add_node(session.project, MAIN, node, (0, 0)), "Add layer")
    session.set_report(drawing_report(window))
    session.select(frozenset({"conv1"}))
    qtbot.wait(100)
    assert item(window).sheet is None
    for lens in window.workbench().inspector.page.parts.values():
        assert not lens.view.isVisible()
        assert lens.frame is None
    assert not window.workbench().inspector.page.outdated.isVisible()


def drawing_report(window):
    """What inference says of a lone convolution with an input of the same shape as in the drawing."""
    from engine.report import NodeReport, Report
    from nodes.spec import N, TensorSpec

    outputs = {"output": TensorSpec((N, 16, 8, 8))}
    return Report(nodes={"conv1": NodeReport({"input": (TensorSpec((N, 1, 8, 8)),)}, outputs, 160)})


def test_the_same_nodes_pasted_into_a_new_project_show_nothing_of_the_last_run(training, qtbot, monkeypatch):
    """Ctrl+A, Ctrl+C, Ctrl+N, Ctrl+V: every node of the new project has the id of one that was trained."""
    window = training
    qtbot.waitUntil(lambda: bool(item(window, "loss").live), timeout=10_000)
    answers = {"Stop training?": "stop"}
    monkeypatch.setattr("app.widgets.dialogs.ask", lambda *rest: answers.get(rest[1], "discard"))
    trained = window.session.graph.nodes.keys()
    for key in (Qt.Key.Key_A, Qt.Key.Key_C, Qt.Key.Key_N, Qt.Key.Key_V):
        press(window, key, Qt.KeyboardModifier.ControlModifier)
    assert window.session.path is None
    assert window.session.graph.nodes.keys() == trained
    qtbot.waitUntil(lambda: "conv1" in window.session.report.nodes, timeout=20_000)
    window.session.select(frozenset({"conv1"}))
    qtbot.waitUntil(lambda: window.workbench().inspector.page is not None, timeout=5_000)
    qtbot.wait(200)
    for node in ("conv1", "conv2"):
        assert shows_no_run(window, node)
    assert item(window, "loss").live == ""
    parts = window.workbench().inspector.page.parts
    assert set(parts) >= {"kernels", "feature_maps"}
    frames = [lens.frame for lens in parts.values() if lens.view.isVisible()]
    assert {frame.step for frame in frames} <= {FRESH}
    assert not window.workbench().inspector.page.outdated.isVisible()


def test_another_file_shows_nothing_of_the_last_run(training, qtbot, monkeypatch, tmp_path: Path):
    window = training
    answers = {"Stop training?": "stop"}
    monkeypatch.setattr("app.widgets.dialogs.ask", lambda *rest: answers.get(rest[1], "discard"))
    save(edits.rename_project(drawing(), "twin"), tmp_path / "twin.loom")
    window.files.open_path(tmp_path / "twin.loom")
    qtbot.waitUntil(lambda: "conv1" in window.session.report.nodes, timeout=20_000)
    window.session.select(frozenset({"conv1"}))
    qtbot.wait(100)
    assert shows_no_run(window, "conv1")
    assert part(window).frame is None or part(window).frame.step == FRESH


def test_a_renamed_node_keeps_its_pictures_and_is_watched_on(training, qtbot):
    window, session, controller = training, training.session, training.controller
    session.apply(edits.rename_node(session.project, MAIN, "conv1", "encoder"), "Rename conv1")
    session.select(frozenset({"encoder"}))
    seen = controller.drawing.seen("kernels", "encoder")
    assert seen.frame is not None
    assert not seen.is_stale
    assert controller.drawing.seen("kernels", "conv1").frame is None
    qtbot.waitUntil(lambda: item(window, "encoder").sheet is not None, timeout=5_000)
    newer = controller.drawing.seen("kernels", "encoder").frame.step
    qtbot.waitUntil(lambda: controller.drawing.seen("kernels", "encoder").frame.step > newer, timeout=10_000)
    assert not item(window, "encoder").stale
    assert not window.workbench().training.outdated.isVisible()


def test_numbers_of_an_older_drawing_say_so(training, qtbot):
    window, controller = training, training.controller
    qtbot.waitUntil(lambda: bool(controller.losses) and bool(item(window, "loss").live), timeout=10_000)
    widen(window)
    qtbot.waitUntil(lambda: item(window, "loss").stale == OUTDATED, timeout=5_000)
    controller.stop()
    qtbot.waitUntil(lambda: controller.state == "finished", timeout=20_000)
    qtbot.waitUntil(lambda: item(window, "loss").stale == OUTDATED_PAST, timeout=5_000)
    assert not window.workbench().training.outdated.restart.isVisible()


def test_pictures_inside_a_definition_and_of_a_pinned_lens_are_of_the_drawing_of_the_run(window, qtbot):
    project, placed = extract(drawing(), MAIN, ["conv1", "norm1", "relu1"], "Front")
    opened(window, qtbot, edits.pin_lens(project, "Front", LensPin("kernels", "conv1")), f"{placed}.conv1")
    window.commands.training.play()
    window.session.select(frozenset({placed}))
    press(window, Qt.Key.Key_Return)
    session, camera = window.session, window.workbench().canvas.camera
    assert session.view.graph == "Front"
    camera.zoom_to(0.65)
    camera.centre(item(window).rect.center())
    session.select(frozenset({"conv1"}))
    assert item(window).card.lens == "kernels"
    qtbot.waitUntil(lambda: item(window).sheet is not None, timeout=20_000)
    qtbot.waitUntil(part(window, "feature_maps").view.isVisible, timeout=10_000)
    session.apply(edits.set_param(session.project, "Front", "conv1", "out_channels", 12), "Set channels")
    qtbot.waitUntil(lambda: item(window).stale == OUTDATED, timeout=5_000)
    qtbot.waitUntil(window.workbench().inspector.page.outdated.isVisible, timeout=5_000)
    assert is_dimmed(part(window).view)
    session.show_tab(MAIN)
    qtbot.waitUntil(lambda: item(window, "loss").stale == OUTDATED, timeout=5_000)
    press(window, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert session.view.graph == "Front"
    qtbot.waitUntil(lambda: not item(window).stale, timeout=5_000)
    qtbot.waitUntil(lambda: item(window).sheet is not None, timeout=5_000)
    window.controller.shutdown()
