"""Problems of training, though every shape fits: objectives that update nothing, a second softmax, batches
too small for batch norm.

The compiler raises an error for the same problems.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from engine.data.catalogue import describe
from engine.document import edits, query
from engine.document.project import End, Project
from engine.document.settings import SETTINGS, setting_problems
from engine.expand.best_by import BestByError, best_by_of
from engine.expand.flat import Expanded, FlatNode, ancestors
from engine.infer.moved_masks import masks_left_behind
from engine.infer.outcome import Outcome
from engine.infer.read_weights import is_of, read_through, unknown_weights
from engine.infer.sample_weights import uncounted_classes, undrawn_samples, unread_weights
from engine.report import Edit, Fix, Problem
from nodes.data.source import DataSource
from nodes.layers.normalisation import BatchNorm
from nodes.layers.pooling import AdaptivePool, GlobalPool, Pool
from nodes.param import Choice, paths_in
from nodes.reading.error import DataError
from nodes.reading.split import training_count
from nodes.spec import Role
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
    sources = []
    for flat in expanded.nodes.values():
        if flat.path not in outcomes:
            continue
        role = flat.layer.role
        if flat.layer.moves_pixels:
            yield from masks_left_behind(expanded, flat, outcomes)
        if role is Role.OBJECTIVE:
            yield from _objective(expanded, outcomes, flat, weighted, whole=whole)
        elif role is Role.LOSS:
            yield from unknown_weights(flat, weighted, outcomes)
            yield from _twice(expanded, flat)
            yield from uncounted_classes(expanded, flat)
        elif role is Role.SOURCE:
            sources.append(flat)
            yield from undrawn_samples(flat, outcomes[flat.path])
            yield from unread_weights(expanded, flat)
    single = _single(expanded, sources)
    if single is not None:
        for path, outcome in outcomes.items():
            flat = expanded.nodes[path]
            if isinstance(flat.layer, BatchNorm) and not flat.frozen:
                yield from _lonely(flat, outcome, *single)


# Objectives ---------------------------------------------------------------------------------------------


def _objective(
    expanded: Expanded, outcomes: Outcomes, flat: FlatNode, weighted: list[FlatNode], *, whole: bool
) -> Iterator[Problem]:
    """An objective that can update nothing, or that names unknown paths."""
    assert isinstance(flat.layer, Objective)
    names = paths_in(flat.layer.updates)
    named = {name: [node for node in weighted if is_of(node, name, outcomes)] for name in names}
    for name in names:
        if not named[name] and (whole or not _is_known(expanded, name)):
            yield _nothing_named(flat, name, names, weighted)
    ends = (end for port in flat.inputs for end in port)
    above = ancestors(expanded.nodes, ends, by_gradients=True)
    above |= read_through(above, expanded.nodes, weighted, outcomes)
    chosen = [node for nodes in named.values() for node in nodes] if names else weighted
    reached = [node.frozen for node in chosen if node.path in above]
    if (not names or chosen) and (not reached or all(reached)):
        received = "only frozen ones" if reached else "none"
        hint = "Connect a loss of a layer that learns."
        yield _problem(flat, "weights above its loss", received, hint)


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


BOUNDS = {"sigmoid": "0 and 1", "hardsigmoid": "0 and 1", "softmax": "0 and 1", "tanh": "−1 and 1"}
"""Activations whose values have two bounds, by their types."""


def _twice(expanded: Expanded, flat: FlatNode) -> Iterator[Problem]:
    """A softmax before a loss that has one inside: it learns, but slowly and badly.

    The softmax (or sigmoid …) is a layer of its own or the `activation` of another; layers that hand on
    its values may stand between. Other activations whose values have two bounds keep scores from growing.
    """
    if not isinstance(flat.layer, Loss) or not flat.layer.inside() or not flat.inputs[0]:
        return
    before, bounds = expanded.nodes[flat.inputs[0][0].path], BOUNDS
    while _hands_on(before):
        bounds = {} if before.layer.type == "scale" else bounds
        before = expanded.nodes[before.inputs[0][0].path]
    own, inside = str(before.layer.values.get("activation")), flat.layer.inside()
    kind = before.layer.type
    if kind in (*inside, *bounds):
        received, fix = f"those of {before.path}, a {before.layer.title}", _without(before, flat, expanded)
    elif own in (*inside, *bounds):
        received, kind = f"those of {before.path}, whose activation is {own}", own
        fix = _without_activation(before)
    else:
        return
    why = "has it inside: twice makes learning slow."
    if kind not in inside:
        why = f"needs scores without bounds: these lie between {BOUNDS[kind]}, and no sample gets sure."
    yield _problem(
        flat,
        "raw scores",
        received,
        f"{flat.layer.title} {why}",
        "warning",
        port=flat.layer.input_ports()[0].name,
        fixes=(fix,),
    )


def _hands_on(flat: FlatNode) -> bool:
    """Whether what leaves is still what an activation made, moved, scaled, noised, or pooled."""
    layer = flat.layer
    keeps = layer.keeps_values or layer.keeps_scale or isinstance(layer, Pool | AdaptivePool | GlobalPool)
    return keeps and bool(flat.inputs) and len(flat.inputs[0]) == 1


def _without_activation(before: FlatNode) -> Fix:
    return Fix(
        f"Set the activation of {before.id} to none",
        lambda project: edits.set_param(project, before.graph, before.id, "activation", "none"),
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


Single = tuple[str, str, tuple[Fix, ...]]
"""Why every training batch holds one sample, what to do, and the edits that do it."""


def _single(expanded: Expanded, sources: list[FlatNode]) -> Single | None:
    """None where training batches hold more than one sample, or where that is known only to the files."""
    if expanded.project.settings.batch_size == 1:
        larger = Fix(
            f"Set the batch size to {_BATCH_SIZE}",
            lambda project: edits.set_settings(project, batch_size=_BATCH_SIZE),
        )
        return "the batch size is 1", "Raise the batch size", (larger,)
    for flat in sources:
        if isinstance(flat.layer, DataSource) and (found := _of_one_sample(flat, flat.layer)):
            return found
    return None


def _of_one_sample(flat: FlatNode, layer: DataSource) -> Single | None:
    try:
        info = describe(layer)
    except DataError:  # the file changed since its node was looked at, which the next look tells
        return None
    if training_count(info, float(layer.values.get("validation", 0.0))) != 1:
        return None
    why = f"{flat.path} trains on 1 of {info.samples:,} samples"
    all_ = Fix(
        "Hold back no samples for validation",
        lambda project: edits.set_param(project, flat.graph, flat.id, "validation", 0.0),
    )
    return why, "Train on more samples", (all_,) if info.samples > 1 else ()


def _lonely(
    flat: FlatNode, outcome: Outcome, why: str, advice: str, fixes: tuple[Fix, ...]
) -> Iterator[Problem]:
    """Batch norm learns from how the samples of a batch differ; one value alone does not."""
    spec = next(iter(outcome.report.inputs.values()))[0]
    assert isinstance(flat.layer, BatchNorm)
    if flat.layer.sees_one_value(1, spec):
        yield _problem(
            flat,
            "at least 2 values per channel in a batch",
            f"1: {why} and a sample is {spec}",
            f"{advice}, or use Layer norm.",
            fixes=fixes,
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
