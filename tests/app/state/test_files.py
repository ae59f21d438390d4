"""Opening, saving and leaving projects: what is asked, what is told, and that nothing is lost on the way."""

from __future__ import annotations

import errno
import subprocess
import sys
from pathlib import Path

import pytest
from PySide6.QtWidgets import QFileDialog

from app.state import settings
from app.widgets import dialogs
from engine.document import edits
from engine.document.project import MAIN, Project
from engine.document.storage.file import load, save, to_bytes
from engine.document.storage.recovery import OpenFiles, RecoveryStore
from engine.system.process_identity import Process
from tests import ROOT


@pytest.fixture
def drawing(window):
    window.files.open_template("lenet5-fashion")
    return window


@pytest.fixture
def answers(monkeypatch):
    """Questions that were asked, and what is answered to the next ones."""
    asked: list[str] = []
    given: list[str] = []

    def ask(_parent, title, _text, _choices):
        asked.append(title)
        return given.pop(0) if given else ""

    monkeypatch.setattr(dialogs, "ask", ask)
    asked_and_given = (asked, given)
    yield asked_and_given
    given.extend(["stop", "discard"])


def edit(window) -> None:
    project = window.session.project
    window.session.apply(edits.remove_nodes(project, MAIN, ["conv1"]), "Delete Conv2d")


def choose_file(monkeypatch, path: Path) -> None:
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(path), ""))
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_: (str(path), ""))


def test_a_typed_name_gets_the_ending_and_replaces_nothing_unasked(drawing, tmp_path, monkeypatch, answers):
    asked, given = answers
    taken = tmp_path / "net.v2.loom"
    taken.write_text("precious")
    choose_file(monkeypatch, tmp_path / "net.v2")
    given.append("cancel")
    assert not drawing.files.save_as()
    assert asked == ["Replace net.v2.loom?"]
    assert taken.read_text() == "precious"
    given.append("replace")
    assert drawing.files.save_as()
    assert load(taken).main.nodes


def test_save_as_then_open_brings_the_same_drawing(drawing, tmp_path, monkeypatch):
    edit(drawing)
    path = tmp_path / "mine.loom"
    choose_file(monkeypatch, path.with_suffix(""))
    assert drawing.files.save()
    choose_file(monkeypatch, path)
    before = to_bytes(drawing.session.project)
    assert path.read_bytes() == before
    assert not drawing.session.is_modified
    assert drawing.session.project.name == "mine"
    drawing.files.new()
    assert drawing.files.open()
    assert to_bytes(drawing.session.project) == before
    assert drawing.session.path == path


def test_saved_files_are_recent(drawing, qtbot, tmp_path, monkeypatch):
    choose_file(monkeypatch, tmp_path / "mine.loom")
    drawing.files.save()
    assert settings.recent_files() == [tmp_path / "mine.loom"]
    drawing.show_gallery()
    names = [row.path.stem for row in drawing.gallery.recent_rows()]
    assert names == ["mine"]
    (tmp_path / "mine.loom").unlink()
    drawing.show_gallery()
    qtbot.waitUntil(lambda: drawing.gallery.recent_rows() == [], timeout=5_000)


def test_changes_are_guarded(drawing, answers):
    asked, given = answers
    edit(drawing)
    given.append("cancel")
    assert not drawing.files.new()
    assert asked == ["Save changes to lenet5-fashion?"]
    assert "conv1" not in drawing.session.graph.nodes
    given.append("discard")
    assert drawing.files.new()
    assert not drawing.session.graph.nodes


def test_closing_asks_too(drawing, answers):
    asked, given = answers
    edit(drawing)
    given.append("cancel")
    assert not drawing.close()
    assert drawing.isVisible()
    assert len(asked) == 1


def test_saving_at_the_question_goes_on(drawing, answers, tmp_path, monkeypatch):
    choose_file(monkeypatch, tmp_path / "kept.loom")
    edit(drawing)
    answers[1].append("save")
    assert drawing.files.new()
    assert "conv1" not in load(tmp_path / "kept.loom").main.nodes


def test_nothing_is_asked_where_nothing_changed(drawing, answers):
    assert drawing.files.new()
    assert answers[0] == []


def test_undoing_all_changes_leaves_nothing_to_save(drawing, answers):
    edit(drawing)
    assert drawing.session.is_modified
    drawing.session.undo()
    assert not drawing.session.is_modified


def test_a_damaged_file_is_told_with_all_its_problems(drawing, tmp_path, monkeypatch):
    told = []
    monkeypatch.setattr(dialogs, "tell", lambda *args: told.append(args))
    path = tmp_path / "broken.loom"
    path.write_text('{"format": 2, "graphs": 3}')
    before = drawing.session.project
    assert not drawing.files.open_path(path)
    assert drawing.session.project is before
    assert told[0][1] == "broken.loom cannot be opened"
    assert told[0][3]
    assert path.read_text() == '{"format": 2, "graphs": 3}'


def test_a_place_that_cannot_be_written_loses_nothing(drawing, tmp_path, monkeypatch):
    told = []
    monkeypatch.setattr(dialogs, "tell", lambda *args: told.append(args))
    edit(drawing)
    choose_file(monkeypatch, tmp_path / "nowhere" / "mine.loom")
    assert not drawing.files.save()
    assert drawing.session.is_modified
    assert told[0][1] == "Not saved"


