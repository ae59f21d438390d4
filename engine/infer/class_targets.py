"""Reports of outputs that a loss compares with classes: their scores are what probabilities are made of."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from engine.expand.flat import Expanded, FlatEnd
from engine.infer.outcome import Outcome
from engine.infer.totals import spec_at
from engine.report import NodeReport
from nodes.spec import Role

Reports = Mapping[str, NodeReport]


def with_class_targets(
    expanded: Expanded, outcomes: Mapping[str, Outcome], reports: Reports, before: Reports
) -> dict[str, NodeReport]:
    """The reports of those outputs; those of `before` that stand."""
    scores = frozenset(_scores(expanded, outcomes))
    found = {}
    for path, node in expanded.nodes.items():
        if node.layer.role is Role.OUTPUT and path in reports and scores.intersection(node.inputs[0]):
            old, new = before.get(path), replace(reports[path], has_classes=True)
            found[path] = old if old is not None and old == new else new
    return found


def _scores(expanded: Expanded, outcomes: Mapping[str, Outcome]) -> Iterator[FlatEnd]:
    """The values with one more dimension than the whole numbers with which a loss compares them."""
    for path, node in expanded.nodes.items():
        if node.layer.role is not Role.LOSS or path not in outcomes:
            continue
        ends = [end for port in node.inputs for end in port]
        specs = [spec for end in ends if (spec := spec_at(end, outcomes)) is not None]
        if len(specs) < 2 or len(specs) < len(ends) or not specs[0].is_float:
            continue
        if any(not spec.is_float and spec.rank == specs[0].rank - 1 for spec in specs[1:]):
            yield ends[0]
