"""Looks at data that were made up: tables with doubts, very many columns and classes, folders of pictures."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np
from PIL import Image

from nodes.reading.dataset import DataInfo
from nodes.reading.look import Answer, DataLook, DataPart, Doubt, Fact, ValueCounts
from nodes.reading.preview import SetPreview
from nodes.spec import N, TensorSpec

LONG = "mean_daily_precipitation_in_millimetres_per_square_metre_corrected_for_wind_and_evaporation"


@cache
def histogram(seed: int, low: float = 0.0, high: float = 10.0, bins: int = 24) -> ValueCounts:
    rng = np.random.default_rng(seed)
    counts, edges = np.histogram(rng.normal((low + high) / 2, (high - low) / 6, 900), bins, (low, high))
    return ValueCounts(tuple(map(float, edges)), tuple(map(int, counts)))


def table_look() -> DataLook:
    """A table of houses: nearly everything that a reader can say."""
    parts = (
        DataPart("id", "identifier", "ignore", "every value is different", ROLES,
                 ("H-0001", "H-0002", "H-0003"), distinct=1_460),
        DataPart("sold", "date", "order", "day.month.year", ROLES, ("03.11.2021", "14.02.2022"), distinct=611,
                 histogram=histogram(2, 1.136e9, 1.64e9)),
        DataPart("district", "category", "input", "few different words", ROLES,
                 ("North", "Harbour", "Old town"), 12, 6,
                 common=(("North", 512), ("Harbour", 390), ("Old town", 288), ("West", 170))),
        DataPart("area", "number", "input", "", ROLES, ("84.5", "120", "66.25"), 3, 744, 18.0, 402.0,
                 histogram=histogram(3, 18, 402)),
        DataPart("rooms", "whole number", "input", "", ROLES, ("3", "4", "2"), 0, 9, 1, 9,
                 histogram=histogram(4, 1, 9, 9)),
        DataPart(LONG, "number", "input", "decimal comma", ROLES, ("1.25", "0.4", "12.75"), 204, 310, 0, 80.5,
                 histogram=histogram(5, 0, 80.5)),
        DataPart("empty", "empty", "ignore", "no value in any row", ROLES, (), 1_460, 0),
        DataPart("price", "number", "target", "the last column of numbers", ROLES, ("184,000", "212,500"), 0,
                 903, 42_000, 1_250_000, histogram=histogram(6, 42_000, 1_250_000)),
    )  # fmt: skip
    info = DataInfo("csv-file", "houses.csv", "table", 1_459, TensorSpec((N, 10)), TensorSpec((N, 1)))
    rows = tuple((f"{i % 5 + 1}", f"{60 + 7 * i}.5", "North" if i % 2 else "Harbour") for i in range(12))
    samples = SetPreview(info, columns=("rooms", "area", "district"), rows=rows, labels=("184,000",) * 12)
    return DataLook(
        info,
        1_168,
        291,
        facts=(
            Fact("Encoding", "Windows-1252", "it is no UTF-8: byte 0xE4 in row 17"),
            Fact("Separator", "semicolon", "it stands 7 times in every row"),
            Fact("Decimal mark", "comma", "columns area and price have no other"),
            Fact("Header", "row 3", "the two rows above it have one cell each"),
            Fact("Rows", "1,460"),
            Fact("Duplicates", "1 row", "row 882 is row 881 again"),
        ),
        parts=parts, parts_are="columns",
        doubts=(
            Doubt("Is 03.11.2021 the 3rd of November or the 11th of March?",
                  "Both are possible: no day in this column is above 12.",
                  (Answer("3 November (day first)", {"validation": 0.2}),
                   Answer("11 March (month first)", {"validation": 0.3})), 0, "column sold"),
            Doubt("What is “NA” in column district?", "12 cells; it may be a missing value or a district.",
                  (Answer("Missing", {"samples": 0}), Answer("A category of its own", {"samples": 1_000}))),
        ),
        warnings=(
            "houses.csv: row 1,461 has 5 cells instead of 8; it is left out.",
            f"houses.csv: column {LONG}: 204 of 1,460 values are missing; they are filled with the mean "
            "of the training part.",
        ),
        division="drawn at random by the seed of the project",
        scaling="(x − mean) / deviation, both of the training part alone, for each of 10 columns",
        samples=samples,
    )  # fmt: skip


ROLES = ("input", "target", "ignore", "group", "split", "weight", "order")


def wide_look(columns: int = 300) -> DataLook:
    """A table of very many columns."""
    look = table_look()
    made = tuple(
        DataPart(f"gene_{at:05d}", "number", "input", "", ROLES[:3], ("0.12", "3.4"), 0, 400, 0, 9,
                 histogram=histogram(at % 9, 0, 9))
        for at in range(columns - 1)
    )  # fmt: skip
    return replace(look, parts=(*made, look.parts[-1]), doubts=(), warnings=())


def crowded_look(classes: int = 1_000) -> DataLook:
    """Pictures of very many classes."""
    rng = np.random.default_rng(0)
    counts = np.sort(rng.integers(3, 1_300, classes))[::-1]
    names = tuple(f"n{at:08d} {'species of a very long name ' * (at % 3)}" for at in range(classes))
    info = DataInfo(
        "image-folder", "species", "images", int(counts.sum()), TensorSpec((N, 3, 32, 32)),
        TensorSpec((N,), "int64", classes=classes), names,
    )  # fmt: skip
    images = rng.integers(0, 255, (24, 3, 32, 32)).astype(np.uint8)
    channels = tuple(
        DataPart(
            name, "channel", "input", "", ("input",), (), 0, None, 0, 255, histogram=histogram(at, 0, 255)
        )
        for at, name in enumerate(("red", "green", "blue"))
    )
    return DataLook(
        info, int(counts.sum() * 0.8), int(counts.sum() * 0.2), facts=(Fact("Size", "32 × 32 px"),),
        parts=channels, balance=tuple(zip(names, map(int, counts), strict=True)),
        division="as the folders train and val divide them", scaling="divided by 255",
        samples=SetPreview(info, images=images, labels=names[:24]),
    )  # fmt: skip


def folder_of_classes(folder: Path, classes: tuple[str, ...] = ("disc", "square"), each: int = 24) -> Path:
    """Small pictures in a folder per class, of shapes that can be told apart."""
    rng = np.random.default_rng(0)
    for at, name in enumerate(classes):
        (folder / name).mkdir(parents=True)
        for number in range(each):
            y, x = np.mgrid[-8:8, -8:8] + 0.5
            shape = np.hypot(x, y) < 6 if at % 2 == 0 else np.maximum(abs(x), abs(y)) < 5
            pixels = np.where(shape, 200, 30) + rng.integers(0, 50, (16, 16))
            colour = np.stack([np.roll(pixels, number % 3, axis=0)] * 3, axis=-1).astype(np.uint8)
            Image.fromarray(colour).save(folder / name / f"{number:03d}.png")
    return folder


def table_file(path: Path, rows: int = 160) -> Path:
    """A table whose last column follows from the others."""
    rng = np.random.default_rng(1)
    x = rng.normal(size=(rows, 3))
    y = 2 * x[:, 0] - x[:, 1] + 0.1 * rng.normal(size=rows)
    lines = ["length,width,weight,price"]
    lines += [",".join(f"{value:.4f}" for value in (*row, price)) for row, price in zip(x, y, strict=True)]
    path.write_text("\n".join(lines) + "\n", "utf-8")
    return path
