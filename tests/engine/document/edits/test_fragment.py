"""Copies carry their wires and definitions, get ids of their own, and hostile clipboards are refused."""

from __future__ import annotations

import json

import pytest

from engine.document import edits
from engine.document.edits import EditError
from engine.document.edits.check import problems_of
from engine.document.project import MAIN, Graph, Node, Project
from tests.engine.document.drawing import sample


def copied(project: Project, *ids: str, graph: str = MAIN):
    return edits.fragment_from_text(edits.fragment_to_text(edits.copy_fragment(project, graph, ids)))


def test_copies_have_the_wires_between_them_and_new_ids() -> None:
    project = sample()
    pasted, ids = edits.paste(project, MAIN, copied(project, "flatten1", "linear1"), (500, 600))
    assert ids == {"flatten2", "linear2"}
    new = [wire for wire in pasted.main.wires if wire not in project.main.wires]
    assert [(wire.source, wire.target) for wire in new] == [(("flatten2", "output"), ("linear2", "input"))]
    assert pasted.main.layout.positions["flatten2"] == (500, 600)
    assert pasted.main.layout.positions["linear2"] == (680, 600)
    assert pasted.main.nodes["linear2"].params == {"out_features": 10}


def test_definitions_come_along_and_are_shared_where_they_are_the_same() -> None:
    project = sample()
    fragment = copied(project, "stage1")
    elsewhere, ids = edits.paste(Project(), MAIN, fragment, (0, 0))
    assert set(elsewhere.graphs) == {MAIN, "part"}
    assert ids == {"stage1"}
    assert problems_of(elsewhere) == []
    again, _ = edits.paste(project, MAIN, fragment, (0, 0))
    assert set(again.graphs) == {MAIN, "part"}
    other = edits.set_param(elsewhere, "part", "conv1", "out_channels", 99)
    both, ids = edits.paste(other, MAIN, fragment, (0, 0))
    assert set(both.graphs) == {MAIN, "part", "part2"}
    assert both.main.nodes["stage2"].params["definition"] == "part2"
    assert problems_of(both) == []


def test_pasting_never_makes_a_definition_contain_itself() -> None:
    project = sample()
    with pytest.raises(EditError, match="cannot place itself"):
        edits.paste(project, "part", copied(project, "stage1"), (0, 0))


def test_expressions_become_values_where_their_names_are_unknown() -> None:
    project = sample()
    fragment = copied(project, "conv1", graph="part")
    outside, _ = edits.paste(project, MAIN, fragment, (0, 0))
    assert outside.main.nodes["conv1"].params == {"stride": 2}
    inside, ids = edits.paste(project, "part", fragment, (0, 0))
    assert ids == {"conv2"}
    assert inside.graphs["part"].nodes["conv2"].params == {"stride": "=stride if i == 0 else 1"}


def test_a_copied_objective_updates_the_copies() -> None:
    project = sample()
    pasted, _ = edits.paste(project, MAIN, copied(project, "linear1", "loss1", "optimise"), (0, 0))
    (copy,) = [
        node for node in pasted.main.nodes.values() if node.layer == "objective" and node.id != "optimise"
    ]
    assert copy.params["updates"] == "linear2, stage1.0.conv1, part.conv1"


def test_placeholders_are_copied_as_they_are() -> None:
    project = sample()
    pasted, ids = edits.paste(project, MAIN, copied(project, "alien", "other"), (0, 0))
    (alien,) = [pasted.main.nodes[key] for key in ids if pasted.main.nodes[key].layer == "acme.warp"]
    assert alien.params == project.main.nodes["alien"].params
    assert len(pasted.main.wires) == len(project.main.wires) + 2


def test_nothing_selected() -> None:
    with pytest.raises(EditError, match="something selected"):
        edits.copy_fragment(sample(), MAIN, [])


def _hostile() -> dict[str, str]:
    text = edits.fragment_to_text(edits.copy_fragment(sample(), MAIN, ["stage1", "flatten1"]))
    plain = json.loads(text)
    return {
        "empty": "",
        "prose": "Dear Sir or Madam",
        "number": "7",
        "other json": '{"a": 1}',
        "deep": "[" * 100_000,
        "surrogate": '"\ud800"',
        "nothing in it": json.dumps({"kind": "layerloom-fragment"}),
        "unknown field": json.dumps({**plain, "run": "rm"}),
        "bad param": text.replace('"repeat": 3', '"repeat": -3'),
        "huge repeat": text.replace('"repeat": 3', '"repeat": 1e300'),
        "nan": text.replace("360.0", "NaN"),
        "far": text.replace("360.0", "1e200"),
        "recursive": json.dumps(
            {**plain, "definitions": {"part": {"nodes": {"a": plain["nodes"]["stage1"]}}}}
        ),
        "main inside": json.dumps({**plain, "definitions": {"main": {}}}),
        "wire to nowhere": json.dumps({**plain, "wires": [{"source": ["a", "b"], "target": ["c", "d"]}]}),
        "truncated": text[: len(text) // 2],
    }


@pytest.mark.parametrize("name", sorted(_hostile()))
def test_hostile_text_is_refused(name: str) -> None:
    with pytest.raises(EditError, match="Expected"):
        edits.fragment_from_text(_hostile()[name])


def test_a_definition_named_like_one_of_the_fragment_but_nested() -> None:
    """Renamed definitions are renamed inside each other too."""
    project = edits.add_definition(Project(), "leaf", Graph({"a": Node("a", "relu")}))
    project = edits.add_definition(project, "tree", Graph({"b": Node("b", "block", {"definition": "leaf"})}))
    project = edits.add_node(project, MAIN, Node("t", "block", {"definition": "tree"}), (0, 0))
    fragment = copied(project, "t")
    other = edits.add_definition(Project(), "leaf", Graph({"a": Node("a", "tanh")}))
    pasted, _ = edits.paste(other, MAIN, fragment, (0, 0))
    assert pasted.graphs["tree"].nodes["b"].params["definition"] == "leaf2"
    assert problems_of(pasted) == []
