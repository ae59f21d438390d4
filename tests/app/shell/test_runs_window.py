"""Runs in a whole window: what stopped, died or was trained elsewhere, and what is done with it."""

from __future__ import annotations

import os
import shutil
import signal

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QFileDialog, QLineEdit

from app.widgets import dialogs
from engine.document import edits
from engine.document.project import MAIN
from engine.document.storage import gallery
from engine.messages.commands import Stop
from engine.run.run import Run
from engine.runs.archive import checkpoints_of, curves_of, project_of, record_of, runs_in
from tests.app.shell.running import click, ended, gone_on, key, listed, trained
from tests.stored_runs import noisy, store


@pytest.fixture
def spiral(window, qtbot, tmp_path):
    """A saved project whose run takes long, in a window with every panel."""
    path = tmp_path / "spiral.loom"
    window.session.open(edits.set_settings(gallery.make("mlp-spiral"), epochs=2_000), None)
    window.files.is_open = True
    window.files._write(path)
    window.show_drawing()
    window.files.opened.emit()
    qtbot.waitUntil(lambda: window.workbench().foot is not None, timeout=10_000)
    qtbot.waitUntil(lambda: window.session.report.parameters > 0, timeout=20_000)
    return window


def test_a_stopped_run_is_resumed_by_a_key_and_its_curves_go_on(spiral, qtbot):
    trained(spiral, qtbot)
    folder = spiral.controller.run.folder
    stopped = spiral.controller.progress.step
    panel = listed(spiral, qtbot, 1)
    click(panel, 0)
    assert panel.buttons["resume"].isVisible()
    key(spiral, qtbot, "R")
    training = spiral.workbench().training
    assert training.isVisible()
    gone_on(spiral, qtbot, stopped + 20)
    assert spiral.controller.run.folder == folder
    assert training.header.state.text() == "Resumed"
    series = next(held for name, held in training.loss.series.items() if name.startswith("training"))
    assert series.steps.tolist() == list(range(1, int(series.steps[-1]) + 1))
    assert (stopped, "Resumed here.") in training.loss.notes
    spiral.commands.training.stop()
    ended(spiral, qtbot)


def test_the_line_over_the_charts_offers_to_go_on(spiral, qtbot):
    trained(spiral, qtbot)
    header = spiral.workbench().training.header
    qtbot.waitUntil(header.again.isVisible, timeout=5_000)
    assert header.state.text() == "Stopped"
    step = spiral.controller.progress.step
    folder = spiral.controller.run.folder
    qtbot.waitUntil(lambda: getattr(spiral.run_list.record(folder), "resumable", False), timeout=5_000)
    QTest.mouseClick(header.again, Qt.MouseButton.LeftButton)
    gone_on(spiral, qtbot, step)
    assert not header.again.isVisible()
    spiral.commands.training.stop()
    ended(spiral, qtbot)


def test_rewinding_starts_from_the_same_weights_in_a_folder_of_its_own(spiral, qtbot):
    trained(spiral, qtbot)
    first = spiral.controller.run.folder
    panel = listed(spiral, qtbot, 1)
    click(panel, 0)
    key(spiral, qtbot, "W")
    gone_on(spiral, qtbot, 10)
    spiral.commands.training.stop()
    ended(spiral, qtbot)
    again = spiral.controller.run.folder
    assert again != first
    (one,), (two,) = (curves_of(folder).losses.values() for folder in (first, again))
    assert one[1][:10].tolist() == two[1][:10].tolist()


def test_going_on_with_changes_tells_what_was_not_carried_over(spiral, qtbot):
    trained(spiral, qtbot)
    session = spiral.session
    linears = [node.id for node in session.project.main.nodes.values() if node.layer == "linear"]
    session.apply(edits.set_param(session.project, MAIN, linears[0], "out_features", 24), "Wider")
    qtbot.waitUntil(lambda: not session.report.errors, timeout=10_000)
    panel = listed(spiral, qtbot, 1)
    click(panel, 0)
    key(spiral, qtbot, "C")
    qtbot.waitUntil(lambda: spiral.controller.progress is not None, timeout=20_000)
    told = [text for text in spiral.toasts.messages if "carried over" in text]
    assert linears[0] in told[-1]
    assert spiral.controller.project is session.project
    spiral.commands.training.stop()
    ended(spiral, qtbot)


