"""Predictions for tables: by hand they come out the same, in the units and labels of the data."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
import torch
from pyarrow import parquet
from safetensors.torch import load_file
from torch.nn import functional as F

from engine.data import catalogue
from engine.predict.network import TrainedNetwork
from engine.predict.predictions import Predictions
from engine.predict.written import write
from tests.drawings import Step, chain, with_settings
from tests.engine.data.sources import rows, source
from tests.engine.predict import trained_runs as runs


def predicted(run: Path, data: Path, out: Path, *, best: bool = True) -> list[list[str]]:
    """The table that is written, line by line."""
    write(Predictions(TrainedNetwork(run, best=best), data), out)
    with out.open(newline="") as file:
        return list(csv.reader(file))


def by_hand(run: Path, inputs: torch.Tensor) -> torch.Tensor:
    """Linear, ReLU and Linear with the best weights of the run."""
    weights = load_file(run / "checkpoints" / "best.safetensors")
    hidden = F.relu(F.linear(inputs, weights["linear1.weight"], weights["linear1.bias"]))
    return F.linear(hidden, weights["linear2.weight"], weights["linear2.bias"])


def test_classes_are_those_of_a_hand_written_forward_pass(tmp_path: Path) -> None:
    _, run = runs.classifier(tmp_path)
    unseen = runs.people(25, seed=9, target=False)
    data = runs.table(tmp_path / "new.csv", unseen, runs.NAMES)
    head, *found = predicted(run, data, tmp_path / "out.csv")
    assert head == ["line", "prediction", "prediction probability", "p(no)", "p(yes)"]
    assert [row[0] for row in found] == [str(line) for line in range(2, 27)]
    train = catalogue.load(source("csv-file", path=str(tmp_path / "train.csv"))).train
    seen = rows(train.input).astype(np.float64)  # the training part alone, not the new rows
    stored = [[row[0], *(float(row[1] == one) for one in runs.COLOURS), row[2]] for row in unseen]
    mean, deviation = seen.mean(axis=0), seen.std(axis=0)
    mean[1:4], deviation[1:4] = 0.0, 1.0
    inputs = (torch.tensor(stored, dtype=torch.float32) - torch.tensor(mean).float()) / torch.tensor(
        deviation
    ).float()
    shares = by_hand(run, inputs).softmax(dim=1)
    np.testing.assert_allclose([[float(cell) for cell in row[3:]] for row in found], shares, atol=2e-6)
    assert [row[1] for row in found] == [("no", "yes")[place] for place in shares.argmax(dim=1).tolist()]


def test_numbers_are_in_the_unit_of_the_data(tmp_path: Path) -> None:
    _, run = runs.regression(tmp_path)
    unseen = [(4.0, 12.0), (10.0, 10.0), (16.5, -3.0)]
    data = runs.table(tmp_path / "new.csv", unseen, ("a", "b"))
    head, *found = predicted(run, data, tmp_path / "out.csv")
    assert head == ["line", "large", "small"]
    train = catalogue.load(
        source("csv-file", path=str(tmp_path / "train.csv"), target_columns="large, small")
    ).train
    seen, wanted = rows(train.input).astype(np.float64), rows(train.target).astype(np.float64)
    inputs = (np.array(unseen) - seen.mean(axis=0)) / seen.std(axis=0)
    scaled = by_hand(run, torch.tensor(inputs, dtype=torch.float32)).double().numpy()
    expected = scaled * wanted.std(axis=0) + wanted.mean(axis=0)
    np.testing.assert_allclose([[float(cell) for cell in row[1:]] for row in found], expected, rtol=1e-5)
    assert float(found[0][1]) > 1e5 > abs(float(found[0][2]))


def test_the_table_that_is_written_opens_again(tmp_path: Path) -> None:
    _, run = runs.classifier(tmp_path)
    data = runs.table(tmp_path / "new.csv", runs.people(12, seed=3), (*runs.NAMES, "label"))
    predicted(run, data, tmp_path / "out.csv")
    info = catalogue.describe(
        source("csv-file", path=str(tmp_path / "out.csv"), target_columns="prediction probability")
    )
    assert info.samples == 12
    assert {"p(no)", "p(yes)"} <= set(info.columns)


def test_rows_that_cannot_be_read_are_named_and_the_others_keep_their_line(tmp_path: Path) -> None:
    _, run = runs.classifier(tmp_path)
    unseen = runs.people(8, target=False)
    unseen[1][0], unseen[3][1], unseen[5][2], unseen[6][2] = "", "purple", "much", 1e300
    data = runs.table(tmp_path / "new.csv", unseen, runs.NAMES)
    with data.open("a") as file:
        file.write("50,red\n")
    found = write(Predictions(TrainedNetwork(run), data), tmp_path / "out.csv")
    assert (found.rows, found.skipped) == (4, 5)
    assert found.named == [
        "line 3: no value in column 'age'",
        "line 5: column 'colour': expected one of the 3 words of the training data (blue, green, red), "
        "received 'purple'",
        "line 7: column 'income': expected a number, received 'much'",
        "line 8: column 'income': expected a number, received '1e+300'",
        "line 10: expected 3 cells, received 2",
    ]
    with (tmp_path / "out.csv").open() as file:
        assert [row[0] for row in csv.reader(file)] == ["line", "2", "4", "6", "9"]


def test_columns_are_found_by_name_in_any_order_and_others_are_told(tmp_path: Path) -> None:
    _, run = runs.classifier(tmp_path)
    unseen = runs.people(6, seed=5, target=False)
    plain = predicted(run, runs.table(tmp_path / "a.csv", unseen, runs.NAMES), tmp_path / "a-out.csv")
    turned = [[c, "x", a, b] for a, b, c in unseen]
    other = runs.table(tmp_path / "b.csv", turned, ("income", "note", "age", "colour"))
    predictions = Predictions(TrainedNetwork(run), other)
    write(predictions, tmp_path / "b-out.csv")
    assert (tmp_path / "b-out.csv").read_text() == (tmp_path / "a-out.csv").read_text()
    assert predictions.notes == ("1 column is not used, as the run has none so: note",)
    assert len(plain) == 7


def test_a_long_table_is_read_and_written_block_by_block(tmp_path: Path) -> None:
    _, run = runs.regression(tmp_path)
    unseen = np.random.default_rng(0).normal(10, 3, (5000, 2)).tolist()
    data = runs.table(tmp_path / "new.csv", unseen, ("a", "b"))
    predictions = Predictions(TrainedNetwork(run), data)
    sizes = [len(block.places) for block in predictions.blocks()]
    assert sum(sizes) == 5000
    assert max(sizes) <= 1024


def test_a_column_name_that_comes_twice_is_told(tmp_path: Path) -> None:
    _, run = runs.classifier(tmp_path)
    data = tmp_path / "new.csv"
    data.write_text("age,age,colour,income\n30,99,red,2000\n")
    predictions = Predictions(TrainedNetwork(run), data)
    assert "age" in predictions.notes[0]
    assert write(predictions, tmp_path / "out.csv").rows == 1


def dated(folder: Path, **data: object) -> Path:
    """A run on dates, German numbers and gaps."""
    rows = [(f"2024-{1 + i % 12:02}-{1 + i % 28:02}", f"1.{i:03},5", i % 2) for i in range(48)]
    path = folder / "train.csv"
    path.write_text("\n".join(["when;price;label", *(f"{a};{b};{c}" for a, b, c in rows)]))
    steps: list[Step] = [("linear1", "linear", {"out_features": 2})]
    given = {"dataset": "csv-file", "path": str(path), "dates": "cyclic", **data}
    return runs.ran(folder, with_settings(chain(given, steps), batch_size=16))[1]


def test_dates_and_marks_are_read_as_in_training(tmp_path: Path) -> None:
    run = dated(tmp_path)
    new = tmp_path / "new.csv"
    new.write_text("when;price\n2024-03-03;1.010,5\nsoon;1.010,5\n2024-03-03;many\n2024-03-03;2.009,5\n")
    network = TrainedNetwork(run)
    found = write(Predictions(network, new), tmp_path / "out.csv")
    assert found.named == [
        "line 3: column 'when': expected a date or time as in the training data, received 'soon'",
        "line 4: column 'price': expected a number, received 'many'",
    ]
    block = next(Predictions(network, new).blocks())
    names = list(network.data.info.columns)
    assert names[0] == "when"
    assert block.inputs[0][names.index("price")] == 1010.5
    assert block.inputs[1][names.index("price")] == 2009.5
    data = catalogue.load(source("csv-file", path=str(tmp_path / "train.csv"), dates="cyclic"))
    seen = np.concatenate([rows(data.train.input), rows(data.validation.input)])
    same = seen[np.isclose(seen[:, 0], block.inputs[0][0])]
    assert len(same)
    np.testing.assert_allclose(same[0][:-1], block.inputs[0][:-1])


def test_gaps_are_filled_with_the_means_of_training(tmp_path: Path) -> None:
    run = dated(tmp_path, gaps="fill", scaling="none")
    new = tmp_path / "new.csv"
    new.write_text("when;price\n2024-03-03;\n")
    network = TrainedNetwork(run)
    block = next(Predictions(network, new).blocks())
    given = {"path": str(tmp_path / "train.csv"), "dates": "cyclic", "gaps": "fill", "scaling": "none"}
    means = rows(catalogue.load(source("csv-file", **given)).train.input).mean(axis=0)
    assert block.inputs[0][-1] == pytest.approx(means[-1])
    assert block.skipped == ()


def test_a_table_of_any_format_is_predicted_for_alike(tmp_path: Path) -> None:
    _, run = runs.classifier(tmp_path)
    unseen = runs.people(5, seed=3, target=False)
    runs.table(tmp_path / "a.csv", unseen, runs.NAMES)
    columns = {name: [row[i] for row in unseen] for i, name in enumerate(runs.NAMES)}
    parquet.write_table(pa.table(columns), tmp_path / "a.parquet")
    lines = (json.dumps(dict(zip(runs.NAMES, row, strict=True))) for row in unseen)
    (tmp_path / "a.jsonl").write_text("\n".join(lines))
    found = {
        suffix: [row[1:] for row in predicted(run, tmp_path / f"a.{suffix}", tmp_path / f"{suffix}.csv")]
        for suffix in ("csv", "parquet", "jsonl")
    }
    assert found["csv"] == found["parquet"] == found["jsonl"]
