"""Edits of the parameters of the definition on show. Each is one undoable step; without Qt."""

from __future__ import annotations

import msgspec

from app.canvas.editing.geometry import EditedSession
from engine.document import edits
from engine.document.edits.editing import EditError
from engine.document.edits.parameters import readers_of
from engine.document.own_params import fresh_parameter, info_of, parameter_names
from engine.document.project import MAIN, ParameterInfo
from nodes.param import JSON

KINDS = ("whole number", "number", "on or off", "text", "list")
"""What a parameter of a definition can be; it follows from the default."""


def kind_of(default: JSON) -> str:
    if isinstance(default, bool):
        return "on or off"
    if isinstance(default, list | tuple):
        return "list"
    return "text" if isinstance(default, str) else "whole number" if isinstance(default, int) else "number"


def as_kind(default: JSON, kind: str) -> JSON:
    """A default of another kind that says the same as far as it can."""
    first = default[0] if isinstance(default, list | tuple) and default else default
    number = first if isinstance(first, int | float) else 1
    if kind == "text":
        return str(first)
    if kind == "list":
        return list(default) if isinstance(default, list | tuple) else [int(number)]
    if kind == "on or off":
        return bool(number)
    return float(number) if kind == "number" else int(number)


def add(session: EditedSession) -> str | None:
    """One more parameter; its name, None where the graph has none."""
    name = session.view.graph
    if name == MAIN:
        return None
    made = fresh_parameter(session.graph, "value")
    done = session.attempt(lambda p: edits.add_parameter(p, name, made, 1), "Add parameter")
    return made if done else None


def rename(session: EditedSession, old: str, new: str) -> None:
    """Give a parameter another name; says why where it cannot have it."""
    name = session.view.graph
    if new and new != old and old in session.graph.parameters:
        session.attempt(lambda p: edits.rename_parameter(p, name, old, new), f"Rename parameter {old}")


def move(session: EditedSession, parameter: str, by: int) -> None:
    """Put a parameter further up or down."""
    name, order = session.view.graph, parameter_names(session.graph)
    if parameter in order:
        place = order.index(parameter) + by
        session.attempt(
            lambda p: edits.move_parameter(p, name, parameter, place), f"Move parameter {parameter}"
        )


def remove(session: EditedSession, parameter: str) -> None:
    """Take a parameter away; says what stands from now on where it was read."""
    name, graph = session.view.graph, session.graph
    readers, default = readers_of(graph, parameter), graph.parameters.get(parameter)
    if session.attempt(lambda p: edits.remove_parameter(p, name, parameter), f"Remove parameter {parameter}"):
        several = f"{', '.join(readers[:3])}{f' and {len(readers) - 3} more' if len(readers) > 3 else ''}"
        if readers:
            session.notify(f"{several} read {parameter}: its default {default} stands there now.")


def set_default(session: EditedSession, parameter: str, default: JSON) -> bool:
    name = session.view.graph
    return session.attempt(
        lambda p: edits.set_parameter(p, name, parameter, default), f"Set default of {parameter}"
    )


def set_kind(session: EditedSession, parameter: str, kind: str) -> bool:
    """Have another kind of value; the range and the choices that do not fit it go."""
    name, default = session.view.graph, as_kind(session.graph.parameters[parameter], kind)
    info = info_of(session.graph, parameter)
    if kind not in ("whole number", "number"):
        info = msgspec.structs.replace(info, min=None, max=None)
    if kind != "text":
        info = msgspec.structs.replace(info, choices=())
    return session.attempt(
        lambda p: edits.set_parameter(p, name, parameter, default, info), f"Make {parameter} a {kind}"
    )


def tell(session: EditedSession, parameter: str, info: ParameterInfo) -> bool:
    """Say what a parameter is for, and what it may be."""
    name, default = session.view.graph, session.graph.parameters[parameter]
    return session.attempt(
        lambda p: edits.set_parameter(p, name, parameter, default, info), f"Describe {parameter}"
    )


def promote(session: EditedSession, node: str, param: str) -> str | None:
    """Make a parameter of a node one of the definition; its name there, None where it cannot be."""
    try:
        made, name = edits.promote(session.project, session.view.graph, node, param)
    except EditError as error:
        session.notify(str(error), "warn")
        return None
    session.apply(made, f"Make {param} a parameter of {session.view.graph}")
    session.notify(f"{name} is a parameter of {session.view.graph} now: every placement can set it.")
    return name