def test_a_run_opens_as_a_copy_and_the_file_stays_as_it_is(spiral, qtbot, tmp_path):
    trained(spiral, qtbot, 5)
    session, path = spiral.session, spiral.session.path
    session.apply(edits.set_settings(session.project, batch_size=16), "Smaller")
    spiral.files.save()
    before = path.read_bytes()
    panel = listed(spiral, qtbot, 1)
    click(panel, 0)
    panel.table.setFocus()
    qtbot.keyClick(panel.table, Qt.Key.Key_Return)
    assert session.project == project_of(runs_in(tmp_path / "spiral.runs")[0].folder)
    assert session.project.settings.batch_size != 16
    assert session.path is None
    assert session.is_modified
    assert path.read_bytes() == before
    assert spiral.files.runs_folder() == tmp_path / "spiral.runs"
    panel = listed(spiral, qtbot, 1)
    assert panel.table.folders() == [panel.model.shown[0].folder], "it is still the chosen one"


def test_a_run_is_renamed_with_f2_and_deleted_after_a_question(spiral, qtbot, monkeypatch, tmp_path):
    runs = spiral.files.runs_folder()
    for name in ("one", "two"):
        store(runs / name, spiral.session.project, losses={"objective": noisy(20)})
    panel = listed(spiral, qtbot, 2)
    click(panel, 0)
    panel.table.setFocus()
    qtbot.keyClick(panel.table, Qt.Key.Key_F2)
    editor = panel.table.findChild(QLineEdit)
    editor.selectAll()
    qtbot.keyClicks(editor, "my favourite")
    qtbot.keyClick(editor, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: any(record.name == "my favourite" for record in runs_in(runs)), timeout=5_000)
    asked = []
    monkeypatch.setattr(dialogs, "ask", lambda *args: asked.append(args[1]) or "cancel")
    qtbot.keyClick(panel.table, Qt.Key.Key_Delete)
    assert asked == ["Delete my favourite?"]
    assert len(runs_in(runs)) == 2
    monkeypatch.setattr(dialogs, "ask", lambda *args: "delete")
    qtbot.keyClick(panel.table, Qt.Key.Key_Delete)
    assert [record.name for record in runs_in(runs)] == ["one"]
    qtbot.waitUntil(lambda: len(panel.model.shown) == 1, timeout=5_000)


def test_a_key_pressed_twice_deletes_nothing(spiral, qtbot, monkeypatch):
    """The question before what cannot be taken back is not answered with yes by Enter, and names the runs."""
    runs = spiral.files.runs_folder()
    for name in ("one", "two"):
        store(runs / name, spiral.session.project, losses={"objective": noisy(20)})
    panel = listed(spiral, qtbot, 2)
    click(panel, 0)
    click(panel, 1, Qt.KeyboardModifier.ControlModifier)
    panel.table.setFocus()
    asked = []

    def answer(dialog: dialogs.Dialog) -> int:
        asked.append(dialog.words.text())
        with qtbot.waitActive(dialog):
            dialog.show()
        qtbot.keyClick(dialog.focusWidget(), Qt.Key.Key_Return)
        return int(bool(dialog.chosen))

    monkeypatch.setattr(dialogs.Dialog, "exec", answer)
    qtbot.keyClick(panel.table, Qt.Key.Key_Delete)
    assert len(asked) == 1
    assert "one" in asked[0]
    assert "two" in asked[0]
    assert len(runs_in(runs)) == 2


def test_what_was_interrupted_is_shown_whatever_is_searched_for(spiral, qtbot):
    runs = spiral.files.runs_folder()
    store(runs / "one", spiral.session.project, losses={"objective": noisy(20)})
    panel = listed(spiral, qtbot, 1)
    qtbot.keyClicks(panel.search, "xyz")
    assert not panel.model.shown
    spiral.workbench().foot.bar.shown.emit(runs / "one")
    assert panel.table.folders() == [runs / "one"]


def test_a_run_that_is_going_is_not_deleted(spiral, qtbot):
    spiral.commands.training.play()
    qtbot.waitUntil(lambda: spiral.controller.progress is not None, timeout=20_000)
    panel = listed(spiral, qtbot, 1)
    click(panel, 0)
    panel.table.setFocus()
    qtbot.waitUntil(lambda: spiral.run_list.chosen_records()[0].status == "running", timeout=5_000)
    qtbot.keyClick(panel.table, Qt.Key.Key_Delete)
    assert "stop it first" in spiral.toasts.messages[-1]
    spiral.commands.training.stop()
    ended(spiral, qtbot)
    assert len(runs_in(spiral.files.runs_folder())) == 1


