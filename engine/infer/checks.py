"""What is wrong with a drawing as a whole, though every layer fits: nothing to train, weights that clash.

Knows the expansion and the outcomes of its layers.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from engine.data.catalogue import describe
from engine.data.dataset import DataError
from engine.data.pairs import leader_of
from engine.document.project import End
from engine.expand.flat import Expanded, FlatNode
from engine.infer.layer import Outcome
from engine.infer.repair_structure import objective_for
from engine.infer.training import training_problems
from engine.report import Problem
from nodes.source import DataSource
from nodes.spec import Role
from nodes.telling import by

Outcomes = Mapping[str, Outcome]


def drawing_problems(expanded: Expanded, outcomes: Outcomes, *, whole: bool) -> Iterator[Problem]:
    """Problems that show only when the whole drawing is looked at.

    `whole` says that nothing else is wrong: what is still missing is told only then.
    """
    nodes = expanded.nodes
    weighted = [nodes[path] for path, outcome in outcomes.items() if outcome.weights]
    yield from _shared(weighted, outcomes)
    yield from _namesakes(expanded)
    yield from _pairs(expanded)
    yield from training_problems(expanded, outcomes, weighted, whole=whole)
    free = [flat for flat in weighted if not flat.frozen]
    if free and whole and not any(flat.layer.role is Role.OBJECTIVE for flat in nodes.values()):
        yield _untrained(expanded, free)


def _shared(weighted: list[FlatNode], outcomes: Outcomes) -> Iterator[Problem]:
    """Nodes with one set of weights must need the same shapes; none may share a weight path by accident."""
    first: dict[str, FlatNode] = {}
    for flat in weighted:
        other = first.setdefault(flat.weight_path, flat)
        if other is flat:
            continue
        if (other.graph, other.id) != (flat.graph, flat.id):
            expected, received = (
                f"one node with the weights {flat.weight_path!r}",
                f"{other.path} and {flat.path}",
            )
            yield _problem(flat, expected, received, "Rename one of them.")
            continue
        for (name, shape), (_, wanted) in zip(
            outcomes[flat.path].weights, outcomes[other.path].weights, strict=False
        ):
            if shape != wanted:
                expected = f"{name} of {by(wanted)}, as at {other.path}: the weights are shared"
                hint = "Give both placements the same parameters and inputs of one shape, or use a Block."
                yield _problem(flat, expected, by(shape), hint)
                break


def _namesakes(expanded: Expanded) -> Iterator[Problem]:
    """Outputs must have names of their own: outside, the name is all that is known."""
    first: dict[object, FlatNode] = {}
    for flat in expanded.nodes.values():
        if flat.layer.role is Role.OUTPUT:
            other = first.setdefault(flat.layer.values.get("name"), flat)
            if other is not flat:
                received = f"{flat.layer.values.get('name')!r}, as at {other.path}"
                yield _problem(flat, "a name that no other output has", received, "Rename it.", "warning")


def _pairs(expanded: Expanded) -> Iterator[Problem]:
    """Data nodes that are paired must have a partner, with as many samples."""
    flats = {path: flat for path, flat in expanded.nodes.items() if isinstance(flat.layer, DataSource)}
    layers = {path: flat.layer for path, flat in flats.items() if isinstance(flat.layer, DataSource)}
    for path, flat in flats.items():
        try:
            leader = leader_of(layers, path)
        except DataError as error:
            yield Problem(flat.graph, flat.id, path, str(error))
            continue
        own, other = (describe(layers[one]).samples if leader != path else 0 for one in (path, leader))
        if own != other:
            yield _problem(flat, f"{other:,} samples, as {leader} has", f"{own:,}", "They are paired.")


def _problem(flat: FlatNode, expected: str, received: str, hint: str, severity: str = "error") -> Problem:
    message = f"{flat.layer.title}: Expected {expected}. Received {received}. {hint}"
    return Problem(
        flat.graph, flat.id, flat.path, message, severity=severity, expected=expected, received=received
    )


def _untrained(expanded: Expanded, weighted: list[FlatNode]) -> Problem:
    """There are weights that could learn and no objective: nothing will be learned."""
    losses = [flat for flat in expanded.nodes.values() if flat.layer.role is Role.LOSS]
    flat = losses[-1] if losses else weighted[-1]
    received = "none: nothing is trained"
    expected = "an objective that makes this loss smaller" if losses else "a loss and an objective"
    repairs = objective_for(flat.graph, End(flat.id, flat.layer.output_ports()[0].name)) if losses else ()
    message = f"{flat.layer.title}: Expected {expected}. Received {received}."
    return Problem(
        flat.graph,
        flat.id,
        flat.path,
        message,
        severity="warning",
        expected=expected,
        received=received,
        repairs=repairs,
    )
