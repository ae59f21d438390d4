"""Clouds to be generated, and truth tables: learned whole, nothing scaled, and where points lie."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray

from engine.data import catalogue
from nodes.data_sets import clouds
from nodes.data_sets.made.truth_tables import TruthTable
from nodes.data_sets.registry import data_sets
from nodes.reading.error import DataError
from tests.engine.data.sources import rows, source

DRAWN = "0.2 0.2; .8,0.9"


def points_of(name: str, samples: int = 20_000, seed: int = 0) -> NDArray[np.float64]:
    one = catalogue.declared(source(name, samples=samples, points=DRAWN))
    assert isinstance(one, clouds.Cloud)
    return one.make(seed)


@pytest.mark.parametrize("name", [name for name, one in data_sets().items() if issubclass(one, clouds.Cloud)])
def test_a_cloud_is_all_there_is(name: str) -> None:
    made = source(name, points=DRAWN)
    data, info = catalogue.load(made), catalogue.describe(made)
    assert (len(data.train), len(data.validation), info.samples) == (2000, 0, 2000)
    assert data.train.target is None
    assert info.target is None
    inputs, scaling = rows(data.train.input), data.train.input_scaling
    assert inputs.dtype == np.float32
    assert inputs.min() >= 0
    assert inputs.max() <= 1
    assert scaling is not None
    assert (scaling.mean, scaling.deviation, scaling.divisor) == ((0.0,), (1.0,), 1.0)
    assert np.array_equal(points_of(name), points_of(name))
    assert not np.array_equal(points_of(name), points_of(name, seed=1))
    preview = catalogue.preview(made)
    assert preview.points is not None
    assert preview.points.shape == (500, 2)
    assert preview.values is None
    assert made.card_label() == "2,000 points"
    assert catalogue.describe(source(name, samples=77, points=DRAWN)).samples == 77


def _on_line(points: NDArray[np.float64]) -> NDArray[np.float64]:
    along = (0.8 - points[:, 0]) / 0.75
    return points[:, 1] - (0.6 + 0.3 * along)


def _off_ring(points: NDArray[np.float64]) -> NDArray[np.float64]:
    away = (points - (0.5, 0.45)) / (0.3, 0.25)
    return np.hypot(*away.T) - 1


@pytest.mark.parametrize(("name", "off", "most"), [("line", _on_line, 0.0108), ("ring", _off_ring, 0.092)])
def test_points_keep_to_their_curve(
    name: str, off: Callable[[NDArray[np.float64]], NDArray[np.float64]], most: float
) -> None:
    distances = off(points_of(name))
    assert abs(distances.mean()) < 0.01
    assert 0.8 * most < distances.std() <= 1.05 * most


def test_the_two_gaussians() -> None:
    points = points_of("two-gaussians", 100_000)
    tall = np.hypot(*((points - (0.7, 0.4)) / (0.05, 0.2)).T) < np.hypot(*((points - (0.3, 0.7)) / 0.1).T)
    assert tall.mean() == pytest.approx(0.5, abs=0.02)
    assert points[~tall].mean(axis=0) == pytest.approx([0.3, 0.7], abs=0.01)
    assert points[~tall].std(axis=0) == pytest.approx([0.1, 0.1], rel=0.05)
    assert points[tall].mean(axis=0) == pytest.approx([0.7, 0.4], abs=0.015)
    assert points[tall].std(axis=0) == pytest.approx([0.05, 0.19], rel=0.05)  # cut off below 0


def test_blobs_lie_apart_and_hold_alike() -> None:
    points = points_of("blobs")
    centres = np.array([(0.35, 0.75), (0.75, 0.6), (0.45, 0.35)])
    away = np.linalg.norm(points[:, None] - centres, axis=2)
    assert away.min(axis=1).max() < 0.15
    assert np.bincount(away.argmin(axis=1)) == pytest.approx([len(points) / 3] * 3, rel=0.05)
    assert (points - centres[away.argmin(axis=1)]).std() == pytest.approx(0.025, rel=0.05)


def test_drawn_points_are_met_again_and_again() -> None:
    points = points_of("drawn-points")
    high = points[:, 0] > 0.5
    assert high.mean() == pytest.approx(0.5, abs=0.02)
    assert points[high].mean(axis=0) == pytest.approx([0.8, 0.9], abs=0.002)
    assert points[~high].std(axis=0) == pytest.approx([0.02, 0.02], rel=0.05)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", r"points: Expected at least one point. Received none; draw some"),
        (" ; ;", r"Received none"),
        ("0.1 0.2; 0.3", r"Expected pairs of numbers from 0 to 1.* Received '0.3'"),
        ("0.1 1.2", r"Received '0.1 1.2'"),
        ("nan 0.5", r"Received 'nan 0.5'"),
    ],
)
def test_a_drawing_that_is_none(text: str, message: str) -> None:
    with pytest.raises(DataError, match=message):
        catalogue.describe(source("drawn-points", points=text))


@pytest.mark.parametrize(
    ("name", "answers"),
    [("and-table", [0, 0, 0, 1]), ("or-table", [0, 1, 1, 1]), ("xor-table", [0, 1, 1, 0])],
)
def test_truth_tables(name: str, answers: list[int]) -> None:
    assert issubclass(data_sets()[name], TruthTable)
    made = source(name)
    data = catalogue.load(made)
    assert rows(data.train.input).tolist() == [[0, 0], [0, 1], [1, 0], [1, 1]]
    assert rows(data.train.target).tolist() == [[answer] for answer in answers]
    assert rows(data.validation.target).tolist() == rows(data.train.target).tolist()  # the same rows judge
    assert data.info.samples == 4
    assert data.info.target is not None
    assert data.info.target.features == (1,)
    preview = catalogue.preview(made, 12)
    assert preview.rows == (("0", "0"), ("0", "1"), ("1", "0"), ("1", "1"))
    assert preview.labels == tuple(str(answer) for answer in answers)


def test_a_card_counts_no_points_before_any_are_drawn() -> None:
    assert source("drawn-points").card_label() == "no points yet"
    assert source("drawn-points", points="0.2 0.7").card_label() == "2,000 points"
