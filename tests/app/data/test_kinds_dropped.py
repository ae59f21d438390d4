"""Data of several kinds are dropped, seen as they are meant, and trained on, by the mouse alone."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from itertools import combinations
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from PySide6.QtCore import QPointF, QRectF

from tests.app.data.dropping import click, drop, falls, read


def decimal_commas(folder: Path) -> Path:
    """A table of a spreadsheet: semicolons, decimal commas, Windows-1252."""
    rng = np.random.default_rng(0)
    rows = [f"{x:.3f};{y:.3f};{2 * x - y:.4f}".replace(".", ",") for x, y in rng.normal(size=(200, 2))]
    path = folder / "messung.csv"
    path.write_bytes("Länge;Höhe;Kraft\n".encode("cp1252") + "\n".join(rows).encode())
    return path


def with_masks(folder: Path) -> Path:
    """Bright squares on dark ground, and a mask of each, in two folders of the same names."""
    rng = np.random.default_rng(0)
    for name in ("images", "masks"):
        (folder / "cells" / name).mkdir(parents=True)
    for at in range(40):
        mask = np.zeros((16, 16), np.uint8)
        x, y = rng.integers(1, 8, 2)
        mask[y : y + 7, x : x + 7] = 255
        seen = np.clip(60 + mask // 2 + rng.normal(0, 12, mask.shape), 0, 255).astype(np.uint8)
        Image.fromarray(seen).save(folder / "cells" / "images" / f"{at}.png")
        Image.fromarray(mask).save(folder / "cells" / "masks" / f"{at}.png")
    return folder / "cells"


def with_boxes(folder: Path) -> Path:
    """The same squares with a box around each in a table, some of another class."""
    place = with_masks(folder)
    rows = ["file,xmin,ymin,xmax,ymax,class"]
    for at in range(40):
        down, across = np.nonzero(np.array(Image.open(place / "masks" / f"{at}.png")))
        box = f"{across.min()},{down.min()},{across.max() + 1},{down.max() + 1}"
        rows.append(f"images/{at}.png,{box},{'left' if across.min() < 4 else 'right'}")
    shutil.rmtree(place / "masks")
    (place / "boxes.csv").write_text("\n".join(rows) + "\n", "utf-8")
    return place


def with_captions(folder: Path) -> Path:
    """The same squares, and two sentences on where each is."""
    place = with_boxes(folder)
    rows = ["image,caption"]
    for line in (place / "boxes.csv").read_text("utf-8").splitlines()[1:]:
        name, *_, side = line.split(",")
        rows += [f"{name},a square at the {side}", f'{name},"look, at the {side} is a square"']
    (place / "boxes.csv").unlink()
    (place / "captions.txt").write_text("\n".join(rows) + "\n", "utf-8")
    return place / "captions.txt"


def text_pairs(folder: Path) -> Path:
    """Short sentences and their translations, with a tab between them."""
    animals = {
        "cat": "gato",
        "dog": "perro",
        "bird": "pájaro",
        "fish": "pez",
        "cow": "toro",
        "horse": "potro",
    }
    colours = {"red": "rojo", "black": "negro", "white": "blanco", "yellow": "amarillo"}
    acts = {"sleeps": "duerme", "eats": "come", "runs": "corre", "sings": "canta"}
    lines = [
        f"the {colour} {animal} {act}.\tel {named} {coloured} {acted}."
        for animal, named in animals.items()
        for colour, coloured in colours.items()
        for act, acted in acts.items()
    ]
    path = folder / "phrases.tsv"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("make", "kind", "shape"),
    [
        (decimal_commas, "CSV table", (2,)),
        (with_masks, "Pictures with masks", (1, 16, 16)),
        (with_boxes, "Pictures with boxes", (1, 16, 16)),
        (with_captions, "Pictures with captions", (1, 16, 16)),
        (text_pairs, "Text pairs", None),
    ],
)
def test_from_drop_to_falling_loss(
    window, qtbot, tmp_path: Path, make: Callable[[Path], Path], kind: str, shape: tuple[int, ...] | None
) -> None:
    drop(window, make(tmp_path))
    page = read(qtbot, window)
    assert page.header.match is not None
    assert page.header.match.title == kind
    assert page.found.look is not None
    assert shape in (None, page.found.look.info.input.features)
    click(page.header.new)
    qtbot.waitUntil(lambda: window.shows_drawing and window.session.report.parameters > 0, timeout=20_000)
    assert window.session.report.problems == ()
    falls(window, qtbot)
    boxes = (item.box for item in window.workbench().canvas.drawing.nodes.values())
    cards = [QRectF(QPointF(*box[:2]), QPointF(*box[2:])) for box in boxes]
    assert not [1 for one, other in combinations(cards, 2) if one.intersects(other)], "with pictures in them"
