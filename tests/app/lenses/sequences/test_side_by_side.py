"""Pictures side by side: what the mouse reads, the divider that is dragged, and differences."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QRectF, Qt

from app.lenses.painter import Context, Subject
from app.lenses.painters.sequences.side_by_side import SideBySideView
from app.lenses.painters.sequences.side_by_side_sheets import Swipe, Tiles
from app.lenses.registry import PAINTERS
from app.style import theme

PAINTER = PAINTERS["side_by_side"]


def arrays(truth: int = 0) -> dict[str, Any]:
    """Data, cubic curves and an output; the output is 0.25 below the data everywhere."""
    rng = np.random.default_rng(0)
    data = (0.25 + 0.75 * rng.random((1, 8, 8))).astype(np.float32)
    nan = float("nan")
    return {
        "names": np.array(["data input", "shrink, enlarged", "output"]),
        "picture_0": data,
        "picture_1": np.full((1, 8, 8), 0.5, np.float32),
        "picture_2": data - np.float32(0.25),
        "sizes": np.array([(1, 8, 8)] * 3),
        "truth": np.array(truth),
        "error": np.array([nan, 0.05, 0.0625] if truth >= 0 else [nan] * 3),
        "psnr": np.array([nan, 13.0, 12.04] if truth >= 0 else [nan] * 3),
        "ssim": np.array([nan, nan, 0.8] if truth >= 0 else [nan] * 3),
        "span": np.array(1.0),
    }


@pytest.fixture
def view(qtbot) -> SideBySideView:
    made = PAINTER.view()
    qtbot.addWidget(made)
    made.resize(290, 400)
    made.show()
    return made


def settled(view: SideBySideView) -> QRectF:
    """The area of the canvas once it is laid out."""
    layout = view.layout()
    assert layout is not None
    layout.activate()
    return QRectF(view.canvas.rect())


def test_the_mouse_reads_a_pixel_beside_the_true_one(qtbot, view: SideBySideView) -> None:
    shown = arrays()
    assert PAINTER.show(view, shown, Context())
    area, sheet = settled(view), view.canvas.sheet
    assert isinstance(sheet, Tiles)
    said: list[str] = []
    view.pointed.connect(said.append)
    box = sheet.tile(2, area)
    qtbot.mouseMove(view.canvas, QPoint(round(box.left() + box.width() * 0.45), round(box.top() + 2)))
    assert said[-1].startswith("output · 0, 3 · 0.")
    assert float(said[-1].rpartition(" ")[2]) == pytest.approx(shown["picture_0"][0, 0, 3], abs=1e-3)
    assert [one.numbers() for one in sheet.shown] == ["", "13.0 dB", "12.0 dB · SSIM 0.80"]


def test_the_divider_is_dragged_and_another_picture_chosen(qtbot, view: SideBySideView) -> None:
    PAINTER.show(view, arrays(), Context())
    qtbot.mouseClick(view.modes.buttons["swipe"], Qt.MouseButton.LeftButton)
    settled(view)
    sheet = view.canvas.sheet
    assert isinstance(sheet, Swipe)
    assert sheet.made.name == "output"
    canvas = view.canvas
    qtbot.mousePress(canvas, Qt.MouseButton.LeftButton, pos=QPoint(145, 50))
    qtbot.mouseMove(canvas, QPoint(58, 50))
    qtbot.mouseRelease(canvas, Qt.MouseButton.LeftButton, pos=QPoint(58, 50))
    assert sheet.share == pytest.approx(0.2, abs=0.02)
    said: list[str] = []
    view.pointed.connect(said.append)
    qtbot.mouseMove(canvas, QPoint(20, 50))
    qtbot.mouseMove(canvas, QPoint(100, 50))
    assert [words.partition(" · ")[0] for words in said] == ["data input", "output"]
    below = QPoint(200, round(sheet.box(QRectF(canvas.rect())).bottom()) + 8)
    qtbot.mouseClick(canvas, Qt.MouseButton.LeftButton, pos=below)
    assert isinstance(canvas.sheet, Swipe)
    assert canvas.sheet.made.name == "shrink, enlarged"
    assert canvas.sheet.share == pytest.approx(0.2, abs=0.02)


def test_differences_are_what_is_added_to_the_truth(view: SideBySideView) -> None:
    PAINTER.show(view, arrays(), Context())
    view.modes.buttons["difference"].click()
    sheet = view.canvas.sheet
    assert isinstance(sheet, Tiles)
    assert [one.name for one in sheet.shown] == ["shrink, enlarged", "output"]
    np.testing.assert_allclose(sheet._difference(sheet.shown[1]), -0.25, atol=1e-6)


def test_without_a_truth_pictures_stand_beside_each_other(view: SideBySideView) -> None:
    PAINTER.show(view, arrays(truth=-1), Context())
    assert not view.modes.isVisible()
    sheet = view.canvas.sheet
    assert isinstance(sheet, Tiles)
    assert len(sheet.shown) == 3
    assert not PAINTER.show(view, {}, Context())


@pytest.mark.parametrize("dark", [True, False])
def test_it_is_painted_in_both_themes(view: SideBySideView, dark: bool) -> None:
    before, now = theme.current(), theme.DARK if dark else theme.LIGHT
    theme.use(now)
    PAINTER.show(view, arrays(), Context())
    for mode in ("tiles", "swipe", "difference"):
        view.modes.buttons[mode].click()
        shown = view.canvas.grab().toImage()
        colours = {shown.pixel(x, y) for x in range(0, 288, 3) for y in range(0, shown.height(), 3)}
        assert len(colours) > 8, mode
    room = PAINTER.room(Subject(None, None))
    assert room is not None
    assert PAINTER.thumbnail(arrays(), room, Context(), now) is not None
    theme.use(before)
