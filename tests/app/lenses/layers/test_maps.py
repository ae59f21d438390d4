"""Feature maps in the view: which scale their colours follow, what is under the mouse, one enlarged."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from PySide6.QtCore import Qt

from app.lenses.feature_maps import map_tiles, tile_pixels
from app.lenses.painter import Context
from app.lenses.registry import Painters
from app.style import theme
from engine.lens.kinds.feature_maps import FeatureMaps
from engine.lens.lens import Seen

LENS = FeatureMaps()


def arrays(values: torch.Tensor, **options: str) -> dict[str, np.ndarray]:
    return LENS.compute(Seen(values, options=LENS.values(tuple(options.items()))))


@pytest.fixture
def painter():
    """One that has seen nothing yet."""
    from app.lenses.registry import PAINTERS

    fresh = Painters()
    fresh.add(type(PAINTERS["feature_maps"]))
    return fresh["feature_maps"]


@pytest.fixture
def view(qtbot, painter):
    made = painter.view()
    qtbot.addWidget(made)
    made.resize(268, 100)
    made.show()
    return made


def test_of_many_channels_it_says_how_many_are_shown(painter, view) -> None:
    assert painter.show(view, arrays(torch.rand(1, 1024, 9, 9)), Context())
    assert painter.note(view, "sample 3", Context()) == "64 of 1,024 channels · sample 3"


def test_values_without_a_sign_are_sequential_and_others_signed() -> None:
    both = map_tiles(np.array([[[-1.0, 2.0]]]))
    assert both.signed
    assert both.ends() == (-2.0, 2.0)
    plain = map_tiles(np.array([[[0.0, 2.0]]]))
    assert plain.ends() == (0.0, 2.0)
    pixels = tile_pixels(plain, theme.DARK)[0, 0]
    assert pixels[0, :3].tolist() == [84, 1, 68], "the lowest colour of viridis, blue first"
    assert pixels[1, 1] > 200
    padded = map_tiles(np.arange(17.0))
    assert tile_pixels(padded, theme.LIGHT)[0, -1, -1].tolist() == [255] * 4, "no value: the ground"


def test_scales_are_of_the_layer_of_each_channel_or_of_the_network(painter, view) -> None:
    values = torch.stack([torch.full((4, 4), 1.0), torch.full((4, 4), -8.0)])[None]
    painter.show(view, arrays(values), Context(target="a", step=1))
    assert view.tiles.ends() == (-8.0, 8.0)
    assert painter.note(view, "sample 0", Context()) == "sample 0 · shared scale"
    painter.show(view, arrays(values, scale="tile"), Context(target="a", step=2))
    assert view.tiles.scales.tolist() == [1.0, 8.0]
    painter.show(view, arrays(values, scale="network"), Context(target="a", step=2))
    assert painter.note(view, "sample 0", Context()) == "sample 0 · no other layer seen"
    painter.show(view, arrays(values * 5), Context(target="b", step=2))
    painter.show(view, arrays(values, scale="network"), Context(target="a", step=3))
    assert view.tiles.ends() == (-40.0, 40.0)
    assert painter.note(view, "sample 0", Context()) == "sample 0 · scale of 2 layers"
    painter.show(view, arrays(values, scale="network"), Context(target="a", step=1))
    assert view.tiles.ends() == (-8.0, 8.0), "another run, in which the other layer was not seen"


def test_the_mouse_reads_channel_row_and_column_and_a_click_enlarges(qtbot, painter, view) -> None:
    values = torch.arange(2 * 4 * 4.0).reshape(1, 2, 4, 4)
    painter.show(view, arrays(values), Context())
    said: list[str] = []
    view.pointed.connect(said.append)
    at = view.tile_rect(1).center().toPoint()
    qtbot.mouseMove(view, view.tile_rect(0).center().toPoint())
    qtbot.mouseMove(view, at)
    assert said[-1] == f"channel 1 · row 2, column 2 · {int(values[0, 1, 2, 2])}"
    qtbot.mouseClick(view, Qt.MouseButton.LeftButton, pos=at)
    assert view.enlarged == 1
    large = view.tile_rect(1)
    assert large.width() == view.width()
    qtbot.mouseMove(view, large.center().toPoint())
    assert said[-1].startswith("channel 1 · row 2, column 2")
    qtbot.keyClick(view, Qt.Key.Key_Escape)
    assert view.enlarged is None
    qtbot.mouseClick(view, Qt.MouseButton.LeftButton, pos=at)
    qtbot.mouseClick(view, Qt.MouseButton.LeftButton, pos=large.center().toPoint())
    assert view.enlarged is None


def test_places_of_sequences_units_and_pooled_maps_are_named() -> None:
    sequence, row = map_tiles(np.ones((20, 8))), map_tiles(np.arange(20.0))
    assert sequence.words is not None
    assert sequence.words(0, 3, 12) == "feature 3 · step 12"
    assert row.words is not None
    assert row.words(0, 1, 2) == f"unit {row.values.shape[2] + 2}"
    assert row.words(0, row.values.shape[1], 0) == ""
    seen = arrays(torch.rand(1, 3, 200, 128))
    pooled = map_tiles(seen["output"], shape=tuple(seen["shape"]))
    assert pooled.words is not None
    assert pooled.words(2, 5, 6) == "channel 2 · row 20, column 24, mean of 4×4"
