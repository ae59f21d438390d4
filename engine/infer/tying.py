"""Ties: which weight of which layer is the weight of another, whether its shape fits, and what it counts.

A path is seen from the graph of the layer that names it. A tied weight belongs to its owner: it has the
owner's name in the state dict and counts there. Shared by inference and the compiler.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from math import prod

from engine.document import edits
from engine.expand.flat import FlatNode
from engine.infer.outcome import Outcome
from engine.report import Fix, Problem
from nodes.shared.card_label import by
from nodes.shown_text import quoted

Weights = tuple[tuple[str, tuple[int, ...]], ...]
WeightsAt = Callable[[str], Weights | None]
"""The names and shapes of the weights of the node at a path; None where they are not known."""
TIED_TO = "tied_to"


@dataclass(frozen=True)
class Tie:
    """The weight `weight` of the node at `path` is `owner_weight` of the node at `owner`, or its transpose.

    `frozen`: one of the two nodes is.
    """

    path: str
    weight: str
    owner: str
    owner_weight: str
    is_transposed: bool
    frozen: bool


def ties_of(nodes: Mapping[str, FlatNode], weights_at: WeightsAt) -> tuple[tuple[Tie, ...], list[Problem]]:
    """Every tie of a drawing, and the problems of those that cannot be.

    Where the weights of a layer are not known, something else is wrong with it and no problem is added.
    """
    ties, problems = [], []
    by_weights: dict[str, str] = {}
    tied = [flat for flat in nodes.values() if _target(flat)]
    if tied:
        for path, flat in nodes.items():
            by_weights.setdefault(flat.weight_path, path)
    for flat in tied:
        found = _tie(flat, nodes, by_weights, weights_at)
        if isinstance(found, Tie):
            ties.append(found)
        elif found is not None:
            problems.append(found)
    return tuple(ties), problems


def with_ties(
    nodes: Mapping[str, FlatNode], outcomes: Mapping[str, Outcome]
) -> tuple[Mapping[str, Outcome], list[Problem]]:
    """The outcomes with every tied weight counted at its owner alone, and the problems of ties."""

    def weights_at(path: str) -> Weights | None:
        return outcomes[path].weights if path in outcomes else None

    ties, problems = ties_of(nodes, weights_at)
    if not ties:
        return outcomes, problems
    return {**outcomes, **{tie.path: _without(outcomes[tie.path], tie) for tie in ties}}, problems


def _without(outcome: Outcome, tie: Tie) -> Outcome:
    shape = dict(outcome.weights)[tie.weight]
    count = sum(prod(size) for _, size in outcome.weights)
    left = tuple(pair for pair in outcome.weights if pair[0] != tie.weight)
    parameters = outcome.report.parameters - prod(shape)
    own = tuple(pair for pair in outcome.report.weights if pair[0] != tie.weight)
    size = outcome.weight_bytes * (count - prod(shape)) // max(count, 1)
    return replace(
        outcome,
        report=replace(outcome.report, parameters=parameters, weights=own),
        weights=left,
        weight_bytes=size,
    )


def _target(flat: FlatNode) -> str:
    return str(flat.layer.values.get(TIED_TO, "")).strip() if flat.layer.tied_weight else ""


def _tie(
    flat: FlatNode, nodes: Mapping[str, FlatNode], by_weights: Mapping[str, str], weights_at: WeightsAt
) -> Tie | Problem | None:
    if flat.layer.values.get("spectral_norm"):
        return _problem(flat, "a layer without spectral norm, because its weights are tied", "one with it")
    if flat.layer.values.get("weights") or f"{flat.layer.tied_weight}:" in str(
        flat.layer.values.get("given", "")
    ):
        return _problem(flat, "no weights by hand, because they are tied", "some")
    owner, chain = flat, [flat.path]
    while _target(owner):
        path = owner.path[: len(owner.path) - len(owner.id)] + _target(owner)
        following = nodes.get(by_weights.get(path, path)) if path not in nodes else nodes[path]
        if following is None or not following.layer.tied_weight:
            expected = "the path of a layer of this graph that has weights to share"
            return _problem(owner, expected, quoted(_target(owner))) if owner is flat else None
        if following.path in chain:
            expected = "a layer whose weights are not tied to this one"
            return _problem(flat, expected, " → ".join([*chain, following.path]))
        owner = following
        chain.append(owner.path)
    own, other = weights_at(flat.path), weights_at(owner.path)
    if own is None or other is None:
        return None
    return _fitted(flat, owner, dict(own), dict(other))


def _fitted(
    flat: FlatNode,
    owner: FlatNode,
    own: Mapping[str, tuple[int, ...]],
    other: Mapping[str, tuple[int, ...]],
) -> Tie | Problem:
    name, lent = flat.layer.tied_weight, owner.layer.tied_weight
    wanted, given = own[name], other[lent]
    is_turned = wanted != given and len(wanted) == 2 and wanted == given[::-1]
    if wanted != given and not is_turned:
        turned = f", or {by(wanted[::-1])} turned round," if len(wanted) == 2 else ""
        return _problem(
            flat, f"weights of {by(wanted)}{turned} at {owner.path}, to which its own are tied", by(given)
        )
    return Tie(flat.path, name, owner.path, lent, is_turned, flat.frozen or owner.frozen)


def _problem(flat: FlatNode, expected: str, received: str) -> Problem:
    message = f"{flat.layer.title}: Tied to: Expected {expected}. Received {received}."
    untie = partial(edits.reset_param, graph_name=flat.graph, node_id=flat.id, name=TIED_TO)
    fix = Fix("Give it weights of its own", untie)
    return Problem(
        flat.graph, flat.id, flat.path, message, expected=expected, received=received, fixes=(fix,)
    )
