"""The picture of dead and saturated units: what it says, what it lists, what is under the mouse."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QPoint

from app.lenses.painter import Context, Subject
from app.lenses.registry import PAINTERS
from app.style import theme

PAINTER = PAINTERS["dead_units"]
RELU = {
    "zero": np.array([0.25, 1.0, 0.5, 1.0], np.float32),
    "counts": np.array([4, 2, 0, 1000, 256]),
}
TANH = {
    "zero": np.zeros(5000, np.float32)[:4096],
    "saturated": np.linspace(0, 1, 4096).astype(np.float32),
    "counts": np.array([5000, 0, 400, 256, 256]),
    "set": np.array([256, 2000, 1]),
}


def test_dead_units_are_counted_listed_and_read(qtbot) -> None:
    view = PAINTER.view()
    qtbot.addWidget(view)
    view.resize(268, 100)
    assert PAINTER.show(view, RELU, Context())
    view.show()
    assert view.shown.words() == "2 of 4 dead"
    assert view.shown.list_of("dead") == [1, 3]
    assert PAINTER.note(view, "step 9", Context()) == "256 samples · step 9"
    said: list[str] = []
    view.pointed.connect(said.append)
    qtbot.mouseMove(view, QPoint(4, 30))
    qtbot.mouseMove(view, QPoint(25, 30))
    assert said[-1] == "unit 1 · dead · 0 in 100.0 % of 1,000 values"
    qtbot.mouseMove(view, QPoint(200, 30))
    assert said[-1] == ""


def test_a_cut_is_told(qtbot) -> None:
    view = PAINTER.view()
    qtbot.addWidget(view)
    assert PAINTER.show(view, TANH, Context())
    assert (
        PAINTER.note(view, "step 9", Context())
        == "4,096 of 5,000 units · 256 of 2,000 validation samples · step 9"
    )
    assert view.shown.words() == "0 of 5,000 dead · 400 saturated"
    for width in (260, 900):
        view.resize(width, 100)
        view.grab()
        assert view.height() <= 400


@pytest.mark.parametrize("tokens", [theme.DARK, theme.LIGHT])
def test_dead_units_stand_out_in_a_node(qapp, tokens) -> None:
    room = PAINTER.room(Subject(None, None))
    image = PAINTER.thumbnail(RELU, room, Context(), tokens)
    colours = [image.pixelColor(x, y).name() for x in range(image.width()) for y in range(image.height())]
    assert colours.count(tokens.bad) > 500
    assert PAINTER.thumbnail({}, room, Context(), tokens) is None
