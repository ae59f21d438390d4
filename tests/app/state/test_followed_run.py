"""A run that goes on elsewhere, as the window sees it."""

from __future__ import annotations

from engine.document.storage import gallery
from engine.messages.commands import Stop
from engine.run.run import Run


def test_a_run_of_somebody_else_is_followed_in_the_window(qtbot, session, controller, tmp_path):
    run = Run(gallery.make("mlp-spiral"), folder=tmp_path / "r", epochs=100_000)
    run.start()
    try:
        qtbot.waitUntil((tmp_path / "r" / "run.json").exists, timeout=10_000)
        controller.follow(tmp_path / "r", run.project)
        qtbot.waitUntil(
            lambda: controller.state == "running" and controller.progress is not None, timeout=10_000
        )
        first = controller.progress.step
        qtbot.waitUntil(lambda: controller.progress.step > first, timeout=10_000)
    finally:
        run.send(Stop())
        assert run.join(10)
    qtbot.waitUntil(lambda: controller.state == "finished", timeout=10_000)
    assert (controller.finished.status, controller.finished.step) == ("stopped", run.finished.step)
    assert controller.progress.step == run.finished.step
