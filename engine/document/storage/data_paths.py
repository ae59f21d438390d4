"""Data paths of a project: relative to its file on disk, absolute while it is open.

So a project that is moved together with its data still finds them. A path outside the project's folder stays
absolute. Expressions and definitions are left alone except for their plain values.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path, PurePath

import msgspec

from engine.document.project import Graph, Node, Project
from nodes.data.source import DataSource
from nodes.layers.parameter import Parameter

PATHS = {DataSource.type: "path", Parameter.type: "picture"}
"""The parameter that holds a path, by layer."""


def anchored(project: Project, folder: Path) -> Project:
    """The project with its relative data paths made absolute; the same value where there are none.

    One that begins with `~/` starts at the home folder of whoever reads it, and stays as it is.
    """
    base = folder.absolute()

    def absolute(path: str) -> str:
        pure = PurePath(path)
        return path if pure.is_absolute() or pure.parts[:1] == ("~",) else str(base / path)

    return _with_paths(project, absolute)


def portable(project: Project, folder: Path) -> Project:
    """The project with data paths below the folder made relative; the same value where there are none."""
    base = folder.absolute()

    def relative(path: str) -> str:
        pure = PurePath(path)
        return pure.relative_to(base).as_posix() if pure.is_relative_to(base) and pure != base else path

    return _with_paths(project, relative)


def _with_paths(project: Project, change: Callable[[str], str]) -> Project:
    graphs = {name: _in_graph(graph, change) for name, graph in project.graphs.items()}
    if all(graphs[name] is graph for name, graph in project.graphs.items()):
        return project
    return msgspec.structs.replace(project, graphs=graphs)


def _in_graph(graph: Graph, change: Callable[[str], str]) -> Graph:
    nodes = {name: _in_node(node, change) for name, node in graph.nodes.items()}
    if all(nodes[name] is node for name, node in graph.nodes.items()):
        return graph
    return msgspec.structs.replace(graph, nodes=nodes)


def _in_node(node: Node, change: Callable[[str], str]) -> Node:
    name = PATHS.get(node.layer, "")
    path = node.params.get(name)
    if not isinstance(path, str) or not path or path.startswith("="):
        return node
    changed = change(path)
    return node if changed == path else msgspec.structs.replace(node, params={**node.params, name: changed})
