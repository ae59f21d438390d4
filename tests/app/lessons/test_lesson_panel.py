"""The panel of a lesson: it comes with its project, remembers how far one is, and writes lessons."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from app.lessons.lesson_editor import LessonEditor
from app.lessons.lesson_state import LessonState
from app.lessons.progress import MOST, LessonProgress, remember, remembered, share_done
from app.shell.window import Window
from app.state.run_controller import RunController
from app.state.session import Session
from engine.document.lesson import Lesson, LessonCheck, LessonStep
from engine.document.project import Project
from engine.document.storage.gallery import make
from tests.app.lessons.pupil import Pupil

LEFT = Qt.MouseButton.LeftButton


def test_the_panel_comes_with_a_lesson_and_goes_without_one(window: Window, qtbot: QtBot) -> None:
    Pupil(window, qtbot.waitUntil, "lesson-lenet", trains=False)
    dock = window.workbench().docks["lesson"]
    assert not dock.isHidden()
    palette = window.workbench().docks["palette"]
    qtbot.waitUntil(lambda: (palette.width(), dock.width()) == (palette.extent, dock.extent))
    window.files.open_template("lenet5-fashion")
    assert dock.isHidden()
    dock.show()
    window.session.file_changed.emit()
    assert not dock.isHidden(), "what the user has opened stays open"


def test_progress_is_remembered_and_begins_anew_on_request(window: Window, qtbot: QtBot) -> None:
    pupil = Pupil(window, qtbot.waitUntil, "lesson-lenet", trains=False)
    pupil.go_on()
    pupil.answer(0, "156")
    assert pupil.is_done()
    lesson = pupil.panel.state.lesson
    assert remembered(lesson) == LessonProgress(1, frozenset({0, 1}))
    assert share_done(lesson) == pytest.approx(2 / 5)
    again = Pupil(window, qtbot.waitUntil, "lesson-lenet", trains=False)
    assert again.step == 1
    again.panel.restart_action.trigger()
    assert again.step == 0
    assert remembered(lesson) == LessonProgress()


def test_a_question_is_answered_once_and_a_step_that_was_done_stays_done(
    session: Session, controller: RunController
) -> None:
    state = LessonState(session, controller)
    session.open(make("lesson-lenet"), None)
    session.set_report(session.report)
    state.go(1)
    state.answer(0, "156")
    assert state.done == {0, 1}
    state.answer(0, "3")
    assert not state.is_met
    assert 1 in state.done


def test_what_inference_has_not_seen_yet_makes_no_step_done(
    session: Session, controller: RunController
) -> None:
    step = LessonStep("x", checks=(LessonCheck("problems"),))
    other = Lesson("y", steps=(LessonStep("first"), step))
    state = LessonState(session, controller)
    session.open(Project(lesson=other), None)
    state.go(1)
    assert 1 not in state.done, "no report has come yet"
    session.set_report(session.report)
    assert 1 in state.done


def test_old_lessons_are_forgotten_when_there_are_many() -> None:
    for number in range(MOST + 5):
        remember(Lesson(str(number), steps=(LessonStep("a"),)), LessonProgress(0, frozenset({0})))
    assert remembered(Lesson("0", steps=(LessonStep("a"),))) == LessonProgress()
    assert remembered(Lesson(str(MOST), steps=(LessonStep("a"),))).done == {0}


def test_a_teacher_writes_a_lesson_for_a_drawing_of_her_own(window: Window, qtbot: QtBot) -> None:
    window.files.open_template("lenet5-fashion")
    qtbot.waitUntil(lambda: window.workbench().training is not None, timeout=20_000)
    workbench = window.workbench()
    workbench.toggle("lesson")
    panel = workbench.docks["lesson"].widget()
    QTest.mouseClick(panel.write, LEFT)
    editor = panel.findChild(LessonEditor)
    assert editor is not None
    _type(editor.title, "Look")
    QTest.mouseClick(editor.texts["task"].viewport(), LEFT)
    QTest.keyClicks(editor.texts["task"], "Add a pool.")
    editor._add_check("layers")
    form = editor.checks[0].form
    assert form is not None
    _type(form.rows["layer"].field.entry, "max_pool2d")
    QTest.mouseClick(editor.add, LEFT)
    _type(editor.title, "Next")
    assert [step.title for step in window.session.project.lesson.steps] == ["Look", "Next"]
    QTest.mouseClick(editor.up, LEFT)
    assert [step.title for step in window.session.project.lesson.steps] == ["Next", "Look"]
    window.session.undo()
    QTest.mouseClick(editor.done, LEFT)
    assert not panel.is_written
    step = window.session.project.lesson.steps[0]
    assert step.task == "Add a pool."
    assert step.checks == (LessonCheck("layers", {"layer": "max_pool2d"}),)
    panel.state.go(0)
    assert panel.view.rows[0].words.text() == "The drawing has 2 MaxPool2d nodes."


def test_removing_every_step_ends_the_writing(window: Window, qtbot: QtBot) -> None:
    pupil = Pupil(window, qtbot.waitUntil, "lesson-gan", trains=False)
    pupil.panel.edit()
    editor = pupil.panel.findChild(LessonEditor)
    assert editor is not None
    for _ in range(5):
        QTest.mouseClick(editor.remove, LEFT)
    assert not pupil.panel.is_written
    assert not window.session.project.lesson.steps
    window.session.undo()
    assert len(window.session.project.lesson.steps) == 1


def _type(entry: object, words: str) -> None:
    QTest.mouseClick(entry, LEFT)
    entry.selectAll()  # type: ignore[attr-defined]
    QTest.keyClicks(entry, words)
    QTest.keyClick(entry, Qt.Key.Key_Return)
