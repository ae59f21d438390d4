"""IDX files: whole ones are read, plain or packed; damaged ones are named and nothing else happens."""

from __future__ import annotations

import contextlib
import gzip
import struct
from pathlib import Path

import hypothesis
import hypothesis.strategies as st
import numpy as np
import pytest

from engine.data import catalogue
from nodes.reading import budget, idx, text
from nodes.reading.error import DataError
from nodes.spec import N, TensorSpec
from tests.engine.data.sources import rows, source


def encoded(array: np.ndarray) -> bytes:
    kind = {"uint8": 0x08, "int8": 0x09, "int32": 0x0C, "float32": 0x0D, "float64": 0x0E}[str(array.dtype)]
    head = bytes([0, 0, kind, array.ndim]) + struct.pack(f">{array.ndim}I", *array.shape)
    return head + array.astype(array.dtype.newbyteorder(">")).tobytes()


@pytest.mark.parametrize("dtype", ["uint8", "int32", "float32"])
@pytest.mark.parametrize("packed", [False, True])
def test_arrays_come_back(dtype: str, packed: bool, tmp_path: Path) -> None:
    array = np.arange(24).reshape(2, 3, 4).astype(dtype)
    raw = encoded(array)
    (tmp_path / "a").write_bytes(gzip.compress(raw) if packed else raw)
    read = idx.read(tmp_path / "a")
    assert read.dtype == array.dtype
    assert (read == array).all()
    assert idx.read_head(tmp_path / "a") == (np.dtype(dtype).newbyteorder(">"), (2, 3, 4))


def folder(tmp_path: Path, *, test: bool = True) -> Path:
    for part, count in (("train", 20), ("t10k", 6)) if test else (("train", 20),):
        images = np.full((count, 4, 5), 9, np.uint8)
        labels = (np.arange(count) % 4).astype(np.uint8)
        (tmp_path / f"{part}-images-idx3-ubyte.gz").write_bytes(gzip.compress(encoded(images)))
        (tmp_path / f"{part}-labels-idx1-ubyte").write_bytes(encoded(labels))
    return tmp_path


def test_a_folder_of_mnist_files(tmp_path: Path) -> None:
    data = catalogue.load(source("idx-files", path=str(folder(tmp_path))))
    assert data.info.input == TensorSpec((N, 1, 4, 5))
    assert data.info.classes == ("0", "1", "2", "3")
    assert (len(data.train), len(data.validation), data.info.samples) == (20, 6, 26)
    assert rows(data.train.target)[:5].tolist() == [0, 1, 2, 3, 0]


def test_without_test_files_some_are_held_back(tmp_path: Path) -> None:
    data = catalogue.load(source("idx-files", path=str(folder(tmp_path, test=False)), validation=0.25))
    assert (len(data.train), len(data.validation)) == (15, 5)


def test_the_whole_fashion_mnist_is_read_from_a_chosen_folder(tmp_path: Path) -> None:
    made = source("fashion-mnist-full", path=str(tmp_path))
    with pytest.raises(
        DataError, match=r"Expected the four files of Fashion-MNIST. Received an empty folder; down"
    ):
        catalogue.describe(made)


def test_missing_labels_are_named(tmp_path: Path) -> None:
    folder(tmp_path)
    (tmp_path / "train-labels-idx1-ubyte").unlink()
    with pytest.raises(
        DataError, match=r"Expected train-images-idx3-ubyte and train-labels.* Received 3 other files"
    ):
        catalogue.describe(source("idx-files", path=str(tmp_path)))


def test_too_few_labels_are_counted(tmp_path: Path) -> None:
    folder(tmp_path)
    (tmp_path / "train-labels-idx1-ubyte").write_bytes(encoded(np.zeros(19, np.uint8)))
    with pytest.raises(DataError, match=r"Expected 20 labels, one for each picture\. Received 19"):
        catalogue.load(source("idx-files", path=str(tmp_path)))


@hypothesis.given(st.binary(max_size=40), st.integers(0, 40), st.booleans())
@hypothesis.settings(suppress_health_check=[hypothesis.HealthCheck.function_scoped_fixture])
def test_damage_is_one_error(tmp_path: Path, damage: bytes, at: int, packed: bool) -> None:
    raw = encoded(np.arange(24, dtype=np.uint8).reshape(2, 3, 4))
    whole = gzip.compress(raw) if packed else raw
    broken = whole[:at] + damage + whole[at + len(damage) + 1 :]
    (tmp_path / "a").write_bytes(broken)
    with contextlib.suppress(DataError):
        assert idx.read(tmp_path / "a").nbytes <= len(broken) * 1100


def test_a_promise_of_endless_values_is_not_believed(tmp_path: Path) -> None:
    endless = bytes([0, 0, 8, 4]) + struct.pack(">4I", 2**31, 2**31, 2**31, 2**31)
    (tmp_path / "a").write_bytes(endless)
    with pytest.raises(DataError, match=r"Expected 21,267.* bytes of values .* Received 0; the file is cut"):
        idx.read(tmp_path / "a")
    (tmp_path / "a").write_bytes(gzip.compress(endless))
    with pytest.raises(DataError, match="Expected at most"):
        idx.read(tmp_path / "a")
    (tmp_path / "b").write_bytes(
        gzip.compress(bytes([0, 0, 8, 1]) + struct.pack(">I", 10) + bytes(10_000_000))
    )
    with pytest.raises(DataError, match="Received more than 10"):
        idx.read(tmp_path / "b")


