"""Shapes, costs and problems of a whole project, without running it.

Visits the expanded nodes once and evaluates each layer on its input specs; results that an edit does not
affect come from the previous report. A broken node affects only the nodes that depend on it. Runs in any
thread and makes no weights.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from engine.document.changes import same_meaning
from engine.document.project import Project
from engine.expand import expand
from engine.expand.flat import Expanded, FlatNode, entering
from engine.infer.checks import drawing_problems
from engine.infer.class_targets import with_class_targets
from engine.infer.fixes import Case, fixes_of
from engine.infer.layer import outcome_of
from engine.infer.outcome import Outcome
from engine.infer.planes import with_planes
from engine.infer.sampling import outcome_of_sampler
from engine.infer.source import outcome_of_source
from engine.infer.structure_fixes import with_fixes
from engine.infer.totals import Standing, inner_reports, place_reports, spec_at, totals
from engine.infer.tying import with_ties
from engine.infer.work import Work, too_large, unfinished
from engine.report import MOST_PROBLEMS, Problem, Report, first_problems, once
from nodes.reading.progress import tell
from nodes.registry import REGISTRY
from nodes.spec import Inputs, Role, TensorSpec

__all__ = ["infer", "warm_up"]

INFERRING = "Finding shapes"
"""What is told before each node, so that who wants no more of it can call it off."""
WARMING = ("conv2d", "batch_norm2d", "max_pool2d", "linear")


@dataclass(frozen=True, slots=True)
class Found:
    """A flat node with its outcome."""

    flat: FlatNode
    outcome: Outcome


@dataclass(frozen=True)
class _Traced(Report):
    """A report with what the next one can reuse."""

    project: Project | None = field(default=None, repr=False, compare=False)
    expanded: Expanded | None = field(default=None, repr=False, compare=False)
    found: Mapping[str, Found] = field(default_factory=dict, repr=False, compare=False)


def infer(project: Project, previous: Report | None = None) -> Report:
    """Infer shapes, costs and problems. `previous` is an earlier report whose results are reused."""
    before = previous if isinstance(previous, _Traced) else _Traced()
    if before.project is not None and same_meaning(project, before.project) and _sources_stand(before):
        return before
    if (large := too_large(project, before.project)) is not None:
        return Report(problems=(large,))
    expanded = expand(project, before.expanded)
    work = Work()
    found, own, moved = _walk(expanded, before.found, work)
    outcomes, untied = with_ties(expanded.nodes, own)
    nodes = {path: outcome.report for path, outcome in outcomes.items()}
    for outcome in outcomes.values():
        if outcome.inside:
            nodes.update(inner_reports(outcome))
    places = before.expanded.places if before.expanded is not None else {}
    nodes.update(place_reports(expanded, outcomes, Standing(places, before.nodes, moved)))
    nodes.update(with_planes(expanded, outcomes, nodes, before.nodes))
    nodes.update(with_class_targets(expanded, outcomes, nodes, before.nodes))
    problems = _problems(expanded, found, outcomes, work, untied)
    listed = first_problems(problems)
    total = totals(expanded, outcomes)
    return _Traced(
        nodes=nodes,
        problems=with_fixes(project, nodes, listed),
        unlisted_problems=len(problems) - len(listed),
        parameters=total.parameters,
        trainable_parameters=total.trainable,
        multiply_adds=total.multiply_adds,
        training_bytes=total.training_bytes(project.settings.batch_size),
        outputs=total.outputs,
        project=None if work.is_short else project,
        expanded=expanded,
        found=found,
    )


def _problems(
    expanded: Expanded,
    found: Mapping[str, Found],
    outcomes: Mapping[str, Outcome],
    work: Work,
    others: list[Problem],
) -> tuple[Problem, ...]:
    """All problems, each once; `others` are found already."""
    problems = [*expanded.problems, *others]
    if len(found) > len(outcomes):
        faulty = (entry for entry in found.values() if entry.outcome.fault)
        problems += [
            _problem(expanded, outcomes, entry, place < MOST_PROBLEMS and not work.is_spent)
            for place, entry in enumerate(faulty)
        ]
    whole = not work.is_short and all(problem.severity != "error" for problem in problems)
    problems += drawing_problems(expanded, outcomes, whole=whole)
    if work.is_short:
        problems.append(unfinished(expanded.project, len(found), len(expanded.nodes)))
    return once(problems)


def _sources_stand(before: _Traced) -> bool:
    """Whether every data set is unchanged: files can change without an edit."""
    sources = (entry for entry in before.found.values() if entry.flat.layer.role is Role.SOURCE)
    return all(outcome_of_source(entry.flat.layer) == entry.outcome for entry in sources)


def warm_up() -> None:
    """Import the parts of torch that the first inference needs.

    Takes about 0.7 s, in any thread.
    """
    for name in WARMING:
        if name in REGISTRY:
            layer = REGISTRY.make(name)
            outcome_of(layer, layer.example_inputs())


def _walk(
    expanded: Expanded, before: Mapping[str, Found], work: Work
) -> tuple[dict[str, Found], dict[str, Outcome], set[str]]:
    """The outcome of every node whose inputs are known, in topological order; those without a fault; and the
    nodes that hand on something else than before.
    """
    found: dict[str, Found] = {}
    sound: dict[str, Outcome] = {}
    moved: set[str] = set()
    for path, flat in expanded.nodes.items():
        tell(INFERRING)
        old = before.get(path)
        kept = old is not None and old.flat is flat and flat.layer.role not in (Role.SOURCE, Role.SAMPLER)
        if kept and moved and any(end.path in moved for ends in flat.inputs for end in ends):
            kept = False
        if kept and old is not None:
            entry = old
        else:
            outcome = _outcome(expanded, flat, sound, work)
            if old is None or outcome is None or _outputs(old.outcome) != _outputs(outcome):
                moved.add(path)
            if outcome is None:
                continue
            entry = Found(flat, outcome)
        found[path] = entry
        if entry.outcome.fault is None:
            sound[path] = entry.outcome
    return found, sound, moved


def _outputs(outcome: Outcome) -> Mapping[str, TensorSpec] | None:
    return None if outcome.fault is not None else outcome.report.outputs


def _outcome(expanded: Expanded, flat: FlatNode, sound: Mapping[str, Outcome], work: Work) -> Outcome | None:
    """The outcome of a node; None where one of its inputs is not known, or finding it is too much work."""
    if flat.layer.role is Role.SOURCE:
        return work.source(lambda: outcome_of_source(flat.layer))
    inputs = _inputs(flat, sound)
    if inputs is None:
        return None
    if flat.layer.role is Role.SAMPLER:
        return work.measured(lambda: outcome_of_sampler(expanded.nodes, flat, inputs))
    return work.outcome(flat.layer, inputs)


def _inputs(flat: FlatNode, sound: Mapping[str, Outcome]) -> Inputs | None:
    """The specs that enter each port; None where one of them is not known."""
    return entering(flat, lambda end: spec_at(end, sound))


def _problem(expanded: Expanded, outcomes: Mapping[str, Outcome], entry: Found, wants_fixes: bool) -> Problem:
    flat, fault = entry.flat, entry.outcome.fault
    assert fault is not None
    if fault.inner is not None:
        flat, wants_fixes = fault.inner, False
    inputs = _inputs(flat, outcomes) if wants_fixes and flat.layer.role is not Role.SOURCE else None
    fixes = fixes_of(Case(expanded, outcomes, flat, inputs, fault)) if inputs is not None else ()
    severity = "warning" if flat.layer.role is Role.SAMPLER else "error"  # a run leaves it out and goes on
    return Problem(
        flat.graph,
        flat.id,
        flat.path,
        fault.message,
        port=fault.port,
        severity=severity,
        expected=fault.expected,
        received=fault.received,
        arithmetic=fault.arithmetic,
        fixes=fixes,
    )
