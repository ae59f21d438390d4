"""The same drawing has the same picture: what was drawn before leaves no trace.

That holds for courses and labels of wires and for what is on top of what.
"""

from __future__ import annotations

import random

import pytest
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QApplication

from app.canvas.items.scene import CanvasScene
from app.canvas.view import CanvasView
from app.state.session import Session, View
from engine.document import edits
from engine.document.edits.decoration import add_frame, change_frame
from engine.document.project import MAIN, End, Frame, Node, Point, Project, Wire
from tests.app.canvas.conftest import Hand

Picture = dict[Wire, tuple[object, object]]


def picture(scene: CanvasScene) -> Picture:
    """Where each wire runs and where its label stands."""
    return {wire: (item.route, item.label_at) for wire, item in scene.wires.items()}


def fresh(session: Session) -> Picture:
    """The picture in a scene that knows nothing but the present drawing."""
    other = Session(session.project)
    other.show_graph(*session.view_stack)
    other.set_report(session.report)
    scene = CanvasScene(other)
    drawn = picture(scene)
    scene.deleteLater()
    return drawn


def crowded(seed: int) -> Project:
    """Many nodes at random places with wires between them, many of which run back or round others."""
    chance, project = random.Random(seed), Project()
    for at in range(14):
        place = Point(chance.randrange(0, 900, 40), chance.randrange(0, 500, 40))
        project = edits.add_node(project, MAIN, Node(f"n{at}", "add"), place)
    for _ in range(24):
        first, second = sorted(chance.sample(range(14), 2))
        project = wired(project, f"n{first}", f"n{second}")
    return add_frame(project, MAIN, Frame("Part", 100.0, 100.0, 400.0, 200.0))


def wired(project: Project, first: str, second: str) -> Project:
    try:
        return edits.connect(project, MAIN, End(first, "output"), End(second, "input"))
    except edits.EditError:
        return project


def random_edit(project: Project, chance: random.Random) -> Project:
    graph = project.graphs[MAIN]
    keys = sorted(graph.nodes)
    kind = chance.choice(["move", "move", "many", "remove", "add", "connect", "cut", "frame"])
    at = Point(chance.randrange(0, 900, 8), chance.randrange(0, 500, 8))
    if kind == "many":
        moved = {key: Point(at.x + 40.0 * n, at.y) for n, key in enumerate(chance.sample(keys, 3))}
        return edits.move(project, MAIN, moved)
    if kind == "remove" and len(keys) > 4:
        return edits.remove_nodes(project, MAIN, frozenset(chance.sample(keys, 2)))
    if kind == "add":
        return edits.add_node(project, MAIN, Node(edits.fresh_id(graph, "add"), "add"), at)
    if kind == "connect":
        return wired(project, *chance.sample(keys, 2))
    if kind == "cut" and graph.wires:
        return edits.disconnect(project, MAIN, chance.choice(graph.wires))
    if kind == "frame":
        return change_frame(project, MAIN, next(iter(graph.layout.frames)), x=at.x, y=at.y)
    return edits.move(project, MAIN, {chance.choice(keys): at})


@pytest.mark.parametrize("seed", range(4))
def test_random_edits_and_their_undo_leave_the_picture_of_a_fresh_scene(
    session: Session, view: CanvasView, seed: int
) -> None:
    session.open(crowded(seed), None)
    first, chance = picture(view.drawing), random.Random(seed)
    for _ in range(25):
        session.apply(random_edit(session.project, chance), "Edit")
        view.slide.stop()
        assert picture(view.drawing) == fresh(session)
    while session.undo_label is not None:
        session.undo()
        assert picture(view.drawing) == fresh(session)
    assert picture(view.drawing) == first


@pytest.mark.parametrize("seed", range(2))
def test_drags_given_up_or_undone_leave_the_picture_as_it_was(
    session: Session, view: CanvasView, hand: Hand, seed: int
) -> None:
    session.open(crowded(seed), None)
    view.camera.zoom_to(0.6)
    view.camera.centre(QPointF(450.0, 250.0))
    first, chance = picture(view.drawing), random.Random(seed)
    for key in chance.sample(sorted(session.graph.nodes), 5):
        end = QPointF(chance.randrange(0, 900), chance.randrange(0, 500))
        hand.hold(hand.middle(key), end)
        hand.key(Qt.Key.Key_Escape)
        hand.release(end)
        assert picture(view.drawing) == first, "Esc"
        hand.drag(hand.middle(key), end)
        view.slide.stop()
        assert picture(view.drawing) == fresh(session)
        while session.undo_label is not None:
            session.undo()
        assert picture(view.drawing) == first, "undo"


def test_the_ends_of_a_definition_are_laid_as_in_a_fresh_scene(gan: Session, view: CanvasView) -> None:
    gan.show_graph(View(), View("judge", "real"))
    before, chance = picture(view.drawing), random.Random(3)
    for _ in range(20):
        key = chance.choice(sorted(gan.graph.nodes))
        place = Point(chance.randrange(0, 600, 8), chance.randrange(0, 300, 8))
        gan.apply(edits.move(gan.project, "judge", {key: place}), "Move")
        assert picture(view.drawing) == fresh(gan)
    while gan.undo_label is not None:
        gan.undo()
    assert picture(view.drawing) == before


def shown(view: CanvasView) -> QImage:
    """What is on screen, with nothing selected."""
    view.session.select(frozenset())
    view.slide.stop()
    QApplication.processEvents()
    return view.viewport().grab().toImage()


@pytest.mark.parametrize("zoom", [1.0, 0.5, 0.3])
@pytest.mark.parametrize("seed", range(2))
def test_what_comes_back_by_undo_is_painted_as_before(
    session: Session, view: CanvasView, seed: int, zoom: float
) -> None:
    """Nodes, wires and frames that overlap: which of them is on top is a matter of the drawing too."""
    session.open(crowded(seed), None)
    view.camera.zoom_to(zoom)
    view.camera.centre(QPointF(450.0, 250.0))
    first, chance = shown(view), random.Random(seed)
    for _ in range(20):
        before, was = session.project, shown(view)
        session.apply(random_edit(before, chance), "Edit")
        session.undo()
        assert shown(view) == was
        session.redo()
    while session.undo_label is not None:
        session.undo()
    assert shown(view) == first


def test_a_press_takes_the_node_that_is_on_top_also_after_undo(
    session: Session, view: CanvasView, hand: Hand
) -> None:
    project = Project()
    for at, key in enumerate(("below", "above")):
        project = edits.add_node(project, MAIN, Node(key, "linear"), Point(24.0 * at, 16.0 * at))
    session.open(project, None)
    view.camera.centre(QPointF(80.0, 40.0))
    both = view.drawing.nodes["below"].rect & view.drawing.nodes["above"].rect
    for removed in ("below", "above"):
        session.apply(edits.remove_nodes(session.project, MAIN, [removed]), "Delete")
        session.undo()
        session.select(frozenset())
        hand.click(both.center())
        assert session.selection == {"above"}
        session.select(frozenset())
