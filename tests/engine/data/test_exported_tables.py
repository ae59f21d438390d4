"""Tables as spreadsheets and other programs export them: read as they are meant, or refused in a sentence."""

from __future__ import annotations

import codecs
import gzip
from pathlib import Path

import pytest

from engine.data import catalogue
from nodes.reading import csv_rows
from nodes.reading.csv_rows import delimiter_of
from nodes.reading.dataset import DataSet
from nodes.reading.error import DataError
from tests.engine.data.sources import rows, source


def write(tmp_path: Path, data: str | bytes) -> str:
    path = tmp_path / "table.csv"
    path.write_bytes(data.encode() if isinstance(data, str) else data)
    return str(path)


def read(tmp_path: Path, text: str) -> DataSet:
    return catalogue.load(source("csv-file", path=write(tmp_path, text), validation=0, scaling="none"))


@pytest.mark.parametrize(
    ("text", "sign"),
    [
        ("a,b;c,d;e\n1;2;3\n", ";"),
        ('"Price, EUR";"Size, cm";b\n1;2;3\n', ";"),
        ('"a;b;c;d","e",f\n1,2,3\n', ","),
        ('"size\n(cm; inch)",b,"c;d;e"\n1,2,3\n', ","),
        ("Price, EUR;Size, cm;x, y\n1,5;2,5;3,5\n", ";"),
        ("0,5;0,25\n1,5;1,25\n", ";"),
        ("0,5\t-1,25e3\t,5\n", "\t"),
        ("value\n0,5\n1,5\n", ";"),
        ("PK|b\n1|2\n", "|"),
        ("a,b;c,d\n1,x;y,2\n", ","),
        ("", ";"),
    ],
)
def test_what_parts_the_cells_is_told_by_the_first_rows(text: str, sign: str, tmp_path: Path) -> None:
    assert delimiter_of(Path(write(tmp_path, text))) == sign


def test_rows_with_decimal_commas_need_no_names(tmp_path: Path) -> None:
    data = read(tmp_path, "".join(f"{i},5;{i},25\n" for i in range(30)))
    assert data.info.columns == ("column 1",)
    assert rows(data.train.input)[:2].tolist() == [[0.5], [1.5]]
    assert rows(data.train.target)[:2].tolist() == [[0.25], [1.25]]


def test_a_column_of_decimal_commas_is_a_series(tmp_path: Path) -> None:
    path = write(tmp_path, "value\n" + "".join(f"{i},5\n" for i in range(30)))
    data = catalogue.load(source("series-file", path=path, window=2, scaling="none"))
    assert rows(data.train.input)[0].tolist() == [[0.5], [1.5]]


def test_a_first_row_of_numbers_and_known_words_has_no_names(tmp_path: Path) -> None:
    flowers = [f"{i / 10},{i / 10},{'setosa' if i % 2 else 'virginica'}\n" for i in range(20)]
    data = read(tmp_path, "".join(flowers))
    assert data.info.columns == ("column 1", "column 2")
    assert data.info.classes == ("setosa", "virginica")
    assert (len(data.train), data.skipped) == (20, ())


@pytest.mark.parametrize("first", ["country,2019,2020", "label,1x1,2", "?x,1,2"])
def test_a_first_row_with_other_words_has_names(first: str, tmp_path: Path) -> None:
    found = read(
        tmp_path, f"{first}\n" + "".join(f"{'DE' if i % 2 else 'FR'},{i},{i / 3}\n" for i in range(9))
    )
    assert found.info.stored == 9
    assert found.info.columns[-1] == first.split(",")[1]


def test_names_that_are_numbers_are_different_too(tmp_path: Path) -> None:
    found = read(tmp_path, "country,2019,2019\n" + "DE,1,2.5\nFR,3,4.5\n" * 4)
    assert found.info.columns == ("country = DE", "country = FR", "2019")
    assert "1 column has a name that another has: 2019; called '2019 (2)' and so on" in found.notes


@pytest.mark.parametrize("cell", ["#DIV/0!", "#N/A", "1e999", "-inf", "Infinity", "-NaN", "<NA>", "1.#IND"])
def test_a_value_that_is_none_leaves_out_its_row_and_not_its_column(cell: str, tmp_path: Path) -> None:
    data = read(tmp_path, "a,b\n" + "".join(f"{cell if i == 3 else i},{i / 3}\n" for i in range(100)))
    assert data.info.columns == ("a",)
    assert data.skipped == ("line 5: no value in column 'a'",)


