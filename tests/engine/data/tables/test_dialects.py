"""A table that is written in any dialect is read back as it was."""

from __future__ import annotations

import csv
import io
import random
import re
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.data import catalogue
from nodes.reading import csv_rows
from nodes.reading.csv_table import outline
from nodes.reading.error import DataError
from nodes.reading.tables.csv_source import CsvSource
from nodes.reading.tables.dialect import TextChoice
from nodes.reading.tables.values import read
from tests.engine.data.sources import rows, source

WORDS = ["red", "green", 'blue "sky"', "grün", "a b", "two\nlines", "N/A", "None", "x;y", "1a"]
DIALECTS = st.fixed_dictionaries(
    {
        "separator": st.sampled_from(",;\t|"),
        "newline": st.sampled_from(["\n", "\r\n"]),
        "encoding": st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "cp1252"]),
        "decimal": st.sampled_from([".", ","]),
        "quoting": st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]),
        "trailing": st.booleans(),
        "has_names": st.booleans(),
        "seed": st.integers(0, 10_000),
        "rows": st.integers(12, 40),
    }
)


def number(value: float, decimal: str) -> str:
    return f"{value:.2f}".replace(".", decimal)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(DIALECTS)
def test_a_table_of_any_dialect_is_read_back(dialect: dict) -> None:
    random_ = random.Random(dialect["seed"])
    numbers = [round(random_.uniform(-500, 500), 2) for _ in range(dialect["rows"])]
    words = [random_.choice(WORDS[: random_.randint(2, len(WORDS))]) for _ in numbers]
    counts = [random_.randint(0, 10**12) for _ in numbers]
    table = [
        [number(x, dialect["decimal"]), word, str(n), number(-x, dialect["decimal"])]
        for x, word, n in zip(numbers, words, counts, strict=True)
    ]
    names = ["first", "größe", "n", "last"]
    if dialect["has_names"]:
        table.insert(0, names)
    if dialect["trailing"]:
        table = [[*row, ""] for row in table]
    text = io.StringIO(newline="")
    csv.writer(
        text,
        delimiter=dialect["separator"],
        lineterminator=dialect["newline"],
        quoting=dialect["quoting"],
    ).writerows(table)
    with TemporaryDirectory() as folder:
        path = Path(folder) / "t.csv"
        path.write_bytes(text.getvalue().encode(dialect["encoding"]))
        found = outline(path)
        shown = [column.name for column in found.columns][:4]
        assert shown == (names if dialect["has_names"] else [f"column {i}" for i in range(1, 5)])
        assert found.columns[1].levels == tuple(sorted(set(words)))
        back = read(found, [0, 1, 2, 3], frozenset({1}))
    assert back.left_out.rows == 0
    assert back.values[0].tolist() == numbers
    assert [found.columns[1].levels[int(code)] for code in back.values[1]] == words
    assert back.values[2].tolist() == counts
    assert back.values[3].tolist() == [-x for x in numbers]


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 10_000), st.sampled_from([1, 60, 5000]))
def test_lines_that_are_parted_at_once_are_those_that_are_parted_one_by_one(seed: int, chunk: int) -> None:
    random_ = random.Random(seed)
    cells = ["1.5", "-2", "red", "", " x ", '"q, r"', '"two\nlines"', "3'", "1e3", "ü", 'a"b']
    lines = [
        ",".join(random_.choice(cells) for _ in range(3 if random_.random() < 0.95 else 2)) for _ in range(60)
    ]
    text = "a,b,c\n" + "".join(line + random_.choice(["\n", "\r\n", "\n\n"]) for line in lines)
    with TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        path = Path(folder) / "t.csv"
        path.write_text(text, "utf-8", newline="")
        patch.setattr(csv_rows, "FIRST_CHUNK", chunk)
        patch.setattr(csv_rows, "CHUNK", chunk)
        source = CsvSource(path, TextChoice())
        try:
            with csv_rows.opened_lines(path, "utf-8") as opened:
                expected = list(csv_rows.rows_of(opened, ","))
        except DataError as error:  # a quote without an end is told alike
            with pytest.raises(DataError, match=re.escape(str(error))), source.blocks() as found:
                list(found)
            return
        with source.blocks() as found:
            made = list(found)
    rows = [row for block in made for row in zip(*(c.to_pylist() for c in block.columns), strict=True)]
    lines_of = [line for block in made for line in block.lines]
    fitting = [(line, row) for line, row in expected if len(row) == 3]
    assert [tuple(row) for _, row in fitting] == rows
    assert [line for line, _ in fitting] == lines_of
    assert sorted(m for block in made for m in block.misfits) == [
        (line, len(row)) for line, row in expected if len(row) != 3
    ]


@pytest.mark.parametrize(
    ("cells", "value"),
    [
        (["1,234.5", "2,000.0"], [1234.5, 2000]),
        (["1.234,5", "2.000,0"], [1234.5, 2000]),
        (["12 %", "3.5%"], [12, 3.5]),
        (["$1,000", "($5.50)"], [1000, -5.5]),
        (["1 234 567", "−5"], [1234567, -5]),
        (["3,25 €", "1.000,00 €"], [3.25, 1000]),
    ],
)
def test_numbers_with_marks_are_numbers(cells: list[str], value: list[float], tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_text("a\tb\n" + "".join(f'"{cell}"\t1\n' for cell in cells * 4), "utf-8")
    found = outline(path)
    assert found.columns[0].is_number
    assert np.array_equal(read(found, [0], frozenset()).values[0], value * 4)


def test_a_comma_before_three_digits_is_asked_about(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_text("a,b\n" + "".join(f'"{i + 1},500",{i / 7}\n' for i in range(20)))
    look = catalogue.look(source("csv-file", path=str(path), scaling="none"))
    doubt = next(doubt for doubt in look.doubts if doubt.question == "Does the comma part thousands in a?")
    for answer, first in zip(doubt.answers, (1500.0, 1.5), strict=True):
        chosen = {**answer.values, "scaling": "none", "validation": 0}
        data = catalogue.load(source("csv-file", path=str(path), **chosen))
        assert rows(data.train.input)[0].tolist() == [first]


@pytest.mark.parametrize(
    "cells", [["030 123", "0171 456"], ["1.2.3", "4.5.6"], ["5-10", "20-30"], ["$5", "€6"]]
)
def test_what_is_no_number_stays_as_it_is_written(cells: list[str], tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_text("a,b\n" + "".join(f"{cell},1\n" for cell in cells * 4), "utf-8")
    assert outline(path).columns[0].levels == tuple(sorted(cells))
