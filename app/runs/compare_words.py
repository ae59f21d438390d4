"""What two runs did differently, as a list to read: results, settings, nodes, parameters, wires.

Takes the engine's comparison.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from app.runs.run_columns import name_of, title, took, training_title
from app.training.run_words import metrics
from app.widgets.numbers import current, percent
from engine.document.project import Project
from engine.runs.archive import Changed, Comparison
from engine.runs.final_loss import MEANING
from nodes.registry import REGISTRY
from nodes.training.metric import Metric


class ComparedValue(NamedTuple):
    """One difference. `better` says which of both is: 0, 1, or None where that cannot be said.

    A row that is `whole` is one sentence in `name`.
    """

    name: str
    first: str = ""
    second: str = ""
    better: int | None = None
    whole: bool = False


class Part(NamedTuple):
    """Rows under a heading."""

    title: str
    rows: tuple[ComparedValue, ...]


def parts(found: Comparison, project: Project) -> list[Part]:
    """Everything that differs, results first. `project` is the drawing of the first run."""
    made = [
        Part("Results", tuple(_results(found, project))),
        Part("Settings", tuple(_changed(change) for change in found.settings)),
        Part("Parameters", tuple(_changed(change) for change in found.changed)),
        Part("Only in the second", tuple(ComparedValue(path, whole=True) for path in found.added)),
        Part("Only in the first", tuple(ComparedValue(path, whole=True) for path in found.removed)),
        Part("Wires", tuple(_wire(wire.graph, wire.wire, added=wire.added) for wire in found.wires)),
    ]
    kept = [part for part in made if part.rows]
    if found.same_drawing:
        kept.append(Part("Drawing", (ComparedValue("The two drawings are the same.", whole=True),)))
    return kept


def _results(found: Comparison, project: Project) -> list[ComparedValue]:
    rows = []
    for name, (first, second) in found.metrics().items():
        words = metrics(project).get(name)
        show = percent if words is not None and words.is_share else current
        a, b = (show(value) if value is not None else "–" for value in (first, second))
        rows.append(ComparedValue(title(name, project), a, b, _better(name, first, second, project)))
    for path, (first, second) in found.training().items():
        a, b = (current(value) if value is not None else "–" for value in (first, second))
        rows.append(ComparedValue(f"{training_title(path, project)}, {MEANING}", a, b))
    one, two = found.first, found.second
    rows.append(ComparedValue("Steps", f"{one.step:,}", f"{two.step:,}"))
    if one.seconds > 0 or two.seconds > 0:
        rows.append(ComparedValue("Took", took(one.seconds) or "–", took(two.seconds) or "–"))
    if one.parameters or two.parameters:
        rows.append(ComparedValue("Weights", f"{one.parameters:,}", f"{two.parameters:,}"))
    status, other = ("paused" if record.paused else record.status for record in (one, two))
    rows.append(ComparedValue("Status", status, other))
    return rows


def _better(name: str, first: float | None, second: float | None, project: Project) -> int | None:
    """Lower losses are better; of a metric its declaration says it."""
    if first is None or second is None or first == second or first != first or second != second:
        return None
    node = project.main.nodes.get(name)
    layer = REGISTRY.get(node.layer) if node is not None else None
    higher = layer is not None and issubclass(layer, Metric) and layer.higher_is_better
    return 0 if (first > second) == higher else 1


def _changed(change: Changed) -> ComparedValue:
    name = change.name.replace("_", " ")
    return ComparedValue(
        f"{change.path} · {name}" if change.path else name, _value(change.a), _value(change.b)
    )


def _wire(graph: str, wire: str, *, added: bool) -> ComparedValue:
    where = f"{graph}: " if graph else ""
    return ComparedValue(f"{'+' if added else '−'} {where}{wire.replace('->', '→')}", whole=True)


def _value(value: Any) -> str:
    if value is None:
        return "default"
    if isinstance(value, bool):
        return "on" if value else "off"
    if isinstance(value, float):
        return f"{value:g}"
    if isinstance(value, int):
        return f"{value:,}" if abs(value) >= 10_000 else str(value)
    if isinstance(value, list | tuple):
        return ", ".join(_value(part) for part in value) or "none"
    return str(value)


def as_text(found: Comparison, project: Project) -> str:
    """The whole comparison as plain text, to be copied."""
    lines = [f"{name_of(found.first)} against {name_of(found.second)}"]
    for part in parts(found, project):
        lines += ["", part.title]
        lines += [
            f"  {row.name}" if row.whole else f"  {row.name}: {row.first} | {row.second}" for row in part.rows
        ]
    return "\n".join(lines)