def test_an_underscore_makes_a_word(tmp_path: Path) -> None:
    data = read(tmp_path, "code,b\n" + "".join(f"10_{i % 2},{i / 3}\n" for i in range(9)))
    assert data.info.columns == ("code = 10_0", "code = 10_1")


def test_columns_that_are_not_used_are_told(tmp_path: Path) -> None:
    text = "name,a,empty,b,\n" + "".join(f"n{i},{i},,{i / 3},\n" for i in range(100))
    data = read(tmp_path, text)
    assert data.info.columns == ("a",)
    assert rows(data.train.target)[3].tolist() == [1]
    assert data.notes == (
        "1 column is not used, as there are more than 64 different words, or long ones: name",
        "2 columns are not used, as there is no value: empty, column 5",
    )
    chosen = source("csv-file", path=write(tmp_path, text), input_columns="a", target_columns="b")
    assert catalogue.load(chosen).notes == ()


@pytest.mark.parametrize(
    ("kind", "params"),
    [
        ("csv-file", {"input_columns": "empty"}),
        ("csv-file", {"target_columns": "empty"}),
        ("series-file", {"input_columns": "empty", "window": 2}),
    ],
)
def test_a_chosen_column_without_values_is_refused(
    kind: str, params: dict[str, object], tmp_path: Path
) -> None:
    path = write(tmp_path, "a,empty\n" + "1.5,\n2.5,\n" * 9)
    with pytest.raises(DataError, match=r"Expected values in column 'empty'. Received none"):
        catalogue.describe(source(kind, path=path, **params))


def test_a_series_may_end_with_a_separator(tmp_path: Path) -> None:
    path = write(tmp_path, "v,\n" + "".join(f"{i},\n" for i in range(20)))
    assert catalogue.describe(source("series-file", path=path, window=2)).columns == ("v",)


@pytest.mark.parametrize("kind", ["csv-file", "series-file"])
@pytest.mark.parametrize("first", ["a;b", "a;b;c;d"])
def test_a_table_of_which_no_row_fits_is_refused_at_the_first_look(
    first: str, kind: str, tmp_path: Path
) -> None:
    path = write(tmp_path, f"{first}\n\n" + "1;2;3\n" * 9)
    with pytest.raises(DataError, match=r"line 3: Expected [24] cells.* Received 3, and no line fits"):
        catalogue.describe(source(kind, path=path))


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"PK\x03\x04 and more", "Received a workbook or an archive; save the table as CSV"),
        (b"a b c\nd e f\n", "Received one column alone; cells are separated by commas"),
    ],
    ids=["archive", "spaces"],
)
def test_files_that_are_no_csv_are_named(data: bytes, message: str, tmp_path: Path) -> None:
    with pytest.raises(DataError, match=message):
        catalogue.describe(source("csv-file", path=write(tmp_path, data)))


@pytest.mark.parametrize(
    "data",
    [
        gzip.compress(b"sep=;\na;b\n" + b"1;2\n3;4\n"),
        codecs.BOM_UTF16_LE + "a\tb\n1\t2\n3\t4\n".encode("utf-16-le"),
        "a|b\r1|2\r3|4\r".encode("utf-16-be"),
        b"# made by a program\n# on a day\na b\n 1  2\n3 4\n",
    ],
    ids=["packed, and it says its separator", "UTF-16", "UTF-16 without a mark", "spaces and remarks"],
)
def test_what_was_another_kind_of_file_is_read(data: bytes, tmp_path: Path) -> None:
    found = catalogue.load(source("csv-file", path=write(tmp_path, data), validation=0, scaling="none"))
    assert found.info.columns == ("a",)
    assert rows(found.train.input).tolist() == [[1], [3]]


@pytest.mark.parametrize(
    "row", ['a,"', '"a";' * 15 + '"', "1" * 60 + "x;2"], ids=["quote", "cells", "digits"]
)
def test_the_look_at_the_first_rows_ends(row: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A quote that is never closed would else be looked for in the whole file, again at each line."""
    monkeypatch.setattr(csv_rows, "_LONGEST_LOOK", 100)
    seen: list[str] = []
    readline = csv_rows.TextLines.__next__
    monkeypatch.setattr(csv_rows.TextLines, "__next__", lambda lines: seen.append("") or readline(lines))
    delimiter_of(Path(write(tmp_path, f"{row}\n" + "x\n" * 1000)))
    assert len(seen) < 60


def test_a_path_may_begin_at_the_home_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    write(tmp_path, "a,b\n1,2\n3,4\n")
    assert catalogue.describe(source("csv-file", path="~/table.csv")).samples == 2