def test_a_run_is_ended_only_when_asked(drawing, qtbot, answers):
    asked, given = answers
    drawing.controller.play()
    qtbot.waitUntil(lambda: drawing.controller.state == "running", timeout=20_000)
    given.append("cancel")
    assert not drawing.close()
    assert drawing.controller.is_active
    given.append("stop")
    assert drawing.files.new()
    assert not drawing.controller.is_active
    assert asked[0] == "Stop training?"


def test_runs_go_beside_the_file_and_never_into_an_old_folder(drawing, tmp_path, monkeypatch):
    choose_file(monkeypatch, tmp_path / "mine.loom")
    drawing.files.save()
    first = drawing.files.run_folder()
    assert first.parent == tmp_path / "mine.runs"
    assert drawing.files.run_folder() != first


def test_a_name_that_no_project_may_have_is_refused_in_words(drawing, monkeypatch):
    said = []
    drawing.session.notified.connect(lambda message, _: said.append(message))
    monkeypatch.setattr(dialogs, "ask_text", lambda *_: "x" * 300)
    before = drawing.session.project
    drawing.actions_.run("rename_project")
    assert drawing.session.project is before
    assert "Expected one line of 1 to 200 characters" in said[0]


def test_a_file_may_have_a_name_that_no_project_may_have(drawing, tmp_path, monkeypatch):
    path = tmp_path / f"{'x' * 220}.loom"
    choose_file(monkeypatch, path)
    before = drawing.session.project.name
    assert drawing.files.save_as()
    assert load(path).name == before


def test_edits_are_kept_within_a_second_and_dropped_on_save(drawing, qtbot, tmp_path, monkeypatch):
    folder = RecoveryStore().folder
    edit(drawing)
    qtbot.waitUntil(lambda: bool(list(folder.glob("*.recovery"))), timeout=1_000)
    choose_file(monkeypatch, tmp_path / "mine.loom")
    drawing.files.save()
    assert not list(folder.glob("*.recovery"))


def test_undoing_to_the_saved_state_drops_the_recovery_file(drawing, qtbot):
    folder = RecoveryStore().folder
    edit(drawing)
    qtbot.waitUntil(lambda: bool(list(folder.glob("*.recovery"))), timeout=1_000)
    drawing.session.undo()
    assert not list(folder.glob("*.recovery"))


def left_by_a_crash(project: Project, path: Path | None) -> None:
    """A recovery file whose process is gone."""
    code = (
        "import sys, os; from engine.document.storage.file import from_bytes\n"
        "from engine.document.storage.recovery import RecoveryStore\n"
        "project = from_bytes(sys.stdin.buffer.read())\n"
        "RecoveryStore().write('lost', project, sys.argv[1] or None); os._exit(9)"
    )
    subprocess.run(
        [sys.executable, "-c", code, str(path or "")],
        input=to_bytes(project),
        cwd=ROOT,
        check=False,
    )


def test_what_a_crash_left_is_offered_and_recovered(window, qtbot, tmp_path):
    lost = edits.rename_project(edits.set_settings(Project(), epochs=77), "lost work")
    left_by_a_crash(lost, tmp_path / "lost work.loom")
    window.show_gallery()
    notice = window.gallery.notices()[0]
    assert "lost work" in notice.title.text()
    notice.take.click()
    assert window.shows_drawing
    assert window.session.project == lost
    assert window.session.is_modified
    assert window.session.path == tmp_path / "lost work.loom"


def test_what_a_crash_left_can_be_discarded(window, tmp_path):
    left_by_a_crash(edits.rename_project(Project(), "lost"), None)
    window.show_gallery()
    window.gallery.notices()[0].drop.click()
    assert window.gallery.notices() == []
    assert RecoveryStore().pending() == []


def test_a_second_instance_says_that_the_file_is_open(window, tmp_path, monkeypatch):
    path = tmp_path / "shared.loom"
    save(Project(), path)
    other = Process(pid=1)
    monkeypatch.setattr(OpenFiles, "claim", lambda *_: other)
    window.files.open_path(path)
    assert any("open in another Layerloom" in message for message in window.toasts.messages)


def test_a_full_disk_is_told_once_and_the_project_is_open_all_the_same(window, tmp_path, monkeypatch, qtbot):
    def full(*_, **_more):
        raise OSError(errno.ENOSPC, "No space left on device")

    path = tmp_path / "mine.loom"
    save(Project(), path)
    told = []
    window.session.notified.connect(lambda message, kind: told.append((message, kind)))
    monkeypatch.setattr("engine.document.storage.recovery.write_atomically", full)
    window.files.open_path(path)
    qtbot.waitUntil(lambda: window.session.path == path, timeout=5_000)
    window.session.apply(edits.rename_project(window.session.project, "another"), "Rename")
    qtbot.waitUntil(lambda: bool(told), timeout=5_000)
    qtbot.wait(600)  # the edit could not be kept either, which is not told again
    ((message, kind),) = told
    assert kind == "warn"
    assert message.startswith("Unsaved changes cannot be kept safe. Cannot write the recovery file in")
    assert "no space left on device" in message
