"""Weights that a layer reads by their paths, as a penalty does: which they are, and paths without any."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import partial

from engine.document import edits
from engine.expand.flat import FlatNode
from engine.infer.outcome import Outcome
from engine.report import Fix, Problem
from nodes.param import paths_in


def named_by(flat: FlatNode) -> list[str] | None:
    """The paths of a layer that reads weights, empty: of all that learn; None where it reads none."""
    name = flat.layer.reads_weights
    return paths_in(str(flat.layer.values[name])) if name else None


def is_of(node: FlatNode, name: str, outcomes: Mapping[str, Outcome]) -> bool:
    """Whether a path names weights of this node: its path, its weight path, or one weight."""
    for path in (node.path, node.weight_path):
        if path == name or path.startswith(f"{name}."):
            return True
    weights = (weight for weight, _ in outcomes[node.path].weights)
    return name.startswith(f"{node.weight_path}.") and any(
        f"{node.weight_path}.{weight}" == name for weight in weights
    )


def read_through(
    above: set[str], nodes: Mapping[str, FlatNode], weighted: list[FlatNode], outcomes: Mapping[str, Outcome]
) -> set[str]:
    """The nodes whose weights are read by path at these nodes."""
    found: set[str] = set()
    for path in above:
        names = named_by(nodes[path])
        if names is not None:
            found |= {
                node.path
                for node in weighted
                if not names or any(is_of(node, name, outcomes) for name in names)
            }
    return found


def unknown_weights(
    flat: FlatNode, weighted: list[FlatNode], outcomes: Mapping[str, Outcome]
) -> Iterator[Problem]:
    """Paths of a layer that reads weights at which there are none."""
    for name in named_by(flat) or ():
        if any(is_of(node, name, outcomes) for node in weighted):
            continue
        known = list(dict.fromkeys(node.weight_path.split(".")[0] for node in weighted))
        listed = ", ".join(known[:8]) + (", …" if len(known) > 8 else "")
        expected = f"paths of weights that it reads ({listed or 'there are none'})"
        message = f"{flat.layer.title}: Expected {expected}. Received {name!r}."
        param = flat.layer.reads_weights
        left = ", ".join(other for other in named_by(flat) or () if other != name)
        edit = partial(edits.set_param, graph_name=flat.graph, node_id=flat.id, name=param, value=left)
        title = f"Take {name} out" if left else "Read all weights that learn"
        yield Problem(
            flat.graph,
            flat.id,
            flat.path,
            message,
            severity="error",
            expected=expected,
            received=repr(name),
            fixes=(Fix(title, edit),),
        )
