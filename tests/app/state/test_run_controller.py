"""The controller to a run: its states as a person sees them, and what it keeps of what the run says."""

from __future__ import annotations

import time

import pytest

from app.lenses.prediction import ValueRows, prediction
from app.state import warmup
from app.style import theme
from app.training.loss_chart import LossChart
from app.training.run_words import data_info
from engine.document import edits
from engine.document.storage import gallery
from engine.messages.events import Finished, Progress, Validated
from engine.messages.lens_request import LensRequest
from engine.run.run import Run


@pytest.fixture
def lenet(session):
    warmup.load_engine()
    session.open(edits.set_settings(gallery.make("lenet5-fashion"), epochs=1), None)
    return session


def losses(heard: list[list]) -> list[float]:
    return [
        loss for events in heard for event in events if isinstance(event, Progress)
        for values in event.losses.values() for loss in values
    ]  # fmt: skip


def test_before_a_run_it_is_idle_and_commands_do_nothing(controller):
    assert controller.state == "idle"
    controller.pause()
    controller.stop()
    controller.set_learning_rate("objective", 0.1)
    assert controller.state == "idle"


def test_where_cuda_is_lost_the_next_run_goes_in_a_process_of_its_own(qtbot, lenet, controller, monkeypatch):
    class InProcess(Run):
        """Stands for a run in another process."""

    monkeypatch.setattr("engine.run.process.ProcessRun", InProcess)
    for lost in (False, True):
        monkeypatch.setattr("engine.system.device.cuda_is_lost", lambda lost=lost: lost)
        controller.play()
        qtbot.waitUntil(lambda: controller.state == "running", timeout=20_000)
        assert isinstance(controller.run, InProcess) is lost
        controller.stop()
        qtbot.waitUntil(lambda: controller.state == "finished", timeout=5_000)


def test_playing_pausing_resuming_and_stopping(qtbot, lenet, controller):
    heard = []
    controller.events.connect(heard.append)
    controller.play()
    assert controller.state == "compiling"
    qtbot.waitUntil(lambda: len(losses(heard)) > 3, timeout=20_000)
    assert controller.state == "running"
    controller.pause()
    qtbot.waitUntil(lambda: controller.state == "paused", timeout=5_000)
    count = len(losses(heard))
    qtbot.wait(150)
    assert len(losses(heard)) == count
    controller.play()
    qtbot.waitUntil(lambda: len(losses(heard)) > count, timeout=5_000)
    controller.stop()
    qtbot.waitUntil(lambda: controller.state == "finished", timeout=5_000)
    assert isinstance(controller.finished, Finished)
    assert controller.finished.status == "stopped"
    assert controller.losses


def test_a_step_makes_one_step_and_waits(qtbot, lenet, controller):
    heard = []
    controller.events.connect(heard.append)
    controller.step()
    qtbot.waitUntil(lambda: controller.state == "paused" and len(losses(heard)) == 1, timeout=20_000)
    controller.step()
    qtbot.waitUntil(lambda: len(losses(heard)) == 2, timeout=5_000)
    qtbot.wait(100)
    assert len(losses(heard)) == 2


def test_a_window_that_looks_seldom_gets_every_point_of_the_training_metrics(qtbot, lenet, controller):
    heard = []
    controller.events.connect(heard.append)
    controller.play()
    qtbot.waitUntil(lambda: len(losses(heard)) > 0, timeout=20_000)
    heard.clear()
    time.sleep(0.6)  # the window is busy with something else
    controller.drain()
    (progress,) = [event for event in heard[0] if isinstance(event, Progress)]
    assert len(progress.measured) >= 3
    assert progress.measured[-1] == (progress.step, progress.metrics)
    (held,) = controller.history.training_metrics.values()
    assert len(held) >= len(progress.measured)


def test_frames_of_what_is_watched_arrive(qtbot, lenet, controller):
    conv = next(node.id for node in lenet.project.main.nodes.values() if node.layer == "conv2d")
    controller.watch(controller, frozenset({LensRequest("feature_maps", conv)}))
    touched: list[set] = []
    controller.frames_changed.connect(touched.append)
    controller.play()
    qtbot.waitUntil(lambda: ("feature_maps", conv) in controller.frames, timeout=20_000)
    assert any(conv in names for names in touched)


def test_watching_is_the_union_of_all_owners(controller):
    first, second = object(), object()
    a, b = LensRequest("feature_maps", "conv1"), LensRequest("kernels", "conv1")
    controller.watch(first, frozenset({a}))
    controller.watch(second, frozenset({a, b}))
    assert controller.requests == {a, b}
    controller.watch(second, frozenset())
    assert controller.requests == {a}


