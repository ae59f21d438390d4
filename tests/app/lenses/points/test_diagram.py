"""The picture of a network diagram: units and weights under the mouse."""

from __future__ import annotations

from typing import Any

import numpy as np
from PySide6.QtCore import QRectF

from app.lenses.painter import Context, Subject
from app.lenses.painters.points.diagram import line_of
from app.lenses.painters.points.neurons import DiagramView
from app.lenses.registry import PAINTERS
from app.style import theme

FIELDS = np.random.default_rng(0).normal(size=(3, 20, 20)).astype(np.float32)
ARRAYS: dict[str, Any] = {
    "field_0": FIELDS[:2],
    "field_1": FIELDS,
    "field_2": FIELDS[:1],
    "total": np.array([2, 9, 1]),
    "weight_1": np.array([(1.0, -0.5), (0.25, 0.0), (-2.0, 1.5)], np.float32),
    "bias_1": np.array([0.5, 0.0, -1.0], np.float32),
    "weight_2": np.array([(0.7, -0.1, 0.3)], np.float32),
    "layers": np.array(["block.hidden", "block.last"]),
    "left_out": np.array([0]),
    "output": FIELDS[:1],
    "domain": np.array([(-6, 6), (-6, 6)], np.float32),
    "axes": np.array(["x1", "x2"]),
    "points": np.array([(0.0, 0.0)], np.float32),
    "labels": np.array([1]),
    "more": np.array([0]),
}


def test_units_and_weights_are_read(qtbot) -> None:
    painter = PAINTERS["network_diagram"]
    view = painter.view()
    assert isinstance(view, DiagramView)
    qtbot.addWidget(view)
    view.resize(800, 400)
    assert painter.show(view, ARRAYS, Context())
    view.show()
    view.resize(800, 400)
    assert painter.note(view, "now", Context()) == "6 of 12 units · now"
    said: list[str] = []
    view.pointed.connect(said.append)
    area = QRectF(view.rect())
    qtbot.mouseMove(view, view.rect().bottomLeft())
    qtbot.mouseMove(view, view.square(1, 2, area).center().toPoint())
    assert said[-1] == "hidden unit 2 · bias -1"
    assert view.hovered == (1, 2)
    assert view.shown is not None
    edge = next(one for one in view.shown.edges() if one.weight == -2.0)
    middle = line_of(view.shown, edge, view.areas(area)[0]).pointAtPercent(0.35).toPoint()
    qtbot.mouseMove(view, middle)
    assert said[-1] == "x1 → hidden unit 2 · weight -2"
    room = painter.room(Subject(None, None))
    assert room is not None
    for tokens in (theme.DARK, theme.LIGHT):
        picture = painter.thumbnail(ARRAYS, room, Context(), tokens)
        assert picture is not None
        assert len({picture.pixel(x, y) for x in range(0, 400, 5) for y in range(0, 300, 5)}) > 8
    assert not painter.show(painter.view(), {}, Context())
