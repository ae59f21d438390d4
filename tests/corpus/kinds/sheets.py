"""Sheets of pictures, each row of pixels a picture, with labels in JSON or bytes beside them."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from PIL import Image

from tests.corpus.case import Case, Expected, chance

SIDE, COUNT, CLASSES = 6, 40, 4


def stack(count: int = COUNT, channels: int = 1, side: int = SIDE) -> np.ndarray:
    """Pictures `(N, C, H, W)`, each another."""
    shape = (count, channels, side, side)
    return chance("sheets", count, channels).integers(0, 256, shape).astype(np.uint8)


def labels_of(count: int = COUNT, first: int = 0) -> list[int]:
    return [first + (7 * i + i // 5) % CLASSES for i in range(count)]


def as_sheet(path: Path, pictures: np.ndarray, *, columns: bool = False) -> Path:
    """One row of pixels for each picture."""
    laid = pictures.swapaxes(2, 3) if columns else pictures
    rows = np.moveaxis(laid, 1, 3).reshape(len(laid), -1, laid.shape[1])
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(rows[..., 0] if rows.shape[2] == 1 else rows).save(path)
    return path


def one_hot(labels: Sequence[int]) -> np.ndarray:
    return np.eye(CLASSES, dtype=np.uint8)[list(labels)]


def _json(path: Path, value: object) -> None:
    path.write_text(json.dumps(value), "utf-8")


def _bytes(path: Path, values: np.ndarray) -> None:
    path.write_bytes(values.tobytes())


Write = Callable[[Path, list[int]], None]
FILES: dict[str, tuple[str, Write]] = {
    "numbers in JSON": ("labels.json", _json),
    "words in JSON": ("labels.json", lambda path, found: _json(path, [f"class {i}" for i in found])),
    "an object with a list": ("labels.json", lambda path, found: _json(path, {"labels": found})),
    "one-hot in JSON": ("y.json", lambda path, found: _json(path, one_hot(found).tolist())),
    "a byte each": ("labels.bin", lambda path, found: _bytes(path, np.array(found, np.uint8))),
    "one-hot in bytes": ("mnist_labels_uint8", lambda path, found: _bytes(path, one_hot(found))),
    "whole numbers of 4 bytes": (
        "train_labels.bin",
        lambda path, found: _bytes(path, np.array(found, "<i4")),
    ),
}


def one_sheet(file: str, write: Write, channels: int = 1, **how: bool) -> Callable[[Path], Path]:
    def make(folder: Path) -> Path:
        place = folder / "digits"
        as_sheet(place / "images.png", stack(channels=channels), **how)
        write(place / file, labels_of())
        return place

    return make


def in_parts(folder: Path) -> Path:
    """Eleven sheets that train, of which 10 comes after 9, and one to test."""
    place, whole, found = folder / "photos", stack(44, 3), labels_of(44)
    for i in range(11):
        as_sheet(place / f"data_batch_{i + 1}.png", whole[4 * i : 4 * i + 4])
    as_sheet(place / "test_batch.png", stack(8, 3))
    _json(place / "train_lables.json", found)
    _json(place / "test_lables.json", labels_of(8))
    return place


def beside_each_other(folder: Path) -> Path:
    """A file of labels for each sheet, by its name."""
    place = folder / "letters"
    for name, first in (("upper", 0), ("lower", 20)):
        as_sheet(place / f"{name}_images.png", stack(20 + first))
        _bytes(place / f"{name}_labels.bin", np.array(labels_of(20 + first), np.uint8))
    return place


def _changed(change: Callable[[Path], None], drop: str = "") -> Callable[[Path], Path]:
    def make(folder: Path) -> Path:
        place = one_sheet("labels.json", _json)(folder)
        change(place)
        return place / drop

    return make


def _planes(folder: Path) -> Path:
    """Greys in three planes: all red, all green, all blue."""
    place = folder / "planes"
    place.mkdir()
    Image.fromarray(stack(channels=3).reshape(COUNT, -1)).save(place / "images.png")
    _json(place / "labels.json", labels_of())
    return place


def _cut(place: Path) -> None:
    data = (place / "images.png").read_bytes()
    (place / "images.png").write_bytes(data[: len(data) // 2])


def _lying(place: Path) -> None:
    """A header that says two thousand million rows."""
    data = bytearray((place / "images.png").read_bytes())
    data[20:24] = (2_000_000_000).to_bytes(4, "big")
    (place / "images.png").write_bytes(bytes(data))


def _linked(place: Path) -> None:
    """Labels that are a link out of the folder."""
    outside = place.parent / "outside.json"
    _json(outside, labels_of())
    (place / "labels.json").unlink()
    (place / "labels.json").symlink_to(outside)


def _labels(value: object) -> Callable[[Path], Path]:
    return _changed(lambda place: _json(place / "labels.json", value))


def _wanted(channels: int = 1, names: Sequence[str] = tuple("0123"), **more: object) -> Expected:
    return Expected(
        dataset="picture-sheets",
        kind="images",
        samples=COUNT,
        shape=(channels, SIDE, SIDE),
        classes=list(names),
        inputs=stack(channels=channels),
        targets=np.array(labels_of()),
        **more,  # type: ignore[arg-type]
    )


def _all() -> list[Case]:
    found = []
    for title, (file, write) in FILES.items():
        names = [f"class {i}" for i in range(CLASSES)] if "words" in title else [*"0123"]
        for channels in (1, 3):
            quick = title == "one-hot in bytes" and channels == 1
            make = one_sheet(file, write, channels)
            what = f"{title}, {channels} channel{'s' * (channels > 1)}"
            found.append(Case("sheets", what, make, _wanted(channels, names), is_quick=quick))
    parts = Expected(
        dataset="picture-sheets",
        samples=52,
        validation=8,
        shape=(3, SIDE, SIDE),
        classes=[*"0123"],
        inputs=np.concatenate([stack(44, 3), stack(8, 3)]),
        targets=np.array([*labels_of(44), *labels_of(8)]),
        told=["data_batch_9.png, data_batch_10", "(?i)test"],
    )
    both = Expected(
        dataset="picture-sheets",
        samples=60,
        inputs=np.concatenate([stack(40), stack(20)]),
        targets=np.array([*labels_of(40), *labels_of(20)]),
    )
    columns = one_sheet("labels.json", _json, columns=True)
    found += [
        Case("sheets", "several sheets and one to test", in_parts, parts, is_quick=True),
        Case("sheets", "labels for each sheet", beside_each_other, both, is_quick=True),
        Case("sheets", "a sheet alone is dropped", _changed(lambda _: None, "images.png"), _wanted()),
        Case("sheets", "column by column", columns, _wanted(), {"pixel_order": "columns"}, is_quick=True),
        Case("sheets", "column by column is asked", columns, Expected(told=["pixels.*follow each other"])),
        Case("sheets", "planes of three colours", _planes, _wanted(3), {"row_colours": "planes"}),
        Case(
            "sheets", "planes are asked", _planes, Expected(shape=(3, SIDE, SIDE), told=["colours.*follow"])
        ),
    ]
    refused = {
        "a label too few": (_labels(labels_of(COUNT - 1)), "40 labels.*39"),
        "labels that are halves": (_labels([0.5] * COUNT), r"whole numbers.*0\.5.*row 1"),
        "labels of two kinds": (_labels([*labels_of(COUNT - 1), "a"]), "one kind.*row 40"),
        "two ones in a row": (_labels([[1, 1, 0]] + [[0, 1, 0]] * (COUNT - 1)), "one 1.*2 in row 1"),
        "numbers of hundreds of digits": (_labels([10**400] + [1] * (COUNT - 1)), "whole numbers"),
        "a damaged sheet": (_changed(_cut), r"images\.png.*sheet"),
    }
    found += [
        Case("sheets", title, make, Expected(refused=refusal)) for title, (make, refusal) in refused.items()
    ]
    found += [
        Case("sheets", "a header that lies", _changed(_lying), Expected(refused=".")),
        Case("sheets", "labels that lead out", _changed(_linked), Expected(refused=".")),
        Case("sheets", "photographs with few labels are no sheets", _photographs, Expected("image-folder")),
    ]
    return found


def _photographs(folder: Path) -> Path:
    """Pictures whose width is the square of a number, and a list of a label for each."""
    place = folder / "photos"
    place.mkdir()
    for i in range(10):
        Image.fromarray(stack(1, 3, 16)[0].transpose(1, 2, 0) // (1 + i % 2)).save(place / f"{i}.png")
    _json(place / "labels.json", labels_of(10))
    return place


CASES = tuple(_all())
