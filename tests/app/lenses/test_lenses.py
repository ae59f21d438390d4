"""Arrays become pictures and readings."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtGui import QColor

from app.lenses.colour_maps import (
    grey_image,
    sample_image,
    sequential_pixels,
    signed_pixels,
    signed_scale,
    tile,
    to_image,
)
from app.lenses.feature_maps import grid_columns, map_tiles
from app.lenses.kernels import kernel_tiles
from app.lenses.prediction import ClassBars, Forecast, NextText, Pictured, ValueRows, prediction, shares
from app.lenses.sample_paint import stamped
from app.lenses.samples import plain_values, truth_table
from app.style import theme
from nodes.reading.dataset import DataInfo
from nodes.reading.preview import SetPreview
from nodes.spec import N, TensorSpec
from tests.app.lenses.predicted import sent


@pytest.mark.parametrize("tokens", [theme.DARK, theme.LIGHT])
def test_signed_values_run_from_orange_over_the_ground_to_blue(tokens):
    picture = to_image(signed_pixels(np.array([[-1.0, 0.0, 1.0, np.nan]]), 1.0, tokens))
    names = [picture.pixelColor(x, 0).name() for x in range(4)]
    ground = QColor(tokens.panel)
    assert names[0] == theme.NEGATIVE
    assert names[2] == theme.POSITIVE
    for name in (names[1], names[3]):
        middle = QColor(name)
        assert abs(middle.red() - ground.red()) == 0
        assert abs(middle.blue() - ground.blue()) == 0


def test_sequential_values_run_from_violet_to_yellow_and_ever_lighter():
    picture = to_image(sequential_pixels(np.linspace(2.0, 5.0, 64)[None]))
    colours = [picture.pixelColor(x, 0) for x in range(64)]
    assert (colours[0].name(), colours[-1].name()) == ("#440154", "#fde725")
    grey = [0.3 * c.red() + 0.59 * c.green() + 0.11 * c.blue() for c in colours]
    assert all(np.diff(grey) > 0)
    held = to_image(sequential_pixels(np.array([[0.0, 9.0]]), 0.0, 18.0))
    assert held.pixelColor(0, 0).name() == "#440154"
    assert held.pixelColor(1, 0).name() not in ("#440154", "#fde725")


def test_one_outlier_does_not_dim_the_rest():
    values = np.ones(10_000)
    values[0] = 1000.0
    assert signed_scale(values) == 1.0
    assert signed_scale(np.zeros(4)) == 1.0
    assert signed_scale(np.array([np.nan, 2.0])) == 2.0


def test_greys_and_colours_of_samples():
    assert grey_image(np.array([[0.0, 1.0]])).pixelColor(1, 0).name() == "#ffffff"
    red = np.zeros((3, 1, 1))
    red[0] = 255
    assert sample_image(red, 0, 255).pixelColor(0, 0).name() == "#ff0000"
    assert sample_image(np.zeros((1, 5, 7)), 0, 255).width() == 7


def test_tiles_stand_in_rows_with_gaps():
    pixels = signed_pixels(np.ones((5, 2, 3)), 1.0, theme.DARK)
    sheet = tile(pixels, columns=3, gap=1, ground="#ff0000")
    assert (sheet.width(), sheet.height()) == (3 * 3 + 2, 2 * 2 + 1)
    assert sheet.pixelColor(3, 0).name() == "#ff0000"
    assert sheet.pixelColor(0, 0).name() == theme.POSITIVE
    assert sheet.pixelColor(10, 4).name() == "#ff0000"


def test_every_shape_of_output_has_tiles():
    assert map_tiles(np.zeros((6, 28, 28))).values.shape == (6, 28, 28)
    assert map_tiles(np.zeros((20, 8))).values.shape == (1, 8, 20)
    assert map_tiles(np.zeros(10)).values.shape == (1, 1, 10)
    assert map_tiles(np.zeros(120)).count == 1
    assert map_tiles(np.float32(3)).values.shape == (1, 1, 1)
    many = map_tiles(np.zeros((256, 4, 4)), limit=64)
    assert (many.count, many.total) == (64, 256)


def test_kernels_of_convolutions_and_matrices():
    assert kernel_tiles(np.zeros((6, 3, 5, 5))).count == 18
    assert kernel_tiles(np.zeros((10, 84))).values.shape == (1, 10, 84)
    assert kernel_tiles(np.zeros((4, 2, 3, 3, 3))).values.shape == (8, 3, 3)
    assert max(kernel_tiles(np.zeros((4, 20_000))).values.shape) <= 512


def test_columns_follow_the_shape_of_the_place():
    assert grid_columns(6, 3, 2) == 3


def info(kind: str, classes: tuple[str, ...] = (), columns: tuple[str, ...] = ()) -> DataInfo:
    spec = TensorSpec((N, 4))
    return DataInfo("x", "X", kind, 10, spec, None, classes, columns)


def test_scores_become_shares_of_classes():
    names = ("cat", "dog", "eel")
    read = prediction({"output": np.array([0.0, 2.0, 1.0]), "target": np.array(2)}, info("images", names))
    assert isinstance(read, ClassBars)
    assert [name for name, _ in read.rows] == ["dog", "eel", "cat"]
    assert sum(share for _, share in read.rows) == pytest.approx(1.0)
    assert read.truth == "eel"
    assert shares(np.array([0.25, 0.75])).tolist() == [0.25, 0.75]


def test_a_text_is_read_at_its_end():
    arrays = sent(np.array([[9.0, 0, 0], [0, 0, 9.0]]), np.array([1, 2]), np.array([0, 1]))
    read = prediction(arrays, info("text", ("a", "b", " ")))
    assert isinstance(read, NextText)
    assert (read.context, read.rows[0][0], read.truth) == ("ab", "␣", "␣")


def test_a_series_is_a_forecast_and_a_number_a_row():
    arrays = {"output": np.array([3.0]), "input": np.array([[1.0], [2.0]]), "target": np.array([2.5])}
    read = prediction(arrays, info("series"))
    assert isinstance(read, Forecast)
    assert (read.past.tolist(), read.target.tolist(), read.output.tolist()) == ([1, 2], [2.5], [3])
    rows = prediction({"output": np.array([3.0]), "target": np.array([2.5])}, info("table"))
    assert rows == ValueRows((("value", 3.0, 2.5),))


def test_values_are_told_in_the_unit_of_the_data():
    """Offset 150, factor 80: a scaled 0.5 is 190."""
    unit = np.array([[150.0], [80.0]])
    arrays = {"output": np.array([0.5]), "target": np.array([-1.0]), "target_unit": unit}
    assert prediction(arrays, info("table")) == ValueRows((("value", 190.0, 70.0),))
    given = {"input": np.zeros((4, 1)), "input_unit": unit}
    read = prediction({**arrays, **given}, info("series"))
    assert isinstance(read, Forecast)
    assert (read.past.tolist(), read.output.tolist(), read.target.tolist()) == ([150.0] * 4, [190.0], [70.0])


def test_broken_scores_are_no_catastrophe():
    read = prediction({"output": np.array([np.nan, 1.0])}, info("images", ("a", "b")))
    assert isinstance(read, ClassBars)
    assert read.rows[0][0] == "b"
    assert prediction({}, None) is None


def test_a_truth_table_is_shown_whole():
    preview = SetPreview(
        info("table"), columns=("x1", "x2"), rows=(("0", "0"), ("0", "1")), labels=("0", "1")
    )
    assert truth_table(preview).splitlines() == ["x1   x2   → t", "0    0    → 0", "0    1    → 1"]


def test_points_without_values_are_all_of_one_colour():
    points = np.array([[0.2, 0.3], [0.9, 0.1]])
    assert plain_values(points, None).tolist() == plain_values(points, np.zeros(2)).tolist() == [0.7, 0.7]
    assert plain_values(points, np.array([-1.0, 1.0])).tolist() == [-1.0, 1.0]


def test_discs_cover_what_they_should():
    cover = stamped(np.array([[5.5, 3.5], [-50.0, 2.0], [np.nan, 1.0], [11.9, 7.9]]), 2.0, 12, 8)
    assert cover.shape == (8, 12)
    assert cover[3, 5] == cover[3, 6] == cover[2, 5] == 255
    assert cover[3, 9] == 0
    assert cover[0, 0] == 0
    assert cover[7, 11] == 255
    assert abs(int(cover[:, :9].sum()) - 255 * np.pi * 4) < 255


def test_a_picture_that_is_made_stands_beside_the_one_that_went_in():
    picture = np.full((1, 8, 8), 0.25)
    read = prediction({"output": picture, "input": picture * 2, "target": np.array(3)}, info("images"))
    assert isinstance(read, Pictured)
    assert read.given is not None
    np.testing.assert_allclose(read.made, 0.25)
    np.testing.assert_allclose(read.given, 0.5)
    alone = prediction({"output": picture * -4, "input": picture}, info("images"), of_data=False)
    assert isinstance(alone, Pictured)
    assert alone.given is None
    np.testing.assert_allclose(alone.made, 0.0)


def test_classes_of_pixels_are_seen_in_their_colours_beside_the_true_ones():
    truth = np.array([[0, 0, 1, 1], [0, 0, 1, 1], [2, 2, 0, 0], [2, 2, 0, -100]])
    scores = np.moveaxis(np.eye(3)[np.maximum(truth, 0)], -1, 0) * 5.0
    scores[:, 0, 0] = (0.0, 9.0, 0.0)  # one pixel wrong
    given = np.zeros((3, 4, 4))
    read = prediction(sent(scores, truth, given), None)
    assert isinstance(read, Pictured)
    assert read.truth is not None
    assert read.given is not None
    other = np.abs(read.made - read.truth).max(axis=0) > 1e-6
    assert sorted(zip(*np.nonzero(other), strict=True)) == [(0, 0), (3, 3)]
    assert np.array_equal(read.made[:, 0, 0], read.truth[:, 0, 2]), "a class has one colour in both"
    assert (read.truth[:, 3, 3] == 0.5).all(), "what counts nowhere is grey"


def test_what_is_made_of_noise_is_no_class_and_has_no_true_value():
    arrays = {"output": np.array([0.5, -1.0]), "target": np.array(1), "input": np.array([0.0, 0.0])}
    read = prediction(arrays, info("points", ("a", "b")), of_data=False)
    assert read == ValueRows((("value 0", 0.5, None), ("value 1", -1.0, None)))
    assert prediction(arrays, info("points", ("a", "b")), taught=False) == read
    assert isinstance(prediction(arrays, info("points", ("a", "b"))), ClassBars)


def test_what_an_output_is_made_of_is_read_from_the_drawing():
    from app.training.run_words import output_is_of_data, targets_are_used
    from engine.document.storage import gallery

    of_noise = [t.name for t in gallery.templates() if not output_is_of_data(gallery.make(t.name))]
    assert "dcgan-fashion" in of_noise
    assert {"vae-fashion", "lenet5-fashion", "attention-moby"}.isdisjoint(of_noise)
    untaught = [t.name for t in gallery.templates() if not targets_are_used(gallery.make(t.name))]
    assert {"vae-fashion", "diffusion-ring"} <= set(untaught)
    assert {"lenet5-fashion", "attention-moby", "lstm-sunspots", "linear-table"}.isdisjoint(untaught)


def test_classes_that_were_asked_for_are_named():
    from app.lenses.sampled import read_samples

    read = read_samples({"samples": np.zeros((3, 1, 4, 4), np.float32), "label": np.array([1, 0, 9])})
    assert read is not None
    assert read.named(("coat", "boot")).labels == ("boot", "coat", "9")
    assert read.named(()).labels == ("1", "0", "9")
