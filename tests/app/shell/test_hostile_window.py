"""The window with files of strangers: it opens, says one sentence, answers meanwhile, and closes."""

from __future__ import annotations

import os
import threading
import time
from pathlib import Path

import pytest
from PySide6.QtCore import QEvent, QMimeData, QPoint, QPointF, Qt, QTimer, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QApplication

from app.problems import problems as problem_list
from app.problems.problems import ROWS_AT_ONCE, ProblemsPopover
from app.state import files, settings
from app.widgets import dialogs
from engine.data import catalogue
from engine.document import edits
from engine.document.project import MAIN
from engine.document.storage import gallery
from engine.document.storage.file import save
from engine.infer import checks, training
from engine.infer import source as source_outcomes
from engine.report import Problem, Report


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The headings and details of messages, which nobody has to close."""
    said: list[str] = []
    monkeypatch.setattr(
        dialogs, "tell", lambda _parent, title, _text, lines=(): said.append("\n".join((title, *lines)))
    )
    return said


def drop(window, path: Path, actions: Qt.DropAction = Qt.DropAction.CopyAction) -> list[Qt.DropAction | None]:
    """Drag a file from another program, which offers these actions, onto the window; what it is told."""
    carried, answers = QMimeData(), list[Qt.DropAction | None]()
    carried.setUrls([QUrl.fromLocalFile(str(path))])
    held = (carried, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier)
    for event in (
        QDragEnterEvent(QPoint(300, 300), actions, *held),
        QDropEvent(QPointF(300, 300), actions, *held, QEvent.Type.Drop),
    ):
        event.ignore()
        QApplication.sendEvent(window, event)
        answers.append(event.dropAction() if event.isAccepted() else None)
    return answers


def test_a_dropped_project_is_opened(window, qtbot, tmp_path: Path) -> None:
    path = tmp_path / "mine.loom"
    save(gallery.make("mlp-spiral"), path)
    drop(window, path)
    qtbot.waitUntil(lambda: window.session.path == path, timeout=5_000)


def test_a_dropped_file_is_never_taken_as_moved(window, qtbot, tmp_path: Path) -> None:
    """A program that is told that its file was moved may delete it."""
    copy, move = Qt.DropAction.CopyAction, Qt.DropAction.MoveAction
    path = tmp_path / "mine.loom"
    save(gallery.make("mlp-spiral"), path)
    assert drop(window, path, copy | move) == [copy, copy]
    qtbot.waitUntil(lambda: window.session.path == path, timeout=5_000)
    assert drop(window, tmp_path / "other.loom", move) == [None, None]


def test_a_recent_project_that_is_gone_is_told_and_leaves_the_page(
    window, qtbot, told, tmp_path: Path
) -> None:
    for name in ("gone", "kept"):
        save(gallery.make("mlp-spiral"), tmp_path / f"{name}.loom")
        settings.add_recent(tmp_path / f"{name}.loom")
    window.show_gallery()
    qtbot.waitUntil(lambda: len(window.gallery.recent_rows()) == 2, timeout=5_000)
    row = next(row for row in window.gallery.recent_rows() if row.path.stem == "gone")
    row.path.unlink()
    qtbot.mouseClick(row, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: len(told) == 1, timeout=5_000)
    assert "gone.loom cannot be opened" in told[0]
    assert [row.path.stem for row in window.gallery.recent_rows()] == ["kept"]


@pytest.mark.parametrize("way", ["dropped", "of the recent list"])
@pytest.mark.parametrize("what", ["a pipe", "a loop of links", "not there", "odd characters"])
def test_what_cannot_be_opened_is_told_in_one_message(
    window, qtbot, told, tmp_path: Path, way: str, what: str
) -> None:
    path = tmp_path / ("a\n\u202eb\x1b.loom" if what == "odd characters" else "a.loom")
    if what == "a pipe":
        os.mkfifo(path)
    elif what == "a loop of links":
        path.symlink_to(path)
    elif what == "odd characters":
        path.write_bytes(b"\xff\xfe{")
    if way == "dropped":
        drop(window, path)
    else:
        settings.add_recent(path)
        window._fill_recent()
        window.recent_menu.actions()[0].trigger()
    qtbot.waitUntil(lambda: len(told) == 1, timeout=5_000)
    assert "cannot be opened" in told[0]
    assert not window.files.is_open
    assert (path in settings.recent_files()) == (way != "dropped" and what != "not there")


def test_a_file_that_takes_long_is_waited_for_and_can_be_given_up(
    window, qtbot, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    release, beats = threading.Event(), []
    monkeypatch.setattr(files, "load", lambda _path: release.wait(60) and gallery.make("mlp-spiral"))
    timer = QTimer(interval=10)
    timer.timeout.connect(lambda: beats.append(1))
    timer.start()

    def give_up() -> None:
        shown = [one for one in window.findChildren(dialogs.Dialog) if one.isVisible()]
        if shown:
            assert shown[0].windowTitle() == "Opening slow.loom …"
            shown[0].buttons["cancel"].click()
        else:
            QTimer.singleShot(20, give_up)

    QTimer.singleShot(0, give_up)
    assert not window.files.open_path(tmp_path / "slow.loom")
    assert len(beats) > 5, "the window answered meanwhile"
    timer.stop()
    release.set()


def test_the_recent_list_asks_no_disk_in_the_thread_of_the_window(
    window, qtbot, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """A disk that does not answer, as one of a network that is gone, holds nothing up."""
    release, asked, plain = threading.Event(), [], Path.stat

    def stat(path: Path, **how: bool) -> os.stat_result:
        if path.name == "far.loom":
            asked.append(threading.current_thread())
            release.wait(60)
        return plain(path, **how)

    monkeypatch.setattr(Path, "stat", stat)
    settings.add_recent(tmp_path / "far.loom")
    for _ in range(3):
        window.show_gallery()
        window._fill_recent()
    qtbot.waitUntil(lambda: len(asked) == 1, timeout=5_000)
    assert threading.main_thread() not in asked
    assert [row.path.name for row in window.gallery.recent_rows()] == ["far.loom"]
    release.set()
    qtbot.waitUntil(lambda: window.gallery.recent_rows() == [], timeout=5_000)


def test_data_are_described_and_read_by_no_action_in_the_thread_of_the_window(
    window, qtbot, monkeypatch: pytest.MonkeyPatch
) -> None:
    readers: dict[str, set[str]] = {}

    def spied(module: object, name: str) -> None:
        plain = getattr(module, name)

        def call(*words: object, **more: object) -> object:
            readers.setdefault(name, set()).add(threading.current_thread().name)
            return plain(*words, **more)

        monkeypatch.setattr(module, name, call)

    for name in ("describe", "load", "preview", "declared"):
        spied(catalogue, name)
    for module in (source_outcomes, checks, training):
        spied(module, "describe")
    window.inference.start()
    window.files.open_template("lenet5-fashion")
    session, workbench = window.session, window.workbench()
    qtbot.waitUntil(lambda: session.report.parameters == 61_706, timeout=20_000)
    qtbot.waitUntil(lambda: workbench.training is not None, timeout=10_000)
    for key in ("data", "conv1", "objective"):
        session.select(frozenset({key}))
        qtbot.wait(10)
    for name, value in (("samples", 200), ("validation", 0.1), ("dataset", "wine"), ("dataset", "digits")):
        session.apply(edits.set_param(session.project, MAIN, "data", name, value), "Set")
        qtbot.wait(60)
    for _ in range(4):
        session.undo()
    window.show_gallery()
    window.show_drawing()
    window.files.open_template("gan-2d-ring")
    qtbot.waitUntil(lambda: session.report.parameters > 0 and not session.report.errors, timeout=20_000)
    window.commands.training.play()
    qtbot.waitUntil(lambda: bool(window.controller.losses), timeout=20_000)
    window.commands.training.stop()
    qtbot.waitUntil(lambda: window.controller.state == "finished", timeout=20_000)
    assert {"describe", "load", "preview"} <= readers.keys()
    assert {name for name, threads in readers.items() if "MainThread" in threads} == set()


def test_a_window_closes_though_a_reader_hangs(window, qtbot, monkeypatch: pytest.MonkeyPatch) -> None:
    release = threading.Event()
    hang = lambda *_, **__: release.wait(60) or pytest.fail("nobody let go")  # noqa: E731
    for name in ("preview", "load"):
        monkeypatch.setattr(catalogue, name, hang)
    monkeypatch.setattr(source_outcomes, "describe", hang)
    monkeypatch.setattr(dialogs, "ask", lambda *_: "discard")
    monkeypatch.setattr(threading, "excepthook", lambda _: None)
    window.inference.start()
    window.files.open_template("lenet5-fashion")
    qtbot.waitUntil(lambda: "samples" in {thread.name for thread in threading.enumerate()}, timeout=20_000)
    started = time.monotonic()
    window.close()
    assert time.monotonic() - started < 10.0
    assert not window.isVisible()
    release.set()


def test_a_hundred_thousand_problems_are_listed_as_one_scrolls(window, qtbot, monkeypatch) -> None:
    monkeypatch.setattr(problem_list, "MOST_ROWS", 40)
    window.files.open_template("mlp-spiral")
    qtbot.waitUntil(lambda: window.session.report.parameters > 0, timeout=20_000)
    problems = tuple(Problem(MAIN, f"r{at}", f"r{at}", f"Unknown layer 'x{at}'.") for at in range(100_000))
    window.session.set_report(Report(problems=problems, unlisted_problems=5))
    window.open_problems()
    popover = window.findChild(ProblemsPopover)
    assert len(popover.list.rows) == ROWS_AT_ONCE
    assert popover.title.text() == window.topbar.problems.text() == "100,005 problems"
    bar = popover._area.verticalScrollBar()
    qtbot.waitUntil(lambda: bar.maximum() > 0, timeout=5_000)

    bar.setValue(bar.maximum())
    assert len(popover.list.rows) > ROWS_AT_ONCE, "more are made as one scrolls"
    for _ in range(4):
        popover.list.show_more()
    assert len(popover.list.rows) == 40
    assert popover.list._more.text() == "and 99,965 more"
