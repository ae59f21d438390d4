"""What is told of a file of arrays: facts with reasons, parts, doubts whose answers read otherwise, gaps."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from engine.data import catalogue
from nodes.reading.error import DataError
from nodes.reading.look import DataLook
from nodes.spec import N, TensorSpec
from tests.engine.data.sources import rows, source


def look_of(path: Path, **params: Any) -> DataLook:
    return catalogue.look(source("array-file", path=str(path), **params))


def saved(folder: Path, **arrays: np.ndarray) -> Path:
    np.savez(folder / "a.npz", **arrays)
    return folder / "a.npz"


def test_arrays_are_parts_with_their_values(tmp_path: Path) -> None:
    x = np.arange(24.0).reshape(12, 2)
    x[3, 1] = np.nan
    path = saved(tmp_path, x=x, y=np.arange(12) % 3, extra=np.zeros((2, 2)))
    look = look_of(path)
    parts = {part.name: part for part in look.parts}
    assert [(name, part.role) for name, part in parts.items()] == [
        *(("x", "input"), ("y", "target"), ("extra", "ignore"))
    ]
    assert parts["x"].kind == "float64 12×2"
    assert (parts["x"].missing, parts["x"].low, parts["x"].high) == (1, 0, 23)
    assert parts["x"].histogram is not None
    assert sum(parts["x"].histogram.counts) == 23
    assert parts["y"].common == (("0", 4), ("1", 4), ("2", 4))
    assert look.warnings == (
        "a.npz: 1 row of 12 of array 'x' has a value that is no number and is left out; "
        "the first is NaN in row 4, column 2.",
    )
    assert look.training + look.validation == 11


def test_every_answer_of_a_doubt_can_be_taken(tmp_path: Path) -> None:
    arrays = {
        "channels": {"x": np.zeros((8, 3, 9, 3), "f4"), "y": np.arange(8) % 2},
        "grey": {"x": np.zeros((8, 9, 9), "f4"), "y": np.arange(8) % 2},
        "targets": {"x": np.zeros((8, 2)), "y": np.eye(2)[np.arange(8) % 2]},
        "arrays": {"a": np.zeros((8, 2)), "b": np.arange(8) % 2},
        "tokens": {"x": np.arange(40).reshape(8, 5), "y": np.arange(8) % 2},
        "axis": {"x": np.zeros((8, 8)), "y": np.arange(8) % 2},
    }
    for name, own in arrays.items():
        np.savez(tmp_path / f"{name}.npz", **own)
        look = look_of(tmp_path / f"{name}.npz")
        assert look.doubts, name
        for doubt in look.doubts:
            assert len(doubt.answers) > 1
            infos = [
                catalogue.describe(source("array-file", path=str(tmp_path / f"{name}.npz"), **answer.values))
                for answer in doubt.answers
            ]
            assert infos[doubt.taken] == look.info
            if name not in ("axis", "channels"):
                assert len({(info.input, info.target) for info in infos}) == len(infos)


def test_a_role_is_given_by_parameters(tmp_path: Path) -> None:
    path = saved(tmp_path, x=np.zeros((6, 2)), y=np.arange(6) % 2, z=np.arange(6.0) + 0.5)
    made = catalogue.declared(source("array-file", path=str(path)))
    assert made.values_for_role("z", "target") == {"target_array": "z"}
    assert made.values_for_role("y", "input") == {"input_array": "y", "target_array": "x"}
    assert made.values_for_role("y", "ignore") == {"target_array": "none"}
    info = catalogue.describe(source("array-file", path=str(path), target_array="z"))
    assert info.target == TensorSpec((N, 1))
    with pytest.raises(DataError, match="Expected another array as the input first"):
        made.values_for_role("x", "ignore")
    with pytest.raises(DataError, match="Expected one of the arrays x, y, z"):
        made.values_for_role("w", "input")


def test_tokens_stay_whole_numbers(tmp_path: Path) -> None:
    ids = np.arange(40).reshape(8, 5)
    path = saved(tmp_path, input_ids=ids, labels=np.arange(8) % 2)
    data = catalogue.load(source("array-file", path=str(path), validation=0))
    assert data.info.input == TensorSpec((N, 5), "int64", classes=40)
    assert rows(data.train.input).dtype == np.int64
    assert rows(data.train.input).tolist() == ids.tolist()
    path = saved(tmp_path, x=ids - 1, y=np.arange(8) % 2)
    with pytest.raises(DataError, match=r"Expected tokens from 0 to 1,048,575 in 'x'\. Received -1"):
        catalogue.describe(source("array-file", path=str(path), whole_numbers="tokens"))


def test_large_targets_that_differ_little_are_scaled_and_said(tmp_path: Path) -> None:
    times = np.arange(400.0) * 1e-4 + 2459000.5
    path = saved(tmp_path, x=times[:, None], y=times)
    look = look_of(path)
    assert any(fact.name == "Target scaling" for fact in look.facts)
    data = catalogue.load(source("array-file", path=str(path)))
    assert data.train.target_scaling is not None
    assert rows(data.train.target).dtype == np.float64
    plain = look_of(path, scaling="none")
    assert any("cannot tell numbers of array 'x' apart" in warning for warning in plain.warnings)
    small = saved(tmp_path, x=times[:, None], y=np.arange(400.0) / 7)
    assert catalogue.load(source("array-file", path=str(small))).train.target_scaling is None


def test_gaps_of_every_part_are_left_out_and_pairs_know_the_places(tmp_path: Path) -> None:
    x, y = np.arange(24.0).reshape(12, 2), np.arange(12.0)
    x[2, 0], y[5] = np.inf, np.nan
    held = np.arange(8.0).reshape(4, 2)
    held[1, 1] = -np.inf
    path = saved(tmp_path, x_train=x, y_train=y, x_val=held, y_val=np.arange(4.0))
    data = catalogue.load(source("array-file", path=str(path)))
    assert (len(data.train), len(data.validation)) == (10, 3)
    assert data.train.places is not None
    assert data.train.places.tolist() == [0, 1, 3, 4, 6, 7, 8, 9, 10, 11]
    assert data.validation.places is not None
    assert data.validation.places.tolist() == [12, 14, 15]
    assert [sentence.split("; the first is ")[1] for sentence in data.skipped] == [
        *("NaN in row 6.", "infinity in row 3, column 1.", "−infinity in row 2, column 2.")
    ]


def test_a_file_without_a_usable_sample_says_so(tmp_path: Path) -> None:
    path = saved(tmp_path, x=np.full((4, 2), np.nan), y=np.arange(4))
    with pytest.raises(DataError, match=r"values are all numbers. Received none: 4 rows of 4 of array 'x'"):
        catalogue.describe(source("array-file", path=str(path)))


def test_a_chosen_array_that_is_not_there_is_named(tmp_path: Path) -> None:
    path = saved(tmp_path, x=np.zeros((4, 2)), y=np.arange(4))
    for parameter in ("input_array", "target_array", "validation_input"):
        with pytest.raises(DataError, match=rf"{parameter}: Expected an array of the file \(x, y\)"):
            catalogue.describe(source("array-file", path=str(path), **{parameter: "w"}))


def test_masks_are_classes_of_each_pixel_and_can_be_numbers(tmp_path: Path) -> None:
    chance = np.random.default_rng(0)
    pictures, masks = chance.random((6, 8, 9, 3)), chance.integers(0, 3, (6, 8, 9)) * 100
    for targets in (masks, masks[..., None], masks[:, None].astype("u1")):
        path = saved(tmp_path, images=pictures, masks=targets)
        data = catalogue.load(source("array-file", path=str(path), validation=0))
        assert data.info.target == TensorSpec((N, 8, 9), "int64", classes=3)
        assert data.info.classes == ("0", "100", "200")
        assert (rows(data.train.target) == masks // 100).all()
        flat = catalogue.describe(source("array-file", path=str(path), target_form="flat"))
        assert flat.target == TensorSpec((N, 72))
        doubt = next(one for one in look_of(path).doubts if "pictures or numbers" in one.question)
        assert doubt.answers[doubt.taken].values == {"target_form": "picture"}
        catalogue.forget()


def test_pictures_to_make_of_pictures_keep_their_sizes_where_that_is_chosen(tmp_path: Path) -> None:
    noisy, clean = np.random.default_rng(0).random((2, 6, 8, 9, 3))
    path = saved(tmp_path, input=noisy, target=clean)
    assert catalogue.describe(source("array-file", path=str(path))).target == TensorSpec((N, 216))
    data = catalogue.load(source("array-file", path=str(path), target_form="picture", validation=0))
    assert data.info.target == TensorSpec((N, 3, 8, 9))
    assert (rows(data.train.target) == np.moveaxis(clean, -1, 1).astype("f4")).all()
    answers = [answer.values for doubt in look_of(path).doubts for answer in doubt.answers]
    assert {"target_form": "picture"} in answers


def test_a_damaged_array_that_is_not_used_ends_no_look(tmp_path: Path) -> None:
    path = saved(tmp_path, x=np.zeros((6, 2)), y=np.arange(6) % 2, extra=np.arange(12_340.0))
    data = bytearray(path.read_bytes())
    data[data.index(np.float64(12_339).tobytes())] ^= 1
    path.write_bytes(data)
    look = look_of(path)
    extra = next(part for part in look.parts if part.name == "extra")
    assert "it cannot be read" in extra.why
    assert "Bad CRC-32" in extra.why
    assert len(catalogue.load(source("array-file", path=str(path))).train) == 5


def test_targets_beside_a_file_of_inputs_are_named(tmp_path: Path) -> None:
    np.save(tmp_path / "x_train.npy", np.zeros((6, 2)))
    assert look_of(tmp_path / "x_train.npy").warnings == ()
    np.save(tmp_path / "y_train.npy", np.arange(6) % 2)
    catalogue.forget()
    assert look_of(tmp_path / "x_train.npy").warnings == (
        "x_train.npy is read alone; beside it lies y_train.npy. Choose the folder to read both.",
    )
    assert catalogue.describe(source("array-file", path=str(tmp_path))).classes == ("0", "1")


def test_a_folder_of_classes_is_not_searched_for_arrays(tmp_path: Path) -> None:
    (tmp_path / "cat").mkdir()
    np.save(tmp_path / "cat" / "a.npy", np.zeros((6, 2)))
    assert [match.dataset for match in catalogue.recognised(tmp_path)].count("array-file") == 0
    (tmp_path / "train").mkdir()
    for name in ("x", "y"):
        np.save(tmp_path / "train" / f"{name}.npy", np.arange(6) % 2)
    look = look_of(tmp_path)
    assert [part.name for part in look.parts] == ["train/x", "train/y"]
