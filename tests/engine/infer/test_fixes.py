"""Fixes: every one that is offered solves the problem it is offered for."""

from __future__ import annotations

from typing import Any

import pytest

from engine.document import edits
from engine.document.project import MAIN, Graph, Node, Point, Project
from engine.infer import infer
from engine.report import Problem, Report
from tests.drawings import gan
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


def learning(objective: dict[str, Any]) -> Project:
    """A classifier with an objective."""
    project = classifier(FLAT, TEN)
    project = edits.add_node(project, MAIN, Node("objective", "objective", objective), (0, 0))
    return edits.connect(project, MAIN, ("loss", "loss"), ("objective", "loss"))


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
    "a search on several batches": (
        learning({"optimiser": "lbfgs", "accumulate": 2}),
        "Set accumulate to 1",
    ),
    "a search at several rates": (
        learning({"optimiser": "lbfgs", "rate_factors": "l1: 0.1"}),
        "Empty rate factors",
    ),
}


def joined(layer: str, *shapes: list[int], **params: Any) -> Project:
    """Noise of these shapes into one variadic layer."""
    nodes = [Node(f"n{k}", "noise", {"shape": shape}) for k, shape in enumerate(shapes)]
    wires = [f"n{k}.output > join.input" for k in range(len(shapes))]
    made = project_of([*nodes, Node("join", layer, params)], [])
    for wire in wires:
        source, target = (part.strip().split(".") for part in wire.split(">"))
        made = edits.connect(made, MAIN, (source[0], source[1]), (target[0], target[1]))
    return made


def compared(shape: list[int], *layers: Node, target: list[int]) -> Project:
    """Layers in a row on noise of a shape, and how far what leaves is from other noise."""
    names = ["a", *(node.id for node in layers), "loss"]
    wires = [*chain(*names[:-1]), f"{names[-2]}.output > loss.prediction", "goal.output > loss.target"]
    goal = Node("goal", "noise", {"shape": target})
    return on_noise(shape, goal, *layers, Node("loss", "mse"), wires=tuple(wires))


FITTING: dict[str, tuple[Project, str]] = {
    "shortcut with other channels": (joined("add", [16, 8, 8], [8, 8, 8]), "Insert Conv2d"),
    "shortcut with a stride": (joined("add", [16, 4, 4], [8, 8, 8]), "Insert Conv2d"),
    "shortcut of the third wire": (joined("add", [16, 7, 7], [16, 7, 7], [8, 13, 13]), "Insert Conv2d"),
    "shortcut from smaller maps": (joined("add", [8, 16, 16], [4, 4, 4]), "Insert ConvTranspose2d"),
    "sum of smaller maps": (joined("add", [8, 16, 16], [8, 8, 8]), "Insert Upsample"),
    "sum of larger maps": (joined("add", [8, 4, 4], [8, 8, 8]), "Insert MaxPool2d"),
    "product of rows": (joined("multiply", [16], [9]), "Insert Linear"),
    "row and maps": (joined("add", [128], [8, 4, 4]), "Insert Flatten"),
    "up path one short": (joined("concat", [8, 15, 15], [8, 14, 14]), "Insert Pad"),
    "up path not yet up": (joined("concat", [8, 16, 16], [8, 8, 8]), "Insert Upsample"),
    "branch not yet pooled": (joined("concat", [8, 8, 8], [8, 16, 16]), "Insert MaxPool2d"),
    "maps beside a row": (joined("concat", [10], [8, 4, 4]), "Insert Flatten"),
    "joined along the wrong dimension": (joined("concat", [8, 4], [8, 6]), "Set dimension to 2"),
    "too few numbers": (
        compared([8], Node("l", "linear", {"out_features": 3}), target=[5]),
        "Set output features to 5 in l",
    ),
    "numbers for an image": (
        compared([8], Node("l", "linear", {"out_features": 3}), target=[1, 6, 6]),
        "Set output features to 36 in l",
    ),
    "a row for an image": (
        compared([8], Node("l", "linear", {"out_features": 36}), target=[1, 6, 6]),
        "Insert Reshape",
    ),
    "channels of an image": (
        compared([4, 6, 6], conv("c", 8, 1), target=[1, 6, 6]),
        "Set output channels to 1 in c",
    ),
    "half an image": (compared([4, 6, 6], conv("c", 1, 1), target=[1, 12, 12]), "Insert Upsample"),
}
CASES |= FITTING


