"""One-click fixes: turns what a layer proposes, or what the drawing lacks, into edits.

Every fix is tried on specs before it is offered: one that leaves the same problem is not shown.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from engine.document import edits, query
from engine.document.project import Node, Point, Project, Wire
from engine.expand.flat import Expanded, FlatNode
from engine.infer.layer import outcome_of
from engine.infer.outcome import LayerFault, Outcome
from engine.report import Edit, Fix
from nodes.param import JSON, ParamError
from nodes.registry import REGISTRY
from nodes.shared.card_label import by
from nodes.spec import Inputs, InsertBefore, Layer, ProposedFix, Role, SetBefore, SetParam, TensorSpec

Outcomes = Mapping[str, Outcome]
_STEPS_BACK = 8


@dataclass(frozen=True, slots=True)
class Case:
    """A layer that cannot take its inputs: where, which, and what else is known of the drawing."""

    expanded: Expanded
    outcomes: Outcomes
    flat: FlatNode
    inputs: Inputs
    fault: LayerFault

    def spec(self) -> TensorSpec | None:
        """What arrives at the failing port."""
        place = self.place()
        if place is None:
            return None
        entry = self.inputs[place]
        return entry[self.fault.wire] if isinstance(entry, tuple) else entry

    def place(self) -> int | None:
        names = [port.name for port in self.flat.layer.input_ports()]
        if self.fault.port is None:
            return 0 if len(names) == 1 else None
        return names.index(self.fault.port) if self.fault.port in names else None

    def is_fixed_by(self, layer: Layer, inputs: Inputs) -> bool:
        """Whether this layer on these inputs no longer has this fault."""
        fault = outcome_of(layer, inputs).fault
        return fault is None or (fault.port, fault.expected) != (self.fault.port, self.fault.expected)

    def with_spec(self, spec: TensorSpec) -> Inputs:
        """The inputs with another spec at the failing port."""
        place = self.place()
        assert place is not None
        entry: TensorSpec | tuple[TensorSpec, ...] = spec
        present = self.inputs[place]
        if isinstance(present, tuple):
            entry = (*present[: self.fault.wire], spec, *present[self.fault.wire + 1 :])
        return (*self.inputs[:place], entry, *self.inputs[place + 1 :])


def fixes_of(case: Case) -> tuple[Fix, ...]:
    """The fixes of a layer's fault that work, in the layer's own order."""
    found = []
    for proposal in case.fault.fixes:
        fix = _fix_from(case, proposal)
        if fix is not None:
            found.append(fix)
    if not found and case.flat.layer.role in (Role.LOSS, Role.METRIC):
        found += _flattened(case)
    return tuple(found)


def _flattened(case: Case) -> list[Fix]:
    """Put Flatten before the nearest layer of rows before a loss, or before the loss: what works."""
    flatten = REGISTRY.make("flatten") if "flatten" in REGISTRY else None
    ends = case.flat.inputs[0] if case.flat.inputs else ()
    spec = case.inputs[0] if case.inputs else None
    if flatten is None or len(ends) != 1 or not isinstance(spec, TensorSpec):
        return []
    tries: list[tuple[FlatNode, TensorSpec, list[FlatNode]]] = []
    chain: list[FlatNode] = []
    for _ in range(_STEPS_BACK):
        source = case.expanded.nodes[ends[0].path]
        known = case.outcomes.get(source.path)
        if known is None or [len(several) for several in source.inputs] != [1]:
            break
        if source.layer.makes_rows:
            tries.append((source, next(iter(known.report.inputs.values()))[0], [source, *reversed(chain)]))
        chain.append(source)
        ends = source.inputs[0]
    for flat, arriving, behind in (*tries, (case.flat, spec, [])):
        made = _through(arriving, [flatten, *(each.layer for each in behind)])
        if made is not None and outcome_of(case.flat.layer, (made, *case.inputs[1:])).fault is None:
            edit = _insertion(flat, flat.layer.input_ports()[0].name, 0, InsertBefore("flatten"))
            return [Fix(f"Insert {flatten.title} before {flat.id}", edit)]
    return []


def _through(spec: TensorSpec, layers: list[Layer]) -> TensorSpec | None:
    """What leaves a row of layers with one input each; None where one does not take it."""
    for layer in layers:
        outcome = outcome_of(layer, (spec,))
        if outcome.fault is not None or not outcome.report.outputs:
            return None
        spec = next(iter(outcome.report.outputs.values()))
    return spec


def _fix_from(case: Case, proposal: ProposedFix) -> Fix | None:
    try:
        match proposal:
            case SetParam():
                return _set_param(case, proposal)
            case InsertBefore():
                return _insert_before(case, proposal)
            case SetBefore():
                return _set_before(case, proposal)
    except ParamError:  # a proposal outside a parameter's range is none
        return None


def _set_param(case: Case, proposal: SetParam) -> Fix | None:
    changed = _with(case.flat.layer, proposal.name, proposal.value)
    if changed is None or not case.is_fixed_by(changed, case.inputs):
        return None
    return setting(case.flat.graph, case.flat.id, case.flat.layer, proposal.name, proposal.value)


def setting(graph: str, node: str, layer: Layer, name: str, value: JSON) -> Fix:
    """The fix that gives a parameter a value: "Set padding to 1"."""
    words = layer.params[name].in_sentence

    def edit(project: Project) -> Project:
        return edits.set_param(project, graph, node, name, value)

    return Fix(f"Set {words} to {_shown(value)}" if value != "" else f"Empty {words}", edit)


def _insert_before(case: Case, proposal: InsertBefore) -> Fix | None:
    spec = case.spec()
    if spec is None or proposal.layer not in REGISTRY:
        return None
    layer = REGISTRY.make(proposal.layer, proposal.params)
    made = outcome_of(layer, (spec,)) if len(layer.input_ports()) == 1 else None
    if made is None or made.fault is not None or not made.report.outputs:
        return None
    if not case.is_fixed_by(case.flat.layer, case.with_spec(next(iter(made.report.outputs.values())))):
        return None
    port = case.flat.layer.input_ports()[case.place() or 0].name
    return Fix(f"Insert {layer.title}", _insertion(case.flat, port, case.fault.wire, proposal))


def _insertion(flat: FlatNode, port: str, wire_place: int, proposal: InsertBefore) -> Edit:
    graph_name, node_id = flat.graph, flat.id

    def edit(project: Project) -> Project:
        graph = project.graphs[graph_name]
        wires = query.index(graph).into[(node_id, port)]
        if wire_place >= len(wires):
            raise edits.EditError(f"a wire into {node_id}.{port}", "none")
        wire = wires[wire_place]
        node = Node(edits.fresh_id(graph, proposal.layer), proposal.layer, dict(proposal.params))
        return edits.insert_on_wire(project, graph_name, wire, node, _middle(project, graph_name, wire))

    return edit


def _set_before(case: Case, proposal: SetBefore) -> Fix | None:
    """Change the layer that feeds the port, looking back through layers that keep the dimensions."""
    place = case.place()
    if place is None or len(case.flat.inputs[place]) <= case.fault.wire:
        return None
    chain: list[FlatNode] = []
    end = case.flat.inputs[place][case.fault.wire]
    for _ in range(_STEPS_BACK):
        source = case.expanded.nodes[end.path]
        if proposal.name in source.layer.params:
            spec = _after_change(case, source, chain, proposal)
            if spec is None or not case.is_fixed_by(case.flat.layer, case.with_spec(spec)):
                return None
            fix = setting(source.graph, source.id, source.layer, proposal.name, proposal.value)
            return Fix(f"{fix.title} in {source.id}", fix.edit)
        if not source.layer.keeps_dimensions or len(source.inputs) != 1 or len(source.inputs[0]) != 1:
            return None
        chain.append(source)
        end = source.inputs[0][0]
    return None


def _after_change(
    case: Case, source: FlatNode, chain: list[FlatNode], proposal: SetBefore
) -> TensorSpec | None:
    """What would leave `source` and the layers behind it with the parameter changed."""
    layer = _with(source.layer, proposal.name, proposal.value)
    known = case.outcomes.get(source.path)
    if layer is None or known is None:
        return None
    inputs = tuple(
        found if port.variadic else found[0] if found else None
        for port in layer.input_ports()
        for found in (known.report.inputs.get(port.name, ()),)
    )
    outcome = outcome_of(layer, inputs)
    if outcome.fault is not None:
        return None
    return _through(next(iter(outcome.report.outputs.values())), [flat.layer for flat in reversed(chain)])


def _with(layer: Layer, name: str, value: JSON) -> Layer | None:
    """The layer with one parameter changed; None where it has no such parameter. Raises `ParamError`."""
    if name not in layer.params:
        return None
    return type(layer)(**{**layer.changed(), name: value})


def _shown(value: JSON) -> str:
    if isinstance(value, list | tuple):
        return by(value)
    if isinstance(value, bool):
        return "on" if value else "off"
    return f"{value:g}" if isinstance(value, float) else str(value)


def _middle(project: Project, graph: str, wire: Wire) -> Point:
    """Half-way between the nodes of a wire."""
    positions = project.graphs[graph].layout.positions
    ends = [positions[node] for node in (wire.source.node, wire.target.node) if node in positions]
    if not ends:
        return Point(0.0, 0.0)
    return Point(sum(at.x for at in ends) / len(ends), sum(at.y for at in ends) / len(ends))
