"""The view of one element: what it says, sliding, paging and choosing, with the numbers of real networks."""

from __future__ import annotations

import functools
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, QRectF, Qt
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QScrollArea, QVBoxLayout, QWidget

from app.inspector.lens_parts import LensPart
from app.lenses.cell.paint import short
from app.lenses.cell.shown import shown_of
from app.lenses.cell.view import CellView
from app.lenses.painter import Context, Subject, picture
from app.lenses.prediction import visible
from app.lenses.registry import PAINTERS
from app.style import theme
from app.training.run_words import data_info
from engine.compile import compile  # noqa: A004
from engine.feed.sources import Sources
from engine.lens.evaluate import look
from engine.lens.feeds import Feeds
from engine.lens.registry import LENSES
from engine.messages.events import LensFrame
from engine.messages.lens_request import LensRequest
from tests.drawings import chain
from tests.gallery.held import project

PAINTER = PAINTERS["cell_terms"]
Arrays = dict[str, Any]


@functools.cache
def plan(name: str) -> Any:
    made = compile(project(name))
    return made, Sources(made)


@functools.cache
def seen(name: str, path: str, *options: tuple[str, int]) -> Arrays:
    made, sources = plan(name)
    frames = look(made, Feeds(sources.sample(0)), [LensRequest("cell_terms", path, options)], 0).frames
    arrays: Arrays = frames[0].arrays
    return arrays


def opened(qtbot, arrays: Arrays, width: int = 268) -> CellView:
    """The view in a column as wide as this."""
    scroll, inner = QScrollArea(), QWidget()
    view = PAINTER.view()
    column = QVBoxLayout(inner)
    column.setContentsMargins(0, 0, 0, 0)
    column.addWidget(view)
    column.addStretch(1)
    scroll.setWidgetResizable(True)
    scroll.setWidget(inner)
    scroll.resize(width + 18, 900)
    qtbot.addWidget(scroll)
    view.held = scroll
    assert PAINTER.show(view, arrays, Context())
    scroll.show()
    qtbot.waitExposed(scroll)
    return view


def middle(view: CellView, box: str, row: int, column: int, shape: tuple[int, int]) -> QPoint:
    """The middle of a square of a grid of the picture."""
    area = getattr(view.canvas.boxes, box)
    x = area.left() + (column + 0.5) * area.width() / shape[1]
    y = area.top() + (row + 0.5) * area.height() / shape[0]
    return QPointF(x, y).toPoint()


def test_hovering_a_term_says_x_times_k(qtbot) -> None:
    view = opened(qtbot, seen("convolution-by-hand", "cross", ("column", 0), ("row", 0)))
    said: list[str] = []
    view.pointed.connect(said.append)
    for box, words in (
        ("patch", "x × k = 1 × 0 = 0"),
        ("kernel", "x × k = 1 × 0 = 0"),
        ("products", "x × k = 1 × 0 = 0"),
    ):
        qtbot.mouseMove(view.canvas, middle(view, box, 0, 1, (3, 3)))
        assert said[-1] == words
    qtbot.mouseMove(view.canvas, middle(view, "products", 2, 2, (3, 3)))
    assert said[-1] == "x × k = 1 × 1 = 1"
    qtbot.mouseMove(view.canvas, middle(view, "entering", 1, 0, (5, 5)))
    assert said[-1] == "input 1, 0 · 0"
    qtbot.mouseMove(view.canvas, middle(view, "output", 0, 2, (3, 3)))
    assert said[-1] == "output 0, 2 · 4"


def test_a_click_in_the_output_map_chooses_the_element(qtbot) -> None:
    view = opened(qtbot, seen("convolution-by-hand", "cross", ("column", 0), ("row", 0)))
    chosen: list[dict[str, int]] = []
    view.options_chosen.connect(chosen.append)
    assert view.value.text() == "output[0, 0, 0] = 4"
    qtbot.mouseClick(view.canvas, Qt.MouseButton.LeftButton, pos=middle(view, "output", 2, 1, (3, 3)))
    assert chosen == [{"channel": 0, "row": 2, "column": 1}]
    assert view.value.text() == "output[0, 2, 1] = 3"
    assert view.formula.text().endswith("= 3")
    qtbot.keyClick(view.canvas, Qt.Key.Key_Left)
    assert view.value.text() == "output[0, 2, 0] = 2"
    qtbot.keyClick(view.canvas, Qt.Key.Key_Down)
    assert len(chosen) == 2, "below the last row there is nothing"
    assert "output[0, 2, 0] = 2" in view.canvas.accessibleDescription()


