"""What words, numbers and first rows of a table stand for: kept, told, and chosen otherwise."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from engine.data import catalogue
from nodes.reading.error import DataError
from nodes.reading.unseen.rows import ExpectedData
from tests.engine.data.sources import rows, source


def write(folder: Path, text: str, name: str = "t.csv") -> str:
    (folder / name).write_text(text, "utf-8")
    return str(folder / name)


@pytest.mark.parametrize("word", ["None", "NA", "N/A", "null", "NaN", "?", "-"])
def test_a_word_for_nothing_is_a_class_among_words_and_a_gap_among_numbers(word: str, tmp_path: Path) -> None:
    cells = [word if i % 3 else ("Minor", "Substantial")[i % 2] for i in range(60)]
    lines = "".join(f"{word if i == 5 else i},{cell}\n" for i, cell in enumerate(cells))
    path = write(tmp_path, f"x,damage\n{lines}")
    look = catalogue.look(source("csv-file", path=path))
    assert look.info.classes == tuple(sorted({"Minor", "Substantial", word}))
    assert look.training + look.validation == 59
    assert any("1 of 60 rows is left out: no value in column 'x' (1)" in one for one in look.warnings)
    asked = {doubt.question: doubt for doubt in look.doubts}
    doubt = asked[f"Does {word} stand for no value in damage?"]
    assert doubt.answers[doubt.taken].title == "It is a word like others."
    chosen = dict(doubt.answers[1].values)
    assert catalogue.describe(source("csv-file", path=path, **chosen)).classes == ("Minor", "Substantial")


@pytest.mark.parametrize(
    ("first", "taken", "count"),
    [
        ("5.1,3.5,rose", "a row like the others", 21),
        ("3.5,3.5,rose", "a row like the others", 21),
        ("5.1,3.5,new", "a row like the others", 21),
        ("150,4,rose", "a row like the others", 21),
        ("length,width,kind", "the names of the columns", 20),
        ("2019,2020,kind", "the names of the columns", 20),
    ],
)
def test_the_first_row_is_told_by_the_rows_below(first: str, taken: str, count: int, tmp_path: Path) -> None:
    below = "".join(f"{i / 7:.2f},{i / 3:.2f},{('rose', 'lily')[i % 2]}\n" for i in range(20))
    look = catalogue.look(source("csv-file", path=write(tmp_path, f"{first}\n{below}")))
    assert next(fact.value for fact in look.facts if fact.name == "First row") == taken
    assert look.training + look.validation == count


def test_a_line_of_counts_and_names_of_classes_is_left_out_and_asked_about(tmp_path: Path) -> None:
    text = "150,4,setosa,versicolor\n" + "".join(f"{i / 7:.2f},{i / 3:.2f},{i},{i % 2}\n" for i in range(20))
    path = write(tmp_path, text)
    look = catalogue.look(source("csv-file", path=path))
    assert look.info.columns == ("column 1", "column 2", "column 3")
    doubt = next(doubt for doubt in look.doubts if doubt.question == "What is the first row?")
    assert [dict(answer.values)["first_row"] for answer in doubt.answers] == ["skip", "names", "data"]
    assert catalogue.describe(source("csv-file", path=path, first_row="names")).columns[0] == "150"


def test_years_above_other_numbers_are_names_and_asked_about(tmp_path: Path) -> None:
    text = "1990,2000,2010\n" + "".join(f"{i},{i / 3},{i / 7}\n" for i in range(40))
    look = catalogue.look(source("csv-file", path=write(tmp_path, text)))
    assert look.info.columns == ("1990", "2000")
    assert "What is the first row?" in {doubt.question for doubt in look.doubts}


def test_times_and_coordinates_stay_apart_and_lost_digits_are_told(tmp_path: Path) -> None:
    text = "t,y\n" + "".join(f"{1_700_000_000_000 + 250 * i},{5_543_210.123 + i / 8}\n" for i in range(400))
    path = write(tmp_path, text)
    data = catalogue.load(source("csv-file", path=path, validation=0))
    assert rows(data.train.input).dtype == np.float64
    assert rows(data.train.target)[:2, 0].tolist() == [5_543_210.123, 5_543_210.248]
    assert data.notes == ()
    lost = catalogue.load(source("csv-file", path=path, scaling="none"))
    assert [note for note in lost.notes if note.startswith("Column t: single precision")] == [
        "Column t: single precision cannot tell its values apart: 400 different ones become 1; let it be "
        "scaled (standardise)"
    ]


def test_long_numbers_keep_their_digits_and_words_their_zeros(tmp_path: Path) -> None:
    parts = [("40012301", "40012302", "40012303A", "007", "7", "1e3", "1000")[i % 7] for i in range(70)]
    text = "part,n\n" + "".join(f"{part},{9_007_199_254_740_992 + i % 3}\n" for i, part in enumerate(parts))
    info = catalogue.describe(source("csv-file", path=write(tmp_path, text), task="classification"))
    assert info.classes == ("9007199254740992", "9007199254740993", "9007199254740994")
    assert info.columns == tuple(f"part = {part}" for part in sorted(set(parts)))


def test_a_column_that_names_files_does_not_go_in(tmp_path: Path) -> None:
    text = "image_path,label\n" + "".join(f"images/{i:03}.png,{i % 2}\n" for i in range(30))
    path = write(tmp_path, text)
    with pytest.raises(DataError, match="each row has another word, as the name of a file: image_path"):
        catalogue.describe(source("csv-file", path=path))
    wider = write(tmp_path, text.replace(",", ",1.5,").replace("path,1.5,", "path,x,"), "u.csv")
    look = catalogue.look(source("csv-file", path=wider))
    assert look.info.columns == ("x",)
    part = look.parts[0]
    assert (part.kind, part.role, part.why) == ("identifier", "ignore", "each row has another name of a file")


def test_types_of_columns_are_set_by_a_person(tmp_path: Path) -> None:
    lines = "".join(f'{i % 5:03},"{i},5",0{i % 9 + 1}/0{i % 3 + 1}/2024,{i / 7}\n' for i in range(40))
    path = write(tmp_path, f'code,"a, b",when,y\n{lines}')
    plain = catalogue.describe(source("csv-file", path=path, input_columns='code, "a, b"'))
    assert plain.columns == ("code", "a, b")
    types = 'code = category, "a, b" = ignore, when = date, day first'
    info = catalogue.describe(source("csv-file", path=path, column_types=types, dates="cyclic"))
    assert info.columns[:6] == ("code = 000", "code = 001", "code = 002", "code = 003", "code = 004", "when")
    with pytest.raises(DataError, match=r"column_types: Expected a column, = and .* Received 'code = x'"):
        catalogue.describe(source("csv-file", path=path, column_types="code = x"))


def test_a_quote_without_an_end_is_told_where_it_begins(tmp_path: Path) -> None:
    path = write(tmp_path, 'a,b\n1,2\n3,4\n5,"6\n7,8\n9,10\n')
    with pytest.raises(DataError, match="line 4: Expected an end of the quote that begins in this row"):
        catalogue.describe(source("csv-file", path=path))


def test_the_parts_of_a_dropped_table_are_those_of_its_column(tmp_path: Path) -> None:
    text = "x,split,y\n" + "".join(f"{i},{'train' if i % 4 else 'test'},{i / 7}\n" for i in range(40))
    found = catalogue.recognised(Path(write(tmp_path, text)))[0]
    data = catalogue.load(source(found.dataset, **found.recognised.values))
    assert (len(data.train), len(data.validation), data.info.division) == (30, 10, "column")


def test_rows_are_divided_by_days_and_by_more_groups_than_there_are_classes(tmp_path: Path) -> None:
    days = [f"{i % 28 + 1:02}.{i // 28 % 12 + 1:02}.{2000 + i // 336}" for i in range(2400)]
    lines = "".join(f"{i},p{i // 2},{day},{i / 7}\n" for i, day in enumerate(days))
    path = write(tmp_path, f"x,patient,day,y\n{lines}")
    late = catalogue.load(source("csv-file", path=path, order_column="day", scaling="none"))
    assert late.info.division == "time"
    assert rows(late.train.input)[:, 0].max() < rows(late.validation.input)[:, 0].min()
    parted = catalogue.load(source("csv-file", path=path, group_column="patient", scaling="none"))
    held = {int(x) // 2 for x in rows(parted.validation.input)[:, 0]}
    assert len(held) == 240
    assert held.isdisjoint({int(x) // 2 for x in rows(parted.train.input)[:, 0]})


def test_numbers_with_points_between_thousands_are_read_alike_in_every_row(tmp_path: Path) -> None:
    """2.000 is two thousand where 1.234,5 stands in another row, and 9,5 is nine and a half."""
    cells = ["9,5", "1.234,5", "12,25", "2.000,0"]
    lines = [f"{cell};{2 * at}" for at, cell in enumerate(cells * 6)]
    path = write(tmp_path, "price;y\n" + "\n".join(lines))
    made = source("csv-file", path=path, task="regression", scaling="none")
    data = catalogue.load(made)
    found = {float(value) for part in (data.train, data.validation) for value in rows(part.input).ravel()}
    assert found == {9.5, 1234.5, 12.25, 2000.0}
    (tmp_path / "new").mkdir()
    other = write(tmp_path / "new", "price;y\n7,25;1\n3.000,5;2\n")
    one = catalogue.declared(made)
    unseen = one.unseen(Path(other), ExpectedData(data.info, one.columns_read()))
    assert [float(value) for block in unseen.blocks(8) for value in block.inputs.ravel()] == [7.25, 3000.5]
