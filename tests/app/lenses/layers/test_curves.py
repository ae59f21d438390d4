"""Curves over the steps: flow and update size in the view."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QPoint

from app.lenses.painter import Context, Subject
from app.lenses.registry import PAINTERS
from app.style import theme

FLOW, UPDATE = PAINTERS["flow"], PAINTERS["update_size"]


def at(step: int, target: str = "a") -> Context:
    return Context(target=target, step=step)


def numbers(**values: float) -> dict[str, np.ndarray]:
    return {name: np.array(value) for name, value in values.items()}


def test_flow_is_a_curve_for_each_number(qtbot) -> None:
    view = FLOW.view()
    qtbot.addWidget(view)
    view.resize(268, 100)
    for step in range(1, 11):
        seen = numbers(mean=0.0, deviation=10.0 ** -(step - 1), zeros=0.5, lost=0.0, gradient=1.0)
        assert FLOW.show(view, seen, at(step))
    view.show()
    deviation = view.shown[0]
    assert [curve.name for curve in view.shown] == ["deviation", "gradient norm", "mean", "zeros"]
    assert deviation.ends() == (-9.0, 0.0)
    said: list[str] = []
    view.pointed.connect(said.append)
    qtbot.mouseMove(view, QPoint(100, 40))
    qtbot.mouseMove(view, QPoint(264, 40))
    assert said[-1] == "deviation after step 10 · 1e-9"
    assert not FLOW.show(view, {}, at(11))


def test_values_that_are_not_finite_are_told(qtbot) -> None:
    view = FLOW.view()
    qtbot.addWidget(view)
    assert FLOW.show(view, numbers(mean=0.0, deviation=1.0, zeros=0.0, lost=0.25), at(3))
    assert FLOW.note(view, "step 3", at(3)) == "25.0 % not finite · step 3"


def weights(value: float) -> dict[str, np.ndarray]:
    held = np.array([3.0, 4.0 + value], np.float32)
    return {"weights": held, "norm": np.array(5.0), "gradient": np.array(2.0), "count": np.array(2)}


def test_an_update_is_what_the_weights_moved_a_step_against_their_length(qtbot) -> None:
    view = UPDATE.view()
    qtbot.addWidget(view)
    view.resize(268, 100)
    UPDATE.show(view, weights(0.0), at(10))
    assert view.shown[0].points == (), "one look says nothing of a change"
    UPDATE.show(view, weights(0.5), at(20))
    ((step, value),) = view.shown[0].points
    assert step == 20
    assert value == pytest.approx(0.5 / 10 / 5)
    assert UPDATE.note(view, "step 20", at(20)) == "mean of 10 steps · step 20"
    assert view.shown[0].mark == 1e-3
    UPDATE.show(view, weights(0.5), at(20))
    assert len(view.shown[0].points) == 1, "the same step, of another sample"
    UPDATE.show(view, weights(9.0), at(30, "b"))
    assert view.shown[0].points == (), "of another layer nothing is known yet"
    view.grab()


def test_weights_that_are_left_out_are_told(qtbot) -> None:
    view = UPDATE.view()
    qtbot.addWidget(view)
    for step in (10, 20):
        seen = {"weights": np.ones(16_384, np.float32), "norm": np.array(1.0), "count": np.array(50_500)}
        assert UPDATE.show(view, seen, at(step))
    assert UPDATE.note(view, "step 20", at(20)) == "16,384 of 50,500 weights · mean of 10 steps · step 20"
    UPDATE.show(view, weights(0.0), at(30))
    assert UPDATE.note(view, "step 30", at(30)) == "step 30"


@pytest.mark.parametrize("tokens", [theme.DARK, theme.LIGHT])
def test_nodes_show_the_numbers(qapp, tokens) -> None:
    for painter, seen in (
        (FLOW, numbers(mean=0.0, deviation=2.0, zeros=0.0, lost=0.0)),
        (UPDATE, weights(0.0)),
    ):
        room = painter.room(Subject(None, None))
        image = painter.thumbnail(seen, room, Context(), tokens)
        assert len({image.pixel(x, y) for x in range(image.width()) for y in range(20)}) > 4
        assert painter.thumbnail({}, room, Context(), tokens) is None
