"""Wide tables: columns of few rows are learnt together, and what is learnt is the same as one by one."""

from __future__ import annotations

import random
from pathlib import Path

import pyarrow as pa
import pytest

from nodes.reading.tables import csv_source
from nodes.reading.tables.dialect import TextChoice
from nodes.reading.tables.learner import ColumnLearner
from nodes.reading.tables.outline import RowChoice, learn
from nodes.reading.tables.seen import together

KINDS = (
    ("1", "2", "3"),
    ("0.5", "-1e3", "1e19", "-999", "-999"),
    ("007", "010", "12"),
    ("red", "green", "", "NA"),
    ("1", "2", "x", "nan", "inf"),
    ("2024-01-05", "2024-02-06", "1"),
    ("1.234,5", "9,5", "12 %", "3 %"),
    (" 1", "2 ", "\u00a03", "\x1c"),
    ("1_000", "\u0661", "+5", ".5", "5.", "1e400", "nan(1)"),
    ("1.7e308", "-1.7e308", "0"),
    ("", "#N/A", "<na>"),
    ("zero\0", "1"),
)


def _columns(made: random.Random, rows: int) -> list[list[str]]:
    counts = [[str(i) for i in range(rows)]]
    return counts + [made.choices(kind, k=rows) for kind in KINDS for _ in range(3)]


@pytest.mark.parametrize("missing", [None, frozenset({"-999", "x"})])
def test_columns_that_are_learnt_together_are_what_they_are_alone(missing: frozenset[str] | None) -> None:
    made = random.Random(0)
    for blocks in ((1,), (3, 1), (30, 2, 7)):
        of_blocks = [_columns(made, rows) for rows in blocks]
        alone = [ColumnLearner(missing) for _ in of_blocks[0]]
        joined = [ColumnLearner(missing) for _ in of_blocks[0]]
        for columns in of_blocks:
            cells = [pa.array(column, pa.string()) for column in columns]
            for learner, one in zip(alone, cells, strict=True):
                learner.see(one)
            together.see_all(joined, cells)
        for one, other in zip(alone, joined, strict=True):
            assert one.column("c") == other.column("c")
            assert one.remembered == other.remembered


def test_lines_with_more_cells_than_there_are_lines_are_parted_as_by_pyarrow(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = random.Random(1)
    cells = zip(*(_columns(made, 6) * 2)[:60], strict=True)
    rows = [[cell.replace(",", ".").replace("\0", "") for cell in row] for row in cells]
    path = tmp_path / "t.csv"
    names = ",".join(f"c{i}" for i in range(60))
    path.write_text("\r\n".join([names, *(",".join(row) for row in rows)]) + "\r\n", newline="")
    wide = learn(csv_source.CsvSource(path, TextChoice()), RowChoice())
    monkeypatch.setattr(csv_source, "_few_parted", csv_source._parted_by_pyarrow)
    monkeypatch.setattr(together, "MOST_ROWS", -1)
    plain = learn(csv_source.CsvSource(path, TextChoice()), RowChoice())
    assert wide.columns == plain.columns
    assert (wide.rows, wide.shown, wide.alike) == (plain.rows, plain.shown, plain.alike)
    assert wide.rows == 6


def test_a_column_of_a_wide_table_costs_no_call_of_its_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(*_: object) -> None:
        raise AssertionError("a column was looked at alone")

    monkeypatch.setattr(ColumnLearner, "see", refused)
    path = tmp_path / "t.csv"
    path.write_text(",".join(f"c{i}" for i in range(300)) + "\n" + (",".join(["1"] * 300) + "\n") * 3)
    found = learn(csv_source.CsvSource(path, TextChoice()), RowChoice())
    assert (found.rows, len(found.columns)) == (3, 300)
