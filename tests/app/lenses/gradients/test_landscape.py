"""The picture of a loss surface: contours, the way of the run, and what it says under the mouse."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, QRectF

from app.lenses.painter import Context, Subject
from app.lenses.painters.gradients.contours import segments
from app.lenses.painters.gradients.surface import map_box, placed, read_surface
from app.lenses.registry import PAINTERS
from app.style import theme

PAINTER = PAINTERS["landscape"]


def bowl(points: int = 21, **changes: np.ndarray) -> dict[str, np.ndarray]:
    """x² + 4 y² + 1 on [-1, 1]²."""
    axis = np.linspace(-1, 1, points)
    found = {
        "loss": (axis[None] ** 2 + 4 * axis[:, None] ** 2 + 1).astype(np.float32),
        "ranges": np.array([(-1.0, 1.0), (-1.0, 1.0)]),
        "here": np.array(1.0),
        "samples": np.array(200),
        "held_back": np.array(True),
        "weights": np.array((900, 1000)),
    }
    return found | changes


def test_contours_of_a_bowl_are_ellipses():
    found = segments(bowl(81)["loss"], 1.9)
    places = found.reshape(-1, 2) / 80 * 2 - 1
    np.testing.assert_allclose(places[:, 0] ** 2 + 4 * places[:, 1] ** 2, 0.9, atol=5e-3)
    ends = {tuple(end) for end in np.round(found.reshape(-1, 2), 6).tolist()}
    assert len(ends) == len(found), "every end is where the next piece begins: the line is closed"
    assert not len(segments(np.full((4, 4), np.nan), 1.0))
    saddle = np.array([[1.0, -1.0], [-1.0, 1.0]])
    assert len(segments(saddle, 0.0)) == 2


def shown(qtbot, arrays):
    view = PAINTER.view()
    qtbot.addWidget(view)
    assert PAINTER.show(view, arrays, Context())
    view.resize(300, view.sizeHint().height())
    view.show()
    return view


def pointed_at(qtbot, view, place: QPointF) -> str:
    with qtbot.waitSignal(view.pointed) as caught:
        qtbot.mouseMove(view, QPoint(round(place.x()), round(place.y())))
    return str(caught.args[0])


def test_the_loss_is_read_and_what_it_is_of_is_told(qtbot):
    view = shown(qtbot, bowl())
    box = map_box(QRectF(view.rect()), small=False)
    said = pointed_at(qtbot, view, placed(view.shown, box, 0.5, -0.5))
    x, y, loss = (float(part) for part in said.replace(" · loss ", ", ").split(", "))
    assert (x, y) == (pytest.approx(0.5, abs=0.02), pytest.approx(-0.5, abs=0.02))
    assert loss == pytest.approx(x**2 + 4 * y**2 + 1, abs=0.02)
    note = PAINTER.note(view, "step 7", Context())
    assert note == "200 held-back samples · 900 of 1,000 weights move · step 7"
    assert view.shown.axes == ("random direction 1", "random direction 2")
    assert not view.shown.is_logarithmic
    assert PAINTER.show(view, bowl(held_back=np.array(False)), Context())
    assert PAINTER.note(view, "step 7", Context()).startswith("200 training samples")


def test_a_point_of_the_way_is_read_by_its_step(qtbot):
    way = {
        "path": np.array([(0.8, 0.6), (0.4, -0.2), (0.0, 0.0)], np.float32),
        "steps": np.array((0, 1200, 2000)),
        "share": np.array((0.875, 0.1)),
        "weights": np.array((1000, 1000)),
    }
    view = shown(qtbot, bowl(**way))
    box = map_box(QRectF(view.rect()), small=False)
    said = pointed_at(qtbot, view, placed(view.shown, box, 0.4, -0.2))
    assert said == "step 1,200 · loss 1.32 on the surface"
    assert view.shown.axes == ("main direction, 87.5 %", "second direction, 10.0 %")


@pytest.mark.parametrize("tokens", [theme.DARK, theme.LIGHT])
def test_the_node_shows_the_map_with_losses_that_overflow_as_the_greatest(qapp, tokens):
    steep = bowl()
    steep["loss"] = np.power(10.0, steep["loss"], dtype=np.float32)
    steep["loss"][0, 0] = np.inf
    surface = read_surface(steep)
    assert surface.is_logarithmic
    assert np.isfinite(surface.levels).all()
    room = PAINTER.room(Subject(None, None))
    image = PAINTER.thumbnail(steep, room, Context(), tokens)
    assert image.width() == room.width * 2
    corner = image.pixelColor(2, image.height() - 3)
    assert min(corner.red(), corner.green()) > 200
    assert corner.blue() < 60, "yellow"
    assert read_surface({}) is None