def test_what_was_interrupted_is_offered_when_the_project_is_opened(spiral, qtbot, tmp_path):
    trained(spiral, qtbot)
    folder, path = spiral.controller.run.folder, spiral.session.path
    spiral.files.close()
    about = (folder / "run.json").read_text("utf-8")  # as a power cut leaves it
    (folder / "run.json").write_text(about.replace('"status": "stopped"', '"status": "running"'), "utf-8")
    assert record_of(folder).status == "interrupted"
    spiral.files.open_path(path)
    bar = spiral.workbench().foot.bar
    qtbot.waitUntil(bar.isVisible, timeout=5_000)
    assert "was interrupted at step" in bar.words.text()
    QTest.mouseClick(bar.look, Qt.MouseButton.LeftButton)
    assert spiral.workbench().is_shown("runs")
    assert spiral.run_list.chosen == (folder,)
    assert not bar.isVisible()
    bar.offer(spiral.run_list.record(folder))
    QTest.mouseClick(bar.go, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: spiral.controller.progress is not None, timeout=20_000)
    assert spiral.controller.run.folder == folder
    spiral.commands.training.stop()
    ended(spiral, qtbot)


def test_what_was_interrupted_is_offered_by_panels_that_come_late(spiral, qtbot):
    """The list may be read before there is a panel to show it in."""
    from app.commands.panel_registry import lower_pages
    from app.panels.declaration import PanelContext
    from app.shell.lower_area import LowerArea

    trained(spiral, qtbot)
    about = spiral.controller.run.folder / "run.json"
    text = about.read_text("utf-8")
    about.write_text(text.replace('"status": "stopped"', '"status": "running"'), "utf-8")
    spiral.controller.forget()
    spiral.run_list.opened()
    qtbot.waitUntil(lambda: spiral.run_list.offered is not None, timeout=5_000)
    canvas, workbench = spiral.workbench().canvas, spiral.workbench()
    context = PanelContext(
        spiral.session,
        spiral.controller,
        spiral.run_list,
        canvas.add_layer,
        canvas.setFocus,
        workbench.show_samples,
    )
    pages = {panel: panel.make(context) for panel in lower_pages()}
    late = LowerArea(pages)
    training = next(widget for panel, widget in pages.items() if panel.id == "training")
    qtbot.addWidget(late)
    late.listen(spiral.run_list)
    assert not late.bar.isHidden()
    assert "was interrupted at step" in late.bar.words.text()
    assert training.empty.title.text() == "Not training"
    assert "1 earlier run is listed under Runs" in training.empty.hint.text()


def test_the_window_outlives_the_process_of_a_run_and_offers_to_resume_it(spiral, qtbot):
    session = spiral.session
    session.apply(edits.set_settings(session.project, run_in="process"), "Own process")
    spiral.commands.training.play()
    qtbot.waitUntil(lambda: spiral.controller.progress is not None, timeout=60_000)
    qtbot.waitUntil(lambda: bool(checkpoints_of(spiral.controller.run.folder)), timeout=20_000)
    os.kill(spiral.controller.run.pid, signal.SIGKILL)
    ended(spiral, qtbot)
    header = spiral.workbench().training.header
    assert header.state.text() == "Failed"
    assert "was killed (SIGKILL)" in header.message.text()
    qtbot.waitUntil(header.again.isVisible, timeout=5_000)
    record = record_of(spiral.controller.run.folder)
    assert (record.status, record.resumable) == ("interrupted", True)
    panel = listed(spiral, qtbot, 1)
    assert panel.isVisible()


def test_tab_leads_from_the_name_of_the_page_into_it(spiral, qtbot):
    foot = spiral.workbench().foot
    QTest.mouseClick(foot.tabs["runs"], Qt.MouseButton.LeftButton)
    assert foot.tabs["runs"].hasFocus()
    qtbot.keyClick(foot.tabs["runs"], Qt.Key.Key_Tab)
    search = spiral.workbench().runs_panel().search
    assert search.hasFocus()
    qtbot.keyClick(search, Qt.Key.Key_Backtab)
    assert foot.tabs["runs"].hasFocus()


