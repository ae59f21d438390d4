"""The expansion of a placed Block or Network: made from its copies, and renewed after an edit inside.

`expansion` writes the copies out. Where nothing around a placement changed, its wires, its parameters and
what enters it stand, and only what the edit touches inside its copies is expanded again.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from engine.document.changes import same_border
from engine.document.project import INPUT, Graph, Node, Project
from engine.expand.flat import FlatEnd, Place
from engine.expand.site import NodeExpansion, Scope, Where
from engine.report import Problem

ScopeOf = Callable[[Where, Graph, Mapping[str, Any], Mapping[str, FlatEnd], Scope | None], Scope]
"""Expands one copy of a graph with these names and what enters it, from an older scope."""


def border_of(scope: Scope) -> Place:
    """What enters one copy."""
    return Place(scope.where.path + INPUT, scope.where.graph, INPUT, {}, scope.border)


def placed(
    node: Node,
    whole: Place,
    scopes: Sequence[Scope],
    borders: Sequence[Place],
    own: tuple[Problem, ...],
    definition: str,
    outputs: tuple[str, ...],
) -> NodeExpansion:
    """The expansion of a placement: `whole` is the placement as a place, `own` its own problems."""
    inner = [entry for scope in scopes for entry in scope.entries.values()]
    found = [*own]
    for scope in scopes:
        found += scope.problems
        found += [problem for entry in scope.entries.values() for problem in entry.problems]
    return NodeExpansion(
        node,
        tuple([flat for entry in inner for flat in entry.flats]),
        whole.outputs,
        tuple(found),
        (whole, *[place for entry in inner for place in entry.places], *borders),
        tuple(scopes),
        frozenset({definition}.union(*[entry.definitions for entry in inner])),
        outputs,
        own=own,
    )


def renewed(kept: NodeExpansion, project: Project, scope_of: ScopeOf) -> NodeExpansion | None:
    """The expansion of a placement after an edit inside its definition or one further in.

    None where the edit reaches its border, so that it is to be expanded as a whole. `kept.scopes` has a copy.
    """
    definition = kept.scopes[0].where.graph
    graph = project.graphs.get(definition)
    if graph is None or kept.declared is None or not same_border(graph, kept.scopes[0].graph):
        return None
    scopes = []
    for old in kept.scopes:
        scope = scope_of(old.where, graph, old.names, old.border, old)
        if scope.outs != old.outs:
            return None
        scopes.append(scope)
    borders = kept.places[-len(scopes) :]
    return placed(kept.node, kept.places[0], scopes, borders, kept.own, definition, kept.declared)
