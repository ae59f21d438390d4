"""Edits that change nothing computed: frames, notes, settings and the project's name."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import msgspec

from engine.document import names
from engine.document.edits.editing import FARTHEST, EditError, changed_graph, graph_of, point
from engine.document.params import text_problem
from engine.document.project import Frame, Layout, Note, Project
from engine.document.settings import check_setting
from nodes.param import ParamError
from nodes.shown_text import quoted


def set_settings(project: Project, **changes: Any) -> Project:
    """Change settings: epochs, batch_size, seed, device, precision, early_stopping, …"""
    checked = {}
    for name, value in changes.items():
        try:
            checked[name] = check_setting(name, value)
        except ParamError as error:
            raise EditError(f"{error.expected} for {name}", error.received) from error
    settings = msgspec.structs.replace(project.settings, **checked)
    return project if settings == project.settings else msgspec.structs.replace(project, settings=settings)


def rename_project(project: Project, name: str) -> Project:
    """Rename the project."""
    if not names.is_title(name):
        raise EditError(names.TITLE, quoted(name))
    return project if name == project.name else msgspec.structs.replace(project, name=name)


def add_frame(project: Project, graph_name: str, frame: Frame) -> Project:
    """Draw a frame behind nodes."""
    layout = graph_of(project, graph_name).layout
    return _with_frames(project, graph_name, {**layout.frames, _fresh(layout.frames, "frame"): frame})


def change_frame(project: Project, graph_name: str, key: str, **changes: Any) -> Project:
    """Change the title, place or size of a frame."""
    frames = graph_of(project, graph_name).layout.frames
    return _with_frames(project, graph_name, {**frames, key: _changed(frames, key, changes)})


def remove_frames(project: Project, graph_name: str, keys: Iterable[str]) -> Project:
    """Remove frames; the nodes on them stay."""
    frames = graph_of(project, graph_name).layout.frames
    return _with_frames(project, graph_name, _lacking(frames, keys))


def add_note(project: Project, graph_name: str, note: Note) -> Project:
    """Add a note to the canvas."""
    notes = graph_of(project, graph_name).layout.notes
    return _with_notes(project, graph_name, {**notes, _fresh(notes, "note"): note})


def change_note(project: Project, graph_name: str, key: str, **changes: Any) -> Project:
    """Change the text, place or width of a note."""
    notes = graph_of(project, graph_name).layout.notes
    return _with_notes(project, graph_name, {**notes, key: _changed(notes, key, changes)})


def remove_notes(project: Project, graph_name: str, keys: Iterable[str]) -> Project:
    """Remove notes."""
    notes = graph_of(project, graph_name).layout.notes
    return _with_notes(project, graph_name, _lacking(notes, keys))


def _with_frames(project: Project, graph_name: str, frames: dict[str, Frame]) -> Project:
    for frame in frames.values():
        _check_rectangle(frame, (frame.width, frame.height))
        if len(frame.title) > names.LONGEST_TITLE or text_problem(frame.title):
            raise EditError(names.TITLE, quoted(frame.title))
    return _with_layout(project, graph_name, frames=frames)


def _with_notes(project: Project, graph_name: str, notes: dict[str, Note]) -> Project:
    for note in notes.values():
        _check_rectangle(note, (note.width,))
        if fault := text_problem(note.text):
            raise EditError(fault, quoted(note.text))
    return _with_layout(project, graph_name, notes=notes)


def _with_layout(project: Project, graph_name: str, **changes: Any) -> Project:
    before: Layout = project.graphs[graph_name].layout
    layout = msgspec.structs.replace(before, **changes)
    return project if layout == before else changed_graph(project, graph_name, layout=layout)


def _check_rectangle(thing: Frame | Note, sizes: tuple[float, ...]) -> None:
    point((thing.x, thing.y))
    if not all(isinstance(size, int | float) and 0 < size <= FARTHEST for size in sizes):
        raise EditError(f"a size of more than 0 and at most {FARTHEST:g} pixels", quoted(sizes))


def _fresh(things: dict[str, Any], stem: str) -> str:
    number = 1
    while f"{stem}{number}" in things:
        number += 1
    return f"{stem}{number}"


def _changed(things: dict[str, Any], key: str, changes: dict[str, Any]) -> Any:
    _known(things, key)
    try:
        return msgspec.structs.replace(things[key], **changes)
    except TypeError as error:
        fields = ", ".join(things[key].__struct_fields__)
        raise EditError(f"fields among {fields}", quoted(sorted(changes))) from error


def _lacking(things: dict[str, Any], keys: Iterable[str]) -> dict[str, Any]:
    gone = set(keys)
    for key in gone:
        _known(things, key)
    return {key: thing for key, thing in things.items() if key not in gone}


def _known(things: dict[str, Any], key: str) -> None:
    if key not in things:
        raise EditError(f"one of {', '.join(sorted(things)) or 'none that there are'}", quoted(key))
