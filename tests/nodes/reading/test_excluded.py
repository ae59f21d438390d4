"""Samples that a project leaves out take part in nothing: training, validation, scaling, pairs."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.data import catalogue
from engine.data.pairs import load_paired
from nodes.reading.error import DataError
from nodes.reading.excluded import places_of, text_of
from tests.engine.data.sources import rows, source
from tests.engine.data.test_image_folder import fruit


def table(path: Path, count: int = 20) -> Path:
    """A number that is ten times its row, but for one that is far out."""
    lines = [f"{1e6 if i == 6 else 10 * i},{i % 2}" for i in range(count)]
    path.write_text("\n".join(["value,label", *lines]))
    return path


@pytest.mark.parametrize("text", ["7", " 7 ", "7-7", "7, 7"])
def test_a_sample_takes_part_in_nothing(tmp_path: Path, text: str) -> None:
    path = str(table(tmp_path / "t.csv"))
    whole = catalogue.load(source("csv-file", path=path))
    data = catalogue.load(source("csv-file", path=path, excluded=text))
    values = np.concatenate([rows(data.train.input), rows(data.validation.input)]).ravel()
    assert sorted(values) == [10.0 * i for i in range(20) if i != 6]
    assert len(data.train) + len(data.validation) == data.info.samples == 19
    assert "1 sample is excluded, as marked in the project" in data.notes
    was_held = set((whole.validation.places if whole.validation.places is not None else np.zeros(0)).tolist())
    is_held = set((data.validation.places if data.validation.places is not None else np.zeros(0)).tolist())
    assert is_held == was_held - {6}  # the others stay where they were


def test_scaling_is_fitted_without_what_is_excluded(tmp_path: Path) -> None:
    path = str(table(tmp_path / "t.csv"))
    with_it = catalogue.load(source("csv-file", path=path, validation=0.0)).train.input_scaling
    without = catalogue.load(source("csv-file", path=path, validation=0.0, excluded="7")).train.input_scaling
    assert with_it is not None
    assert without is not None
    assert without.mean[0] == pytest.approx(np.mean([10.0 * i for i in range(20) if i != 6]))
    assert with_it.mean[0] > 10_000


def test_the_count_is_that_of_samples_that_are_there(tmp_path: Path) -> None:
    path = str(table(tmp_path / "t.csv"))
    data = catalogue.load(source("csv-file", path=path, excluded="2-4, 19-400"))
    assert len(data.train) + len(data.validation) == 15
    assert "5 samples are excluded, as marked in the project" in data.notes


@pytest.mark.parametrize(
    ("dataset", "params"),
    [
        ("circle", {}),
        ("moby-dick", {"samples": 40}),
        ("sunspots", {}),
        ("fashion-mnist", {"samples": 200}),
        ("wine", {}),
    ],
)
def test_every_kind_of_set_leaves_them_out(dataset: str, params: dict[str, object]) -> None:
    whole = catalogue.load(source(dataset, **params))
    assert whole.train.places is not None
    gone = [int(whole.train.places[0]), int(whole.train.places[-1])]
    data = catalogue.load(source(dataset, **params, excluded=text_of(gone)))
    assert data.train.places is not None
    assert not set(gone) & set(data.train.places.tolist())
    assert "2 samples are excluded, as marked in the project" in data.notes
    first = rows(whole.train.input)[1]
    assert np.array_equal(rows(data.train.input)[0], first)
    if whole.train.target is not None:
        assert np.array_equal(rows(data.train.target)[0], rows(whole.train.target)[1])


def test_pictures_are_left_out(tmp_path: Path) -> None:
    data = catalogue.load(source("image-folder", path=fruit(tmp_path), size=8, excluded="1-10"))
    targets = np.concatenate([rows(data.train.target), rows(data.validation.target)])
    assert targets.tolist() == [1] * 10


@pytest.mark.parametrize("text", ["x", "0", "5-3", "3;4", "1-9999999999", "-3", "1.5", "³"])
def test_what_is_no_list_of_samples_is_a_sentence(tmp_path: Path, text: str) -> None:
    with pytest.raises(DataError, match="excluded: Expected at most 1,000,000 numbers of samples"):
        catalogue.load(source("csv-file", path=str(table(tmp_path / "t.csv")), excluded=text))


def test_one_cannot_leave_out_all(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="Expected"):
        catalogue.load(source("csv-file", path=str(table(tmp_path / "t.csv")), excluded="1-20"))


@given(st.sets(st.integers(0, 60)))
def test_the_text_names_the_places(places: set[int]) -> None:
    assert places_of(text_of(places)).tolist() == sorted(places)


@pytest.mark.parametrize("node", ["one", "two"])
def test_what_one_of_a_pair_excludes_is_left_out_of_both(tmp_path: Path, node: str) -> None:
    path = str(table(tmp_path / "t.csv"))
    excluded = {node: "7"}
    nodes = {
        name: source("csv-file", path=path, paired_with=partner, excluded=excluded.get(name, ""))
        for name, partner in (("one", ""), ("two", "one"))
    }
    sets = load_paired(nodes, 0)
    for one, other in zip(
        (sets["one"].train, sets["one"].validation), (sets["two"].train, sets["two"].validation), strict=True
    ):
        assert one.places is not None
        assert other.places is not None
        assert one.places.tolist() == other.places.tolist()
        assert 6 not in one.places
    assert len(sets["two"].train) + len(sets["two"].validation) == 19
    assert any("excluded" in note for note in sets[node].notes)
