"""Each lesson is walked through by mouse and keys, from the gallery to its last step."""

from __future__ import annotations

import pytest
from pytestqt.qtbot import QtBot

from app.shell.window import Window
from engine.document.storage.gallery import templates
from tests.app.lessons.pupil import Pupil
from tests.app.lessons.walks import WALKS, walk


def test_every_lesson_of_the_gallery_is_walked() -> None:
    lessons = {one.name for one in templates() if one.section == "Lessons"}
    assert lessons == set(WALKS)
    assert len(lessons) >= 12


QUICK = ("lesson-perceptron", "lesson-threshold-unit", "lesson-xor")
"""Lessons whose runs take a second; the others train in the proof `lessons`."""


@pytest.mark.parametrize("lesson", WALKS)
def test_a_pupil_takes_the_lesson_from_its_first_step_to_its_last(
    lesson: str, window: Window, qtbot: QtBot
) -> None:
    walk(Pupil(window, qtbot.waitUntil, lesson, trains=lesson in QUICK), WALKS[lesson])
