"""Scaling is fitted to the training part alone: other validation rows never change it, of any set."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from engine.data import catalogue
from nodes.data.source import DataSource
from nodes.reading.dataset import DataSet

COUNT = 40


@dataclass(frozen=True)
class Kind:
    """How rows of numbers `(40, 2)` become files, and the node that reads them."""

    write: Callable[[Path, np.ndarray], None]
    given: dict[str, Any]


def csv(folder: Path, rows: np.ndarray) -> None:
    lines = "".join(f"{a},{b},g{k % 9},{k},{'ab'[k % 2]}\n" for k, (a, b) in enumerate(rows))
    (folder / "t.csv").write_text("a,b,g,t,y\n" + lines)


def with_gaps(folder: Path, rows: np.ndarray) -> None:
    csv(folder, rows)
    lines = (folder / "t.csv").read_text().splitlines(keepends=True)
    lines[3] = f",{lines[3].partition(',')[2]}"
    (folder / "t.csv").write_text("".join(lines))


def npz(folder: Path, rows: np.ndarray) -> None:
    np.savez(folder / "t.npz", x=rows, y=rows[:, :1] * 3)


def npy(folder: Path, rows: np.ndarray) -> None:
    np.save(folder / "t.npy", rows)


def fixed(folder: Path, rows: np.ndarray) -> None:
    np.savez(folder / "t.npz", x=rows[:30], y=rows[:30, 0], x_test=rows[30:], y_test=rows[30:, 0])


def pictures(folder: Path, rows: np.ndarray) -> None:
    for k, (a, b) in enumerate(rows):
        place = folder / "p" / "ab"[k % 2]
        place.mkdir(parents=True, exist_ok=True)
        pixels = np.array([[a, b], [b, a]]).clip(0, 255).astype(np.uint8)
        Image.fromarray(pixels).save(place / f"{k:03}.png")


def series(folder: Path, rows: np.ndarray) -> None:
    (folder / "t.csv").write_text("a,b\n" + "".join(f"{a},{b}\n" for a, b in rows))


TABLE = {"dataset": "csv-file", "path": "t.csv", "input_columns": "a, b", "target_columns": "y"}
KINDS = {
    "table": Kind(csv, TABLE),
    "table, 0-1": Kind(csv, {**TABLE, "scaling": "0-1"}),
    "table, regression": Kind(csv, {**TABLE, "input_columns": "a", "target_columns": "b"}),
    "table, stratified": Kind(csv, {**TABLE, "split": "stratified"}),
    "table, by group": Kind(csv, {**TABLE, "group_column": "g"}),
    "table, by time": Kind(csv, {**TABLE, "order_column": "t"}),
    "table, gaps filled": Kind(with_gaps, {**TABLE, "gaps": "fill"}),
    "arrays": Kind(npz, {"dataset": "array-file", "path": "t.npz", "scaling": "standardise"}),
    "array on disk": Kind(npy, {"dataset": "array-file", "path": "t.npy", "scaling": "0-1"}),
    "arrays in parts": Kind(fixed, {"dataset": "array-file", "path": "t.npz", "task": "regression"}),
    "pictures": Kind(pictures, {"dataset": "image-folder", "path": "p"}),
    "series": Kind(series, {"dataset": "series-file", "path": "t.csv", "window": 3, "input_columns": "a, b"}),
}


def loaded(folder: Path, kind: Kind, rows: np.ndarray) -> DataSet:
    folder.mkdir()
    kind.write(folder, rows)
    return catalogue.load(DataSource(**{**kind.given, "path": str(folder / kind.given["path"])}), seed=3)


@pytest.mark.parametrize("name", KINDS)
def test_other_validation_rows_never_change_the_scaling(tmp_path: Path, name: str) -> None:
    kind = KINDS[name]
    rows = np.random.default_rng(0).integers(20, 200, (COUNT, 2)).astype(np.float64)
    first = loaded(tmp_path / "first", kind, rows)
    assert first.validation.places is not None
    held = first.validation.places
    assert len(held)
    if name == "series":  # of a window that validates only what it predicts is not seen in training
        held = held + 3
    elif name == "pictures":  # stored by class: those of `a` come first
        held = np.concatenate([np.arange(0, COUNT, 2), np.arange(1, COUNT, 2)])[held]
    others = rows.copy()
    others[held] = 255.0 - others[held] * 0.1
    second = loaded(tmp_path / "second", kind, others)
    assert np.array_equal(first.train.places, second.train.places)
    assert first.train.input_scaling is not None
    assert second.train.input_scaling == first.train.input_scaling
    assert second.validation.input_scaling == first.validation.input_scaling == first.train.input_scaling
    assert second.train.target_scaling == first.train.target_scaling
    trains = rows.copy()
    assert first.train.places is not None
    trains[first.train.places] = 255.0 - trains[first.train.places] * 0.1
    third = loaded(tmp_path / "third", kind, trains)
    assert third.train.input_scaling != first.train.input_scaling, "it is fitted to something"


@pytest.mark.parametrize("name", KINDS)
def test_the_scaling_that_is_kept_gives_the_stored_numbers_back(tmp_path: Path, name: str) -> None:
    rows = np.random.default_rng(0).integers(20, 200, (COUNT, 2)).astype(np.float64)
    part = loaded(tmp_path / "set", KINDS[name], rows).train
    scaling = part.input_scaling
    assert scaling is not None
    stored = part.input.fetch(np.arange(len(part))).astype(np.float64)
    axis = 1 if stored.ndim == 4 else -1
    shape = [1] * stored.ndim
    shape[axis] = -1
    mean, deviation = (
        np.reshape(one, shape if len(one) > 1 else [1] * stored.ndim)
        for one in (scaling.mean, scaling.deviation)
    )
    assert np.allclose(scaling.undone((stored / scaling.divisor - mean) / deviation, axis), stored)
