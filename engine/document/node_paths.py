"""Paths in a project: the nodes and graphs that the segments of `stage3.17.conv2` name.

Objectives and lenses refer to nodes by path, through placements.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import NamedTuple

from engine.document.project import MAIN, Project
from engine.document.query import definition_of


class PathSegment(NamedTuple):
    """Segment number `place` of a path names `node` of `graph` (or, with an empty node, the graph itself)."""

    place: int
    graph: str
    node: str


def segments(project: Project, graph_name: str, path: str) -> Iterator[PathSegment]:
    """The segments that name nodes, seen from a graph.

    Segments after the last node (a port, a weight) are skipped.
    """
    graph: str | None = graph_name
    pieces = path.strip().split(".")
    for place, segment in enumerate(pieces):
        if segment.isdigit() and place:
            continue
        found = project.graphs.get(graph) if graph is not None else None
        node = found.nodes.get(segment) if found is not None else None
        if node is not None and graph is not None:
            yield PathSegment(place, graph, segment)
            definition = definition_of(project, node)
            graph = str(node.params["definition"]) if definition is not None else None
        elif place == 0 and segment in project.graphs and segment != MAIN:
            # The weights of a network are named by its definition, wherever it is placed.
            yield PathSegment(place, segment, "")
            graph = segment
        else:
            return


def replaced(
    project: Project, graph_name: str, path: str, change: Callable[[PathSegment], str | None]
) -> str:
    """The path with the segments replaced for which `change` returns a name."""
    pieces = path.split(".")
    for found in segments(project, graph_name, path):
        new = change(found)
        if new is not None:
            old = pieces[found.place]
            pieces[found.place] = old.replace(old.strip(), new)
    return ".".join(pieces)
