"""Expressions in parameters, in items of lists, in what a placement passes on, and as conditions of nodes."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest
import torch

from engine.compile import compile as compile_project
from engine.document import edits
from engine.document.edits import EditError
from engine.document.edits.check import problems_of
from engine.document.edits.extract import extract
from engine.document.edits.unpack import unpack
from engine.document.project import INPUT, MAIN, OUTPUT, Graph, Node, Project
from engine.document.storage.file import ProjectFileError, from_bytes, to_bytes
from engine.expand import expand
from engine.infer import infer
from tests.engine.resnet import chain, graph, project_of


def part(nodes: list[Node], ids: tuple[str, ...], **parameters: Any) -> Graph:
    """A definition of a chain, from `x` to `y`."""
    return graph(nodes, chain(INPUT, *ids, OUTPUT), inputs=("x",), outputs=("y",), parameters=parameters)


def around(inner: Node, **parameters: Any) -> Graph:
    """A definition that holds one placement."""
    wires = [f"{INPUT}.x > inner.x", f"inner.y > {OUTPUT}.y"]
    return graph([inner], wires, inputs=("x",), outputs=("y",), parameters=parameters)


def placed(definition: Graph, shape: list[int], **params: Any) -> Project:
    nodes = [
        Node("image", "noise", {"shape": shape}),
        Node("part", "block", {"definition": "Part", **params}),
        Node("output", "output"),
    ]
    wires = ["image.output > part.x", "part.y > output.input"]
    return project_of(nodes, wires, Part=definition)


def shape_of(project: Project, path: str) -> tuple[Any, ...]:
    report = infer(project)
    assert not report.errors, [problem.message for problem in report.errors]
    return next(iter(report.nodes[path].outputs.values())).features


def test_an_item_of_a_list_may_be_an_expression() -> None:
    conv = Node(
        "conv", "conv2d", {"out_channels": "=2 * k", "kernel_size": [1, "=k"], "padding": [0, "=k // 2"]}
    )
    fold = Node("fold", "reshape", {"shape": ["=t", "=2 * k * 64 // t"]})
    project = placed(part([conv, fold], ("conv", "fold"), k=3, t=4), [3, 8, 8])
    assert problems_of(project) == []
    assert shape_of(project, "part.conv") == (6, 8, 8)
    assert shape_of(project, "part") == (4, 96)
    assert shape_of(edits.set_param(project, MAIN, "part", "k", 5), "part.conv") == (10, 8, 8)
    assert to_bytes(from_bytes(to_bytes(project))) == to_bytes(project)


def test_a_definition_may_have_lists_whose_items_are_read_by_their_place() -> None:
    nodes = [
        Node("first", "conv2d", {"out_channels": "=channels[0]", "kernel_size": "=kernel"}),
        Node("last", "conv2d", {"out_channels": "=channels[-1] + len(channels) + max(channels)"}),
    ]
    definition = part(nodes, ("first", "last"), channels=[4, 6], kernel=[1, 3])
    project = placed(definition, [3, 8, 8])
    assert shape_of(project, "part.first") == (4, 8, 6)
    assert shape_of(project, "part.last")[0] == 6 + 2 + 6
    project = edits.set_param(project, MAIN, "part", "channels", [7, 8, 9])
    assert shape_of(project, "part.first")[0] == 7
    inner = Node("inner", "block", {"definition": "Part", "channels": [5, "=wide * 2"]})
    outer = around(inner, wide=10)
    nested = Project(graphs={**project.graphs, "Outer": outer})
    nested = edits.set_param(
        edits.reset_param(nested, MAIN, "part", "channels"), MAIN, "part", "definition", "Outer"
    )
    assert shape_of(nested, "part.inner.last")[0] == 20 + 2 + 20


def test_a_node_is_there_only_where_its_condition_holds() -> None:
    nodes = [Node("project", "conv2d", {"out_channels": 6}, when="=i == 0"), Node("relu", "relu")]
    project = placed(part(nodes, ("project", "relu"), kernel=3), [3, 8, 8], repeat=3)
    nodes_of = expand(project).nodes
    assert [path for path in nodes_of if path.endswith("project")] == ["part.0.project"]
    assert infer(project).parameters == 6 * 3 * 9 + 6
    plan = compile_project(project, seed=0)
    assert {name.rpartition(".")[0] for name in plan.model.state_dict()} == {"part.0.project"}
    assert problems_of(project) == []
    assert to_bytes(from_bytes(to_bytes(project))) == to_bytes(project)


def test_a_condition_that_has_no_value_is_told_at_its_node_and_can_be_removed() -> None:
    nodes = [Node("project", "conv2d", {"out_channels": 6}, when="=1 // i == 0"), Node("relu", "relu")]
    project = placed(part(nodes, ("project", "relu")), [3, 8, 8])
    (problem,) = infer(project).errors
    assert (problem.graph, problem.node, problem.path) == ("Part", "project", "part.project")
    assert "when: Expected a divisor other than 0. Received `1 // i`." in problem.message
    (fix,) = problem.fixes
    assert fix.title == "Remove the condition"
    assert not infer(fix.edit(project)).errors


def test_edits_set_and_refuse_conditions() -> None:
    project = placed(part([Node("relu", "relu")], ("relu",), wide=True), [3, 8, 8])
    made = edits.set_condition(project, "Part", ("relu",), "=wide and i < 2")
    assert made.graphs["Part"].nodes["relu"].when == "=wide and i < 2"
    assert edits.set_condition(made, "Part", ("relu",), "") == project
    for text in ("wide", "=deep", "=wide +", "=" + "(" * 50):
        with pytest.raises(EditError, match=r"Expected .* Received"):
            edits.set_condition(project, "Part", ("relu",), text)
    with pytest.raises(EditError, match="main has none"):
        edits.set_condition(project, MAIN, ("image",), "=wide")


def test_grouping_and_ungrouping_take_expressions_of_lists_and_conditions_along() -> None:
    conv = Node("conv", "conv2d", {"out_channels": 4, "kernel_size": [1, "=k"]}, when="=i < 2")
    project = placed(part([conv, Node("relu", "relu")], ("conv", "relu"), k=3), [3, 9, 9], repeat=3)
    before = infer(project)
    grouped, key = extract(project, "Part", ("conv",), "Inner")
    inner = grouped.graphs["Inner"]
    assert inner.parameters == {"k": 3, "index": 0}
    assert inner.nodes["conv"].when == "=index < 2"
    after = infer(grouped)
    assert (after.parameters, after.outputs) == (before.parameters, before.outputs)
    back, ids = unpack(grouped, "Part", key)
    assert ids == {"conv"}
    assert infer(back).outputs == before.outputs
    assert infer(back).parameters == before.parameters
    single = edits.reset_param(project, MAIN, "part", "repeat")
    flat, _ = unpack(single, MAIN, "part")
    assert (flat.main.nodes["conv"].when, flat.main.nodes["conv"].bypassed) == ("", False)
    assert flat.main.nodes["conv"].params["kernel_size"] == [1, 3]


def test_copies_take_their_values_along_where_names_are_not_known() -> None:
    conv = Node("conv", "conv2d", {"kernel_size": [1, "=k"]}, when="=k > 5")
    project = placed(part([conv], ("conv",), k=5), [3, 9, 9])
    pasted, ids = edits.paste(project, MAIN, edits.copy_fragment(project, "Part", ("conv",)), (0, 0))
    node = pasted.main.nodes[next(iter(ids))]
    assert (node.params["kernel_size"], node.when, node.bypassed) == ([1, 5], "", True)


# What is refused -------------------------------------------------------------------------------------

HOSTILE = (
    "=1 // 0",
    "=1 / i",
    "=" + "9" * 1_000_000,
    "=" + "(" * 100_000,
    "=9 ** 9 ** 9 ** 9",
    "=__import__('os').getcwd()",
    "=(lambda: 0)()",
    "=[k] * 10 ** 9",
    "='a' * 10 ** 9",
    "=k[10 ** 9]",
    "=sum(k)",
    "=max(k for k in k)",
    "=nobody",
    "=\0",
    "=\ud800",
)


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
@pytest.mark.parametrize("place", ["parameter", "item", "passed", "passed item", "condition", "repeat"])
def test_what_is_no_number_is_refused_in_a_sentence_wherever_it_stands(place: str, text: str) -> None:
    conv = Node("conv", "conv2d", {"out_channels": 4})
    definition = part([conv, Node("relu", "relu")], ("conv", "relu"), k=3, list=[1, 2])
    outer = around(Node("inner", "block", {"definition": "Part"}), k=3, list=[1, 2])
    project = placed(outer, [3, 8, 8])
    project = Project(graphs={MAIN: project.main, "Outer": outer, "Part": definition})
    project = edits.set_param(project, MAIN, "part", "definition", "Outer")
    edit = {
        "parameter": lambda: edits.set_param(project, "Part", "conv", "out_channels", text),
        "item": lambda: edits.set_param(project, "Part", "conv", "kernel_size", [1, text]),
        "passed": lambda: edits.set_param(project, "Outer", "inner", "k", text),
        "passed item": lambda: edits.set_param(project, "Outer", "inner", "list", [1, text]),
        "condition": lambda: edits.set_condition(project, "Part", ("conv",), text),
        "repeat": lambda: edits.set_param(project, "Outer", "inner", "repeat", text),
    }[place]
    started = time.thread_time()
    try:
        made = edit()
    except EditError as error:
        said = str(error)
    else:
        said = " ".join(problem.message for problem in infer(made).problems)
        if text in ("=1 / i", "=1 // 0") and place.startswith("passed"):
            assert said, "it is worked out though nothing reads it"
    assert time.thread_time() - started < 1.0
    assert "Expected " in said
    assert "Received " in said
    assert len(said) < 3000


def test_an_endless_amount_of_expressions_ends_in_a_sentence() -> None:
    text = "=max(" + ", ".join(["i % 7 + 1"] * 45) + ")"
    conv = {
        "out_channels": text,
        "kernel_size": [text, text],
        "stride": text,
        "padding": text,
        "dilation": text,
    }
    nodes = [Node(f"conv{k}", "conv2d", conv) for k in range(2)]
    project = placed(part(nodes, ("conv0", "conv1")), [3, 8, 8], repeat=9000)
    assert problems_of(project) == []
    started = time.thread_time()
    report = infer(project)
    assert time.thread_time() - started < 5.0
    assert any("expressions of at most 4,000,000 characters" in p.message for p in report.problems)


def test_more_expressions_than_a_list_may_have_are_refused() -> None:
    fold = Node("fold", "reshape", {"shape": [8, 24]})
    project = placed(part([fold], ("fold",), k=3), [3, 8, 8])
    with pytest.raises(EditError, match="at most 64 expressions in one list"):
        edits.set_param(project, "Part", "fold", "shape", ["=k"] * 65)
    with pytest.raises(EditError, match="a list of at least 0 whole numbers"):
        edits.set_param(project, "Part", "fold", "shape", ["=k", "k"])


@pytest.mark.parametrize("repeat", [10**9, "=10 ** 9", "=k * 10 ** 9"])
def test_a_thousand_million_repeats_are_refused(repeat: Any) -> None:
    inner = part([Node("relu", "relu")], ("relu",), k=1)
    outer = around(Node("inner", "block", {"definition": "Part"}), k=1)
    project = placed(outer, [3, 8, 8])
    project = Project(graphs={MAIN: project.main, "Outer": outer, "Part": inner})
    project = edits.set_param(project, MAIN, "part", "definition", "Outer")
    try:
        made = edits.set_param(project, "Outer", "inner", "repeat", repeat)
    except EditError as error:
        said = str(error)
    else:
        (said,) = [problem.message for problem in infer(made).errors]
    assert "Expected a whole number from 0 to 10,000" in said


def test_a_definition_that_contains_itself_is_refused() -> None:
    project = placed(part([Node("relu", "relu")], ("relu",)), [3, 8, 8])
    with pytest.raises(EditError, match="A definition cannot place itself"):
        edits.add_node(project, "Part", Node("again", "block", {"definition": "Part"}), (0, 0))


def test_values_are_the_same_whether_a_parameter_or_a_number_says_them() -> None:
    conv = Node("conv", "conv2d", {"out_channels": "=c[1]", "kernel_size": [1, "=k"]})
    read = placed(part([conv], ("conv",), k=3, c=[2, 5]), [3, 8, 8])
    plain = placed(
        part([Node("conv", "conv2d", {"out_channels": 5, "kernel_size": [1, 3]})], ("conv",)), [3, 8, 8]
    )
    ours, theirs = compile_project(read, seed=3).model, compile_project(plain, seed=3).model
    image = torch.randn(2, 3, 8, 8)
    assert torch.equal(ours.get_submodule("part.conv")(image), theirs.get_submodule("part.conv")(image))


@pytest.mark.parametrize(
    ("place", "value", "words"),
    [
        ("when", "=" + "9" * 10**6, "text of at most 100000 characters"),
        ("when", "i == 0", "an expression that starts with ="),
        ("when", ["=i"], "text"),
        ("when", "=__import__('os')", "numbers, names"),
        ("when", "=" + "(" * 400, "at most 40 brackets inside each other"),
        ("params", {"kernel_size": ["=" + "9" * 10**6, 1]}, "text of at most 100000 characters"),
        ("params", {"kernel_size": ["=k"] * 10**5}, "at most 64 expressions in one list"),
        ("params", {"kernel_size": ["=k", "=k", "=k"]}, "a whole number"),
        ("params", {"kernel_size": ["=nobody", 1]}, "an expression over the definition's parameters"),
    ],
)
def test_a_file_with_a_strange_expression_is_refused_in_a_sentence(
    place: str, value: Any, words: str
) -> None:
    conv = {"layer": "conv2d", "params": {}, place: value}
    part = {"nodes": {"conv": conv}, "parameters": {"k": 3}}
    text = json.dumps({"format": 2, "name": "x", "graphs": {"main": {}, "Part": part}})
    started = time.thread_time()
    with pytest.raises(ProjectFileError) as told:
        from_bytes(text.encode())
    assert time.thread_time() - started < 2.0
    ((path, sentence),) = told.value.problems
    assert path.startswith("$.graphs.Part.nodes.conv.")
    assert words in sentence
