"""Expansion: definitions become flat nodes with the right paths, ends and problems."""

from __future__ import annotations

import msgspec
import pytest

from engine.document import edits
from engine.document.project import MAIN, Graph, Node, Project
from engine.expand import expand
from engine.expand.flat import Expanded, FlatEnd
from tests.engine import resnet
from tests.engine.resnet import chain, graph, project_of


def block(**more: object) -> Graph:
    nodes = [
        Node("conv", "conv2d", {"out_channels": "=channels", "stride": resnet.FIRST_STRIDES}),
        Node("act", "relu"),
    ]
    parameters = {"channels": 8, "stride": 1}
    return graph(
        nodes, chain("@in", "conv", "act", "@out"), inputs=("x",), outputs=("y",), parameters=parameters
    )


def placed(**params: object) -> Project:
    nodes = [
        Node("image", "noise", {"shape": [3, 32, 32]}),
        Node("stage", "block", {"definition": "blk", **params}),
    ]
    return project_of(
        [*nodes, Node("end", "flatten")], ["image.output > stage.x", "stage.y > end.input"], blk=block()
    )


def strides(expanded: Expanded) -> list[tuple[int, ...]]:
    return [flat.layer.values["stride"] for flat in expanded.nodes.values() if "stride" in flat.layer.values]


def test_block_without_repeat_has_the_placement_as_path() -> None:
    found = expand(placed())
    assert list(found.nodes) == ["image", "stage.conv", "stage.act", "end"]
    assert found.nodes["stage.conv"].weight_path == "stage.conv"
    assert found.nodes["stage.conv"].inputs == ((FlatEnd("image", "output"),),)
    assert found.nodes["end"].inputs == ((FlatEnd("stage.act", "output"),),)
    assert not found.problems


def test_repeat_numbers_the_copies_and_strides_only_in_the_first() -> None:
    found = expand(placed(repeat=3, stride=2, channels=5))
    inside = [f"stage.{k}.{name}" for k in range(3) for name in ("conv", "act")]
    assert list(found.nodes) == ["image", *inside, "end"]
    assert strides(found) == [(2, 2), (1, 1), (1, 1)]
    assert found.nodes["stage.1.conv"].inputs == ((FlatEnd("stage.0.act", "output"),),)
    assert {flat.layer.values.get("out_channels", 5) for flat in found.nodes.values()} == {5}


def test_repeat_zero_passes_its_input_through() -> None:
    found = expand(placed(repeat=0))
    assert list(found.nodes) == ["image", "end"]
    assert found.nodes["end"].inputs == ((FlatEnd("image", "output"),),)


def test_placement_parameters_may_be_expressions_of_the_definition_around() -> None:
    outer = graph(
        [Node("inner", "block", {"definition": "blk", "channels": "=2 * width", "repeat": "=i + 1"})],
        ["@in.x > inner.x", "inner.y > @out.y"],
        inputs=("x",),
        outputs=("y",),
        parameters={"width": 4},
    )
    nodes = [Node("image", "noise"), Node("top", "block", {"definition": "outer", "repeat": 2, "width": 7})]
    found = expand(project_of(nodes, ["image.output > top.x"], blk=block(), outer=outer))
    convs = [path for path in found.nodes if path.endswith("conv")]
    assert convs == ["top.0.inner.conv", "top.1.inner.0.conv", "top.1.inner.1.conv"]
    assert {found.nodes[path].layer.values["out_channels"] for path in convs} == {14}


def test_further_inputs_are_passed_to_every_copy() -> None:
    definition = graph(
        [Node("add", "add")],
        ["@in.x > add.input #0", "@in.skip > add.input #1", "add.output > @out.y"],
        inputs=("x", "skip"),
        outputs=("y",),
    )
    nodes = [
        Node("a", "noise"),
        Node("b", "noise"),
        Node("stack", "block", {"definition": "blk", "repeat": 3}),
    ]
    found = expand(project_of(nodes, ["a.output > stack.x", "b.output > stack.skip"], blk=definition))
    assert found.nodes["stack.2.add"].inputs == ((FlatEnd("stack.1.add", "output"), FlatEnd("b", "output")),)


