"""Parameters of definitions: made, described, renamed, moved, removed, promoted, and what reads them."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from app.forms.declared import params_of
from engine.document import edits
from engine.document.edits import EditError
from engine.document.edits.check import problems_of
from engine.document.edits.extract import extract
from engine.document.own_params import info_of, parameter_names
from engine.document.project import INPUT, MAIN, OUTPUT, Node, ParameterInfo, Project
from engine.document.storage.file import from_bytes, to_bytes
from engine.infer import infer
from nodes.param import Bool, Choice, Float, Int, Shape, Text
from tests.engine.resnet import chain, graph, project_of


@pytest.fixture
def project() -> Project:
    """A block of two convolutions, placed twice: once with its default, once with a value of its own."""
    nodes = [
        Node("first", "conv2d", {"out_channels": "=width", "kernel_size": [1, "=k"]}, when="=width > 0"),
        Node("last", "conv2d", {"out_channels": "=2 * width", "padding": 1}),
    ]
    parameters = {"width": 8, "k": 3}
    part = graph(
        nodes, chain(INPUT, "first", "last", OUTPUT), inputs=("x",), outputs=("y",), parameters=parameters
    )
    around = [
        Node("image", "noise", {"shape": [3, 16, 16]}),
        Node("one", "block", {"definition": "Part"}),
        Node("two", "block", {"definition": "Part", "width": 5}),
        Node("output", "output"),
    ]
    wires = ["image.output > one.x", "one.y > two.x", "two.y > output.input"]
    return project_of(around, wires, Part=part)


def whole(project: Project) -> Project:
    """It is valid, and a file gives it back."""
    assert problems_of(project) == []
    assert to_bytes(from_bytes(to_bytes(project))) == to_bytes(project)
    return project


def cost(project: Project) -> tuple[Any, ...]:
    report = infer(project)
    assert not report.errors, report.errors
    return report.parameters, report.outputs


def test_a_renamed_parameter_is_followed_by_expressions_and_placements(project: Project) -> None:
    made = whole(edits.rename_parameter(project, "Part", "width", "channels"))
    inner = made.graphs["Part"].nodes
    assert inner["first"].params["out_channels"] == "=channels"
    assert inner["first"].when == "=channels > 0"
    assert inner["last"].params["out_channels"] == "=2 * channels"
    assert made.main.nodes["two"].params == {"definition": "Part", "channels": 5}
    assert cost(made) == cost(project)
    kept = edits.rename_parameter(made, "Part", "k", "kernel")
    assert kept.graphs["Part"].nodes["first"].params["kernel_size"] == [1, "=kernel"]
    for name in ("k", "i", "repeat", "for", "3d", "width height"):
        with pytest.raises(EditError):
            edits.rename_parameter(project, "Part", "width", name)


def test_a_removed_parameter_leaves_its_default_behind(project: Project) -> None:
    single = edits.reset_param(project, MAIN, "two", "width")
    made = whole(edits.remove_parameter(project, "Part", "width"))
    inner = made.graphs["Part"].nodes
    assert (inner["first"].params["out_channels"], inner["last"].params["out_channels"]) == (8, 16)
    assert (inner["first"].when, inner["first"].bypassed) == ("", False)
    assert made.main.nodes["two"].params == {"definition": "Part"}
    assert cost(made) == cost(single)


def test_a_parameter_says_what_it_takes_and_placements_keep_to_it(project: Project) -> None:
    info = ParameterInfo("width", "How many channels.", 4, 64)
    made = whole(edits.set_parameter(project, "Part", "width", 16, info))
    declared = params_of(made, made.main.nodes["one"])["width"]
    assert isinstance(declared, Int)
    assert (declared.min, declared.max, declared.default, declared.help) == (4, 64, 16, "How many channels.")
    with pytest.raises(EditError, match="a number from 4 to 64 for width"):
        edits.set_param(made, MAIN, "one", "width", 65)
    with pytest.raises(EditError, match="a number of at least 6"):
        edits.set_parameter(made, "Part", "width", 16, ParameterInfo("width", min=6))  # two has 5
    with pytest.raises(EditError, match="a number of at most 9"):
        edits.set_parameter(made, "Part", "width", 16, ParameterInfo("width", max=9))
    outer = graph([Node("in_it", "block", {"definition": "Part", "width": "=w"})],
                  [f"{INPUT}.x > in_it.x", f"in_it.y > {OUTPUT}.y"],
                  inputs=("x",), outputs=("y",), parameters={"w": 100})  # fmt: skip
    nested = edits.add_definition(made, "Outer", outer)
    nested = edits.set_param(nested, MAIN, "one", "definition", "Outer")
    (problem,) = infer(nested).errors
    assert problem.path == "one.in_it"
    assert "width: Expected a number from 4 to 64. Received 100." in problem.message


@pytest.mark.parametrize(
    ("default", "info", "kind"),
    [
        (True, ParameterInfo("new"), Bool),
        (2, ParameterInfo("new", min=1), Int),
        (0.5, ParameterInfo("new", max=1), Float),
        ([1, 2], ParameterInfo("new"), Shape),
        ("relu", ParameterInfo("new", choices=("relu", "tanh")), Choice),
        ("same", ParameterInfo("new"), Text),
    ],
)
def test_every_kind_of_parameter_has_its_form(
    project: Project, default: Any, info: ParameterInfo, kind: type
) -> None:
    made = whole(edits.add_parameter(project, "Part", "new", default, info))
    assert isinstance(params_of(made, made.main.nodes["one"])["new"], kind)
    assert edits.set_param(made, MAIN, "one", "new", default) == made


def test_their_order_is_the_one_in_which_they_were_put_and_a_file_keeps_it(project: Project) -> None:
    made = edits.add_parameter(project, "Part", "angle", 1)
    assert parameter_names(made.graphs["Part"]) == ("width", "k", "angle")
    made = whole(edits.move_parameter(made, "Part", "angle", 0))
    again = from_bytes(to_bytes(made))
    assert parameter_names(again.graphs["Part"]) == ("angle", "width", "k")
    assert [
        name for name in params_of(again, again.main.nodes["one"]) if name in ("angle", "width", "k")
    ] == [
        "angle",
        "width",
        "k",
    ]


@pytest.mark.parametrize(
    ("info", "words"),
    [
        (ParameterInfo("width", min=9, max=3), "a range from low to high"),
        (ParameterInfo("width", min=True), "numbers as the range"),
        (ParameterInfo("width", min="a"), "numbers as the range"),  # type: ignore[arg-type]
        (ParameterInfo("width", min=9), "a number of at least 9 as the default"),
        (ParameterInfo("width", help="a\nb"), "help of one line"),
        (ParameterInfo("width", choices=("a",)), "choices of a text"),
        (ParameterInfo("depth"), "a parameter of the definition"),
    ],
)
def test_what_a_file_says_of_parameters_is_checked(project: Project, info: ParameterInfo, words: str) -> None:
    part = msgspec.structs.replace(project.graphs["Part"], parameter_info=(info,))
    changed = msgspec.structs.replace(project, graphs={**project.graphs, "Part": part})
    assert words in dict(problems_of(changed))["$.graphs.Part.parameter_info[0]"]


def test_a_promoted_parameter_is_read_and_keeps_value_range_and_help(project: Project) -> None:
    made, name = edits.promote(project, "Part", "last", "padding")
    whole(made)
    assert name == "padding"
    assert made.graphs["Part"].nodes["last"].params["padding"] == "=padding"
    assert made.graphs["Part"].parameters["padding"] == 1
    assert cost(made) == cost(project)
    made, name = edits.promote(made, "Part", "first", "bias")
    assert (name, made.graphs["Part"].parameters["bias"]) == ("bias", True)
    made, name = edits.promote(made, "Part", "first", "padding_mode")
    assert info_of(made.graphs["Part"], name).choices[0] == "zeros"
    made, name = edits.promote(made, "Part", "first", "stride", "pace")
    assert (name, made.graphs["Part"].nodes["first"].params["stride"]) == ("pace", "=pace")
    made, name = edits.promote(made, "Part", "last", "stride", "pace")
    assert name == "pace2"
    assert cost(whole(made)) == cost(project)
    with pytest.raises(EditError, match="It reads parameters of the block already"):
        edits.promote(made, "Part", "first", "out_channels")
    with pytest.raises(EditError, match="Expected a definition"):
        edits.promote(made, MAIN, "image", "shape")
    with pytest.raises(EditError, match="a parameter that a block can have"):
        edits.promote(made, "Part", "first", "nothing")


def test_a_parameter_of_an_inner_placement_is_promoted_too(project: Project) -> None:
    grouped, key = edits_extract(project)
    made, name = edits.promote(grouped, "Outer", key, "width")
    assert made.graphs["Outer"].parameters == {"width": 5}
    assert made.graphs["Outer"].nodes[key].params["width"] == "=width"
    assert cost(whole(made)) == cost(project)
    assert name == "width"


def edits_extract(project: Project) -> tuple[Project, str]:
    made, _ = extract(project, MAIN, ("two",), "Outer")
    return made, "two"
