"""Tables that do not fit into the memory that they may take train from the disk, with the same numbers."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import torch

from engine.data import catalogue
from engine.data.batches import BatchOrder, StreamedFeed, feed
from engine.data.kept_data import kept_data
from nodes.reading import budget
from tests.engine.data.sources import rows, source
from tests.engine.data.spilled.same import assert_same, with_free_memory

ROWS = 400
LITTLE = ROWS * 400
"""Bytes of free memory of which half hold what is kept of each row, and not its values."""
Rows = list[dict[str, object]]


def table() -> Rows:
    rng = np.random.default_rng(3)
    kinds = ("red", "green", "blue")
    return [
        {
            "a": float(rng.normal(1e6, 3.0)),
            "b": None if i % 7 == 0 else float(rng.normal()),
            "colour": kinds[i % 3],
            "day": f"2024-0{1 + i % 9}-{10 + i % 18}",
            "person": f"p{i % 40}",
            "counts": float(1 + i % 4),
            "label": "yes" if rng.random() < 0.4 else "no",
        }
        for i in range(ROWS)
    ]


def as_csv(path: Path, found: Rows) -> Path:
    lines = [";".join(found[0])]
    lines += [";".join("" if cell is None else str(cell) for cell in row.values()) for row in found]
    lines.insert(9, "1;2")  # a line that does not fit
    path.with_suffix(".csv").write_text("\n".join(lines))
    return path.with_suffix(".csv")


def as_lines(path: Path, found: Rows) -> Path:
    path.with_suffix(".jsonl").write_text("\n".join(map(json.dumps, found)))
    return path.with_suffix(".jsonl")


def as_parquet(path: Path, found: Rows) -> Path:
    pq.write_table(pa.Table.from_pylist(found), path.with_suffix(".parquet"))
    return path.with_suffix(".parquet")


def as_database(path: Path, found: Rows) -> Path:
    with sqlite3.connect(path.with_suffix(".db")) as database:
        database.execute(f"CREATE TABLE t ({', '.join(found[0])})")
        marks = ", ".join("?" * len(found[0]))
        database.executemany(f"INSERT INTO t VALUES ({marks})", [[*row.values()] for row in found])
    database.close()
    return path.with_suffix(".db")


@pytest.mark.parametrize(
    ("dataset", "write"),
    [
        ("csv-file", as_csv),
        ("json-file", as_lines),
        ("parquet-file", as_parquet),
        ("sqlite-file", as_database),
    ],
)
def test_a_table_on_disk_gives_the_numbers_of_one_in_memory(
    dataset: str, write: Callable[[Path, Rows], Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write(tmp_path / "t", table())
    for how in (
        {"gaps": "fill", "dates": "cyclic", "group_column": "person", "weight_column": "counts"},
        {"target_columns": "a, b", "scaling": "0-1", "split": "random"},
    ):
        made = source(dataset, path=str(path), validation=0.3, **how)
        usual = catalogue.load(made, seed=5)
        kept = kept_data(made, usual)
        spilled = with_free_memory(made, monkeypatch, LITTLE)
        assert_same(usual, spilled)
        assert kept_data(made, spilled) == kept
        assert not isinstance(usual.train.input.fetch(np.arange(3)), np.memmap)


def test_the_look_at_a_table_on_disk_tells_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made = source("csv-file", path=str(as_csv(tmp_path / "t", table())), gaps="fill", dates="cyclic")
    usual = catalogue.look(made)
    catalogue.forget()
    monkeypatch.setattr(budget, "free_memory", lambda: LITTLE)
    found = catalogue.look(made)
    told = [words for words in found.warnings if words not in usual.warnings]
    assert len(told) == 1
    assert "That folder may be deleted" in told[0]
    assert replace(found, warnings=usual.warnings) == usual


def test_batches_of_a_table_on_disk_are_read_as_they_are_needed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = source("csv-file", path=str(as_csv(tmp_path / "t", table())), gaps="fill")
    data = with_free_memory(made, monkeypatch, LITTLE)
    specs = (data.info.input, data.info.target, *(spec for _, spec in data.info.more))
    found = feed(data.train, specs, BatchOrder(len(data.train), 32, 7), torch.device("cpu"), free=1 << 30)
    found.close()
    assert isinstance(found, StreamedFeed)


def test_blocks_give_the_same_scaling_in_memory_and_on_disk(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = source("csv-file", path=str(as_csv(tmp_path / "t", table())), gaps="fill", split="random")
    whole = catalogue.load(made, seed=5).train.input_scaling
    assert whole is not None
    monkeypatch.setattr("nodes.reading.scaling.BLOCK_CELLS", 100)
    catalogue.forget()
    usual = catalogue.load(made, seed=5)
    assert_same(usual, with_free_memory(made, monkeypatch, LITTLE))
    inside = rows(usual.train.input)
    assert usual.train.input_scaling is not None
    assert np.allclose(usual.train.input_scaling.mean[:1], inside[:, :1].mean(axis=0), rtol=1e-14)
    assert np.allclose(whole.deviation, usual.train.input_scaling.deviation, rtol=1e-12)


def test_labels_on_disk_are_those_in_memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    sets = ("a|b", "b|c", "c", "a")
    path = tmp_path / "labels.csv"
    cells = (f"{at / 8},{at % 9},{at % 5},{sets[at * 7 % 4]}\n" for at in range(ROWS))
    path.write_text("x,y,z,tags\n" + "".join(cells))
    made = source("csv-file", path=str(path), several_labels="auto")
    usual = catalogue.load(made, seed=5)
    assert usual.info.labels == ("a", "b", "c")
    assert_same(usual, with_free_memory(made, monkeypatch, ROWS * 140))