def test_networks_share_one_weight_path() -> None:
    nodes = [Node("image", "noise"), Node("real", "network", {"definition": "blk"})]
    nodes.append(Node("fake", "network", {"definition": "blk"}))
    found = expand(project_of(nodes, ["image.output > real.x", "image.output > fake.x"], blk=block()))
    assert found.nodes["real.conv"].weight_path == found.nodes["fake.conv"].weight_path == "blk.conv"


def test_frozen_placement_freezes_what_is_inside() -> None:
    project = edits.set_frozen(placed(repeat=2), MAIN, ["stage"], True)
    found = expand(project)
    assert [path for path, flat in found.nodes.items() if flat.frozen] == [
        "stage.0.conv",
        "stage.0.act",
        "stage.1.conv",
        "stage.1.act",
    ]


@pytest.mark.parametrize("name", ["stage", "end"])
def test_bypassed_nodes_hand_their_input_on(name: str) -> None:
    project = edits.set_bypassed(placed(), MAIN, [name], True)
    found = expand(project)
    assert not any(path.startswith(name) for path in found.nodes)
    assert found.places[name].bypassed
    if name == "stage":
        assert found.nodes["end"].inputs == ((FlatEnd("image", "output"),),)


def test_variadic_wires_keep_their_order() -> None:
    nodes = [Node(name, "noise") for name in "abc"] + [Node("sum", "add")]
    found = expand(
        project_of(
            nodes, [f"{name}.output > sum.input #{rank}" for name, rank in zip("abc", (2, 0, 1), strict=True)]
        )
    )
    assert [end.path for end in found.nodes["sum"].inputs[0]] == ["b", "c", "a"]


# What is wrong ----------------------------------------------------------------------------------------------


def broken(node: Node, wires: list[str], **definitions: Graph) -> Expanded:
    nodes = [Node("image", "noise"), node, Node("after", "relu"), Node("apart", "relu")]
    return expand(project_of(nodes, ["image.output > apart.input", *wires], **definitions))


