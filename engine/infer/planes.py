"""Reports of nodes that compute with points of a line or of a plane: what of them can be shown as fields,
clouds and meshes.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from engine.expand.flat import Expanded, FlatEnd, FlatNode
from engine.expand.planes import is_row, planes, real_beside, with_loss
from engine.infer.outcome import Outcome
from engine.infer.totals import spec_at
from engine.report import NodeReport, PlaneReport
from nodes.reading.dataset import DataInfo
from nodes.spec import Role, TensorSpec

Reports = Mapping[str, NodeReport]
_ROLES = (Role.MODULE, Role.SOURCE, Role.OUTPUT)


def with_planes(
    expanded: Expanded, outcomes: Mapping[str, Outcome], reports: Reports, before: Reports
) -> dict[str, NodeReport]:
    """The reports of those nodes, with what points have to do with them; those of `before` that stand."""
    found = {}
    for path, told in _told(expanded, outcomes, reports).items():
        old, new = before.get(path), replace(reports[path], plane=told)
        found[path] = old if old is not None and old == new else new
    return found


def _told(expanded: Expanded, outcomes: Mapping[str, Outcome], reports: Reports) -> dict[str, PlaneReport]:
    """What points have to do with nodes, by path; nothing is told of the others."""

    def info_of(node: FlatNode) -> DataInfo | None:
        outcome = outcomes.get(node.path)
        return outcome.report.data if outcome is not None else None

    def spec_of(end: FlatEnd) -> TensorSpec | None:
        return spec_at(end, outcomes)

    if not any(
        is_row(spec, 1, 2) or _is_of_points(each)
        for each in outcomes.values()
        for spec in each.report.outputs.values()
    ):
        return {}
    sound = {path: node for path, node in expanded.nodes.items() if path in outcomes}
    over = planes(sound, spec_of, info_of)
    shown = {path: end for path, end in _shown(expanded, sound) if path in reports}
    rows = {path for path, end in shown.items() if is_row(spec_of(end), 1, 2)}
    taught = with_loss(sound) if rows else set()
    found = {}
    for path, end in shown.items():
        plane = over.get(path if path in sound else end.path)
        told = PlaneReport(
            0 if plane is None or plane.end == end else plane.size,
            path in rows and end.path in taught,
            path in rows and real_beside(sound, end, spec_of) is not None,
        )
        if told != PlaneReport():
            found[path] = told
    return found


def _is_of_points(outcome: Outcome) -> bool:
    return outcome.report.data is not None and outcome.report.data.kind == "points"


def _shown(expanded: Expanded, sound: Mapping[str, FlatNode]) -> Iterator[tuple[str, FlatEnd]]:
    """The value that is shown of every node and place: its first output, or its first input."""
    for path, node in sound.items():
        if node.layer.role in _ROLES:
            ports = node.layer.output_ports()
            entering = (end for port in node.inputs for end in port)
            yield from ((path, end) for end in ([FlatEnd(path, ports[0].name)] if ports else [*entering][:1]))
    for path, place in expanded.places.items():
        yield from ((path, end) for end in [*place.outputs.values()][:1])
