"""Parameters and settings that hold node paths: those of the kind `Paths`, whatever layer declares them.

Edits that rename or move a node rewrite these paths here.
"""

from __future__ import annotations

import msgspec

from engine.document.held_expressions import has_expression
from engine.document.project import Graph, Node, Project
from engine.document.settings import SETTINGS
from nodes.param import WEIGHTED, Paths, Rewrite
from nodes.registry import REGISTRY


def nodes_with_paths(graph: Graph) -> dict[str, Node]:
    """The nodes with parameters that hold paths."""
    return {key: node for key, node in graph.nodes.items() if node.params and held(node)}


def held(node: Node) -> dict[str, Paths]:
    """The parameters of a node that hold paths and are not empty."""
    declared = REGISTRY.get(node.layer)
    if declared is None:
        return {}
    found = {}
    for name, value in node.params.items():
        param = declared.params.get(name)
        if isinstance(param, Paths) and value and not has_expression(value):
            found[name] = param
    return found


def tied_elsewhere(graph: Graph, chosen: frozenset[str]) -> tuple[str, str] | None:
    """A node among these that takes its weights from one that is not among them, and that one.

    Such a path is seen from the node's own graph: it would lead nowhere from another.
    """
    for key in sorted(chosen):
        for name, param in held(graph.nodes[key]).items():
            owner = str(graph.nodes[key].params[name]).strip().partition(".")[0]
            if param.suggestions == WEIGHTED and owner in graph.nodes and owner not in chosen:
                return key, owner
    return None


def rewritten(node: Node, rewrite: Rewrite) -> Node:
    """The node with `rewrite` applied to every path in it; the same object where none changes."""
    old = {name: str(node.params[name]) for name in held(node)}
    new = {name: param.rewritten(old[name], rewrite) for name, param in held(node).items()}
    return msgspec.structs.replace(node, params={**node.params, **new}) if new != old else node


def with_setting_paths(project: Project, rewrite: Rewrite) -> Project:
    """The project with `rewrite` applied to every path in its settings; the same where none changes."""
    params = {name: param for name, param in SETTINGS.items() if isinstance(param, Paths)}
    old = {name: getattr(project.settings, name) for name in params}
    new = {name: param.rewritten(old[name], rewrite) for name, param in params.items()}
    if new == old:
        return project
    return msgspec.structs.replace(project, settings=msgspec.structs.replace(project.settings, **new))
