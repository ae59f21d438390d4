"""What must hold for a project beyond its types: names, ports, single wires, no cycles, parameters in range.

Edits keep it valid; a project from outside is checked. Each problem has its JSON path.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterator
from typing import NamedTuple

from engine.document import names, query
from engine.document.edits.editing import (
    FARTHEST,
    MOST_NODES,
    EditError,
    extent_faults,
    nodes_expected,
    source_port,
    target_port,
)
from engine.document.edits.lesson import MOST_STEPS
from engine.document.held_expressions import CONDITION, has_expression
from engine.document.json_reader import MOST_PROBLEMS, Problems, step
from engine.document.own_params import info_fault
from engine.document.params import ParamProblem, json_problem, param_problems
from engine.document.project import INPUT, LENS_PLACES, MAIN, OUTPUT, Graph, LensPin, Project, Wire
from engine.document.settings import stored_setting_problems
from nodes.shown_text import quoted

MOST_GRAPHS = 2000
MOST_PORTS = 256
"""Inputs of a definition, and outputs, and parameters."""
ORIGIN = re.compile(r"([A-Za-z_][A-Za-z0-9_]{0,63})@([0-9a-f]{16})")
"""Where a definition comes from: the name of a file and a fingerprint."""
LARGEST_CARD, MOST_PINNED = 10_000, 1000
"""Longest side of a card of the Lenses panel, in pixels; most pinned samples."""
_OWN_OF_PLACEMENTS = frozenset({"definition", "repeat", "i"})


def problems_of(project: Project) -> Problems:
    """All problems of a project; empty where it is valid."""
    found: Problems = []
    for path, sentence in _problems(project):
        found.append((path, sentence))
        if len(found) >= MOST_PROBLEMS:
            break
    return found


def _problems(project: Project) -> Iterator[tuple[str, str]]:
    if not names.is_title(project.name):
        yield "$.name", _sentence(names.TITLE, project.name)
    for name, expected, received in stored_setting_problems(project.settings):
        yield f"$.settings.{name}", f"Expected {expected}. Received {received}."
    if (steps := len(project.lesson.steps)) > MOST_STEPS:
        yield "$.lesson.steps", f"Expected at most {MOST_STEPS} steps. Received {steps}."
    if MAIN not in project.graphs:
        yield "$.graphs", f"Expected a graph named {MAIN!r}. Received {quoted(sorted(project.graphs))}."
        return
    if len(project.graphs) > MOST_GRAPHS:
        yield "$.graphs", f"Expected at most {MOST_GRAPHS} graphs. Received {len(project.graphs)}."
        return
    circular = _circular(project)
    if circular:
        yield "$.graphs", f"Expected definitions that do not contain themselves. Received {circular}."
        return
    for name, graph in project.graphs.items():
        yield from _graph(project, name, graph, step("$.graphs", name))
    for expected, received in extent_faults(project):
        yield "$.graphs", f"Expected {expected}. Received {received}."


def _sentence(expected: str, received: object) -> str:
    return f"Expected {expected}. Received {quoted(received)}."


def _circular(project: Project) -> str:
    try:
        query.definition_order(project)
    except query.DefinitionCycleError as error:
        return quoted(" → ".join(error.names))
    return ""


def _graph(project: Project, name: str, graph: Graph, path: str) -> Iterator[tuple[str, str]]:
    if name != MAIN and not names.is_node_id(name):
        yield path, _sentence(f"as the name of a definition {names.NODE_ID}", name)
    if len(graph.nodes) > MOST_NODES:
        yield f"{path}.nodes", _sentence(nodes_expected(), len(graph.nodes))
        return
    if max(len(graph.inputs), len(graph.outputs), len(graph.parameters)) > MOST_PORTS:
        yield path, f"Expected at most {MOST_PORTS} inputs, outputs and parameters. Received more."
        return
    yield from _border(name, graph, path)
    known: dict[tuple[str, str], list[ParamProblem]] = {}
    for node_id, node in graph.nodes.items():
        where = step(f"{path}.nodes", node_id)
        if not names.is_node_id(node_id):
            yield where, _sentence(f"as an id {names.NODE_ID}", node_id)
        if not node.layer or len(node.layer) > 200:
            yield f"{where}.layer", _sentence("the type of a layer", node.layer)
        alike = (node.layer, repr((node.params, node.when)))
        if alike not in known:
            known[alike] = param_problems(project, name, node)
        for param, expected, received in known[alike]:
            at = f"{where}.{CONDITION}" if param == CONDITION else step(f"{where}.params", param)
            yield at, f"Expected {expected}. Received {received}."
        yield from _placement(project, graph, node_id, where)
    yield from _wires(project, graph, path)
    yield from _layout(graph, f"{path}.layout")
    for place, pin in enumerate(graph.lenses):
        if not names.is_identifier(pin.kind):
            yield f"{path}.lenses[{place}].kind", _sentence("the name of a lens", pin.kind)
        if wrong := pin_fault(pin):
            yield f"{path}.lenses[{place}].{wrong.field}", _sentence(wrong.expected, wrong.received)


def _border(name: str, graph: Graph, path: str) -> Iterator[tuple[str, str]]:
    for side in ("inputs", "outputs"):
        ports: tuple[str, ...] = getattr(graph, side)
        if name == MAIN and ports:
            yield f"{path}.{side}", _sentence("no border on main", ports)
        for place, port in enumerate(ports):
            if not names.is_identifier(port):
                yield f"{path}.{side}[{place}]", _sentence(f"as a port {names.IDENTIFIER}", port)
        if len(set(ports)) != len(ports):
            yield f"{path}.{side}", _sentence("each port once", ports)
    if name == MAIN and graph.parameters:
        yield f"{path}.parameters", _sentence("no parameters on main", sorted(graph.parameters))
    for parameter, default in graph.parameters.items():
        where = step(f"{path}.parameters", parameter)
        if fault := parameter_problem(parameter, default):
            yield where, fault
    yield from _infos(graph, path)
    yield from _origin(name, graph, path)


def _origin(name: str, graph: Graph, path: str) -> Iterator[tuple[str, str]]:
    if graph.origin and (name == MAIN or not ORIGIN.fullmatch(graph.origin)):
        yield f"{path}.origin", _sentence("a file of the user's blocks and a fingerprint", graph.origin)


def _infos(graph: Graph, path: str) -> Iterator[tuple[str, str]]:
    seen: set[str] = set()
    for place, info in enumerate(graph.parameter_info):
        where = f"{path}.parameter_info[{place}]"
        if info.name not in graph.parameters or info.name in seen:
            known = ", ".join(graph.parameters) or "it has none"
            yield where, _sentence(f"a parameter of the definition ({known[:200]}), each once", info.name)
        elif fault := info_fault(info, graph.parameters[info.name]):
            yield where, fault
        seen.add(info.name)


def parameter_problem(name: str, default: object) -> str:
    """The problem of a parameter of a definition, as a sentence; empty where it is valid."""
    if not names.is_identifier(name) or not names.is_free(name) or name in _OWN_OF_PLACEMENTS:
        return _sentence(f"as a parameter {names.NODE_ID} (and not definition, repeat or i)", name)
    if default is None or isinstance(default, dict) or has_expression(default) or json_problem(default):
        return _sentence("as its default a number, text, on or off, or a list of them", default)
    return ""


def _placement(project: Project, graph: Graph, node_id: str, path: str) -> Iterator[tuple[str, str]]:
    node = graph.nodes[node_id]
    placed = node.params.get("definition", "")
    if not query.is_placement(node) or not isinstance(placed, str) or not placed:
        return
    if placed == MAIN or placed not in project.graphs:
        known = ", ".join(sorted(project.graphs.keys() - {MAIN})) or "there are none"
        yield f"{path}.params.definition", _sentence(f"the name of a definition ({known[:200]})", placed)


def _wires(project: Project, graph: Graph, path: str) -> Iterator[tuple[str, str]]:
    whole = True
    taken: Counter[tuple[str, str]] = Counter()
    ports: dict[tuple[str, str, bool], str] = {}
    single: dict[tuple[str, str], bool] = {}
    for place, wire in enumerate(graph.wires):
        where = f"{path}.wires[{place}]"
        faults = [*_ends(project, graph, wire, where, ports, single)]
        yield from faults
        whole = whole and not faults
        taken[wire.target] += 1
        if single.get(wire.target) and taken[wire.target] == 2:
            end = f"{wire.target.node}.{wire.target.port}"
            yield f"{where}.target", f"Expected one wire into {end}. Received a second one."
    if len(set(graph.wires)) != len(graph.wires):
        twice = Counter(graph.wires).most_common(1)[0][0]
        yield f"{path}.wires", f"Expected each wire once. Received one into {'.'.join(twice.target)} twice."
    if whole and (loop := _loop(graph)):
        yield f"{path}.wires", f"Expected a drawing without loops. Received {loop}."


def _ends(
    project: Project,
    graph: Graph,
    wire: Wire,
    where: str,
    ports: dict[tuple[str, str, bool], str],
    single: dict[tuple[str, str], bool],
) -> Iterator[tuple[str, str]]:
    """The problems of the ends of one wire; each port is looked up once."""
    for entering, end, side, border in (
        (False, wire.source, "source", INPUT),
        (True, wire.target, "target", OUTPUT),
    ):
        key = (end.node, end.port, entering)
        if key not in ports:
            ports[key] = ""
            try:
                if end.node != border and end.node not in graph.nodes:
                    raise EditError("a node of this graph", quoted(end.node))
                port = (target_port if entering else source_port)(project, graph, end)
                if entering:
                    single[end] = not port.variadic
            except EditError as error:
                ports[key] = str(error)
        if ports[key]:
            yield f"{where}.{side}", ports[key]


def _loop(graph: Graph) -> str:
    try:
        assert query.index(graph).rank is not None
    except ValueError:
        loop = query.cycle(graph)
        return quoted(" → ".join((*loop[:8], loop[0])))
    return ""


class PinFault(NamedTuple):
    """What is wrong with how a lens is pinned."""

    field: str
    expected: str
    received: object


def pin_fault(pin: LensPin) -> PinFault | None:
    """What is wrong with where and how large a pinned lens is shown; None: nothing."""
    if pin.place not in LENS_PLACES:
        return PinFault("place", f"one of {', '.join(LENS_PLACES)}", pin.place)
    if not 0 <= pin.sample <= MOST_PINNED:
        return PinFault("sample", f"a pinned sample from 0 to {MOST_PINNED}", pin.sample)
    if not all(0 <= side <= LARGEST_CARD for side in pin.size):
        return PinFault("size", f"sides of at most {LARGEST_CARD:,} pixels", tuple(pin.size))
    if not all(_near(at) for at in pin.corner):
        return PinFault("corner", f"a place within {FARTHEST:g} pixels of the origin", tuple(pin.corner))
    return None


def _layout(graph: Graph, path: str) -> Iterator[tuple[str, str]]:
    for node_id, at in graph.layout.positions.items():
        where = step(f"{path}.positions", node_id)
        if node_id not in graph.nodes:
            yield where, _sentence("the id of a node of this graph", node_id)
        if not all(_near(v) for v in at):
            yield where, _sentence(f"a place within {FARTHEST:g} pixels of the origin", tuple(at))
    for kind in ("frames", "notes"):
        for key, thing in getattr(graph.layout, kind).items():
            where = step(f"{path}.{kind}", key)
            if not names.is_identifier(key):
                yield where, _sentence(f"as an id {names.IDENTIFIER}", key)
            sizes = (thing.width, thing.height) if kind == "frames" else (thing.width,)
            if not all(_near(v) for v in (thing.x, thing.y, *sizes)) or min(sizes) <= 0:
                yield (
                    where,
                    _sentence(
                        f"a rectangle within {FARTHEST:g} pixels of the origin", (thing.x, thing.y, *sizes)
                    ),
                )


def _near(value: float) -> bool:
    return math.isfinite(value) and abs(value) <= FARTHEST
