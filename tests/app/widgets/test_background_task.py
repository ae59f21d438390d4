"""Work beside the window: called off soon, waited for no longer than is said, and its failures are heard."""

from __future__ import annotations

import re
import threading
import time

import pytest
from PySide6.QtCore import QObject

from app.widgets.background_task import BackgroundTask, end_all
from nodes.reading.progress import tell
from tests import ROOT


@pytest.fixture
def home(qapp) -> QObject:
    """What the tasks belong to."""
    return QObject()


def read_for_ever(_question: object) -> object:
    while True:
        tell("Reading")
        time.sleep(0.005)


def test_a_reading_that_is_called_off_ends_soon_and_answers_nothing(qtbot, home) -> None:
    task = BackgroundTask("reading", read_for_ever, home)
    heard: list[object] = []
    task.answered.connect(lambda *answer: heard.append(answer))
    task.failed.connect(lambda *error: heard.append(error))
    task.ask(1)
    task.call_off()
    assert task.wait(5.0)
    qtbot.wait(20)
    assert heard == []


def test_the_newer_question_calls_off_the_older_one(qtbot, home) -> None:
    task = BackgroundTask("reading", lambda question: question or read_for_ever(question), home)
    task.ask(0)
    with qtbot.waitSignal(task.answered, timeout=5_000) as answer:
        task.ask_instead(7)
    assert answer.args == [7, 7]
    assert task.wait(5.0)


def test_a_thread_that_hangs_is_not_waited_for(home) -> None:
    """As one does that opens a file on a disk that does not answer."""
    release = threading.Event()
    tasks = [BackgroundTask("hanging", lambda _: release.wait(60), home) for _ in range(4)]
    for task in tasks:
        task.ask(None)
    started = time.monotonic()
    end_all(tasks, 0.2)
    assert time.monotonic() - started < 5.0, "all of them together are waited for once"
    assert not tasks[0].wait(0.0)
    release.set()
    assert all(task.wait() for task in tasks)


def test_every_task_of_the_window_has_somebody_who_hears_that_it_failed() -> None:
    deaf = []
    for path in (ROOT / "app").rglob("*.py"):
        text = path.read_text("utf-8")
        names = re.findall(r"self\.(\w+) = BackgroundTask\(", text)
        deaf += [f"{path.name}: {name}" for name in names if f"self.{name}.failed.connect(" not in text]
    assert deaf == []


def test_how_far_a_reading_is_comes_to_the_window_now_and_then(qtbot, home) -> None:
    def read(_question: object) -> str:
        for done in range(2_000):
            tell("Reading rows", done / 2_000)
        return "all"

    task = BackgroundTask("reading", read, home)
    heard: list[tuple[object, object]] = []
    task.progressed.connect(lambda question, told: heard.append((question, told)))
    with qtbot.waitSignal(task.answered, timeout=5_000):
        task.ask(7)
    assert heard[0] == (7, ("Reading rows", 0.0))
    assert len(heard) < 200  # not each of them
    assert task.wait(5.0)
