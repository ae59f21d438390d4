"""Defaults, ranges and limits are told in one place; forms, options and sentences follow from it."""

from __future__ import annotations

import ast
import inspect
import re
from collections.abc import Iterator
from typing import Any

import pytest

from app.cli import sample, train  # noqa: F401 - importing them adds their commands
from app.cli.application import main
from engine.compile import compile  # noqa: A004
from engine.document import edits, settings
from engine.document.edits.check import problems_of
from engine.document.edits.editing import DEEPEST, EditError
from engine.document.project import MAIN, Graph, Node, Project, Settings
from engine.document.settings import SETTINGS
from engine.expand import expand
from nodes.param import Int
from nodes.training.sampler import Sampler
from tests.drawings import chain, graph
from tests.test_house import modules

OPTIONS: dict[tuple[str, str], Any] = {
    ("train", "epochs"): SETTINGS["epochs"],
    ("train", "seed"): SETTINGS["seed"],
    ("resume", "epochs"): SETTINGS["epochs"],
    ("sample", "seed"): Sampler.params["seed"],
}


def test_every_setting_has_a_declaration_with_the_default_of_a_new_project() -> None:
    assert list(SETTINGS) == list(Settings.__struct_fields__)
    assert {name: param.default for name, param in SETTINGS.items()} == {
        name: getattr(Settings(), name) for name in SETTINGS
    }


def test_no_declaration_of_a_setting_repeats_the_default() -> None:
    form = ast.parse(inspect.getsource(settings.SettingsForm))
    calls = [node.value for node in ast.walk(form) if isinstance(node, ast.Assign)]
    first = [call.args[0] for call in calls if isinstance(call, ast.Call)]
    assert len(first) == len(SETTINGS)
    assert [ast.unparse(value) for value in first if not isinstance(value, ast.Attribute)] == []


@pytest.mark.parametrize(("command", "option"), OPTIONS)
def test_an_option_takes_what_the_declaration_takes(
    capsys: pytest.CaptureFixture[str], command: str, option: str
) -> None:
    declared = OPTIONS[command, option]
    assert isinstance(declared, Int)
    said = []
    for value in (declared.min - 1, declared.min, declared.max, declared.max + 1):
        assert main([command, "nowhere.loom", f"--{option}", str(value)]) == 2  # there is no such file
        said.append(capsys.readouterr().err)
    assert f"--{option}'" in said[0]
    assert f"equal to {declared.min}." in said[0]
    assert "--" not in said[1]
    assert said[1] == said[2]
    assert f"equal to {declared.max}." in said[3]


def sentences() -> Iterator[tuple[str, str]]:
    """Every text of the document's rooms that is no docstring: the module and the text."""
    for name, path in modules().items():
        if not name.startswith(("engine.document", "engine.expand")):
            continue
        tree = ast.parse(path.read_text("utf-8"))
        plain = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
        for node in ast.walk(tree):
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in plain:
                yield name, node.value


def test_no_sentence_spells_a_limit_out() -> None:
    spelt = [
        (name, text) for name, text in sentences() if re.search(r"(at most|up to|more than) [1-9]", text)
    ]
    assert spelt == []


def nested(depth: int) -> Project:
    """A classifier whose first layer lies inside so many definitions."""
    project = chain({"dataset": "digits"}, [("front", "block"), ("linear", "linear", {"out_features": 10})])
    through = {"inputs": ("x",), "outputs": ("y",)}
    parts = {"d1": graph([("inner", "flatten")], ["@in.x -> inner.input", "inner -> @out.y"], **through)}
    for number in range(2, depth + 1):
        step = ("inner", "block", {"definition": f"d{number - 1}"})
        parts[f"d{number}"] = graph([step], ["@in.x -> inner.x", "inner.y -> @out.y"], **through)
    main = project.main
    nodes = {**main.nodes, "front": Node("front", "block", {"definition": f"d{depth}"})}
    wires = tuple(
        type(wire)(
            wire.source._replace(port="y") if wire.source.node == "front" else wire.source,
            wire.target._replace(port="x") if wire.target.node == "front" else wire.target,
            wire.order,
        )
        for wire in main.wires
    )
    return Project(graphs={MAIN: Graph(nodes, wires), **parts})


def test_a_drawing_as_deep_as_may_be_drawn_runs() -> None:
    project = nested(DEEPEST)
    assert problems_of(project) == []
    assert expand(project).problems == ()
    assert compile(project).objectives


def test_one_deeper_is_refused_everywhere_in_the_same_words() -> None:
    words = f"Expected at most {DEEPEST} definitions inside each other."
    project = nested(DEEPEST + 1)
    assert [sentence.startswith(words) for _, sentence in problems_of(project)] == [True]
    assert any(words in problem.message for problem in expand(project).problems)
    with pytest.raises(EditError, match=words):
        edits.add_node(project, MAIN, Node("more", "block", {"definition": "d1"}), (0, 0))
