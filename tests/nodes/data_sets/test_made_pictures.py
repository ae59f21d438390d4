"""Made pictures: any size and number of classes, alike for the same seed, and learnable."""

from __future__ import annotations

import numpy as np
import pytest

from nodes.data_sets.registry import data_sets
from nodes.reading.dataset import DataSet
from nodes.reading.error import DataError


def made(seed: int = 0, **values: object) -> DataSet:
    return data_sets()["made-pictures"](values).load(seed)


def test_it_is_as_described_in_every_size() -> None:
    for values, shape in (({}, (3, 224, 224)), ({"size": [299, 227], "colour": "grey"}, (1, 299, 227))):
        info = data_sets()["made-pictures"](values).describe()
        held = made(**values)
        assert info.input.shape[1:] == held.train.input.shape[1:] == shape
        assert len(held.train) + len(held.validation) == info.samples == 256
        assert held.train.input.fetch(np.array([0])).shape == (1, *shape)


def test_the_seed_alone_decides() -> None:
    places = np.arange(3)
    one, two, other = made(1, size=[32, 32]), made(1, size=[32, 32]), made(2, size=[32, 32])
    assert (one.train.input.fetch(places) == two.train.input.fetch(places)).all()
    assert (one.train.input.fetch(places) != other.train.input.fetch(places)).any()


def test_pictures_of_a_class_are_alike_and_the_classes_that_validate_were_seen() -> None:
    held = made(size=[28, 28], made_classes=5, samples=100)
    everything = np.arange(len(held.train))
    pictures, labels = held.train.input.fetch(everything).astype(float), held.train.target.fetch(everything)
    means = np.stack([pictures[labels == label].mean(0) for label in range(5)])
    seen = held.validation.input.fetch(np.arange(len(held.validation))).astype(float)
    nearest = ((seen[:, None] - means[None]) ** 2).sum((2, 3, 4)).argmin(1)
    assert (nearest == held.validation.target.fetch(np.arange(len(held.validation)))).all()


def test_few_samples_of_many_classes_are_of_few_classes() -> None:
    held = made(samples=80, size=[8, 8])
    assert set(held.train.target.fetch(np.arange(len(held.train)))) <= set(range(10))


def test_a_scene_of_any_size_has_a_mask_of_its_size() -> None:
    held = data_sets()["scene-masks"]({"size": [40, 64], "samples": 10}).load(0)
    assert held.train.input.shape[1:] == (3, 40, 64)
    assert held.train.target is not None
    assert held.train.target.shape[1:] == (40, 64)
    assert 0 < (held.train.target.fetch(np.arange(8)) > 0).mean() < 0.5
    with pytest.raises(DataError, match=r"Expected at most .* GB"):
        data_sets()["scene-masks"]({"size": [2048, 2048], "samples": 100_000}).load(0)
