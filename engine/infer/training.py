"""Problems of training, though every shape fits: objectives that update nothing, a second softmax, batches
too small for batch norm.

The compiler raises an error for the same problems.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from engine.document import edits, query
from engine.document.project import End, Project
from engine.document.settings import SETTINGS, setting_problems
from engine.expand.flat import Expanded, FlatNode, ancestors
from engine.infer.best_by import BestByError, best_by_of
from engine.infer.layer import Outcome
from engine.report import Edit, Fix, Problem
from nodes.layers.normalisation import BatchNorm
from nodes.param import Choice
from nodes.spec import Family, Role
from nodes.training.loss import Loss
from nodes.training.objective import Objective

Outcomes = Mapping[str, Outcome]
_BATCH_SIZE = 32
"""The batch size that a fix sets."""


def training_problems(
    expanded: Expanded, outcomes: Outcomes, weighted: list[FlatNode], *, whole: bool
) -> Iterator[Problem]:
    """`weighted` are the valid nodes with weights; `whole`: there are no other errors."""
    yield from _settings(expanded, outcomes, whole=whole)
    single = expanded.project.settings.batch_size == 1
    for flat in expanded.nodes.values():
        if flat.path not in outcomes:
            continue
        if flat.layer.role is Role.OBJECTIVE:
            yield from _objective(expanded, outcomes, flat, weighted, whole=whole)
        elif flat.layer.role is Role.LOSS:
            yield from _twice(expanded, flat)
        elif single and isinstance(flat.layer, BatchNorm) and not flat.frozen:
            yield from _lonely(flat, outcomes[flat.path])


# Objectives ---------------------------------------------------------------------------------------------


def _objective(
    expanded: Expanded, outcomes: Outcomes, flat: FlatNode, weighted: list[FlatNode], *, whole: bool
) -> Iterator[Problem]:
    """An objective that can update nothing, or that names unknown paths."""
    assert isinstance(flat.layer, Objective)
    names = [name.strip() for name in flat.layer.updates.split(",") if name.strip()]
    named = {name: [node for node in weighted if _is_of(node, name, outcomes)] for name in names}
    for name in names:
        if not named[name] and (whole or not _is_known(expanded, name)):
            yield _nothing_named(flat, name, names, weighted)
    ends = (end for port in flat.inputs for end in port)
    above = ancestors(expanded.nodes, ends, by_gradients=True)
    chosen = [node for nodes in named.values() for node in nodes] if names else weighted
    reached = [node.frozen for node in chosen if node.path in above]
    if (not names or chosen) and (not reached or all(reached)):
        received = "only frozen ones" if reached else "none"
        hint = "Connect a loss of a layer that learns."
        yield _problem(flat, "weights above its loss", received, hint)


def _is_of(node: FlatNode, name: str, outcomes: Outcomes) -> bool:
    """Whether a path in `updates` names weights of this node: its path, its weight path, or one weight."""
    for path in (node.path, node.weight_path):
        if path == name or path.startswith(f"{name}."):
            return True
    weights = (weight for weight, _ in outcomes[node.path].weights)
    return name.startswith(f"{node.weight_path}.") and any(
        f"{node.weight_path}.{weight}" == name for weight in weights
    )


def _is_known(expanded: Expanded, name: str) -> bool:
    """Whether the first segment of a path names a node or definition, valid or not."""
    first = name.split(".")[0]
    return first in expanded.project.main.nodes or first in expanded.project.graphs


def _nothing_named(flat: FlatNode, name: str, names: list[str], weighted: Iterable[FlatNode]) -> Problem:
    known = list(dict.fromkeys(node.weight_path.split(".")[0] for node in weighted))
    listed = ", ".join(known[:8]) + (", …" if len(known) > 8 else "")
    left = ", ".join(other for other in names if other != name)

    def edit(project: Project) -> Project:
        return edits.set_param(project, flat.graph, flat.id, "updates", left)

    title = f"Take {name} out of what it updates" if left else "Update all weights above its loss"
    expected = f"paths with weights to update ({listed or 'there are none'})"
    return _problem(flat, expected, repr(name), "", fixes=(Fix(title, edit),))


def _twice(expanded: Expanded, flat: FlatNode) -> Iterator[Problem]:
    """A softmax before a loss that contains one: training is slow and poor."""
    if not isinstance(flat.layer, Loss) or not flat.layer.inside() or not flat.inputs[0]:
        return
    before = expanded.nodes[flat.inputs[0][0].path]
    while before.layer.family is Family.REGULARISATION:
        before = expanded.nodes[before.inputs[0][0].path]
    if before.layer.type not in flat.layer.inside():
        return
    port = flat.layer.input_ports()[0].name
    yield _problem(
        flat,
        "raw scores",
        f"those of {before.path}, a {before.layer.title}",
        f"{flat.layer.title} has it inside: twice makes learning slow.",
        "warning",
        port=port,
        fixes=(_without(before, flat, expanded),),
    )


def _without(before: FlatNode, flat: FlatNode, expanded: Expanded) -> Fix:
    """Remove the layer; where other nodes read it too, wire its input to the loss instead."""
    readers = [
        node
        for node in expanded.nodes.values()
        if any(end.path == before.path for ends in node.inputs for end in ends)
    ]
    needed = any(node.layer.role not in (Role.LOSS, Role.METRIC) for node in readers)
    if not needed or before.graph != flat.graph or flat.inputs[0][0].path != before.path:
        return Fix(
            f"Remove {before.layer.title}",
            lambda project: edits.remove_and_heal(project, before.graph, [before.id]),
        )
    return Fix(f"Wire the scores before {before.layer.title}", _rewired(before, flat))


def _rewired(before: FlatNode, flat: FlatNode) -> Edit:
    target = End(flat.id, flat.layer.input_ports()[0].name)
    entering = before.layer.input_ports()[0].name

    def edit(project: Project) -> Project:
        wires = query.index(project.graphs[before.graph]).into[(before.id, entering)]
        if not wires:
            raise edits.EditError(f"a wire into {before.id}.{entering}", "none")
        return edits.connect(project, flat.graph, wires[0].source, target, replace=True)

    return edit


# Settings -----------------------------------------------------------------------------------------------


def _settings(expanded: Expanded, outcomes: Outcomes, *, whole: bool) -> Iterator[Problem]:
    """Settings with which no run can start; reported at the first objective."""
    settings = expanded.project.settings
    objectives = (path for path in outcomes if expanded.nodes[path].layer.role is Role.OBJECTIVE)
    first = next(objectives, None)
    if first is None:
        return
    for name, expected, received in setting_problems(settings):
        param = SETTINGS[name]
        values = param.choices if isinstance(param, Choice) else (param.default,)
        fixes = tuple(_setting(f"Set {param.in_sentence} to {value}", name, value) for value in values)
        message = f"{param.label}: Expected {expected}. Received {received}."
        yield _of_run(expanded.nodes[first], message, expected, received, fixes)
    if settings.best_by and (whole or not _is_known(expanded, settings.best_by)):
        try:
            best_by_of(settings.best_by, {path: expanded.nodes[path] for path in outcomes})
        except BestByError as error:
            fixes = (_setting("Leave Best by empty", "best_by", ""),)
            yield _of_run(expanded.nodes[first], str(error), error.expected, error.received, fixes)


def _setting(title: str, name: str, value: object) -> Fix:
    return Fix(title, lambda project: edits.set_settings(project, **{name: value}))


def _of_run(flat: FlatNode, message: str, expected: str, received: str, fixes: tuple[Fix, ...]) -> Problem:
    return replace(_problem(flat, expected, received, "", fixes=fixes), message=message)


# Batches ------------------------------------------------------------------------------------------------


def _lonely(flat: FlatNode, outcome: Outcome) -> Iterator[Problem]:
    """Batch norm needs more than one value per channel in training."""
    spec = next(iter(outcome.report.inputs.values()))[0]
    if math.prod(size for size in spec.shape[2:] if isinstance(size, int)) > 1:
        return
    yield _problem(
        flat,
        "at least 2 values per channel in a batch",
        f"1: the batch size is 1 and a sample is {spec}",
        "Raise the batch size, or use Layer norm.",
        fixes=(
            Fix(
                f"Set the batch size to {_BATCH_SIZE}",
                lambda project: edits.set_settings(project, batch_size=_BATCH_SIZE),
            ),
        ),
    )


def _problem(
    flat: FlatNode,
    expected: str,
    received: str,
    hint: str,
    severity: str = "error",
    *,
    port: str | None = None,
    fixes: tuple[Fix, ...] = (),
) -> Problem:
    message = f"{flat.layer.title}: Expected {expected}. Received {received}. {hint}".rstrip()
    return Problem(
        flat.graph,
        flat.id,
        flat.path,
        message,
        port=port,
        severity=severity,
        expected=expected,
        received=received,
        fixes=fixes,
    )
