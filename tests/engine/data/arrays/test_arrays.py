"""NumPy files: which array is what, and that no pickled object is ever loaded."""

from __future__ import annotations

import pickle
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from engine.data import catalogue
from nodes.reading.array import rows as arrays
from nodes.reading.dataset import ArrayRows, PartRows
from nodes.reading.error import DataError
from nodes.spec import N, TensorSpec
from tests.engine.data.sources import rows, source


def save(tmp_path: Path, **arrays: Any) -> str:
    path = tmp_path / "a.npz"
    np.savez(path, **arrays)
    return str(path)


def test_labelled_pictures(tmp_path: Path) -> None:
    images = np.random.default_rng(0).integers(0, 256, (30, 6, 5, 3), np.uint8)
    data = catalogue.load(
        source("array-file", path=save(tmp_path, images=images, labels=np.arange(30) % 3 + 7), validation=0)
    )
    assert data.info.kind == "images"
    assert data.info.input == TensorSpec((N, 3, 6, 5))
    assert data.info.classes == ("7", "8", "9")
    assert (rows(data.train.input) == np.moveaxis(images, -1, 1)).all()
    assert rows(data.train.target).tolist() == [i % 3 for i in range(30)]
    assert len(data.train.input_scaling.mean) == 3


def test_a_fixed_split_is_kept(tmp_path: Path) -> None:
    path = save(
        tmp_path,
        x_train=np.ones((8, 4), np.float64),
        y_train=np.arange(8) % 2,
        x_test=np.zeros((3, 4)),
        y_test=np.array([0, 1, 1]),
    )
    data = catalogue.load(source("array-file", path=path))
    assert (len(data.train), len(data.validation)) == (8, 3)
    assert data.info.samples == 11
    assert rows(data.validation.target).tolist() == [0, 1, 1]


def test_numbers_to_predict(tmp_path: Path) -> None:
    path = save(tmp_path, x=np.ones((10, 2, 3)), y=np.linspace(0, 1, 10))
    info = catalogue.describe(source("array-file", path=path))
    assert info.input == TensorSpec((N, 2, 3))
    assert info.target == TensorSpec((N, 1))


def test_inputs_alone_stay_on_disk(tmp_path: Path) -> None:
    np.save(tmp_path / "a.npy", np.arange(60.0).reshape(20, 3))
    data = catalogue.load(source("array-file", path=str(tmp_path / "a.npy"), validation=0))
    assert data.info.target is None
    assert data.train.target is None
    assert isinstance(data.train.input, PartRows)
    inner = data.train.input.rows
    assert isinstance(inner, ArrayRows)
    assert isinstance(inner.array, np.memmap)
    assert rows(data.train.input)[1].tolist() == [3, 4, 5]


class Bomb:
    def __reduce__(self) -> tuple[Any, ...]:
        return (pytest.fail, ("a pickle was loaded",))


def test_pickled_objects_are_refused(tmp_path: Path) -> None:
    path = save(tmp_path, x=np.array([Bomb(), Bomb()], dtype=object), y=np.arange(2))
    with pytest.raises(DataError, match=r"Expected numbers in array 'x'\. Received object"):
        catalogue.describe(source("array-file", path=path))
    plain = tmp_path / "b.npz"
    plain.write_bytes(pickle.dumps(Bomb()))
    with pytest.raises(DataError, match=r"Expected an .npz or .npy file"):
        catalogue.describe(source("array-file", path=str(plain)))


@pytest.mark.parametrize(
    ("arrays", "message"),
    [
        (
            {"a": np.ones(3), "b": np.ones(3), "c": np.ones(3)},
            r"Expected an array of inputs and one of targets",
        ),
        ({"x": np.ones((3, 2)), "y": np.ones(4)}, r"Expected a target for each of the 3 inputs"),
        ({"x": np.array(["a", "b", "c"]), "y": np.ones(3)}, r"Expected numbers in array 'x'"),
        ({"x": np.ones((0, 3)), "y": np.ones(0)}, r"Expected samples of rank 1 to 4"),
    ],
)
def test_what_cannot_be_used_is_said(arrays: dict[str, Any], message: str, tmp_path: Path) -> None:
    with pytest.raises(DataError, match=message):
        catalogue.describe(source("array-file", path=save(tmp_path, **arrays)))


def test_a_cut_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.npy"
    np.save(path, np.ones((100, 10)))
    path.write_bytes(path.read_bytes()[:-100])
    with pytest.raises(DataError, match="Expected a whole array"):
        catalogue.load(source("array-file", path=str(path)))


def test_damage_of_what_is_used_is_seen_at_a_look(tmp_path: Path) -> None:
    path = Path(save(tmp_path, x=np.arange(4000.0).reshape(1000, 4), y=np.arange(1000) % 2))
    data = bytearray(path.read_bytes())
    data[data.index(np.float64(3999).tobytes())] ^= 1
    path.write_bytes(data)
    with pytest.raises(DataError, match=r"Bad CRC-32 for file 'x.npy'"):
        catalogue.describe(source("array-file", path=str(path)))


