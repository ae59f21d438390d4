"""What a person reads of exemplars: the unit, its samples, the place in them; the arrows to other units."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from app.lenses.painter import Context, Subject
from app.lenses.registry import PAINTERS
from app.lenses.sets.paged import PagedView
from app.style import theme
from nodes.reading.dataset import DataInfo
from nodes.spec import N, TensorSpec
from tests.app.lenses.sets.mouse import click, point

PAINTER = PAINTERS["exemplars"]
TEXT = DataInfo("d", "D", "text", 90, TensorSpec((N, 20), "int64"), None, tuple("abcdefgh"))


def excited() -> dict[str, Any]:
    """Two of four units of a map of 4×4, nine samples each."""
    return {
        "set": np.array([50, 400, 1]),
        "units": np.array([0, 1], np.int32),
        "unit_count": np.array(4),
        "values": np.linspace(9, 1, 18, dtype=np.float32).reshape(2, 9),
        "samples": np.arange(18, dtype=np.int32).reshape(2, 9),
        "at": np.full((2, 9), 6, np.int32),
        "shape": np.array([4, 4]),
        "figures": np.array([[0.5, 1.0, 0.25]] * 2, np.float32),
        "shown": np.arange(18, dtype=np.int32),
        "pictures": np.full((18, 8, 8, 1), 200, np.uint8),
    }


def opened(qtbot: Any, arrays: dict[str, Any], info: DataInfo | None = None) -> PagedView:
    view = PAINTER.view()
    qtbot.addWidget(view)
    view.resize(268, 420)
    assert PAINTER.show(view, arrays, Context(info))
    view.show()
    qtbot.waitExposed(view)
    return view


def test_a_sample_is_read_and_its_place_is_framed(qtbot):
    view = opened(qtbot, excited())
    area = view.canvas.area()
    assert point(view, view.page.box(1, area).center()) == "sample 1 · at 1, 2 · 8.529"
    assert view.page.frame(0, 1) == (0.5, 0.25, 0.25, 0.25)
    image = view.grab().toImage()
    seen = {image.pixelColor(x, y).name() for x in range(image.width()) for y in range(image.height())}
    assert theme.NEGATIVE in seen


def test_arrows_lead_to_other_units_and_ask_for_those_of_another_look(qtbot):
    view = opened(qtbot, excited())
    area = view.canvas.area()
    on, back = (view.page.arrow(area, step).center() for step in (1, -1))
    assert point(view, on) == "Show the next unit"
    click(view, back)
    assert view.page.unit == 0
    click(view, on)
    assert view.page.unit == 1
    assert point(view, view.page.box(0, area).center()).startswith("sample 9 ·")
    with qtbot.waitSignal(view.options_chosen) as asked:
        click(view, on)
    assert asked.args == [{"unit": 2}]
    assert point(view, view.page.box(0, area).center()) == "", "it is not in this look"
    PAINTER.show(view, excited() | {"units": np.array([2, 3], np.int32)}, Context())
    assert point(view, view.page.box(0, area).center()).startswith("sample 0 ·")


def test_of_a_text_the_word_is_marked_within_what_is_around_it(qtbot):
    contexts = np.tile(np.array([-1, *range(8), *range(8)], np.int32), (2, 9, 1))
    arrays = excited() | {"contexts": contexts, "shape": np.array([20])}
    del arrays["pictures"]
    view = opened(qtbot, arrays, TEXT)
    assert view.page.context(0, 0) == ("abcdefg", "h", "abcdefgh")
    assert (
        point(view, view.page.box(0, view.canvas.area()).center())
        == "sample 0 · at 6 · 9 · abcdefg h abcdefgh"
    )


@pytest.mark.parametrize("tokens", [theme.DARK, theme.LIGHT])
def test_in_a_node_there_is_a_row_for_each_unit(qapp, tokens):
    room = PAINTER.room(Subject(None, None))
    image = PAINTER.thumbnail(excited(), room, Context(), tokens)
    seen = {image.pixelColor(x, y).name() for x in range(image.width()) for y in range(image.height())}
    assert "#c8c8c8" in seen
    assert PAINTER.thumbnail({}, room, Context(), tokens) is None
