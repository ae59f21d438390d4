"""Update: a definition takes over what another version of it has, wherever it is placed.

Wires at ports that are gone, and values of parameters that are gone, are removed at every placement.
"""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from engine.document import query
from engine.document.edits import check
from engine.document.edits.definitions import set_border, set_parameters
from engine.document.edits.editing import EditError, changed_graph, check_extent, graph_of
from engine.document.edits.fragment import with_definitions
from engine.document.project import MAIN, Graph, Project


def update_definition(project: Project, name: str, version: str, definitions: Mapping[str, Graph]) -> Project:
    """Give a definition the inside, border and parameters of `definitions[version]`.

    The others of `definitions` come along: one that is there already is used, else it gets a free name.
    Definitions that nothing places any more are removed.
    """
    graph_of(project, name)
    if name == MAIN:
        raise EditError("a definition", repr(MAIN), "The main graph stays.")
    before = query.definitions_used(project, name)
    inner = {key: graph for key, graph in definitions.items() if key != version}
    emptied = _without_unplaced(changed_graph(project, name, nodes={}, wires=()), before)
    project, placed = with_definitions(emptied, inner, definitions[version])
    if name in query.definitions_used(
        msgspec.structs.replace(project, graphs={**project.graphs, name: placed}), name
    ):
        raise EditError(f"a version of {name} that does not contain it", f"one that places {name}")
    made = set_border(project, name, inputs=placed.inputs, outputs=placed.outputs)
    made = set_parameters(made, name, placed.parameters)
    made = msgspec.structs.replace(made, graphs={**made.graphs, name: placed})
    for path, sentence in check.problems_of(made):
        raise EditError("a version that fits the drawing", f"one with a problem at {path}", sentence)
    check_extent(made)
    return made


def set_origin(project: Project, name: str, origin: str) -> Project:
    """Note which file of the user's own blocks a definition is the same as."""
    graph = graph_of(project, name)
    if graph.origin == origin:
        return project
    made = changed_graph(project, name, origin=origin)
    for path, sentence in check.problems_of(made):
        raise EditError("a project that is whole", f"one with a problem at {path}", sentence)
    return made


def _without_unplaced(project: Project, candidates: frozenset[str]) -> Project:
    """The project without those of the candidates that nothing places any more."""
    graphs = dict(project.graphs)
    waiting = set(candidates)
    while waiting:
        placed = {name for graph in graphs.values() for name in query.placements(graph).values()}
        gone = {name for name in waiting if name in graphs and name not in placed}
        if not gone:
            break
        for name in gone:
            del graphs[name]
        waiting -= gone
    return project if len(graphs) == len(project.graphs) else msgspec.structs.replace(project, graphs=graphs)
