"""What is told of pictures: sizes, modes, bits with counts, and every choice that could be another."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from engine.data import catalogue
from nodes.reading.error import DataError
from nodes.reading.look import DataLook, Doubt
from nodes.reading.picture import picture_files
from tests.engine.data.pictures.painted import fill, paint
from tests.engine.data.sources import source


def look(path: Path, **params: object) -> DataLook:
    return catalogue.look(source("image-folder", path=str(path), **params))


def fact(of: DataLook, name: str) -> str:
    return next(f"{one.value} ({one.why})" for one in of.facts if one.name == name)


def doubt(of: DataLook, words: str) -> Doubt:
    return next(one for one in of.doubts if words in one.question)


def test_sizes_modes_and_bits_are_counted(tmp_path: Path) -> None:
    fill(tmp_path, {"cat": 3, "dog": 3})
    paint(tmp_path / "cat" / "wide.png", size=(12, 6))
    Image.fromarray(np.full((6, 6), 900, np.uint16)).save(tmp_path / "dog" / "deep.png")
    Image.new("RGBA", (6, 6), (1, 2, 3, 0)).save(tmp_path / "dog" / "clear.png")
    found = look(tmp_path)
    seen = "of the 9 pictures whose headers were read"
    assert fact(found, "Sizes in px") == f"6 × 6: 8; 12 × 6: 1 ({seen})"
    assert fact(found, "Modes") == f"colour: 7; colour, transparent: 1; grey: 1 ({seen})"
    assert fact(found, "Bits") == f"8: 8; 16: 1 ({seen})"
    assert fact(found, "White of 16 bits") == "65,535 (of numbers of 16 bits the upper 8 are taken)"
    assert "their edges cut" in fact(found, "Brought to")
    white = doubt(found, "white")
    assert [one.values for one in white.answers] == [{"white": 0.0}, {"white": 1023.0}]
    assert "900" in white.why
    assert doubt(found, "lie on").answers[0].values == {"ground": "white"}
    assert doubt(found, "Grey or").answers[1].values == {"colour": "rgb"}
    assert doubt(found, "other sizes").taken == 0


def test_an_answer_to_a_doubt_is_what_is_then_taken(tmp_path: Path) -> None:
    fill(tmp_path, {"train/cat/young": 3, "train/dog": 3, "test/cat": 2, "test/dog": 2})
    paint(tmp_path / "train" / "dog" / "wide.png", size=(12, 6))
    for one in look(tmp_path).doubts:
        for place, answer in enumerate(one.answers):
            values = {name: list(v) if isinstance(v, tuple) else v for name, v in answer.values.items()}
            again = look(tmp_path, **values)
            same = [other for other in again.doubts if other.question == one.question]
            if same and "px" not in answer.title and answer.values.get("folders") != "classes":
                assert same[0].taken == place, answer.title
    together = look(tmp_path, split="random")
    assert together.training + together.validation == 11


def test_channels_have_histograms_and_the_class_its_counts(tmp_path: Path) -> None:
    found = look(fill(tmp_path, {"cat": 5, "dog": 5, "owl": 10}), validation=0)
    assert [part.name for part in found.parts] == ["red", "green", "blue", "class"]
    red = found.parts[0].histogram
    assert red is not None
    assert sum(red.counts) == 20 * 36
    assert len(red.edges) == len(red.counts) + 1
    assert found.parts[3].common == (("owl", 10), ("cat", 5), ("dog", 5))
    assert found.balance == (("cat", 5), ("dog", 5), ("owl", 10))


def test_the_class_can_be_ignored(tmp_path: Path) -> None:
    path = fill(tmp_path, {"cat": 4, "dog": 4})
    one = catalogue.declared(source("image-folder", path=str(path)))
    values = one.values_for_role("class", "ignore")
    assert catalogue.describe(source("image-folder", path=str(path), **values)).target is None
    with pytest.raises(DataError, match="Expected the class as target or ignore"):
        one.values_for_role("red", "target")


def test_what_is_odd_is_warned_of(tmp_path: Path) -> None:
    frames = [Image.new("L", (4, 4), 9), Image.new("L", (4, 4), 200)]
    for part, name in (("train", "a"), ("train", "b"), ("val", "a"), ("val", "c")):
        for i in range(2):
            path = tmp_path / part / name / f"{i}.tif"
            path.parent.mkdir(parents=True, exist_ok=True)
            frames[0].save(path, save_all=True, append_images=frames[1:])
    warned = look(tmp_path).warnings
    assert "All of the 4 pictures that were looked at are the same." in warned
    assert any("8 files have several pages or frames; the first of each is read" in one for one in warned)
    assert "1 class has no sample to train on: c" in warned


def test_of_many_pictures_some_are_looked_at(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fill(tmp_path, {"cat": 30, "dog": 30})
    whole = look(tmp_path)
    catalogue.forget()
    monkeypatch.setattr(picture_files, "CHECKED_AT_ONCE", 10)
    monkeypatch.setattr("nodes.data_sets.listed_pictures.LOOKED_AT", 8)
    decoded = []
    decode = picture_files.PictureRows._decode
    monkeypatch.setattr(
        picture_files.PictureRows, "_decode", lambda rows, i: decoded.append(i) or decode(rows, i)
    )
    some = look(tmp_path)
    assert (some.training, some.validation, some.balance) == (whole.training, whole.validation, whole.balance)
    assert len(set(decoded)) <= 8 + 24
