"""The bridge to a run: its states as a person sees them, and what it keeps of what the run says."""

from __future__ import annotations

import time

import pytest

from app.lenses.prediction import ValueRows, prediction
from app.state import warmup
from app.training.run_words import data_info
from engine.document import edits
from engine.document.storage import gallery
from engine.messages.events import Finished, Progress, Validated
from engine.messages.lens_request import LensRequest


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


def test_before_a_run_it_is_idle_and_levers_do_nothing(bridge):
    assert bridge.state == "idle"
    bridge.pause()
    bridge.stop()
    bridge.set_learning_rate("objective", 0.1)
    assert bridge.state == "idle"


def test_playing_pausing_resuming_and_stopping(qtbot, lenet, bridge):
    heard = []
    bridge.events.connect(heard.append)
    bridge.play()
    assert bridge.state == "compiling"
    qtbot.waitUntil(lambda: len(losses(heard)) > 3, timeout=20_000)
    assert bridge.state == "running"
    bridge.pause()
    qtbot.waitUntil(lambda: bridge.state == "paused", timeout=5_000)
    count = len(losses(heard))
    qtbot.wait(150)
    assert len(losses(heard)) == count
    bridge.play()
    qtbot.waitUntil(lambda: len(losses(heard)) > count, timeout=5_000)
    bridge.stop()
    qtbot.waitUntil(lambda: bridge.state == "finished", timeout=5_000)
    assert isinstance(bridge.finished, Finished)
    assert bridge.finished.status == "stopped"
    assert bridge.losses


def test_a_step_makes_one_step_and_waits(qtbot, lenet, bridge):
    heard = []
    bridge.events.connect(heard.append)
    bridge.step()
    qtbot.waitUntil(lambda: bridge.state == "paused" and len(losses(heard)) == 1, timeout=20_000)
    bridge.step()
    qtbot.waitUntil(lambda: len(losses(heard)) == 2, timeout=5_000)
    qtbot.wait(100)
    assert len(losses(heard)) == 2


def test_a_window_that_looks_seldom_gets_every_point_of_the_training_metrics(qtbot, lenet, bridge):
    heard = []
    bridge.events.connect(heard.append)
    bridge.play()
    qtbot.waitUntil(lambda: len(losses(heard)) > 0, timeout=20_000)
    heard.clear()
    time.sleep(0.6)  # the window is busy with something else
    bridge.drain()
    (progress,) = [event for event in heard[0] if isinstance(event, Progress)]
    assert len(progress.measured) >= 3
    assert progress.measured[-1] == (progress.step, progress.metrics)
    (held,) = bridge.history.training_metrics.values()
    assert len(held) >= len(progress.measured)


def test_frames_of_what_is_watched_arrive(qtbot, lenet, bridge):
    conv = next(node.id for node in lenet.project.main.nodes.values() if node.layer == "conv2d")
    bridge.watch(bridge, frozenset({LensRequest("feature_maps", conv)}))
    touched: list[set] = []
    bridge.frames_changed.connect(touched.append)
    bridge.play()
    qtbot.waitUntil(lambda: ("feature_maps", conv) in bridge.frames, timeout=20_000)
    assert any(conv in names for names in touched)


def test_watching_is_the_union_of_all_owners(bridge):
    first, second = object(), object()
    a, b = LensRequest("feature_maps", "conv1"), LensRequest("kernels", "conv1")
    bridge.watch(first, frozenset({a}))
    bridge.watch(second, frozenset({a, b}))
    assert bridge.requests == {a, b}
    bridge.watch(second, frozenset())
    assert bridge.requests == {a}


def test_a_project_that_cannot_run_ends_with_a_sentence(qtbot, session, bridge):
    warmup.load_engine()
    told = []
    session.notified.connect(lambda message, kind: told.append((message, kind)))
    bridge.play()
    qtbot.waitUntil(lambda: bridge.state == "finished", timeout=20_000)
    assert bridge.finished.status == "failed"
    assert told
    assert told[0][1] == "bad"
    assert told[0][0]


def test_playing_before_the_engine_is_loaded_waits_for_it(qtbot, lenet, bridge, monkeypatch):
    monkeypatch.setattr(warmup, "is_loaded", lambda: False)
    bridge.play()
    assert bridge.state == "compiling"
    assert bridge.run is None
    bridge.engine_ready()
    qtbot.waitUntil(lambda: bridge.state == "running", timeout=20_000)


def test_stopping_while_it_waits_for_the_engine_forgets_the_wish(lenet, bridge, monkeypatch):
    monkeypatch.setattr(warmup, "is_loaded", lambda: False)
    bridge.play()
    bridge.stop()
    assert bridge.state == "idle"
    bridge.engine_ready()
    assert bridge.run is None


def test_the_end_of_an_epoch_brings_metrics(qtbot, session, bridge):
    warmup.load_engine()
    session.open(edits.set_settings(gallery.make("mlp-spiral"), epochs=1), None)
    heard = []
    bridge.events.connect(heard.append)
    bridge.play()
    qtbot.waitUntil(lambda: bridge.state == "finished", timeout=40_000)
    assert bridge.finished.status == "completed"
    assert any(isinstance(event, Validated) for events in heard for event in events)
    assert bridge.metrics
    assert all(0.3 < value <= 1.0 for value in bridge.metrics.values())


def test_another_project_forgets_the_run(qtbot, lenet, bridge):
    bridge.play()
    qtbot.waitUntil(lambda: bridge.state == "running", timeout=20_000)
    bridge.forget()
    assert bridge.state == "idle"
    assert bridge.run is None
    assert not bridge.losses


def test_another_project_starts_with_nothing_of_the_last_one(qtbot, lenet, bridge):
    bridge.watch(lenet, frozenset({LensRequest("feature_maps", "conv1")}))
    bridge.pin(7)
    bridge.play()
    qtbot.waitUntil(lambda: bool(bridge.frames), timeout=20_000)
    bridge.forget()
    assert bridge.state == "idle"
    assert not bridge.frames
    assert bridge.pinned == 0


def test_a_regression_is_told_in_the_unit_of_its_data(qtbot, session, bridge):
    """Diabetes runs from 25 to 346, the network learns from scaled numbers."""
    warmup.load_engine()
    session.open(gallery.make("linear-table"), None)
    bridge.watch(session, frozenset({LensRequest("prediction", "output")}))
    bridge.play()
    qtbot.waitUntil(lambda: bridge.state == "finished", timeout=20_000)
    arrays = bridge.frames["prediction", "output"].arrays
    read = prediction(arrays, data_info(session.project))
    assert isinstance(read, ValueRows)
    ((_, predicted, true),) = read.rows
    assert 25 <= true <= 346
    assert true == pytest.approx(round(true), abs=1e-3)
    assert 25 <= predicted <= 346


def test_showing_much_comes_at_a_slower_pace_until_a_lever_is_pulled(qtbot, lenet, bridge):
    """Whatever showing costs, training keeps nearly all of the machine."""

    def work(_events: list) -> None:
        end = time.thread_time() + 0.02
        while time.thread_time() < end:
            pass

    bridge.events.connect(work)
    bridge.play()
    assert bridge.pace_ms < 50
    qtbot.waitUntil(lambda: bridge.pace_ms > 300, timeout=20_000)
    bridge.pause()
    assert bridge.pace_ms < 50
