"""The values of the names in a graph's expressions at one placement, for the cards on the canvas."""

from __future__ import annotations

from typing import Any

from engine.document import query
from engine.document.expression import ExpressionError
from engine.document.held_expressions import worked_out
from engine.document.project import Project
from engine.expand.site import defaults


def names_at(project: Project, graph_name: str, path: str) -> dict[str, Any]:
    """What expressions read in a graph that was entered by `path`: its parameters, the copy's index.

    One that is placed nowhere has its defaults. Nothing where what it is given cannot be worked out.
    """
    held, names = project.main, dict[str, Any]()
    try:
        for segment in path.split(".") if path else ():
            if segment.isdigit():
                names["i"] = int(segment)
                continue
            node = held.nodes.get(segment)
            inner = query.definition_of(project, node) if node is not None else None
            if node is None or inner is None:
                return {}
            given = {
                key: worked_out(node.params[key], names) for key in inner.parameters if key in node.params
            }
            held, names = inner, {**defaults(inner, given), "i": 0}
        if held is not project.graphs[graph_name]:
            names = {**defaults(project.graphs[graph_name], {}), "i": 0}
    except ExpressionError:
        return {}
    return names
