"""What the folders of a folder of pictures mean, and what in them is no picture of the set."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from engine.data import catalogue
from nodes.reading.dataset import DataSet
from nodes.reading.error import DataError
from nodes.reading.picture.name_labels import label_of
from nodes.reading.picture.part_names import part_of
from nodes.reading.split import TEST, TRAIN, VALIDATION
from tests.engine.data.pictures.painted import fill, paint
from tests.engine.data.sources import rows, source


def loaded(path: Path, **params: object) -> DataSet:
    return catalogue.load(source("image-folder", path=str(path), **params))


def counts(data: DataSet) -> tuple[int, int]:
    return len(data.train), len(data.validation)


@pytest.mark.parametrize("junk", [".ipynb_checkpoints", "@eaDir", "__MACOSX", ".thumbnails", "$RECYCLE.BIN"])
@pytest.mark.parametrize("place", ["", "cat", "cat/indoors"])
def test_what_programs_leave_is_left_out_at_every_depth(junk: str, place: str, tmp_path: Path) -> None:
    where = f"{place}/{junk}" if place else junk
    fill(tmp_path, {"cat/indoors": 5, "dog": 5, f"{where}/copies": 3})
    data = loaded(tmp_path)
    assert (data.info.classes, data.info.samples) == (("cat", "dog"), 10)
    words = "1 hidden or foreign entry is left out with 3 pictures"
    assert list(data.skipped) == [f"{tmp_path.name}: {words}: {where}"]


def test_hidden_pictures_and_foreign_files_are_counted(tmp_path: Path) -> None:
    fill(tmp_path, {"cat": 5, "dog": 5})
    paint(tmp_path / "x.png").rename(tmp_path / "cat" / "._000.png")
    for name in ("Thumbs.db", ".DS_Store", "desktop.ini"):
        (tmp_path / "cat" / name).touch()
    (tmp_path / "dog" / "notes.txt").touch()
    (tmp_path / "dog" / "photo.heic").touch()
    data = loaded(tmp_path)
    assert data.info.samples == 10
    skipped = sorted(data.skipped)
    assert skipped[1] == (
        f"{tmp_path.name}: 4 hidden or foreign entries are left out with 1 picture: cat/.DS_Store and 3 more"
    )
    assert skipped[0].startswith(f"{tmp_path.name}: 2 files do not end as pictures do (")
    assert ".heic 1" in skipped[0]
    assert ".txt 1" in skipped[0]


def test_classes_whose_names_begin_with_underscores_are_classes(tmp_path: Path) -> None:
    data = loaded(fill(tmp_path, {"A": 4, "_": 4, "__background__": 4}))
    assert (data.info.classes, data.info.samples) == (("A", "_", "__background__"), 12)
    assert not data.skipped


@pytest.mark.parametrize(
    ("name", "part"),
    [
        *(("train", TRAIN), ("Training", TRAIN), ("TRAIN", TRAIN), ("training_set", TRAIN)),
        ("trainset", TRAIN),
        *(("seg_train", TRAIN), ("train2017", TRAIN), ("train_data", TRAIN), ("images-train", TRAIN)),
        *(("val", VALIDATION), ("valid", VALIDATION), ("dev", VALIDATION), ("Validation Set", VALIDATION)),
        *(("test", TEST), ("Testing", TEST), ("test_set", TEST), ("seg_test", TEST)),
        *(("trains", None), ("training wheels", None), ("set", None), ("cat", None), ("test tube", None)),
        *(("dataset", None), ("2017", None), ("", None)),
    ],
)  # fmt: skip
def test_names_of_parts(name: str, part: int | None) -> None:
    assert part_of(name) == part


@pytest.mark.parametrize(
    ("train", "held"),
    [("Training", "Testing"), ("training_set", "test_set"), ("seg_train", "seg_test"), ("train", "dev")],
)
@pytest.mark.parametrize("around", ["", "archive", "archive/data"])
def test_parts_are_no_classes(train: str, held: str, around: str, tmp_path: Path) -> None:
    inside = tmp_path / around
    fill(inside, {f"{train}/cat": 4, f"{train}/dog": 4, f"{held}/cat": 2, f"{held}/dog": 2})
    data = loaded(tmp_path)
    assert (data.info.classes, counts(data)) == (("cat", "dog"), (8, 4))
    assert not data.skipped
    greys = rows(data.validation.input)[:, 0, 0, 0]
    assert ((greys < 80) == (rows(data.validation.target) == 0)).all()


def test_each_part_may_lie_in_a_folder_of_its_own_name(tmp_path: Path) -> None:
    """As some archives unpack: seg_train/seg_train/cat."""
    data = loaded(
        fill(tmp_path, {f"{p}/{p}/{c}": 3 for p in ("seg_train", "seg_test") for c in ("cat", "dog")})
    )
    assert (data.info.classes, counts(data)) == (("cat", "dog"), (6, 6))


@pytest.mark.parametrize("around", ["dataset", "train", "a/b/c"])
def test_a_folder_around_all_classes_is_gone_into(around: str, tmp_path: Path) -> None:
    data = loaded(fill(tmp_path, {f"{around}/{name}": 5 for name in ("cat", "dog", "owl")}))
    assert data.info.classes == ("cat", "dog", "owl")
    assert counts(data) == (12, 3)


def test_a_test_part_without_classes_is_told_and_samples_are_held_back(tmp_path: Path) -> None:
    data = loaded(fill(tmp_path, {"train/cat": 5, "train/dog": 5, "test": 3}))
    assert (data.info.classes, counts(data)) == (("cat", "dog"), (8, 2))
    assert list(data.skipped) == [f"{tmp_path.name}: 1 folder is no part that is used: test"]


def test_parts_of_bare_pictures_stay_apart_and_have_no_classes(tmp_path: Path) -> None:
    data = loaded(fill(tmp_path, {"train": 6, "test": 3}))
    assert (data.info.target, counts(data)) == (None, (6, 3))


def test_parts_can_be_read_as_classes(tmp_path: Path) -> None:
    data = loaded(fill(tmp_path, {"train": 6, "test": 3}), folders="classes")
    assert data.info.classes == ("test", "train")


def test_a_train_among_other_vehicles_is_a_class(tmp_path: Path) -> None:
    assert loaded(fill(tmp_path, {"train": 4, "car": 4})).info.classes == ("car", "train")


def test_a_class_without_a_picture_is_named(tmp_path: Path) -> None:
    fill(tmp_path, {"cat": 5, "dog": 5})
    (tmp_path / "fourth").mkdir()
    (tmp_path / "fourth" / "000.heic").touch()
    data = loaded(tmp_path)
    assert data.info.classes == ("cat", "dog")
    assert data.skipped[0] == f"{tmp_path.name}: 1 folder has no picture: no class: fourth"


def test_jfif_and_its_like_are_pictures(tmp_path: Path) -> None:
    fill(tmp_path, {"cat": 3}, ".jfif")
    for i, ending in enumerate((".PNG", ".jpe", ".dib")):
        path = paint(tmp_path / "dog" / f"{i}.png")
        path.rename(path.with_suffix(ending))
    assert loaded(tmp_path).info.samples == 6


def test_inner_folders_are_classes_where_chosen(tmp_path: Path) -> None:
    fill(tmp_path, {"pets/cat": 3, "pets/dog": 3, "wild/owl": 3})
    assert loaded(tmp_path).info.classes == ("pets", "wild")
    inner = loaded(tmp_path, classes_from="deepest", validation=0)
    assert inner.info.classes == ("pets/cat", "pets/dog", "wild/owl")
    assert np.bincount(rows(inner.train.target)).tolist() == [3, 3, 3]


@pytest.mark.parametrize(
    ("name", "label"),
    [
        *(("cat.12.jpg", "cat"), ("dog_003.png", "dog"), ("american_bulldog_10.jpg", "american_bulldog")),
        *(("owl (7).webp", "owl"), ("tree-1.bmp", "tree"), ("cat12.png", "cat"), ("0007_dog.png", "dog")),
        *(("12.png", ""), ("house.png", "")),
    ],
)  # fmt: skip
def test_names_of_files_tell_classes(name: str, label: str) -> None:
    assert label_of(f"/some/where/{name}") == label


@pytest.mark.parametrize(
    ("pattern", "name", "label"),
    [
        *(("{class}-*", "cat-in-hat.png", "cat"), ("*_{class}_*.jpg", "7_dog_brown.jpg", "dog")),
        *(("*-{class}.png", "a-b-owl.png", "b-owl"), ("x{class}.png", "y1.png", "")),
        ("{class}.png", "a.jpg", ""),
        *(("*_{class}_*", "nothing", ""), ("{class}", "all.png", "all.png")),
    ],
)  # fmt: skip
def test_a_pattern_tells_classes(pattern: str, name: str, label: str) -> None:
    assert label_of(name, pattern) == label


def test_a_folder_labelled_by_names_is_known_when_it_is_dropped(tmp_path: Path) -> None:
    for i in range(6):
        paint(tmp_path / f"cat.{i}.jpg", 30)
        paint(tmp_path / f"dog.{i}.jpg", 200)
    paint(tmp_path / "cover.jpg", 100)
    match = catalogue.recognised(tmp_path)[0]
    assert (match.dataset, match.recognised.values["classes_from"]) == ("image-folder", "names")
    data = loaded(tmp_path, classes_from="names")
    assert (data.info.classes, data.info.samples) == (("cat", "dog"), 12)
    assert list(data.skipped) == [f"{tmp_path.name}: 1 picture's name tells no class: cover.jpg"]
    assert loaded(tmp_path).info.target is None  # nobody chose it: no classes


@pytest.mark.parametrize("pattern", ["*.png", "{class}{class}", "{class}*", "**{class}"])
def test_a_pattern_that_is_none_is_refused(pattern: str, tmp_path: Path) -> None:
    with pytest.raises(DataError, match="name_pattern: Write"):
        loaded(fill(tmp_path, {"": 4}), classes_from="names", name_pattern=pattern)


def test_new_pictures_below_a_part_are_seen(tmp_path: Path) -> None:
    made = source("image-folder", path=str(fill(tmp_path, {"train/cat": 3, "train/dog": 3})))
    assert catalogue.describe(made).samples == 6
    paint(tmp_path / "train" / "owl" / "0.png")
    assert catalogue.describe(made).classes == ("cat", "dog", "owl")
