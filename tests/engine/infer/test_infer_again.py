"""Inference goes on from an earlier report: the same answer, without asking again what is known."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from engine.document import edits
from engine.document.project import MAIN, Node, Project
from engine.infer import infer
from engine.infer.layer import CACHE
from engine.report import Report
from nodes.spec import N, TensorSpec
from tests.engine import resnet
from tests.engine.resnet import chain, graph, project_of
from tests.engine.stacks import lenet


def same(first: Report, second: Report) -> bool:
    told = [
        sorted((p.path, p.port or "", p.message, p.severity) for p in report.problems)
        for report in (first, second)
    ]
    numbers = [
        (r.parameters, r.trainable_parameters, r.multiply_adds, r.training_bytes, r.outputs)
        for r in (first, second)
    ]
    return first.nodes == second.nodes and told[0] == told[1] and numbers[0] == numbers[1]


EDITS = {
    "parameter": lambda p: edits.set_param(p, MAIN, "l0", "out_channels", 9),
    "breaks": lambda p: edits.set_param(p, MAIN, "l2", "kernel_size", 99),
    "bypass": lambda p: edits.set_bypassed(p, MAIN, ["l1"], True),
    "freeze": lambda p: edits.set_frozen(p, MAIN, ["l0"], True),
    "cut": lambda p: edits.disconnect(p, MAIN, p.main.wires[2]),
    "remove": lambda p: edits.remove_and_heal(p, MAIN, ["l3"]),
    "insert": lambda p: edits.insert_on_wire(p, MAIN, p.main.wires[1], Node("t", "tanh"), (0, 0)),
    "move": lambda p: edits.move(p, MAIN, {"l0": (5, 5)}),
    "batch": lambda p: edits.set_settings(p, batch_size=8),
}


@pytest.mark.parametrize("name", EDITS)
def test_going_on_from_an_earlier_report_gives_the_same(name: str) -> None:
    before = lenet(28, 2)
    first = infer(before)
    after = EDITS[name](before)
    second = infer(after, first)
    assert same(second, infer(after))
    assert same(infer(before, second), first)


def test_repeats_are_evaluated_twice_at_most() -> None:
    CACHE.clear()
    definition = graph(
        [Node("conv", "conv2d", {"out_channels": 8, "padding": 1}), Node("act", "relu")],
        chain("@in", "conv", "act", "@out"),
        inputs=("x",),
        outputs=("y",),
    )
    nodes = [
        Node("image", "noise", {"shape": [3, 9, 9]}),
        Node("s", "block", {"definition": "d", "repeat": 36}),
    ]
    report = infer(project_of(nodes, ["image.output > s.x"], d=definition))
    assert report.nodes["s.35.act"] is report.nodes["s.1.act"]
    assert len(CACHE) == 3  # two convolutions, one ReLU


def test_threads_share_what_is_known() -> None:
    CACHE.clear()
    reports: list[Report] = []
    threads = [threading.Thread(target=lambda: reports.append(infer(resnet.resnet18()))) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {report.parameters for report in reports} == {11_689_512}


def test_moving_a_node_costs_nothing() -> None:
    project = lenet(28, 2)
    report = infer(project)
    assert infer(edits.move(project, MAIN, {"l1": (9, 9)}), report) is report


def test_a_data_set_that_appears_is_seen_without_an_edit(tmp_path: Path) -> None:
    file = tmp_path / "table.csv"
    nodes = [Node("data", "data", {"dataset": "csv-file", "path": str(file)}), Node("flat", "flatten")]
    project = project_of(nodes, ["data.input > flat.input"])
    report = infer(project)
    assert report.errors
    file.write_text("a,b,y\n" + "".join(f"{k},{k * 2},{k * 3}\n" for k in range(40)))
    assert infer(project, report).nodes["data"].outputs["input"] == TensorSpec((N, 2))


def nested() -> Project:
    """Two stages of three units that hold a cell each, and one unit besides."""
    cell = graph(
        [Node("conv", "conv2d", {"out_channels": "=width", "padding": 1}), Node("act", "relu")],
        chain("@in", "conv", "act", "@out"),
        inputs=("x",),
        outputs=("y",),
        parameters={"width": 4},
    )
    unit = graph(
        [Node("cell", "block", {"definition": "cell", "width": "=2 + i"}), Node("norm", "batch_norm2d")],
        ["@in.x > cell.x", "cell.y > norm.input", "norm.output > @out.y"],
        inputs=("x",),
        outputs=("y",),
    )
    nodes = [
        Node("image", "noise", {"shape": [3, 9, 9]}),
        Node("first", "block", {"definition": "unit", "repeat": 3}),
        Node("second", "block", {"definition": "unit", "repeat": 3}),
        Node("alone", "block", {"definition": "cell"}),
    ]
    wires = ["image.output > first.x", "first.y > second.x", "second.y > alone.x"]
    return project_of(nodes, wires, unit=unit, cell=cell)


INSIDE = {
    "parameter": lambda p: edits.set_param(p, "cell", "conv", "bias", False),
    "width": lambda p: edits.set_param(p, "cell", "conv", "out_channels", 7),
    "breaks": lambda p: edits.set_param(p, "cell", "conv", "kernel_size", 99),
    "bypass": lambda p: edits.set_bypassed(p, "cell", ["act"], True),
    "cut": lambda p: edits.disconnect(p, "cell", p.graphs["cell"].wires[1]),
    "no way through": lambda p: edits.disconnect(p, "unit", p.graphs["unit"].wires[0]),
    "remove": lambda p: edits.remove_and_heal(p, "cell", ["act"]),
    "freeze": lambda p: edits.set_frozen(p, "unit", ["cell"], True),
    "repeat": lambda p: edits.set_param(p, "unit", "cell", "repeat", 2),
    "left out": lambda p: edits.set_param(p, "unit", "cell", "repeat", 0),
}


@pytest.mark.parametrize("name", INSIDE)
def test_an_edit_inside_a_block_gives_the_same_as_a_fresh_look(name: str) -> None:
    before = nested()
    first = infer(before)
    after = INSIDE[name](before)
    second = infer(after, first)
    assert same(second, infer(after))
    third = INSIDE["parameter"](after)
    assert same(infer(third, second), infer(third))
    assert same(infer(before, second), first)


def test_an_edit_inside_a_block_keeps_the_places_around_it() -> None:
    """Only what the edit changes is looked at again: no placement is expanded or reported anew."""
    before = nested()
    first = infer(before)
    second = infer(edits.set_param(before, "unit", "norm", "momentum", 0.2), first)
    for path in ("first", "second.2.cell", "alone"):
        assert second.nodes[path] is first.nodes[path]
