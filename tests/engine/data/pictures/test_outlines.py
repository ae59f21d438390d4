"""Outlines of YOLO and COCO are drawn as they run; what cannot be read is told and drawn as its box."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from engine.data import catalogue
from nodes.reading.picture.boxes.outlines import MOST_POINTS, of_coco, polygons
from tests.engine.data.sources import rows, source

WIDTH, HEIGHT = 20, 16
TRIANGLE = [2.1, 2.2, 14.3, 3.1, 5.4, 13.2]
STAR = [10.0, 1.0, 13.0, 14.0, 2.0, 5.0, 18.0, 5.5, 6.0, 15.0]
HOOK = [1.0, 1.0, 12.0, 1.0, 12.0, 4.0, 4.0, 4.0, 4.0, 9.0, 1.0, 9.0]


def within(points: list[float]) -> np.ndarray:
    """Whether the middle of each pixel lies in a polygon: an odd number of edges lies to its right."""
    corners = list(zip(points[::2], points[1::2], strict=True))
    found = np.zeros((HEIGHT, WIDTH), bool)
    for row in range(HEIGHT):
        for column in range(WIDTH):
            x, y = column + 0.5, row + 0.5
            for (x1, y1), (x2, y2) in zip(corners, [*corners[1:], corners[0]], strict=True):
                if (y1 <= y) != (y2 <= y) and x1 + (y - y1) * (x2 - x1) / (y2 - y1) > x:
                    found[row, column] = not found[row, column]
    return found


def runs(region: np.ndarray) -> list[int]:
    """The lengths of uncovered and covered pixels by turns, down each column."""
    found, last = [0], False
    for value in region.T.ravel():
        if bool(value) != last:
            found, last = [*found, 0], bool(value)
        found[-1] += 1
    return found


def letters(numbers: list[int]) -> str:
    """Runs in the letters of COCO, written as its API does."""
    text = ""
    for i, count in enumerate(numbers):
        value = count - (numbers[i - 2] if i > 2 else 0)
        more = True
        while more:
            bits, value = value & 0x1F, value >> 5
            more = value != (-1 if bits & 0x10 else 0)
            text += chr((bits | (0x20 if more else 0)) + 48)
    return text


def pictures(folder: Path, count: int = 2) -> None:
    (folder / "images").mkdir(parents=True)
    for i in range(count):
        Image.fromarray(np.full((HEIGHT, WIDTH, 3), 40 * i, np.uint8)).save(folder / "images" / f"{i}.png")


def masks(path: Path) -> tuple[np.ndarray, dict[str, str], tuple[str, ...]]:
    """The masks of all pictures in their order, the facts and what is warned of."""
    one = source("image-boxes", path=str(path), size=0, validation=0.0, scaling="none")
    look = catalogue.look(one)
    facts = {fact.name: fact.value for fact in look.facts}
    data = catalogue.load(one)
    return rows(data.train.target), facts, (*look.warnings, *data.notes)


@pytest.mark.parametrize("points", [TRIANGLE, STAR, HOOK])
def test_the_pixels_whose_middle_lies_within_are_covered(points: list[float]) -> None:
    outline = polygons([points])
    assert outline is not None
    assert (outline.covered((1.0, 1.0), WIDTH, HEIGHT) == within(points)).all()
    halves = polygons([[value / 2 for value in points]])
    assert halves is not None
    assert (halves.covered((2.0, 2.0), WIDTH, HEIGHT) == within(points)).all()


def test_outlines_of_yolo_lie_beside_boxes(tmp_path: Path) -> None:
    pictures(tmp_path)
    (tmp_path / "labels").mkdir()
    shares = [value / side for value, side in zip(TRIANGLE, [WIDTH, HEIGHT] * 3, strict=True)]
    (tmp_path / "labels" / "0.txt").write_text(f"0 {' '.join(map(str, shares))}\n1 0.8 0.75 0.2 0.25\n")
    (tmp_path / "labels" / "1.txt").write_text("0 0.5 0.5 0.5 0.5\n")
    (tmp_path / "classes.txt").write_text("kite\ncar\n")
    found, facts, _ = masks(tmp_path)
    expected = np.where(within(TRIANGLE), 1, 0)
    expected[10:14, 14:18] = 2
    assert (found[0] == expected).all()
    assert found[1].sum() == 10 * 8
    assert facts["Outlines"] == "1 of 3"


def coco(folder: Path, drawn: list[Any], boxes: list[Any]) -> Path:
    pictures(folder, len(drawn))
    images = [{"id": i, "file_name": f"{i}.png", "width": WIDTH, "height": HEIGHT} for i in range(len(drawn))]
    annotations = [
        {"image_id": i, "category_id": 7, "segmentation": one, **({"bbox": box} if box else {})}
        for i, (one, box) in enumerate(zip(drawn, boxes, strict=True))
    ]
    content = {"images": images, "annotations": annotations, "categories": [{"id": 7, "name": "cup"}]}
    (folder / "instances.json").write_text(json.dumps(content))
    return folder


def test_outlines_of_coco_are_polygons_and_runs(tmp_path: Path) -> None:
    star, box = within(STAR), [1, 1, 18, 14]
    drawn = [
        [TRIANGLE, HOOK],
        {"size": [HEIGHT, WIDTH], "counts": runs(star)},
        {"size": [HEIGHT, WIDTH], "counts": letters(runs(star))},
        [TRIANGLE],
        {"size": [HEIGHT, WIDTH], "counts": [1, 2]},
    ]
    found, facts, told = masks(coco(tmp_path, drawn, [box, box, box, None, box]))
    assert (found[0] == (within(TRIANGLE) | within(HOOK))).all()
    assert (found[1] == star).all()
    assert (found[2] == star).all()
    assert (found[3] == within(TRIANGLE)).all()
    assert found[4].sum() == 18 * 14
    assert facts["Outlines"] == "4 of 5"
    assert any("outlines that cannot be read; their boxes are drawn" in one and "(1: " in one for one in told)


def test_a_hostile_outline_is_none() -> None:
    for found in (
        [[0, 0, 1, 1]],
        [[0, 0, 1, 1, 2]],
        [[0, 0, 1, 1, float("nan"), 2]],
        [[0, 1] * (MOST_POINTS + 1)],
        ["x"],
        {"size": [1 << 20, 1 << 20], "counts": [1 << 40]},
        {"size": [2, 2], "counts": [-1, 5]},
        {"size": [2, 2], "counts": "~~~~~~~~~~~~"},
        {"size": [2, 2], "counts": None},
        {"counts": [4]},
        7,
    ):
        assert of_coco(found) is None


def test_a_thin_outline_marks_the_pixels_of_its_points() -> None:
    thin = polygons([[3.2, 3.1, 3.3, 3.1, 3.3, 3.2]])
    assert thin is not None
    assert np.argwhere(thin.covered((1.0, 1.0), WIDTH, HEIGHT)).tolist() == [[3, 3]]
