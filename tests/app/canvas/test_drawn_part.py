"""Drawings that no person has drawn: drawn in slices, of a huge one only the first part."""

from __future__ import annotations

import random
import time
from collections import Counter

import numpy as np
import pytest
from PySide6.QtGui import QImage

from app.canvas import live_pictures
from app.canvas.items import drawn_part
from app.canvas.items.scene import CanvasScene
from app.canvas.items.wire_layout import Plane
from app.canvas.view import CanvasView
from app.lenses.painter import Context
from app.lenses.registry import PAINTERS
from app.state.run_controller import RunController
from app.state.session import Session
from engine.document import edits
from engine.document.project import MAIN, End, Graph, Layout, Node, Note, Point, Project, Wire
from engine.messages.events import LensFrame
from engine.report import NodeReport, Problem, Report
from nodes.spec import N, TensorSpec

_RGB = QImage.Format.Format_RGB32


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Slices of 5 nodes, at most 40 of them."""
    monkeypatch.setattr(drawn_part, "SLICE", 5)
    monkeypatch.setattr(drawn_part, "MOST", 40)


def row(count: int, layer: str = "relu") -> Project:
    """So many nodes in a row, each wired to the next."""
    nodes = {f"r{at}": Node(f"r{at}", layer) for at in range(count)}
    places = {f"r{at}": Point(200.0 * (at % 10), 160.0 * (at // 10)) for at in range(count)}
    wires = tuple(Wire(End(f"r{at}", "output"), End(f"r{at + 1}", "input")) for at in range(count - 1))
    return Project(graphs={MAIN: Graph(nodes, wires, layout=Layout(positions=places))})


def shown(scene: CanvasScene) -> dict[object, object]:
    cards = {key: (item.card, item.x(), item.y(), item.chosen) for key, item in scene.nodes.items()}
    return {**cards, **{wire: (item.route, item.label_at) for wire, item in scene.wires.items()}}


def fresh(session: Session) -> dict[object, object]:
    other = Session(session.project)
    other.set_report(session.report)
    other.select(session.selection)
    scene = CanvasScene(other)
    scene.drawn.complete()
    held = shown(scene)
    scene.deleteLater()
    return held


def test_a_large_drawing_comes_in_slices_and_is_whole_in_the_end(small, qapp, qtbot) -> None:
    session = Session()
    scene = CanvasScene(session)
    session.open(row(33), None)
    assert len(scene.nodes) == 5
    qtbot.waitUntil(lambda: len(scene.nodes) == 33, timeout=5_000)
    assert scene.wires.keys() == set(session.project.main.wires)
    assert shown(scene) == fresh(session)
    scene.deleteLater()


@pytest.mark.parametrize("seed", range(3))
def test_edits_and_reports_while_it_comes_lead_to_the_same_picture(small, qapp, seed: int) -> None:
    chance, session = random.Random(seed), Session()
    scene = CanvasScene(session)
    session.open(row(60), None)
    for at in range(25):
        keys = sorted(session.graph.nodes)
        act = chance.choice(("remove", "move", "grow", "undo", "report", "select"))
        if act == "remove":
            session.apply(edits.remove_nodes(session.project, MAIN, [chance.choice(keys)]), "Remove")
        elif act == "move":
            to = {chance.choice(keys): Point(chance.randrange(0, 2000, 8), chance.randrange(0, 900, 8))}
            session.apply(edits.move(session.project, MAIN, to), "Move")
        elif act == "undo":
            session.undo()
        elif act == "grow" and scene.drawn._timer.isActive():
            scene.drawn._grow()
        elif act == "report":
            key = chance.choice(keys)
            session.set_report(Report(problems=(Problem(MAIN, key, key, f"Expected {at}."),)))
        elif act == "select":
            session.select(frozenset({chance.choice(keys)}))
    scene.drawn.complete()
    assert len(scene.nodes) == min(40, len(session.graph.nodes))
    assert shown(scene) == fresh(session)
    scene.deleteLater()


def test_what_a_run_shows_is_painted_once_for_each_node_however_many_slices_come(
    small, qapp, qtbot, monkeypatch
) -> None:
    """The run's drawing is read once a slice, not once a picture: 10,000 nodes opened in 50 s otherwise."""
    session = Session(row(33, "conv2d"))
    session.report = Report(
        nodes={key: NodeReport(outputs={"output": TensorSpec((N, 4, 8, 8))}) for key in session.graph.nodes}
    )
    controller = RunController(session)
    for key in session.graph.nodes:
        frame = LensFrame(0, "feature_maps", key, {"output": np.zeros((4, 8, 8), np.float32)})
        controller.frames[("feature_maps", key)] = frame
    painted, read = Counter[int](), list[Project]()
    painter = PAINTERS["feature_maps"]
    monkeypatch.setattr(
        type(painter),
        "thumbnail",
        lambda self, arrays, *_: painted.update([id(arrays)]) or QImage(8, 8, _RGB),
    )
    monkeypatch.setattr(live_pictures, "lens_context", lambda project: read.append(project) or Context())
    view = CanvasView(session, controller)
    qtbot.addWidget(view)
    qtbot.waitUntil(lambda: len(view.drawing.nodes) == 33, timeout=5_000)
    assert len(painted) == 33
    assert set(painted.values()) == {1}
    assert len(read) <= 2 + 33 // 5
    controller.shutdown()


