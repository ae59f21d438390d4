"""The training plan: for each objective the weights that it updates, the nodes that its losses depend on, and
the nodes that gradients flow through.

Works on names and makes no weights, so that the window can show it while one draws. The compiler reads the
same plan.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass

from engine.compile.error import CompileError
from engine.compile.input_gradients import InputGradient, input_gradients_of
from engine.compile.resolve import Resolved
from engine.document.project import INPUT, MAIN
from engine.expand.flat import Expanded, FlatEnd, FlatNode, ancestors
from engine.infer.layer import outcome_of
from engine.infer.read_weights import named_by
from engine.infer.tying import Tie, Weights, ties_of
from engine.report import Problem
from nodes.param import paths_in
from nodes.registry import REGISTRY
from nodes.spec import Role
from nodes.training.objective import Objective


@dataclass(frozen=True)
class ObjectiveSpec:
    """One objective: the scalar losses that it adds up and the names of the weights that it updates.

    `above` are the nodes that its loss depends on, `gradient_nodes` those of them through which gradients
    flow to its weights. `factors` multiply the learning rate, by weight; missing: 1.
    """

    path: str
    layer: Objective
    losses: tuple[FlatEnd, ...]
    updates: tuple[str, ...]
    factors: Mapping[str, float]
    above: frozenset[str]
    gradient_nodes: frozenset[str]


@dataclass(frozen=True)
class TrainingPlan:
    """All objectives of a drawing, in the order in which they act.

    `weights` are the names of the learnable weights by node path; `weighted` are the nodes with weights,
    frozen ones included; `shapes` are the shapes of all weights by name. A tied weight has its owner's name.
    `read` are weights of other nodes, by the node that reads them; those that learn are in `weights` too.
    """

    nodes: Mapping[str, FlatNode]
    weights: Mapping[str, tuple[str, ...]]
    weighted: frozenset[str]
    shapes: Mapping[str, tuple[int, ...]]
    objectives: tuple[ObjectiveSpec, ...]
    input_gradients: tuple[InputGradient, ...]
    ties: tuple[Tie, ...]
    read: Mapping[str, tuple[str, ...]]


def training_plan_of(resolved: Resolved) -> TrainingPlan:
    """The plan of the nodes that can run. Raises `CompileError` where an objective cannot."""
    _require_objectives(resolved)
    nodes = resolved.nodes
    ties = _ties(resolved)
    weights, weighted, shapes = _weights(resolved, ties)
    read = _read(nodes, weights, shapes)
    for path, names in read.items():
        learning = {name for held in weights.values() for name in held}
        weights[path] = tuple(name for name in names if name in learning)
    found = [
        _objective_spec(path, nodes, weights, weighted, shapes)
        for path, node in nodes.items()
        if isinstance(node.layer, Objective) and node.inputs[0]
    ]
    objectives = tuple(sorted(found, key=lambda objective: objective.layer.order))
    return TrainingPlan(nodes, weights, weighted, shapes, objectives, input_gradients_of(nodes), ties, read)


def _require_objectives(resolved: Resolved) -> None:
    """Raise `CompileError` unless every objective that is drawn is sound, also inside definitions."""
    for path in _drawn_objectives(resolved.expanded):
        if path not in resolved.nodes:
            raise CompileError(sentence(resolved.problems, path), resolved.problems)


def _drawn_objectives(expanded: Expanded) -> Iterator[str]:
    """Paths of all objectives, sound or not, in the main graph and in every copy of a definition."""
    graphs = expanded.project.graphs
    copies = [("", graphs[MAIN])]
    copies += [
        (p.path.removesuffix(INPUT), graphs[p.graph]) for p in expanded.places.values() if p.id == INPUT
    ]
    for start, graph in copies:
        for name, node in graph.nodes.items():
            if REGISTRY.role_of(node.layer) is Role.OBJECTIVE and not node.bypassed:
                yield f"{start}{name}"


def _ties(resolved: Resolved) -> tuple[Tie, ...]:
    """Every tie. Raises `CompileError` where one cannot be."""

    def weights_at(path: str) -> Weights | None:
        node = resolved.nodes.get(path)
        return None if node is None else outcome_of(node.layer, resolved.inputs[path]).weights

    ties, problems = ties_of(resolved.nodes, weights_at)
    if problems:
        raise CompileError(f"{problems[0].path}: {problems[0].message}", problems)
    return ties


def _weights(
    resolved: Resolved, ties: tuple[Tie, ...]
) -> tuple[dict[str, tuple[str, ...]], frozenset[str], dict[str, tuple[int, ...]]]:
    """Learnable weights by node; the nodes with weights; the shapes of all weights by name."""
    nodes = resolved.nodes
    owners = {
        f"{nodes[tie.path].weight_path}.{tie.weight}": f"{nodes[tie.owner].weight_path}.{tie.owner_weight}"
        for tie in ties
    }
    names: dict[str, tuple[str, ...]] = {}
    shapes: dict[str, tuple[int, ...]] = {}
    frozen: set[str] = set()
    for path, node in nodes.items():
        if node.layer.role not in (Role.MODULE, Role.LOSS):
            continue
        outcome = outcome_of(node.layer, resolved.inputs[path])
        held = {f"{node.weight_path}.{name}": shape for name, shape in outcome.weights}
        shapes.update({name: shape for name, shape in held.items() if name not in owners})
        if held:
            names[path] = tuple(owners.get(name, name) for name in held)
            frozen.update(names[path] if node.frozen else ())
            frozen.update(f"{node.weight_path}.{name}" for name in outcome.held)
    learnable = {path: tuple(name for name in held if name not in frozen) for path, held in names.items()}
    return {path: held for path, held in learnable.items() if held}, frozenset(names), shapes


def _read(
    nodes: Mapping[str, FlatNode],
    weights: Mapping[str, tuple[str, ...]],
    shapes: Mapping[str, tuple[int, ...]],
) -> dict[str, tuple[str, ...]]:
    """By node the weights of others that it reads; a path names frozen ones too."""
    learning = dict.fromkeys(name for held in weights.values() for name in held)
    found: dict[str, tuple[str, ...]] = {}
    for path, node in nodes.items():
        names = named_by(node)
        if names is None:
            continue
        read = dict.fromkeys(learning if not names else ())
        for name in names:
            owned = weights_at(name, nodes, shapes)
            if not owned:
                expected = f"paths of weights ({_firsts(shapes)})"
                raise CompileError(
                    f"{path}: {node.layer.reads_weights}: Expected {expected}. Received {name!r}."
                )
            read.update(dict.fromkeys(owned))
        found[path] = tuple(name for name in read if node.layer.reads_weight(shapes[name]))
    return found


def _objective_spec(
    path: str,
    nodes: Mapping[str, FlatNode],
    weights: Mapping[str, tuple[str, ...]],
    weighted: frozenset[str],
    shapes: Mapping[str, tuple[int, ...]],
) -> ObjectiveSpec:
    node = nodes[path]
    layer = node.layer
    assert isinstance(layer, Objective)
    losses = node.inputs[0]
    above, reached = ancestors(nodes, losses), ancestors(nodes, losses, by_gradients=True)
    learnable = dict.fromkeys(name for names in weights.values() for name in names)
    asked = _asked(node, layer, nodes, learnable, shapes)
    reach = {name for place in reached for name in weights.get(place, ())}
    updates = tuple(name for name in asked if name in reach)
    if not updates:
        raise CompileError(_nothing_to_learn(node, weighted & above, weighted & reached))
    factors = _factors(node, layer, nodes, updates)
    gradient_nodes = _gradient_nodes(nodes, weights, reached, set(updates))
    return ObjectiveSpec(path, layer, losses, updates, factors, frozenset(above), gradient_nodes)


def _asked(
    node: FlatNode,
    layer: Objective,
    nodes: Mapping[str, FlatNode],
    learnable: Collection[str],
    shapes: Iterable[str],
) -> Collection[str]:
    """The weights that `updates` of an objective names; all where it is empty."""
    paths = paths_in(layer.updates)
    if not paths:
        return learnable
    found: dict[str, None] = {}
    for path in paths:
        owned = weights_at(path, nodes, shapes)
        if not owned:
            raise CompileError(
                f"{node.path}: updates: Expected paths with weights ({_firsts(learnable)}). "
                f"Received {path!r}."
            )
        found.update(dict.fromkeys(name for name in owned if name in learnable))
    return found


def weights_at(path: str, nodes: Mapping[str, FlatNode], names: Iterable[str]) -> list[str]:
    """Which of these weights a path names: it is the path of a node or a prefix of state-dict keys."""
    places = [nodes[path].weight_path] if path in nodes else [path]
    places += [node.weight_path for name, node in nodes.items() if name.startswith(f"{path}.")]
    starts = tuple(f"{place}." for place in dict.fromkeys(places))
    return [name for name in names if name in places or name.startswith(starts)]


def _factors(
    node: FlatNode, layer: Objective, nodes: Mapping[str, FlatNode], updates: Collection[str]
) -> dict[str, float]:
    """The factor of each weight that has one; of two paths that name it, the longer one counts."""
    found: dict[str, float] = {}
    pairs = [pair.rpartition(":") for pair in layer.rate_factors.split(",") if pair.strip()]
    for path, _, factor in sorted(pairs, key=lambda pair: len(pair[0])):
        names = weights_at(path.strip(), nodes, updates)
        if not names:
            raise CompileError(
                f"{node.path}: rate_factors: Expected paths with weights that it updates "
                f"({_firsts(updates)}), each with a factor, as in `path: 0.1`. "
                f"Received {f'{path}:{factor}'.strip(': ')!r}."
            )
        found.update(dict.fromkeys(names, _number(node, path.strip(), factor.strip())))
    return found


def _number(node: FlatNode, path: str, factor: str) -> float:
    try:
        value = float(factor)
    except ValueError:
        value = -1.0
    if not 0.0 <= value < float("inf"):
        raise CompileError(
            f"{node.path}: rate_factors: Expected a number from 0 on as the factor of {path}. "
            f"Received {factor!r}."
        )
    return value


def _firsts(names: Iterable[str]) -> str:
    return ", ".join(sorted({name.split(".")[0] for name in names})) or "none"


def _nothing_to_learn(node: FlatNode, above: frozenset[str], reached: frozenset[str]) -> str:
    """`above` are the nodes with weights that the loss depends on, `reached` those that gradients reach."""
    why = "no layer above its loss has any"
    if reached:
        why = "all of them are frozen or belong to other objectives"
    elif above:
        why = "a layer that passes no gradients is between them and its loss"
    return f"{node.path}: Expected weights to update. Received none: {why}."


def _gradient_nodes(
    nodes: Mapping[str, FlatNode],
    weights: Mapping[str, tuple[str, ...]],
    reached: set[str],
    updates: set[str],
) -> frozenset[str]:
    """The nodes of `reached` through which gradients flow to these weights."""
    found: set[str] = set()
    for path, node in nodes.items():
        if path not in reached:
            continue
        has = not updates.isdisjoint(weights.get(path, ()))
        passes = node.layer.passes_gradients
        if has or (passes and any(end.path in found for port in node.inputs for end in port)):
            found.add(path)
    return frozenset(found)


def sentence(problems: tuple[Problem, ...], objective: str) -> str:
    """The first problem, and how many more there are."""
    if not problems:
        return f"{objective}: Expected a loss that depends on data. Received no wire."
    first = problems[0]
    more = f" ({len(problems) - 1} more)" if len(problems) > 1 else ""
    return f"{first.path or first.node}: {first.message}{more}"
