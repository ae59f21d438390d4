"""The picture of a deep dream: first and last picture, the curve, and what it says under the mouse."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, QRectF

from app.lenses.painter import Context, Subject
from app.lenses.painters.gradients.deep_dream import curve_box, picture_places
from app.lenses.registry import PAINTERS
from app.style import theme

PAINTER = PAINTERS["deep_dream"]


def arrays(channels: int = 1, **changes: np.ndarray) -> dict[str, np.ndarray]:
    pictures = np.zeros((3, channels, 8, 8), np.float32)
    pictures[2] = 1.0
    found = {
        "pictures": pictures,
        "ends": np.array((0.25, 1.5)),
        "reached": np.arange(10, dtype=np.float32),
        "channel": np.array((3, 16)),
        "octaves": np.array([(6, 6), (8, 8)]),
        "bounds": np.array((0.0, 1.0)),
        "asked": np.array(3),
        "asked_steps": np.array(6),
        "maps": np.array(channels),
        "of_data": np.array(True),
    }
    return found | changes


def pointed_at(qtbot, view, place: QPointF) -> str:
    with qtbot.waitSignal(view.pointed) as caught:
        qtbot.mouseMove(view, QPoint(round(place.x()), round(place.y())))
    return str(caught.args[0])


@pytest.mark.parametrize(("width", "height"), [(268, 0), (900, 700)])
def test_pixels_and_steps_are_read_at_any_size(qtbot, width, height):
    view = PAINTER.view()
    qtbot.addWidget(view)
    assert PAINTER.show(view, arrays(), Context())
    view.resize(width, height or view.sizeHint().height())
    view.show()
    area = QRectF(view.rect())
    places = picture_places(area, view.shown)
    curve = curve_box(area, places)
    assert all(area.contains(box) for box in places)
    assert curve.bottom() + 14 <= area.bottom() + 1
    assert pointed_at(qtbot, view, places[2].center() + QPointF(4, 4)) == "8×8 · 4, 4 · 1"
    assert pointed_at(qtbot, view, QPointF(curve.right() - 1, curve.center().y())) == "step 10 · 9"
    assert view.shown.heading == "Channel 3 of 16 0.25 → 1.5"
    assert PAINTER.note(view, "sample 2", Context()) == "10 steps · 2 of 3 octaves fit the layers · sample 2"


@pytest.mark.parametrize("channels", [1, 3])
def test_the_node_shows_the_first_and_the_last_picture(qapp, channels):
    room = PAINTER.room(Subject(None, None))
    image = PAINTER.thumbnail(arrays(channels), room, Context(), theme.DARK)
    middle = image.height() // 2
    assert image.pixelColor(image.width() // 2 - 40, middle).name() == "#000000"
    assert image.pixelColor(image.width() // 2 + 40, middle).name() == "#ffffff"
    whole = arrays(channels, channel=np.array((-1, 16)))
    view = PAINTER.view()
    assert PAINTER.show(view, whole, Context())
    assert view.shown.excited == "Squares of the layer"
    made = arrays(maps=np.array(64), of_data=np.array(False))
    assert PAINTER.show(view, made, Context())
    assert view.shown.labels[0] == "before"
    assert "first of 64 maps" in PAINTER.note(view, "sample 0", Context())
    assert not PAINTER.show(view, {}, Context())
    view.deleteLater()
