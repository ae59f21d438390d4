"""What a person reads of predictions: the mouse over matrix, table, curves and samples; a click on a cell."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import QPointF

from app.lenses.painter import Context, Subject
from app.lenses.registry import PAINTERS
from app.lenses.sets.paged import PagedView
from app.style import theme
from engine.lens.sets import class_figures
from nodes.reading.dataset import DataInfo
from nodes.spec import N, TensorSpec
from tests.app.lenses.sets.mouse import click, point

PAINTER = PAINTERS["set_predictions"]
INFO = DataInfo(
    "d", "D", "images", 90, TensorSpec((N, 1, 8, 8)), TensorSpec((N,), "int64"), ("cat", "dog", "<b>")
)


def classified() -> dict[str, Any]:
    """Ninety samples of three classes; of the cats ten are taken for dogs."""
    true = np.arange(90) % 3
    said = true.copy()
    said[np.flatnonzero(true == 0)[:10]] = 1
    sure = np.linspace(0.4, 0.99, 90, dtype=np.float32)
    scores = np.full((90, 3), 0.1, np.float32)
    scores[np.arange(90), said] = sure
    losses = np.where(true == said, 0.1, 3.0).astype(np.float32)
    arrays = class_figures.confused(true, said, 3) | class_figures.by_class(true, said, 3)
    arrays |= class_figures.one_vs_rest(scores, true, arrays["matrix_classes"])
    arrays |= class_figures.calibration(sure, true == said, 10)
    arrays |= {
        "set": np.array([90, 2000, 1]),
        "classes": np.array(3),
        "shape": np.empty(0, np.int64),
        "cases": np.array([90, 90, 80]),
        "losses": losses,
        "true": true.astype(np.int32),
        "predicted": said.astype(np.int32),
        "confidence": sure,
        "shown": np.arange(64, dtype=np.int32),
        "pictures": np.zeros((64, 8, 8, 1), np.uint8),
    }
    return arrays


def opened(qtbot: Any, arrays: dict[str, Any], page: str, size: tuple[int, int] = (268, 400)) -> PagedView:
    view = PAINTER.view()
    qtbot.addWidget(view)
    view.resize(*size)
    assert PAINTER.show(view, arrays, Context(INFO))
    view.show()
    qtbot.waitExposed(view)
    view.choose(page)
    return view


def middle_of_cell(view: PagedView, row: int, column: int) -> QPointF:
    grid = view.page._grid(view.canvas.area())  # type: ignore[union-attr]
    cell = grid.width() / 3
    return grid.topLeft() + QPointF((column + 0.5) * cell, (row + 0.5) * cell)


def test_a_cell_of_the_matrix_is_read_and_a_click_shows_its_samples(qtbot):
    view = opened(qtbot, classified(), "Confusion")
    place = middle_of_cell(view, 0, 1)
    assert point(view, place) == "cat as dog: 10 of 30 · 33.3 %"
    with qtbot.waitSignal(view.options_chosen) as asked:
        click(view, place)
    assert asked.args == [{"true_class": 0, "predicted_class": 1}]
    assert view.page.title == "Worst first"
    assert view.page.head == "cat taken for dog: 10 · click here for all"
    assert point(view, QPointF(20, 40)).startswith("sample 0 · cat → dog · 40.0 % · loss 3")
    click(view, QPointF(20, 5))
    assert view.page.head == "greatest loss first"
    assert len(view.page.places) == 90


def test_the_table_the_curves_and_the_calibration_are_read(qtbot):
    view = opened(qtbot, classified(), "Classes")
    assert point(view, QPointF(20, 18 * 2 + 9)).startswith("cat: precision 1.000, recall 0.667, F1 0.800")
    assert "<b>" in point(view, QPointF(20, 18 * 4 + 9)), "words of files are shown as they are"
    click(view, QPointF(view.canvas.width() - 12, 18 * 1.5))
    assert view.state["sorted"] == 3
    view.choose("ROC")
    assert "AUC" in point(view, view.page._plot(view.canvas.area()).topLeft() + QPointF(3, 3))
    view.choose("Calibration")
    plot = view.page._plot(view.canvas.area())
    read = point(view, QPointF(plot.right() - 3, plot.bottom() - 5))
    assert read.startswith("confidence 0.90 to 1.00: 14 · mean 94")


def test_the_note_says_of_how_many_samples(qtbot):
    view = opened(qtbot, classified(), "Worst first")
    assert PAINTER.note(view, "step 9", Context(INFO)) == "90 of 2,000 validation samples · step 9"
    arrays = classified() | {"set": np.array([90, 90, 0])}
    PAINTER.show(view, arrays, Context(INFO))
    assert PAINTER.note(view, "step 9", Context(INFO)) == "90 training samples · step 9"


def test_a_page_stays_on_show_from_frame_to_frame_and_what_is_too_high_is_scrolled(qtbot):
    view = opened(qtbot, classified(), "ROC")
    PAINTER.show(view, classified(), Context(INFO))
    assert view.page.title == "ROC"
    view.choose("Worst first")
    view.canvas.scroll_to(10_000)
    assert view.canvas.area().top() < 0
    assert view.canvas.area().bottom() >= view.canvas.height() - 1


def numbers() -> dict[str, Any]:
    true = np.linspace(0.0, 10.0, 50)
    said = true + np.where(np.arange(50) % 2, 1.0, -1.0)
    return {
        "set": np.array([50, 50, 1]),
        "points": np.column_stack([said, true]).astype(np.float32),
        "columns": np.zeros(50, np.int32),
        "samples": np.arange(50, dtype=np.int32),
        "errors": np.array([[1, 1, 0.9, 0]] * 2, np.float32),
        "numbers": np.array(1),
        "values": np.array(50),
        "losses": np.ones(50, np.float32),
        "true_row": true[:, None].astype(np.float32),
        "predicted_row": said[:, None].astype(np.float32),
        "shown": np.arange(50, dtype=np.int32),
    }


def test_a_point_is_read_with_its_sample(qtbot):
    view = opened(qtbot, numbers(), "Predicted and true")
    left, top = view.page._placed(view.page._plot(view.canvas.area()))
    assert point(view, QPointF(left[7], top[7])) == "sample 7: true 1.429, predicted 2.429 · off by +1"
    assert point(view, QPointF(1, 1)) == ""


@pytest.mark.parametrize("tokens", [theme.DARK, theme.LIGHT])
@pytest.mark.parametrize("arrays", [classified, numbers])
def test_in_a_node_right_and_wrong_have_their_colours(qapp, tokens, arrays):
    room = PAINTER.room(Subject(None, None))
    image = PAINTER.thumbnail(arrays(), room, Context(INFO), tokens)
    assert (image.width(), image.height()) == (room.width * 2, room.height * 2)
    seen = {image.pixel(x, y) for x in range(image.width()) for y in range(image.height())}
    assert len(seen) > 4
    assert PAINTER.thumbnail({}, room, Context(INFO), tokens) is None


@pytest.mark.parametrize("size", [(260, 200), (900, 700)])
def test_every_page_is_painted_at_every_size(qtbot, size):
    view = opened(qtbot, classified(), "Worst first", size)
    for page in view.pages:
        view.choose(page.title)
        picture = view.grab().toImage()
        colours = {
            picture.pixelColor(x, y).name() for x in range(0, size[0], 3) for y in range(0, size[1], 3)
        }
        assert len(colours) > 3, page.title


def test_a_value_that_no_loss_compares_says_what_to_do(qtbot):
    view = opened(qtbot, {"uncompared": np.array(1)}, "Predictions")
    assert view.page.words.startswith("Compare this value with a target by a loss")
