"""Ports, order and differences of drawings."""

from __future__ import annotations

import time

import msgspec
import pytest

from engine.document import edits, query
from engine.document.changes import same_meaning
from engine.document.names import RESERVED
from engine.document.project import MAIN, End, Graph, Layout, LensPin, Node, Point, Project, Wire
from tests.engine.document.drawing import sample


def names(ports) -> list[str]:
    return [port.name for port in ports]


def test_ports_of_layers_placements_and_strangers() -> None:
    project = sample()
    nodes = project.main.nodes
    assert names(query.input_ports(project, nodes["loss1"])) == ["logits", "label"]
    assert names(query.output_ports(project, nodes["loss1"])) == ["loss"]
    assert names(query.input_ports(project, nodes["stage1"])) == ["x"]
    assert names(query.output_ports(project, nodes["net1"])) == ["y"]
    assert query.is_placeholder(nodes["alien"])
    assert names(query.output_ports(project, nodes["alien"])) == ["left", "right"]
    (many,) = query.input_ports(project, nodes["other"])
    assert many.variadic


def test_ports_that_follow_a_parameter(fan) -> None:
    project = Project()
    assert len(query.input_ports(project, Node("a", "fan"))) == 2
    assert len(query.input_ports(project, Node("a", "fan", {"ways": 5}))) == 5
    graph = Graph({"a": Node("a", "fan", {"ways": "=n + 1"})}, parameters={"n": 3})
    assert len(query.output_ports(project, graph.nodes["a"], graph)) == 4


def test_the_index_is_made_once_per_value() -> None:
    graph = sample().main
    assert query.index(graph) is query.index(graph)
    known = query.index(graph)
    assert [wire.target for wire in known.out_of[("data1", "target")]] == [("loss1", "label")]
    assert known.into[("data1", "input")] == ()
    assert ("loss1", "label") in known.into
    assert ("loss1", "nothing") not in known.into
    assert set(known.into) == {tuple(wire.target) for wire in graph.wires}


def test_order_ancestors_and_neighbours() -> None:
    graph = sample().main
    order = query.index(graph).order
    assert order.index("data1") < order.index("stage1") < order.index("loss1") < order.index("optimise")
    assert query.ancestors(graph, "flatten1") == {"data1", "stage1", "net1"}
    assert query.descendants(graph, "linear1") == {"loss1", "optimise"}
    assert query.neighbours(graph, "loss1") == {"linear1", "data1", "optimise"}


def test_loops_are_found() -> None:
    nodes = {name: Node(name, "relu") for name in "abc"}
    wires = [Wire(End(one, "output"), End(other, "input")) for one, other in ("ab", "bc", "ca")]
    chain = Graph(nodes, tuple(wires[:2]))
    assert query.would_cycle(chain, "c", "a")
    assert not query.would_cycle(chain, "a", "c")
    assert query.cycle(chain) == ()
    loop = Graph(nodes, tuple(wires))
    assert set(query.cycle(loop)) == {"a", "b", "c"}
    with pytest.raises(ValueError, match="cycle"):
        assert query.index(loop).order


def test_definitions_used() -> None:
    project = sample()
    assert query.definitions_used(project, MAIN) == {"part"}
    assert query.definition_order(project) == ("part", MAIN)
    assert query.placements(project.main) == {"stage1": "part", "net1": "part"}


def test_changes_name_what_differs() -> None:
    old = sample()
    assert not query.changes(old, old)
    moved = query.changes(old, edits.move(old, MAIN, {"data1": (1, 1), "loss1": (2, 2)})).graphs[MAIN]
    assert moved == query.GraphChanges(moved=frozenset({"data1", "loss1"}))
    set_ = query.changes(old, edits.set_param(old, MAIN, "linear1", "out_features", 3)).graphs[MAIN]
    assert set_ == query.GraphChanges(changed=frozenset({"linear1"}))
    gone = query.changes(old, edits.remove_nodes(old, MAIN, ["linear1"])).graphs[MAIN]
    assert (gone.removed, len(gone.wires_removed), gone.moved) == ({"linear1"}, 2, frozenset())
    back = query.changes(edits.remove_nodes(old, MAIN, ["linear1"]), old).graphs[MAIN]
    assert (back.added, len(back.wires_added)) == ({"linear1"}, 2)
    lens = query.changes(old, edits.pin_lens(old, MAIN, LensPin("kernels", "linear1")))
    assert lens.graphs == {MAIN: query.GraphChanges(lenses=True)}
    named = query.changes(old, edits.rename_project(edits.set_settings(old, epochs=9), "Other"))
    assert (named.settings, named.name, named.graphs) == (True, True, {})
    defined = query.changes(old, edits.add_definition(old, "more"))
    assert (defined.graphs_added, defined.graphs) == ({"more"}, {})
    border = query.changes(old, edits.set_border(old, "part", outputs=("y", "z")))
    assert border.graphs == {"part": query.GraphChanges(border=True)}


def test_only_moving_and_naming_keep_the_meaning() -> None:
    project = sample()
    node = next(iter(project.main.nodes))
    moved = edits.move(project, MAIN, {node: Point(5.0, 5.0)})
    assert moved is not project
    assert same_meaning(project, moved)
    assert same_meaning(project, edits.rename_project(project, "Other"))
    assert not same_meaning(project, edits.set_settings(project, batch_size=7))
    assert not same_meaning(project, edits.remove_nodes(project, MAIN, [node]))


def test_differences_of_ten_thousand_nodes_are_found_about_as_quickly_as_written() -> None:
    nodes = {f"n{number}": Node(f"n{number}", "relu") for number in range(10_000)}
    wires = tuple(
        Wire(End(f"n{number}", "output"), End(f"n{number + 1}", "input")) for number in range(9_999)
    )
    layout = Layout({name: Point(0.0, 0.0) for name in nodes})
    old = Project(graphs={MAIN: Graph(nodes, wires, layout=layout)})
    for new in (
        edits.move(old, MAIN, {"n5": (1, 1)}),
        edits.add_node(old, MAIN, Node("x", "relu"), (0, 0)),
        edits.remove_nodes(old, MAIN, ["n5000"]),
    ):
        times, yardstick = [], []
        for _ in range(7):
            start = time.thread_time()
            assert query.changes(old, new)
            middle = time.thread_time()
            msgspec.json.encode(new.main)
            times.append(middle - start)
            yardstick.append(time.thread_time() - middle)
        assert min(times) < 4 * min(yardstick)  # 0.4, 0.7 and 1.6 times, measured


def test_no_node_can_hide_a_part_of_a_torch_module() -> None:
    from torch import nn

    taken = {name for name in dir(nn.Module()) if not name.startswith("_")}
    assert taken <= RESERVED
