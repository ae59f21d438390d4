"""Gradients in the forward pass: whether what is differentiated was computed from the value that it is
differentiated by.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from engine.expand.flat import FlatEnd, FlatNode, ancestors
from engine.report import Problem


def unrelated_values(nodes: Mapping[str, FlatNode]) -> Iterator[Problem]:
    """A warning for every gradient that is 0 everywhere: none passes between its two values."""
    taking: dict[str, bool] = {}  # by layer: this is asked for every node of a large drawing
    for flat in nodes.values():
        kind = flat.layer.type
        if kind not in taking:
            taking[kind] = any(port.differentiated for port in flat.layer.inputs)
        if not taking[kind]:
            continue
        pairs = list(zip(flat.layer.input_ports(), flat.inputs, strict=True))
        by = next(((port, ends) for port, ends in pairs if port.differentiated and ends), None)
        if by is None:
            continue
        port, ends = by
        values = [end for other, given in pairs if not other.differentiated for end in given]
        if not _is_computed_from(nodes, values, ends[0]):
            yield _problem(flat, port.name, values[0], ends[0])


def _is_computed_from(nodes: Mapping[str, FlatNode], values: list[FlatEnd], source: FlatEnd) -> bool:
    """Whether gradients pass from one of these values to the source."""
    if source in values:
        return True
    above = ancestors(nodes, values, by_gradients=True)
    passing = (nodes[path] for path in above if nodes[path].layer.passes_gradients)
    return any(end == source for node in passing for port in node.inputs for end in port)


def _problem(flat: FlatNode, port: str, value: FlatEnd, source: FlatEnd) -> Problem:
    expected = f"at {port!r} a value from which {value.path} is computed, with gradients all the way"
    received = f"{source.port!r} of {source.path}, which it does not depend on: the gradient is 0"
    message = f"{flat.layer.title}: Wire the value itself. Expected {expected}. Received {received}."
    return Problem(
        flat.graph,
        flat.id,
        flat.path,
        message,
        port=port,
        severity="warning",
        expected=expected,
        received=received,
    )
