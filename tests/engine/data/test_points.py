"""The sets in the plane: they look as the TensorFlow Playground draws them."""

from __future__ import annotations

import numpy as np
import pytest

from engine.data import catalogue
from nodes.data_sets import points
from nodes.data_sets.registry import data_sets
from nodes.reading.error import DataError
from tests.engine.data.sources import rows, source

POINTS = [name for name, one in data_sets().items() if issubclass(one, points.PlanePoints)]
CLASSES = [name for name in POINTS if data_sets()[name].has_classes]


def made_of(seed: int, dataset: str, **params: object) -> points.Made:
    one = catalogue.declared(source(dataset, **params))
    assert isinstance(one, points.PlanePoints)
    return one.make(seed)


@pytest.mark.parametrize("name", POINTS)
def test_without_noise_a_point_tells_its_value(name: str) -> None:
    made, values = made_of(3, name, samples=2000)
    x, y = made.T
    radius = np.hypot(x, y)
    assert made.shape == (2000, 2)
    assert np.abs(made).max() <= 6
    if name == "circle":
        assert ((values > 0) == (radius < 3)).all()
        assert not ((radius > 2.5) & (radius < 3.5)).any()
    elif name == "xor":
        assert ((values > 0) == (x * y > 0)).all()
        assert np.abs(made).min() >= 0.3
    elif name == "spiral":
        turned = np.arctan2(x, y) - 3.5 * np.pi * radius / 5
        assert np.allclose(np.cos(turned[radius > 0]), values[radius > 0])
    elif name == "plane":
        assert np.allclose(values, (x + y) / 10)
    elif name == "bumps":
        assert values.max() <= 1
        assert values.min() >= -1
        assert abs(values[np.hypot(x, y + 2.5) < 0.3]).min() > 0.8
        assert (values[np.hypot(x, y + 2.5) < 0.3] > 0).all()


@pytest.mark.parametrize("name", CLASSES)
def test_classes_are_even_without_noise(name: str) -> None:
    targets = rows(catalogue.load(source(name)).train.target)
    assert 0.4 < targets.mean() < 0.6


@pytest.mark.parametrize("name", CLASSES)
def test_noise_moves_points_or_labels(name: str) -> None:
    clean, noisy = (made_of(0, name, noise=noise) for noise in (0.0, 0.5))
    assert (clean[0] != noisy[0]).any() or (clean[1] != noisy[1]).any()


def test_gauss_spreads_with_noise() -> None:
    for noise, variance in ((0.0, 0.5), (0.5, 4.0)):
        made, values = made_of(0, "gauss", noise=noise, samples=20_000)
        assert made[values > 0].var(axis=0) == pytest.approx([variance] * 2, rel=0.05)
        assert made[values > 0].mean(axis=0) == pytest.approx([2, 2], abs=0.1)


def test_counts_are_the_playgrounds_unless_given() -> None:
    assert catalogue.describe(source("spiral")).samples == 500
    assert catalogue.describe(source("plane")).samples == 1200
    assert catalogue.describe(source("spiral", samples=77)).samples == 77


def test_features_are_columns() -> None:
    made = source("xor", features="x1*x2, sin(x1), x2^2")
    data = catalogue.load(made, seed=4)
    assert data.info.columns == ("x1*x2", "sin(x1)", "x2^2")
    given = points.features_of(np.array([[2.0, 3.0]]), data.info.columns)
    assert given[0] == pytest.approx([6, np.sin(2), 9])
    # The product alone decides the class.
    assert ((rows(data.train.input)[:, 0] > 0) == (rows(data.train.target) == 1)).all()


def test_an_unknown_feature_is_refused() -> None:
    with pytest.raises(DataError, match=r"features: Expected some of x1, .* Received 'x3'"):
        catalogue.describe(source("xor", features="x1, x3"))


@pytest.mark.parametrize(("labels", "values"), [("0 or 1", {0.0, 1.0}), ("-1 or 1", {-1.0, 1.0})])
def test_labels_as_numbers(labels: str, values: set[float]) -> None:
    data = catalogue.load(source("circle", labels=labels))
    assert data.info.target is not None
    assert data.info.target.features == (1,)
    assert set(np.unique(rows(data.train.target))) == values
