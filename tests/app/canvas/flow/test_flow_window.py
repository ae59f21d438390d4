"""Flow over the canvas of a whole window: it follows a run that is paused, resumed and stopped."""

from __future__ import annotations

from engine.document import edits
from engine.document.storage import gallery
from tests.app.canvas.flow.test_flow import KIND
from tests.app.shell.running import ended, gone_on


def test_flow_is_switched_while_a_run_is_paused(window, qtbot, tmp_path) -> None:
    window.session.open(edits.set_settings(gallery.make("cnn-digits"), epochs=500), None)
    window.files.is_open = True
    window.files._write(tmp_path / "digits.loom")
    window.show_drawing()
    window.files.opened.emit()
    qtbot.waitUntil(lambda: window.workbench().foot is not None, timeout=10_000)
    qtbot.waitUntil(lambda: window.session.report.parameters > 0, timeout=20_000)
    canvas, training = window.workbench().canvas, window.commands.training
    flow, legend = canvas.flow, canvas.chrome.flow
    window.commands.view.show_flow("deviation")
    training.play()
    gone_on(window, qtbot, 5)
    qtbot.waitUntil(lambda: "linear1" in canvas.drawing.look.tints, timeout=10_000)
    window.commands.view.show_flow("gradient")
    training.pause()
    qtbot.waitUntil(lambda: window.controller.state == "paused", timeout=20_000)
    step = window.controller.progress.step
    frame, is_stale = window.controller.drawing.seen(KIND, "linear1")
    assert (frame.step, is_stale) == (step, False), "what is shown is of the step at which the run rests"
    shown = canvas.drawing.look.tints["linear1"].words
    assert legend.text() == "gradient norm"
    assert not legend.geometry().intersects(canvas.time_bar.geometry()), "the bar keeps right of the legend"
    window.commands.view.show_flow("zeros")
    assert canvas.drawing.look.tints["linear1"].words != shown
    assert canvas.drawing.look.tints["linear1"].words.endswith("%")
    training.play()
    gone_on(window, qtbot, step + 20)
    training.stop()
    ended(window, qtbot)
    window.commands.view.show_flow("zeros")
    assert (flow.quantity, canvas.drawing.look.tints) == ("", {})
    assert legend.isHidden()
