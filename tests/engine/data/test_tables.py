"""Tables and series from CSV files: which columns are what, and what is said of gaps."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from engine.data import catalogue
from nodes.data.source import DataSource
from nodes.reading import csv_rows, csv_table
from nodes.reading.error import DataError
from nodes.reading.tables import outline, plan
from nodes.reading.tables.values import read
from nodes.spec import N, TensorSpec
from tests.engine.data.sources import rows, source

HOUSES = """size;town;rooms;price
100;Ulm;4;300.5
50;Bonn;2;150
70;Ulm;3;
80;Bonn;3;210.25
60;Kiel;x
120;Kiel;5;410
"""


def write(tmp_path: Path, text: str, encoding: str = "utf-8") -> str:
    path = tmp_path / "table.csv"
    path.write_text(text, encoding)
    return str(path)


def test_numbers_and_words_go_in_and_the_last_column_is_predicted(tmp_path: Path) -> None:
    made = source("csv-file", path=write(tmp_path, HOUSES), validation=0.0, scaling="none")
    data = catalogue.load(made)
    assert data.info.columns == ("size", "town = Bonn", "town = Kiel", "town = Ulm", "rooms")
    assert data.info.target == TensorSpec((N, 1))
    assert data.info.samples == 4
    assert rows(data.train.input)[0].tolist() == [100, 0, 0, 1, 4]
    assert rows(data.train.target)[:, 0].tolist() == [300.5, 150, 210.25, 410]
    assert data.skipped == ("line 4: no value in column 'price'", "line 6: expected 4 cells, received 3")


def test_words_are_classes(tmp_path: Path) -> None:
    made = source(
        "csv-file", path=write(tmp_path, HOUSES), target_columns="town", input_columns="size", validation=0
    )
    data = catalogue.load(made)
    assert data.info.classes == ("Bonn", "Kiel", "Ulm")
    assert data.info.columns == ("size",)
    assert rows(data.train.target).tolist() == [
        2,
        0,
        2,
        0,
        1,
    ]  # the row without a price is whole for this question


def test_few_whole_numbers_are_classes_unless_told_otherwise(tmp_path: Path) -> None:
    path = write(tmp_path, "a,b,kind\n" + "".join(f"{i},{i * 2},{i % 3 + 5}.0\n" for i in range(30)))
    assert catalogue.describe(source("csv-file", path=path)).classes == ("5", "6", "7")
    told = catalogue.describe(source("csv-file", path=path, task="regression"))
    assert (told.classes, told.target) == ((), TensorSpec((N, 1)))


def test_several_targets_are_numbers(tmp_path: Path) -> None:
    path = write(tmp_path, "a,b,c\n" + "".join(f"{i},{i / 2},{i / 3}\n" for i in range(30)))
    info = catalogue.describe(source("csv-file", path=path, target_columns="b, c"))
    assert info.target == TensorSpec((N, 2))
    assert info.columns == ("a",)


def test_a_table_without_names_gets_some(tmp_path: Path) -> None:
    path = write(tmp_path, "1\t2\t3.5\n4\t5\t6.5\n7\t8\t9.25\n")
    info = catalogue.describe(source("csv-file", path=path))
    assert info.columns == ("column 1", "column 2")
    assert info.samples == 3


def test_scaling_leaves_words_alone_and_standardises_the_target(tmp_path: Path) -> None:
    data = catalogue.load(source("csv-file", path=write(tmp_path, HOUSES), validation=0))
    assert data.train.input_scaling is not None
    assert data.train.target_scaling is not None
    assert data.train.input_scaling.mean[1:4] == (0, 0, 0)
    assert data.train.input_scaling.deviation[1:4] == (1, 1, 1)
    prices = np.array([300.5, 150, 210.25, 410])
    assert data.train.target_scaling.mean == pytest.approx([prices.mean()])
    assert data.train.target_scaling.deviation == pytest.approx([prices.std()])


@pytest.mark.parametrize(
    ("text", "params", "message"),
    [
        ("", {}, r"Expected a table .* Received an empty file"),
        (HOUSES, {"target_columns": "cost"}, r"Expected one of the columns size, town.* Received 'cost'"),
        (HOUSES, {"input_columns": "price"}, r"'price' as both"),
        (
            HOUSES,
            {"target_columns": "town", "task": "regression"},
            r"Expected numbers in column 'town'.* words",
        ),
        (
            HOUSES,
            {"target_columns": "size, rooms", "task": "classification"},
            r"one target column .* Received 2",
        ),
        ("a,b\n1,x\n2,x\n", {}, r"Expected at least 2 classes in 'b'. Received 1"),
        ("b\n1\n2\n", {}, r"Expected a column besides the target"),
    ],
)
def test_what_cannot_be_read_is_said(text: str, params: dict[str, str], message: str, tmp_path: Path) -> None:
    with pytest.raises(DataError, match=message):
        catalogue.describe(source("csv-file", path=write(tmp_path, text), **params))


def test_a_table_of_gaps_is_refused(tmp_path: Path) -> None:
    path = write(tmp_path, "a,b\n1,\n2,na\n,3\n4.5,1.5\n")
    with pytest.raises(DataError, match=r"Expected at least 2 rows without a missing value\. Received 1"):
        catalogue.load(source("csv-file", path=path))


def test_rows_that_do_not_fit_are_told_as_such_and_not_as_gaps(tmp_path: Path) -> None:
    path = write(tmp_path, "a,b,c\n1,2,3\n3,4\n5,6,7,8\n")
    wanted = (
        r"give each row as many\. Expected at least 2 rows of 3 cells\. Received 1: 2 of 3 rows are left out"
    )
    with pytest.raises(DataError, match=wanted):
        catalogue.load(source("csv-file", path=path))


def test_another_encoding_is_told(tmp_path: Path) -> None:
    path = write(tmp_path, "größe,b\n1,2\n3,4\n", "latin-1")
    look = catalogue.look(source("csv-file", path=path))
    assert look.info.columns == ("größe",)
    fact = next(fact for fact in look.facts if fact.name == "Encoding")
    assert (fact.value, fact.why) == ("Windows-1252", "the byte 0xf6 is no UTF-8")
    doubt = next(doubt for doubt in look.doubts if "encoding" in doubt.question)
    assert {"encoding": "windows-1251"} in [answer.values for answer in doubt.answers]
    with pytest.raises(DataError, match=r"Expected UTF-8 text. Received the byte 0xf6; save"):
        catalogue.describe(source("csv-file", path=path, encoding="utf-8"))


def test_a_name_that_is_there_twice_is_changed_and_told(tmp_path: Path) -> None:
    path = write(tmp_path, "a,a,,a (2),b\n" + "".join(f"{i},{i * 2},3,{i * 3},{i / 7}\n" for i in range(9)))
    data = catalogue.load(source("csv-file", path=path))
    assert data.info.columns == ("a", "a (3)", "column 3", "a (2)")
    assert "1 column has a name that another has: a; called 'a (3)' and so on" in data.notes


def test_a_thousand_gaps_are_counted_not_listed(tmp_path: Path) -> None:
    text = "a,b\n" + "1.5,2.5\n" * 10 + ",1\n" * 1000
    data = catalogue.load(source("csv-file", path=write(tmp_path, text)))
    assert len(data.skipped) == 101
    assert data.skipped[-1] == "and 900 more lines"


def test_windows_of_a_series_are_followed_by_their_targets() -> None:
    made = source("sunspots", window=10, horizon=3)
    data = catalogue.load(made)
    sequence = np.loadtxt(Path("resources/data/sunspots/sunspots.csv"), delimiter=",", skiprows=1)[:, 1]
    inputs, targets = rows(data.train.input), rows(data.train.target)
    assert inputs[7, :, 0].tolist() == sequence[7:17].tolist()
    assert targets[7].tolist() == sequence[17:20].tolist()
    assert rows(data.validation.target)[-1] == pytest.approx(sequence[-3:])


def test_training_sees_no_value_that_validation_predicts() -> None:
    data = catalogue.load(source("sunspots", window=10, horizon=3))
    last_seen = len(data.train) - 1 + 10 + 3  # one past the last target of training
    first_predicted = 309 - (len(data.validation) - 1) - 3
    assert last_seen <= first_predicted


def test_a_series_of_several_columns_predicts_the_first(tmp_path: Path) -> None:
    path = write(tmp_path, "day,warm,wet\n" + "".join(f"d{i},{i},{-i}\n" for i in range(40)))
    data = catalogue.load(
        source("series-file", path=path, input_columns="warm, wet", window=5, scaling="none")
    )
    assert data.info.input == TensorSpec((N, 5, 2))
    assert rows(data.train.input)[0].tolist() == [[i, -i] for i in range(5)]
    assert rows(data.train.target)[0].tolist() == [5]


def test_a_gap_in_a_series_and_one_that_is_too_short_are_refused(tmp_path: Path) -> None:
    path = write(tmp_path, "v\n1\n2\nna\n" + "4\n" * 20)
    with pytest.raises(DataError, match="line 4: no value in column 'v'; fill the gap"):
        catalogue.load(source("series-file", path=path, window=3))
    with pytest.raises(DataError, match=r"Expected at least 26 rows .* Received 23; choose a shorter window"):
        catalogue.describe(source("series-file", path=path))


def test_decimal_commas_are_numbers_where_something_else_separates(tmp_path: Path) -> None:
    file = tmp_path / "t.csv"
    file.write_text("a;b;y\n" + "".join(f"{k},5;-1,25e1;{k % 2}\n" for k in range(8)))
    data = catalogue.load(DataSource(dataset="csv-file", path=str(file), scaling="none"))
    assert data.info.columns == ("a", "b")
    values = data.train.input.fetch(np.arange(len(data.train)))
    assert set(values[:, 0] % 1) == {0.5}
    assert set(values[:, 1]) == {-12.5}


def test_a_number_without_end_is_a_missing_value(tmp_path: Path) -> None:
    file = tmp_path / "t.csv"
    file.write_text("a,b,y\n" + "".join(f"{k},{'inf' if k == 3 else k},{k % 2}\n" for k in range(8)))
    data = catalogue.load(DataSource(dataset="csv-file", path=str(file)))
    assert data.info.columns == ("a", "b")
    assert data.skipped == ("line 5: no value in column 'b'",)


def test_numbers_beyond_single_precision_are_refused_by_column(tmp_path: Path) -> None:
    file = tmp_path / "t.csv"
    file.write_text("a,b,y\n" + "".join(f"{k},-1e300,{k / 3}\n" for k in range(8)))
    with pytest.raises(DataError, match=r"in column 'b'. Received -1e\+300"):
        catalogue.load(DataSource(dataset="csv-file", path=str(file)))


def test_classes_that_are_large_numbers_stay_apart(tmp_path: Path) -> None:
    path = write(tmp_path, "a,kind\n" + "".join(f"{i},{12345670 + i % 3}.0\n" for i in range(30)))
    assert catalogue.describe(source("csv-file", path=path)).classes == ("12345670", "12345671", "12345672")


def test_a_table_is_the_same_however_it_falls_into_blocks(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whole blocks of numbers are read at once, others row by row; the first row is a block of its own."""
    lines = [f"{i},{i * 0.37:.3f},{'AB'[i % 2]},{'na' if i == 700 else i % 5}\n" for i in range(1000)]
    lines[400] = "1,2\n"
    path = write(tmp_path, "a,b,c,d\n" + "".join(lines))
    found = []
    for cells in (1, 400, 100_000):
        monkeypatch.setattr(csv_rows, "BLOCK_CELLS", cells)
        catalogue.forget()
        found.append(catalogue.load(source("csv-file", path=path, validation=0, scaling="none")))
    first = found[0]
    assert first.info.samples == 998
    assert first.skipped == (
        "line 402: expected 4 cells, received 2",
        "line 702: no value in column 'd'",
    )
    for other in found[1:]:
        assert (other.info, other.skipped) == (first.info, first.skipped)
        assert (rows(other.train.input) == rows(first.train.input)).all()
        assert (rows(other.train.target) == rows(first.train.target)).all()


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a,b\n" + "1,2\n" * 9 + "3," + "x" * 300 + "\n", "line 11: .* at most 200 characters in a row"),
        ("a,b\n" + '"x\n",' * 100, "at most 200 characters in a row"),
        ("a,b\n" + "\n" * 30 + "1,2\n", "line 22: .* at most 20 blank lines"),
        (",".join(f"c{i}" for i in range(31)) + "\n", "line 1: .* at most 30 columns. Received 31"),
        (
            '"c,0",' + ",".join(f"c{i}" for i in range(30)) + "\n",
            "line 1: .* at most 30 columns. Received 31",
        ),
        ("a,b\n" + "".join(f"w{i},v{i}\n" for i in range(20)), "line 21: .* different words of at most 500 "),
        (
            "a" * 60 + ",b\n1,2\n",
            "line 1: Expected column names of at most 50 characters. Received one of 60",
        ),
    ],
)
def test_what_has_no_end_is_refused_where_it_passes_a_bound(
    text: str, message: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module, name, bound in (
        *((csv_rows, "LONGEST_ROW", 200), (csv_rows, "MOST_BLANK", 20), (csv_rows, "MOST_COLUMNS", 30)),
        *((outline, "MOST_COLUMNS", 30), (outline, "MOST_REMEMBERED", 500)),
        (outline, "LONGEST_NAME", 50),
    ):
        monkeypatch.setattr(module, name, bound)
    with pytest.raises(DataError, match=message):
        catalogue.describe(source("csv-file", path=write(tmp_path, text)))


def test_many_different_numbers_are_forgotten_before_words_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outline, "MOST_REMEMBERED", 6000)
    text = "a,word,kind\n" + "".join(f"{i / 8},{'AB'[i % 2]},{i % 3}\n" for i in range(300))
    info = catalogue.describe(source("csv-file", path=write(tmp_path, text)))
    assert info.columns == ("a", "word = A", "word = B")
    assert info.classes == ("0", "1", "2")


