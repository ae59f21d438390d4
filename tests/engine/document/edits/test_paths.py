"""Parameters of the kind `Paths` follow what they name through every edit, whatever layer declares them."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.document import edits
from engine.document.edits.extract import extract
from engine.document.edits.placement import make_unique
from engine.document.edits.unpack import unpack
from engine.document.project import MAIN, Node, Project
from engine.document.storage.file import from_bytes, to_bytes
from nodes.param import Paths, Text
from nodes.registry import REGISTRY
from nodes.spec import Family, Layer, Role
from tests.drawings import Step, graph, lenet5
from tests.engine.document.drawing import START, apply, sample

NAMED = "linear1, stage1.0.conv1, part.conv1"


class Follower(Layer):
    """Names nodes in every way there is. As an objective it stays where it is drawn."""

    family = Family.MATH
    role = Role.OBJECTIVE
    inputs, outputs = (), ()
    follows = Paths("", help="Some parts.")
    shares = Paths("", form="rates", help="A number for some parts.")
    twin = Paths("", form="one", help="Another node.")
    words = Text("", help="Text that names nothing.")


class Traveller(Follower):
    """The same, and it moves with what it names."""

    role = Role.MODULE


@pytest.fixture(autouse=True)
def known() -> Iterator[None]:
    for layer in (Follower, Traveller):
        REGISTRY.add(layer)
    yield
    for layer in (Follower, Traveller):
        REGISTRY.remove(layer.type)


def with_follower(project: Project, named: str = NAMED, layer: str = "follower") -> Project:
    first = named.split(",")[0]
    pairs = ", ".join(f"{path.strip()}: 0.5" for path in named.split(","))
    params = {"follows": named, "shares": pairs, "twin": first, "words": named}
    return edits.add_node(project, MAIN, Node("watch", layer, params), (0, 400))


def told(project: Project, node: str = "watch", name: str = MAIN) -> tuple[str, str, str]:
    params = project.graphs[name].nodes[node].params
    return params["follows"], params["shares"], params["twin"]


def test_renaming_a_node_or_a_definition() -> None:
    project = with_follower(sample())
    project = edits.rename_node(project, MAIN, "linear1", "head")
    project = edits.rename_node(project, MAIN, "stage1", "trunk")
    project = edits.rename_node(project, "part", "conv1", "first")
    project = edits.rename_definition(project, "part", "stem")
    assert told(project) == (
        "head, trunk.0.first, stem.first",
        "head: 0.5, trunk.0.first: 0.5, stem.first: 0.5",
        "head",
    )
    assert project.main.nodes["optimise"].params["updates"] == told(project)[0]
    assert project.main.nodes["watch"].params["words"] == NAMED


def test_grouping_and_ungrouping() -> None:
    before = with_follower(lenet5(updates="conv1, linear1"), "conv1, linear1")
    after, placed = extract(before, MAIN, ["conv1", "tanh1"], "Front")
    assert told(after) == ("front.conv1, linear1", "front.conv1: 0.5, linear1: 0.5", "front.conv1")
    assert after.main.nodes["objective"].params["updates"] == told(after)[0]
    back, _ = unpack(after, MAIN, placed)
    assert told(back) == told(before)


def test_ungrouping_what_is_named_as_a_whole_names_its_nodes() -> None:
    project, placed = extract(lenet5(), MAIN, ["conv1", "tanh1"], "Front")
    project = with_follower(project, "front")
    back, _ = unpack(project, MAIN, placed)
    assert told(back) == ("conv1, tanh1", "conv1: 0.5, tanh1: 0.5", "front")  # one path cannot be two


def test_a_copy_of_a_definition_is_named_too() -> None:
    project = with_follower(sample())
    project = edits.add_node(project, MAIN, Node("net2", "network", {"definition": "part"}), (0, 0))
    after, made = make_unique(project, MAIN, "net2")
    assert told(after)[0] == f"{NAMED}, {made}.conv1"
    assert after.main.nodes["optimise"].params["updates"] == told(after)[0]


def test_pasting_names_the_copies() -> None:
    project = with_follower(sample())
    fragment = edits.copy_fragment(project, MAIN, ["linear1", "watch"])
    pasted, ids = edits.paste(project, MAIN, fragment, (0, 0))
    (copy,) = (key for key in ids if pasted.main.nodes[key].layer == "follower")
    assert told(pasted, copy) == (
        "linear2, stage1.0.conv1, part.conv1",
        "linear2: 0.5, stage1.0.conv1: 0.5, part.conv1: 0.5",
        "linear2",
    )
    assert told(pasted) == told(project)


def test_what_moves_together_is_named_as_before_and_by_its_new_id_when_it_comes_out() -> None:
    before = with_follower(lenet5(), "conv1", "traveller")
    after, placed = extract(before, MAIN, ["conv1", "tanh1", "watch"], "Front")
    assert told(after, "watch", "Front") == ("conv1", "conv1: 0.5", "conv1")
    taken = edits.add_node(after, MAIN, Node("conv1", "conv2d"), (0, 0))
    back, ids = unpack(taken, MAIN, placed)
    (new,) = (key for key in ids if key.startswith("conv"))
    assert new != "conv1"
    assert told(back) == (new, f"{new}: 0.5", new)


def test_a_removed_node_stays_named_and_the_bytes_are_those_of_a_text() -> None:
    project = with_follower(lenet5(), "conv1, linear1")
    assert told(edits.remove_nodes(project, MAIN, ["conv1"])) == told(project)
    data = to_bytes(project)
    assert to_bytes(from_bytes(data)) == data
    assert b'"follows": "conv1, linear1"' in data


def test_an_expression_is_left_alone() -> None:
    steps: list[Step] = [("conv1", "conv2d"), ("watch", "follower", {"follows": "=conv1"})]
    project = edits.add_definition(lenet5(), "part", graph(steps, parameters={"conv1": 1}))
    renamed = edits.rename_node(project, "part", "conv1", "other")
    assert renamed.graphs["part"].nodes["watch"].params["follows"] == "=conv1"


_number = st.integers(0, 10_000)
MOVING = ("rename", "extract", "unpack", "define", "add", "border")


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(st.tuples(st.sampled_from(MOVING), _number, _number, _number), max_size=20))
def test_it_reads_like_what_an_objective_updates_after_any_edits(steps) -> None:
    project = with_follower(sample())
    for step in (*START[:2], *steps):
        project = apply(project, step)
        every = [node for held in project.graphs.values() for node in held.nodes.values()]
        updates = [node.params["updates"] for node in every if node.params.get("updates")]
        follows = [node.params["follows"] for node in every if node.layer == "follower" and node.params]
        assert follows == updates
