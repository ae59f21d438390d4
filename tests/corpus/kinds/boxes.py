"""Pictures with boxes in every format that has them, and boxes and files that are not as they should be."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image

from tests.corpus.case import Case, Expected, chance

COUNT, WIDTH, HEIGHT = 10, 20, 16
NAMES = ("bird", "cat")
Box = tuple[int, int, int, int, str]
Row = tuple[object, ...]


def picture(index: int) -> np.ndarray:
    return chance("boxes", index).integers(0, 256, (HEIGHT, WIDTH, 3)).astype(np.uint8)


def boxes_of(index: int) -> list[Box]:
    """Left, top, right and bottom, ends excluded: a small box on a large one, another class at the side."""
    left = index % 5
    if index == 3:
        return []
    return [(left + 2, 4, left + 6, 8, "cat"), (left, 2, left + 10, 12, "bird"), (15, 10, 20, 16, "cat")]


def mask(index: int, boxes: Iterable[Box] | None = None, names: tuple[str, ...] = NAMES) -> np.ndarray:
    """The large ones first, so that small ones lie on them."""
    found = np.zeros((HEIGHT, WIDTH), np.int64)
    every = sorted(boxes_of(index) if boxes is None else boxes, key=lambda b: -(b[2] - b[0]) * (b[3] - b[1]))
    for left, top, right, bottom, name in every:
        found[max(top, 0) : max(bottom, 0), max(left, 0) : max(right, 0)] = 1 + names.index(name)
    return found


def pictures(folder: Path, form: str = "images/{i}.png", count: int = COUNT) -> Path:
    for i in range(count):
        path = folder / "set" / form.format(i=i)
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(picture(i)).save(path)
    return folder / "set"


@dataclass(frozen=True)
class Columns:
    """How a table writes boxes."""

    names: tuple[str, ...]
    row: Callable[[str, Box], tuple[object, ...]]


TABLES = {
    "filename, xmin, ymin, xmax, ymax, class": Columns(
        ("filename", "xmin", "ymin", "xmax", "ymax", "class"), lambda name, b: (name, *b)
    ),
    "filename, width, height, class, corners": Columns(
        ("filename", "width", "height", "class", "xmin", "ymin", "xmax", "ymax"),
        lambda name, b: (name, WIDTH, HEIGHT, b[4], *b[:4]),
    ),
    "label, x, y, w, h": Columns(
        ("label", "x", "y", "w", "h", "image"),
        lambda name, b: (b[4], b[0], b[1], b[2] - b[0], b[3] - b[1], name),
    ),
    "left, top, right, bottom": Columns(
        ("image", "left", "top", "right", "bottom", "label"), lambda name, b: (name, *b)
    ),
    "bbox_x1 to bbox_y2 and class_name": Columns(
        ("image_path", "bbox_x1", "bbox_y1", "bbox_x2", "bbox_y2", "class_name"), lambda name, b: (name, *b)
    ),
    "centres and sizes as shares": Columns(
        ("file", "x_center", "y_center", "width", "height", "name"),
        lambda name, b: (
            name,
            *((b[0] + b[2]) / 2 / WIDTH, (b[1] + b[3]) / 2 / HEIGHT),
            *((b[2] - b[0]) / WIDTH, (b[3] - b[1]) / HEIGHT),
            b[4],
        ),
    ),
    "a list in one column": Columns(
        ("image_id", "width", "height", "bbox", "label"),
        lambda name, b: (name, WIDTH, HEIGHT, str([b[0], b[1], b[2] - b[0], b[3] - b[1]]), b[4]),
    ),
    "no names of columns": Columns((), lambda name, b: (name, *b)),
}


def table(columns: Columns, *, place: str = "set/boxes.csv", bare: bool = False) -> Callable[[Path], Path]:
    """A table beside the pictures; those without boxes have no row."""

    def make(folder: Path) -> Path:
        pictures(folder)
        with (folder / place).open("w", newline="") as file:
            out = csv.writer(file)
            out.writerows([columns.names] if columns.names else [])
            for i in range(COUNT):
                name = f"{i}.png" if bare else f"images/{i}.png"
                out.writerows(columns.row(name, box) for box in boxes_of(i))
        return folder / place

    return make


def voc_text(index: int, boxes: Iterable[Box], size: tuple[int, int] = (WIDTH, HEIGHT)) -> str:
    """Pascal VOC counts from 1, both ends within."""
    objects = "".join(
        f"<object><name>{name}</name><bndbox><xmin>{left + 1}</xmin><ymin>{top + 1}</ymin>"
        f"<xmax>{right}</xmax><ymax>{bottom}</ymax></bndbox><part><name>head</name><bndbox><xmin>1</xmin></bndbox></part></object>"
        for left, top, right, bottom, name in boxes
    )
    head = f"<filename>{index}.png</filename><size><width>{size[0]}</width><height>{size[1]}</height></size>"
    return f"<annotation>{head}{objects}</annotation>"


def voc(annotations: str, form: str, size: tuple[int, int] = (WIDTH, HEIGHT)) -> Callable[[Path], Path]:
    def make(folder: Path) -> Path:
        place = pictures(folder, form)
        for i in range(COUNT):
            path = place / annotations.format(i=i)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(voc_text(i, boxes_of(i), size), "utf-8")
        return place

    return make


def yolo(labels: str, form: str, names: str = "classes.txt", lacking: int = 0) -> Callable[[Path], Path]:
    def make(folder: Path) -> Path:
        place = pictures(folder, form)
        for i in range(COUNT - lacking):
            path = place / labels.format(i=i)
            path.parent.mkdir(parents=True, exist_ok=True)
            lines = (
                f"{NAMES.index(b[4])} {(b[0] + b[2]) / 2 / WIDTH} {(b[1] + b[3]) / 2 / HEIGHT} "
                f"{(b[2] - b[0]) / WIDTH} {(b[3] - b[1]) / HEIGHT}\n"
                for b in boxes_of(i)
            )
            path.write_text("".join(lines), "utf-8")
        if names.endswith("txt"):
            (place / names).write_text("\n".join(NAMES) + "\n", "utf-8")
        elif names:
            (place / names).write_text("train: x\nnc: 2\nnames:\n  0: bird\n  1: 'cat'\n", "utf-8")
        return place

    return make


def coco_value(form: str, indices: Iterable[int] = range(COUNT)) -> dict[str, object]:
    some = list(indices)
    return {
        "info": {"year": 2020},
        "categories": [{"id": 7, "name": "bird"}, {"id": 9, "name": "cat"}],
        "images": [
            {"id": 100 + i, "file_name": form.format(i=i), "width": WIDTH, "height": HEIGHT} for i in some
        ],
        "annotations": [
            {"id": 1, "image_id": 100 + i, "category_id": {"bird": 7, "cat": 9}[b[4]],
             "bbox": [b[0], b[1], b[2] - b[0], b[3] - b[1]]}
            for i in some for b in boxes_of(i)
        ],
    }  # fmt: skip


def coco(form: str, name: str, file: str, drop: str = "") -> Callable[[Path], Path]:
    def make(folder: Path) -> Path:
        place = pictures(folder, form)
        (place / file).parent.mkdir(parents=True, exist_ok=True)
        (place / file).write_text(json.dumps(coco_value(name)), "utf-8")
        return place / drop

    return make


def coco_parts(folder: Path) -> Path:
    """Two files, of which one validates."""
    place = pictures(folder, "images/{i}.png")
    (place / "annotations").mkdir()
    for name, some in (("instances_train2017", range(7)), ("instances_val2017", range(7, COUNT))):
        (place / "annotations" / f"{name}.json").write_text(json.dumps(coco_value("{i}.png", some)), "utf-8")
    return place


def _wanted(some: Iterable[int] = range(COUNT), **more: object) -> Expected:
    kept = list(some)
    return Expected(
        dataset="image-boxes",
        kind="images",
        samples=len(kept),
        shape=(3, HEIGHT, WIDTH),
        classes=["background", *NAMES],
        inputs=np.stack([np.moveaxis(picture(i), 2, 0) for i in kept]),
        targets=np.stack([mask(i) for i in kept]),
        **more,  # type: ignore[arg-type]
    )


LISTED = [i for i in range(COUNT) if boxes_of(i)]
"""Pictures that a table of boxes names."""


def _all() -> list[Case]:
    found = []
    asked = ("a list in one column", "no names of columns")
    for title, columns in TABLES.items():
        told = ["four numbers of a box"] if title in asked else []
        wanted = _wanted(LISTED, told=[*told, "(?s)1 picture.*no box is told|of which no box is told"])
        quick = title in ("filename, width, height, class, corners", "no names of columns")
        found.append(Case("boxes", f"a table: {title}", table(columns), wanted, is_quick=quick))
    first = TABLES["filename, xmin, ymin, xmax, ymax, class"]
    layouts = {
        "Annotations and JPEGImages": ("Annotations/{i}.xml", "JPEGImages/{i}.bmp"),
        "side by side": ("{i}.xml", "{i}.png"),
        "folders in train": ("train/annotations/{i}.xml", "train/images/{i}.png"),
    }
    for title, (labels, form) in layouts.items():
        quick = title == "Annotations and JPEGImages"
        found.append(Case("boxes", f"XML, {title}", voc(labels, form), _wanted(), is_quick=quick))
    texts = {
        "images and labels": ("labels/{i}.txt", "images/{i}.png", "classes.txt"),
        "side by side": ("{i}.txt", "{i}.png", "classes.txt"),
        "names in YAML": ("train/labels/{i}.txt", "train/images/{i}.png", "data.yaml"),
    }
    for title, (labels, form, names) in texts.items():
        quick = title == "names in YAML"
        found.append(Case("boxes", f"YOLO, {title}", yolo(labels, form, names), _wanted(), is_quick=quick))
    unnamed = yolo("labels/{i}.txt", "images/{i}.png", "")
    lacking = yolo("labels/{i}.txt", "images/{i}.png", "classes.txt", 2)
    background = {"without_boxes": "background"}
    found += [
        Case("boxes", "a table, the folder is dropped", _dropped(table(first, bare=True)), _wanted(LISTED)),
        Case("boxes", "pictures without boxes are background", table(first), _wanted(_order()), background),
        Case("boxes", "YOLO without names", unnamed, Expected(classes=["background", "0", "1"])),
        Case("boxes", "YOLO, two texts are lacking", lacking, _wanted(range(8), told=["2 pictures.*no box"])),
        Case("boxes", "COCO", coco("images/{i}.png", "{i}.png", "_annotations.coco.json"), _wanted()),
        Case("boxes", "COCO, a file in annotations is dropped",
             coco("photos/{i}.png", "{i}.png", "annotations/all.json", "annotations/all.json"), _wanted()),
        Case("boxes", "COCO in two parts", coco_parts, _wanted(validation=3), is_quick=True),
    ]  # fmt: skip
    return [*found, *_odd()]


def _order() -> list[int]:
    return [*LISTED, *(i for i in range(COUNT) if i not in LISTED)]


def _dropped(make: Callable[[Path], Path]) -> Callable[[Path], Path]:
    return lambda folder: make(folder).parent


def _changed_table(rows: list[Row]) -> Callable[[Path], Path]:
    """The usual table with rows behind it."""

    def make(folder: Path) -> Path:
        path = table(TABLES["filename, xmin, ymin, xmax, ymax, class"])(folder)
        with path.open("a", newline="") as file:
            csv.writer(file).writerows(rows)
        return path

    return make


def _changed_xml(index: int, text: str) -> Callable[[Path], Path]:
    def make(folder: Path) -> Path:
        place = voc("Annotations/{i}.xml", "JPEGImages/{i}.bmp")(folder)
        (place / "Annotations" / f"{index}.xml").write_text(text, "utf-8")
        return place

    return make


LAUGHS = (
    '<?xml version="1.0"?><!DOCTYPE a [<!ENTITY a "ha">'
    + "".join(f'<!ENTITY a{i} "{f"&a{i - 1 if i > 1 else str()};" * 10}">' for i in range(1, 10))
    + "]><annotation><filename>&a9;</filename></annotation>"
)
READS = (
    '<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><annotation><filename>&x;</filename></annotation>'
)


def _odd() -> list[Case]:
    rest = [i for i in range(COUNT) if i != 4]
    outside: list[Row] = [
        ("images/0.png", 30, 2, 40, 9, "cat"),
        ("images/1.png", 14, -3, 90, 2, "cat"),
    ]
    broken: list[Row] = [
        ("images/0.png", 9, 9, 2, 2, "cat"),
        ("images/1.png", "a", 1, 2, 3, "cat"),
    ]
    away: list[Row] = [
        ("../other.png", 1, 1, 2, 2, "cat"),
        ("images/77.png", 1, 1, 2, 2, "cat"),
    ]
    over = [mask(i) if i != 1 else mask(1, [*boxes_of(1), (14, 0, 20, 2, "cat")]) for i in LISTED]
    told = ["1 box lies outside.*0.png", "1 box lies partly outside.*1.png"]
    twice = voc("{i}.xml", "{i}.png", (2 * WIDTH, 2 * HEIGHT))
    sides = voc("{i}.xml", "{i}.png", (HEIGHT, WIDTH))
    odd = {
        "boxes outside of the picture": (
            _changed_table(outside),
            Expected("image-boxes", samples=len(LISTED), targets=np.stack(over), told=told),
        ),
        "boxes without a size": (
            _changed_table(broken), _wanted(LISTED, told=["without a size.*2: line 29; line 30"])
        ),
        "pictures that are not there": (
            _changed_table(away), _wanted(LISTED, told=["1 row left out, lead", "1 row left out, naming"])
        ),
        "an XML that unpacks without end": (
            _changed_xml(4, LAUGHS), _wanted(rest, told=["cannot be read .1: .*4.xml.*DOCTYPE"])
        ),
        "an XML that reads another file": (
            _changed_xml(4, READS), _wanted(rest, told=["cannot be read .1: .*4.xml.*DOCTYPE"])
        ),
        "an XML that is cut": (
            _changed_xml(4, voc_text(4, boxes_of(4))[:90]), _wanted(rest, told=["cannot be read .1: .*4.xml"])
        ),
        "a class of boxes that is named background": (
            _changed_table([("images/0.png", 1, 1, 2, 2, "background")]),
            Expected("image-boxes", classes=["background", "background box", *NAMES]),
        ),
        "boxes of a picture of another size": (twice, Expected(told=["10 pictures have another size"])),
        "boxes of a picture on its side": (sides, Expected(refused="0.png.*lies on its side")),
    }  # fmt: skip
    quick = ("boxes outside of the picture", "an XML that unpacks without end", "boxes without a size")
    return [
        Case("boxes", title, make, wanted, is_quick=title in quick) for title, (make, wanted) in odd.items()
    ]


CASES = tuple(_all())
