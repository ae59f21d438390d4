"""The view of denoising steps: what is painted of which step and sample, and the sums in words."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QRectF, Qt

from app.lenses.painter import Context, Subject
from app.lenses.painters.sequences.denoising import DenoisingView
from app.lenses.painters.sequences.denoising_sheet import DenoisingSheet
from app.lenses.registry import PAINTERS
from app.style import theme

PAINTER = PAINTERS["denoising"]
SIGNAL, NOISE, THEN, KEPT = 0.6, 0.8, 0.8, 0.6


def arrays(*shape: int, steps: int = 4, guided: bool = False) -> dict[str, Any]:
    chance = np.random.default_rng(0)
    noisy, noise, steer = (chance.normal(size=(steps, 3, *shape)) for _ in range(3))
    data = (noisy - NOISE * noise) / SIGNAL
    found: dict[str, Any] = {"noisy": noisy, "noise": noise, "data": data, "direction": noise}
    found["next"] = THEN * data + KEPT * noise
    if guided:
        found |= {"without": noise - 2.0 * steer, "with": noise - steer}
    return found | {
        "factors": np.tile((SIGNAL, NOISE, THEN, KEPT, 0.0), (steps, 1)),
        "steps": np.arange(1, steps + 1),
        "total": np.array(50),
        "of": np.array(64),
        "guidance": np.array(2.0),
        "asked": np.array(("a boot", "a bag", "a boot")),
    }


@pytest.fixture
def view(qtbot) -> DenoisingView:
    made = PAINTER.view()
    qtbot.addWidget(made)
    made.resize(520, 420)
    made.show()
    return made


def sheet_of(view: DenoisingView) -> DenoisingSheet:
    assert isinstance(view.canvas.sheet, DenoisingSheet)
    return view.canvas.sheet


def test_the_slider_and_the_arrows_choose_a_step_and_a_sample(qtbot, view: DenoisingView) -> None:
    assert PAINTER.show(view, arrays(1, 8, 8), Context())
    assert view.words.text() == "step 3 of 50"
    assert view.samples.words.text() == "sample 0 · asked for a boot · 3 of 64 can be shown"
    view.timeline.setFocus()
    qtbot.keyClick(view.timeline, Qt.Key.Key_Left)
    assert view.words.text() == "step 2 of 50"
    qtbot.mouseClick(view.samples.next, Qt.MouseButton.LeftButton)
    assert (sheet_of(view).step, sheet_of(view).sample) == (1, 1)
    assert view.samples.words.text().startswith("sample 1 · asked for a bag")
    PAINTER.show(view, arrays(1, 8, 8), Context())
    assert (sheet_of(view).step, sheet_of(view).sample) == (1, 1), "the next frame leaves both"
    assert not PAINTER.show(view, {}, Context())


def test_the_sums_are_those_of_the_values_on_show(qtbot, view: DenoisingView) -> None:
    PAINTER.show(view, arrays(2), Context())
    assert sheet_of(view).sums() == (
        "x̂ = (x − 0.8·ε) / 0.6",
        "x′ = 0.8·x̂ + 0.6·ε",
        "x′ = 1.333·x − 0.4667·ε",
    )
    layout = view.layout()
    assert layout is not None
    layout.activate()
    said: list[str] = []
    view.pointed.connect(said.append)
    sheet = sheet_of(view)
    (*_, box) = sheet.boxes(QRectF(view.canvas.rect()))[0]
    at = QPoint(round(box.left() + 0.75 * box.width()), round(box.center().y()))
    qtbot.mouseMove(view.canvas, QPoint(1, 1))
    qtbot.mouseMove(view.canvas, at)
    where, *numbers = said[-1].replace("−", "-").split(" · ")
    x, noise, data, after = (float(one.split(" ")[1]) for one in numbers)
    assert where == "0, 1"
    assert data == pytest.approx((x - NOISE * noise) / SIGNAL, abs=2e-3)
    assert after == pytest.approx(4 / 3 * x - 0.4667 * noise, abs=2e-3)


def test_guidance_is_the_noise_with_a_condition_and_without(view: DenoisingView) -> None:
    PAINTER.show(view, arrays(1, 8, 8, guided=True), Context())
    sheet = sheet_of(view)
    assert sheet.sums()[0] == "ε = without + 2·(with − without)"
    names = [name for name, *_ in sheet.boxes(QRectF(0, 0, 500, 400))]
    assert names == ["without", "steer", "noise", "noisy", "noise", "data", "next"]
    without, steer, noise = (sheet._value(name) for name in names[:3])
    np.testing.assert_allclose(without + 2.0 * steer, noise, atol=1e-5)


@pytest.mark.parametrize("dark", [True, False])
@pytest.mark.parametrize("shape", [(2,), (1, 8, 8), (3, 8, 8), (4, 4, 4)])
def test_it_is_painted_in_both_themes(view: DenoisingView, shape: tuple[int, ...], dark: bool) -> None:
    before, now = theme.current(), theme.DARK if dark else theme.LIGHT
    theme.use(now)
    PAINTER.show(view, arrays(*shape, guided=True), Context())
    shown = view.canvas.grab().toImage()
    assert len({shown.pixel(x, y) for x in range(0, 500, 2) for y in range(0, shown.height(), 2)}) > 8
    room = PAINTER.room(Subject(None, None))
    assert room is not None
    assert PAINTER.thumbnail(arrays(*shape), room, Context(), now) is not None
    theme.use(before)
