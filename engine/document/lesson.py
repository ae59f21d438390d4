"""A lesson: steps beside the drawing that say what to look at and what to do. Plain data of a project.

A step is done when all of its checks hold; what checks there are is declared in `engine.lessons.kinds`. The
words may be a stranger's: they are shown as plain text.
"""

from __future__ import annotations

from typing import Any

import msgspec


class LessonCheck(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """What must hold of the drawing or its run: the kind of a check, and values of its parameters."""

    kind: str
    values: dict[str, Any] = {}


class LessonStep(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """One step: an explanation, what to do, a hint for who asks for one, and what must hold afterwards.

    Without checks it is done when it has been read.
    """

    title: str
    text: str = ""
    task: str = ""
    hint: str = ""
    checks: tuple[LessonCheck, ...] = ()


class Lesson(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """The steps of a project, in order; a project without a lesson has none."""

    title: str = ""
    summary: str = ""
    steps: tuple[LessonStep, ...] = ()
