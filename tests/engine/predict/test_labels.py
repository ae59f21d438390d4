"""Several labels of one sample: the first network, predictions and samples in words, against sums by hand."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import load_file
from torch.nn import functional as F

from engine.data import catalogue
from engine.data.first_drawing import first_drawing
from engine.document.project import MAIN, Project
from engine.infer import infer
from engine.predict.browse import TRAINING, BrowsedData
from engine.predict.network import TrainedNetwork
from engine.predict.predictions import Predictions
from engine.predict.written import write
from nodes.data.source import DataSource
from tests.engine.predict import trained_runs as runs

NAMES = ("cat", "dog", "emu")


def held(x: float, y: float) -> list[str]:
    """Which labels hold of a row, by a rule; for some rows none."""
    return [name for name, is_so in zip(NAMES, (x > 0.4, y > 0.5, x + y > 1.2), strict=True) if is_so]


POINTS = [(float(x), float(y)) for x, y in np.random.default_rng(4).uniform(0, 1, (80, 2)).round(3)]
ROWS = [(x, y) for x, y in POINTS if held(x, y)]


def in_cells(folder: Path) -> DataSource:
    path = runs.table(
        folder / "cells.csv", [(x, y, "|".join(held(x, y))) for x, y in ROWS], ("x", "y", "tags")
    )
    return _dropped(path)


def in_columns(folder: Path) -> DataSource:
    cells = [(x, y, *(int(name in held(x, y)) for name in NAMES)) for x, y in ROWS]
    path = runs.table(folder / "columns.csv", cells, ("x", "y", *NAMES))
    return _dropped(path, target_columns="cat, dog, emu")


def _dropped(path: Path, **chosen: str) -> DataSource:
    match = catalogue.recognised(path)[0]
    return DataSource(dataset=match.dataset, **{**match.recognised.values, **chosen})


def drawn(source: DataSource) -> Project:
    return first_drawing(source, catalogue.describe(source))


@pytest.mark.parametrize("make", [in_cells, in_columns])
def test_targets_are_zeros_and_ones_and_each_label_is_counted(make, tmp_path: Path) -> None:
    source = make(tmp_path)
    data, look = catalogue.load(source, seed=0), catalogue.look(source)
    assert (data.info.labels, data.info.classes) == (NAMES, ())
    assert data.train.target_scaling is None
    assert data.train.places is not None
    assert data.train.target is not None
    wanted = [[float(name in held(*ROWS[at])) for name in NAMES] for at in data.train.places]
    found = data.train.target.fetch(np.arange(len(data.train)))
    assert found.dtype == np.float32
    assert found.tolist() == wanted
    assert dict(look.balance) == dict(zip(NAMES, np.sum(wanted, axis=0).astype(int).tolist(), strict=True))


def test_the_first_network_compares_logits_of_each_label(tmp_path: Path) -> None:
    project = drawn(in_cells(tmp_path))
    layers = {node.layer: node for node in project.graphs[MAIN].nodes.values()}
    assert {"bce_with_logits", "binary_accuracy"} <= set(layers)
    assert layers["output"].params["name"] == "labels"
    assert project.graphs[MAIN].nodes["data"].params["several_labels"] == "auto"
    assert infer(project).problems == ()


def test_predictions_are_those_of_a_hand_written_forward_pass(tmp_path: Path) -> None:
    source = in_cells(tmp_path)
    _, run = runs.ran(tmp_path, drawn(source), steps=60)
    unseen = [(0.1, 0.9), (0.9, 0.1), (0.9, 0.9), (0.2, 0.2)]
    data = runs.table(tmp_path / "new.csv", unseen, ("x", "y"))
    write(Predictions(TrainedNetwork(run), data), tmp_path / "out.csv")
    with (tmp_path / "out.csv").open(newline="") as file:
        head, *found = list(csv.reader(file))
    assert head == ["line", "labels", "p(cat)", "p(dog)", "p(emu)"]
    places = catalogue.load(source, seed=0).train.places
    seen = np.array([ROWS[at] for at in places])  # type: ignore[union-attr]
    values = torch.tensor((np.array(unseen) - seen.mean(axis=0)) / seen.std(axis=0)).float()
    weights = load_file(run / "checkpoints" / "best.safetensors")
    for layer in ("hidden1", "hidden2", "logits"):
        values = F.linear(values, weights[f"{layer}.weight"], weights[f"{layer}.bias"])
        values = values if layer == "logits" else values.relu()
    shares = 1 / (1 + np.exp(-values.double().numpy()))
    np.testing.assert_allclose([[float(cell) for cell in row[2:]] for row in found], shares, atol=2e-6)
    said = [", ".join(name for name, p in zip(NAMES, row, strict=True) if p > 0.5) for row in shares]
    assert [row[1] for row in found] == said


def test_samples_are_told_and_found_by_the_labels_that_hold(tmp_path: Path) -> None:
    data = BrowsedData(drawn(in_columns(tmp_path)), "data")
    every = data.rows(TRAINING)
    page = data.page(TRAINING, every, seen=False)
    assert page.labels == tuple(", ".join(held(*ROWS[at])) for at in page.places)
    found = data.page(TRAINING, data.rows(TRAINING, "dog"), seen=True)
    assert found.places.tolist() == [at for at in page.places if "dog" in held(*ROWS[at])]


def test_columns_of_yes_and_no_join_one_by_one_and_words_of_another_do_not(tmp_path: Path) -> None:
    source = in_columns(tmp_path)
    for name, wanted in (("dog", "cat, dog"), ("x", "x")):
        chosen = DataSource(**{**source.changed(), "target_columns": "cat"})
        values = catalogue.declared(chosen).values_for_role(name, "target")
        assert values["target_columns"] == wanted