def key(problem: Problem) -> tuple[str, str, str | None, str, str]:
    return problem.graph, problem.node, problem.port, problem.expected, problem.received


def offered(report: Report) -> list[str]:
    return [fix.title for problem in report.problems for fix in problem.fixes]


@pytest.mark.parametrize("case", CASES)
def test_the_fix_is_offered(case: str) -> None:
    project, title = CASES[case]
    assert title in offered(infer(project))


@pytest.mark.parametrize("case", CASES)
def test_after_any_fix_its_problem_is_gone(case: str) -> None:
    project, _ = CASES[case]
    report = infer(project)
    for problem in report.problems:
        for fix in problem.fixes:
            fixed = fix.edit(project)
            assert fixed is not project
            left = infer(fixed, report)
            assert key(problem) not in {key(other) for other in left.problems}, fix.title


def test_a_softmax_too_many_is_warned_of_and_removed() -> None:
    project = classifier(FLAT, TEN, ("softmax", {}), ("dropout", {}))
    report = infer(project)
    (problem,) = [p for p in report.problems if p.node == "loss" and p.received.startswith("those of")]
    assert problem.severity == "warning"
    fixed = problem.fixes[0].edit(project)
    assert problem.fixes[0].title.startswith("Remove ")
    assert "l2" not in fixed.main.nodes
    assert not [p for p in infer(fixed, report).problems if p.received.startswith("those of")]


def test_probabilities_that_are_read_elsewhere_stay() -> None:
    project = classifier(FLAT, TEN, ("softmax", {}))
    project = edits.add_node(project, MAIN, Node("out", "output"), (0, 0))
    project = edits.connect(project, MAIN, ("l2", "output"), ("out", "input"))
    (problem,) = [p for p in infer(project).problems if p.received.startswith("those of")]
    fixed = problem.fixes[0].edit(project)
    assert problem.fixes[0].title == "Wire the scores before Softmax"
    into = {wire.target: wire.source.node for wire in fixed.main.wires}
    assert (into["loss", "logits"], into["out", "input"]) == ("l1", "l2")


def trained(updates: str) -> Project:
    project = classifier(FLAT, TEN)
    project = edits.add_node(project, MAIN, Node("adam", "objective", {"updates": updates}), (0, 0))
    return edits.connect(project, MAIN, ("loss", "loss"), ("adam", "loss"))


@pytest.mark.parametrize("updates", ["", "l1", " l1 ,", "l1.weight", "l1.weight, l1.bias"])
def test_objectives_that_update_something_are_sound(updates: str) -> None:
    assert not infer(trained(updates)).problems


@pytest.mark.parametrize(
    ("updates", "title", "left"),
    [
        ("ghost", "Update all weights above its loss", ""),
        ("l0", "Update all weights above its loss", ""),
        ("l1.wait", "Update all weights above its loss", ""),
        ("l1, ghost", "Take ghost out of what it updates", "l1"),
    ],
)
def test_an_objective_that_names_nothing_is_told(updates: str, title: str, left: str) -> None:
    project = trained(updates)
    (problem,) = infer(project).errors
    assert (problem.node, problem.fixes[0].title) == ("adam", title)
    assert "paths with weights to update (l1)" in problem.message
    fixed = problem.fixes[0].edit(project)
    assert fixed.main.nodes["adam"].params.get("updates", "") == left
    assert not infer(fixed).errors


def test_a_removed_node_leaves_no_name_behind_unseen() -> None:
    project = classifier(FLAT, ("linear", {"out_features": 10}), ("dropout", {}))
    project = edits.add_node(project, MAIN, Node("adam", "objective", {"updates": "l1"}), (0, 0))
    project = edits.connect(project, MAIN, ("loss", "loss"), ("adam", "loss"))
    errors = infer(edits.remove_nodes(project, MAIN, ["l1"])).problems
    assert not infer(project).errors
    assert any(problem.received for problem in errors)


def test_an_objective_may_not_update_only_frozen_weights() -> None:
    project = edits.set_frozen(trained("l1"), MAIN, ["l1"], True)
    assert [problem.received for problem in infer(project).errors] == ["only frozen ones"]


