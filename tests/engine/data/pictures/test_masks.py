"""Pictures with masks, and with pictures: which belong together, what the values stand for, and one split."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from engine.data import catalogue
from nodes.reading.dataset import DataSet
from nodes.reading.error import DataError
from nodes.reading.picture import picture_files
from nodes.reading.picture.listed.mask_values import IGNORED, MaskClasses, value_name, value_of
from nodes.reading.picture.listed.pair_names import folders_of_masks, folders_of_partners, key
from nodes.spec import UNCOUNTED, N, TensorSpec
from tests.engine.data.sources import rows, source

HEIGHT, WIDTH = 6, 8
Draw = Callable[[np.ndarray], Image.Image]
COLOURS = np.array([(0, 0, 0), (0, 0, 200), (200, 0, 0)], np.uint8)


def classes(index: int) -> np.ndarray:
    """Class numbers `(H, W)`, others for each index."""
    found = np.zeros((HEIGHT, WIDTH), np.uint8)
    found[index % HEIGHT] = 1
    found[:, index % WIDTH] = 2
    return found


def write(folder: Path, draw: Draw = Image.fromarray, count: int = 10, form: str = "{kind}/{i}.png") -> Path:
    """Pictures whose first pixel is ten times their index, and their masks."""
    for i in range(count):
        picture = np.full((HEIGHT, WIDTH, 3), 10 * i, np.uint8)
        for kind, image in (("images", Image.fromarray(picture)), ("masks", draw(classes(i)))):
            path = folder / form.format(kind=kind, i=i)
            path.parent.mkdir(parents=True, exist_ok=True)
            image.save(path)
    return folder


def loaded(path: Path, name: str = "image-masks", **params: object) -> DataSet:
    return catalogue.load(source(name, path=str(path), **params))


def require_paired(data: DataSet, order: tuple[int, ...] = (0, 1, 2)) -> None:
    """Every mask is that of its picture, in both parts."""
    for part in (data.train, data.validation):
        for picture, mask in zip(rows(part.input), rows(part.target), strict=True):
            assert (mask == np.array(order)[classes(int(picture[0, 0, 0]) // 10)]).all()


def test_masks_are_class_numbers_for_each_pixel(tmp_path: Path) -> None:
    data = loaded(write(tmp_path))
    assert data.info.target == TensorSpec((N, HEIGHT, WIDTH), "int64", classes=3)
    assert data.info.classes == ("0", "1", "2")
    assert (len(data.train), len(data.validation)) == (8, 2)
    require_paired(data)


def _palette(mask: np.ndarray) -> Image.Image:
    made = Image.fromarray(mask, "P")
    made.putpalette(COLOURS.ravel().tolist())
    return made


@pytest.mark.parametrize(
    ("draw", "names"),
    [
        (lambda mask: Image.fromarray(COLOURS[mask]), ("0", "#0000c8", "#c80000")),
        (_palette, ("0", "1", "2")),
        (lambda mask: Image.fromarray(mask.astype(np.uint16) * 300), ("0", "300", "600")),
        (lambda mask: Image.fromarray(np.dstack([mask * 50] * 3)), ("0", "50", "100")),
        (lambda mask: Image.fromarray(np.array([0, 4, 9], np.uint8)[mask]), ("0", "4", "9")),
    ],
)
def test_values_and_colours_become_classes(draw: Draw, names: tuple[str, ...], tmp_path: Path) -> None:
    data = loaded(write(tmp_path, draw))
    assert data.info.classes == names
    require_paired(data)


@pytest.mark.parametrize(
    "form",
    [
        "{kind}/{i}_{kind}.png",
        "{kind}/case_{i}_of_{kind}_7.png",
        "{kind}/a/{i}.png",
        "w/train/{kind}/{i}.png",
        "{kind}/x{i}.png",
    ],
)
def test_pairs_are_found_by_name_when_they_are_dropped(form: str, tmp_path: Path) -> None:
    write(tmp_path, form=form)
    assert catalogue.recognised(tmp_path)[0].dataset == "image-masks"
    require_paired(loaded(tmp_path))


def test_masks_lie_beside_their_pictures(tmp_path: Path) -> None:
    write(tmp_path)
    for i in range(10):
        (tmp_path / "images" / f"{i}.png").rename(tmp_path / f"scan{i}.png")
        (tmp_path / "masks" / f"{i}.png").rename(tmp_path / f"scan{i}_mask.png")
    for name in ("images", "masks"):
        (tmp_path / name).rmdir()
    assert catalogue.recognised(tmp_path)[0].dataset == "image-masks"
    require_paired(loaded(tmp_path))


def test_a_table_of_pairs_is_read(tmp_path: Path) -> None:
    write(tmp_path)
    cells = "\n".join(f"images/{i}.png,masks/{9 - i}.png" for i in range(10))
    (tmp_path / "pairs.csv").write_text(f"image,mask\n{cells}\n")
    match = catalogue.recognised(tmp_path / "pairs.csv")[0]
    assert match.dataset == "image-masks"
    data = loaded(tmp_path / "pairs.csv", validation=0)
    assert (rows(data.train.target)[0] == classes(9)).all()


def test_parts_of_pairs_stay_apart(tmp_path: Path) -> None:
    write(tmp_path, form="Training/{kind}/{i}.png")
    write(tmp_path, form="Testing/{kind}/{i}.png", count=3)
    data = loaded(tmp_path)
    assert (len(data.train), len(data.validation), data.info.division) == (10, 3, "fixed")
    require_paired(data)


def test_what_has_no_partner_is_named_and_left_out(tmp_path: Path) -> None:
    write(tmp_path)
    (tmp_path / "masks" / "3.png").unlink()
    (tmp_path / "masks" / "8.png").unlink()
    (tmp_path / "images" / "5.png").unlink()
    Image.fromarray(classes(4)[:3]).save(tmp_path / "masks" / "4.png")
    (tmp_path / "masks" / "6.png").write_bytes(b"no picture")
    Image.fromarray(np.full((HEIGHT, WIDTH), 9, np.uint8)).save(tmp_path / "masks" / "7.png")
    data = loaded(tmp_path, validation=0, mask_values="0,1,2")
    assert len(data.train) == 4
    require_paired(data)
    told = sorted(line.removeprefix(f"{tmp_path}/images/") for line in data.skipped)
    assert told == [
        "1 mask has no picture: left out: 5.png",
        "2 pictures have no mask: left out: 3.png, 8.png",
        "4.png: its partner 4.png: 8 × 3 px, where its picture has 8 × 6",
        "6.png: its partner 6.png: not a picture",
        "7.png: its partner 7.png: 48 of its pixels are 9, which is no class",
    ]


def test_a_broken_pair_has_another_pair_in_its_place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for limit in ("CHECKED_AT_ONCE", "SMALL_CLASS", "KEPT_BYTES"):
        monkeypatch.setattr(picture_files, limit, 0)
    write(tmp_path)
    (tmp_path / "masks" / "6.png").write_bytes(b"no picture")
    (tmp_path / "images" / "2.png").write_bytes(b"no picture")
    data = loaded(tmp_path)
    require_paired(data)
    assert len(data.train) + len(data.validation) == 10
    assert len(data.skipped) == 2


@pytest.mark.parametrize(("value", "ignored"), [("", True), ("255", True), ("none", False)])
def test_255_beside_class_numbers_counts_nowhere(value: str, ignored: bool, tmp_path: Path) -> None:
    def edged(mask: np.ndarray) -> Image.Image:
        mask = mask.copy()
        mask[0] = 255
        return Image.fromarray(mask)

    data = loaded(write(tmp_path, edged), ignored_value=value, validation=0)
    labels = rows(data.train.target)
    assert len(data.info.classes) == (3 if ignored else 4)
    assert set(labels[:, 0].ravel().tolist()) == {UNCOUNTED if ignored else 3}
    look = catalogue.look(source("image-masks", path=str(tmp_path), ignored_value=value))
    assert any("255" in one.question for one in look.doubts) is ignored


def test_greys_at_the_edges_of_white_on_black_are_no_classes(tmp_path: Path) -> None:
    def smoothed(mask: np.ndarray) -> Image.Image:
        greys = np.where(mask == 2, 255, 0).astype(np.uint8)
        greys[greys == 255] -= (np.arange((greys == 255).sum()) % 5).astype(np.uint8)
        greys[0, 0] = 100
        return Image.fromarray(greys)

    path = write(tmp_path, smoothed)
    data = loaded(path, validation=0)
    assert data.info.classes == ("0", "255")
    for place, mask in enumerate(rows(data.train.target)):
        expected = (classes(place) == 2).astype(int)
        assert (mask[1:] == expected[1:]).all()
    doubt = catalogue.look(source("image-masks", path=str(path))).doubts[0]
    assert doubt.question == "What are the greys in the masks?"
    assert [one.values for one in doubt.answers] == [{"mask_kind": "threshold"}, {"mask_kind": "values"}]
    assert len(loaded(path, mask_kind="values").info.classes) > 5


@pytest.mark.parametrize("fit", ["crop", "pad", "stretch"])
def test_a_mask_is_cut_to_size_as_its_picture_and_its_numbers_are_not_mixed(fit: str, tmp_path: Path) -> None:
    for kind in ("images", "masks"):
        (tmp_path / kind).mkdir()
        for i in range(2):
            numbers = np.zeros((20, 40), np.uint8)
            numbers[:, 20:] = 2 if kind == "masks" else 200
            Image.fromarray(numbers).save(tmp_path / kind / f"{i}.png")
    data = loaded(tmp_path, size=10, fit=fit, validation=0, mask_values="0,1,2")
    picture, mask = rows(data.train.input)[0, 0], rows(data.train.target)[0]
    assert set(mask.ravel().tolist()) == ({0, 2, UNCOUNTED} if fit == "pad" else {0, 2})
    clear = (picture < 40) | (picture > 160)
    counted = mask != UNCOUNTED
    assert ((picture > 160) == (mask == 2))[clear & counted].all()
    assert (mask == UNCOUNTED).sum() == (50 if fit == "pad" else 0)


def test_a_picture_belongs_to_a_picture(tmp_path: Path) -> None:
    for i in range(10):
        for kind, grey in (("input", 10 * i), ("target", 255 - 10 * i)):
            (tmp_path / kind).mkdir(exist_ok=True)
            Image.fromarray(np.full((HEIGHT, WIDTH), grey, np.uint8)).save(tmp_path / kind / f"{i}.png")
    assert catalogue.recognised(tmp_path)[0].dataset == "image-pairs"
    data = loaded(tmp_path, "image-pairs")
    assert data.info.target == TensorSpec((N, 1, HEIGHT, WIDTH))
    for part in (data.train, data.validation):
        assert (rows(part.input).astype(int) + rows(part.target) == 255).all()
        assert part.target_scaling is not None
        assert part.target_scaling.divisor == 255.0
    shown = catalogue.look(source("image-pairs", path=str(tmp_path))).samples
    assert shown is not None
    assert shown.images is not None
    assert shown.images.shape[1:] == (1, HEIGHT, 2 * WIDTH)  # side by side


def test_the_look_tells_the_values_and_how_pairs_were_found(tmp_path: Path) -> None:
    look = catalogue.look(source("image-masks", path=str(write(tmp_path))))
    told = {fact.name: f"{fact.value} ({fact.why})" for fact in look.facts}
    assert told["Values of masks"] == "0, 1, 2 (the values of 10 masks, in their order)"
    assert told["Pairs"] == "images with masks (their names say so; files match by name)"
    mask = look.parts[-1]
    assert (mask.name, mask.role, sum(count for _, count in mask.common)) == ("mask", "target", 10 * 48)


@pytest.mark.parametrize("values", ["0, 0", "1.5", "#12", "red", "0, 255, 255"])
def test_values_that_are_none_are_refused(values: str, tmp_path: Path) -> None:
    with pytest.raises(DataError, match="Expected"):
        loaded(write(tmp_path), mask_values=values)


def test_pictures_are_no_masks(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    write(tmp_path, lambda mask: Image.fromarray(rng.integers(0, 256, (*mask.shape, 3), np.uint8)))
    with pytest.raises(DataError, match=r"Choose the values that are classes .* at most 255 values"):
        loaded(tmp_path)


def test_names_tell_what_belongs_together() -> None:
    assert folders_of_masks(["JPEGImages", "SegmentationClass", "ImageSets"]) == (
        "JPEGImages",
        "SegmentationClass",
    )
    assert folders_of_masks(["Images", "Ground_Truth"]) == ("Images", "Ground_Truth")
    assert folders_of_masks(["photos2", "mask"]) == ("photos2", "mask")
    assert folders_of_masks(["cat", "dog"]) is None
    assert folders_of_partners(["clean", "noisy"]) == ("noisy", "clean")
    assert folders_of_partners(["cat", "dog"]) is None
    assert key("a/7_mask.png", "mask") == key("a/7.jpg", "picture") == key("a/img_7.png", "picture") == "a/7"


def test_values_of_masks_have_names() -> None:
    assert value_of("#ff0000") == 0x1FF0000
    assert value_of("#070707") == value_of("7") == 7
    assert value_name(0x1FF0000) == "#ff0000"
    found = MaskClasses((0, 0x1FF0000), 9).numbers(np.array([[0, 9, 0x1FF0000]]))
    assert found.tolist() == [[0, IGNORED, 1]]


@pytest.mark.parametrize(
    "two", [("low", "high"), ("A", "B"), ("mask", "no_mask"), ("with_mask", "without_mask")]
)
def test_classes_whose_pictures_have_the_same_names_are_no_pairs(
    two: tuple[str, str], tmp_path: Path
) -> None:
    for name in two:
        for i in range(4):
            (tmp_path / name).mkdir(exist_ok=True)
            Image.fromarray(np.full((HEIGHT, WIDTH), 20 * i, np.uint8)).save(tmp_path / name / f"{i}.png")
    assert catalogue.recognised(tmp_path)[0].dataset == "image-folder"
    look = catalogue.look(source("image-folder", path=str(tmp_path)))
    asked = [
        doubt for doubt in look.doubts if {"dataset": "image-pairs"} in [one.values for one in doubt.answers]
    ]
    assert bool(asked) is (two[0] in ("low", "A"))


def test_folders_of_letters_and_of_other_names_are_no_pairs(tmp_path: Path) -> None:
    for name in ("a", "b", "x", "y", "z"):
        (tmp_path / "letters" / name).mkdir(parents=True)
        Image.fromarray(classes(1)).save(tmp_path / "letters" / name / "1.png")
    for name in ("images", "labels"):
        (tmp_path / "other" / name).mkdir(parents=True)
        for i in range(4):
            Image.fromarray(classes(1)).save(
                tmp_path / "other" / name / f"{name[0] * 3}{'abcdwxyz'[i + 4 * (name == 'labels')]}.png"
            )
    for folder in ("letters", "other"):
        assert catalogue.recognised(tmp_path / folder)[0].dataset == "image-folder"