def test_two_runs_are_compared_by_a_key(spiral, qtbot):
    runs = spiral.files.runs_folder()
    other = edits.set_settings(spiral.session.project, batch_size=8)
    store(runs / "one", spiral.session.project, losses={"objective": noisy(20)}, name="one")
    store(runs / "two", other, losses={"objective": noisy(20)}, name="two")
    panel = listed(spiral, qtbot, 2)
    click(panel, 0)
    click(panel, 1, Qt.KeyboardModifier.ControlModifier)
    key(spiral, qtbot, "M")
    assert panel.compare_page.isVisible()
    assert panel.compare_page.heading.text() == "one against two"
    assert any(line.startswith("batch size") for line in panel.compare_page.differences.lines())


def test_a_run_of_somebody_else_is_followed_and_left(spiral, qtbot, tmp_path, monkeypatch):
    project = edits.set_settings(gallery.make("mlp-spiral"), epochs=100_000)
    run = Run(project, folder=tmp_path / "elsewhere" / "theirs")
    run.start()
    try:
        qtbot.waitUntil((run.folder / "run.json").exists, timeout=10_000)
        monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *args: str(run.folder))
        key(spiral, qtbot, "Y")
        qtbot.waitUntil(lambda: spiral.controller.progress is not None, timeout=10_000)
        assert spiral.workbench().training.header.state.text() == "Following"
        panel = listed(spiral, qtbot, 1)
        assert panel.model.shown[0].folder == run.folder
        spiral.commands.training.pause()
        assert "by another program" in spiral.toasts.messages[-1]
        spiral.commands.training.stop()
        ended(spiral, qtbot)
        assert not run.join(0)
    finally:
        run.send(Stop())
        assert run.join(10)


def test_what_is_no_run_is_not_followed(spiral, qtbot, tmp_path):
    spiral.commands.runs.follow_folder(tmp_path)
    assert "Choose the folder of a run" in spiral.toasts.messages[-1]
    assert not spiral.controller.is_active


def test_a_file_of_weights_starts_a_run_and_what_does_not_fit_is_told(spiral, qtbot, monkeypatch, tmp_path):
    trained(spiral, qtbot, 5)
    weights = spiral.controller.run.folder / "checkpoints" / "last.safetensors"
    copy = shutil.copy(weights, tmp_path / "weights.safetensors")
    session = spiral.session
    linears = [node.id for node in session.project.main.nodes.values() if node.layer == "linear"]
    session.apply(edits.set_param(session.project, MAIN, linears[0], "out_features", 24), "Wider")
    qtbot.waitUntil(lambda: not session.report.errors, timeout=10_000)
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *args: (str(copy), ""))
    key(spiral, qtbot, "H")
    qtbot.waitUntil(lambda: spiral.controller.progress is not None, timeout=20_000)
    assert any("carried over" in text and linears[0] in text for text in spiral.toasts.messages)
    spiral.commands.training.stop()
    ended(spiral, qtbot)


def test_what_can_be_done_with_runs_is_in_the_search_for_everything(spiral, qtbot):
    store(spiral.files.runs_folder() / "one", spiral.session.project, losses={"objective": noisy(20)})
    panel = listed(spiral, qtbot, 1)
    click(panel, 0)
    qtbot.keyClick(spiral, Qt.Key.Key_K, Qt.KeyboardModifier.ControlModifier)
    palette = spiral._command_palette
    qtbot.keyClicks(palette.line, "note on the run")
    qtbot.keyClick(palette.line, Qt.Key.Key_Return)
    QApplication.processEvents()
    editor = panel.table.findChild(QLineEdit)
    assert editor is not None
    qtbot.keyClicks(editor, "written from the search")
    qtbot.keyClick(editor, Qt.Key.Key_Return)
    qtbot.waitUntil(
        lambda: record_of(panel.model.shown[0].folder).note == "written from the search", timeout=5_000
    )


def test_the_menu_of_a_run_names_what_can_be_done(spiral, qtbot):
    store(spiral.files.runs_folder() / "one", spiral.session.project, losses={"objective": noisy(20)})
    panel = listed(spiral, qtbot, 1)
    click(panel, 0)
    spiral.actions_.refresh()
    menu = panel.run_menu()
    words = {action.text(): action.isEnabled() for action in menu.actions()}
    assert words["Open the drawing of the run"]
    assert not words["Resume the run"]
    assert not words["Compare two runs"]
    menu.deleteLater()