def test_in_slow_motion_the_window_stands_at_every_position(qtbot) -> None:
    view = opened(qtbot, seen("convolution-by-hand", "cross", ("column", 0), ("row", 0)))
    view.play.click()
    assert view.is_sliding
    assert view.play.accessibleName() == "Stop the window here"
    values = []
    for _ in range(9):
        values.append(view.value.text().split(" = ")[1])
        view._clock.timeout.emit()
    assert values == ["4", "3", "4", "2", "4", "3", "2", "3", "4"]
    assert view.value.text() == "output[0, 0, 0] = 4", "and begins again"
    view.hide()
    assert not view.is_sliding


def test_the_product_under_the_mouse_is_told_anew_while_the_window_slides(qtbot) -> None:
    view = opened(qtbot, seen("convolution-by-hand", "cross", ("column", 0), ("row", 0)))
    said: list[str] = []
    view.pointed.connect(said.append)
    places = [middle(view, "products", row, column, (3, 3)) for row in range(3) for column in range(3)]
    before = [view.canvas.words_at(QPointF(place)) for place in places]
    view.play.click()
    view._clock.timeout.emit()
    after = [view.canvas.words_at(QPointF(place)) for place in places]
    view._slide(-1)
    differs = next(at for at in range(9) if before[at] != after[at])
    qtbot.mouseMove(view.canvas, places[differs])
    assert said[-1] == before[differs]
    view._clock.timeout.emit()
    assert said[-1] == after[differs]


def test_a_frame_of_the_run_does_not_move_a_sliding_window(qtbot) -> None:
    arrays = seen("convolution-by-hand", "cross", ("column", 0), ("row", 0))
    view = opened(qtbot, arrays)
    view.play.click()
    view._clock.timeout.emit()
    assert PAINTER.show(view, dict(arrays), Context())
    assert view.value.text() == "output[0, 0, 1] = 3"
    chosen: list[dict[str, int]] = []
    view.options_chosen.connect(chosen.append)
    view.play.click()
    assert chosen == [{"channel": 0, "row": 0, "column": 1}], "where it was stopped is asked for"
    assert PAINTER.show(view, dict(arrays), Context())
    assert view.value.text() == "output[0, 0, 1] = 3", "until it comes, what came before is passed over"
    there = seen("convolution-by-hand", "cross", ("column", 1), ("row", 0))
    assert PAINTER.show(view, dict(there), Context())
    assert PAINTER.show(view, dict(arrays), Context())
    assert view.value.text() == "output[0, 0, 0] = 4", "then options that are set elsewhere count"


def test_the_parts_of_input_channels_are_paged_through(qtbot) -> None:
    arrays = seen("lenet5-fashion", "conv2", ("channel", 3))
    view = opened(qtbot, arrays)
    shown = view.shown
    assert shown is not None
    assert view.channels.words.text() == "output channel 3 · 16 in all"
    assert view.groups.words.text() == "channel 0 · 6 in all"
    assert view.formula.text().startswith("channel 0: ")
    tile = view.canvas.boxes.tiles[4]
    said: list[str] = []
    view.pointed.connect(said.append)
    qtbot.mouseMove(view.canvas, tile.center().toPoint())
    assert said[-1].startswith("channel 4 adds ")
    qtbot.mouseClick(view.canvas, Qt.MouseButton.LeftButton, pos=tile.center().toPoint())
    assert view.formula.text().startswith("channel 4: ")
    view.groups.next.click()
    assert view.groups.words.text() == "channel 5 · 6 in all"
    assert not view.groups.next.isEnabled()
    chosen: list[dict[str, int]] = []
    view.options_chosen.connect(chosen.append)
    view.channels.next.click()
    assert chosen == [{"channel": 4, "row": 5, "column": 5}]


