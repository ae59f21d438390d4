"""Parts of a drawing become definitions and come back: what follows, what is refused, what is the same."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.document import edits, query
from engine.document.edits import EditError, border, placement
from engine.document.edits.check import problems_of
from engine.document.edits.extract import extract
from engine.document.edits.unpack import unpack
from engine.document.project import MAIN, End, Frame, Graph, Layout, LensPin, Node, Point, Project, Wire
from tests.drawings import gan, graph, lenet5, wire
from tests.engine.document.drawing import projects

quick = settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))


def placed(project: Project, graph_name: str = MAIN) -> Project:
    """With positions, which drawings written by hand have not."""
    held = project.graphs[graph_name]
    at = {key: Point(160.0 * place, 40.0 * (place % 3)) for place, key in enumerate(held.nodes)}
    return edits.move(project, graph_name, at)


def alike(one: Graph, other: Graph) -> None:
    assert one.nodes == other.nodes
    assert sorted(one.wires) == sorted(other.wires)
    for key in other.nodes:  # what has no place stands at the origin
        at = [held.layout.positions.get(key, Point(0.0, 0.0)) for held in (one, other)]
        assert at[0] == pytest.approx(at[1], abs=1e-6), key
    for things in ("frames", "notes"):
        assert _plain(one, things) == pytest.approx(_plain(other, things), abs=1e-6)
    assert (one.inputs, one.outputs, one.parameters) == (other.inputs, other.outputs, other.parameters)


def _plain(held: Graph, things: str) -> list[float]:
    found = getattr(held.layout, things).values()
    return [number for thing in sorted(found, key=repr) for number in (thing.x, thing.y, thing.width)]


def test_nodes_move_into_a_definition_that_stands_in_their_middle() -> None:
    before = placed(lenet5())
    after, key = extract(before, MAIN, ["conv1", "tanh1", "pool1"], "Stage")
    assert key == "stage"
    assert set(after.graphs["Stage"].nodes) == {"conv1", "tanh1", "pool1"}
    assert after.graphs["Stage"].inputs == ("input",)
    assert after.graphs["Stage"].outputs == ("output",)
    assert Wire(End("data", "input"), End("stage", "input")) in after.main.wires
    assert Wire(End("stage", "output"), End("conv2", "input")) in after.main.wires
    assert after.main.layout.positions["stage"] == Point(320.0, 40.0)
    assert problems_of(after) == []


def test_a_value_that_enters_twice_is_one_input_and_two_that_leave_are_two_outputs() -> None:
    steps = [("a", "linear"), ("b", "linear"), ("c", "linear"), ("d", "linear"), ("sum", "add")]
    wires = ["a -> b", "a -> c", "b -> sum.inputs", "c -> d"]
    main = graph(steps, wires)
    port = query.input_ports(Project(), main.nodes["sum"], main)[0].name
    main = graph(steps, ["a -> b", "a -> c", f"b -> sum.{port}", "c -> d"])
    after, key = extract(Project(graphs={MAIN: main}), MAIN, ["b", "c"], "Pair", "network")
    assert len(after.graphs["Pair"].inputs) == 1
    assert len(after.graphs["Pair"].outputs) == 2
    assert after.main.nodes[key].layer == "network"
    assert problems_of(after) == []


def test_what_is_still_open_is_on_the_border() -> None:
    """A net that is drawn first and wired later has an input and an output once it is made a network."""
    held = graph(
        [("hidden", "linear"), ("relu", "relu"), ("out", "linear")], ["hidden -> relu", "relu -> out"]
    )
    after, key = extract(
        placed(Project(graphs={MAIN: held})), MAIN, ["hidden", "relu", "out"], "Net", "network"
    )
    net = after.graphs["Net"]
    assert (net.inputs, net.outputs) == (("input",), ("output",))
    assert wire("@in.input -> hidden") in net.wires
    assert wire("out -> @out.output") in net.wires
    assert after.main.wires == ()
    assert problems_of(after) == []
    back, _ = unpack(after, MAIN, key)
    alike(back.main, placed(Project(graphs={MAIN: held})).main)


def test_the_open_end_of_a_part_that_is_fed_already_becomes_its_output() -> None:
    held = graph([("noise", "noise"), ("a", "linear"), ("b", "linear")], ["noise -> a", "a -> b"])
    after, _ = extract(Project(graphs={MAIN: held}), MAIN, ["a", "b"], "Net", "network")
    assert after.graphs["Net"].inputs == ("input",)
    assert after.graphs["Net"].outputs == ("output",)


def test_paths_of_objectives_rates_and_lenses_follow_and_come_back() -> None:
    before = placed(lenet5(updates="conv1, linear1", rate_factors="conv1: 0.5, linear1: 2"))
    before = edits.pin_lens(before, MAIN, LensPin("feature_maps", "conv1"))
    after, key = extract(before, MAIN, ["conv1", "tanh1"], "Front")
    params = after.main.nodes["objective"].params
    assert params["updates"] == "front.conv1, linear1"
    assert params["rate_factors"] == "front.conv1: 0.5, linear1: 2"
    assert not after.main.lenses
    assert after.graphs["Front"].lenses == (LensPin("feature_maps", "conv1"),)
    back, _ = unpack(after, MAIN, key)
    alike(back.main, before.main)
    assert back.main.lenses == before.main.lenses


def test_a_path_to_the_placement_leads_to_all_inside_once_it_is_unpacked() -> None:
    after, key = extract(placed(lenet5()), MAIN, ["linear1", "tanh3", "linear2"], "Head", "network")
    for named in (key, "Head"):
        told = edits.set_param(after, MAIN, "objective", "updates", named)
        back, ids = unpack(told, MAIN, key)
        assert set(back.main.nodes["objective"].params["updates"].split(", ")) == ids


def test_what_has_no_weights_is_not_named_where_an_objective_updated_the_whole() -> None:
    after, key = extract(placed(lenet5()), MAIN, ["linear1", "tanh3", "linear2"], "Head", "network")
    told = edits.set_param(after, MAIN, "objective", "updates", "Head, conv1")
    back, ids = unpack(told, MAIN, key, frozenset({"tanh3"}))
    assert back.main.nodes["objective"].params["updates"] == "linear1, linear2, conv1"
    assert ids == {"linear1", "tanh3", "linear2"}


def test_renaming_a_node_renames_it_in_the_rates_of_parts() -> None:
    before = lenet5(rate_factors="conv1: 0.5")
    after = edits.rename_node(before, MAIN, "conv1", "first")
    assert after.main.nodes["objective"].params["rate_factors"] == "first: 0.5"


@pytest.mark.parametrize(
    ("chosen", "words"),
    [
        ((), "something selected"),
        (("data", "conv1"), "a data set"),
        (("loss", "objective"), "an objective"),
        (("linear3", "output"), "an output of the drawing"),
        (("conv1", "pool1"), "a path through 'tanh1'"),
    ],
)
def test_what_cannot_be_a_definition_is_refused_with_a_sentence(chosen, words) -> None:
    with pytest.raises(EditError, match=words):
        extract(lenet5(), MAIN, chosen)


def test_expressions_become_parameters_that_the_placement_passes_on() -> None:
    conv = Node("conv1", "conv2d", {"stride": "=stride if i == 0 else 1", "out_channels": "=width"})
    inner = Graph(
        {"conv1": conv, "relu1": Node("relu1", "relu")},
        (wire("@in.x -> conv1"), wire("conv1 -> relu1"), wire("relu1.output -> @out.y")),
        ("x",),
        ("y",),
        {"stride": 2, "width": 8, "unused": 1},
        Layout({"conv1": Point(0.0, 0.0), "relu1": Point(160.0, 0.0)}),
    )
    before = edits.add_definition(Project(), "Stage", inner)
    after, key = extract(before, "Stage", ["conv1"], "Step")
    made = after.graphs["Step"]
    assert made.parameters == {"stride": 2, "width": 8, "index": 0}
    assert made.nodes["conv1"].params["stride"] == "=stride if index == 0 else 1"
    passed = after.graphs["Stage"].nodes[key].params
    assert {name: passed[name] for name in made.parameters} == {
        "stride": "=stride", "width": "=width", "index": "=i",
    }  # fmt: skip
    back, _ = unpack(after, "Stage", key)
    alike(back.graphs["Stage"], before.graphs["Stage"])


def test_values_of_the_placement_are_written_out_when_it_is_unpacked() -> None:
    inner = Graph(
        {"linear1": Node("linear1", "linear", {"out_features": "=2 * width"})}, parameters={"width": 4}
    )
    project = edits.add_definition(Project(), "Wide", inner)
    project = edits.add_node(
        project, MAIN, Node("wide1", "block", {"definition": "Wide", "width": 16}), (0.0, 0.0)
    )
    after, ids = unpack(project, MAIN, "wide1")
    assert after.main.nodes["linear1"].params == {"out_features": 32}
    assert ids == {"linear1"}
    assert set(after.graphs) == {MAIN}


def test_a_frame_round_moved_nodes_alone_goes_with_them() -> None:
    before = placed(lenet5())
    at = before.main.layout.positions
    own = Frame("Own", at["conv1"].x - 20, at["conv1"].y - 20, 60, 60)
    mixed = Frame("Mixed", at["conv1"].x - 30, -400, 4000, 800)
    before = edits.add_frame(edits.add_frame(before, MAIN, own), MAIN, mixed)
    after, key = extract(before, MAIN, ["conv1"], "One")
    assert [frame.title for frame in after.graphs["One"].layout.frames.values()] == ["Own"]
    assert [frame.title for frame in after.main.layout.frames.values()] == ["Mixed"]
    back, _ = unpack(after, MAIN, key)
    assert {frame.title: frame for frame in back.main.layout.frames.values()} == {"Own": own, "Mixed": mixed}


def test_shared_weights_and_repeats_are_not_unpacked() -> None:
    with pytest.raises(EditError, match="placed once"):
        unpack(gan(), MAIN, "real")
    after, key = extract(placed(lenet5()), MAIN, ["tanh1"], "One")
    repeated = edits.set_param(after, MAIN, key, "repeat", 3)
    with pytest.raises(EditError, match="repeated 3 times"):
        unpack(repeated, MAIN, key)


def test_make_unique_forks_the_definition_and_what_learns_it() -> None:
    after, name = placement.make_unique(gan(), MAIN, "fake")
    assert name == "judge2"
    assert after.main.nodes["fake"].params["definition"] == "judge2"
    assert after.main.nodes["real"].params["definition"] == "judge"
    assert after.main.nodes["judging"].params["updates"] == "judge, judge2"
    assert after.main.nodes["making"].params["updates"] == "maker"
    with pytest.raises(EditError, match="more than once"):
        placement.make_unique(after, MAIN, "fake")


def test_a_placement_changes_between_block_and_network() -> None:
    after = placement.set_kind(gan(), MAIN, "make", "block")
    assert after.main.nodes["make"].layer == "block"
    assert placement.kind_of(after, "maker") == "block"
    assert placement.kind_of(after, "judge") == "network"
    assert placement.set_kind(after, MAIN, "make", "network") == gan()


def test_border_ports_are_renamed_in_every_placement() -> None:
    after = border.rename_port(gan(), "judge", "@in", "x", "sample")
    assert after.graphs["judge"].inputs == ("sample",)
    assert wire("@in.sample -> linear1") in after.graphs["judge"].wires
    assert wire("data.input -> real.sample") in after.main.wires
    assert wire("noise -> make.x") in after.main.wires
    assert problems_of(after) == []
    with pytest.raises(EditError, match="letters"):
        border.rename_port(after, "judge", "@in", "sample", "two words")


def test_border_ports_are_added_moved_and_removed() -> None:
    project = border.add_port(gan(), "judge", "@in", "condition")
    project = border.move_port(project, "judge", "@in", "condition", 0)
    assert project.graphs["judge"].inputs == ("condition", "x")
    gone = border.remove_port(project, "judge", "@in", "x")
    assert gone.graphs["judge"].inputs == ("condition",)
    assert not [w for w in gone.main.wires if w.target == End("real", "x")]
    assert problems_of(gone) == []


@quick
@given(projects(40), st.data())
def test_unpacking_what_was_extracted_gives_the_drawing_back(project: Project, data) -> None:
    """Up to the order of nodes and the spacing inside lists of paths."""
    name = data.draw(st.sampled_from(sorted(project.graphs)))
    ids = sorted(project.graphs[name].nodes)
    chosen = data.draw(st.sets(st.sampled_from(ids), min_size=1)) if ids else set()
    try:
        made, key = extract(project, name, chosen, "Taken", data.draw(st.sampled_from(("block", "network"))))
    except EditError:
        return
    assert problems_of(made) == []
    try:
        back, _ = unpack(made, name, key)
    except EditError as error:
        shared = error.expected == "a network that is placed once"  # in a definition that is laid out often
        if shared:
            return
        raise
    assert problems_of(back) == []
    assert back.graphs.keys() == project.graphs.keys()
    for graph_name, held in project.graphs.items():
        alike(back.graphs[graph_name], held)


def test_a_source_keeps_its_partner_when_that_is_renamed() -> None:
    steps = [("one", "data", {"dataset": "circle"}), ("two", "data", {"paired_with": "one"})]
    after = edits.rename_node(Project(graphs={MAIN: graph(steps)}), MAIN, "one", "first")
    assert after.main.nodes["two"].params["paired_with"] == "first"
