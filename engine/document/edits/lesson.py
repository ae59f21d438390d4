"""Edits of the lesson of a project: its words, its steps and their order."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec

from engine.document.edits.editing import EditError
from engine.document.lesson import Lesson, LessonStep
from engine.document.project import Project

MOST_STEPS = 200
"""The most steps of a lesson."""


def set_lesson(project: Project, **changes: Any) -> Project:
    """Other words of the whole lesson: `title`, `summary`."""
    return _with(project, msgspec.structs.replace(project.lesson, **changes))


def add_step(project: Project, place: int, step: LessonStep) -> Project:
    """A step at this place. Raises `EditError` where there are too many."""
    steps = project.lesson.steps
    if len(steps) >= MOST_STEPS:
        raise EditError(f"at most {MOST_STEPS} steps in a lesson", "one more")
    return _with_steps(project, (*steps[:place], step, *steps[place:]))


def change_step(project: Project, place: int, change: Callable[[LessonStep], LessonStep]) -> Project:
    """The step at this place changed. Raises `EditError` where there is none."""
    steps = list(project.lesson.steps)
    steps[_checked(project, place)] = change(steps[place])
    return _with_steps(project, tuple(steps))


def remove_step(project: Project, place: int) -> Project:
    """Without the step at this place. Raises `EditError` where there is none."""
    steps, gone = project.lesson.steps, _checked(project, place)
    return _with_steps(project, (*steps[:gone], *steps[gone + 1 :]))


def move_step(project: Project, place: int, to: int) -> Project:
    """The step at this place moved to another. Raises `EditError` where there is none."""
    steps = list(project.lesson.steps)
    moved = steps.pop(_checked(project, place))
    steps.insert(max(0, min(to, len(steps))), moved)
    return _with_steps(project, tuple(steps))


def remove_lesson(project: Project) -> Project:
    """Without a lesson."""
    return _with(project, Lesson())


def _checked(project: Project, place: int) -> int:
    count = len(project.lesson.steps)
    if not 0 <= place < count:
        raise EditError(f"a step from 1 to {count}", str(place + 1))
    return place


def _with_steps(project: Project, steps: tuple[LessonStep, ...]) -> Project:
    return _with(project, msgspec.structs.replace(project.lesson, steps=steps))


def _with(project: Project, lesson: Lesson) -> Project:
    return msgspec.structs.replace(project, lesson=lesson) if lesson != project.lesson else project
