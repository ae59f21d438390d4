"""Sequences of different lengths: their rows in order, filled up with the mean, a mask, one target each."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from engine.data import catalogue
from engine.data.first_drawing import first_drawing
from engine.infer.inference import infer
from nodes.reading.dataset import DataSet
from nodes.reading.error import DataError
from tests.engine.data.sources import rows, source

COUNT = 20


def written(folder: Path, *, spoilt: bool = False) -> Path:
    """Person i has i + 1 rows, the newest first; their values are 100 i and the time."""
    lines = []
    for time in range(COUNT, -1, -1):
        for person in range(COUNT):
            if time <= person:
                kind = "even" if (person + (spoilt and time == 0 and person == 5)) % 2 == 0 else "odd"
                lines.append(f"p{person:02},{time},{100 * person + time},{time / 4},{kind},{person / 2}")
    (folder / "t.csv").write_text("\n".join(["person,time,value,other,kind,age", *lines]) + "\n")
    return folder / "t.csv"


def loaded(path: Path, seed: int = 0, **params: Any) -> DataSet:
    given = {"group_column": "person", "order_column": "time", "input_columns": "value, other", **params}
    return catalogue.load(source("sequence-file", path=str(path), **given), seed=seed)


@pytest.mark.parametrize("fill", ["in front", "behind"])
def test_sequences_are_whole_in_order_and_masked(fill: str, tmp_path: Path) -> None:
    data = loaded(written(tmp_path), target_columns="kind", length=12, fill=fill, scaling="none")
    assert (data.info.classes, data.info.samples) == (("even", "odd"), COUNT)
    seen = set()
    for part in (data.train, data.validation):
        given, wanted, mask = rows(part.input), rows(part.target), rows(part.more["mask"])
        assert part.places is not None
        for one, label, shown, place in zip(given, wanted, mask, part.places, strict=True):
            own = one[shown == 1]
            person = int(place)
            assert own[:, 0].tolist() == [100.0 * person + time for time in range(min(12, person + 1))]
            assert data.info.classes[label] == ("even", "odd")[person % 2]
            assert not one[shown == 0].any()
            assert shown.tolist() == sorted(shown.tolist(), reverse=fill == "behind")
            seen.add(person)
    assert seen == set(range(COUNT))
    assert data.notes == ["8 of 20 sequences have more than 12 rows: their ends are left out"]


def test_numbers_are_predicted_and_what_fills_up_is_the_mean_of_the_training_part(tmp_path: Path) -> None:
    data = loaded(written(tmp_path), target_columns="age", length=COUNT)
    scaling, target_scaling = data.train.input_scaling, data.train.target_scaling
    assert scaling is not None
    assert target_scaling is not None
    assert data.info.target is not None
    assert data.info.target.features == (1,)
    given, mask = rows(data.train.input), rows(data.train.more["mask"])
    assert np.allclose(given[mask == 1].mean(axis=0), scaling.mean, rtol=1e-5)
    assert np.allclose((given[mask == 0] - scaling.mean) / scaling.deviation, 0, atol=1e-5)


def test_a_first_network_fits_them(tmp_path: Path) -> None:
    made = source("sequence-file", path=str(written(tmp_path)), group_column="person", target_columns="kind")
    assert infer(first_drawing(made, catalogue.describe(made))).problems == ()
    assert catalogue.look(made).training == 16


@pytest.mark.parametrize(
    ("params", "spoilt", "message"),
    [
        (
            {"group_column": ""},
            False,
            "group_column: Expected the column that says which rows belong together",
        ),
        ({"target_columns": "kind"}, True, "Expected one 'kind' for all rows of a sequence.*for 'p05'"),
        ({"target_columns": "kind, age"}, False, "target_columns: Expected one column. Received 2"),
        ({"input_columns": "kind"}, False, "Expected columns of numbers. Received words in column 'kind'"),
    ],
)
def test_what_cannot_be_read_is_said(
    params: dict[str, Any], spoilt: bool, message: str, tmp_path: Path
) -> None:
    with pytest.raises(DataError, match=message):
        loaded(written(tmp_path, spoilt=spoilt), **params)
