"""Problems of a project as a whole, though every layer is valid: nothing to train, conflicting weights."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import replace
from functools import partial

from engine.data.catalogue import describe
from engine.data.fingerprint import fingerprint
from engine.data.pairing import leader_of
from engine.data.pairs import decider_of, unlike
from engine.document import edits
from engine.document.project import MAIN, End
from engine.expand.flat import Expanded, FlatNode
from engine.infer.outcome import Outcome
from engine.infer.related_values import unrelated_values
from engine.infer.structure_fixes import loss_into, objective_for
from engine.infer.training import training_problems
from engine.infer.work import too_many_goals
from engine.report import Fix, Problem
from nodes.data.source import DataSource
from nodes.reading.dataset import DataInfo
from nodes.reading.error import DataError
from nodes.registry import REGISTRY
from nodes.shared.card_label import by
from nodes.spec import Role

Outcomes = Mapping[str, Outcome]


def drawing_problems(expanded: Expanded, outcomes: Outcomes, *, whole: bool) -> Iterator[Problem]:
    """Problems that only the whole drawing shows.

    `whole`: there are no other errors; only then are missing parts reported.
    """
    nodes = expanded.nodes
    weighted = [nodes[path] for path, outcome in outcomes.items() if outcome.weights]
    yield from _shared(weighted, outcomes)
    yield from _namesakes(expanded)
    yield from _pairs(expanded, outcomes)
    yield from _changed(expanded, outcomes)
    yield from unrelated_values(nodes)
    if (many := too_many_goals(nodes)) is not None:
        yield many
        return
    yield from training_problems(expanded, outcomes, weighted, whole=whole)
    free = [flat for flat in weighted if not flat.frozen]
    objectives = [flat for flat in nodes.values() if flat.layer.role is Role.OBJECTIVE]
    if whole and objectives:
        yield from _unread(expanded, objectives)
    elif whole and free:
        yield _untrained(expanded, free)


def _shared(weighted: list[FlatNode], outcomes: Outcomes) -> Iterator[Problem]:
    """Nodes with shared weights must need the same shapes; other nodes must not have the same weight path."""
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
    """Outputs must have different names."""
    first: dict[object, FlatNode] = {}
    for flat in expanded.nodes.values():
        if flat.layer.role is Role.OUTPUT:
            other = first.setdefault(flat.layer.values.get("name"), flat)
            if other is not flat:
                received = f"{flat.layer.values.get('name')!r}, as at {other.path}"
                yield _problem(flat, "a name that no other output has", received, "Rename it.", "warning")


def _changed(expanded: Expanded, outcomes: Outcomes) -> Iterator[Problem]:
    """Data whose files are others than when their node was added: what was trained is of the older ones."""
    for flat in expanded.nodes.values():
        change = outcomes[flat.path].report.changed if flat.path in outcomes else ""
        if change and isinstance(flat.layer, DataSource):
            now = fingerprint(flat.layer)
            take = Fix(
                "Take the data as they are now",
                partial(
                    edits.set_param, graph_name=flat.graph, node_id=flat.id, name="fingerprint", value=now
                ),
            )
            message = f"{flat.layer.title}: {change}"
            yield Problem(flat.graph, flat.id, flat.path, message, severity="warning", fixes=(take,))


def _pairs(expanded: Expanded, outcomes: Outcomes) -> Iterator[Problem]:
    """Data nodes that are paired must have a partner that stores as many samples and can be divided alike.

    A set that cannot be described is told at its own node and is compared with nothing.
    """
    flats = {path: flat for path, flat in expanded.nodes.items() if isinstance(flat.layer, DataSource)}
    layers = {path: flat.layer for path, flat in flats.items() if isinstance(flat.layer, DataSource)}
    pairs: dict[str, dict[str, DataInfo]] = {}
    for path, flat in flats.items():
        try:
            leader = leader_of(layers, path)
        except DataError as error:
            yield Problem(flat.graph, flat.id, path, str(error))
            continue
        with suppress(DataError):  # the file changed since its node was looked at, which the next look tells
            if path in outcomes:
                pairs.setdefault(leader, {})[path] = describe(layers[path])
    for leader, infos in pairs.items():
        decider = decider_of(infos, leader)
        for path in infos:
            for other in dict.fromkeys((leader, decider)):
                if (
                    path not in (leader, other)
                    and other in infos
                    and (fault := _unlike(layers, infos, path, other))
                ):
                    expected, received, hint = fault
                    yield _problem(flats[path], f"{expected}, as {other} has", received, hint)
                    break


def _unlike(
    layers: Mapping[str, DataSource], infos: Mapping[str, DataInfo], path: str, other: str
) -> tuple[str, str, str] | None:
    shares = [float(layers[end].values.get("validation", 0.0)) for end in (path, other)]
    return unlike(infos[path], infos[other], (shares[0], shares[1]))


def _problem(flat: FlatNode, expected: str, received: str, hint: str, severity: str = "error") -> Problem:
    message = f"{flat.layer.title}: Expected {expected}. Received {received}. {hint}".rstrip()
    return Problem(
        flat.graph, flat.id, flat.path, message, severity=severity, expected=expected, received=received
    )


def _unread(expanded: Expanded, objectives: list[FlatNode]) -> Iterator[Problem]:
    """Losses that nothing reads although there are objectives."""
    read = {end.path for flat in expanded.nodes.values() for ends in flat.inputs for end in ends}
    for flat in expanded.nodes.values():
        if flat.layer.role is Role.LOSS and flat.path not in read:
            beside = [other.id for other in objectives if other.graph == flat.graph]
            yield _aimless(flat, "none: nothing reads it", loss_into(flat.graph, _loss_of(flat), beside[:2]))


def _untrained(expanded: Expanded, weighted: list[FlatNode]) -> Problem:
    """There are learnable weights and no objective."""
    losses = [flat for flat in expanded.nodes.values() if flat.layer.role is Role.LOSS]
    if losses:
        return _aimless(losses[-1], "none: nothing is trained", ())
    key = weighted[-1].path.partition(".")[0]  # what stands in main: a loss goes behind it
    expected, received = "a loss and an objective", "none: nothing is trained"
    title = REGISTRY.title_of(expanded.project.main.nodes[key].layer)
    message = f"{title}: Expected {expected}. Received {received}. Wire a loss behind it, and an Objective."
    return Problem(MAIN, key, key, message, severity="warning", expected=expected, received=received)


def _aimless(flat: FlatNode, received: str, fixes: tuple[Fix, ...]) -> Problem:
    """A loss that no objective minimises."""
    found = _problem(flat, "an objective that makes this loss smaller", received, "", "warning")
    return replace(found, fixes=(*fixes, *objective_for(flat.graph, _loss_of(flat))))


def _loss_of(flat: FlatNode) -> End:
    return End(flat.id, flat.layer.output_ports()[0].name)
