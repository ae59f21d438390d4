"""Sheets of pictures: how they are divided, brought to size, and read by a network that was trained."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from engine.data import catalogue
from nodes.data.source import DataSource
from nodes.reading.picture import picture_formats
from tests.corpus.kinds.sheets import as_sheet, in_parts, stack


@pytest.fixture
def photos(tmp_path: Path) -> DataSource:
    return DataSource(dataset="picture-sheets", path=str(in_parts(tmp_path)))


def test_a_part_that_tests_is_held_apart_or_drawn_with_the_others(photos: DataSource) -> None:
    assert len(catalogue.load(photos).validation) == 8
    mixed = catalogue.load(DataSource(**{**photos.values, "split": "random"}))
    assert sorted([*mixed.train.places, *mixed.validation.places]) == list(range(52))
    assert len(mixed.validation) == 10


def test_pictures_of_a_sheet_are_brought_to_size(photos: DataSource) -> None:
    data = catalogue.load(DataSource(**{**photos.values, "size": [9, 9], "colour": "grey"}))
    assert data.train.input.shape == (44, 1, 9, 9)


def test_a_sheet_is_read_row_by_row_for_a_network_that_was_trained(
    photos: DataSource, tmp_path: Path
) -> None:
    sheet = as_sheet(tmp_path / "new.png", stack(5, 3))
    expected = catalogue.expected_of(photos, catalogue.describe(photos))
    blocks = list(catalogue.unseen(photos, sheet, expected).blocks(3))
    assert [block.places for block in blocks] == [
        ("new.png 1", "new.png 2", "new.png 3"),
        ("new.png 4", "new.png 5"),
    ]
    assert np.array_equal(np.concatenate([block.inputs for block in blocks]), stack(5, 3))


def test_a_sheet_may_have_more_pixels_than_a_picture(
    photos: DataSource, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(picture_formats, "MOST_PIXELS", 100)
    assert len(catalogue.load(photos).train) == 44