def test_a_dense_unit_lists_its_terms_the_largest_first(qtbot) -> None:
    view = opened(qtbot, seen("lenet5-fashion", "linear3", ("column", 2)))
    shown = view.shown
    assert shown is not None
    assert not view.play.isVisible()
    assert view.terms.words.text() == "terms 1–12 of 84, the largest first"
    sizes = np.abs(shown.cell.table[shown.ordered(0), -1])
    assert (np.diff(sizes) <= 0).all()
    box = view.canvas.boxes.terms
    said: list[str] = []
    view.pointed.connect(said.append)
    qtbot.mouseMove(view.canvas, QPointF(box.center().x(), box.top() + 18 + 9).toPoint())
    assert said[-1] == shown.term_words(int(shown.ordered(0)[0]))
    assert said[-1].count(" × ") == 1
    for _ in range(9):
        view.terms.next.click()
    assert view.terms.words.text() == "terms 73–84 of 84, the largest first"


@pytest.mark.parametrize("width", [242, 268, 700])
@pytest.mark.parametrize(
    ("name", "path"),
    [
        ("lenet5-fashion", "conv2"),
        ("lenet5-fashion", "pool1"),
        ("lenet5-fashion", "linear1"),
        ("lenet5-fashion", "flatten"),
        ("pooling-by-hand", "average"),
        ("lstm-sunspots", "lstm"),
    ],
)
def test_everything_stands_within_the_width(qtbot, name: str, path: str, width: int) -> None:
    view = opened(qtbot, seen(name, path), width)
    boxes = view.canvas.boxes
    every = [
        boxes.output,
        boxes.entering,
        boxes.patch,
        boxes.kernel,
        boxes.products,
        boxes.terms,
        *boxes.tiles,
    ]
    for box in every:
        assert box.left() >= 0
        assert box.right() <= view.canvas.width()
        assert box.bottom() <= view.canvas.height()
    pictures = [box for box in every if not box.isEmpty()]
    for place, box in enumerate(pictures):
        assert not any(box.adjusted(1, 1, -1, -1).intersects(other) for other in pictures[place + 1 :])
    qtbot.waitUntil(lambda: view.formula.geometry().top() >= view.canvas.geometry().bottom())


@pytest.mark.parametrize(("width", "side"), [(268, 96), (700, 323), (1000, 340)])
def test_where_there_is_room_the_output_map_is_large_enough_to_point_at(qtbot, width: int, side: int) -> None:
    view = opened(qtbot, seen("attention-moby", "norm1"), width)
    assert view.canvas.boxes.output.height() == pytest.approx(side, abs=1)


@pytest.mark.parametrize("tokens", [theme.DARK, theme.LIGHT])
@pytest.mark.parametrize(("name", "path"), [("lenet5-fashion", "conv1"), ("lenet5-fashion", "linear1")])
def test_the_picture_in_the_node_is_not_blank(qapp, name: str, path: str, tokens: theme.Theme) -> None:
    room = PAINTER.room(Subject(None, None))
    assert room is not None
    image = PAINTER.thumbnail(seen(name, path), room, Context(), tokens)
    assert image is not None
    assert len({image.pixel(x, y) for x in range(0, 360, 3) for y in range(0, 180, 3)}) > 8
    assert PAINTER.thumbnail({}, room, Context(), tokens) is None
    assert shown_of({}) is None


def test_a_choice_in_the_picture_is_asked_for_and_the_picture_stays(qtbot) -> None:
    """In the inspector: the request has the options, and nothing flickers until their frame comes."""
    part = LensPart(LENSES["cell_terms"])
    qtbot.addWidget(part)
    part.look_at("conv2")
    part.resize(300, 600)
    part.show()
    frame = LensFrame(1, "cell_terms", "conv2", seen("lenet5-fashion", "conv2"))
    part.show_frame(frame, Context(), live=True)
    asked: list[LensRequest] = []
    part.options_changed.connect(lambda: asked.append(part.request()))
    assert isinstance(part.view, CellView)
    part.view.channels.next.click()
    options = (("channel", 1), ("column", 5), ("row", 5))
    assert asked == [LensRequest("cell_terms", "conv2", options)]
    part.show_frame(None, Context(), live=True)
    assert part.view.isVisible()
    answer = LensFrame(2, "cell_terms", "conv2", seen("lenet5-fashion", "conv2", *options), options)
    part.show_frame(answer, Context(), live=True)
    assert part.view.value.text().startswith("output[1, 5, 5] = ")
    part.look_at("conv1")
    assert part.request() == LensRequest("cell_terms", "conv1")


