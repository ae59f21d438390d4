"""A placed scan as one layer: its definition written out once, to be run at every step.

The layer is a value like any other, with ports and parameters; what it computes is inferred in
`engine/infer/scan.py` and made into a module in `engine/compile/scans/`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from engine.document.project import INPUT, Graph
from engine.expand.flat import FlatEnd, FlatNode, Place
from engine.expand.site import NodeExpansion, Scope, Site, Where, port_problems
from engine.report import Problem
from nodes.layers.scan import OverTime, Scan, ScanBorder, scan_border, target_port
from nodes.param import ParamError
from nodes.spec import Role


@dataclass(frozen=True, slots=True)
class Body:
    """What a scan runs at each step.

    `nodes` are in topological order and have full paths; what enters the definition are ends of `border`.
    `outputs` are the values that leave it, in the order of its border.
    """

    path: str
    weight_path: str
    nodes: tuple[FlatNode, ...]
    outputs: tuple[FlatEnd, ...]

    @property
    def border(self) -> str:
        """The path of the ends at which values enter."""
        return f"{self.path}.{INPUT}"

    def entering(self, name: str) -> FlatEnd:
        """The end at which an input of the definition enters."""
        return FlatEnd(self.border, name)

    def weight_prefix(self, node: FlatNode) -> str:
        """The place of the weights of an inner node within those of the scan."""
        return node.weight_path.removeprefix(f"{self.weight_path}.")


class ScanLayer(OverTime):
    """A definition that is run step by step over time."""

    type = "scan"
    title = "Scan"

    def __init__(self, scan: Scan, border: ScanBorder, body: Body) -> None:
        super().__init__()
        self.scan, self.border, self.body = scan, border, body
        self._key = (tuple(scan.values.items()), border, body)
        self._hash = hash(self._key)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, ScanLayer) and self._hash == other._hash and self._key == other._key

    def __hash__(self) -> int:
        return self._hash


ScopeOf = Callable[[Where, Mapping[str, FlatEnd], Scope | None], Scope]
"""Expands the definition at a place, with what enters it, from an older scope."""


def scan_expansion(
    site: Site,
    scan: Scan,
    definition: Graph,
    inputs: Mapping[str, tuple[FlatEnd, ...] | None],
    kept: NodeExpansion | None,
    scope_of: ScopeOf,
) -> NodeExpansion:
    """The one flat node of a placed scan, or its problems."""
    try:
        border = scan_border(scan, definition.inputs, definition.outputs)
    except ParamError as error:
        return NodeExpansion(site.node, problems=(site.refused(error.name, error).problem,))
    if twice := sorted(definition.parameters.keys() & scan.params.keys()):
        expected = f"parameters of {scan.definition!r} with names that the scan itself does not have"
        return NodeExpansion(site.node, problems=(site.expected(expected, repr(twice[0])),))
    where = Where(
        scan.definition,
        f"{site.path}.",
        f"{site.where.weights}{site.node.id}.",
        site.where.frozen or site.node.frozen,
        (*site.where.stack, scan.definition),
    )
    steps = {name: FlatEnd(where.path + INPUT, name) for name in definition.inputs}
    scope = scope_of(where, steps, kept.scopes[0] if kept is not None and kept.scopes else None)
    ports = border.input_ports()
    problems = port_problems(site, ports) + [
        site.missing(port.name) for port in ports if not port.optional and inputs.get(port.name, ()) == ()
    ]
    problems += _without_end(site, scan, border, inputs)
    entry = _inside(site, scan, border, scope, problems)
    if not problems and all(problem.severity != "error" for problem in entry.problems):
        ends = [inputs.get(port.name, ()) for port in ports]
        if None not in ends and len(scope.outs) == len(definition.outputs):
            _complete(entry, site, scan, border, tuple(end for end in ends if end is not None), kept)
    return entry


def _inside(
    site: Site, scan: Scan, border: ScanBorder, scope: Scope, problems: list[Problem]
) -> NodeExpansion:
    """The expansion without a flat node: what is inside, and its problems."""
    where, entries = scope.where, scope.entries.values()
    inner = [*scope.problems, *(found for entry in entries for found in entry.problems)]
    flats = [flat for entry in entries for flat in entry.flats]
    inner += [_refusal(where, flat) for flat in flats if _refused(where, flat)]
    places = [place for entry in entries for place in entry.places]
    places.append(Place(where.path + INPUT, where.graph, INPUT, {}, scope.border))
    known = frozenset(name for entry in entries for name in entry.definitions)
    return NodeExpansion(
        site.node,
        problems=(*problems, *inner),
        places=tuple(places),
        scopes=(scope,),
        definitions=known | {scan.definition},
        declared=tuple(port.name for port in border.output_ports()),
    )


def _complete(
    entry: NodeExpansion,
    site: Site,
    scan: Scan,
    border: ScanBorder,
    wired: tuple[tuple[FlatEnd, ...], ...],
    kept: NodeExpansion | None,
) -> None:
    """Add the flat node to an expansion without problems."""
    scope = entry.scopes[0]
    flats = tuple(flat for inner in scope.entries.values() for flat in inner.flats)
    weights = scope.where.weights.removesuffix(".")
    body = Body(site.path, weights, flats, tuple(scope.outs[name] for name in border.outputs))
    layer = ScanLayer(scan, border, body)
    flat = FlatNode(site.path, weights, site.where.graph, site.node.id, layer, wired, scope.where.frozen)
    if kept is not None and kept.flats and kept.flats[0] == flat:
        flat = kept.flats[0]
    entry.flats = (flat,)
    entry.outs = {port.name: FlatEnd(flat.path, port.name) for port in border.output_ports()}


def _without_end(
    site: Site, scan: Scan, border: ScanBorder, inputs: Mapping[str, tuple[FlatEnd, ...] | None]
) -> list[Problem]:
    """A scan needs a sequence or a number of steps, and values to know how many samples there are."""
    targets = [target_port(name) for name in border.taught]
    wired = [name for name in (*border.constants, *border.state_names, *targets) if inputs.get(name) != ()]
    wired = [name for name in wired if name in inputs]
    if not border.sequences and not scan.steps and not any(name in inputs for name in targets):
        hint = "Set its steps, or wire a sequence."
        found = site.expected("a sequence or a number of steps", "neither: it would never end")
        return [replace(found, message=f"{found.message} {hint}")]
    if not border.sequences and not wired:
        received = "no wire: the number of samples is not known"
        return [site.expected("a wire into one of its states or constants", received)]
    return []


def _refused(where: Where, node: FlatNode) -> str:
    """What a layer is that cannot stand inside a scan; empty where it can."""
    if node.layer.role is Role.SOURCE:
        return "a source of data"
    if node.layer.role is not Role.MODULE:
        return f"a layer for training or output ({node.layer.role.value})"
    if not node.weight_path.startswith(where.weights):
        return "a layer of a network, whose weights are shared with what is outside"
    return ""


def _refusal(where: Where, node: FlatNode) -> Problem:
    expected, received = "layers that compute values from what enters", _refused(where, node)
    message = f"{node.layer.title}: Put it outside the scan. Expected {expected}. Received {received}."
    return Problem(node.graph, node.id, node.path, message, expected=expected, received=received)
