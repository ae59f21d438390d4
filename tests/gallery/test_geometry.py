"""Every graph of the gallery stands tidily: nodes, notes and frames keep apart, wires run to the right."""

from __future__ import annotations

from itertools import combinations

import pytest
from PySide6.QtCore import QRectF

from app.canvas.items import card
from app.canvas.items.back_items import NoteItem
from app.canvas.items.node_item import Look
from app.style import theme
from engine.document.project import MAIN
from engine.expand.values import names_at
from tests.gallery.held import NAMES, placements, project, report

APART = 8.0
"""The least distance between two nodes, in pixels at 100 %."""


@pytest.fixture(autouse=True)
def fonts(qapp: object) -> None:
    """The product's fonts: sizes of cards follow them."""
    theme.load_fonts()


def rects(name: str, graph_name: str) -> dict[str, QRectF]:
    """The place of every node of a graph, as large as it is at any of the first places where it stands."""
    drawing = project(name)
    graph, known = drawing.graphs[graph_name], report(name).nodes
    found: dict[str, QRectF] = {}
    for held, prefix in placements(drawing):
        if held != graph_name:
            continue
        names = names_at(drawing, graph_name, prefix.rstrip(".")) if prefix else {}
        for key, node in graph.nodes.items():
            if prefix + key not in known and node.id in found:
                continue
            drawn = card.describe(drawing, graph, node, known.get(prefix + key), (), names)
            place = QRectF(*graph.layout.positions[key], drawn.width, drawn.height)
            found[key] = found.get(key, place).united(place)
    return found


GRAPHS = [(name, graph) for name in NAMES for graph in project(name).graphs]


@pytest.mark.parametrize(("name", "graph_name"), GRAPHS, ids=lambda part: part)
def test_nothing_overlaps(name: str, graph_name: str) -> None:
    places, layout = rects(name, graph_name), project(name).graphs[graph_name].layout
    assert set(places) == set(layout.positions) == set(project(name).graphs[graph_name].nodes)
    notes = {f"note {key}": NoteItem(key, note, Look()).rect for key, note in layout.notes.items()}
    for (first, one), (second, other) in combinations({**places, **notes}.items(), 2):
        grown = one.adjusted(-APART, -APART, APART, APART)
        assert not grown.intersects(other), f"{first} and {second} are too close"
    for frame in layout.frames.values():
        whole = QRectF(frame.x, frame.y, frame.width, frame.height)
        for key, place in {**places, **notes}.items():
            assert whole.contains(place) or not whole.intersects(place), f"{key} is across {frame.title}"


@pytest.mark.parametrize("name", NAMES)
def test_wires_run_from_left_to_right_within_a_row(name: str) -> None:
    places = project(name).main.layout.positions
    for wire in project(name).main.wires:
        source, target = places[wire.source.node], places[wire.target.node]
        if abs(source.y - target.y) < 40:
            assert source.x < target.x, f"{wire.source.node} → {wire.target.node} runs back"


@pytest.mark.parametrize("name", NAMES)
def test_it_is_read_at_a_glance(name: str) -> None:
    """At most 28 nodes on top, each definition placed somewhere."""
    drawing = project(name)
    assert len(drawing.main.nodes) <= 28
    assert {graph for graph, _ in placements(drawing)} == set(drawing.graphs)
    assert MAIN in drawing.graphs
