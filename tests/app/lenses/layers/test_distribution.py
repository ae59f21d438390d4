"""The view of a distribution: controls that act at once, a table in words, the fraction of a row."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt

from app.lenses.distribution.shares import names_of
from app.lenses.distribution.view import ROW, DistributionView
from app.lenses.painter import Context, Subject
from app.lenses.registry import PAINTERS
from app.style import theme
from nodes.reading.dataset import DataInfo
from nodes.spec import N, TensorSpec

PAINTER = PAINTERS["distribution"]


def arrays(shares: tuple[float, ...] = (0.1, 0.6, 0.05, 0.25), target: int = 3) -> dict[str, Any]:
    return {
        "logits": np.log(np.array(shares)).astype(np.float32),
        "classes": np.arange(len(shares)),
        "total": np.array(len(shares)),
        "target": np.array(target),
        "position": np.array((0, 1)),
        "normalised": np.array(False),
    }


def info(*classes: str) -> DataInfo:
    return DataInfo(
        "x", "X", "images", 10, TensorSpec((N, 4)), TensorSpec((N,), "int64", len(classes)), classes
    )


NAMED = info("cat", "dog", "eel", " ")


def opened(qtbot, width: int = 268) -> DistributionView:
    view = PAINTER.view()
    qtbot.addWidget(view)
    view.resize(width, 560)
    assert PAINTER.show(view, arrays(), Context(NAMED))
    view.show()
    qtbot.waitExposed(view)
    return view


def edit(view: DistributionView, name: str, value: float) -> None:
    """What a person types into a field."""
    view.form.edited.emit(name, value, "")


def test_the_likeliest_stands_first_and_the_rows_have_the_names_of_the_data(qtbot) -> None:
    view = opened(qtbot)
    assert view.table is not None
    assert view.table.names == ("dog", "␣", "cat", "eel")
    assert view.table.target == 1
    assert view.counts.text() == "4 of 4 shown"
    assert view.formula.text().startswith(
        "dog: z / T = −0.5108 / 1 = −0.5108\ne^(z/T − (−0.5108)) / Σ = 1 / 1.667 = 0.6"
    )


def test_controls_act_at_once(qtbot) -> None:
    view = opened(qtbot)
    edit(view, "top_k", 2)
    assert view.table is not None
    np.testing.assert_allclose(view.table.final, (0.6 / 0.85, 0.25 / 0.85, 0, 0), atol=1e-6)
    assert view.counts.text() == "4 of 4 shown · 2 may be drawn"
    edit(view, "top_k", 0)
    edit(view, "top_p", 0.7)
    assert view.table.kept == 2
    assert "top-p keeps 2 that hold 0.85: 0.6 / 0.85 = 0.7059" in view.formula.text()
    edit(view, "top_p", 1.0)
    edit(view, "temperature", 10.0)
    assert view.table.final[0] == pytest.approx(
        0.6**0.1 / sum(s**0.1 for s in (0.1, 0.6, 0.05, 0.25)), abs=1e-6
    )
    view.form.reset.emit("temperature")
    assert view.controls.temperature == 1.0


def test_a_field_takes_what_is_typed(qtbot) -> None:
    view = opened(qtbot)
    entry = view.form.rows["temperature"].field.entry
    entry.setFocus()
    entry.selectAll()
    qtbot.keyClicks(entry, "2")
    qtbot.keyClick(entry, Qt.Key.Key_Return)
    assert view.controls.temperature == 2.0


def test_rows_are_pointed_at_and_chosen_by_mouse_and_keys(qtbot) -> None:
    view = opened(qtbot)
    said: list[str] = []
    view.pointed.connect(said.append)
    third = QPoint(30, 3 * ROW + 8)
    qtbot.mouseMove(view.rows, QPoint(30, 2 * ROW + 8))
    assert said[-1] == "␣ · softmax 0.25 · drawn 0.25"
    qtbot.mouseClick(view.rows, Qt.MouseButton.LeftButton, pos=third)
    assert view.formula.text().startswith("cat: ")
    qtbot.keyClick(view.rows, Qt.Key.Key_Down)
    assert view.formula.text().startswith("eel: ")
    qtbot.keyClick(view.rows, Qt.Key.Key_Down)
    assert view.row == 3
    edit(view, "top_k", 2)
    assert view.formula.text() == "eel: not among the 2 that top-k keeps"


def test_scores_of_something_else_than_classes_are_not_shown(qtbot) -> None:
    view = PAINTER.view()
    qtbot.addWidget(view)
    assert not PAINTER.show(view, arrays(), Context(info("a", "b", "c")))
    assert not PAINTER.show(view, {}, Context())
    assert PAINTER.show(view, arrays(), Context())
    assert names_of(None, 4) == ()


@pytest.mark.parametrize("tokens", [theme.DARK, theme.LIGHT])
def test_the_picture_in_the_node_is_not_blank(qapp, tokens: theme.Theme) -> None:
    room = PAINTER.room(Subject(None, None))
    assert room is not None
    image = PAINTER.thumbnail(arrays(), room, Context(NAMED), tokens)
    assert image is not None
    assert len({image.pixel(x, y) for x in range(0, 400, 3) for y in range(0, 200, 3)}) > 8
