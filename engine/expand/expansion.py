"""Expands a project: every placed Block and Network becomes flat nodes with full paths and resolved ends.

Inference and the compiler read the same expansion, which has no shapes. Structural errors (an unknown layer,
a missing wire, a cycle) become problems; nodes that do not depend on them expand.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from engine.document.edits.editing import DEEPEST, depth_expected
from engine.document.expression import ExpressionError
from engine.document.own_params import check_own, info_of
from engine.document.project import INPUT, MAIN, OUTPUT, Graph, Node, Project
from engine.document.query import is_placement
from engine.expand.flat import Expanded, FlatEnd, FlatNode, Place
from engine.expand.kept import changed_definitions, changed_nodes, leaf_again, rewired_nodes
from engine.expand.placed import border_of, placed, renewed
from engine.expand.read_names import MOST_LETTERS, ReadNames
from engine.expand.scan import scan_expansion
from engine.expand.site import (
    NO_WIRE,
    ExpansionError,
    NodeExpansion,
    Scope,
    Site,
    Where,
    defaults,
    port_problems,
    resolve,
    scope_problems,
    sentence,
)
from engine.expand.wiring import GraphWiring, wiring_of
from engine.report import Problem, once
from nodes.layers.scan import Scan
from nodes.layers.structure import Placement
from nodes.param import ParamError
from nodes.registry import REGISTRY, UnknownLayerError
from nodes.spec import Layer, Port

__all__ = ["LIMIT", "NO_WIRE", "expand"]

LIMIT = 100_000
"""The most nodes and copies of an expansion."""
MOST_HINTS = 50
"""The most unknown layers for which near ones are looked for: each takes about a millisecond."""


def expand(project: Project, previous: Expanded | None = None) -> Expanded:
    """The flat nodes of `main` in topological order, and structural problems.

    `previous` is the expansion of the project before an edit; unchanged parts are reused.
    """
    old = previous.scope if previous is not None and isinstance(previous.scope, Scope) else None
    walk = _Walk(project, old, previous.project if previous is not None else None)
    place = Where(MAIN, "", "", frozen=False, stack=(MAIN,))
    scope = walk.scope(place, project.main, {}, {}, old)
    return _gathered(project, scope, walk.limit_problems)


def _gathered(project: Project, scope: Scope, extra: list[Problem]) -> Expanded:
    nodes: dict[str, FlatNode] = {}
    places: dict[str, Place] = {}
    found = list(scope.problems)
    for entry in scope.entries.values():
        for flat in entry.flats:
            nodes[flat.path] = flat
        for place in entry.places:
            places[place.path] = place
        found += entry.problems
    return Expanded(project, nodes, places, once(found + extra), scope)


class _Walk:
    """One expansion: the project, the remaining budget, and the changed definitions."""

    def __init__(self, project: Project, old: Scope | None, before: Project | None) -> None:
        self.project = project
        self.budget = LIMIT
        self.reading = ReadNames()
        self.placed: dict[tuple[int, str], tuple[Placement, str, dict[str, Any]]] = {}
        self.limit_problems: list[Problem] = []
        self.unknown: dict[str, str] = {}
        self.wirings: dict[tuple[int, int], GraphWiring] = {}
        self.dirty: dict[tuple[int, int, int, int], tuple[frozenset[str], frozenset[str]]] = {}
        self.layers: dict[tuple[int, str], Layer] = {}
        self.changed = changed_definitions(project, before) if old is not None else frozenset(project.graphs)

    # One graph ------------------------------------------------------------------------------------------

    def scope(
        self,
        where: Where,
        graph: Graph,
        names: Mapping[str, Any],
        border: Mapping[str, FlatEnd],
        old: Scope | None,
    ) -> Scope:
        """Expand one copy of a graph; `border` holds the ends that enter
        its inputs (absent: none is valid).
        """
        if old is not None and (old.where != where or old.names != names):
            old = None
        wiring = self._wiring(graph, old)
        changed, rewired = self._dirty(graph, wiring, border, old)
        before = old.entries if old else {}
        entries: dict[str, NodeExpansion] = {}
        moved: set[str] = set()  # nodes whose outputs are not what they were
        for name in wiring.order:
            kept = before.get(name)
            stands = kept is not None and name not in rewired and wiring.sources[name].isdisjoint(moved)
            if kept is not None and stands and name not in changed and (same := self._same(kept)) is not None:
                entries[name] = same
                self.budget -= same.spent
                continue
            site = Site(where, graph, graph.nodes[name], names, border, wiring, entries, stands)
            entry = self._entry(site, kept)
            entries[name] = entry
            if kept is None or (entry.outs, entry.declared) != (kept.outs, kept.declared):
                moved.add(name)
        outs = {
            port: end
            for port, ends in wiring.into.get(OUTPUT, {}).items()
            if (end := resolve(ends[0], entries, border)) is not None
        }
        as_before = old is not None and wiring is old.wiring
        problems = old.problems if old is not None and as_before else scope_problems(where, graph, wiring)
        return Scope(where, graph, names, border, wiring, entries, outs, problems)

    def _wiring(self, graph: Graph, old: Scope | None) -> GraphWiring:
        """The wiring of a graph; copies of a definition share one."""
        key = (id(graph), id(old.wiring) if old is not None else 0)
        if key not in self.wirings:
            self.wirings[key] = wiring_of(graph, *((old.wiring, old.graph) if old is not None else ()))
        return self.wirings[key]

    def _dirty(
        self, graph: Graph, wiring: GraphWiring, border: Mapping[str, FlatEnd], old: Scope | None
    ) -> tuple[frozenset[str], frozenset[str]]:
        """Nodes to expand again: those that changed, and those with other wires or fed by other ends."""
        if old is None:
            return frozenset(graph.nodes), frozenset(graph.nodes)
        key = id(graph), id(old.graph), id(wiring), id(old.wiring)
        if key not in self.dirty:
            self.dirty[key] = changed_nodes(graph, old.graph), rewired_nodes(wiring, old.wiring)
        changed, rewired = self.dirty[key]
        if border != old.border:
            rewired |= {name for name, sources in wiring.sources.items() if INPUT in sources}
        return changed, rewired

    def _same(self, kept: NodeExpansion) -> NodeExpansion | None:
        """What a node with the same wires and parameters becomes; None where it is to be expanded anew."""
        if not kept.scopes:
            return kept if kept.flats or not self.changed or not is_placement(kept.node) else None
        if self.changed.isdisjoint(kept.definitions):
            return kept
        if REGISTRY[kept.node.layer].type == Scan.type:
            return None
        before, left = self.budget, self.limit_problems[:]
        self.budget -= 1 + len(kept.scopes)
        entry = renewed(kept, self.project, self.scope)
        spent, self.budget = before - self.budget, before
        if entry is None or spent >= before:
            self.limit_problems = left
            return None
        entry.spent = spent
        return entry

    # One node -------------------------------------------------------------------------------------------

    def _entry(self, site: Site, kept: NodeExpansion | None) -> NodeExpansion:
        node = site.node
        before = self.budget
        self.budget -= 1
        try:
            if not self.reading.may_read(site):
                self._too_much(
                    site, f"expressions of at most {MOST_LETTERS:,} characters once blocks are repeated"
                )
                entry = NodeExpansion(node)
            elif site.is_left_out():
                entry = self._bypassed(site, site.inputs())
            elif is_placement(node):
                entry = self._placement(site, site.inputs(), kept)
            else:
                entry = self._leaf(site, kept)
        except ExpansionError as fault:
            entry = NodeExpansion(node, problems=(fault.problem,))
        entry.spent = before - self.budget
        return entry

    def _leaf(self, site: Site, kept: NodeExpansion | None) -> NodeExpansion:
        layer = self._layer(site, kept)
        if site.stands and kept is not None and kept.flats and (again := leaf_again(site, layer, kept)):
            return again
        inputs, ports = site.inputs(), layer.input_ports()
        problems = port_problems(site, ports)
        strange = bool(
            problems
        )  # a wire in the wrong place says enough; do not add that the right one is missing
        resolved: list[tuple[FlatEnd, ...]] = []
        for port in ports:
            ends = inputs.get(port.name, ())
            if ends is None:
                return NodeExpansion(site.node, problems=tuple(problems))
            if not ends and not port.optional and not strange:
                problems.append(site.missing(port.name))
            resolved.append(ends)
        if problems:
            return NodeExpansion(site.node, problems=tuple(problems))
        flat = FlatNode(
            path=site.path,
            weight_path=site.where.weights + site.node.id,
            graph=site.where.graph,
            id=site.node.id,
            layer=layer,
            inputs=tuple(resolved),
            frozen=site.node.frozen or site.where.frozen,
        )
        if kept is not None and kept.flats and kept.flats[0] == flat:
            flat = kept.flats[0]
        outs = {port.name: FlatEnd(flat.path, port.name) for port in layer.output_ports()}
        return NodeExpansion(site.node, (flat,), outs, declared=tuple(outs))

    def _layer(self, site: Site, kept: NodeExpansion | None) -> Layer:
        """The layer of a node, reused where its parameters are the same."""
        node = site.node
        key = self.reading.alike(site)
        if key in self.layers:
            return self.layers[key]
        params = site.params(node.params)
        if kept is not None and kept.flats and kept.node.layer == node.layer and not kept.scopes:
            present = kept.flats[0].layer
            if kept.node.params == node.params and params is node.params:
                return present
        try:
            return self.layers.setdefault(key, REGISTRY.make(node.layer, params))
        except UnknownLayerError as error:
            if node.layer not in self.unknown:
                self.unknown[node.layer] = str(error) if len(self.unknown) < MOST_HINTS else error.plain
            words = sentence(self.unknown[node.layer])
            raise ExpansionError(site.problem(words, received=node.layer)) from error
        except ParamError as error:
            raise site.refused(error.name, error) from error

    def _bypassed(self, site: Site, inputs: Mapping[str, tuple[FlatEnd, ...] | None]) -> NodeExpansion:
        """A bypassed node passes the first wire of its main input to its first output."""
        names, outputs = self._ports(site.node)
        name = next((name for name in (*names, *inputs) if inputs.get(name)), None)
        ends = inputs.get(name) if name is not None else None
        if not ends:
            missing = (site.missing(names[0]),) if names and not inputs else ()
            return NodeExpansion(site.node, problems=missing)
        outs = {outputs[0]: ends[0]} if outputs else {}
        entering = {port: found for port, found in inputs.items() if found is not None}
        place = Place(site.path, site.where.graph, site.node.id, entering, outs, bypassed=True)
        return NodeExpansion(site.node, outs=outs, places=(place,), declared=tuple(outs))

    def _ports(self, node: Node) -> tuple[list[str], list[str]]:
        """Names of a node's main inputs and of its outputs, from its declaration or definition."""
        if is_placement(node):
            graph = self.project.graphs.get(str(node.params.get("definition", "")))
            return (list(graph.inputs), list(graph.outputs)) if graph is not None else ([], [])
        if node.layer not in REGISTRY:
            return [], []
        declared = REGISTRY[node.layer]
        return [port.name for port in declared.inputs if not port.side], [
            port.name for port in declared.outputs
        ]

    # Placements -----------------------------------------------------------------------------------------

    def _placement(
        self, site: Site, inputs: Mapping[str, tuple[FlatEnd, ...] | None], kept: NodeExpansion | None
    ) -> NodeExpansion:
        layer, name, names = self._definition(site)
        graph = self.project.graphs[name]
        if isinstance(layer, Scan):
            self.budget -= 1

            def step(where: Where, border: Mapping[str, FlatEnd], old: Scope | None) -> Scope:
                return self.scope(where, graph, {**names, "i": 0}, border, old)

            return scan_expansion(site, layer, graph, inputs, kept, step)
        problems = port_problems(site, tuple(Port(port, dtype="any") for port in graph.inputs))
        problems += [site.missing(port) for port in graph.inputs if inputs.get(port, ()) == ()]
        border = {port: ends[0] for port in graph.inputs if (ends := inputs.get(port))}
        copies = layer.values.get("repeat", 1)
        scopes, outs = self._copies(site, (name, graph, names, copies, layer.shares_weights), border, kept)
        whole = Place(site.path, site.where.graph, site.node.id, {k: (v,) for k, v in border.items()}, outs)
        borders = [border_of(scope) for scope in scopes]
        return placed(site.node, whole, scopes, borders, tuple(problems), name, graph.outputs)

    def _copies(
        self,
        site: Site,
        what: tuple[str, Graph, Mapping[str, Any], int, bool],
        border: Mapping[str, FlatEnd],
        kept: NodeExpansion | None,
    ) -> tuple[list[Scope], dict[str, FlatEnd]]:
        """The chained copies of a placement: the outputs of one enter the first inputs of the next."""
        name, graph, names, copies, shared = what
        passing = dict(border)
        outs = {
            out: border[port]
            for out, port in zip(graph.outputs, graph.inputs, strict=False)
            if port in border
        }
        scopes: list[Scope] = []
        for i in range(copies):
            if self.budget <= 0:
                self._too_much(site, f"a drawing of at most {LIMIT:,} nodes when written out")
                return scopes, {}
            self.budget -= 1
            segment = f".{i}" if copies > 1 else ""
            weights = name if shared else site.where.weights + site.node.id + segment
            frozen = site.where.frozen or site.node.frozen
            where = Where(name, f"{site.path}{segment}.", f"{weights}.", frozen, (*site.where.stack, name))
            values = {**names, "i": i}
            old = kept.scopes[i] if kept is not None and i < len(kept.scopes) else None
            scope = self.scope(where, graph, values, passing, old)
            scopes.append(scope)
            outs = scope.outs
            for port, out in zip(graph.inputs, graph.outputs, strict=False):
                passing = {key: end for key, end in passing.items() if key != port}
                if out in outs:
                    passing[port] = outs[out]
        return scopes, outs

    def _definition(self, site: Site) -> tuple[Placement, str, dict[str, Any]]:
        """The checked layer of a placement, the name of its definition and the values of the definition's
        parameters.
        """
        key = self.reading.alike(site)
        if key not in self.placed:
            self.placed[key] = self._made_placement(site)
        name = self.placed[key][1]
        if name in site.where.stack:
            chain = " in ".join([name, *reversed(site.where.stack[site.where.stack.index(name) :])])
            raise ExpansionError(site.expected("definitions that do not contain themselves", chain))
        if len(site.where.stack) > DEEPEST:
            raise ExpansionError(site.expected(depth_expected(), "more"))
        return self.placed[key]

    def _made_placement(self, site: Site) -> tuple[Placement, str, dict[str, Any]]:
        """What `_definition` gives, for the first of the copies that are alike."""
        node, own = site.node, REGISTRY[site.node.layer].params
        params = site.params(node.params)
        try:
            layer = REGISTRY.make(node.layer, {key: value for key, value in params.items() if key in own})
        except ParamError as error:
            raise site.refused(error.name, error) from error
        assert isinstance(layer, Placement)
        name = layer.definition
        graph = self.project.graphs.get(name)
        if graph is None or name == MAIN:
            known = ", ".join(key for key in self.project.graphs if key != MAIN) or "none yet"
            raise ExpansionError(site.expected(f"the name of a definition ({known})", repr(name)))
        given = {key: value for key, value in params.items() if key not in own}
        unknown = sorted(set(given) - set(graph.parameters))
        if unknown:
            known = ", ".join(graph.parameters) or "none"
            raise ExpansionError(site.expected(f"parameters of {name!r} ({known})", repr(unknown[0])))
        for key, value in given.items():
            try:
                check_own(info_of(graph, key), value)
            except ParamError as error:
                raise site.refused(key, error) from error
        try:
            return layer, name, defaults(graph, given)
        except ExpressionError as error:
            message = f"{REGISTRY.title_of(node.layer)}: Default of a parameter of {name!r}: {error}"
            raise ExpansionError(
                site.problem(message, expected=error.expected, received=error.received)
            ) from error

    def _too_much(self, site: Site, expected: str) -> None:
        if not self.limit_problems:
            self.limit_problems.append(site.expected(expected, "more"))
