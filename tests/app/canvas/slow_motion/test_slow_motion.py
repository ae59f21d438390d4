"""Slow motion as a person uses it: keys and buttons go through the moments of a step, over any drawing."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from engine.document import edits
from engine.document.project import MAIN
from engine.lens.step_moments import Stage
from tests.drawings import convnet, gan


def opened(window, qtbot, project):
    window.files.open_made(project)
    canvas = window.workbench().canvas
    canvas.setFocus()
    action = window.actions_["slow_motion"]
    qtbot.waitUntil(action.isEnabled, timeout=5_000)
    action.trigger()
    qtbot.waitUntil(lambda: bool(canvas.slow_motion.moments), timeout=20_000)
    return canvas.slow_motion


def stage(slow) -> Stage:
    return slow.moments[slow.place].stage


def test_a_step_of_a_net_that_never_trained_is_walked_through_by_keys(window, qtbot):
    slow = opened(window, qtbot, convnet("digits"))
    assert slow.bar.isVisible()
    assert (slow.place, stage(slow)) == (0, Stage.FEED)
    assert set(slow.marks.lit()) == {"data"}
    assert slow.bar.where.text() == "fresh weights"
    assert slow.bar.count.text().startswith("1 of")
    seen = [stage(slow)]
    canvas = window.workbench().canvas
    while slow.place < len(slow.moments) - 1:
        QTest.keyClick(canvas, Qt.Key.Key_Right)
        seen.append(stage(slow))
        assert slow.marks.lit(), "something is lit at each moment"
    assert list(dict.fromkeys(seen)) == list(dict.fromkeys(each.stage for each in slow.moments))
    assert not slow.bar.next_button.isEnabled()
    QTest.keyClick(canvas, Qt.Key.Key_Left)
    assert slow.place == len(slow.moments) - 2
    QTest.keyClick(canvas, Qt.Key.Key_Escape)
    assert not slow.bar.isVisible()
    assert not slow.marks.isVisible()


def test_it_plays_by_itself_at_a_speed_and_rests_when_told(window, qtbot):
    slow = opened(window, qtbot, convnet("digits"))
    for _ in range(2):
        QTest.mouseClick(slow.bar.speed_chip, Qt.MouseButton.LeftButton)
    assert slow.bar.speed_chip.text() == "4×"
    QTest.keyClick(window.workbench().canvas, Qt.Key.Key_Space)
    qtbot.waitUntil(lambda: slow.place >= 2, timeout=5_000)
    QTest.mouseClick(slow.bar.play_button, Qt.MouseButton.LeftButton)
    at = slow.place
    qtbot.wait(500)
    assert slow.place == at


def test_several_objectives_come_in_their_order_and_blocks_are_lit_for_what_is_inside(window, qtbot):
    slow = opened(window, qtbot, gan())
    objectives = list(dict.fromkeys(moment.objective for moment in slow.moments))
    assert len(objectives) == 2
    names = set(window.session.project.main.nodes)
    for place in range(len(slow.moments)):
        slow.show_at(place)
        assert set(slow.marks.lit()) <= names
    assert objectives[1] in slow.bar.where.text()


def test_an_edit_is_followed_and_a_drawing_that_cannot_train_says_why(window, qtbot):
    slow = opened(window, qtbot, convnet("digits"))
    before = slow.moments
    window.session.attempt(lambda project: edits.remove_nodes(project, MAIN, ["objective"]), "Delete")
    qtbot.waitUntil(lambda: slow.moments is not before and not slow.moments, timeout=20_000)
    assert "objective" in slow.bar.sentence.text().lower()
    window.session.undo()
    qtbot.waitUntil(lambda: bool(slow.moments), timeout=20_000)