CASES = {
    "unknown layer": (
        Node("bad", "conv9"),
        ["image.output > bad.input", "bad.output > after.input"],
        "unknown layer",
    ),
    "missing wire": (Node("bad", "linear"), ["bad.output > after.input"], "no wire"),
    "bad parameter": (Node("bad", "linear", {"out_features": -1}), ["bad.output > after.input"], "from 1 to"),
    "unknown parameter": (Node("bad", "linear", {"width": 1}), ["bad.output > after.input"], "width"),
    "bad expression": (
        Node("bad", "linear", {"out_features": "=nope"}),
        ["bad.output > after.input"],
        "nope",
    ),
    "unknown port": (Node("bad", "relu"), ["image.output > bad.x", "bad.output > after.input"], "'x'"),
    "unknown definition": (Node("bad", "block", {"definition": "none"}), ["bad.y > after.input"], "'none'"),
    "unknown output": (
        Node("bad", "relu"),
        ["image.output > bad.input", "bad.nothing > after.input"],
        "'nothing'",
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_a_broken_node_is_named_and_stops_only_what_hangs_on_it(case: str) -> None:
    node, wires, words = CASES[case]
    found = broken(node, wires)
    assert "apart" in found.nodes
    assert "after" not in found.nodes
    errors = [problem for problem in found.problems if problem.severity == "error"]
    assert len(errors) == 1
    assert words.lower() in (errors[0].message + errors[0].received).lower()


def test_cycles_are_a_problem_and_the_rest_expands() -> None:
    nodes = [
        Node("image", "noise"),
        Node("a", "relu"),
        Node("b", "relu"),
        Node("behind", "relu"),
        Node("c", "relu"),
    ]
    wires = ["a.output > b.input", "b.output > a.input", "b.output > behind.input", "image.output > c.input"]
    found = expand(project_of(nodes, wires))
    assert list(found.nodes) == ["image", "c"]
    assert [problem.received for problem in found.problems] == ["a, b"]


def test_a_definition_inside_itself_is_a_problem() -> None:
    inner = graph(
        [Node("again", "block", {"definition": "blk"})],
        ["@in.x > again.x", "again.y > @out.y"],
        inputs=("x",),
        outputs=("y",),
    )
    found = broken(Node("bad", "block", {"definition": "blk"}), ["image.output > bad.x"], blk=inner)
    assert any("contain themselves" in problem.message for problem in found.problems)


def test_a_problem_inside_repeats_is_told_once() -> None:
    project = placed(repeat=30, channels=-1)
    assert len([problem for problem in expand(project).problems if problem.node == "conv"]) == 1


def test_repeats_inside_repeats_end_in_a_problem_not_in_a_hang(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("engine.expand.expansion.LIMIT", 5_000)
    definitions: dict[str, Graph] = {"d0": block()}
    for k in range(1, 8):
        nodes = [Node("inner", "block", {"definition": f"d{k - 1}", "repeat": 10_000})]
        wires = ["@in.x > inner.x", "inner.y > @out.y"]
        definitions[f"d{k}"] = graph(nodes, wires, inputs=("x",), outputs=("y",))
    nodes = [Node("image", "noise"), Node("top", "block", {"definition": "d7"}), Node("apart", "relu")]
    project = project_of(nodes, ["image.output > top.x", "image.output > apart.input"], **definitions)
    found = expand(project)
    assert 1_000 < len(found.nodes) <= 5_000
    assert "apart" in found.nodes
    assert any("at most 5,000 nodes" in problem.message for problem in found.problems)


# After an edit ----------------------------------------------------------------------------------------------


def same(first: Expanded, second: Expanded) -> bool:
    problems = (
        [(p.path, p.port, p.message) for p in first.problems],
        [(p.path, p.port, p.message) for p in second.problems],
    )
    return first.nodes == second.nodes and first.places == second.places and problems[0] == problems[1]


EDITS = {
    "parameter": lambda p: edits.set_param(p, MAIN, "stage", "channels", 3),
    "repeat": lambda p: edits.set_param(p, MAIN, "stage", "repeat", 5),
    "inside": lambda p: edits.set_param(p, "blk", "conv", "kernel_size", 5),
    "bypass": lambda p: edits.set_bypassed(p, MAIN, ["stage"], True),
    "freeze": lambda p: edits.set_frozen(p, MAIN, ["stage"], True),
    "freeze inside": lambda p: edits.set_frozen(p, "blk", ["act"], True),
    "remove": lambda p: edits.remove_nodes(p, MAIN, ["stage"]),
    "remove and heal": lambda p: edits.remove_and_heal(p, MAIN, ["stage"]),
    "remove inside": lambda p: edits.remove_and_heal(p, "blk", ["act"]),
    "add": lambda p: edits.add_node(p, MAIN, Node("more", "relu"), (0, 0)),
    "disconnect": lambda p: edits.disconnect(p, MAIN, p.main.wires[0]),
    "disconnect inside": lambda p: edits.disconnect(p, "blk", p.graphs["blk"].wires[1]),
    "rename": lambda p: edits.rename_node(p, MAIN, "stage", "body"),
}


@pytest.mark.parametrize("name", EDITS)
def test_going_on_from_an_earlier_expansion_gives_the_same(name: str) -> None:
    before = placed(repeat=3)
    first = expand(before)
    after = EDITS[name](before)
    second = expand(after, first)
    assert same(second, expand(after))
    assert same(expand(before, second), first)


def test_what_an_edit_did_not_touch_is_the_very_same_object() -> None:
    before = resnet.resnet18()
    first = expand(before)
    second = expand(edits.set_param(before, MAIN, "layer4", "width", 256), first)
    assert second.nodes["layer3.1.conv1"] is first.nodes["layer3.1.conv1"]
    assert second.nodes["layer4.1.conv1"] is not first.nodes["layer4.1.conv1"]
    moved = expand(edits.move(before, MAIN, {"fc": (50, 50)}), first)
    assert all(moved.nodes[path] is flat for path, flat in first.nodes.items())


def test_layout_does_not_matter() -> None:
    project = placed()
    bare = msgspec.structs.replace(
        project.main, layout=msgspec.structs.replace(project.main.layout, positions={})
    )
    assert same(
        expand(project), expand(msgspec.structs.replace(project, graphs={**project.graphs, MAIN: bare}))
    )
