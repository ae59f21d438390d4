"""Folders of pictures: classes from subfolders, and one bad file among many ends nothing."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from engine.data import catalogue
from nodes.reading.error import DataError
from nodes.reading.picture import folder_layout, picture_files, picture_walk
from nodes.reading.progress import CalledOffError, listening
from nodes.spec import N, TensorSpec
from tests.engine.data.sources import rows, source


def paint(path: Path, colour: tuple[int, int, int], size: tuple[int, int] = (12, 10)) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.new("RGB", size, colour).save(path)


def fruit(folder: Path, count: int = 10) -> str:
    for i in range(count):
        paint(folder / "apple" / f"{i}.png", (200, i, 0))
        paint(folder / "pear" / "more" / f"{i}.jpg", (0, 200, i))
    return str(folder)


def test_subfolders_are_classes(tmp_path: Path) -> None:
    data = catalogue.load(source("image-folder", path=fruit(tmp_path), size=8))
    assert data.info.classes == ("apple", "pear")
    assert data.info.input == TensorSpec((N, 3, 8, 8))
    assert (len(data.train), len(data.validation)) == (16, 4)
    reds = rows(data.train.input)[:, 0].mean(axis=(1, 2))
    assert ((reds > 100) == (rows(data.train.target) == 0)).all()


@pytest.mark.parametrize("names", [("train", "val"), ("Train", "Test"), ("TRAINING", "Validation")])
def test_the_parts_of_a_folder_are_told_in_small_or_large_letters(
    names: tuple[str, str], tmp_path: Path
) -> None:
    for part in (*names, "rest"):
        fruit(tmp_path / part, 3)
    paint(tmp_path / "stray.png", (0, 0, 0))
    data = catalogue.load(source("image-folder", path=str(tmp_path)))
    assert data.info.classes == ("apple", "pear")
    assert (len(data.train), len(data.validation)) == (6, 6)
    assert data.skipped == [
        f"{tmp_path.name}: 1 picture is in no folder of a class: stray.png",
        f"{tmp_path.name}: 1 folder is no part that is used: rest",
    ]


@pytest.mark.parametrize("suffix", [".JPG", ".jpe", ".jfif", ".TIFF"])
def test_every_usual_suffix_is_found(suffix: str, tmp_path: Path) -> None:
    for name in "ab":
        paint(tmp_path / name / "1.png", (0, 0, 0))
        (tmp_path / name / "1.png").rename(tmp_path / name / f"1{suffix}")
    assert catalogue.describe(source("image-folder", path=str(tmp_path))).samples == 2


def test_without_a_size_the_first_picture_gives_it(tmp_path: Path) -> None:
    assert catalogue.describe(source("image-folder", path=fruit(tmp_path))).input.features == (3, 10, 12)
    grey = catalogue.describe(source("image-folder", path=fruit(tmp_path), colour="grey"))
    assert grey.input.features == (1, 10, 12)


@pytest.mark.parametrize("streamed", [False, True])
def test_an_unreadable_picture_is_named_and_left_out(
    streamed: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if streamed:
        monkeypatch.setattr(picture_files, "CHECKED_AT_ONCE", 0)
        monkeypatch.setattr(picture_files, "KEPT_BYTES", 0)
    path = fruit(tmp_path)
    (tmp_path / "apple" / "3.png").write_bytes(b"no picture at all")
    whole = (tmp_path / "apple" / "4.png").read_bytes()
    (tmp_path / "apple" / "4.png").write_bytes(whole[: len(whole) // 2])
    data = catalogue.load(source("image-folder", path=path, validation=0))
    labels, images = rows(data.train.target), rows(data.train.input)
    assert len(images) == (20 if streamed else 18)
    assert ((images[:, 0].mean(axis=(1, 2)) > 100) == (labels == 0)).all()  # another apple stands in
    assert len(data.skipped) == 2
    assert any("3.png: not a picture" in line for line in data.skipped)
    assert any("4.png" in line for line in data.skipped)


def test_a_stand_in_never_comes_from_the_other_part(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(picture_files, "CHECKED_AT_ONCE", 0)
    path = fruit(tmp_path, 20)
    for i in range(0, 20, 3):
        (tmp_path / "apple" / f"{i}.png").write_bytes(b"")
    data = catalogue.load(source("image-folder", path=path, validation=0.5))
    apples = [
        {
            int(image[1, 0, 0])
            for image, label in zip(rows(part.input), rows(part.target), strict=True)
            if label == 0
        }
        for part in (data.train, data.validation)
    ]
    assert not apples[0] & apples[1]


def test_a_class_without_one_readable_picture_is_an_error(tmp_path: Path) -> None:
    for i in range(3):
        paint(tmp_path / "good" / f"{i}.png", (1, 2, 3))
        (tmp_path / "worse").mkdir(exist_ok=True)
        (tmp_path / "worse" / f"{i}.png").write_bytes(b"x")
    with pytest.raises(DataError, match=r"worse: Expected pictures. Received none that can be decoded"):
        catalogue.load(source("image-folder", path=str(tmp_path)))


def test_a_fixed_split_in_folders(tmp_path: Path) -> None:
    for part, count in (("train", 4), ("val", 2)):
        for name in ("a", "b"):
            for i in range(count):
                paint(tmp_path / part / name / f"{i}.png", (9, 9, 9))
    data = catalogue.load(source("image-folder", path=str(tmp_path)))
    assert data.info.classes == ("a", "b")
    assert (len(data.train), len(data.validation)) == (8, 4)


def test_bare_pictures_have_no_target(tmp_path: Path) -> None:
    for i in range(4):
        paint(tmp_path / f"{i}.png", (9, 9, 9))
    data = catalogue.load(source("image-folder", path=str(tmp_path)))
    assert data.info.target is None
    assert data.train.target is None


def test_proportions_are_kept_by_crop_and_pad(tmp_path: Path) -> None:
    for i in range(2):
        wide = Image.new("RGB", (30, 10), (0, 0, 0))
        wide.paste((255, 255, 255), (10, 0, 20, 10))
        wide.save(tmp_path / f"{i}.png")
    given = {"path": str(tmp_path), "size": 10, "validation": 0}
    crop = rows(catalogue.load(source("image-folder", fit="crop", **given)).train.input)
    assert crop.min() > 250  # the white middle fills it
    padded = rows(catalogue.load(source("image-folder", fit="pad", **given)).train.input)
    assert padded[0, :, 0].max() == 0
    assert padded[0, :, 5, 5].min() > 200
    stretched = rows(catalogue.load(source("image-folder", fit="stretch", **given)).train.input)
    assert stretched[0, 0, 5, 0] == 0


def test_a_folder_without_pictures_says_what_it_wants(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("x")
    with pytest.raises(
        DataError, match=r"Expected a subfolder of pictures .* per class. Received 0 pictures"
    ):
        catalogue.describe(source("image-folder", path=str(tmp_path)))


def test_what_is_no_file_is_left_out_by_its_name_and_never_waited_for(tmp_path: Path) -> None:
    path = fruit(tmp_path)
    os.mkfifo(tmp_path / "apple" / "a pipe.png")
    (tmp_path / "pear" / "device\n\u202e.jpg").symlink_to("/dev/zero")
    Path(os.fsdecode(os.fsencode(tmp_path / "pear") + b"/caf\xe9.jpg")).write_bytes(b"")
    skipped = catalogue.load(source("image-folder", path=path)).skipped
    assert sorted(line.removeprefix(path) for line in skipped) == [
        "/apple/a pipe.png: it is a pipe",
        r"/pear/caf\udce9.jpg: the file is empty",
        r"/pear/device\n\u202e.jpg: it is a device",
    ]


def test_links_to_folders_are_told_and_not_followed(tmp_path: Path) -> None:
    path = fruit(tmp_path / "fruit")
    (tmp_path / "fruit" / "all").symlink_to("/")
    (tmp_path / "fruit" / "apple" / "round").symlink_to(".")
    (tmp_path / "fruit" / "itself").symlink_to("itself")
    data = catalogue.load(source("image-folder", path=path))
    assert data.info.classes == ("apple", "pear")
    assert (data.info.samples, list(data.skipped)) == (
        20,
        ["fruit: 3 links to folders are not followed: all and 2 more"],
    )
    for name in ("apple", "pear"):
        shutil.rmtree(tmp_path / "fruit" / name)
    with pytest.raises(DataError, match=r"Received 0 pictures; fruit: 2 links to folders are not followed"):
        catalogue.describe(source("image-folder", path=path))


def test_names_of_classes_are_text(tmp_path: Path) -> None:
    for name in (b"caf\xe9", b"two\nlines"):
        paint(Path(os.fsdecode(os.fsencode(tmp_path) + b"/" + name)) / "0.png", (1, 2, 3))
    classes = catalogue.describe(source("image-folder", path=str(tmp_path))).classes
    assert classes == (r"caf\udce9", r"two\nlines")


def test_a_folder_of_other_things_is_given_up_soon(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(picture_walk, "MOST_OTHERS", 100)
    path = fruit(tmp_path)
    for i in range(600):
        (tmp_path / "pear" / f"{i}.txt").touch()
    with pytest.raises(DataError, match=r"Expected a folder of pictures. Received .* other files"):
        catalogue.describe(source("image-folder", path=path))
    catalogue.forget()  # what was refused is remembered
    monkeypatch.setattr(picture_walk, "OTHERS_PER_PICTURE", 1000)
    assert catalogue.describe(source("image-folder", path=path)).samples == 20
    catalogue.forget()  # so is what was found
    monkeypatch.setattr(picture_walk, "MOST_PICTURES", 0)
    with pytest.raises(DataError, match="at most 0 pictures"):
        catalogue.load(source("image-folder", path=path))
    catalogue.forget()
    monkeypatch.setattr(picture_walk, "MOST_SECONDS", 0.0)
    monkeypatch.setattr(picture_walk, "MOST_PICTURES", 10**6)
    with pytest.raises(DataError, match="Received one that takes longer"):
        catalogue.load(source("image-folder", path=path))


def test_looking_for_pictures_is_told_and_can_be_called_off(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(picture_walk, "REST", 0.0)
    for i in range(600):
        (tmp_path / f"{i}.png").touch()
    told: list[str] = []

    def listen(what: str, share: float | None) -> None:
        told.append(what)
        if len(told) == 2:
            raise CalledOffError

    with listening(listen), pytest.raises(CalledOffError):
        catalogue.describe(source("image-folder", path=str(tmp_path)))
    assert told == ["Looking for pictures: 256 found", "Looking for pictures: 512 found"]


def test_a_folder_that_cannot_be_read_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    scandir = os.scandir

    def refusing(path: str) -> object:
        if str(path).endswith("secret"):
            raise PermissionError(13, "Permission denied")
        return scandir(path)

    path = fruit(tmp_path / "fruit")
    (tmp_path / "fruit" / "secret").mkdir()
    monkeypatch.setattr(os, "scandir", refusing)
    skipped = catalogue.load(source("image-folder", path=path)).skipped
    assert list(skipped) == ["fruit: 1 folder cannot be read: secret"]


def test_reading_pictures_is_called_off_between_two_of_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    decoded: list[int] = []
    decode = picture_files.PictureRows._decode

    def counted(rows: picture_files.PictureRows, index: int) -> object:
        decoded.append(index)
        return decode(rows, index)

    def listen(what: str, share: float | None) -> None:
        if decoded:
            raise CalledOffError

    monkeypatch.setattr(picture_files.PictureRows, "_decode", counted)
    monkeypatch.setattr(picture_files.WORKERS, "decoded", lambda *_: None)  # by threads
    path = fruit(tmp_path, 100)
    with listening(listen), pytest.raises(CalledOffError):
        catalogue.load(source("image-folder", path=path))
    assert len(decoded) <= 4 * picture_files.THREADS + 2
    data = catalogue.load(source("image-folder", path=path))
    del decoded[:]
    data.train.input.rows._kept = None  # type: ignore[attr-defined]
    with listening(listen), pytest.raises(CalledOffError):
        data.train.input.fetch(np.arange(150))
    assert len(decoded) <= 4 * picture_files.THREADS + 2


def test_large_pictures_need_a_chosen_size(tmp_path: Path) -> None:
    for i in range(2):
        paint(tmp_path / "a" / f"{i}.bmp", (1, 2, 3), (2100, 2048))
    with pytest.raises(DataError, match=r"Choose a size. .* 2,048 × 2,048 .* Received 2,100 × 2,048"):
        catalogue.describe(source("image-folder", path=str(tmp_path)))
    assert catalogue.load(source("image-folder", path=str(tmp_path), size=16)).info.samples == 2


def test_no_part_needs_a_stand_in_for_its_only_picture_of_a_class(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(picture_files, "CHECKED_AT_ONCE", 40)
    path = fruit(tmp_path, 40)
    for i in range(2):
        paint(tmp_path / "fig" / f"{i}.png", (9, 9, 9))
    (tmp_path / "fig" / "broken.png").write_bytes(b"x")
    for seed in range(8):
        data = catalogue.load(source("image-folder", path=path), seed=seed)
        assert (data.info.samples, len(data.skipped)) == (82, 1)
        assert len(rows(data.train.input)) + len(rows(data.validation.input)) == 82


def test_a_class_of_broken_pictures_is_not_tried_to_its_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(picture_files, "MOST_FAILURES", 5)
    fruit(tmp_path)
    for i in range(10):
        (tmp_path / "apple" / f"{i}.png").write_bytes(b"x")
    listing = folder_layout.list_folder(tmp_path)
    made = picture_files.PictureRows(listing, listing.labels, (3, 8, 8), "crop")
    with pytest.raises(DataError, match=r"apple: Expected pictures. Received none .* among 5 of them"):
        made.fetch(np.array([2]))
    assert list(made.bad) == [2, 3, 4, 5, 6]


def test_new_pictures_are_seen(tmp_path: Path) -> None:
    made = source("image-folder", path=fruit(tmp_path))
    assert catalogue.describe(made).samples == 20
    paint(tmp_path / "plum" / "0.png", (1, 1, 1))
    assert catalogue.describe(made).classes == ("apple", "pear", "plum")


def test_fetching_does_not_depend_on_the_batch(tmp_path: Path) -> None:
    data = catalogue.load(source("image-folder", path=fruit(tmp_path), validation=0))
    together = rows(data.train.input)
    alone = np.concatenate([data.train.input.fetch(np.array([i])) for i in range(20)])
    assert (together == alone).all()
