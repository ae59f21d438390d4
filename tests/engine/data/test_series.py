"""Series out of tables: several below each other, put in order, cut at gaps; what is in doubt is asked."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from engine.data import catalogue
from nodes.reading.dataset import DataSet
from nodes.reading.error import DataError
from tests.engine.data.sources import rows, source

STORES = ("north", "south", "west")
DAYS = 30


def lines(*, turned: bool = False, gap: int = -1) -> list[str]:
    """A line for each day of each store, whose sales are 100 for each store before it and the day."""
    found = []
    for store, name in enumerate(STORES):
        days = range(DAYS - 1, -1, -1) if turned else range(DAYS)
        for day in days:
            sales = "" if (store, day) == (1, gap) else str(100 * store + day)
            found.append(f"{name},2024-01-{day + 1:02},{sales},{day % 7},{day * 0.5}")
    return found


def written(folder: Path, content: list[str]) -> Path:
    (folder / "s.csv").write_text("\n".join(["store,date,sales,weekday,wind", *content]) + "\n")
    return folder / "s.csv"


def loaded(path: Path, seed: int = 0, **params: Any) -> DataSet:
    given = {"window": 4, "horizon": 2, "scaling": "none", "input_columns": "sales", **params}
    return catalogue.load(source("series-file", path=str(path), **given), seed=seed)


def stores_of(data: DataSet) -> list[tuple[set[int], set[int]]]:
    """The stores and days that each window of both parts shows."""
    found = []
    for part in (data.train, data.validation):
        for given, wanted in zip(rows(part.input), rows(part.target), strict=True):
            values = [*given[:, 0], *wanted.ravel()]
            found.append(({int(v) // 100 for v in values}, {int(v) % 100 for v in values}))
    return found


@pytest.mark.parametrize("turned", [False, True])
def test_windows_stay_within_a_series_in_the_order_of_time(turned: bool, tmp_path: Path) -> None:
    path = written(tmp_path, lines(turned=turned))
    params = {"group_column": "store", "order_column": "date"}
    data = loaded(path, **params)
    assert data.info.samples == 3 * (DAYS - 5)
    for stores, days in stores_of(data):
        assert len(stores) == 1
        assert max(days) - min(days) == 5
    assert not data.notes
    given, wanted = rows(data.train.input), rows(data.train.target)
    assert (np.diff(given[:, :, 0], axis=1) == 1).all()
    assert (wanted[:, 0] == given[:, -1, 0] + 1).all()
    held = {int(v) % 100 for v in rows(data.validation.target).ravel()}
    assert max(int(v) % 100 for v in rows(data.train.target).ravel()) < min(held)


def test_whole_series_are_held_back_by_the_seed(tmp_path: Path) -> None:
    path = written(tmp_path, lines())
    seen = set()
    for seed in range(6):
        data = loaded(path, seed, group_column="store", order_column="date", validate_by="group")
        assert data.info.division == "group"
        train, held = (
            {int(value) // 100 for value in rows(part.input).ravel()}
            for part in (data.train, data.validation)
        )
        assert len(held) == 1
        assert not train & held
        seen |= held
    assert len(seen) > 1


def test_several_columns_go_in_and_several_are_predicted(tmp_path: Path) -> None:
    path = written(tmp_path, lines())
    params = {"input_columns": "sales, weekday", "target_columns": "wind, sales", "group_column": "store"}
    data = loaded(path, window_step=3, **params)
    assert data.info.input.features == (4, 2)
    assert data.info.target is not None
    assert data.info.target.features == (2, 2)
    given, wanted = rows(data.train.input), rows(data.train.target)
    assert (wanted[:, 0, 1] == given[:, -1, 0] + 1).all()
    assert (wanted[:, 0, 0] * 2 == wanted[:, 0, 1] % 100).all()
    scaled = loaded(path, scaling="standardise", **params)
    scaling = scaled.train.target_scaling
    assert scaling is not None
    assert len(scaling.mean) == 2


def test_scaling_knows_the_training_part_alone(tmp_path: Path) -> None:
    content = lines()
    plain = loaded(written(tmp_path, content), scaling="standardise", group_column="store")
    changed = [line.replace("2024-01-30,", "2024-01-30,9") for line in content]
    other = loaded(written(tmp_path, changed), scaling="standardise", group_column="store")
    assert plain.train.input_scaling == other.train.input_scaling
    assert not np.array_equal(rows(plain.validation.target), rows(other.validation.target))


def test_a_gap_is_refused_or_cuts_the_series(tmp_path: Path) -> None:
    path = written(tmp_path, lines(gap=10))
    with pytest.raises(DataError, match=r"Received line 42: .*; fill the gap, or cut the series there"):
        loaded(path, group_column="store")
    data = loaded(path, group_column="store", at_gaps="cut")
    assert data.notes == ["1 of 90 rows have no value: series are cut there, into 4 parts"]
    assert not any(1 in stores and 10 in days for stores, days in stores_of(data))
    assert data.info.samples == 2 * (DAYS - 5) + (10 - 5) + (DAYS - 11 - 5)


def test_an_order_that_goes_back_and_rows_of_several_series_are_asked_about(tmp_path: Path) -> None:
    path = written(tmp_path, lines())
    look = catalogue.look(source("series-file", path=str(path), input_columns="sales", window=4))
    asked = {doubt.question: [dict(one.values) for one in doubt.answers] for doubt in look.doubts}
    assert asked == {
        "In which order do rows follow each other?": [{"order_column": ""}, {"order_column": "date"}],
        "Are the rows one series, or several below each other?": [
            {"group_column": ""},
            {"group_column": "store"},
        ],
    }
    assert any("though 'date' goes back at row 31" in warning for warning in look.warnings)
    roles = {part.name: (part.kind, part.role) for part in look.parts}
    assert roles["store"] == ("category", "ignore")
    assert roles["date"] == ("date", "ignore")
    assert roles["sales"] == ("number", "target")
    chosen = {"input_columns": "sales", "window": 4, "group_column": "store", "order_column": "date"}
    look = catalogue.look(source("series-file", path=str(path), **chosen))
    assert not look.doubts
    assert {fact.name: fact.value for fact in look.facts}["Series"] == "3: north, south, west"


def test_short_series_are_told_and_left_out(tmp_path: Path) -> None:
    path = written(tmp_path, [*lines(), *(f"east,2024-02-{i + 1:02},{i},0,0" for i in range(3))])
    data = loaded(path, group_column="store")
    assert data.notes[0] == ("1 of 4 series, or parts of one, are shorter than 6 rows and left out: east")


def test_roles_are_parameters(tmp_path: Path) -> None:
    path = written(tmp_path, lines())
    declared = catalogue.declared(source("series-file", path=str(path), input_columns="sales"))
    assert declared.values_for_role("wind", "input") == {"input_columns": "sales, wind"}
    assert declared.values_for_role("store", "group") == {"group_column": "store"}
    assert declared.values_for_role("wind", "target") == {"target_columns": "wind", "input_columns": "sales"}
    for part, role in (("wind", "input"), ("wind", "target"), ("date", "order"), ("sales", "ignore")):
        loaded(path, **declared.values_for_role(part, role))
    with pytest.raises(DataError, match="Expected a role of input, target, group, order or ignore"):
        declared.values_for_role("wind", "weight")


@pytest.mark.parametrize(
    ("params", "message"),
    [
        ({"order_column": "store"}, "order_column: Expected numbers, or dates that are all written alike"),
        ({"group_column": "none"}, "Expected one of the columns store, date, sales"),
        ({"input_columns": "store"}, "Expected columns of numbers. Received words in column 'store'"),
        ({"group_column": "store", "window": 40}, "choose a shorter window"),
    ],
)
def test_what_cannot_be_read_is_said(params: dict[str, Any], message: str, tmp_path: Path) -> None:
    with pytest.raises(DataError, match=message):
        loaded(written(tmp_path, lines()), **params)
