"""How two runs differ: settings, nodes, parameters, wires and results.

A path is `node` on the main graph and `definition/node` inside a definition. Positions and names of projects
are left out: they have no effect on training. Does not import torch.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import msgspec

from engine.document.project import MAIN, Graph, Node, Project, Wire
from engine.runs.curves import curves_of
from engine.runs.final_loss import final_losses
from engine.runs.plain_files import ArchiveError
from engine.runs.record import RunRecord, project_of, record_of

KEEPING = ("checkpoint_epochs", "checkpoint_steps", "run_in", "tensorboard")
"""Settings of storage and device, which do not change what is learned."""


class Changed(msgspec.Struct, frozen=True):
    """A changed value: `name` of a setting, or of a parameter at `path`; `a` in the first run, `b` in the
    second.
    """

    path: str
    name: str
    a: Any
    b: Any


class WireChange(msgspec.Struct, frozen=True):
    """A wire, as "node.port -> node.port", that only one run has; `graph` is empty for main."""

    graph: str
    wire: str
    added: bool


class Comparison(msgspec.Struct, frozen=True):
    """The comparison of two runs."""

    first: RunRecord
    second: RunRecord
    settings: tuple[Changed, ...] = ()
    added: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    changed: tuple[Changed, ...] = ()
    wires: tuple[WireChange, ...] = ()

    @property
    def same_drawing(self) -> bool:
        return not (self.added or self.removed or self.changed or self.wires)

    def metrics(self) -> dict[str, tuple[float | None, float | None]]:
        """The final figures of both by name; None where one has none."""
        return _both(self.first.metrics, self.second.metrics)

    def training(self) -> dict[str, tuple[float | None, float | None]]:
        """The training losses of both by objective, where neither run has a validation loss."""
        found = _both(self.first.training, self.second.training)
        return {path: values for path, values in found.items() if path not in self.metrics()}


def _both(
    first: Mapping[str, float], second: Mapping[str, float]
) -> dict[str, tuple[float | None, float | None]]:
    return {name: (first.get(name), second.get(name)) for name in dict.fromkeys((*first, *second))}


def compare(first: Path, second: Path) -> Comparison:
    """What differs between the runs in two folders. Raises `ArchiveError`."""
    one, two = (_measured(record_of(folder)) for folder in (first, second))
    a, b = project_of(first), project_of(second)
    added, removed, changed, wires = differences(a, b)
    return Comparison(one, two, _settings(a, b, one, two), added, removed, changed, wires)


def _measured(record: RunRecord) -> RunRecord:
    """With the final training losses of its curves: an older run's record has the mean of other steps."""
    with suppress(ArchiveError):
        return msgspec.structs.replace(record, training=final_losses(curves_of(record.folder)))
    return record


def _settings(a: Project, b: Project, one: RunRecord, two: RunRecord) -> tuple[Changed, ...]:
    """The settings of both projects, replaced by those that each run recorded."""
    first, second = msgspec.structs.asdict(a.settings), msgspec.structs.asdict(b.settings)
    for values, record in ((first, one), (second, two)):
        if record.total_steps:
            values |= {
                "epochs": record.epochs,
                "steps": record.total_steps,
                "seed": record.seed,
                "device": record.device,
            }
    return tuple(
        Changed("", name, first.get(name), second.get(name))
        for name in dict.fromkeys((*first, *second))
        if first.get(name) != second.get(name)
    )


Differences = tuple[tuple[str, ...], tuple[str, ...], tuple[Changed, ...], tuple[WireChange, ...]]


def differences(a: Project, b: Project) -> Differences:
    """(nodes added, nodes removed, parameters changed, wires) from drawing `a` to drawing `b`."""
    before, after = _nodes(a), _nodes(b)
    changed: list[Changed] = []
    for path, node in before.items():
        if path in after:
            changed += _changes(path, node, after[path])
    changed += _borders(a, b)
    return (
        tuple(path for path in after if path not in before),
        tuple(path for path in before if path not in after),
        tuple(changed),
        _wires(a, b),
    )


def learns_alike(a: Project, b: Project) -> tuple[str, ...]:
    """What makes a run of `b` differ from a run of `a`, as words; empty where both train alike.

    Length, device, what is kept and `best_by` may differ.
    """
    free = {*KEEPING, "epochs", "device", "early_stopping", "best_by"}
    first, second = msgspec.structs.asdict(a.settings), msgspec.structs.asdict(b.settings)
    found = [name for name in first if name not in free and first[name] != second[name]]
    added, removed, changed, wires = differences(a, b)
    found += [
        *added,
        *removed,
        *(f"{each.path}.{each.name}" for each in changed),
        *(each.wire for each in wires),
    ]
    return tuple(found)


def _prefix(graph: str) -> str:
    return "" if graph == MAIN else f"{graph}/"


def _nodes(project: Project) -> dict[str, Node]:
    return {
        f"{_prefix(name)}{node.id}": node
        for name, graph in project.graphs.items()
        for node in graph.nodes.values()
    }


def _changes(path: str, a: Node, b: Node) -> list[Changed]:
    pairs: list[tuple[str, Any, Any]] = [
        (name, getattr(a, name), getattr(b, name)) for name in ("layer", "bypassed", "frozen")
    ]
    names = dict.fromkeys((*a.params, *b.params))
    pairs += [(name, a.params.get(name), b.params.get(name)) for name in names]
    return [Changed(path, name, before, after) for name, before, after in pairs if before != after]


def _borders(a: Project, b: Project) -> list[Changed]:
    """The border and parameters of definitions."""
    found: list[Changed] = []
    for name in a.graphs:
        if name in b.graphs:
            for part in ("inputs", "outputs", "parameters"):
                before, after = getattr(a.graphs[name], part), getattr(b.graphs[name], part)
                if before != after:
                    found.append(Changed(name, part, before, after))
    return found


def _wires(a: Project, b: Project) -> tuple[WireChange, ...]:
    found: list[WireChange] = []
    for name in dict.fromkeys((*a.graphs, *b.graphs)):
        before = set(a.graphs.get(name, Graph()).wires)
        after = set(b.graphs.get(name, Graph()).wires)
        shown = "" if name == MAIN else name
        found += [WireChange(shown, _text(wire), added=False) for wire in sorted(before - after)]
        found += [WireChange(shown, _text(wire), added=True) for wire in sorted(after - before)]
    return tuple(found)


def _text(wire: Wire) -> str:
    return f"{wire.source.node}.{wire.source.port} -> {wire.target.node}.{wire.target.port}"