def test_arrays_that_are_not_used_are_not_read(tmp_path: Path) -> None:
    words = {f"words{i}": np.array(["a", "b"]) for i in range(20)}
    path = save(tmp_path, x=np.ones((4, 2)), y=np.arange(4), **words)
    assert catalogue.describe(source("array-file", path=path)).samples == 4


@pytest.mark.parametrize("dtype", [">f8", "<f2", ">i4", "u2", "?"])
@pytest.mark.parametrize("order", ["C", "F"])
def test_values_come_back_in_every_order(tmp_path: Path, dtype: str, order: Any) -> None:
    x = np.asarray(np.arange(24).reshape(6, 4) % 7, dtype, order)
    np.savez_compressed(tmp_path / "a.npz", x=x, y=np.arange(6.0))
    np.save(tmp_path / "a.npy", x)
    for name in ("a.npz", "a.npy"):
        data = catalogue.load(source("array-file", path=str(tmp_path / name), validation=0, scaling="none"))
        assert (rows(data.train.input).astype(np.float32) == x.astype(np.float32)).all()
        assert rows(data.train.input).dtype.isnative


def test_targets_beyond_single_precision_are_refused_by_sample(tmp_path: Path) -> None:
    path = save(tmp_path, x=np.ones((3, 2)), y=np.array([1.0, np.nan, -1e300]))
    with pytest.raises(
        DataError, match=r"array 'y', sample 3: Expected numbers up to 3e\+38. Received -1e\+300"
    ):
        catalogue.describe(source("array-file", path=path))


def test_the_held_back_part_of_arrays_is_described_as_it_is_trained(tmp_path: Path) -> None:
    train = {"x_train": np.ones((8, 4)), "y_train": np.arange(8) % 2, "x_test": np.ones((3, 4))}
    for targets, message in (
        (np.array([0, 1, 2]), "Expected only classes that the training part has"),
        (np.zeros((3, 2)), "samples of one size in 'y_train' and 'y_test'"),
    ):
        with pytest.raises(DataError, match=message):
            catalogue.describe(source("array-file", path=save(tmp_path, **train, y_test=targets)))


def test_a_scaling_is_computed_from_a_bounded_sample(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(arrays, "SAMPLED_BYTES", 100 * 16)
    sample = arrays.some_of(ArrayRows(np.zeros((1000, 4), np.float32)), np.arange(1000))
    assert sample.shape == (100, 4)


@pytest.mark.parametrize("dtype", ["f2", "f4", "f8", "g"])
def test_a_number_that_is_none_is_read_without_a_word(tmp_path: Path, dtype: str) -> None:
    """Signalling NaN, which processors tell when it is compared, rounded or converted."""
    y = np.arange(6.0).astype(dtype)
    bits = {"f2": 0x7C01, "f4": 0x7F800001, "f8": 0x7FF0000000000001}
    y[2] = np.array([bits[dtype]], f"u{dtype[1]}").view(dtype)[0] if dtype in bits else np.inf
    for task in ("auto", "regression"):
        made = source("array-file", path=save(tmp_path, x=y[:, None], y=y), task=task, validation=0)
        data = catalogue.load(made)
        assert rows(data.train.target).ravel().tolist() == [0, 1, 3, 4, 5]
        assert rows(data.train.input).ravel().tolist() == [0, 1, 3, 4, 5]


def test_suffixes_may_have_large_letters(tmp_path: Path) -> None:
    np.save(tmp_path / "a.npy", np.ones((4, 3), np.float32))
    np.savez(tmp_path / "b.npz", x=np.ones((4, 3)), y=np.arange(4) % 2)
    for name, large in (("a.npy", "A.NPY"), ("b.npz", "B.NPZ")):
        (tmp_path / name).rename(tmp_path / large)
        assert catalogue.load(source("array-file", path=str(tmp_path / large))).info.samples == 4


def test_an_unknown_class_that_is_held_back_is_named_with_its_file(tmp_path: Path) -> None:
    x = np.ones((4, 3), np.float32)
    path = save(tmp_path, x_train=x, y_train=np.array([0, 1, 0, 1]), x_test=x, y_test=np.array([0, 1, 7, 1]))
    with pytest.raises(DataError, match=r"a\.npz: Expected only classes .* Received 7 for its sample 3\."):
        catalogue.describe(source("array-file", path=path))


def test_an_encrypted_array_is_refused(tmp_path: Path) -> None:
    path = Path(save(tmp_path, x=np.ones((4, 3))))
    data = bytearray(path.read_bytes())
    data[6] |= 1
    data[data.rfind(b"PK\x01\x02") + 8] |= 1
    path.write_bytes(data)
    with pytest.raises(DataError, match=r"array 'x': Expected an array .* Received an encrypted one"):
        catalogue.describe(source("array-file", path=str(path)))
