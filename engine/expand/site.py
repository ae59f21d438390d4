"""One node during the expansion, and its problems.

Resolves the wires and parameters of a node; `expansion` visits the definitions.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from engine.document import edits
from engine.document.expression import ExpressionError
from engine.document.held_expressions import CONDITION, has_expression, worked_out
from engine.document.project import INPUT, OUTPUT, End, Graph, Node, Wire
from engine.expand.flat import FlatEnd, FlatNode, Place
from engine.expand.wiring import GraphWiring
from engine.report import Edit, Fix, Problem
from nodes.param import ParamError
from nodes.registry import REGISTRY
from nodes.spec import Port
from nodes.user_error import UserError

NO_WIRE = "no wire"
"""The text of `received` where a port that needs a wire has none."""


@dataclass(frozen=True, slots=True)
class Where:
    """The location of a scope: its graph, the prefixes of its paths, and the enclosing definitions."""

    graph: str
    path: str
    weights: str
    frozen: bool
    stack: tuple[str, ...]


@dataclass(slots=True)
class NodeExpansion:
    """The expansion of one node. `outs` lacks the ports without a valid value.

    `declared` are the outputs that a wire may start at; None where they are not known. `own` are, of a
    placement, the problems that are not inside it.
    """

    node: Node
    flats: tuple[FlatNode, ...] = ()
    outs: Mapping[str, FlatEnd] = field(default_factory=dict)
    problems: tuple[Problem, ...] = ()
    places: tuple[Place, ...] = ()
    scopes: tuple[Scope, ...] = ()
    definitions: frozenset[str] = frozenset()
    declared: tuple[str, ...] | None = None
    spent: int = 1
    own: tuple[Problem, ...] = ()


@dataclass(slots=True)
class Scope:
    """One expanded copy of a graph; kept so that the next expansion can reuse unchanged parts."""

    where: Where
    graph: Graph
    names: Mapping[str, Any]
    border: Mapping[str, FlatEnd]
    wiring: GraphWiring
    entries: dict[str, NodeExpansion]
    outs: dict[str, FlatEnd]
    problems: tuple[Problem, ...]


class ExpansionError(UserError):
    """A node cannot be expanded; carries the problem."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.message)
        self.problem = problem


@dataclass(frozen=True, slots=True)
class Site:
    """One node with its scope."""

    where: Where
    graph: Graph
    node: Node
    names: Mapping[str, Any]
    border: Mapping[str, FlatEnd]
    wiring: GraphWiring
    entries: Mapping[str, NodeExpansion]
    stands: bool = False
    """Whether the same values enter as in the expansion before."""

    @property
    def path(self) -> str:
        return self.where.path + self.node.id

    def inputs(self) -> dict[str, tuple[FlatEnd, ...] | None]:
        """The ends that enter each wired port; None where one of them has no valid value."""
        found: dict[str, tuple[FlatEnd, ...] | None] = {}
        for port, ends in self.wiring.into[self.node.id].items():
            resolved = [resolve(end, self.entries, self.border) for end in ends]
            found[port] = None if None in resolved else tuple(end for end in resolved if end is not None)
        return found

    def params(self, params: Mapping[str, Any]) -> Mapping[str, Any]:
        """The parameters with their expressions evaluated; the same object where there are none."""
        if not any(has_expression(value) for value in params.values()):
            return params
        worked: dict[str, Any] = {}
        for name, value in params.items():
            try:
                worked[name] = worked_out(value, self.names)
            except ExpressionError as error:
                raise self.refused(name, error) from error
        return worked

    def is_left_out(self) -> bool:
        """Whether the node is bypassed here: always, or since its condition does not hold."""
        if self.node.bypassed or not self.node.when:
            return self.node.bypassed
        try:
            return not worked_out(self.node.when, self.names)
        except ExpressionError as error:
            raise self.refused(CONDITION, error) from error

    def refused(self, name: str, error: ParamError | ExpressionError) -> ExpansionError:
        """The error of a parameter or condition with an invalid value; the fix resets or removes it."""
        words = str(error).removeprefix(f"{name}: ")
        declared = REGISTRY[self.node.layer].params if self.node.layer in REGISTRY else {}
        if name in declared:
            title = f"Reset {declared[name].in_sentence} to its default"
        else:
            title = f"Remove the parameter {name}"
        place = (self.where.graph, self.node.id, name)
        fixes = (Fix(title, lambda project: edits.reset_param(project, *place)),) * (name in self.node.params)
        if name == CONDITION:
            fixes = (Fix("Remove the condition", lambda p: edits.set_condition(p, place[0], place[1:2], "")),)
        message = f"{REGISTRY.title_of(self.node.layer)}: {name}: {words}"
        return ExpansionError(
            self.problem(message, expected=error.expected, received=error.received, fixes=fixes)
        )

    def problem(self, message: str, **more: Any) -> Problem:
        return Problem(self.where.graph, self.node.id, self.path, message, **more)

    def expected(self, expected: str, received: str, **more: Any) -> Problem:
        message = f"{REGISTRY.title_of(self.node.layer)}: Expected {expected}. Received {received}."
        return self.problem(message, expected=expected, received=received, **more)

    def missing(self, port: str) -> Problem:
        """A port that needs a wire has none: an error, or a warning where the node has no wire at all."""
        loose = self.node.id not in self.wiring.wired
        found = self.expected(
            f"a wire into {port!r}", NO_WIRE, port=port, severity="warning" if loose else "error"
        )
        return replace(found, message=f"{found.message} Drag one to it from an output.")