def test_a_project_that_cannot_run_ends_with_a_sentence(qtbot, session, controller):
    warmup.load_engine()
    told = []
    session.notified.connect(lambda message, kind: told.append((message, kind)))
    controller.play()
    qtbot.waitUntil(lambda: controller.state == "finished", timeout=20_000)
    assert controller.finished.status == "failed"
    assert told
    assert told[0][1] == "bad"
    assert told[0][0]


def test_playing_before_the_engine_is_loaded_waits_for_it(qtbot, lenet, controller, monkeypatch):
    monkeypatch.setattr(warmup, "is_loaded", lambda: False)
    controller.play()
    assert controller.state == "compiling"
    assert controller.run is None
    controller.engine_ready()
    qtbot.waitUntil(lambda: controller.state == "running", timeout=20_000)


def test_stopping_while_it_waits_for_the_engine_forgets_the_wish(lenet, controller, monkeypatch):
    monkeypatch.setattr(warmup, "is_loaded", lambda: False)
    controller.play()
    controller.stop()
    assert controller.state == "idle"
    controller.engine_ready()
    assert controller.run is None


def test_the_end_of_an_epoch_brings_metrics(qtbot, session, controller):
    warmup.load_engine()
    session.open(edits.set_settings(gallery.make("mlp-spiral"), epochs=1), None)
    heard = []
    controller.events.connect(heard.append)
    controller.play()
    qtbot.waitUntil(lambda: controller.state == "finished", timeout=40_000)
    assert controller.finished.status == "completed"
    assert any(isinstance(event, Validated) for events in heard for event in events)
    assert controller.metrics
    assert all(0.3 < value <= 1.0 for value in controller.metrics.values())


def test_another_project_forgets_the_run(qtbot, lenet, controller):
    controller.play()
    qtbot.waitUntil(lambda: controller.state == "running", timeout=20_000)
    controller.forget()
    assert controller.state == "idle"
    assert controller.run is None
    assert not controller.losses


def test_another_project_starts_with_nothing_of_the_last_one(qtbot, lenet, controller):
    controller.watch(lenet, frozenset({LensRequest("feature_maps", "conv1")}))
    controller.pin(7)
    controller.play()
    qtbot.waitUntil(lambda: bool(controller.frames), timeout=20_000)
    controller.forget()
    assert controller.state == "idle"
    assert not controller.frames
    assert controller.pinned == 0


def test_a_regression_is_told_in_the_unit_of_its_data(qtbot, session, controller):
    """Diabetes runs from 25 to 346, the network learns from scaled numbers."""
    warmup.load_engine()
    session.open(gallery.make("linear-table"), None)
    controller.watch(session, frozenset({LensRequest("prediction", "output")}))
    controller.play()
    qtbot.waitUntil(lambda: controller.state == "finished", timeout=20_000)
    arrays = controller.frames["prediction", "output"].arrays
    read = prediction(arrays, data_info(session.project))
    assert isinstance(read, ValueRows)
    ((_, predicted, true),) = read.rows
    assert 25 <= true <= 346
    assert true == pytest.approx(round(true), abs=1e-3)
    assert 25 <= predicted <= 346


def test_showing_much_comes_less_often_until_a_command_is_sent(qtbot, lenet, controller):
    """Whatever showing costs, training keeps nearly all of the machine."""

    def work(_events: list) -> None:
        end = time.thread_time() + 0.02
        while time.thread_time() < end:
            pass

    controller.events.connect(work)
    controller.play()
    assert controller.drain_ms < 50
    qtbot.waitUntil(lambda: controller.drain_ms > 300, timeout=20_000)
    controller.pause()
    assert controller.drain_ms < 50


def test_the_loss_of_a_card_is_that_of_the_chart(qtbot, lenet, controller):
    chart = LossChart()
    qtbot.addWidget(chart)
    controller.play()
    qtbot.waitUntil(lambda: controller.progress is not None and controller.progress.step > 30, timeout=20_000)
    controller.pause()
    qtbot.waitUntil(lambda: controller.state == "paused", timeout=5_000)
    chart.fit_smoothing(controller.started.total_steps)
    chart.add_curve("loss", "training", lambda: theme.colour(theme.current().accent), raw=True)
    told = controller.history.losses["objective"]
    chart.series["loss"].extend(told.steps, told.values)
    assert controller.losses == {"objective": pytest.approx(chart.series["loss"].last)}
    assert controller.losses["objective"] != told.values[-1]
