"""CIFAR from its usual files, dropped as a folder or as a file of it; its pickles are refused."""

from __future__ import annotations

import pickle
from pathlib import Path

import numpy as np
import pytest

from engine.data import catalogue
from nodes.reading.error import DataError
from tests.engine.data.sources import rows, source


def written(folder: Path, names: tuple[str, ...], labels: int, classes: int, each: int = 4) -> np.ndarray:
    chance = np.random.default_rng(0)
    made = []
    for name in names:
        records = chance.integers(0, 256, (each, labels + 3072), np.uint8)
        records[:, :labels] %= classes
        records.tofile(folder / name)
        made.append(records)
    return np.concatenate(made)


TEN = (*(f"data_batch_{i}.bin" for i in range(1, 6)), "test_batch.bin")


@pytest.mark.parametrize("dropped", ["", "data_batch_2.bin"])
def test_cifar_10_is_read_from_its_folder(tmp_path: Path, dropped: str) -> None:
    records = written(tmp_path, TEN, 1, 10)
    match = catalogue.recognised(tmp_path / dropped)[0]
    assert match.dataset == "cifar-10"
    data = catalogue.load(source(match.dataset, **match.recognised.values))
    assert (len(data.train), len(data.validation)) == (20, 4)
    assert (rows(data.train.input).reshape(20, -1) == records[:20, 1:]).all()
    assert rows(data.validation.target).tolist() == records[20:, 0].tolist()


@pytest.mark.parametrize("dropped", ["", "train.bin"])
def test_cifar_100_has_two_sets_of_labels(tmp_path: Path, dropped: str) -> None:
    records = written(tmp_path, ("train.bin", "test.bin"), 2, 20)
    match = catalogue.recognised(tmp_path / dropped)[0]
    assert match.dataset == "cifar-100"
    for label_set, place, classes in (("fine", 1, 100), ("coarse", 0, 20)):
        data = catalogue.load(source("cifar-100", label_set=label_set, **match.recognised.values))
        assert len(data.info.classes) == len(set(data.info.classes)) == classes
        assert rows(data.train.target).tolist() == records[:4, place].tolist()
        assert (rows(data.train.input).reshape(4, -1) == records[:4, 2:]).all()


@pytest.mark.parametrize(("name", "dataset"), [("data_batch_1", "cifar-10"), ("train", "cifar-100")])
def test_the_python_version_is_refused_in_one_sentence(tmp_path: Path, name: str, dataset: str) -> None:
    (tmp_path / name).write_bytes(pickle.dumps({"data": [1]}, protocol=2))
    match = catalogue.recognised(tmp_path)[0]
    assert match.dataset == dataset
    with pytest.raises(
        DataError, match=rf"binary version. Received the Python version.*{dataset}-binary.tar.gz"
    ):
        catalogue.describe(source(dataset, **match.recognised.values))


def test_a_folder_of_other_binary_files_is_not_taken_for_cifar(tmp_path: Path) -> None:
    for name in ("train.bin", "test.bin"):
        (tmp_path / name).write_bytes(b"abc" * 1000)
    assert "cifar-100" not in [match.dataset for match in catalogue.recognised(tmp_path)]