def resolve(end: End, entries: Mapping[str, NodeExpansion], border: Mapping[str, FlatEnd]) -> FlatEnd | None:
    """The flat end that computes the value at this end; None where there is none."""
    if end.node == INPUT:
        return border.get(end.port)
    entry = entries.get(end.node)
    return entry.outs.get(end.port) if entry is not None else None


def defaults(graph: Graph, given: Mapping[str, Any]) -> dict[str, Any]:
    """The parameters of a definition: given values, else defaults, which
    may use the parameters before them.
    """
    names: dict[str, Any] = {}
    for name, value in graph.parameters.items():
        names[name] = given[name] if name in given else worked_out(value, names)
    return names


def sentence(text: str) -> str:
    return text[:1].upper() + text[1:] + ("" if text.endswith("?") else ".")


def port_problems(site: Site, ports: tuple[Port, ...]) -> list[Problem]:
    """Wires into ports that the node does not have, and several wires into a port that takes one."""
    known = {port.name: port for port in ports}
    problems = []
    for name, ends in site.wiring.into[site.node.id].items():
        if name not in known:
            names = ", ".join(known) or "none"
            problems.append(
                site.expected(f"a wire into one of its ports ({names})", f"one into {name!r}", port=name)
            )
        elif len(ends) > 1 and not known[name].variadic:
            problems.append(site.expected(f"one wire into {name!r}", f"{len(ends)} wires", port=name))
        for end in ends:
            source = site.entries.get(end.node)
            if source is not None and source.declared is not None and end.port not in source.declared:
                names = ", ".join(source.declared) or "none"
                expected = f"a wire from one of the outputs of {end.node} ({names})"
                problems.append(site.expected(expected, f"one from {end.port!r}", port=name))
    return problems


def scope_problems(where: Where, graph: Graph, wiring: GraphWiring) -> tuple[Problem, ...]:
    """Problems of the wires of a graph as a whole: cycles, and wires whose ends do not exist."""
    problems = []
    if wiring.loop:
        name, chain = wiring.loop[0], ", ".join(wiring.loop)
        expected = "wires without a cycle"
        message = f"Expected {expected}. Received one through {chain}."
        problems.append(
            Problem(where.graph, name, where.path + name, message, expected=expected, received=chain)
        )
    for port in (port for port in graph.outputs if port not in wiring.into[OUTPUT]):
        expected, path = f"a wire into the output {port!r} of {where.graph}", where.path + OUTPUT
        message = f"Expected {expected}. Received {NO_WIRE}."
        problems.append(
            Problem(where.graph, OUTPUT, path, message, port=port, expected=expected, received=NO_WIRE)
        )
    for wire in wiring.strays:
        expected, received = "wires between nodes that are there", f"{_wire(wire)}"
        node = wire.target.node if wire.target.node in graph.nodes else wire.source.node
        message = f"Expected {expected}. Received {received}."
        fixes = (Fix("Remove the wire", _removal(where.graph, wire)),)
        path = where.path + node
        problems.append(
            Problem(where.graph, node, path, message, expected=expected, received=received, fixes=fixes)
        )
    return tuple(problems)


def _removal(graph: str, wire: Wire) -> Edit:
    return lambda project: edits.disconnect(project, graph, wire)


def _wire(wire: Wire) -> str:
    return f"{wire.source.node}.{wire.source.port} → {wire.target.node}.{wire.target.port}"
