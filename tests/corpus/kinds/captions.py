"""Pictures with captions: tables, JSON and texts beside pictures, one caption or several for each."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from PIL import Image

from tests.corpus.case import Case, Expected, chance

COUNT, SIDE = 12, 8
COLOURS, THINGS = ("red", "blue", "green"), ("dog", "ball", "house", "boat")
Rows = list[tuple[str, list[str]]]
Write = Callable[[Path, Rows], Path]


def picture(index: int) -> np.ndarray:
    return chance("captions", index).integers(0, 256, (SIDE, SIDE, 3)).astype(np.uint8)


def captions_of(index: int, several: int) -> list[str]:
    """Sentences with commas and quotes, none like another."""
    colour, thing = COLOURS[index % 3], THINGS[index % 4]
    first = f'A {colour} {thing}, number {index}, is "here" .'
    return [first, *(f"Picture {index} shows a {thing} for the time {i}" for i in range(1, several))]


def made(write: Write, several: int = 1, form: str = "images/{i}.jpg") -> Callable[[Path], Path]:
    def make(folder: Path) -> Path:
        place = folder / "set"
        rows = []
        for i in range(COUNT):
            path = place / form.format(i=i)
            path.parent.mkdir(parents=True, exist_ok=True)
            Image.fromarray(picture(i)).save(path, format="PNG")
            rows.append((path.relative_to(place).as_posix(), captions_of(i, several)))
        return write(place, rows)

    return make


def _table(names: Sequence[str], name: str = "captions.csv", delimiter: str = ",") -> Write:
    def write(place: Path, rows: Rows) -> Path:
        with (place / name).open("w", newline="") as file:
            out = csv.writer(file, delimiter=delimiter)
            out.writerows([names] if names else [])
            out.writerows((file_, text) for file_, texts in rows for text in texts)
        return place / name

    return write


def flickr_8k(place: Path, rows: Rows) -> Path:
    """Names without a folder and with a number of the caption, a tab, and quotes as they are."""
    lines = (f"{Path(f).name}#{i}\t{text}" for f, texts in rows for i, text in enumerate(texts))
    (place / "Flickr8k.token.txt").write_text("\n".join(lines) + "\n", "utf-8")
    return place / "Flickr8k.token.txt"


def flickr_30k(place: Path, rows: Rows) -> Path:
    lines = (f"{Path(f).name}| {i}| {text}" for f, texts in rows for i, text in enumerate(texts))
    (place / "results.csv").write_text("image_name| comment_number| comment\n" + "\n".join(lines), "utf-8")
    return place / "results.csv"


def unquoted(place: Path, rows: Rows) -> Path:
    """Commas of sentences that are not quoted."""
    lines = (f"{f},{text}" for f, texts in rows for text in texts)
    (place / "captions.txt").write_text("image,caption\n" + "\n".join(lines) + "\n", "utf-8")
    return place / "captions.txt"


def json_lines(place: Path, rows: Rows) -> Path:
    lines = (json.dumps({"file_name": f, "text": text}) for f, texts in rows for text in texts)
    (place / "metadata.jsonl").write_text("\n".join(lines) + "\n", "utf-8")
    return place / "metadata.jsonl"


def lists_in_lines(place: Path, rows: Rows) -> Path:
    lines = (json.dumps({"image": f, "captions": texts, "id": 3}) for f, texts in rows)
    (place / "all.jsonl").write_text("\n".join(lines), "utf-8")
    return place / "all.jsonl"


def json_list(place: Path, rows: Rows) -> Path:
    found = [{"caption": text, "image": f} for f, texts in rows for text in texts]
    (place / "train.json").write_text(json.dumps(found), "utf-8")
    return place / "train.json"


def coco(place: Path, rows: Rows) -> Path:
    images = [{"id": i, "file_name": Path(f).name} for i, (f, _) in enumerate(rows)]
    found = [{"id": 9, "image_id": i, "caption": text} for i, (_, texts) in enumerate(rows) for text in texts]
    (place / "annotations").mkdir()
    path = place / "annotations" / "captions_all.json"
    path.write_text(json.dumps({"info": {}, "images": images, "annotations": found}), "utf-8")
    return path


def beside(place: Path, rows: Rows) -> Path:
    for f, texts in rows:
        (place / f).with_suffix(".txt").write_text(texts[0] + "\n", "utf-8")
    return place


def with_parts(place: Path, rows: Rows) -> Path:
    """A column says the part of each picture."""
    with (place / "captions.csv").open("w", newline="") as file:
        out = csv.writer(file)
        out.writerow(("file", "split", "caption"))
        for i, (f, texts) in enumerate(rows):
            out.writerows((f, "val" if i % 4 == 0 else "train", text) for text in texts)
    return place / "captions.csv"


def torn(place: Path, rows: Rows) -> Path:
    """The same, and of one picture it says both parts."""
    path = with_parts(place, rows)
    path.write_text(path.read_text("utf-8").replace("train", "val", 1), "utf-8")
    return path


def again(place: Path, rows: Rows) -> Path:
    """Three sentences alone, each of several pictures."""
    few = [(f, [f"a {COLOURS[i % 3]} ball on a table"]) for i, (f, _) in enumerate(rows)]
    return _table(("image", "caption"))(place, few)


def with_zeros(place: Path, rows: Rows) -> Path:
    path = _table(("image", "caption"))(place, rows)
    path.write_bytes(path.read_bytes().replace(b"boat", b"bo\0t"))
    return path


def odd(place: Path, rows: Rows) -> Path:
    """A picture that is not there, one that leads out, a caption without words, and a broken picture."""
    path = _table(("image", "caption"))(place, rows)
    (place / "images" / "3.jpg").write_bytes(b"no picture")
    more = "images/99.jpg,It is not there at all\n/etc/hostname.jpg,It leads out of here\nimages/1.jpg,\n"
    path.write_text(path.read_text("utf-8") + more, "utf-8")
    return path


FORMS: dict[str, Write] = {
    "image, caption": _table(("image", "caption")),
    "file_name and text": _table(("file_name", "text"), "metadata.csv"),
    "no names of columns": _table(()),
    "tabs": _table(("image", "caption"), "captions.tsv", "\t"),
    "names with numbers and tabs": flickr_8k,
    "bars": flickr_30k,
    "commas without quotes": unquoted,
    "JSON lines": json_lines,
    "lists in JSON lines": lists_in_lines,
    "a list in JSON": json_list,
    "COCO": coco,
}


def _wanted(several: int, **more: object) -> Expected:
    inputs = np.stack([np.moveaxis(picture(i), 2, 0) for i in range(COUNT) for _ in range(several)])
    return Expected(
        dataset="image-captions",
        kind="images",
        samples=COUNT * several,
        shape=(3, SIDE, SIDE),
        inputs=inputs,
        **more,  # type: ignore[arg-type]
    )


def _all() -> list[Case]:
    found = []
    for title, write in FORMS.items():
        for several in (1, 5):
            told = [f"{several * COUNT} of {COUNT} pictures", "whole groups"]
            quick = several == 5 and title in ("names with numbers and tabs", "lists in JSON lines")
            what, make = f"{title}, {several} a picture", made(write, several)
            found.append(Case("captions", what, make, _wanted(several, told=told), is_quick=quick))
    dropped = made(lambda place, rows: _table(("image", "caption"))(place, rows).parent, 2)
    counts = ["1 row left out, naming no", "1 row left out, leading", "1 caption is left out", "3.jpg"]
    kept = Expected("image-captions", samples=COUNT - 1, told=counts)
    by_column = _wanted(2, validation=6, told=["Split.*split"])
    cut = Expected("image-captions", target=(4,), told=["have more than 4 tokens.*ends are left out"])
    found += [
        Case("captions", "the folder is dropped", dropped, _wanted(2)),
        Case(
            "captions",
            "a text beside each picture",
            made(beside, 1, "{i:02d}.png"),
            _wanted(1),
            is_quick=True,
        ),
        Case("captions", "a column of parts", made(with_parts, 2), by_column, is_quick=True),
        Case(
            "captions", "a picture in two parts", made(torn, 2), Expected(refused="all to train.*1 picture")
        ),
        Case("captions", "rows that cannot be used", made(odd), kept, is_quick=True),
        Case("captions", "sentences that come again", made(again), _wanted(1), is_quick=True),
        Case("captions", "zero characters", made(with_zeros), Expected(told=["3 captions have zero"])),
        Case("captions", "cut to four tokens", made(json_lines), cut, {"caption_length": 4}),
    ]
    return found


CASES = tuple(_all())
