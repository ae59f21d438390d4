"""What a node shows, worked out from the project and its report: words, ports, size, place for a picture.

A Card is a value; the scene compares the old with the new and repaints only where they differ. Knows nothing
of painting.
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
from engine.data.dataset import DataError, DataInfo
from engine.document import query
from engine.document.expression import ExpressionError, evaluate, is_expression
from engine.document.names import stem
from engine.document.project import Graph, Node, Project
from engine.report import NodeReport, Problem
from nodes.data.source import DataSource
from nodes.layers.structure import Placement
from nodes.param import ParamError
from nodes.registry import REGISTRY, UnknownLayerError
from nodes.shared.card_label import by
from nodes.spec import Layer, Port, Role, TensorSpec
from nodes.training.objective import Objective
from nodes.training.sampler import Sampler

_NO_NAMES: Mapping[str, Any] = MappingProxyType({})


@dataclass(frozen=True)
class Picture:
    """Room for a live picture; sizes are those of one tile.

    `kind` is "maps", "strip" (what a layer computes), "samples", "points" or "series" (what a source holds),
    "drawn" (what a sampler draws).
    """

    kind: str
    count: int
    columns: int
    width: float
    height: float

    @property
    def rows(self) -> int:
        return -(-self.count // self.columns)

    @property
    def total_width(self) -> float:
        return self.columns * (self.width + m.TILE_GAP) - m.TILE_GAP

    @property
    def total_height(self) -> float:
        return self.rows * (self.height + m.TILE_GAP) - m.TILE_GAP


@dataclass(frozen=True)
class Card:
    """One node as it is drawn. Offsets are from its top left corner, in pixels at 100 %."""

    id: str
    title: str
    alias: str
    telling: str
    shape: str
    family: str
    pill: bool
    inputs: tuple[Port, ...]
    outputs: tuple[Port, ...]
    width: float
    height: float
    picture: Picture | None = None
    copies: int = 1
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
    info = data_info(layer)
    inputs, outputs = query.input_ports(project, node, graph), query.output_ports(project, node, graph)
    telling = _telling(node, layer, info, project)
    plain = declared is not None and role is Role.MODULE and not telling
    pill = plain and len(outputs) == 1 and len(inputs) <= 2
    title = _title(node, declared, info)
    alias = node.id if is_renamed(node) else ""
    spec = next(iter(report.outputs.values()), None) if report else None
    shape = _shape_text(spec) if role in (Role.MODULE, Role.SOURCE, Role.PLACEMENT) and not pill else ""
    picture = None if pill or declared is None else _picture(role, spec, info)
    if isinstance(layer, Sampler):
        picture = _drawn(layer, report)
    width, height = _size(title, alias, telling, shape, pill, picture, role, max(len(inputs), len(outputs)))
    worst = next((p for p in problems if p.severity == "error"), problems[0] if problems else None)
    return Card(
        id=node.id, title=title, alias=alias, telling=telling, shape=shape,
        family=declared.family.value if declared else "structure", pill=pill, inputs=inputs, outputs=outputs,
        width=width, height=height, picture=picture,
        copies=_copies(node) if placed else 1, placement=placed, unknown=declared is None,
        bypassed=node.bypassed, frozen=node.frozen,
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


def data_info(layer: Layer | None) -> DataInfo | None:
    """What is known of the data set of a source; None for other layers and unknown sets."""
    if not isinstance(layer, DataSource):
        return None
    from engine.data import catalogue

    try:
        return catalogue.describe(layer)
    except DataError:
        return None


def layer_instance(node: Node, names: Mapping[str, Any] = _NO_NAMES) -> Layer | None:
    """The layer with its parameters; None where they hold values it cannot take.

    Expressions that `names` do not work out are left at the default.
    """
    declared = REGISTRY.get(node.layer)
    if declared is None or declared.role is Role.PLACEMENT:
        return None
    try:
        return REGISTRY.make(node.layer, dict(_worked_out(node, names)))
    except (ParamError, UnknownLayerError):
        return None


def _worked_out(node: Node, names: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    for key, value in node.params.items():
        if not is_expression(value):
            yield key, value
        elif names:
            with suppress(ExpressionError):
                yield key, evaluate(str(value), names)


def _title(node: Node, declared: type[Layer] | None, info: DataInfo | None) -> str:
    if declared is None:
        return node.layer
    if declared.role is Role.PLACEMENT:
        return str(node.params.get("definition") or declared.title)
    return info.title if info is not None else declared.title


def _telling(node: Node, layer: Layer | None, info: DataInfo | None, project: Project) -> str:
    if info is not None and info.kind != "points":  # of points, the noise says more than the two numbers
        size = by(info.input.features[-2:])
        return f"{info.samples:,}" + (f" · {size}" if size else "")
    if layer is not None:
        return " · ".join(word for word in (layer.telling(), _aim(layer)) if word)
    declared = REGISTRY.get(node.layer)
    if declared is not None and issubclass(declared, Placement):
        graph = query.definition_of(project, node)
        shared = "shared · " if declared.shares_weights else ""
        if graph is None:
            return "no definition"
        return f"{shared}{len(graph.nodes)} {'layer' if len(graph.nodes) == 1 else 'layers'}"
    return "unknown layer" if node.layer not in REGISTRY else ""


def _aim(layer: Layer) -> str:
    """What an objective updates, and how often to one update of the others."""
    if not isinstance(layer, Objective):
        return ""
    names = [name.strip() for name in layer.updates.split(",") if name.strip()]
    shown = ", ".join(names[:2]) + (f" +{len(names) - 2}" if len(names) > 2 else "")
    often = f"{layer.times}× per cycle" if layer.times > 1 else ""
    return " · ".join(word for word in (often, f"updates {shown}" if shown else "") if word)


def _copies(node: Node) -> int:
    repeat = node.params.get("repeat", 1)
    return repeat if isinstance(repeat, int) else 1


def _shape_text(spec: TensorSpec | None) -> str:
    return by(spec.features) if spec else ""


_PLOTS = {"points": (96.0, 96.0), "series": (112.0, 40.0)}


def _picture(role: Role, spec: TensorSpec | None, info: DataInfo | None) -> Picture | None:
    if role is Role.SOURCE:
        if info is not None and info.kind == "images":
            return Picture("samples", 9, 3, 30.0, 30.0)
        if info is not None and info.kind in _PLOTS:
            return Picture(info.kind, 1, 1, *_PLOTS[info.kind])
        return None
    if spec is None or role is not Role.MODULE or not spec.is_float:
        return None
    sizes = [dim for dim in spec.features if isinstance(dim, int)]
    if len(sizes) == 3 and sizes[1] * sizes[2] > 1:
        return _maps(sizes[0], sizes[1], sizes[2])
    if len(sizes) == 2 and min(sizes) > 1:
        return Picture("maps", 1, 1, 96.0, max(24.0, min(64.0, 96.0 * sizes[0] / sizes[1])))
    return Picture("strip", 1, 1, 0.0, 8.0) if sizes and math.prod(sizes) > 1 else None


def _drawn(sampler: Sampler, report: NodeReport | None) -> Picture | None:
    """Room for what a sampler draws; None before it is known what that is."""
    if not sampler.shows_images:
        return Picture("drawn", 1, 1, m.MAX_TEXT, 84.0)
    results = (port.name for port in sampler.input_ports() if not port.fed)
    specs = report.inputs.get(next(results, ""), ()) if report is not None else ()
    sizes = [dim for dim in specs[0].features if isinstance(dim, int)] if specs else []
    if sizes == [2]:
        return Picture("drawn", 1, 1, 132.0, 132.0)
    if len(sizes) not in (1, 3):
        return None
    count = min(int(sampler.count), 64)
    columns = min(8, math.ceil(math.sqrt(count)))
    side = {1: 96.0, 2: 56.0, 3: 38.0, 4: 30.0, 5: 26.0, 6: 23.0}.get(columns, 20.0)
    high, wide = sizes[1:] if len(sizes) == 3 else (1, sizes[0])
    return Picture("drawn", count, columns, side, min(side * 2, max(4.0, round(side * high / wide))))


def _maps(channels: int, height: int, width: int) -> Picture:
    count = min(channels, 16)
    columns = count if count < 3 else 3 if count <= 9 else 4
    side = {1: 72.0, 2: 44.0, 3: 34.0 if width >= 20 else 26.0, 4: 26.0 if width >= 8 else 20.0}[columns]
    return Picture("maps", count, columns, side, max(8.0, min(48.0, round(side * height / width))))


def _size(
    title: str,
    alias: str,
    telling: str,
    shape: str,
    pill: bool,
    picture: Picture | None,
    role: Role,
    ports: int,
) -> tuple[float, float]:
    """Width and height, on the grid, so that cards line up."""
    first = m.text_width("pill" if pill else "title", title)
    first = min(first, m.MAX_TEXT) + (m.text_width("alias", alias) + 8 if alias else 0.0)
    below = (ports - 1) * m.PORT_STEP
    if pill:
        return _up(max(64.0, first + 32.0)), m.PILL_HEIGHT + max(0.0, below)
    drawn = picture.total_width if picture and picture.kind != "strip" else 0.0
    widest = max(first, min(m.text_width("mono", telling), m.MAX_TEXT), m.text_width("mono", shape), drawn)
    height = m.SHAPED_HEIGHT if role in (Role.MODULE, Role.SOURCE, Role.PLACEMENT) else m.CARD_HEIGHT
    if picture and picture.kind != "strip":
        height = m.PICTURE_TOP + picture.total_height + (m.PICTURE_FOOT if shape else m.PAD)
    return _up(max(m.MIN_WIDTH, widest + 2 * m.PAD)), _up(max(height, PORT_Y + below + 16.0))


def _up(value: float) -> float:
    return math.ceil(value / GRID) * GRID