def test_long_words_are_text_and_no_classes(tmp_path: Path) -> None:
    path = write(tmp_path, "note,a,b\n" + "".join(f"{'x' * 201}{i % 2},{i},{i / 3}\n" for i in range(9)))
    assert catalogue.describe(source("csv-file", path=path)).columns == ("a",)
    with pytest.raises(DataError, match="words of up to 200 characters in column 'note'"):
        catalogue.describe(source("csv-file", path=path, input_columns="note"))


def test_words_do_not_make_more_columns_than_a_table_may_have(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(plan, "MOST_COLUMNS", 10)
    path = write(tmp_path, "a,b,y\n" + "".join(f"w{i},v{i},{i / 7}\n" for i in range(6)))
    with pytest.raises(DataError, match=r"at most 10 columns, one for each word counted. Received 12"):
        catalogue.describe(source("csv-file", path=path))


def test_a_table_that_changes_while_it_is_read_is_told(tmp_path: Path) -> None:
    found = csv_table.outline(Path(write(tmp_path, "a,b\n1,x\n2,y\n")))
    write(tmp_path, "a,b\n1,x\n2,z\n")
    with pytest.raises(DataError, match=r"line 3: Expected in column 'b' .* Received 'z'; the file changes"):
        read(found, [0, 1], frozenset({1}))


def test_a_hundred_columns_are_not_listed(tmp_path: Path) -> None:
    path = write(tmp_path, ",".join(f"c{i}" for i in range(100)) + "\n")
    with pytest.raises(DataError, match=r"one of the columns c0, .*, c7 and 92 more\. Received 'price'"):
        catalogue.describe(source("csv-file", path=path, target_columns="price"))
