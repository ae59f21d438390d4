"""Checks of what is drawn: layers, wires, parameters of nodes."""

from __future__ import annotations

import json
from collections.abc import Iterator

from engine.document.project import Graph, Node
from engine.lessons import comparison
from engine.lessons.check import Check, CheckOutcome, Situation, met, missed
from nodes.param import Choice, Int, Text
from nodes.registry import REGISTRY
from nodes.shown_text import quoted


class Layers(Check):
    """Counts the nodes of a layer in the whole project."""

    kind = "layers"
    title = "Number of layers"

    layer = Text("linear", help="The layer as files name it, such as conv2d.")
    comparison = comparison.comparison()
    count = Int(1, max=100_000, help="How many there are to be.")

    def look(self, situation: Situation) -> CheckOutcome:
        found = sum(node.layer == self.layer for _, node in nodes_of(situation))
        title = title_of(self.layer)
        if comparison.holds(found, self.comparison, self.count):
            return met(f"The drawing has {_counted(found, title)}.")
        how = "" if self.comparison == comparison.EQUAL else f"{self.comparison} "
        expected = f"Expected {how}{_counted(self.count, title)}."
        return missed(f"{expected} Received {_counted(found, title)}.")


class Wires(Check):
    """Looks for a wire from one node or layer to another."""

    kind = "wire"
    title = "Wire between nodes"

    source = Text("", help="The name of a node, or its layer, where the wire begins.")
    target = Text("", help="The name of a node, or its layer, where the wire ends.")
    presence = Choice("there", choices=("there", "not there"), help="Whether the wire is to be there.")

    def look(self, situation: Situation) -> CheckOutcome:
        found = any(
            _is_called(graph, wire.source.node, self.source)
            and _is_called(graph, wire.target.node, self.target)
            for graph in situation.project.graphs.values()
            for wire in graph.wires
        )
        between = f"wire from {title_of(self.source)} to {title_of(self.target)}"
        there = f"There is {'a' if found else 'no'} {between}."
        is_met = found == (self.presence == "there")
        return CheckOutcome(is_met, there if is_met else f"Expected {_a(not found)} {between}. {there}")


class NodeParameter(Check):
    """Compares a parameter of a node, or of any node of a layer."""

    kind = "parameter"
    title = "Parameter of a node"

    node = Text("", help="The name of the node, or its layer: then one such node is enough.")
    parameter = Text("", help="The parameter as files name it, such as out_features.")
    comparison = comparison.comparison(comparison.EQUAL)
    value = Text("0", help="The value as files write it: a number, true, false, a word or a list.")

    def look(self, situation: Situation) -> CheckOutcome:
        nodes = [node for name, node in nodes_of(situation) if self.node in (name, node.layer)]
        where = title_of(self.node)
        if not nodes:
            return missed(f"Expected a node {where}. Received a drawing without one.")
        wanted = read_value(self.value)
        found = [_value_of(node, self.parameter) for node in nodes]
        label = _label(nodes[0], self.parameter)
        if any(_compares(value, self.comparison, wanted) for value in found):
            return met(f"{label} of {where} is {_told(wanted, self.comparison)}.")
        received = ", ".join(dict.fromkeys(written(value) for value in found))
        expected = f"Expected {_told(wanted, self.comparison)} as {label} of {where}."
        return missed(f"{expected} Received {received}.")


class Setting(Check):
    """Compares a setting of the runs, such as the batch size."""

    kind = "setting"
    title = "Setting of the runs"

    name = Choice(
        "batch_size",
        choices=("batch_size", "epochs", "seed", "early_stopping"),
        help="The setting.",
    )
    comparison = comparison.comparison(comparison.EQUAL)
    value = Int(64, max=10**9, help="The number.")

    def look(self, situation: Situation) -> CheckOutcome:
        found = getattr(situation.project.settings, self.name)
        name = self.name.replace("_", " ")
        if comparison.holds(found, self.comparison, self.value):
            return met(f"The {name} is {found:,}.")
        wanted = comparison.words(self.comparison, self.value)
        return missed(f"Expected the {name} to be {wanted}. Received {found:,}.")


def nodes_of(situation: Situation) -> Iterator[tuple[str, Node]]:
    """The nodes of all graphs by name."""
    for graph in situation.project.graphs.values():
        yield from graph.nodes.items()


def title_of(name: str) -> str:
    """What people call a layer; the name of a node stays as it is."""
    return REGISTRY.title_of(name) if name in REGISTRY else quoted(name)


def read_value(text: str) -> object:
    """A value as files write it; what is no JSON is a word."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return text


def written(value: object) -> str:
    """A value for a sentence."""
    return quoted(value) if isinstance(value, str) else json.dumps(value)[:80]


def _counted(count: int, title: str) -> str:
    return f"{count:,} {title} node{'' if count == 1 else 's'}" if count else f"no {title} node"


def _a(one: bool) -> str:
    return "a" if one else "no"


def _is_called(graph: Graph, node: str, name: str) -> bool:
    found = graph.nodes.get(node)
    return name in ("", node) or (found is not None and found.layer == name)


def _value_of(node: Node, parameter: str) -> object:
    if parameter in node.params:
        return node.params[parameter]
    declared = REGISTRY[node.layer].params.get(parameter) if node.layer in REGISTRY else None
    return declared.to_json(declared.default) if declared is not None else None


def _label(node: Node, parameter: str) -> str:
    declared = REGISTRY[node.layer].params.get(parameter) if node.layer in REGISTRY else None
    return declared.label if declared is not None else quoted(parameter)


def _compares(value: object, how: str, wanted: object) -> bool:
    if is_number(value) and is_number(wanted):
        return comparison.holds(float(value), how, float(wanted), 1e-9)  # type: ignore[arg-type]
    same = _plain(value) == _plain(wanted)
    return same if how == comparison.EQUAL else False


def is_number(value: object) -> bool:
    """Whether a value of a file is a number; true and false are none."""
    return isinstance(value, int | float) and not isinstance(value, bool)


def _plain(value: object) -> object:
    """Lists of equal numbers stand for one of them, as `[2, 2]` for `2`."""
    if isinstance(value, list | tuple) and value and all(one == value[0] for one in value):
        return value[0]
    return value


def _told(wanted: object, how: str) -> str:
    return written(wanted) if how == comparison.EQUAL else f"{how} {written(wanted)}"
