"""The same arrays from a file of any kind give the same samples, classes and specs."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.data import catalogue
from nodes.reading import budget
from nodes.reading.array.hdf5_chunks import ChunkRows
from nodes.reading.array.opening import open_store
from nodes.reading.dataset import ArrayRows, DataSet
from nodes.reading.error import DataError
from nodes.spec import N, TensorSpec
from tests.engine.data.arrays.containers import WORDLESS, WRITERS, hdf5, idx, packed_hdf5
from tests.engine.data.sources import rows, source

COUNT = 12
DTYPES = ("?", "u1", "i1", "<u2", ">i2", "<i4", ">u4", "<i8", ">u8", "<f2", ">f4", "<f8", ">f8")
NAMES = np.array(["cat", "dog", "emu"])[np.arange(COUNT) % 3]


def dropped(path: Path, **params: Any) -> DataSet:
    """What a drop of the path gives, all of it in the training part."""
    match = catalogue.recognised(path)[0]
    given = {"validation": 0, **match.recognised.values, **params}
    return catalogue.load(source(match.dataset, **given))


@pytest.mark.parametrize("kind", WRITERS)
def test_every_kind_gives_the_same_samples(kind: str, tmp_path: Path) -> None:
    chance = np.random.default_rng(0)
    pictures = chance.normal(size=(COUNT, 6, 5, 3))
    labels = np.arange(COUNT) % 3 + 4
    data = dropped(WRITERS[kind](tmp_path, {"images": pictures, "labels": labels}), scaling="none")
    assert data.info.input == TensorSpec((N, 3, 6, 5))
    assert data.info.classes == ("4", "5", "6")
    assert data.info.kind == "images"
    assert (rows(data.train.input) == np.moveaxis(pictures, -1, 1)).all()
    assert rows(data.train.target).tolist() == (labels - 4).tolist()


@pytest.mark.parametrize("kind", [kind for kind in WRITERS if kind not in WORDLESS])
def test_words_are_classes_in_every_kind(kind: str, tmp_path: Path) -> None:
    data = dropped(WRITERS[kind](tmp_path, {"x": np.ones((COUNT, 2)), "y": NAMES}))
    assert data.info.classes == ("cat", "dog", "emu")
    assert rows(data.train.target).tolist() == [i % 3 for i in range(COUNT)]


@pytest.mark.parametrize("kind", WRITERS)
def test_parts_are_found_by_name_in_every_kind(kind: str, tmp_path: Path) -> None:
    x, y = np.arange(COUNT * 2.0).reshape(COUNT, 2), np.arange(COUNT) % 2
    arrays = {
        "x_train": x,
        "y_train": y,
        "x_val": x[:3] + 1,
        "y_val": y[:3],
        "x_test": x[:4],
        "y_test": y[:4],
    }
    path = WRITERS[kind](tmp_path, arrays)
    data = dropped(path)
    assert (len(data.train), len(data.validation), data.info.division) == (COUNT, 3, "fixed")
    assert (rows(data.validation.input) == x[:3] + 1).all()
    assert any("set aside" in note and "x_test" in note for note in data.notes)


@given(
    dtype=st.sampled_from(
        ["?", "u1", "i1", "<u2", ">i2", "<i4", ">u4", "<i8", ">u8", "<f2", ">f4", "<f8", ">f8"]
    ),
    order=st.sampled_from("CF"),
    kind=st.sampled_from(list(WRITERS)),
    sizes=st.sampled_from([(), (1,), (4,), (3, 2), (2, 3, 2)]),
)
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_types_orders_and_byte_orders_come_back(
    tmp_path_factory: pytest.TempPathFactory, dtype: str, order: Any, kind: str, sizes: tuple[int, ...]
) -> None:
    x = np.asarray(np.arange(COUNT * int(np.prod(sizes))).reshape(COUNT, *sizes) % 120, dtype, order)
    path = WRITERS[kind](tmp_path_factory.mktemp("a"), {"x": x, "y": np.arange(COUNT) + 0.5})
    asked = {"scaling": "none", "channels": "first", "whole_numbers": "numbers"}
    data = dropped(path, **asked)
    found = rows(data.train.input)
    assert found.dtype.isnative
    assert found.dtype in (np.uint8, np.float32, np.float64)
    assert (found.astype(np.float64).ravel() == x.astype(np.float64).ravel()).all()
    assert rows(data.train.target).ravel().tolist() == (np.arange(COUNT) + 0.5).tolist()


@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize("dtype", ["u1", "i1", ">i2", ">i4", ">f4", ">f8"])
def test_one_idx_file_is_an_array(dtype: str, packed: bool, tmp_path: Path) -> None:
    x = np.arange(24).reshape(6, 4).astype(dtype)
    data = dropped(idx(tmp_path, x, packed=packed), scaling="none")
    assert (rows(data.train.input) == x).all()


def test_large_arrays_are_streamed_and_give_the_same_rows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    x = np.random.default_rng(0).normal(size=(50, 7, 3)).astype("f4")
    np.savez(tmp_path / "a.npz", x=x)
    for path in (tmp_path / "a.npz", hdf5(tmp_path, {"x": x}), packed_hdf5(tmp_path, {"x": x})):
        whole = rows(dropped(path, scaling="none").train.input)
        monkeypatch.setattr(budget, "CHECKED", 0)
        stored = open_store(path).rows(next(iter(open_store(path).heads)))
        assert isinstance(stored, ChunkRows | ArrayRows)
        assert not isinstance(stored, ArrayRows) or isinstance(stored.array, np.memmap)
        order = np.random.default_rng(1).permutation(50)
        assert (stored.fetch(order) == x[order]).all()
        catalogue.forget()
        assert (rows(dropped(path, scaling="none").train.input) == whole).all()
        monkeypatch.undo()
        catalogue.forget()


def test_matlab_keeps_its_samples_along_the_last_axis(tmp_path: Path) -> None:
    chance = np.random.default_rng(0)
    pictures = chance.integers(0, 255, (6, 5, 3, COUNT), np.uint8)
    labels = np.arange(COUNT)[:, None] % 3 + 1.0
    for kind in ("MAT", "packed MAT", "MAT 7.3"):
        data = dropped(WRITERS[kind](tmp_path, {"X": pictures, "y": labels}))
        assert data.info.input == TensorSpec((N, 3, 6, 5))
        assert (rows(data.train.input) == np.transpose(pictures, (3, 2, 0, 1))).all()
        assert data.info.classes == ("1", "2", "3")


def test_what_is_of_another_kind_is_named_and_the_rest_is_read(tmp_path: Path) -> None:
    from scipy.io import savemat

    x, y = np.ones((COUNT, 2)), np.arange(COUNT) % 2
    several = np.array([(1,), (2,)], dtype=[("a", "i4")])
    settings = {"rate": 1.0}
    savemat(tmp_path / "a.mat", {"x": x, "y": y, "settings": settings, "runs": several, "z": x + 1j})
    look = catalogue.look(source("array-file", path=str(tmp_path / "a.mat")))
    assert any("runs, z" in warning and "a structure" in warning for warning in look.warnings)
    assert [part.name for part in look.parts] == ["x", "y", "settings.rate"]


def test_a_pickle_is_refused_in_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "data_batch_1").write_bytes(b"\x80\x02}q\x01.")
    with pytest.raises(DataError, match=r"Received a pickle of Python.*download the binary version"):
        catalogue.describe(source("array-file", path=str(tmp_path / "data_batch_1")))
