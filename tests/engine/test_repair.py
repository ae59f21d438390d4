"""Repairs: every one that is offered mends the problem it is offered for."""

from __future__ import annotations

from typing import Any

import pytest

from engine.document import edits
from engine.document.project import MAIN, Graph, Node, Point, Project
from engine.infer import infer
from engine.report import Problem, Report
from tests.engine.resnet import chain, conv, graph, project_of


def classifier(*layers: tuple[str, dict[str, Any]]) -> Project:
    """Layers in a row between Fashion-MNIST and a cross-entropy."""
    nodes = [
        Node("data", "data"),
        *(Node(f"l{k}", layer, params) for k, (layer, params) in enumerate(layers)),
    ]
    names = [node.id for node in nodes[1:]]
    wires = ["data.input > l0.input", *chain(*names), f"{names[-1]}.output > loss.logits"]
    return project_of([*nodes, Node("loss", "cross_entropy")], [*wires, "data.target > loss.label"])


def on_noise(shape: list[int], *nodes: Node, wires: tuple[str, ...], **definitions: Graph) -> Project:
    return project_of([Node("a", "noise", {"shape": shape}), *nodes], list(wires), **definitions)


def text(*nodes: Node, wires: tuple[str, ...]) -> Project:
    return project_of([Node("text", "data", {"dataset": "moby-dick"}), *nodes], list(wires))


TEN = ("linear", {"out_features": 10})
FLAT = ("flatten", {})
BAD = graph(
    [conv("conv", "=channels", 9), Node("act", "relu")],
    chain("@in", "conv", "act", "@out"),
    inputs=("x",),
    outputs=("y",),
    parameters={"channels": 4},
)

CASES: dict[str, tuple[Project, str]] = {
    "linear after conv": (
        classifier(("conv2d", {}), ("relu", {}), TEN, ("dropout", {})),
        "Insert Flatten before l2",
    ),
    "maps into a loss": (classifier(("conv2d", {}), ("relu", {})), "Insert Flatten before loss"),
    "too few classes": (
        classifier(FLAT, ("linear", {"out_features": 7}), ("dropout", {})),
        "Set output features to 10 in l1",
    ),
    "kernel too large": (classifier(("conv2d", {"kernel_size": 31}), FLAT, TEN), "Set padding to 2"),
    "groups": (classifier(("conv2d", {"groups": 3}), FLAT, TEN), "Set groups to 1"),
    "rank too high": (classifier(("batch_norm1d", {}), FLAT, TEN), "Insert Flatten"),
    "rank too low": (classifier(FLAT, ("conv2d", {}), FLAT, TEN), "Insert Reshape"),
    "pool padding": (classifier(("max_pool2d", {"padding": 3}), FLAT, TEN), "Set padding to 1"),
    "integers into floats": (text(Node("l", "linear"), wires=("text.input > l.input",)), "Insert Embedding"),
    "vocabulary": (
        text(Node("e", "embedding", {"num_embeddings": 5}), wires=("text.input > e.input",)),
        "Set vocabulary to 81",
    ),
    "two wires": (
        on_noise(
            [8], Node("b", "noise"), Node("r", "relu"), wires=("a.output > r.input", "b.output > r.input")
        ),
        "Remove the wire",
    ),
    "wrong input": (on_noise([8], Node("r", "relu"), wires=("a.output > r.inp",)), "Remove the wire"),
    "wrong output": (on_noise([8], Node("r", "relu"), wires=("a.out > r.input",)), "Remove the wire"),
    "stray wire": (
        on_noise([8], Node("r", "relu"), wires=("a.output > r.input", "b.output > r.input")),
        "Remove the wire",
    ),
    "parameter": (
        on_noise([8], Node("l", "linear", {"out_features": -3}), wires=("a.output > l.input",)),
        "Reset output features to its default",
    ),
    "no such parameter": (
        on_noise([8], Node("l", "linear", {"size": 3}), wires=("a.output > l.input",)),
        "Remove the parameter size",
    ),
    "expression": (
        on_noise([8], Node("l", "linear", {"out_features": "=k +"}), wires=("a.output > l.input",)),
        "Reset output features to its default",
    ),
    "unknown layer": (
        on_noise([3, 8, 8], Node("c", "conv2", {"out_channels": 5}), wires=("a.output > c.input",)),
        "Replace with Conv2d",
    ),
    "missing input": (
        on_noise([8], Node("l", "linear"), Node("m", "relu"), wires=("l.output > m.input",)),
        "Connect the missing input",
    ),
    "loose node": (on_noise([8], Node("l", "linear"), wires=()), "Connect the missing input"),
    "loss without objective": (classifier(FLAT, TEN), "Add an objective"),
    "inside a repeated block": (
        on_noise(
            [3, 8, 8], Node("s", "block", {"definition": "d", "repeat": 2}), wires=("a.output > s.x",), d=BAD
        ),
        "Set kernel size to 8",
    ),
    "placement without a wire": (
        on_noise([3, 20, 20], Node("s", "block", {"definition": "d"}), wires=(), d=BAD),
        "Connect the missing x",
    ),
}


