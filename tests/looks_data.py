"""Pictures of the data page: empty, reading, tables with questions, pictures, many columns, broken files.

Files are made here; what no reader says yet is made up in `tests.made_looks`.
"""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image

import resources
from nodes.reading.picture.drawn_scenes import SHAPES, scenes
from tests.app.browse.test_kinds_browsed import tones
from tests.corpus.kinds.sheets import in_parts
from tests.made_looks import crowded_look, folder_of_classes, table_look, wide_look

if TYPE_CHECKING:
    from nodes.reading.look import DataLook
    from tests.looks import Studio

NARROW, SIZE = (800, 760), (1440, 900)


def data_screens(studio: Studio) -> None:
    """Every state of the page, by drops as far as files can show it."""
    with tempfile.TemporaryDirectory() as made:
        home = Path(made)
        window = studio.window
        _fresh(studio)
        studio.wait(lambda: window.session.report.parameters > 0)
        window.actions_.run("add_data")
        studio.settle()
        studio.take("data-empty")
        window.data.leave()
        window.drop_overlay.offer((home / "wine.csv",))
        studio.settle()
        studio.take("data-dragged")
        window.drop_overlay.hide()
        _real(studio, home)
        _made_up(studio)
        _failures(studio, home)
        window.data.leave()
        _fresh(studio)
        studio.settle()


def _fresh(studio: Studio) -> None:
    """A drawing that nobody is asked to save."""
    from engine.document.storage import gallery

    window = studio.window
    window.controller.shutdown()
    window.session.open(gallery.make("lenet5-fashion"), None)
    window.files.is_open = True
    window.show_drawing()


def _drop(studio: Studio, *paths: Path) -> None:
    page = studio.window.data.page
    studio.window.show_data(paths)
    studio.wait(lambda: page.pages.currentWidget() in (page.found, page.failed))


def _real(studio: Studio, home: Path) -> None:
    window = studio.window
    wine = Path(shutil.copy(resources.DATA / "wine/wine.csv", home / "wine.csv"))
    _drop(studio, wine)
    studio.take("data-table")
    _drop(studio, folder_of_classes(home / "shapes"))
    studio.take("data-pictures")
    rng = np.random.default_rng(0)
    made = {
        "boxes": boxes, "captions": captions, "sheets": in_parts, "sounds": tones, "labels": labels,
        "commas": decimal_commas, "masks": masks, "pairs": pairs,
    }  # fmt: skip
    for name, make in made.items():
        _drop(studio, make(home))
        studio.take(f"data-{name}")
    np.savez(home / "arrays.npz", x=rng.normal(size=(90, 6)).astype("float32"), y=rng.normal(size=(90, 1)))
    _drop(studio, home / "arrays.npz")
    studio.take("data-arrays")
    (home / "letters.txt").write_text("It was the best of times, it was the worst of times.\n" * 60, "utf-8")
    _drop(studio, home / "letters.txt")
    studio.take("data-text")
    window.data.leave()
    _drop(studio, wine)
    window.data.page.add()
    studio.settle(0.6)
    studio.take("data-added")
    window.data.show_node(next(iter(window.session.selection)))
    page = window.data.page
    studio.wait(lambda: page.pages.currentWidget() is page.found)
    studio.take("data-of-node")
    window.data.leave()
    window.session.undo()  # as it was saved, so that nobody is asked
    _drop(studio, wine)
    window.data.page.make_new()
    studio.wait(lambda: window.session.report.parameters > 0 and window.shows_drawing)
    studio.take("data-first-drawing")


def boxes(home: Path) -> Path:
    """Drawn scenes with a table of boxes, one of which reaches out of its picture."""
    made = scenes(np.random.default_rng(1), 30)
    folder = home / "shapes-with-boxes"
    (folder / "images").mkdir(parents=True)
    rows = ["file,xmin,ymin,xmax,ymax,class"]
    for at, (picture, mask) in enumerate(zip(made.pictures, made.masks, strict=True)):
        Image.fromarray(np.moveaxis(picture, 0, 2)).save(folder / "images" / f"{at}.png")
        for number in np.unique(mask[mask > 0]):
            down, across = np.nonzero(mask == number)
            right = across.max() + (20 if at == 3 else 1)
            box = f"{across.min()},{down.min()},{right},{down.max() + 1},{SHAPES[number - 1]}"
            rows.append(f"images/{at}.png,{box}")
    (folder / "boxes.csv").write_text("\n".join(rows) + "\n", "utf-8")
    return folder


