"""Whenever a panel is made, and however slowly a run gets going, the panel shows the run that goes."""

from __future__ import annotations

import time

import pytest

from app.state import warmup
from app.training.training import TrainingPanel
from engine.document import edits
from engine.document.project import MAIN
from engine.document.storage import gallery
from engine.messages.events import Finished, Started
from engine.messages.mailbox import Mailbox
from engine.run.run_folder import RunFolder
from engine.runs.curves import curves_of
from tests.engine.compile.test_inner_objectives import drawing as inner_objective


@pytest.fixture
def session(session):
    warmup.load_engine()
    session.open(edits.set_settings(gallery.make("mlp-spiral"), epochs=100_000), None)
    return session


@pytest.fixture
def made(session, controller, qtbot):
    def make() -> TrainingPanel:
        panel = TrainingPanel(session, controller)
        qtbot.addWidget(panel)
        panel.resize(940, 272)
        panel.show()
        return panel

    return make


@pytest.fixture
def slow_disk(monkeypatch, controller, tmp_path):
    """The start of a run takes its time on the way to the disk; the window is told of it after that."""
    record = RunFolder.record

    def slowly(folder, event):
        if isinstance(event, Started):
            time.sleep(0.3)
        record(folder, event)

    monkeypatch.setattr(RunFolder, "record", slowly)
    controller.place = lambda: tmp_path / "run"


def test_a_run_is_not_called_running_before_its_start_is_told(qtbot, controller, session, slow_disk):
    states = []
    controller.state_changed.connect(
        lambda: states.append((controller.state, controller.started is not None))
    )
    controller.play()
    qtbot.waitUntil(lambda: controller.progress is not None, timeout=20_000)
    assert states == [("compiling", False), ("running", True)]


def test_the_panel_leaves_its_empty_page_however_slow_the_disk_is(qtbot, controller, made, slow_disk):
    panel = made()
    controller.play()
    qtbot.waitUntil(lambda: controller.progress is not None, timeout=20_000)
    assert not panel.empty.isVisible()
    qtbot.waitUntil(lambda: panel.header.step.isVisible() and panel.header.step.value != "0", timeout=5_000)


@pytest.mark.parametrize("moment", ["compiling", "running", "paused", "finished"])
def test_a_panel_made_at_any_moment_shows_the_run_and_all_its_curves(qtbot, controller, made, moment):
    controller.play()
    if moment != "compiling":
        qtbot.waitUntil(lambda: bool(controller.metrics), timeout=20_000)
    if moment == "paused":
        controller.pause()
    if moment == "finished":
        controller.stop()
    qtbot.waitUntil(lambda: controller.state == moment, timeout=20_000)
    panel = made()
    qtbot.waitUntil(lambda: not panel.empty.isVisible(), timeout=20_000)
    qtbot.waitUntil(lambda: all(len(held) for held in panel.loss.series.values()), timeout=20_000)
    for series in panel.loss.series.values():
        assert series.steps[0] <= 100
    assert panel.header.best.name == "Validation accuracy"
    assert panel.header.best.value.endswith("%")
    if moment == "finished":
        assert panel.header.state.text() == "Stopped"
        assert panel.header.left.name == "Took"


def test_what_is_told_while_no_panel_is_there_is_in_the_curves_of_the_panel_that_comes(
    qtbot, controller, made
):
    controller.play()
    qtbot.waitUntil(
        lambda: controller.progress is not None and controller.progress.step > 200, timeout=20_000
    )
    controller.pause()
    qtbot.waitUntil(lambda: controller.state == "paused", timeout=20_000)
    panel = made()
    steps = next(iter(panel.loss.series.values())).steps
    assert steps[0] == 1
    assert steps[-1] == controller.progress.step
    assert len(steps) == controller.progress.step


def test_a_run_that_ends_without_a_word_is_told_as_failed(qtbot, controller, made, monkeypatch):
    """As when its thread dies and the last word with it."""
    put = Mailbox.put
    monkeypatch.setattr(
        Mailbox, "put", lambda box, event: None if isinstance(event, Finished) else put(box, event)
    )
    panel = made()
    controller.play()
    qtbot.waitUntil(lambda: controller.progress is not None, timeout=20_000)
    controller.stop()
    qtbot.waitUntil(lambda: controller.state == "finished", timeout=20_000)
    assert panel.header.state.text() == "Failed"
    assert "without a word" in panel.header.message.text()


def test_an_objective_inside_a_definition_has_its_curve_in_the_panel_and_on_disk(
    qtbot, controller, made, session, tmp_path
):
    session.open(inner_objective(MAIN), None)
    panel, folder = made(), tmp_path / "inner"
    controller.place = lambda: folder
    controller.play()
    inside, outside = "part.objective", "objective"
    qtbot.waitUntil(
        lambda: all(len(panel.loss.series.get(f"training {path}", ())) > 2 for path in (inside, outside)),
        timeout=20_000,
    )
    assert inside in panel.header.rates, "its learning rate can be set"
    controller.stop()
    qtbot.waitUntil(lambda: controller.state == "finished", timeout=20_000)
    assert len(curves_of(folder).losses[inside][0]) > 2
