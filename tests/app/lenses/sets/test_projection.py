"""What a person reads of a projection: the sample under the mouse, its neighbours, and the legend."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import QPointF

from app.lenses.painter import Context, Subject
from app.lenses.registry import PAINTERS
from app.lenses.sets.paged import PagedView
from app.style import theme
from nodes.reading.dataset import DataInfo
from nodes.spec import N, TensorSpec
from tests.app.lenses.sets.mouse import point

PAINTER = PAINTERS["projection"]
INFO = DataInfo("d", "D", "images", 90, TensorSpec((N, 1, 8, 8)), TensorSpec((N,), "int64"), ("cat", "dog"))


def projected() -> dict[str, Any]:
    """Twenty samples of two classes on a circle; the neighbours of each are those that follow."""
    angles = np.linspace(0, 2 * np.pi, 20, endpoint=False)
    near = (np.arange(20)[:, None] + np.arange(1, 6)) % 20
    return {
        "set": np.array([20, 400, 1]),
        "places": np.column_stack([np.cos(angles), np.sin(angles)]).astype(np.float32),
        "shares": np.array([0.5, 0.25] + [0.0] * 8, np.float32),
        "neighbours": near.astype(np.int16),
        "distances": np.ones((20, 5), np.float32),
        "numbers": np.array(84),
        "lost": np.array(0),
        "label": (np.arange(20) % 2).astype(np.int32),
        "classes": np.array(2),
        "agreement": np.array(0.4, np.float32),
        "shown": np.arange(20, dtype=np.int32),
        "pictures": np.full((20, 8, 8, 1), 200, np.uint8),
    }


def opened(qtbot: Any, arrays: dict[str, Any], kind: str = "projection") -> PagedView:
    painter = PAINTERS[kind]
    view = painter.view()
    qtbot.addWidget(view)
    view.resize(300, 420)
    assert painter.show(view, arrays, Context(INFO))
    view.show()
    qtbot.waitExposed(view)
    return view


def test_a_point_is_read_with_its_neighbours_and_they_are_painted(qtbot):
    view = opened(qtbot, projected())
    page = view.page
    assert page.head == "40.0 % of neighbours of the same class · of 84 numbers"
    before = view.grab().toImage()
    places = page.placed(page.plot(view.canvas.area()))
    words = point(view, QPointF(*places[3]))
    assert words == "sample 3 · dog · neighbours cat, dog, cat, dog, cat"
    assert view.grab().toImage() != before
    assert point(view, page.plot(view.canvas.area()).center()) == ""
    assert page.legend == [(page.colours[0], "cat"), (page.colours[1], "dog")]


def test_axes_of_the_next_frame_are_not_mirrored(qtbot):
    view = opened(qtbot, projected())
    first = view.state["places"].copy()
    arrays = projected()
    arrays["places"] = arrays["places"] * np.array([-1.0, 1.0], np.float32)
    PAINTER.show(view, arrays, Context(INFO))
    np.testing.assert_allclose(view.state["places"], first)


def test_of_many_classes_ten_have_a_colour_and_the_rest_is_counted(qtbot):
    arrays = projected() | {"label": np.arange(20, dtype=np.int32), "classes": np.array(20)}
    page = opened(qtbot, arrays).page
    assert page.legend[-1][1] == "10 other classes"
    assert len(page.legend) == 11


def test_numbers_go_from_orange_to_blue(qtbot):
    arrays = projected() | {"label": np.linspace(3.0, 7.0, 20, dtype=np.float32)}
    del arrays["classes"], arrays["agreement"]
    page = opened(qtbot, arrays).page
    assert (page.colours[0], page.colours[-1]) == (theme.NEGATIVE, theme.POSITIVE)
    assert [words for _, words in page.legend] == ["3", "7"]


def test_without_its_library_tsne_says_what_is_shown_and_how_to_get_it(qtbot):
    view = opened(qtbot, projected() | {"fallback": np.array(1)}, "neighbour_map")
    assert view.page.head.startswith("components: t-SNE needs layerloom[projection]")
    assert PAINTERS["neighbour_map"].note(view, "step 9", Context(INFO)) == (
        "20 of 400 validation samples · step 9"
    )


@pytest.mark.parametrize("tokens", [theme.DARK, theme.LIGHT])
def test_in_a_node_there_are_points_of_each_colour(qapp, tokens):
    room = PAINTER.room(Subject(None, None))
    image = PAINTER.thumbnail(projected(), room, Context(INFO), tokens)
    seen = {image.pixel(x, y) for x in range(image.width()) for y in range(image.height())}
    assert len(seen) > 4
    assert PAINTER.thumbnail({}, room, Context(INFO), tokens) is None