def labels(home: Path) -> Path:
    """A table with several labels in each cell."""
    rng = np.random.default_rng(1)
    rows = ["length,weight,tags"]
    for _ in range(120):
        has = rng.integers(0, 2, 3)
        tags = (
            "|".join(name for name, one in zip(("wings", "fur", "hooves"), has, strict=True) if one) or "none"
        )
        rows.append(f"{has[0] + rng.normal():.2f},{has[1] - has[2] + rng.normal():.2f},{tags}")
    (home / "animals.csv").write_text("\n".join(rows) + "\n", "utf-8")
    return home / "animals.csv"


def decimal_commas(home: Path) -> Path:
    """A table as a German spreadsheet writes it."""
    rng = np.random.default_rng(2)
    rows = ["Datum;Filiale;Umsatz;Rabatt;Kunden"]
    for day in range(150):
        money = f"{rng.integers(1, 9)}.{rng.integers(100, 999)},{rng.integers(10, 99)}"
        where = ("Köln", "Bonn", "Jülich")[day % 3]
        rows.append(
            f"{day % 28 + 1:02}.{day % 12 + 1:02}.2023;{where};{money};{day % 30} %;{rng.integers(9, 400)}"
        )
    (home / "umsatz.csv").write_text("\n".join(rows) + "\n", "cp1252")
    return home / "umsatz.csv"


def masks(home: Path) -> Path:
    """Drawn scenes and their masks in two folders."""
    drawn = scenes(np.random.default_rng(3), 24)
    for part in ("images", "masks"):
        (home / "scenes" / part).mkdir(parents=True)
    for i, (picture, mask) in enumerate(zip(drawn.pictures, drawn.masks, strict=True)):
        Image.fromarray(np.moveaxis(picture, 0, -1)).save(home / f"scenes/images/{i:03}.png")
        Image.fromarray(mask.astype(np.uint8)).save(home / f"scenes/masks/{i:03}.png")
    return home / "scenes"


def pairs(home: Path) -> Path:
    """English and Spanish sentences, a pair in each line."""
    return Path(shutil.copy(resources.DATA / "english-spanish/pairs.tsv", home / "pairs.tsv"))


def captions(home: Path) -> Path:
    """Drawn scenes with two captions each."""
    made = scenes(np.random.default_rng(2), 30)
    folder = home / "shapes-with-captions"
    (folder / "images").mkdir(parents=True)
    rows = ["image,caption"]
    for at, (picture, caption) in enumerate(zip(made.pictures, made.captions, strict=True)):
        Image.fromarray(np.moveaxis(picture, 0, 2)).save(folder / "images" / f"{at}.png")
        rows += [f"{at}.png,{caption}", f"{at}.png,there is {caption}"]
    (folder / "captions.txt").write_text("\n".join(rows) + "\n", "utf-8")
    return folder


def _show(studio: Studio, look: DataLook, name: str) -> None:
    from app.data.reading import Question, Understood
    from nodes.data.source import DataSource
    from nodes.reading.look import DataMatch, Recognised

    page, path = studio.window.data.page, Path("/data", name)
    studio.window.show_data()
    page._question = Question((path,))
    match = DataMatch(look.info.name, "CSV table", Recognised(90, {}, "its name ends with .csv"), (path,))
    other = DataMatch("series-file", "Series", Recognised(30, {}, "it has columns of numbers"), (path,))
    page._show_understood(Understood((match, other), DataSource(dataset=look.info.name), look))
    studio.settle()


def _made_up(studio: Studio) -> None:
    window = studio.window
    page = window.data.page
    _show(studio, table_look(), "houses.csv")
    studio.take("data-doubts")
    page.found.verticalScrollBar().setValue(10_000)
    page.found.parts.setFocus()
    studio.take("data-columns")
    page.found.show_refused(
        "/data/houses.csv: column price: Expected numbers. Received words in row 12 (“on request”)."
    )
    studio.settle()
    studio.take("data-refused")
    _show(studio, wide_look(), "genes.csv")
    page.found.verticalScrollBar().setValue(500)
    studio.take("data-300-columns")
    _show(studio, crowded_look(), "species")
    studio.take("data-1000-classes")
    window.resize(*NARROW)
    _show(studio, table_look(), "houses.csv")
    studio.take("data-narrow")
    page.found.verticalScrollBar().setValue(620)
    studio.take("data-narrow-columns")
    window.resize(*SIZE)
    studio.settle()


def _failures(studio: Studio, home: Path) -> None:
    page = studio.window.data.page
    (home / "broken.csv").write_bytes(b"a,b,c\n1,2,3\n\x00\x00\x00\n")
    _drop(studio, home / "broken.csv")
    studio.take("data-broken")
    (home / "slides.key").write_bytes(b"?")
    _drop(studio, home / "slides.key")
    studio.take("data-unknown")
    page.reading.begin("measurements-2024.csv")
    page.reading.show_progress("Reading measurements-2024.csv", 0.42)
    page.pages.setCurrentWidget(page.reading)
    studio.settle()
    studio.take("data-reading")
