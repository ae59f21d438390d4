"""The view of an attention: what the mouse reads, heads and stages that are chosen, and what is left out."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, QRectF, Qt

from app.lenses.painter import Context, Subject
from app.lenses.painters.sequences.attention_lines import Lines
from app.lenses.painters.sequences.attention_matrix import Heads, Matrix
from app.lenses.painters.sequences.attention_picture import OverPicture, TokenMaps
from app.lenses.painters.sequences.attention_view import AttentionView
from app.lenses.painters.sequences.sheet import heat
from app.lenses.registry import PAINTERS
from app.style import theme
from nodes.reading.dataset import DataInfo
from nodes.reading.texts.vocabulary import Cutting, Vocabulary
from nodes.registry import REGISTRY
from nodes.spec import TensorSpec

PAINTER = PAINTERS["attention_heads"]
WORDS = ("<padding>", "<unknown>", "the", "white", "whale", "swims")


def arrays(heads: int = 2, queries: int = 4, keys: int = 4, **more: Any) -> dict[str, Any]:
    """Causal attention of random products."""
    rng = np.random.default_rng(0)
    products = rng.normal(size=(heads, queries, keys)).astype(np.float32)
    hidden = np.triu(np.ones((queries, keys), bool), 1)
    added = np.where(hidden, -np.inf, 0.0).astype(np.float32)[None]
    raised = np.exp(products * 0.5 + added)
    weights = (raised / raised.sum(-1, keepdims=True)).astype(np.float32)
    return {
        "products": products,
        "added": added,
        "weights": weights,
        "scale": np.array(0.5, np.float32),
        "sizes": np.array((heads, queries, keys)),
        "places": np.arange(queries),
        "each": np.array(1),
        "first_head": np.array(0),
        "small": weights,
        "small_places": np.arange(queries),
        "small_each": np.array(1),
        **more,
    }


def told() -> Context:
    spec = TensorSpec((1, 4), "int64")
    return Context(DataInfo("x", "X", "texts", 1, spec, None, vocabulary=Vocabulary(Cutting(), WORDS)))


def tokens() -> dict[str, Any]:
    numbers = np.array([2, 3, 4, 5])
    is_of = np.array(False)
    return {"query_tokens": numbers, "query_of_target": is_of, "key_tokens": numbers, "key_of_target": is_of}


@pytest.fixture
def view(qtbot) -> AttentionView:
    made = PAINTER.view()
    qtbot.addWidget(made)
    made.resize(268, 400)
    made.show()
    return made


def middle(view: AttentionView, row: int, column: int) -> QPoint:
    """The middle of a cell of the matrix on show."""
    sheet = view.canvas.sheet
    assert isinstance(sheet, Matrix)
    plot = sheet.plot(QRectF(view.canvas.rect()))
    rows, columns = sheet.reading.weights.shape[1:]
    x, y = (column + 0.5) / columns * plot.width(), (row + 0.5) / rows * plot.height()
    return QPointF(plot.left() + x, plot.top() + y).toPoint()


def test_the_mouse_reads_tokens_and_weights(qtbot, view: AttentionView) -> None:
    shown = arrays(**tokens())
    assert PAINTER.show(view, shown, told())
    said: list[str] = []
    view.pointed.connect(said.append)
    qtbot.mouseMove(view.canvas, middle(view, 0, 0))
    qtbot.mouseMove(view.canvas, middle(view, 2, 1))
    assert said[-1] == f"“whale” (2) → “white” (1) · {shown['weights'][0, 2, 1]:.3f}"
    qtbot.mouseMove(view.canvas, middle(view, 1, 3))
    assert said[-1].endswith("· hidden")


def test_heads_and_stages_are_chosen(qtbot, view: AttentionView) -> None:
    PAINTER.show(view, arrays(heads=3), Context())
    qtbot.mouseClick(view.stages.buttons["masked"], Qt.MouseButton.LeftButton)
    qtbot.mouseClick(view.next, Qt.MouseButton.LeftButton)
    sheet = view.canvas.sheet
    assert isinstance(sheet, Matrix)
    assert (sheet.stage, sheet.head, view.told.text()) == ("masked", 1, "head 2 of 3")
    values = sheet.reading.stage("masked", 1)
    assert np.isnan(values[0, 1])
    assert values[1, 0] == pytest.approx(sheet.reading.products[1, 1, 0] * 0.5)
    qtbot.mouseClick(view.modes.buttons["heads"], Qt.MouseButton.LeftButton)
    heads = view.canvas.sheet
    assert isinstance(heads, Heads)
    place = heads.tile(2, QRectF(view.canvas.rect())).center().toPoint()
    qtbot.mouseClick(view.canvas, Qt.MouseButton.LeftButton, pos=place)
    assert isinstance(view.canvas.sheet, Matrix)
    assert view.head == 2


def test_lines_of_a_query_follow_the_mouse(qtbot, view: AttentionView) -> None:
    shown = arrays(**tokens())
    PAINTER.show(view, shown, told())
    qtbot.mouseClick(view.modes.buttons["lines"], Qt.MouseButton.LeftButton)
    said: list[str] = []
    view.pointed.connect(said.append)
    qtbot.mouseMove(view.canvas, QPoint(6, 20))
    qtbot.mouseMove(view.canvas, QPoint(5, 37))
    best = int(shown["weights"][0, 2].argmax())
    assert said[-1].startswith(f"“whale” (2) looks most at “{WORDS[best + 2]}” ({best})")


def test_long_lines_are_dragged(qtbot, view: AttentionView) -> None:
    PAINTER.show(view, arrays(queries=60, keys=60), Context())
    qtbot.mouseClick(view.modes.buttons["lines"], Qt.MouseButton.LeftButton)
    sheet = view.canvas.sheet
    assert isinstance(sheet, Lines)
    assert sheet.first == 24
    qtbot.mousePress(view.canvas, Qt.MouseButton.LeftButton, pos=QPoint(100, 20))
    qtbot.mouseMove(view.canvas, QPoint(100, 170))
    qtbot.mouseRelease(view.canvas, Qt.MouseButton.LeftButton, pos=QPoint(100, 170))
    assert sheet.first == 14


def test_patches_are_seen_over_their_picture(qtbot, view: AttentionView) -> None:
    picture = np.random.default_rng(1).random((1, 12, 12)).astype(np.float32)
    shown = arrays(queries=10, keys=10, picture=picture)
    PAINTER.show(view, shown, Context())
    qtbot.mouseClick(view.modes.buttons["picture"], Qt.MouseButton.LeftButton)
    sheet = view.canvas.sheet
    assert isinstance(sheet, OverPicture)
    assert (sheet.patches.lead, sheet.patches.rows, sheet.patches.columns) == (1, 3, 3)
    layout = view.layout()
    assert layout is not None
    layout.activate()
    said: list[str] = []
    view.pointed.connect(said.append)
    left, right = sheet.boxes(QRectF(view.canvas.rect()))
    qtbot.mouseMove(view.canvas, right.center().toPoint())
    assert said[-1] == f"class token → row 1, column 1 · {shown['weights'][0, 0, 5]:.3f}"
    qtbot.mouseMove(view.canvas, left.center().toPoint())
    assert said[-1].startswith("row 1, column 1 looks most at ")


def test_words_are_seen_over_the_places_that_read_them(view: AttentionView) -> None:
    more = {name: value for name, value in tokens().items() if name.startswith("key")}
    PAINTER.show(view, arrays(queries=9, picture=np.zeros((3, 6, 6), np.float32), **more), told())
    view.modes.buttons["picture"].click()
    sheet = view.canvas.sheet
    assert isinstance(sheet, TokenMaps)
    area = QRectF(view.canvas.rect())
    assert sheet.words(sheet.tile(3, area).center(), area).startswith("row 1, column 1 → “whale” (2)")


def test_what_is_left_out_is_told(view: AttentionView) -> None:
    more = {"sizes": np.array((12, 2000, 64)), "each": np.array(16), "first_head": np.array(4)}
    PAINTER.show(view, arrays(heads=2, **more, places=np.array([0, 5, 900, 1999])), Context())
    sheet = view.canvas.sheet
    assert isinstance(sheet, Matrix)
    assert sheet.reading.left_out() == "heads 5–6 of 12 · 4 of 2,000 queries · 64 keys, 16 a cell"
    assert sheet.reading.words(0, 2, 1).startswith("query 900 → keys 16–31 · ")


def test_a_head_that_was_not_sent_is_asked_for(qtbot, view: AttentionView) -> None:
    more = {"sizes": np.array((12, 4, 4)), "first_head": np.array(4)}
    PAINTER.show(view, arrays(heads=2, **more), Context())
    asked: list[dict[str, int]] = []
    view.options_chosen.connect(asked.append)
    qtbot.mouseClick(view.next, Qt.MouseButton.LeftButton)
    assert (asked, view.told.text()) == ([], "head 6 of 12")
    qtbot.mouseClick(view.next, Qt.MouseButton.LeftButton)
    assert asked == [{"head": 6}]
    PAINTER.show(view, arrays(heads=2, **{**more, "first_head": np.array(6)}), Context())
    assert view.told.text() == "head 7 of 12"


@pytest.mark.parametrize("dark", [True, False])
def test_every_sheet_is_painted_in_both_themes(qtbot, view: AttentionView, dark: bool) -> None:
    now = theme.DARK if dark else theme.LIGHT
    before = theme.current()
    theme.use(now)
    picture = np.random.default_rng(1).random((1, 12, 12)).astype(np.float32)
    PAINTER.show(view, arrays(queries=10, keys=10, picture=picture), Context())
    for mode in ("matrix", "lines", "heads", "picture"):
        view.modes.buttons[mode].click()
        shown = view.canvas.grab().toImage()
        colours = {shown.pixel(x, y) for x in range(0, shown.width(), 3) for y in range(0, shown.height(), 3)}
        assert len(colours) > 8, mode
    subject = Subject(REGISTRY["multi_head_attention"](), None)
    room = PAINTER.room(subject)
    assert not PAINTER.is_default(subject), "cards keep their size; L shows it"
    assert room is not None
    assert PAINTER.thumbnail(arrays(), room, Context(), now) is not None
    assert not PAINTER.show(view, {}, Context())
    theme.use(before)


def test_small_shares_are_seen_beside_a_large_one() -> None:
    values = np.array([[1.0, 0.01, 0.0, np.nan]], np.float32)
    plain, told = (heat(values, theme.DARK, signed=False, shares=shares) for shares in (False, True))
    assert plain.pixelColor(0, 0) == told.pixelColor(0, 0)
    for place in (2, 3):
        assert plain.pixelColor(place, 0) == told.pixelColor(place, 0)
    nothing, before, now = plain.pixelColor(2, 0), plain.pixelColor(1, 0), told.pixelColor(1, 0)
    assert abs(now.blue() - nothing.blue()) > 4 * abs(before.blue() - nothing.blue())
    tenth = heat(np.array([[1.0, 0.1]], np.float32), theme.DARK, signed=False)
    assert now == tenth.pixelColor(1, 0), "by the square root"