def test_batch_norm_of_a_single_value_is_told() -> None:
    project = edits.set_settings(classifier(FLAT, ("batch_norm1d", {}), TEN), batch_size=1)
    (problem,) = [p for p in infer(project).errors if p.node == "l1"]
    fixed = problem.fixes[0].edit(project)
    assert fixed.settings.batch_size == 32
    assert not infer(fixed).errors
    maps = edits.set_settings(classifier(("batch_norm2d", {}), FLAT, TEN), batch_size=1)
    assert not infer(maps).errors  # an image has values enough


def test_fixes_one_after_the_other_make_a_drawing_that_trains() -> None:
    project = classifier(("conv2d", {"kernel_size": 40}), ("relu", {}), ("linear", {"out_features": 3}))
    report = infer(project)
    for _ in range(6):
        fixes = [fix for problem in report.problems for fix in problem.fixes]
        if not fixes:
            break
        project = fixes[0].edit(project)
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
    fixed = problem.fixes[0].edit(project)
    assert [wire.source.node for wire in fixed.main.wires] == ["near"]


def test_a_label_is_taken_from_the_data_not_from_the_image() -> None:
    project = classifier(FLAT, TEN)
    project = edits.disconnect(project, MAIN, project.main.wires[-1])
    (problem,) = infer(project).errors
    fixed = problem.fixes[0].edit(project)
    assert tuple(fixed.main.wires[-1].source) == ("data", "target")


def test_an_inserted_layer_stands_between_its_neighbours() -> None:
    project = classifier(("batch_norm1d", {}), FLAT, TEN)
    project = edits.move(project, MAIN, {"data": Point(0, 0), "l0": Point(200, 100)})
    (problem,) = infer(project).errors
    fixed = problem.fixes[0].edit(project)
    (added,) = set(fixed.main.nodes) - set(project.main.nodes)
    assert fixed.main.layout.positions[added] == Point(100, 50)


def test_a_loss_that_nothing_reads_is_told_beside_the_objectives_that_could() -> None:
    """The second loss of a drawing is forgotten easily; alone it changes nothing."""
    drawn = gan()
    (forgotten,) = [wire for wire in drawn.main.wires if wire.source.node == "fake_loss"]
    project = edits.disconnect(drawn, MAIN, forgotten)
    (told,) = infer(project).problems
    assert (told.node, told.severity) == ("fake_loss", "warning")
    assert told.message.endswith(
        "Expected an objective that makes this loss smaller. Received none: nothing reads it."
    )
    titles = [fix.title for fix in told.fixes]
    assert titles == ["Wire it into judging", "Wire it into making", "Add an objective"]
    for fix in told.fixes:
        assert not infer(fix.edit(project)).problems
    assert set(told.fixes[0].edit(project).main.wires) == set(drawn.main.wires)


def test_a_network_without_a_loss_is_told_where_it_stands() -> None:
    inner = graph([Node("l", "linear")], chain("@in", "l", "@out"), inputs=("x",), outputs=("y",))
    net = Node("net", "network", {"definition": "Net"})
    (told,) = infer(on_noise([4], net, wires=("a.output > net.x",), Net=inner)).problems
    assert (told.graph, told.node, told.path) == (MAIN, "net", "net")
    assert told.message == (
        "Network: Expected a loss and an objective. Received none: nothing is trained. "
        "Wire a loss behind it, and an Objective."
    )


def test_a_missing_input_is_connected_to_the_output_of_its_name() -> None:
    """Codes of one shape fit everywhere; only the name tells the variance from the mean and the sample."""
    inner = graph(
        [Node("m", "linear"), Node("v", "linear")],
        ["@in.x > m.input", "@in.x > v.input", "m.output > @out.mu", "v.output > @out.log_variance"],
        inputs=("x",),
        outputs=("mu", "log_variance"),
    )
    nodes = [Node("code", "network", {"definition": "Code"}), Node("sample", "reparameterise")]
    wires = ["a.output > code.x", "code.mu > sample.mean", "code.log_variance > sample.log_variance"]
    project = on_noise(
        [4], *nodes, Node("kl", "kl_divergence"), wires=(*wires, "code.mu > kl.mean"), Code=inner
    )
    places = {"code": (0.0, 0.0), "sample": (900.0, 0.0), "kl": (900.0, 90.0)}
    project = edits.move(project, MAIN, places)
    (missing,) = (problem for problem in infer(project).problems if problem.node == "kl")
    fixed = missing.fixes[0].edit(project)
    (wire,) = set(fixed.main.wires) - set(project.main.wires)
    assert (wire.source.node, wire.source.port) == ("code", "log_variance")
