"""Errors that nobody expected, raised in the window and in worker threads: told, reported, and survived."""

from __future__ import annotations

import sys
import threading
from pathlib import Path

import pytest

from app.inspector.data_preview import DataPreview
from app.shell.startup import UnexpectedErrors
from app.state import error_report, run_list
from app.state.sample_draws import samplers_of
from app.widgets.background_task import BackgroundTask
from engine.data.pairing import data_of
from engine.document.storage import gallery
from nodes.data.source import DataSource
from nodes.reading.error import DataError
from nodes.registry import REGISTRY


@pytest.fixture
def hooked(window, monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    """A window whose hooks are those of the program; Python's own ones print nothing and come back."""
    monkeypatch.setattr(sys, "excepthook", sys.excepthook)
    monkeypatch.setattr(threading, "excepthook", threading.excepthook)
    monkeypatch.setattr(sys, "__excepthook__", lambda *_: None)
    monkeypatch.setattr(threading, "__excepthook__", lambda _: None)
    monkeypatch.setattr(error_report, "folder", lambda: tmp_path / "reports")
    UnexpectedErrors(window).install()
    return window


def broken(_question: object) -> object:
    raise LookupError("no such thing")


def test_an_error_of_a_worker_is_told_with_its_report(hooked, qtbot, tmp_path: Path) -> None:
    task = BackgroundTask("odd work", broken, hooked)
    task.ask(None)
    qtbot.waitUntil(lambda: any("odd work" in text for text in hooked.toasts.messages), timeout=5_000)
    (report,) = (tmp_path / "reports").iterdir()
    told = next(text for text in hooked.toasts.messages if "odd work" in text)
    assert "LookupError: no such thing" in told
    assert str(report) in told
    assert "no such thing" in report.read_text("utf-8")
    task.wait()


def test_an_error_in_the_window_is_told_with_its_report(hooked, qtbot, tmp_path: Path) -> None:
    error = ValueError("a slip")
    sys.excepthook(ValueError, error, None)
    qtbot.waitUntil(lambda: any("a slip" in text for text in hooked.toasts.messages), timeout=5_000)
    assert len(list((tmp_path / "reports").iterdir())) == 1


@pytest.mark.parametrize("place", ["a worker", "the window"])
def test_a_users_error_is_told_by_its_sentence_alone(
    hooked, qtbot, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, place: str
) -> None:
    traces: list[object] = []
    monkeypatch.setattr(sys, "__excepthook__", lambda *trace: traces.append(trace))
    monkeypatch.setattr(threading, "__excepthook__", traces.append)
    error = DataError("Expected rows. Received none.")

    def refused(_question: object) -> object:
        raise error

    if place == "a worker":
        task = BackgroundTask("odd work", refused, hooked)
        task.ask(None)
        task.wait()
    else:
        sys.excepthook(DataError, error, None)
    qtbot.waitUntil(lambda: "Expected rows. Received none." in hooked.toasts.messages, timeout=5_000)
    assert not (tmp_path / "reports").exists()
    assert traces == []


def test_the_list_of_runs_is_read_again_after_an_error(
    hooked, qtbot, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole, runs = run_list._look, hooked.run_list
    monkeypatch.setattr(runs._lister, "_work", broken)
    runs.refresh()
    qtbot.waitUntil(lambda: any("list of runs" in text for text in hooked.toasts.messages), timeout=5_000)
    asked: list[object] = []
    monkeypatch.setattr(runs._lister, "_work", lambda question: asked.append(question) or whole(question))
    runs.refresh()
    qtbot.waitUntil(lambda: bool(asked), timeout=5_000)
    runs._lister.wait()


def test_play_does_not_wait_for_samples_that_failed(hooked, qtbot, monkeypatch: pytest.MonkeyPatch) -> None:
    hooked.session.open(gallery.make("gan-2d-ring"), None)
    draws, controller = hooked.controller.draws, hooked.controller
    monkeypatch.setattr(draws._work, "_work", broken)
    draws.draw(samplers_of(hooked.session.project))
    assert draws.busy
    controller.play()  # waits until the samples are drawn
    told: set[str] = set()  # a message goes by itself, on a slow machine before the run has started
    qtbot.waitUntil(lambda: told.update(hooked.toasts.messages) or controller.run is not None, timeout=20_000)
    assert not draws.busy
    assert any("samples on demand" in text for text in told | set(hooked.toasts.messages))
    controller.shutdown()


def test_a_preview_that_fails_says_so(hooked, qtbot, monkeypatch: pytest.MonkeyPatch) -> None:
    preview = DataPreview()
    qtbot.addWidget(preview)
    monkeypatch.setattr(preview._reading, "_work", broken)
    source = REGISTRY.make("data", {"dataset": "wine"})
    assert isinstance(source, DataSource)
    preview.show_data(data_of({"data": source}, "data"))
    qtbot.waitUntil(lambda: "LookupError" in preview.message.text(), timeout=5_000)
    preview._reading.wait()
