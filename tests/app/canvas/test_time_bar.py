"""The bar at the foot of the canvas, by mouse and keys: what it says, and the way back through a run."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest

from app.canvas.time.time_bar import span_words
from app.widgets.numbers import current
from engine.document import edits
from engine.document.project import MAIN
from engine.messages.events import FRESH, LensFrame


@pytest.fixture
def shown(lenet, qtbot):
    """A window with LeNet-5 of which nothing is trained."""
    session = lenet.session
    session.apply(edits.set_settings(session.project, epochs=500, batch_size=128), "Set")
    return lenet


def bar_of(window):
    return window.workbench().canvas.time_bar


def frames_of(window) -> list[LensFrame]:
    drawing = window.controller.drawing
    seen = [drawing.seen(one.kind, one.target).frame for one in window.controller.requests]
    return [frame for frame in seen if frame is not None]


def test_the_steps_of_several_pictures_are_told_as_they_are():
    frames = [LensFrame(step, "kernels", f"node{step}", {}) for step in (12, 40, 12)]
    assert span_words(frames[::2]) == "step 12"
    assert span_words(frames) == "steps 12–40"
    assert span_words([LensFrame(FRESH, "kernels", "a", {})]) == "fresh weights"
    assert span_words([*frames[:1], LensFrame(FRESH, "kernels", "a", {})]) == "step 12 and fresh weights"
    assert span_words([]) == ""


def test_nodes_show_fresh_weights_before_any_run_and_follow_edits(shown, qtbot):
    bar = bar_of(shown)
    qtbot.waitUntil(lambda: bar.words.text() == "fresh weights", timeout=20_000)
    assert bar.isVisible()
    assert not bar.timeline.isVisible()
    item = shown.workbench().canvas.drawing.nodes["conv1"]
    qtbot.waitUntil(lambda: item.sheet is not None, timeout=5_000)
    session = shown.session
    session.apply(edits.set_param(session.project, MAIN, "conv1", "out_channels", 9), "Set")
    qtbot.waitUntil(lambda: len(seen(shown, "conv1").arrays["output"]) == 9, timeout=20_000)
    assert seen(shown, "conv1").step == FRESH


def seen(window, path: str) -> LensFrame:
    kind = window.workbench().canvas.drawing.nodes[path].card.lens
    return window.controller.drawing.seen(kind, path).frame


def live_numbers(window) -> dict[str, str]:
    """What stands on the nodes of the loss and the metric."""
    nodes = window.workbench().canvas.drawing.nodes
    return {name: nodes[name].live for name in ("loss", "accuracy")}


def test_the_slider_goes_back_and_all_pictures_with_it(shown, qtbot):
    controller, bar = shown.controller, bar_of(shown)
    shown.commands.training.play()
    qtbot.waitUntil(lambda: len(controller.moments.places()) > 6, timeout=60_000)
    bar.refresh()
    assert bar.words.text().startswith("live · step")
    assert not bar.live.isVisible()
    line = bar.timeline
    qtbot.waitUntil(lambda: line.isVisible() and line.count > 4, timeout=5_000)
    QTest.mouseClick(line, Qt.MouseButton.LeftButton, pos=QPoint(round(line.x_of(1)), line.height() // 2))
    chosen = controller.moments.chosen
    assert chosen is not None
    assert bar.words.text().startswith(f"step {chosen:,}")
    assert {frame.step for frame in frames_of(shown)} != {controller.progress.step}
    assert max(frame.step for frame in frames_of(shown)) < controller.progress.step
    held = {frame.target: frame for frame in frames_of(shown)}
    numbers = live_numbers(shown)
    assert numbers["loss"] == current(controller.history.losses["objective"].until(chosen))
    assert numbers["loss"] != current(controller.losses["objective"])
    assert numbers["accuracy"] == "", "the run had not validated by then"
    qtbot.wait(300)  # it trains on, and the pictures stay
    assert live_numbers(shown) == numbers
    assert all(held[frame.target] is frame for frame in frames_of(shown) if frame.target in held)
    QTest.keyClick(line, Qt.Key.Key_Right)
    assert controller.moments.chosen != chosen
    QTest.mouseClick(bar.live, Qt.MouseButton.LeftButton)
    assert controller.moments.chosen is None
    assert not bar.live.isVisible()
    controller.stop()
    qtbot.waitUntil(lambda: controller.state == "finished", timeout=20_000)
    qtbot.waitUntil(
        lambda: controller.looks.question is None and bool(controller.looks.steps), timeout=20_000
    )
    bar.refresh()
    assert bar._places[0] == 0, "the checkpoint of the beginning can be gone back to"
    QTest.keyClick(line, Qt.Key.Key_Home)
    qtbot.waitUntil(lambda: {frame.step for frame in frames_of(shown)} == {0}, timeout=20_000)
    qtbot.waitUntil(lambda: controller.looks.question is None, timeout=20_000)
    bar.refresh()
    assert bar.words.text() == "step 0"
    assert live_numbers(shown) == {"loss": "", "accuracy": ""}, "before the first step there was none"
    assert bar.live.text() == "Newest"
    QTest.keyClick(line, Qt.Key.Key_End)
    assert live_numbers(shown)["loss"] == current(controller.losses["objective"])
    assert controller.moments.chosen is None
