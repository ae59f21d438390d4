"""A run in a process of its own, as the window sees it: the same commands, and a death that it survives."""

from __future__ import annotations

import os
import signal

import pytest

from app.state import warmup
from engine.document import edits
from engine.document.storage import gallery
from engine.messages.commands import Stop
from engine.messages.events import Progress
from engine.messages.lens_request import LensRequest
from engine.run.process import ProcessRun
from engine.run.run import Run


@pytest.fixture
def isolated(session):
    warmup.load_engine()
    session.open(edits.set_settings(gallery.make("mlp-spiral"), epochs=100_000, run_in="process"), None)
    return session


def steps(heard: list[list]) -> int:
    return sum(len(e.steps) for events in heard for e in events if isinstance(e, Progress))


def test_commands_work_and_a_killed_run_leaves_the_window(qtbot, isolated, controller, tmp_path):
    heard, notes = [], []
    controller.place = lambda: tmp_path / "r"
    controller.events.connect(heard.append)
    isolated.notified.connect(lambda message, kind: notes.append((message, kind)))
    node = next(node.id for node in isolated.project.main.nodes.values() if node.layer == "linear")
    controller.watch(controller, frozenset({LensRequest("kernels", node)}))
    controller.play()
    assert isinstance(controller.run, ProcessRun)
    qtbot.waitUntil(lambda: steps(heard) > 3, timeout=30_000)
    controller.pause()
    qtbot.waitUntil(lambda: controller.state == "paused", timeout=5_000)
    qtbot.waitUntil(lambda: ("kernels", node) in controller.frames, timeout=5_000)
    count = steps(heard)
    assert controller.progress.step == count
    controller.step()
    qtbot.waitUntil(lambda: steps(heard) == count + 1, timeout=5_000)
    controller.play()
    qtbot.waitUntil(lambda: steps(heard) > count + 100, timeout=10_000)
    os.kill(controller.run.pid, signal.SIGKILL)
    qtbot.waitUntil(lambda: controller.state == "finished", timeout=5_000)
    assert controller.finished.status == "failed"
    assert any("killed (SIGKILL)" in message and kind == "bad" for message, kind in notes)
    assert not controller.is_active


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
