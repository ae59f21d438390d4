"""The pictures of saliency and Grad-CAM, and what they say under the mouse."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, QRectF
from PySide6.QtGui import QImage

from app.lenses.painter import Context, Subject
from app.lenses.painters.gradients.heat_paint import picture_boxes, rows_in
from app.lenses.painters.gradients.token_paint import placed
from app.lenses.registry import PAINTERS
from app.style import theme
from nodes.reading.dataset import DataInfo
from nodes.spec import N, TensorSpec

CLASSES = ("Shirt", "Bag", "Boot")


def info(kind: str = "images", classes: tuple[str, ...] = CLASSES, columns: tuple[str, ...] = ()) -> DataInfo:
    return DataInfo("set", "Set", kind, 10, TensorSpec((N, 4)), None, classes, columns)


def saliency(**changes: np.ndarray) -> dict[str, np.ndarray]:
    heat = np.zeros((6, 6), np.float32)
    heat[2, 3] = 0.5
    found = {
        "heat": heat,
        "input": np.linspace(0, 1, 36, dtype=np.float32).reshape(1, 6, 6),
        "signed": np.array(False),
        "unit": np.array((1, 3)),
        "value": np.array(7.25),
        "decides": np.array(True),
        "method": np.array(0),
        "side": np.array((6, 6)),
    }
    return found | changes


def shown(qtbot, kind, arrays, context, width=268):
    painter = PAINTERS[kind]
    view = painter.view()
    qtbot.addWidget(view)
    assert painter.show(view, arrays, context)
    view.resize(width, view.sizeHint().height())
    view.show()
    return painter, view


def pointed_at(qtbot, view, place: QPointF) -> str:
    with qtbot.waitSignal(view.pointed) as caught:
        qtbot.mouseMove(view, QPoint(round(place.x()), round(place.y())))
    return str(caught.args[0])


def grab(view) -> QImage:
    return view.grab().toImage()


def test_a_cell_of_the_heat_and_the_pixel_below_it_are_read(qtbot):
    context = Context(info())
    painter, view = shown(qtbot, "saliency", saliency(), context)
    assert view.shown.heading == "Score of Bag 7.25"
    box = picture_boxes(QRectF(view.rect()), view.shown, small=False)[1]
    place = QPointF(box.left() + 3.5 * box.width() / 6, box.top() + 2.5 * box.height() / 6)
    assert pointed_at(qtbot, view, place) == "2, 3 · 0.5 · pixel 0.429"
    assert painter.note(view, "sample 4", context) == "sample 4"
    colours = {grab(view).pixelColor(round(place.x()), round(place.y())).name()}
    assert colours == {"#fde725"}, "the largest value is yellow"


def test_what_is_not_the_answer_is_a_unit_by_its_number_and_zeros_are_told(qtbot):
    context = Context(info())
    other = saliency(decides=np.array(False), heat=np.zeros((6, 6), np.float32))
    painter, view = shown(qtbot, "saliency", other, context)
    assert view.shown.heading == "Unit 1 of 3 7.25"
    assert painter.note(view, "sample 0", context) == "no gradient reaches the input · sample 0"
    loss = saliency(unit=np.array((-1, 1)))
    assert painter.show(view, loss, context)
    assert view.shown.about == "Loss"


def test_columns_have_names_bars_and_values_and_many_are_cut_by_their_size(qtbot):
    values = np.array([0.1, -0.4, 0.2], np.float32)
    row = {"heat": values, "input": np.ones(3, np.float32), "signed": np.array(True), "total": np.array(3)}
    arrays = saliency(**row)
    del arrays["side"]
    context = Context(info("table", (), ("age", "weight", "height", "score")))
    _, view = shown(qtbot, "saliency", arrays, context)
    rows = rows_in(QRectF(view.rect()), view.shown, small=False)
    assert [view.shown.names[index] for index, _ in rows] == ["age", "weight", "height"]
    assert pointed_at(qtbot, view, rows[1][1].center()) == "weight · -0.4 · value 1"
    many = np.linspace(-1, 2, 300, dtype=np.float32)
    arrays |= {"heat": many, "input": many, "total": np.array(5000)}
    painter = PAINTERS["saliency"]
    assert painter.show(view, arrays, context)
    view.resize(268, view.sizeHint().height())
    rows = rows_in(QRectF(view.rect()), view.shown, small=False)
    assert len(rows) <= 24
    assert rows[0][0] == 299, "the largest comes first"


def test_tokens_that_find_no_room_are_left_out_at_the_beginning(qtbot):
    count = 2048
    heat = np.linspace(0, 1, count, dtype=np.float32)
    arrays = saliency(heat=heat, input=np.arange(count) % 3, total=np.array(count))
    context = Context(info("text", ("a", " ", "\n")))
    _, view = shown(qtbot, "saliency", arrays, context)
    where = placed(view.shown, QRectF(view.rect()), small=False)
    assert 0 < where.first < count
    assert where.first + len(where.boxes) == count
    said = pointed_at(qtbot, view, where.boxes[-1].center())
    assert said == f"␣ at {count} · 1"


def test_a_series_is_read_by_its_steps(qtbot):
    heat = np.array([0.0, 0.5, -1.0, 0.25], np.float32)
    series = np.array([[1.0], [2.0], [3.0], [4.0]], np.float32)
    arrays = saliency(heat=heat, input=series, signed=np.array(True), total=np.array(4))
    _, view = shown(qtbot, "saliency", arrays, Context(info("series", ())), 400)
    assert pointed_at(qtbot, view, QPointF(250, 60)) == "step 3 · -1 · value 3"


@pytest.mark.parametrize("tokens", [theme.DARK, theme.LIGHT])
def test_grad_cam_lies_over_the_picture_in_grey(qtbot, tokens):
    arrays = {
        "heat": np.linspace(0, 3, 36, dtype=np.float32).reshape(6, 6),
        "input": np.ones((3, 6, 6), np.float32),
        "unit": np.array((2, 3)),
        "value": np.array(1.5),
        "maps": np.array((16, 3, 3)),
        "decides": np.array(True),
        "side": np.array((12, 12)),
    }
    context = Context(info())
    painter, view = shown(qtbot, "grad_cam", arrays, context)
    assert view.shown.heading == "Score of Boot 1.5"
    assert view.shown.quantity == "16 maps of 3×3"
    assert view.shown.pooled == "2×2 pixels are one"
    room = painter.room(Subject(None, None))
    image = painter.thumbnail(arrays, room, context, tokens)
    assert (image.width(), image.height()) == (room.width * 2, room.height * 2)
    alone = {name: held for name, held in arrays.items() if name != "input"}
    assert painter.show(view, alone, context)
    assert len(picture_boxes(QRectF(view.rect()), view.shown, small=False)) == 1
    assert painter.show(view, alone | {"decides": np.array(False)}, context)
    assert "no answer depends on this layer" in painter.note(view, "sample 0", context)
    assert view.shown.heading == "Unit 2 of 3 1.5"
    assert not painter.show(view, {}, context)
