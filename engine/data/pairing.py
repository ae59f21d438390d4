"""Which data nodes go in pairs: one follows the order of another, sample by sample. Reads no data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from nodes.data.source import DataSource
from nodes.reading.error import DataError

Nodes = Mapping[str, DataSource]


def partner_of(nodes: Nodes, path: str) -> str | None:
    """The path of the data node that this one is paired with; None where it goes by itself.

    Its partner stands in the same graph. Raises `DataError` where there is no such node.
    """
    name = nodes[path].paired_with.strip()
    if not name:
        return None
    scope, dot, _ = path.rpartition(".")
    partner = f"{scope}{dot}{name}"
    if partner not in nodes or partner == path:
        others = ", ".join(other.rpartition(".")[2] for other in nodes if other != path) or "there is none"
        raise DataError(f"{path}: paired_with: Expected another data node ({others}). Received {name!r}.")
    return partner


def leader_of(nodes: Nodes, path: str) -> str:
    """The path of the data node whose order this one follows in the end; its own, where it goes by itself.

    Raises `DataError` where a chain of pairs leads back to where it began.
    """
    seen = [path]
    while (partner := partner_of(nodes, seen[-1])) is not None:
        if partner in seen:
            raise DataError(
                f"{path}: paired_with: Expected a node that does not follow this one. "
                f"Received {' → '.join((*seen, partner))}."
            )
        seen.append(partner)
    return seen[-1]


def group_of(nodes: Nodes, path: str) -> dict[str, DataSource]:
    """The nodes whose samples go with those of this one, itself among them; nodes of broken pairs do not."""
    found = {path: nodes[path]}
    for other in nodes:
        try:
            if leader_of(nodes, other) == leader_of(nodes, path):
                found[other] = nodes[other]
        except DataError:
            continue
    return {name: nodes[name] for name in nodes if name in found}


@dataclass(frozen=True)
class NodeData:
    """The data of a node, with those of the nodes whose samples go with its own. A value.

    `nodes` are by path; the seed decides which samples are held back.
    """

    path: str
    nodes: tuple[tuple[str, DataSource], ...]
    seed: int = 0

    @property
    def source(self) -> DataSource:
        return dict(self.nodes)[self.path]

    @property
    def is_paired(self) -> bool:
        return len(self.nodes) > 1 or bool(self.source.paired_with.strip())


def data_of(nodes: Mapping[str, DataSource], path: str, seed: int = 0) -> NodeData:
    """The data of one of the data nodes of a graph. Reads nothing."""
    return NodeData(path, tuple(group_of(nodes, path).items()), seed)
