"""Random drawings, sound and broken: inference never fails; going on after an edit equals starting anew."""

from __future__ import annotations

import random
from typing import Any

import pytest

from engine.document import edits
from engine.document.project import Graph, Node, Project
from engine.infer import infer
from engine.report import Report
from nodes.param import Bool, Choice, Int, Size
from nodes.registry import REGISTRY
from tests.engine.resnet import graph

DEFINITIONS = ("d0", "d1", "d2")
ODD = (None, -1, 0, 1e9, "x", "=i", "=1/0", [1, 2], {"a": 1}, 2**40, float("nan"))
COMMON = ["noise", "noise", "linear", "relu", "flatten", "block", "network", "conv9"]


def value(declared: object, chance: random.Random) -> Any:
    if chance.random() < 0.15:
        return chance.choice(ODD)
    match declared:
        case Choice(choices=choices):
            return chance.choice(choices)
        case Bool():
            return chance.random() < 0.5
        case Int() | Size():
            return chance.choice((1, 2, 3, 8))
    return declared.default  # type: ignore[attr-defined]


def node(name: str, chance: random.Random) -> Node:
    layer = chance.choice([*REGISTRY, *COMMON])
    declared = REGISTRY[layer].params if layer in REGISTRY and layer != "data" else {}
    params = {key: value(param, chance) for key, param in declared.items() if chance.random() < 0.3}
    if layer in ("block", "network"):
        params = {"definition": chance.choice(DEFINITIONS), **({"repeat": 2} if layer == "block" else {})}
    return Node(name, layer, params, bypassed=chance.random() < 0.08, frozen=chance.random() < 0.1)


def ports(of: Node, *, entering: bool) -> list[str]:
    if of.layer in ("block", "network"):
        return ["x" if entering else "y"]
    if of.layer not in REGISTRY:
        return ["input" if entering else "output"]
    declared = REGISTRY[of.layer]
    return [port.name for port in (declared.inputs if entering else declared.outputs)]


def drawing(size: int, chance: random.Random, **border: Any) -> Graph:
    nodes = [node(f"n{k}", chance) for k in range(size)]
    wires = []
    for k, target in enumerate(nodes):
        for port in ports(target, entering=True):
            for rank in range(chance.choice((0, 1, 1, 1, 2))):
                far = size if chance.random() < 0.05 else max(k, 1)
                source = nodes[chance.randrange(far)]
                out = chance.choice(ports(source, entering=False) or ["output"])
                start = "@in.x" if border and chance.random() < 0.3 else f"{source.id}.{out}"
                wires.append(f"{start} > {target.id}.{port} #{rank}")
    return graph(nodes, [*wires, *([f"n{size - 1}.output > @out.y"] if border else [])], **border)


def project(chance: random.Random) -> Project:
    inside = {
        name: drawing(chance.randrange(1, 6), chance, inputs=("x",), outputs=("y",)) for name in DEFINITIONS
    }
    return Project(graphs={"main": drawing(chance.randrange(1, 20), chance), **inside})


def edited(before: Project, chance: random.Random) -> Project:
    name = chance.choice(list(before.graphs))
    found = before.graphs[name]
    ids = list(found.nodes)
    try:
        match chance.randrange(6):
            case 0:
                return edits.remove_nodes(before, name, [chance.choice(ids)])
            case 1:
                return edits.set_bypassed(before, name, [chance.choice(ids)], chance.random() < 0.5)
            case 2:
                return edits.disconnect(before, name, chance.choice(found.wires))
            case 3:
                return edits.insert_on_wire(
                    before, name, chance.choice(found.wires), Node("new", "tanh"), (0, 0)
                )
            case 4:
                return edits.set_frozen(before, name, [chance.choice(ids)], True)
        source, target = chance.choice(ids), chance.choice(ids)
        return edits.connect(before, name, (source, "output"), (target, "input"), replace=True)
    except (ValueError, IndexError):  # not every edit is possible in every drawing, few in one with a cycle
        return before


def told(report: Report) -> tuple[Any, ...]:
    problems = sorted((p.path, p.port or "", p.message, p.severity) for p in report.problems)
    sums = report.parameters, report.trainable_parameters, report.multiply_adds, report.training_bytes
    return dict(report.nodes), problems, sums, report.outputs


@pytest.mark.parametrize("seed", range(60))
def test_after_random_edits_the_report_is_that_of_a_fresh_look(seed: int) -> None:
    chance = random.Random(seed)
    present = project(chance)
    report = infer(present)
    for _ in range(5):
        present = edited(present, chance)
        report = infer(present, report)
        assert told(report) == told(infer(present))
