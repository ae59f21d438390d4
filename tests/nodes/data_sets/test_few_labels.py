"""Sets with few labels: emoji, and definitions of WordNet with and without labels."""

from __future__ import annotations

import csv
import gzip

import numpy as np
import pytest
from PIL import Image

import resources
from engine.data import catalogue
from nodes.data.source import DataSource


def table(name: str) -> list[dict[str, str]]:
    with (resources.DATA / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_emoji_are_the_squares_of_the_picture() -> None:
    folder = resources.DATA / "emoji"
    rows = table("emoji/labels.csv")
    data = catalogue.load(DataSource(dataset="emoji", split="stratified", validation=0.3))
    assert data.info.samples == len(rows) == 455
    assert (len(data.train), len(data.validation)) == (319, 136)
    place = int(data.train.places[40])
    with Image.open(folder / "pictures.webp") as sheet:
        left, top = place % 25 * 96, place // 25 * 96
        square = np.asarray(sheet.convert("RGB").crop((left, top, left + 96, top + 96)))
    fetched = data.train.input.fetch(np.array([40]))[0]
    assert np.array_equal(np.moveaxis(fetched, 0, -1), square)
    label = int(data.train.target.fetch(np.array([40]))[0])
    assert data.info.classes[label] == rows[place]["class"]


def test_no_labelled_definition_is_among_those_without() -> None:
    many = resources.DATA / "definitions" / "definitions.txt.gz"
    with gzip.open(many, "rt", encoding="utf-8") as file:
        without = {line.strip().lower() for line in file}
    labelled = [row["definition"].lower() for row in table("labelled-definitions/labelled.csv")]
    assert len(without) == 33_849
    assert len(set(labelled)) == 1_600
    assert not without & set(labelled)


@pytest.mark.parametrize("seed", [0, 1])
def test_both_sets_of_definitions_have_one_vocabulary(seed: int) -> None:
    how = {"length": 20, "lowercase": True, "vocabulary_size": 3000}
    many = catalogue.load(DataSource(dataset="definitions", samples=200, **how), seed=seed)
    few = catalogue.load(DataSource(dataset="labelled-definitions", split="stratified", **how), seed=seed)
    assert many.info.target is None
    assert many.info.vocabulary == few.info.vocabulary
    assert many.info.input.classes == few.info.input.classes == 3000
    held = few.validation.target.fetch(np.arange(len(few.validation)))
    assert np.bincount(held).tolist() == [40] * 8
    words = few.info.vocabulary.text(few.train.input.fetch(np.array([0]))[0])
    stored = (
        table("labelled-definitions/labelled.csv")[int(few.train.places[0])]["definition"].lower().split()
    )
    assert words.split()[0] in {stored[0], "<unknown>"}
