"""What a node shows, worked out from the project and its report: words, ports, size, place for a picture.

A Card is a value; the scene compares the old with the new and repaints only where they differ.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType
from typing import Any

from app.canvas.items import measures as m
from app.canvas.items.grid import GRID, PORT_Y
from app.lenses.painter import Subject
from app.lenses.registry import PAINTERS
from app.lenses.room import Room
from engine.document import query
from engine.document.expression import ExpressionError
from engine.document.held_expressions import has_expression, worked_out
from engine.document.lens_pins import pinned_lens
from engine.document.names import stem
from engine.document.project import Graph, Node, Project
from engine.report import NodeReport, Problem
from nodes.data.source import DataSource
from nodes.data_sets.declaration import DataSetDeclaration
from nodes.data_sets.registry import data_sets
from nodes.layers.scan import Scan
from nodes.layers.structure import Placement
from nodes.param import paths_in
from nodes.reading.dataset import DataInfo
from nodes.registry import REGISTRY
from nodes.shared.card_label import by
from nodes.spec import Layer, Port, Role, TensorSpec
from nodes.training.objective import Objective
from nodes.user_error import UserError

_NO_NAMES: Mapping[str, Any] = MappingProxyType({})


@dataclass(frozen=True)
class Card:
    """One node as it is drawn. Offsets are from its top left corner, in pixels at 100 %."""

    id: str
    title: str
    alias: str
    label: str
    shape: str
    family: str
    pill: bool
    inputs: tuple[Port, ...]
    outputs: tuple[Port, ...]
    width: float
    height: float
    picture: Room | None = None
    lens: str = ""
    """The kind of the lens that fills the picture; empty: a data source shows what it holds."""
    copies: int = 1
    """How often it is repeated, or how many steps a scan has; 1 also where that is not known."""
    over_time: bool = False
    """Whether it places a definition over time."""
    states: frozenset[str] = frozenset()
    """The ports of a border that are states somewhere."""
    placement: bool = False
    unknown: bool = False
    bypassed: bool = False
    frozen: bool = False
    problem: str = ""
    severity: str = ""
    bad_ports: frozenset[str] = frozenset()
    border: bool = False
    """Whether this is a side of a definition: its ports have their names beside them."""

    @property
    def first_port(self) -> float:
        if self.border:
            return m.BORDER_Y
        return m.PILL_HEIGHT / 2 if self.pill else PORT_Y

    def port_y(self, index: int) -> float:
        return self.first_port + index * (m.BORDER_STEP if self.border else m.PORT_STEP)

    def spot(self, port: str, output: bool) -> tuple[float, float]:
        """Where the middle of a port is; that of an unknown one is where the first would be."""
        ports = self.outputs if output else self.inputs
        index = next((i for i, known in enumerate(ports) if known.name == port), 0)
        return (self.width if output else 0.0, self.port_y(index))

    def port(self, name: str, output: bool) -> Port | None:
        ports = self.outputs if output else self.inputs
        return next((port for port in ports if port.name == name), None)


def describe(
    project: Project,
    graph: Graph,
    node: Node,
    report: NodeReport | None,
    problems: tuple[Problem, ...],
    names: Mapping[str, Any] = _NO_NAMES,
) -> Card:
    """The card of a node of `graph`; `names` is what its expressions read there."""
    layer = layer_instance(node, names)
    declared = REGISTRY.get(node.layer)
    role = declared.role if declared else Role.MODULE
    placed = role is Role.PLACEMENT
    info = _data_info(layer, report)
    inputs, outputs = query.input_ports(project, node, graph), query.output_ports(project, node, graph)
    label = " · ".join(word for word in (_label(node, layer, info, project), _condition(node)) if word)
    plain = declared is not None and role is Role.MODULE and not label
    pill = plain and len(outputs) == 1 and len(inputs) <= 2
    held = _set_of(layer, info)
    title = _title(node, declared, held.title if held is not None else "")
    alias = node.id if is_renamed(node) else ""
    is_read = info is not None or all(problem.severity != "error" for problem in problems)
    lens, picture = "", _of_data(held.kind if held is not None and is_read else "")
    if declared is not None and picture is None:
        lens, picture = _in_node(node, declared, Subject(layer, report), graph, pill) or ("", None)
    pill = pill and picture is None
    spec = next(iter(report.outputs.values()), None) if report else None
    shape = _shape_text(spec) if role in (Role.MODULE, Role.SOURCE, Role.PLACEMENT) and not pill else ""
    width, height = _size(title, alias, label, shape, pill, picture, role, max(len(inputs), len(outputs)))
    worst = next((p for p in problems if p.severity == "error"), problems[0] if problems else None)
    return Card(
        id=node.id, title=title, alias=alias, label=label, shape=shape,
        family=declared.family.value if declared else "structure", pill=pill, inputs=inputs, outputs=outputs,
        width=width, height=height, picture=picture, lens=lens,
        copies=_copies(node, report, names) if placed else 1, over_time=declared is Scan, placement=placed,
        unknown=declared is None, bypassed=_is_left_out(node, names), frozen=node.frozen,
        problem="\n".join(problem.message for problem in problems), severity=worst.severity if worst else "",
        bad_ports=frozenset(p.port for p in problems if p.port and p.severity == "error"),
    )  # fmt: skip


def is_renamed(node: Node) -> bool:
    """Whether the id says something that the layer does not say already: "conv3" does not, "encoder" does."""
    return re.sub(r"[\d_]+$", "", node.id).lower() not in _plain_words(
        node.layer, str(node.params.get("definition", ""))
    )


@lru_cache(maxsize=512)
def _plain_words(layer: str, definition: str) -> frozenset[str]:
    """Ids that come from the layer itself, without their number."""
    words = {stem(layer), layer, definition.lower(), stem(layer).rsplit("_", 1)[-1]}
    declared = REGISTRY.get(layer)
    if declared is not None:
        words |= {declared.family.value, *(alias.lower().replace(" ", "_") for alias in declared.aliases)}
        words |= {found for word in re.findall(r"[A-Z][a-z]+", declared.title) if (found := word.lower())}
    return frozenset(words)


def _data_info(layer: Layer | None, report: NodeReport | None) -> DataInfo | None:
    """What inference found of the data set of a source; None where it has not, or found that of another."""
    if not isinstance(layer, DataSource) or report is None or report.data is None:
        return None
    return report.data if report.data.name == layer.dataset else None


def _set_of(layer: Layer | None, info: DataInfo | None) -> DataInfo | type[DataSetDeclaration] | None:
    """What says how the set of a source is called and looks: until inference has, its declaration.

    None for other layers.
    """
    return data_sets()[layer.dataset] if info is None and isinstance(layer, DataSource) else info


def layer_instance(node: Node, names: Mapping[str, Any] = _NO_NAMES) -> Layer | None:
    """The layer with its parameters; None where they hold values it cannot take.

    Expressions that `names` do not work out are left at the default.
    """
    declared = REGISTRY.get(node.layer)
    if declared is None or declared.role is Role.PLACEMENT:
        return None
    try:
        return REGISTRY.make(node.layer, dict(_worked_out(node, names)))
    except UserError:
        return None


def _worked_out(node: Node, names: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    for key, value in node.params.items():
        if not has_expression(value):
            yield key, value
        elif names:
            with suppress(ExpressionError):
                yield key, worked_out(value, names)


def _condition(node: Node) -> str:
    """When the node is there, as a few words; empty: always."""
    return f"if {node.when.removeprefix('=').strip()}" if node.when else ""


def _is_left_out(node: Node, names: Mapping[str, Any]) -> bool:
    """Whether the node is bypassed, always or in the copy on show."""
    if node.bypassed or not node.when or not names:
        return node.bypassed
    try:
        return not worked_out(node.when, names)
    except ExpressionError:
        return False


def _title(node: Node, declared: type[Layer] | None, data: str) -> str:
    if declared is None:
        return node.layer
    if declared.role is Role.PLACEMENT:
        return str(node.params.get("definition") or declared.title)
    return data or declared.title


def _label(node: Node, layer: Layer | None, info: DataInfo | None, project: Project) -> str:
    if info is not None and info.kind != "points":  # of points, the noise says more than the two numbers
        size = by(info.input.features[-2:])
        return f"{info.samples:,}" + (f" · {size}" if size else "")
    if layer is not None:
        return " · ".join(word for word in (layer.card_label(), _aim(layer)) if word)
    declared = REGISTRY.get(node.layer)
    if declared is not None and issubclass(declared, Placement):
        graph = query.definition_of(project, node)
        shared = "shared · " if declared.shares_weights else "over time · " if declared is Scan else ""
        if graph is None:
            return "no definition"
        return f"{shared}{len(graph.nodes)} {'layer' if len(graph.nodes) == 1 else 'layers'}"
    return "unknown layer" if node.layer not in REGISTRY else ""


def _aim(layer: Layer) -> str:
    """What an objective updates, and how often to one update of the others."""
    if not isinstance(layer, Objective):
        return ""
    names = paths_in(layer.updates)
    shown = ", ".join(names[:2]) + (f" +{len(names) - 2}" if len(names) > 2 else "")
    often = f"{layer.times}× per cycle" if layer.times > 1 else ""
    return " · ".join(word for word in (often, f"updates {shown}" if shown else "") if word)


def _copies(node: Node, report: NodeReport | None, names: Mapping[str, Any]) -> int:
    """How often it stands in a row, or its steps; 1 where an expression says so that has no value here."""
    if node.layer == Scan.type:
        leaving = next(iter(report.outputs.values()), None) if report is not None else None
        steps = leaving.shape[1] if leaving is not None and leaving.rank > 1 else 1
        return steps if isinstance(steps, int) else 1
    repeat = node.params.get("repeat", 1)
    with suppress(ExpressionError):
        repeat = worked_out(repeat, names)
    return repeat if isinstance(repeat, int) else 1


def _shape_text(spec: TensorSpec | None) -> str:
    return by(spec.features) if spec else ""


_PLOTS = {"points": (96.0, 96.0), "series": (112.0, 40.0)}


def _of_data(kind: str) -> Room | None:
    """Room for what a data source of this kind holds."""
    if kind in ("images", "sounds"):
        return Room(9, 3, 30.0, 30.0)
    return Room(1, 1, *_PLOTS[kind]) if kind in _PLOTS else None


def _in_node(
    node: Node, declared: type[Layer], subject: Subject, graph: Graph, pill: bool
) -> tuple[str, Room] | None:
    """The lens that a node shows, and the room for it. A pill shows one only where it is pinned."""
    pinned = pinned_lens(graph, node.id)
    if pill and not pinned:
        return None
    found = PAINTERS.in_node(declared, subject, pinned)
    return None if pill and found is not None and found[0] != pinned else found


def _size(
    title: str,
    alias: str,
    label: str,
    shape: str,
    pill: bool,
    picture: Room | None,
    role: Role,
    ports: int,
) -> tuple[float, float]:
    """Width and height, on the grid, so that cards line up."""
    first = m.text_width("pill" if pill else "title", title)
    first = min(first, m.MAX_TEXT) + (m.text_width("alias", alias) + 8 if alias else 0.0)
    below = (ports - 1) * m.PORT_STEP
    if pill:
        return _up(max(64.0, first + 32.0)), m.PILL_HEIGHT + max(0.0, below)
    drawn = picture.total_width if picture and not picture.strip else 0.0
    widest = max(first, min(m.text_width("mono", label), m.MAX_TEXT), m.text_width("mono", shape), drawn)
    height = m.SHAPED_HEIGHT if role in (Role.MODULE, Role.SOURCE, Role.PLACEMENT) else m.CARD_HEIGHT
    if picture and not picture.strip:
        height = m.PICTURE_TOP + picture.total_height + (m.PICTURE_FOOT if shape else m.PAD)
    return _up(max(m.MIN_WIDTH, widest + 2 * m.PAD)), _up(max(height, PORT_Y + below + 16.0))


def _up(value: float) -> float:
    return math.ceil(value / GRID) * GRID
