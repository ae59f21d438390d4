"""Writes nodes for evaluation: without gradients, but for those that are taken in the forward pass.

What lies between a differentiated value and the node that differentiates records gradients there, whatever
mode the graph is called in; values are handed out without them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from engine.compile.graphs import GraphWriter
from engine.compile.input_gradients import InputGradient, leaf_readers_of
from engine.compile.objective_steps import GradientMode
from engine.expand.flat import FlatEnd


def between(input_gradients: Iterable[InputGradient]) -> frozenset[str]:
    """The nodes that record gradients also in evaluation."""
    return frozenset(path for each in input_gradients for path in each.between)


def write_evaluation(
    writer: GraphWriter,
    paths: Sequence[str],
    input_gradients: Iterable[InputGradient],
    swaps: Mapping[str, str] | None = None,
    *,
    as_called: bool = False,
) -> None:
    """Call the nodes at these paths, in topological order; `swaps` are pairs that are called in reverse.

    `as_called`: every node records gradients, or none does, as the mode is in which the graph is called.
    """
    pairs = swaps or {}
    written, behind = set(paths), set(pairs.values())
    taken = [each for each in input_gradients if each.node in written]
    recorded, leaf_readers = between(taken), leaf_readers_of(taken)
    for path in paths:
        if recorded and not as_called:
            writer.gradients(path in recorded)

        def mode(end: FlatEnd, reader: str = path) -> GradientMode:
            return GradientMode.LEAF if reader in leaf_readers.get(end, ()) else GradientMode.ATTACHED

        if path in pairs:
            writer.call_swapped(path, pairs[path], mode)
        elif path not in behind:
            writer.call(path, mode)


def observed(
    writer: GraphWriter, ends: Iterable[FlatEnd], input_gradients: Iterable[InputGradient]
) -> tuple[Any, ...]:
    """Values without gradients, for evaluation and lenses."""
    recorded = between(input_gradients)
    return tuple(
        writer.read(end, GradientMode.DETACHED if end.path in recorded else GradientMode.ATTACHED)
        for end in ends
    )
