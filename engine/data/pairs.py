"""Which data nodes go in pairs: one follows the order of another, sample by sample.

Knows paths and declarations, and the sets where they are loaded; nothing of how batches are made.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from nodes.data.source import DataSource
from nodes.reading.dataset import DataInfo, DataSet
from nodes.reading.error import DataError

Nodes = Mapping[str, DataSource]
DIVISIONS = {
    "shuffled": "drawn by the seed",
    "stratified": "drawn by the seed, of each class its share",
    "group": "whole groups drawn by the seed",
    "time": "the last by time",
    "column": "as a column says",
    "fixed": "fixed by the files",
    "end": "the end of the sequence",
    "none": "none are held back",
    "all": "all samples validate",
}
"""How samples are held back to validate, as a message says it."""
ADVICE = "Keep both in files of one kind, or leave paired_with empty."


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


def unlike(own: DataInfo, other: DataInfo, shares: tuple[float, float]) -> tuple[str, str, str] | None:
    """(expected, received, advice) where two paired sets hold back different samples; None where they agree.

    `shares` are what each node asks to hold back. Cheap: from descriptions alone; `require_pairs` compares
    the samples themselves.
    """
    if own.samples != other.samples:
        return f"{other.samples:,} samples", f"{own.samples:,}", "They are paired."
    if own.division != other.division:
        words = (DIVISIONS[info.division] for info in (other, own))
        return f"validation samples that are {next(words)}", next(words), ADVICE
    if own.division == "shuffled" and (own.stored or own.samples) != (other.stored or other.samples):
        counts = (f"{info.stored or info.samples:,} stored samples" for info in (other, own))
        return next(counts), next(counts), "Store as many samples in both."
    if own.division in ("shuffled", "end") and shares[0] != shares[1]:
        return f"a validation share of {shares[1]:g}", f"{shares[0]:g}", "Set both to the same share."
    return None


def require_pairs(nodes: Nodes, sets: Mapping[str, DataSet]) -> None:
    """Raise `DataError` where sets that are paired do not hold the same samples in each part."""
    for path in nodes:
        leader = leader_of(nodes, path)
        own, other = (_counts(sets[one]) for one in (path, leader))
        if own != other:
            raise DataError(
                f"{path}: Expected as many samples as {leader}, which it is paired with: {_told(other)}. "
                f"Received {_told(own)}."
            )
        if leader != path:
            _require_same_places(path, sets[path], leader, sets[leader])


def _require_same_places(path: str, own: DataSet, leader: str, other: DataSet) -> None:
    """Rows at one index of both sets must be the same stored sample."""
    for name, data in ((path, own), (leader, other)):
        if data.train.places is None or data.validation.places is None:
            raise DataError(
                f"{name}: Expected no row left out of a set in a pair. Received {data.skipped[0]}. "
                "Fill the gap, or leave it out of both files."
            )
    parts = ((own.train, other.train), (own.validation, other.validation))
    for first, second in ((a.places, b.places) for a, b in parts):
        if first is not None and second is not None and not np.array_equal(first, second):
            raise DataError(
                f"{path}: Expected the same samples to train and to validate as {leader}, which it is paired "
                f"with. Received others: samples are divided differently. {ADVICE}"
            )


def _counts(data: DataSet) -> tuple[int, int]:
    return len(data.train), len(data.validation)


def _told(counts: tuple[int, int]) -> str:
    return f"{counts[0]:,} to train and {counts[1]:,} to validate"