@pytest.mark.parametrize(
    ("labels", "message"),
    [
        (np.array([0, 1, 2**31 - 1], np.int32), "Received 2,147,483,647 for picture 3"),
        (np.array([0, 1, 1e300]), r"Received 1e\+300 for picture 3"),
        (np.array([0, np.nan, 1]), "Received nan for picture 2"),
        (np.array([0, -1, 1], np.int8), "Received -1 for picture 2"),
        (np.array([0, 0.5, 1], np.float32), r"Received 0\.5 for picture 2"),
        (np.array([0, 1], np.uint8), "Expected 3 labels, one for each picture. Received 2"),
        (np.zeros((3, 1), np.uint8), "Expected 3 labels, one for each picture. Received 3×1"),
    ],
)
def test_labels_are_few_whole_numbers(labels: np.ndarray, message: str, tmp_path: Path) -> None:
    (tmp_path / "train-images-idx3-ubyte").write_bytes(encoded(np.zeros((3, 2, 2), np.uint8)))
    (tmp_path / "train-labels-idx1-ubyte").write_bytes(encoded(labels))
    for ask in (catalogue.describe, catalogue.load):
        with pytest.raises(DataError, match=message):
            ask(source("idx-files", path=str(tmp_path)))


@pytest.mark.parametrize("shape", [(0, 2, 2), (3, 0, 2), (3, 2, 0), (3, 2, 2, 0)])
def test_a_size_of_0_is_refused(shape: tuple[int, ...], tmp_path: Path) -> None:
    (tmp_path / "train-images-idx3-ubyte").write_bytes(encoded(np.zeros(shape, np.uint8)))
    (tmp_path / "train-labels-idx1-ubyte").write_bytes(encoded(np.zeros(shape[0], np.uint8)))
    for ask in (catalogue.describe, catalogue.load):
        with pytest.raises(DataError, match="none of them 0"):
            ask(source("idx-files", path=str(tmp_path)))


def test_the_held_back_part_is_described_as_it_is_trained(tmp_path: Path) -> None:
    made = source("idx-files", path=str(folder(tmp_path)))
    for name, array, message in (
        ("t10k-labels-idx1-ubyte", np.full(6, 4, np.uint8), "whole numbers from 0 to 3. Received 4"),
        ("t10k-images-idx3-ubyte", np.zeros((6, 4, 6), np.uint8), "sizes 4×5 as in the training part"),
    ):
        whole = (tmp_path / f"{name}.gz") if "images" in name else tmp_path / name
        kept = whole.read_bytes()
        whole.write_bytes(encoded(array))
        for ask in (catalogue.describe, catalogue.load):
            with pytest.raises(DataError, match=message):
                ask(made)
        whole.write_bytes(kept)


def test_damage_at_the_end_of_packed_pictures_is_seen_at_a_look(tmp_path: Path) -> None:
    path = folder(tmp_path) / "train-images-idx3-ubyte.gz"
    packed = bytearray(path.read_bytes())
    packed[-6] ^= 1
    path.write_bytes(packed)
    with pytest.raises(DataError, match=r"train-images-idx3-ubyte.gz: .* Received a damaged one"):
        catalogue.describe(source("idx-files", path=str(tmp_path)))


def test_what_unpacks_to_far_more_than_it_is_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(budget, "ALWAYS", 1000)
    (tmp_path / "a").write_bytes(gzip.compress(encoded(np.zeros(1_000_000, np.uint8))))
    for read in (idx.read, idx.check, text.outline):
        with pytest.raises(DataError, match=r"Expected at most .* bytes from 1,0\d\d packed ones. Received"):
            read(tmp_path / "a")
    (tmp_path / "a").write_bytes(encoded(np.zeros(1_000_000, np.uint8)))
    assert idx.read(tmp_path / "a").size == 1_000_000


def test_pictures_of_many_channels_are_kept_as_they_are(tmp_path: Path) -> None:
    (tmp_path / "train-images-idx3-ubyte").write_bytes(encoded(np.zeros((4, 2, 3, 7), np.uint8)))
    (tmp_path / "train-labels-idx1-ubyte").write_bytes(encoded(np.arange(4, dtype=np.uint8) % 2))
    assert catalogue.load(source("idx-files", path=str(tmp_path))).train.input.shape[1:] == (7, 2, 3)
    with pytest.raises(DataError, match=r"1 to 4 channels to resize or recolour. Received 7"):
        catalogue.load(source("idx-files", path=str(tmp_path), size=8))


def test_another_set_is_not_taken_for_fashion_mnist(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"Expected pictures of 28×28 .* Received 4×5"):
        catalogue.describe(source("fashion-mnist-full", path=str(folder(tmp_path))))
