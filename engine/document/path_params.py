"""Parameters and settings that hold node paths: `updates`, `rate_factors`, `paired_with`, `best_by`.

A parameter declares by its suggestions that it holds paths. Edits that rename or move a node rewrite these
paths here.
"""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from engine.document.expression import is_expression
from engine.document.project import Graph, Node, Project
from nodes.param import Text
from nodes.registry import REGISTRY

PARTS = "parts"
"""Suggestions of a text that lists paths: `generator, discriminator.linear1`."""
RATES = "part_rates"
"""Suggestions of a text that gives paths numbers: `generator: 0.1, discriminator.linear1: 2`."""
SOURCES = "sources"
"""Suggestions of a text that is the id of one node of the same graph."""

Rewrite = Callable[[str], tuple[str, ...]]
"""Maps a path to those that replace it: none, one or several."""


def nodes_with_paths(graph: Graph) -> dict[str, Node]:
    """The nodes with parameters that hold paths."""
    return {key: node for key, node in graph.nodes.items() if node.params and texts(node)}


def texts(node: Node) -> dict[str, str]:
    """The parameters of a node that hold paths and are not empty: name -> kind of suggestions."""
    declared = REGISTRY.get(node.layer)
    if declared is None:
        return {}
    found = {}
    for name, value in node.params.items():
        param = declared.params.get(name)
        kind = param.suggestions if isinstance(param, Text) else ""
        if kind in (PARTS, RATES, SOURCES) and value and not is_expression(value):
            found[name] = kind
    return found


def rewritten(node: Node, rewrite: Rewrite) -> Node:
    """The node with `rewrite` applied to every path in it; the same object where none changes."""
    changed = {}
    for name, kind in texts(node).items():
        old = str(node.params[name])
        pieces = old.split(",") if kind != SOURCES else [old]
        new = ",".join(made for piece in pieces if (made := _piece(piece, kind, rewrite)) is not None)
        if new != old:
            changed[name] = new.strip() if new.strip() != old else old
    return msgspec.structs.replace(node, params={**node.params, **changed}) if changed else node


def with_best_by_path(project: Project, rewrite: Rewrite) -> Project:
    """The project with `rewrite` applied to `best_by`; unchanged unless exactly one path replaces it."""
    path = project.settings.best_by
    made = rewrite(path) if path else ()
    if len(made) != 1 or made[0] == path:
        return project
    return msgspec.structs.replace(
        project, settings=msgspec.structs.replace(project.settings, best_by=made[0])
    )


def _piece(piece: str, kind: str, rewrite: Rewrite) -> str | None:
    """One entry of a list with its path rewritten and its spaces kept; None where no path replaces it."""
    path, colon, rest = piece.partition(":") if kind == RATES else (piece, "", "")
    bare = path.strip()
    made = rewrite(bare) if bare else (bare,)
    if made == (bare,):
        return piece
    if not made:
        return None
    lead = path[: len(path) - len(path.lstrip())]
    trail = path[len(path.rstrip()) :]
    return lead + ", ".join(f"{one}{trail}{colon}{rest}" for one in made)