def key(problem: Problem) -> tuple[str, str, str | None, str, str]:
    return problem.graph, problem.node, problem.port, problem.expected, problem.received


def offered(report: Report) -> list[str]:
    return [repair.title for problem in report.problems for repair in problem.repairs]


@pytest.mark.parametrize("case", CASES)
def test_the_repair_is_offered(case: str) -> None:
    project, title = CASES[case]
    assert title in offered(infer(project))


@pytest.mark.parametrize("case", CASES)
def test_after_any_repair_its_problem_is_gone(case: str) -> None:
    project, _ = CASES[case]
    report = infer(project)
    for problem in report.problems:
        for repair in problem.repairs:
            mended = repair.edit(project)
            assert mended is not project
            left = infer(mended, report)
            assert key(problem) not in {key(other) for other in left.problems}, repair.title


def test_repairs_one_after_the_other_make_a_drawing_that_trains() -> None:
    project = classifier(("conv2d", {"kernel_size": 40}), ("relu", {}), ("linear", {"out_features": 3}))
    report = infer(project)
    for _ in range(6):
        repairs = [repair for problem in report.problems for repair in problem.repairs]
        if not repairs:
            break
        project = repairs[0].edit(project)
        report = infer(project, report)
    assert not report.problems
    assert any(node.layer == "objective" for node in project.main.nodes.values())


def test_the_nearest_free_output_that_fits_is_connected() -> None:
    nodes = [
        Node("far", "noise", {"shape": [3, 8, 8]}),
        Node("near", "noise", {"shape": [3, 8, 8]}),
        Node("flat", "noise", {"shape": [9]}),
        Node("conv", "conv2d"),
    ]
    project = project_of(nodes, [])
    project = edits.move(
        project,
        MAIN,
        {"far": Point(0, 0), "near": Point(300, 0), "flat": Point(350, 0), "conv": Point(400, 0)},
    )
    (problem,) = infer(project).problems
    assert problem.severity == "warning"
    mended = problem.repairs[0].edit(project)
    assert [wire.source.node for wire in mended.main.wires] == ["near"]


def test_a_label_is_taken_from_the_data_not_from_the_image() -> None:
    project = classifier(FLAT, TEN)
    project = edits.disconnect(project, MAIN, project.main.wires[-1])
    (problem,) = infer(project).errors
    mended = problem.repairs[0].edit(project)
    assert tuple(mended.main.wires[-1].source) == ("data", "target")


def test_an_inserted_layer_stands_between_its_neighbours() -> None:
    project = classifier(("batch_norm1d", {}), FLAT, TEN)
    project = edits.move(project, MAIN, {"data": Point(0, 0), "l0": Point(200, 100)})
    (problem,) = infer(project).errors
    mended = problem.repairs[0].edit(project)
    (added,) = set(mended.main.nodes) - set(project.main.nodes)
    assert mended.main.layout.positions[added] == Point(100, 50)
