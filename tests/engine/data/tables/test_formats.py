"""The same table in every format gives the same rows, columns and classes."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from unittest.mock import Mock

import numpy as np
import pytest

from engine.data import catalogue
from nodes.data.source import DataSource
from nodes.reading.dataset import DataSet
from nodes.reading.error import DataError
from nodes.reading.look import DataLook
from nodes.reading.tables.formats import excel_source
from nodes.reading.tables.formats.workbook import read_here
from nodes.reading.tables.formats.workbook_check import require_sound
from nodes.reading.unseen.rows import ExpectedData
from tests.corpus import written
from tests.engine.data.sources import rows

COUNT = 40
COLUMNS: dict[str, list[object]] = {
    "size": [i * 0.37 + 1000.125 if i % 9 else None for i in range(COUNT)],
    "town": [("Ulm", "Köln", "None")[i % 3] for i in range(COUNT)],
    "empty": [None] * COUNT,
    "when": [f"2024-02-{i % 28 + 1:02}" for i in range(COUNT)],
    "meter": [12_340_000 + 7 * i for i in range(COUNT)],
    "kind": [i % 3 for i in range(COUNT)],
}
KEPT = [i for i in range(COUNT) if i % 9]


def csv(path: Path) -> Path:
    lines = [",".join("" if one is None else str(one) for one in row) for row in written.rows_of(COLUMNS)]
    path.write_text("\n".join(lines) + "\n", "utf-8")
    return path


def json_list(path: Path) -> Path:
    names, *values = written.rows_of(COLUMNS)
    path.write_text(json.dumps([dict(zip(map(str, names), row, strict=True)) for row in values]))
    return path


FORMATS: dict[str, Callable[[Path], Path]] = {
    "t.csv": csv,
    "t.parquet": lambda path: written.columnar(path, COLUMNS),
    "t.arrow": lambda path: written.columnar(path, COLUMNS),
    "t.xlsx": lambda path: written.excel(path, {"one": written.sheet(written.rows_of(COLUMNS))}),
    "t.sqlite": lambda path: written.database(path, {"houses": COLUMNS}),
    "t.jsonl": lambda path: written.json_lines(path, COLUMNS),
    "t.json": json_list,
}


def dropped(path: Path, **values: object) -> DataSource:
    found = catalogue.recognised(path)[0]
    return DataSource(dataset=found.dataset, **{**found.recognised.values, **values})


def asked(path: Path, **values: object) -> tuple[DataSet, DataLook]:
    source = dropped(path, **{"scaling": "none", "validation": 0.0, **values})
    return catalogue.load(source), catalogue.look(source)


@pytest.mark.parametrize("name", FORMATS)
def test_every_format_gives_the_same_rows_parts_and_classes(name: str, tmp_path: Path) -> None:
    data, look = asked(FORMATS[name](tmp_path / name))
    assert data.info.classes == ("0", "1", "2")
    assert data.info.columns[:5] == ("size", "town = Köln", "town = None", "town = Ulm", "when")
    inputs, targets = rows(data.train.input), rows(data.train.target)
    assert inputs[:, 0].tolist() == [COLUMNS["size"][i] for i in KEPT]
    assert inputs[:, 2].tolist() == [COLUMNS["town"][i] == "None" for i in KEPT]
    assert np.diff(inputs[:2, 4]) == [24 * 3600.0]
    assert inputs[:, -1].tolist() == [COLUMNS["meter"][i] for i in KEPT]
    assert targets.tolist() == [COLUMNS["kind"][i] for i in KEPT]
    kinds = {part.name: (part.kind, part.role, part.missing) for part in look.parts}
    assert kinds == {
        "size": ("number", "input", 5),
        "town": ("category", "input", 0),
        "empty": ("empty", "ignore", COUNT),
        "when": ("date", "input", 0),
        "meter": ("whole number", "input", 0),
        "kind": ("whole number", "target", 0),
    }
    assert any("5 of 40 rows are left out: no value in column 'size' (5)" in one for one in look.warnings)
    counts = {part.name: dict(part.common) for part in look.parts}
    assert counts["town"] == {"Ulm": 14, "Köln": 13, "None": 13}


@pytest.mark.parametrize("name", FORMATS)
def test_every_format_has_roles(name: str, tmp_path: Path) -> None:
    path = FORMATS[name](tmp_path / name)
    source = dropped(path)
    one = catalogue.declared(source)
    values = one.values_for_role("town", "target") | {"ignored_columns": "when, kind"}
    data, look = asked(path, **values)
    assert data.info.classes == ("Köln", "None", "Ulm")
    assert {part.name for part in look.parts if part.role == "input"} == {"size", "meter"}
    grouped, look = asked(path, **(one.values_for_role("town", "group") | {"validation": 0.3}))
    assert {part.role for part in look.parts if part.name == "town"} == {"group"}
    assert grouped.info.division == "group"
    weighted, _ = asked(path, **one.values_for_role("meter", "weight"))
    assert rows(weighted.train.more["weight"]).tolist() == [COLUMNS["meter"][i] for i in KEPT]
    with pytest.raises(DataError, match=r"Expected one of the columns size, town.* Received 'no'"):
        one.values_for_role("no", "input")


def test_gaps_are_filled_with_the_mean_of_the_training_part(tmp_path: Path) -> None:
    data = catalogue.load(dropped(csv(tmp_path / "t.csv"), gaps="fill", scaling="none", validation=0.25))
    inputs = rows(data.train.input)
    known = [COLUMNS["size"][i] for i in np.asarray(data.train.places) if i % 9]
    gaps = [place for place, i in enumerate(np.asarray(data.train.places)) if not i % 9]
    assert inputs[gaps, 0] == pytest.approx(np.mean(known))
    assert len(data.train) + len(data.validation) == COUNT
    assert data.skipped == ()


def test_a_binary_workbook_is_read_as_another_and_in_a_process_of_its_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    apart = Mock(side_effect=read_here)  # the corpus starts the process
    monkeypatch.setattr(excel_source, "read_apart", apart)
    other = {"a": [1.5, 2.5, 3.5], "b": [2.0, 4.0, 9.5]}
    tables = {name: written.rows_of(table) for name, table in (("x", COLUMNS), ("y", other))}
    binary = written.binary_excel(tmp_path / "t.xlsb", tables)
    plain = written.excel(tmp_path / "t.xlsx", {name: written.sheet(table) for name, table in tables.items()})
    (data, look), (same, _) = asked(binary), asked(plain)
    assert (rows(data.train.input) == rows(same.train.input)).all()
    assert (rows(data.train.target) == rows(same.train.target)).all()
    assert ("Format", "binary workbook of Excel") in [(fact.name, fact.value) for fact in look.facts]
    assert any("there are 2 sheets: x, y" in doubt.why for doubt in look.doubts)
    assert {call.args[0] for call in apart.call_args_list} == {binary}


def test_cells_of_a_binary_workbook_that_would_be_passed_over_or_lie_too_far_are_refused(
    tmp_path: Path,
) -> None:
    table = {"x": written.rows_of({"a": [1.5, 2.5], "b": [2.0, 4.0]})}
    short = written.binary_cell(0, 1.5, kind=16)  # its column is that behind the cell before
    far = written.binary_row_start((1 << 20) - 1) + written.binary_cell((1 << 14) - 1, 1.5)
    beyond = written.binary_row_start(1 << 20)
    for more, left_out, message in (
        (short, 0, r"as Excel writes them. Received short ones \(records of kind 16\); save it as .xlsx"),
        (far, 0, "Expected at most .* a sheet of 1,048,576 rows and 16,384 columns"),
        (beyond, 0, "Expected at most 1,048,576 rows and 16,384 columns .* Received 1,048,577"),
        (b"", 5, "Expected a workbook of Excel or OpenDocument. Received: it ends within a record"),
    ):
        path = written.binary_excel(tmp_path / "t.xlsb", table, more, left_out)
        with pytest.raises(DataError, match=message):
            require_sound(path)


def test_one_of_several_sheets_and_tables_is_chosen(tmp_path: Path) -> None:
    other = {"a": [1.5, 2.5, 3.5], "b": [2.0, 4.0, 9.5]}
    sheets = {name: written.sheet(written.rows_of(table)) for name, table in (("x", COLUMNS), ("y", other))}
    book = written.excel(tmp_path / "t.xlsx", sheets)
    database = written.database(tmp_path / "t.db", {"x": COLUMNS, "y": other})
    for path, values in ((book, {"sheet": "y"}), (database, {"table_name": "y"})):
        look = catalogue.look(dropped(path))
        doubt = next(doubt for doubt in look.doubts if "is to be read?" in doubt.question)
        assert values in [dict(answer.values) for answer in doubt.answers]
        assert catalogue.describe(dropped(path, **values)).columns == ("a",)
        wrong = dict.fromkeys(values, "z")
        with pytest.raises(DataError, match=r"Expected one of the .* x, y. Received 'z'"):
            catalogue.describe(dropped(path, **wrong))


def test_a_database_is_not_written_and_what_its_log_holds_is_told(tmp_path: Path) -> None:
    path = written.database(tmp_path / "t.db", {"x": COLUMNS})
    (tmp_path / "t.db-wal").write_bytes(b"not yet in it")
    before = path.read_bytes()
    data = catalogue.load(dropped(path))
    assert any("t.db-wal: what another program has not yet written" in note for note in data.notes)
    assert path.read_bytes() == before
    assert sorted(one.name for one in tmp_path.iterdir()) == ["t.db", "t.db-wal"]


@pytest.mark.parametrize("name", FORMATS)
def test_another_file_is_read_as_the_table_of_the_training(name: str, tmp_path: Path) -> None:
    trained = dropped(FORMATS[name](tmp_path / name), scaling="none", validation=0.0)
    data = catalogue.load(trained)
    (tmp_path / "other").mkdir()
    other = FORMATS[name](tmp_path / "other" / name)
    one = catalogue.declared(trained)
    found = one.unseen(other, ExpectedData(data.info, one.columns_read()))
    blocks = list(found.blocks(16))
    assert np.array_equal(np.concatenate([block.inputs for block in blocks]), rows(data.train.input))
    assert sum(len(block.skipped) for block in blocks) == COUNT - len(KEPT)
    assert found.notes == ("1 column is not used, as the run has none so: empty",)