def test_of_a_huge_drawing_the_first_part_is_drawn_and_the_canvas_says_so(small, window, qtbot) -> None:
    session = window.session
    session.open(row(60), None)
    window.show_drawing()
    canvas = window.workbench().canvas
    qtbot.waitUntil(lambda: len(canvas.drawing.nodes) == 40, timeout=5_000)
    qtbot.wait(20)
    assert canvas.chrome.partly.text() == (
        "Only the first 40 of the 60 nodes are drawn here. All of them count."
    )
    assert canvas.chrome.partly.isVisible()
    canvas.editor.select_all()
    assert len(session.selection) == 40, "what nobody sees is not chosen"
    session.apply(edits.remove_nodes(session.project, MAIN, sorted(session.selection)[:30]), "Remove")
    qtbot.waitUntil(lambda: len(canvas.drawing.nodes) == 30, timeout=5_000)
    assert not canvas.chrome.partly.isVisible()


def test_a_wire_across_the_whole_sheet_is_laid_at_once(qapp) -> None:
    """The farthest places that a file may have, both ways, and 300 wires that all run back over all cards."""
    places = {"a": Point(-9e6, -9e6), "b": Point(9e6, 9e6), "c": Point(9e6, -9e6)}
    wires = tuple(Wire(End(one, "output"), End(two, "input")) for one, two in ("ab", "bc", "ca"))
    nodes = {key: Node(key, "relu") for key in places}
    session, started = Session(), time.process_time()
    scene = CanvasScene(session)
    session.open(Project(graphs={MAIN: Graph(nodes, wires, layout=Layout(positions=places))}), None)
    assert {item.route is not None for item in scene.wires.values()} == {True}
    assert time.process_time() - started < 10.0, "it is milliseconds, or it never ends"
    scene.deleteLater()


def test_large_boxes_of_a_plane_are_found_as_small_ones_are() -> None:
    plane, chance = Plane[int](), random.Random(0)
    boxes = {}
    for key in range(60):
        x, y, size = (chance.uniform(-1e6, 1e6) for _ in range(3))
        boxes[key] = (x, y, x + abs(size) * chance.choice((1e-4, 1.0)), y + abs(size))
        plane.put(key, boxes[key])
    for _ in range(60):
        x, y, size = chance.uniform(-1e6, 1e6), chance.uniform(-1e6, 1e6), chance.uniform(1.0, 1e6)
        region = (x, y, x + size, y + size)
        hit = {k for k, b in boxes.items() if b[0] < x + size and b[2] > x and b[1] < y + size and b[3] > y}
        assert set(plane.within(region)) == hit
    for key in boxes:
        plane.take(key)
    assert plane.within((-2e6, -2e6, 3e6, 3e6)) == []


def test_of_a_note_without_end_the_beginning_is_laid_out(qapp) -> None:
    session = Session()
    scene = CanvasScene(session)
    layout = Layout(notes={"n": Note("words " * 1_000_000, 0.0, 0.0, 200.0)})
    session.open(Project(graphs={MAIN: Graph(layout=layout)}), None)
    assert scene.notes["n"]._document.characterCount() < 5_000
    scene.deleteLater()
