"""Data drawn by hand: with the mouse and with the keys, erased, from a shape, and undone stroke by stroke."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest

from app.inspector.drawing_pad import PadPart
from app.inspector.inspector import Inspector
from app.lenses import drawn_points
from app.state.run_controller import RunController
from engine.document import edits
from engine.document.project import Node, Point, Project


@pytest.fixture
def part(qapp, qtbot) -> PadPart:
    part = PadPart()
    qtbot.addWidget(part)
    part.resize(300, 420)
    part.show()
    return part


@pytest.fixture
def strokes(part: PadPart) -> list[tuple[str, str]]:
    """What is told of every stroke: the text and its key."""
    told: list[tuple[str, str]] = []
    part.edited.connect(lambda _name, text, key: told.append((text, key)))
    return told


def at(part: PadPart, x: float, y: float) -> QPoint:
    return part.pad.pixel_of(np.array((x, y))).toPoint()


def stroke(
    part: PadPart, start: tuple[float, float], end: tuple[float, float], button=Qt.MouseButton.LeftButton
):
    QTest.mousePress(part.pad, button, pos=at(part, *start))
    for share in (0.25, 0.5, 0.75, 1.0):
        x, y = (a + (b - a) * share for a, b in zip(start, end, strict=True))
        QTest.mouseMove(part.pad, at(part, x, y))
    QTest.mouseRelease(part.pad, button, pos=at(part, *end))


def test_text_and_points_are_the_same_drawing():
    points = drawn_points.parse("0.25 0.5; 1 0;0.3,0.4; nonsense; 2 2; nan 1")
    assert points.tolist() == [[0.25, 0.5], [1.0, 0.0], [0.3, 0.4], [1.0, 1.0]]
    assert drawn_points.written(points) == "0.25 0.5; 1 0; 0.3 0.4; 1 1"
    assert len(drawn_points.parse("")) == 0
    assert len(drawn_points.parse("0.5 0.5;" * 9000)) == drawn_points.MOST


def test_a_stroke_leaves_points_along_its_way(part: PadPart, strokes):
    stroke(part, (0.2, 0.5), (0.8, 0.5))
    assert len(strokes) == 1
    points = drawn_points.parse(strokes[0][0])
    assert len(points) == len(part.pad.points) > 60
    assert points[:, 0].min() < 0.3
    assert points[:, 0].max() > 0.7
    assert abs(points[:, 1].mean() - 0.5) < 0.02
    assert part.heading.note.text() == f"{len(points)} points"
    shown = part.pad.grab().toImage().pixelColor(part.pad.pixel_of(points[10]).toPoint())
    assert shown.blue() > shown.red() + 60


def test_the_right_button_erases_only_what_it_touches(part: PadPart, strokes):
    part.show_text("0.2 0.2; 0.8 0.8; 0.82 0.79")
    QTest.mouseClick(part.pad, Qt.MouseButton.RightButton, pos=at(part, 0.8, 0.8))
    assert strokes[-1][0] == "0.2 0.2"
    assert part.heading.note.text() == "1 point"


def test_every_stroke_is_a_step_of_its_own_and_keys_that_follow_are_one(part: PadPart, strokes):
    stroke(part, (0.1, 0.1), (0.2, 0.1))
    stroke(part, (0.1, 0.3), (0.2, 0.3))
    assert strokes[0][1] != strokes[1][1]
    part.pad.setFocus()
    for key in (Qt.Key.Key_Right, Qt.Key.Key_Space, Qt.Key.Key_Right, Qt.Key.Key_Space):
        QTest.keyClick(part.pad, key)
    assert len(strokes) == 4
    assert strokes[2][1] == strokes[3][1] != strokes[1][1]
    QTest.keyClick(part.pad, Qt.Key.Key_Delete)
    assert strokes[4][1] != strokes[3][1]
    assert len(drawn_points.parse(strokes[4][0])) < len(drawn_points.parse(strokes[3][0]))


def test_keys_alone_draw_anywhere(part: PadPart, strokes):
    part.pad.setFocus()
    for _ in range(3):
        QTest.keyClick(part.pad, Qt.Key.Key_Left, Qt.KeyboardModifier.ShiftModifier)
        QTest.keyClick(part.pad, Qt.Key.Key_Up)
    QTest.keyClick(part.pad, Qt.Key.Key_Space)
    assert np.allclose(drawn_points.parse(strokes[-1][0]).mean(axis=0), (0.2, 0.56), atol=0.06)


def test_shapes_to_start_from_and_an_empty_square(part: PadPart, strokes):
    for name, chip in part.shapes.items():
        QTest.mouseClick(chip, Qt.MouseButton.LeftButton)
        points = drawn_points.parse(strokes[-1][0])
        assert np.array_equal(points, drawn_points.shape(name))
        assert len(points) == 300
    assert len({text for text, _ in strokes}) == 4
    QTest.mouseClick(part.clear, Qt.MouseButton.LeftButton)
    assert strokes[-1][0] == ""
    assert not part.clear.isEnabled()


def test_brushes_differ_in_width(part: PadPart, strokes):
    spread = []
    for _ in range(3):
        QTest.mouseClick(part.brush, Qt.MouseButton.LeftButton)
        QTest.mouseClick(part.clear, Qt.MouseButton.LeftButton)
        stroke(part, (0.2, 0.5), (0.8, 0.5))
        spread.append(float(drawn_points.parse(strokes[-1][0])[:, 1].std()))
    large, small, medium = spread
    assert small < medium < large


def test_no_more_points_than_a_drawing_may_have(part: PadPart):
    part.show_text("0.5 0.5;" * (drawn_points.MOST - 1))
    stroke(part, (0.2, 0.5), (0.8, 0.5))
    assert len(part.pad.points) == drawn_points.MOST
    assert part.heading.note.text() == "2,000 points · full"


# In the inspector -----------------------------------------------------------------------------------------


@pytest.fixture
def inspector(qapp, qtbot, controller: RunController) -> Inspector:
    """The inspector on a data node whose points are drawn."""
    session = controller.session
    node = Node("data", "data", {"dataset": "drawn-points", "points": "0.5 0.5"})
    session.apply(edits.add_node(Project(), "main", node, Point(0, 0)), "Draw")
    inspector = Inspector(session, controller)
    qtbot.addWidget(inspector)
    inspector.resize(300, 900)
    inspector.show()
    session.select(frozenset({"data"}))
    yield inspector
    inspector.page.data._reading.wait()


def drawn_in(inspector: Inspector) -> int:
    """How many points the project holds."""
    return len(drawn_points.parse(str(inspector.session.graph.nodes["data"].params.get("points", ""))))


def test_strokes_are_undone_one_by_one(inspector: Inspector):
    session, part = inspector.session, inspector.page.pad
    assert part.isVisible()
    assert part.heading.note.text() == "1 point"
    assert "points" not in inspector.page.form.rows
    stroke(part, (0.2, 0.2), (0.4, 0.2))
    first = drawn_in(inspector)
    stroke(part, (0.6, 0.8), (0.8, 0.8))
    assert drawn_in(inspector) > first > 1
    session.undo()
    assert drawn_in(inspector) == first == len(part.pad.points)
    session.undo()
    assert drawn_in(inspector) == 1
    session.redo()
    assert len(part.pad.points) == first


def test_the_pad_is_there_for_drawn_points_alone(inspector: Inspector):
    session = inspector.session
    session.apply(edits.set_param(session.project, "main", "data", "dataset", "ring"), "Ring")
    assert not inspector.page.pad.isVisible()
    session.undo()
    assert inspector.page.pad.isVisible()


def test_a_cloud_and_a_truth_table_are_previewed(inspector: Inspector, qtbot):
    session, data = inspector.session, inspector.page.data
    session.apply(edits.set_param(session.project, "main", "data", "dataset", "ring"), "Ring")
    qtbot.waitUntil(data.samples.points.isVisible, timeout=5000)
    assert data.samples.points.points.shape == (500, 2)
    session.apply(edits.set_param(session.project, "main", "data", "dataset", "xor-table"), "XOR")
    qtbot.waitUntil(data.samples.text.isVisible, timeout=5000)
    lines = [line.split() for line in data.samples.text.text().splitlines()]
    assert lines[1:] == [
        ["0", "0", "→", "0"],
        ["0", "1", "→", "1"],
        ["1", "0", "→", "1"],
        ["1", "1", "→", "0"],
    ]
