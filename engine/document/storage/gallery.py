"""The gallery: finished projects to start from, .loom files in
`resources/projects` listed in gallery.json.
"""

from __future__ import annotations

import difflib
import functools

import msgspec

import resources
from engine.document.project import Project
from nodes.shown_text import quoted
from nodes.user_error import UserError


class Template(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One project of the gallery: its file name, title, what it shows, data set and parameter count.

    `section` is the heading under which it stands, in the order of a course. `reaches` says in a few words
    what training comes to and `seconds` how long that takes on two cores of a laptop; 0: not measured.
    `full_size`: a network as it was published, which takes seconds a step there.
    """

    name: str
    title: str
    description: str
    data: str
    parameters: int
    section: str
    seconds: int = 0
    reaches: str = ""
    full_size: bool = False


class UnknownTemplateError(UserError, KeyError):
    """The gallery has no project of this name. The message offers the nearest ones."""

    def __init__(self, name: str) -> None:
        known = [template.name for template in templates()]
        near = difflib.get_close_matches(name[:100], known, n=2)
        hint = f"did you mean {' or '.join(near)}?" if near else "there are " + ", ".join(known)
        super().__init__(f"unknown template {quoted(name)}; {hint}")


@functools.cache
def templates() -> tuple[Template, ...]:
    """All projects of the gallery, in the order of the course."""
    listing = (resources.PROJECTS / "gallery.json").read_bytes()
    return msgspec.json.decode(listing, type=tuple[Template, ...])


def make(name: str) -> Project:
    """A fresh copy of the named project. Raises `UnknownTemplateError`."""
    if name not in {template.name for template in templates()}:
        raise UnknownTemplateError(name)
    return _read(name)


def _read(name: str) -> Project:
    from engine.document.storage.file import load

    return load(resources.PROJECTS / f"{name}.loom")
