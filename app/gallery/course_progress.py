"""Which projects of the gallery a user has opened and trained, remembered between starts."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from app.state.settings import settings

_KEY = "course"
MOST = 1000
"""Names that are remembered of each; the oldest are forgotten."""


class CourseProgress(msgspec.Struct, frozen=True):
    """Names of projects in the order in which they were last opened, and of those that were trained."""

    opened: tuple[str, ...] = ()
    trained: tuple[str, ...] = ()


def progress() -> CourseProgress:
    """What is remembered; nothing where the settings cannot be read."""
    text = settings().value(_KEY, "")
    try:
        return msgspec.json.decode(text, type=CourseProgress) if isinstance(text, str) else CourseProgress()
    except msgspec.DecodeError:
        return CourseProgress()


def note_opened(name: str) -> None:
    """Remember that this project was opened just now."""
    held = progress()
    _keep(CourseProgress(_with(held.opened, name), held.trained))


def note_trained(name: str) -> None:
    """Remember that a run of this project has come to its end."""
    held = progress()
    _keep(CourseProgress(held.opened, _with(held.trained, name)))


def next_of(names: Sequence[str]) -> str | None:
    """Where the course goes on: the first project behind the one opened last that was not opened yet, else
    the first of all that was not; None where all were.
    """
    opened = [name for name in progress().opened if name in names]
    start = names.index(opened[-1]) + 1 if opened else 0
    ahead = (*names[start:], *names[:start])
    return next((name for name in ahead if name not in opened), None)


def _with(names: tuple[str, ...], name: str) -> tuple[str, ...]:
    return (*(held for held in names if held != name), name)[-MOST:]


def _keep(held: CourseProgress) -> None:
    settings().setValue(_KEY, msgspec.json.encode(held).decode())
