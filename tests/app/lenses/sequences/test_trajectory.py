"""The view of trajectories: the slider, playing, and what the mouse reads."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QRectF, Qt
from PySide6.QtGui import QColor

from app.lenses.painter import Context, Subject
from app.lenses.painters.sequences.trajectory import TrajectoryView
from app.lenses.painters.sequences.trajectory_sheet import TrajectorySheet
from app.lenses.registry import PAINTERS
from app.lenses.sample_paint import GENERATED
from app.style import theme
from nodes.reading.dataset import DataInfo
from nodes.spec import N, TensorSpec

PAINTER = PAINTERS["state_trajectory"]


def arrays(samples: int = 1, steps: int = 12, **more: Any) -> dict[str, Any]:
    angle = np.linspace(0.0, 4.0, steps)[None] + np.arange(samples)[:, None]
    paths = np.stack((np.cos(angle), np.sin(angle)), -1).astype(np.float32)
    total = np.array((samples, steps))
    return {
        "paths": paths,
        "steps": np.arange(1, steps + 1),
        "total": total,
        "shares": np.array((0.62, 0.21)),
        **more,
    }


def data_info(classes: tuple[str, ...]) -> DataInfo:
    return DataInfo("toy", "Toy", "images", 10, TensorSpec((N, 1, 8, 8)), None, classes)


@pytest.fixture
def view(qtbot) -> TrajectoryView:
    made = PAINTER.view()
    qtbot.addWidget(made)
    made.resize(268, 330)
    made.show()
    return made


def sheet_of(view: TrajectoryView) -> TrajectorySheet:
    assert isinstance(view.canvas.sheet, TrajectorySheet)
    return view.canvas.sheet


def test_the_mouse_reads_steps_of_a_path(qtbot, view: TrajectoryView) -> None:
    assert PAINTER.show(view, arrays(), Context())
    layout = view.layout()
    assert layout is not None
    layout.activate()
    said: list[str] = []
    view.pointed.connect(said.append)
    x, y = sheet_of(view).places(QRectF(view.canvas.rect()))[0, 3]
    qtbot.mouseMove(view.canvas, QPoint(1, 1))
    qtbot.mouseMove(view.canvas, QPoint(round(x), round(y)))
    assert said[-1] == "step 4 of 12 · 0.462, 0.887"
    assert sheet_of(view).read.told() == "PCA: 62 % + 21 % of the variance"


def test_the_slider_goes_back_and_playing_goes_on(qtbot, view: TrajectoryView) -> None:
    PAINTER.show(view, arrays(samples=3), Context())
    assert sheet_of(view).step == 11
    view.timeline.setFocus()
    qtbot.keyClick(view.timeline, Qt.Key.Key_Left)
    assert sheet_of(view).step == 10
    PAINTER.show(view, arrays(samples=3), Context())
    assert sheet_of(view).step == 10, "the next frame leaves the slider where it is"
    qtbot.mouseClick(view.play, Qt.MouseButton.LeftButton)
    assert view.is_playing
    qtbot.waitUntil(lambda: not view.is_playing)
    assert sheet_of(view).step == 11
    qtbot.mouseClick(view.play, Qt.MouseButton.LeftButton)
    assert view.timeline.value() == 0
    view.hide()
    assert not view.is_playing


def test_what_is_generated_has_the_colour_that_it_has_among_the_samples(view: TrajectoryView) -> None:
    PAINTER.show(view, arrays(samples=3, real=np.zeros((4, 2))), Context())
    assert sheet_of(view)._colour(0) == QColor(GENERATED)


def test_what_is_left_out_is_told(view: TrajectoryView) -> None:
    PAINTER.show(view, arrays(samples=3, total=np.array((1000, 50)), real=np.zeros((4, 2))), Context())
    assert sheet_of(view).read.told().endswith("3 of 1,000 samples · 12 of 50 steps")
    assert not PAINTER.show(view, {}, Context())


def test_samples_of_a_sampler_say_their_step_and_what_was_asked_for(qtbot, view: TrajectoryView) -> None:
    asked, info = np.array(("1", "0", "1")), data_info(("boot", "bag"))
    shown = arrays(samples=3, total=np.array((3, 50)), asked=asked) | {"steps": np.arange(12) * 50 // 11}
    PAINTERS["sampler_trajectory"].show(view, shown, Context(info))
    assert view.words.text() == "step 50 of 50"
    assert sheet_of(view).read.groups == ("bag", "boot")
    layout = view.layout()
    assert layout is not None
    layout.activate()
    said: list[str] = []
    view.pointed.connect(said.append)
    x, y = sheet_of(view).places(QRectF(view.canvas.rect()))[1, 11]
    before = view.canvas.grab().toImage()
    qtbot.mouseMove(view.canvas, QPoint(1, 1))
    qtbot.mouseMove(view.canvas, QPoint(round(x), round(y)))
    assert said[-1].startswith("sample 1 · asked for boot · step 50 of 50 · ")
    assert view.canvas.grab().toImage() != before, "the path under the mouse is marked"
    view.timeline.setFocus()
    qtbot.keyClick(view.timeline, Qt.Key.Key_Home)
    assert view.words.text() == "noise"


@pytest.mark.parametrize("dark", [True, False])
def test_it_is_painted_in_both_themes(view: TrajectoryView, dark: bool) -> None:
    before, now = theme.current(), theme.DARK if dark else theme.LIGHT
    theme.use(now)
    for samples in (1, 5):
        PAINTER.show(view, arrays(samples=samples), Context())
        shown = view.canvas.grab().toImage()
        assert len({shown.pixel(x, y) for x in range(0, 260, 2) for y in range(0, shown.height(), 2)}) > 8
    room = PAINTER.room(Subject(None, None))
    assert room is not None
    assert PAINTER.thumbnail(arrays(), room, Context(), now) is not None
    theme.use(before)
