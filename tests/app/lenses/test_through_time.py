"""The picture of gradients through time: lines on one axis, what they say, in both themes."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QPoint

from app.lenses.painter import Context, Subject
from app.lenses.registry import PAINTERS
from app.style import theme
from engine.lens.registry import LENSES
from nodes.data.source import DataSource
from nodes.layers.scan import Scan
from nodes.registry import REGISTRY
from tests.engine.cells import elman_cell, run_over_time

PAINTER = PAINTERS["through_time"]
FALLING = {"h": np.logspace(-9, 0, 40).astype(np.float32), "c": np.ones(40, np.float32)}


def test_it_is_offered_for_scans_and_recurrent_layers() -> None:
    from engine.infer import infer

    report = infer(run_over_time(elman_cell(4), (6, 3))).nodes["rnn"]
    lens = LENSES["through_time"]
    assert lens.applies_to(Scan, report)
    assert lens.applies_to(REGISTRY["lstm"], report)
    assert not lens.applies_to(REGISTRY["linear"], report)
    assert not lens.applies_to(DataSource, report)


@pytest.mark.parametrize("dark", [True, False])
def test_the_view_says_how_far_a_gradient_falls(qtbot, dark: bool) -> None:
    now = theme.DARK if dark else theme.LIGHT
    view = PAINTER.view()
    qtbot.addWidget(view)
    view.resize(268, 220)
    assert PAINTER.show(view, FALLING, Context())
    view.show()
    words = {line.name: line.words() for line in view.shown}
    assert words == {"h": "first 10⁹× smaller", "c": "first 1× smaller"}
    said: list[str] = []
    view.pointed.connect(said.append)
    qtbot.mouseMove(view, QPoint(20, 60))
    qtbot.mouseMove(view, QPoint(264, 60))
    assert said[-1].startswith("h after step 40 of 40 · 1")
    room = PAINTER.room(Subject(None, None))
    assert room is not None
    picture = PAINTER.thumbnail(FALLING, room, Context(), now)
    assert picture is not None
    assert len({picture.pixel(x, y) for x in range(0, 360, 3) for y in range(0, 180, 3)}) > 8


def test_there_is_nothing_to_show_where_nothing_flows(qtbot) -> None:
    view = PAINTER.view()
    qtbot.addWidget(view)
    assert not PAINTER.show(view, {"h": np.zeros(5, np.float32)}, Context())
    assert not PAINTER.show(view, {}, Context())
