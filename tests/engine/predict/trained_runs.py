"""Small runs on data of every kind, with data beside that they have not seen."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from engine.document.project import Project
from engine.document.storage.file import save
from engine.run.run import Run
from engine.runs import places
from tests.drawings import Step, chain, with_settings

COLOURS = ("blue", "green", "red")


def ran(folder: Path, project: Project, steps: int = 8) -> tuple[Path, Path]:
    """The file of a project, and the folder of a run of it."""
    file = folder / "project.loom"
    save(project, file)
    run = Run(project, folder=places.new_run(places.runs_of(file)), steps=steps)
    finished = run.execute(lambda _event: None)
    assert finished.status == "completed", finished.message
    assert run.folder is not None
    return file, run.folder


def table(path: Path, rows: Iterable[Sequence[object]], names: Sequence[str]) -> Path:
    with path.open("w", newline="") as file:
        csv.writer(file).writerows([names, *rows])
    return path


def people(count: int, seed: int = 0, *, target: bool = True) -> list[list[object]]:
    """Rows of age, colour, income and, with a target, whether the income is high."""
    rng = np.random.default_rng(seed)
    found: list[list[object]] = []
    for _ in range(count):
        income = round(float(rng.normal(30_000, 9_000)), 2)
        row: list[object] = [int(rng.integers(18, 90)), str(rng.choice(COLOURS)), income]
        found.append([*row, "yes" if income > 30_000 else "no"] if target else row)
    return found


NAMES = ("age", "colour", "income")
MLP: list[Step] = [
    ("linear1", "linear", {"out_features": 8}),
    ("relu", "relu"),
    ("dropout", "dropout", {"p": 0.5}),
]


def classifier(folder: Path) -> tuple[Path, Path]:
    """A table of words and numbers, two classes, with dropout."""
    path = table(folder / "train.csv", people(60), (*NAMES, "label"))
    steps = [*MLP, ("linear2", "linear", {"out_features": 2})]
    return ran(folder, with_settings(chain({"dataset": "csv-file", "path": str(path)}, steps), batch_size=16))


def regression(folder: Path, **data: Any) -> tuple[Path, Path]:
    """Two targets of very different sizes, from two columns of numbers."""
    rng = np.random.default_rng(1)
    rows = [(a, b, 1e6 * a + 5, b * 1e-3) for a, b in rng.normal(10.0, 3.0, (60, 2)).tolist()]
    path = table(folder / "train.csv", rows, ("a", "b", "large", "small"))
    steps: list[Step] = [*MLP, ("linear2", "linear", {"out_features": 2})]
    given = {"dataset": "csv-file", "path": str(path), "target_columns": "large, small", **data}
    return ran(folder, with_settings(chain(given, steps, "mse"), batch_size=16))


def pictures(folder: Path, count: int = 6) -> Path:
    """A folder of pictures of two classes."""
    rng = np.random.default_rng(0)
    for name, base in (("dark", 40), ("light", 180)):
        (folder / name).mkdir(parents=True, exist_ok=True)
        for i in range(count):
            pixels = rng.integers(base, base + 60, (10, 10, 3)).astype(np.uint8)
            Image.fromarray(pixels).save(folder / name / f"{i}.png")
    return folder


def picture_data(folder: Path) -> dict[str, Any]:
    return {"dataset": "image-folder", "path": str(pictures(folder / "pictures")), "size": [8, 8]}
