"""The view of states over time: what the mouse reads, one quantity alone, and what is left out."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import QPointF, QRectF, Qt

from app.lenses.painter import Context, Subject
from app.lenses.painters.sequences.over_time import OverTimeSheet
from app.lenses.painters.sequences.sheet_canvas import SheetCanvas
from app.lenses.registry import PAINTERS
from app.style import theme
from nodes.registry import REGISTRY

PAINTER = PAINTERS["recurrent_states"]


def arrays(steps: int = 10, units: int = 8, **more: Any) -> dict[str, Any]:
    rng = np.random.default_rng(0)
    gate = rng.random((steps, units)).astype(np.float32)
    gate[3] = np.nan
    return {
        "names": np.array(["hidden state", "forget gate"]),
        "values_0": rng.normal(size=(steps, units)).astype(np.float32),
        "values_1": gate,
        "steps": np.arange(steps),
        "total_steps": np.array(steps),
        "total_units": np.array([units, units]),
        **more,
    }


@pytest.fixture
def view(qtbot) -> SheetCanvas:
    made = PAINTER.view()
    qtbot.addWidget(made)
    made.resize(268, 300)
    made.show()
    return made


def sheet_of(view: SheetCanvas) -> OverTimeSheet:
    assert isinstance(view.sheet, OverTimeSheet)
    return view.sheet


def test_the_mouse_reads_a_unit_at_a_step(qtbot, view: SheetCanvas) -> None:
    shown = arrays()
    assert PAINTER.show(view, shown, Context())
    said: list[str] = []
    view.pointed.connect(said.append)
    box = sheet_of(view).boxes(QRectF(view.rect()))[1][2]
    at = QPointF(box.left() + 0.65 * box.width(), box.top() + 2.5 / 8 * box.height())
    qtbot.mouseMove(view, box.center().toPoint())
    qtbot.mouseMove(view, at.toPoint())
    assert said[-1].startswith("forget gate · unit 2 · step 7 of 10 · 0.")
    assert float(said[-1].rpartition(" ")[2]) == pytest.approx(shown["values_1"][6, 2], abs=1e-3)
    qtbot.mouseMove(view, QPointF(box.left() + 0.35 * box.width(), at.y()).toPoint())
    assert said[-1].endswith("passed over")


def test_a_click_shows_one_alone_and_another_all(qtbot, view: SheetCanvas) -> None:
    PAINTER.show(view, arrays(), Context())
    box = sheet_of(view).boxes(QRectF(view.rect()))[1][2]
    qtbot.mouseClick(view, Qt.MouseButton.LeftButton, pos=box.center().toPoint())
    assert [quantity.name for _, quantity, _ in sheet_of(view).boxes(QRectF(view.rect()))] == ["forget gate"]
    PAINTER.show(view, arrays(), Context())
    assert sheet_of(view).enlarged == 1, "it stays so with the next frame"
    qtbot.mouseClick(view, Qt.MouseButton.LeftButton, pos=view.rect().center())
    assert len(sheet_of(view).boxes(QRectF(view.rect()))) == 2


def test_what_is_left_out_is_told(view: SheetCanvas) -> None:
    PAINTER.show(view, arrays(total_steps=np.array(4000), total_units=np.array([512, 512])), Context())
    said = PAINTER.note(view, "sample 3", Context())
    assert said == "10 of 4,000 steps · 8 of 512 units · sample 3"


@pytest.mark.parametrize("dark", [True, False])
def test_it_is_painted_in_both_themes(view: SheetCanvas, dark: bool) -> None:
    before, now = theme.current(), theme.DARK if dark else theme.LIGHT
    theme.use(now)
    PAINTER.show(view, arrays(), Context())
    shown = view.grab().toImage()
    assert len({shown.pixel(x, y) for x in range(0, 268, 3) for y in range(0, shown.height(), 3)}) > 20
    subject = Subject(REGISTRY["lstm"](), None)
    room = PAINTER.room(subject)
    assert not PAINTER.is_default(subject), "cards keep their size; L shows it"
    assert room is not None
    assert PAINTER.thumbnail(arrays(), room, Context(), now) is not None
    assert not PAINTER.show(view, {}, Context())
    theme.use(before)
