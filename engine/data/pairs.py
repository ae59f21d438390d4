"""Which data nodes go in pairs: one follows the order of another, sample by sample.

Knows paths and declarations, and the sets where they are loaded; nothing of how batches are made.
"""

from __future__ import annotations

from collections.abc import Mapping

from engine.data.dataset import DataError, DataSet
from nodes.data.source import DataSource

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


def require_pairs(nodes: Nodes, sets: Mapping[str, DataSet]) -> None:
    """Raise `DataError` where sets that are paired have not as many samples of each part."""
    for path in nodes:
        leader = leader_of(nodes, path)
        own, other = (_counts(sets[one]) for one in (path, leader))
        if own != other:
            raise DataError(
                f"{path}: Expected as many samples as {leader}, which it is paired with: {_told(other)}. "
                f"Received {_told(own)}."
            )


def _counts(data: DataSet) -> tuple[int, int]:
    return len(data.train), len(data.validation)


def _told(counts: tuple[int, int]) -> str:
    return f"{counts[0]:,} to train and {counts[1]:,} to validate"
