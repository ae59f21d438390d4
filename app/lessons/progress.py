"""How far a user has come in each lesson, remembered between starts. Not part of the project."""

from __future__ import annotations

import hashlib
import json

import msgspec

from app.state.settings import settings
from engine.document.lesson import Lesson

_GROUP = "lessons"
MOST = 500
"""Lessons that are remembered; what was seen longest ago is forgotten."""


class LessonProgress(msgspec.Struct, frozen=True):
    """The step on show, and the steps that are done, by their place."""

    step: int = 0
    done: frozenset[int] = frozenset()


def key_of(lesson: Lesson) -> str:
    """What a lesson is known by: its title and those of its steps, so that copies of a file share it."""
    words = json.dumps([lesson.title, *(step.title for step in lesson.steps)])
    return hashlib.sha256(words.encode()).hexdigest()[:16]


def remembered(lesson: Lesson) -> LessonProgress:
    """How far this lesson was taken; at its start where nothing is known."""
    held = _all().get(key_of(lesson))
    if held is None:
        return LessonProgress()
    count = len(lesson.steps)
    done = frozenset(place for place in held.done if 0 <= place < count)
    return LessonProgress(min(max(held.step, 0), max(count - 1, 0)), done)


def remember(lesson: Lesson, progress: LessonProgress) -> None:
    """Keep how far this lesson was taken."""
    held = _all()
    key = key_of(lesson)
    held.pop(key, None)
    if progress != LessonProgress():
        held[key] = progress
    newest = dict(list(held.items())[-MOST:])
    settings().setValue(_GROUP, msgspec.json.encode(newest).decode())


def share_done(lesson: Lesson) -> float:
    """The share of the steps of a lesson that are done, 0 to 1."""
    return len(remembered(lesson).done) / len(lesson.steps) if lesson.steps else 0.0


def _all() -> dict[str, LessonProgress]:
    text = settings().value(_GROUP, "")
    try:
        return msgspec.json.decode(text, type=dict[str, LessonProgress]) if isinstance(text, str) else {}
    except msgspec.DecodeError:
        return {}
