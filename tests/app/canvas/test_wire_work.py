"""Which wires go around cards: all of an ordinary drawing; fewer where there are very many near them."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import pytest

from app.canvas.items import wire_layout
from app.canvas.items.routing import Lane, Place, Rect, Route
from app.canvas.items.scene import CanvasScene
from app.state.session import Session
from engine.document.project import MAIN, End, Graph, Layout, Node, Point, Project, Wire
from tests.app.canvas.test_same_picture import crowded, fresh, picture, random_edit


@contextmanager
def drawn(project: Project) -> Iterator[CanvasScene]:
    scene = CanvasScene(Session(project))
    scene.drawn.complete()
    yield scene
    scene.deleteLater()


def chain(count: int, columns: int, skip: int) -> Project:
    """Layers in rows, each wired to the next; every eighth adds what one far before it gave out."""
    nodes = {f"n{at}": Node(f"n{at}", "relu" if at % 8 else "add") for at in range(count)}
    places = {f"n{at}": Point(200.0 * (at % columns), 240.0 * (at // columns)) for at in range(count)}
    wires = [Wire(End(f"n{at - 1}", "output"), End(f"n{at}", "input")) for at in range(1, count)]
    for at in range(skip + 8 - skip % 8, count, 8):
        wires.append(Wire(End(f"n{at - skip}", "output"), End(f"n{at}", "input"), 1))
    return Project(graphs={MAIN: Graph(nodes, tuple(wires), layout=Layout(positions=places))})


@pytest.mark.parametrize(("count", "columns", "skip"), [(300, 20, 20), (600, 25, 50), (300, 300, 60)])
def test_the_wires_of_an_ordinary_drawing_go_around_cards(
    qapp, monkeypatch: pytest.MonkeyPatch, count: int, columns: int, skip: int
) -> None:
    project = chain(count, columns, skip)
    with drawn(project) as scene:
        as_it_is = picture(scene)
    monkeypatch.setattr(wire_layout, "_WORK", 10**9)
    with drawn(project) as scene:
        assert as_it_is == picture(scene), "no wire is straight because of its work"


def test_the_work_of_laying_wires_is_bounded(qapp, monkeypatch: pytest.MonkeyPatch) -> None:
    """500 cards in a small place, and 1,400 wires that all run back over them."""
    chance, looked_at = random.Random(0), 0

    def counted(
        source: Place, target: Place, boxes: Sequence[Rect], lanes: Sequence[Lane], shared: Sequence[Lane]
    ) -> Route:
        nonlocal looked_at
        looked_at += len(boxes)
        return Route((source, target))

    nodes = {f"n{at}": Node(f"n{at}", "add") for at in range(500)}
    places = {key: Point(60.0 * (at % 25), 40.0 * (at // 25)) for at, key in enumerate(nodes)}
    ends = {tuple(sorted(chance.sample(range(500), 2))) for _ in range(1_400)}
    wires = tuple(Wire(End(f"n{two}", "output"), End(f"n{one}", "input"), one) for one, two in ends)
    monkeypatch.setattr(wire_layout, "route", counted)
    with drawn(Project(graphs={MAIN: Graph(nodes, wires, layout=Layout(positions=places))})) as scene:
        assert len(scene.wires) == len(wires)
        assert all(item.route is not None for item in scene.wires.values())
    assert looked_at < wire_layout._WORK


@pytest.mark.parametrize("seed", range(3))
def test_edits_of_a_drawing_with_too_much_work_leave_the_picture_of_a_fresh_scene(
    qapp, monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    """A card that comes into a cell near a wire counts, also where it does not meet the wire's region."""
    monkeypatch.setattr(wire_layout, "_CELL", 100.0)
    monkeypatch.setattr(wire_layout, "_ALWAYS", 2)
    monkeypatch.setattr(wire_layout, "_WORK", 160 + 60 * seed)
    session = Session(crowded(seed))
    scene, chance, levels = CanvasScene(session), random.Random(seed), set[int]()
    for _ in range(40):
        session.apply(random_edit(session.project, chance), "Edit")
        levels.add(scene.wiring._crowds._level)
        assert picture(scene) == fresh(session)
    assert len(levels) > 1, "wires became straight, or went around again"
    while session.undo_label is not None:
        session.undo()
        assert picture(scene) == fresh(session)
    scene.deleteLater()
