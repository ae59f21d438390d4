"""Drawings without places are laid out along the flow of values; what has a place keeps it."""

from __future__ import annotations

from itertools import combinations, pairwise

import pytest

from engine.document import edits
from engine.document.edits import layout
from engine.document.edits.layout import COLUMN, ROW, with_places
from engine.document.project import MAIN, End, Graph, Node, Project, Wire
from tests.drawings import gan, lenet5, lstm, wire


@pytest.mark.parametrize("project", [gan(), lenet5(), lstm()], ids=["gan", "lenet5", "lstm"])
def test_nobody_covers_another_and_values_flow_to_the_right(project: Project) -> None:
    placed = with_places(project)
    assert with_places(placed) is placed
    for graph in placed.graphs.values():
        places = graph.layout.positions
        assert places.keys() == graph.nodes.keys()
        for one, other in combinations(places.values(), 2):
            assert abs(one.x - other.x) >= COLUMN or abs(one.y - other.y) >= ROW
        for each in graph.wires:
            if each.source.node in places and each.target.node in places:
                assert places[each.source.node].x < places[each.target.node].x


def test_what_has_a_place_keeps_it_and_the_others_stand_below() -> None:
    project = edits.move(lenet5(), MAIN, {"conv1": (500.0, 300.0)})
    placed = with_places(project).main.layout.positions
    assert (placed["conv1"].x, placed["conv1"].y) == (500.0, 300.0)
    assert all(at.y > 300.0 for key, at in placed.items() if key != "conv1")


def test_long_chains_and_circles_find_room() -> None:
    keys = [f"relu{number}" for number in range(10_000)]
    wires: tuple[Wire, ...] = tuple(wire(f"{a} -> {b}") for a, b in pairwise(keys))
    chain = Project(graphs={MAIN: Graph({key: Node(key, "relu") for key in keys}, wires)})
    assert len(set(with_places(chain).main.layout.positions.values())) == len(keys)
    back = (*wires[:5], wire(f"{keys[5]} -> {keys[0]}"))
    circle = Project(graphs={MAIN: Graph({key: Node(key, "relu") for key in keys[:6]}, back)})
    assert len(set(with_places(circle).main.layout.positions.values())) == 6


def test_nodes_without_order_are_placed_in_steps_that_grow_with_their_number(monkeypatch) -> None:
    """Counted in looks at rows: each node looks at few."""
    looks = 0

    class Counting(dict):
        def __contains__(self, key: object) -> bool:
            nonlocal looks
            looks += 1
            return super().__contains__(key)

    monkeypatch.setattr(layout._Rows, "__init__", lambda self: setattr(self, "_next", Counting()))
    count = 3000
    loose = {f"n{place}": Node(f"n{place}", "relu") for place in range(count)}
    fed = tuple(Wire(End("n0", "output"), End(f"n{place}", "input")) for place in range(1, count))
    for wires in ((), fed):
        looks = 0
        placed = layout.with_places(Project(graphs={MAIN: Graph(loose, wires)}))
        assert len(set(placed.main.layout.positions.values())) == count
        assert looks <= 4 * count