def test_numbers_for_narrow_places() -> None:
    values = (0.0, 0.123456, -0.0077, 12345.0, 2e-5, -123.4, float("nan"))
    assert [short(value) for value in values] == ["0", "0.123", "−0.0077", "1e4", "2e-5", "−123", "–"]


@pytest.mark.parametrize("path", ["attention", "norm1"])
def test_places_of_a_text_are_named_by_their_tokens(path: str) -> None:
    sources = plan("attention-moby")[1]
    info = data_info(project("attention-moby"))
    assert info is not None
    shown = shown_of(seen("attention-moby", path), info)
    assert shown is not None
    numbers = next(iter(sources.sample(0).values()))[0].tolist()
    row = shown.index[0]
    assert shown.rows[row] == visible(info.classes[numbers[row]])
    assert shown.headline.startswith(f"output[{row} “{shown.rows[row]}”, {shown.index[1]}] = ")
    if path == "attention":
        (first, *_) = shown.ordered(0)
        key = int(shown.cell.places[first][0])
        assert shown.term_place(int(first)) == f"key {key} “{visible(info.classes[numbers[key]])}”"


@pytest.mark.parametrize("width", [240, 268, 700])
def test_an_activation_is_drawn_as_its_curve_with_the_point_of_the_element(qtbot, width: int) -> None:
    arrays = seen("lenet5-fashion", "tanh1")
    x, y = arrays["curve"]
    np.testing.assert_allclose(y, np.tanh(x), atol=1e-6)
    assert x[0] <= arrays["total"] <= x[-1]
    view = opened(qtbot, arrays, width)
    boxes, canvas = view.canvas.boxes, view.canvas
    assert not boxes.curve.isEmpty()
    assert not boxes.curve.intersects(boxes.output)
    assert boxes.curve.right() <= canvas.width()
    assert boxes.curve.bottom() <= canvas.height()
    image = canvas.grab().toImage()
    share = (float(arrays["total"]) - x[0]) / (x[-1] - x[0])
    across = round(boxes.curve.left() + share * boxes.curve.width())
    point = theme.colour(theme.current().text)
    assert any(
        image.pixelColor(across, row) == point
        for row in range(int(boxes.curve.top()), int(boxes.curve.bottom()))
    )
    assert view_has_no_curve(qtbot)


def view_has_no_curve(qtbot) -> bool:
    """Of a layer that is no function of one number."""
    return opened(qtbot, seen("lenet5-fashion", "linear1")).canvas.boxes.curve.isEmpty()


def test_an_element_that_nothing_reaches_is_painted_with_its_bias_alone(qtbot) -> None:
    """Of a transposed convolution with a stride beyond its kernel some values get nothing of the input."""
    up = ("up", "conv_transpose2d", {"out_channels": 2, "kernel_size": 1, "stride": 3})
    drawing = chain({"dataset": "digits"}, [up, ("flat", "flatten"), ("out", "linear", {"out_features": 10})])
    made = compile(drawing)
    options = (("row", 1), ("column", 1))
    (frame,) = look(
        made, Feeds(Sources(made).sample(0)), [LensRequest("cell_terms", "up", options)], 0
    ).frames
    assert len(frame.arrays["table"]) == 0
    room = PAINTER.room(Subject(None, None))
    assert room is not None
    assert PAINTER.thumbnail(frame.arrays, room, Context(), theme.DARK) is not None
    assert not opened(qtbot, frame.arrays).canvas.grab().isNull()


def test_a_painter_that_raises_leaves_no_picture_behind_that_is_being_painted(qapp) -> None:
    """Qt ends the process where such a picture goes."""

    def broken(painter: QPainter, _area: QRectF, _theme: theme.Theme) -> None:
        painter.drawLine(0, 0, 9, 9)
        raise LookupError("a slip of a plug-in")

    room = PAINTER.room(Subject(None, None))
    assert room is not None
    with pytest.raises(LookupError, match="a slip"):
        picture(room, theme.DARK, broken)
