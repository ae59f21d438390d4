"""What was learnt of a file is kept as long as it stays as it is, errors too; every failure is one error."""

from __future__ import annotations

import gzip
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from engine.data import catalogue
from nodes.data_sets.table_files import CsvFile
from nodes.reading import budget, csv_table, idx, text
from nodes.reading.array.opening import open_store
from nodes.reading.array.outline import ArrayReading, outline
from nodes.reading.error import DataError
from nodes.reading.progress import CalledOffError, listening
from nodes.reading.tables.csv_source import CsvSource
from tests.engine.data.sources import source
from tests.hostile.readers.data_files import idx_bytes

TABLE = "a,b,c\n" + "".join(f"{i},{i / 2},{i % 3}\n" for i in range(60))


@pytest.fixture
def passes(monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """The CSV files that were gone through, one entry for each time."""
    seen: list[Path] = []
    real = CsvSource.blocks
    monkeypatch.setattr(CsvSource, "blocks", lambda self: (seen.append(self.path), real(self))[1])
    return seen


def write(folder: Path, content: str) -> str:
    (folder / "t.csv").write_text(content)
    return str(folder / "t.csv")


def test_parameters_that_ask_nothing_else_of_a_table_cost_no_pass(tmp_path: Path, passes: list[Path]) -> None:
    path = write(tmp_path, TABLE)
    changes: list[dict[str, Any]] = [
        *({}, {"validation": 0.5}, {"scaling": "0-1"}, {"samples": 10}, {"paired_with": "other"}),
        *({"target_columns": "b"}, {"input_columns": "a"}, {"task": "regression"}),
    ]
    for change in changes:
        catalogue.describe(source("csv-file", path=path, **change))
    catalogue.describe(source("series-file", path=path, window=3))
    assert len(passes) == 1
    catalogue.load(source("csv-file", path=path))
    assert len(passes) == 2  # to fill arrays
    catalogue.load(source("csv-file", path=path, paired_with="other"))
    assert len(passes) == 2


def test_a_changed_table_is_gone_through_again(tmp_path: Path, passes: list[Path]) -> None:
    path = write(tmp_path, TABLE)
    catalogue.describe(source("csv-file", path=path))
    write(tmp_path, TABLE + "1,2,3\n")
    assert catalogue.describe(source("csv-file", path=path)).samples == 61
    assert len(passes) == 2


def test_an_error_is_kept_until_the_file_changes(tmp_path: Path, passes: list[Path]) -> None:
    path = tmp_path / "t.csv"
    path.write_bytes(TABLE.encode() + b"1,2,3\n" * 30000 + b"\1\xff\n")
    for _ in range(3):
        for validation in (0.1, 0.2):
            with pytest.raises(DataError, match="Received the byte 0xff"):
                catalogue.describe(source("csv-file", path=str(path), validation=validation))
    assert len(passes) == 1
    path.write_text(TABLE)
    assert catalogue.describe(source("csv-file", path=str(path))).samples == 60


def test_a_kept_error_holds_nothing_of_what_was_read(tmp_path: Path) -> None:
    made = source("csv-file", path=write(tmp_path, ""))
    with pytest.raises(DataError) as first:
        catalogue.describe(made)
    with pytest.raises(DataError) as second:
        catalogue.describe(made)
    assert str(first.value) == str(second.value)
    assert first.value is not second.value
    assert "_outline" in {entry.name for entry in first.traceback}
    assert "_outline" not in {entry.name for entry in second.traceback}


def test_what_the_system_does_not_give_is_asked_for_again(tmp_path: Path) -> None:
    made = source("csv-file", path=str(tmp_path / "t.csv"))
    with pytest.raises(DataError, match="No such file"):
        catalogue.describe(made)
    write(tmp_path, TABLE)
    assert catalogue.describe(made).samples == 60


def test_data_that_do_not_fit_are_refused_until_there_is_room(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = [source("csv-file", path=write(tmp_path, TABLE))]
    np.savez(tmp_path / "a.npz", x=np.ones((100, 4)), y=np.ones(100))
    (tmp_path / "a.txt").write_text("abc" * 100)
    (tmp_path / "train-images-idx3-ubyte").write_bytes(idx_bytes(np.zeros((9, 8, 8), np.uint8)))
    (tmp_path / "train-labels-idx1-ubyte").write_bytes(idx_bytes(np.arange(9, dtype=np.uint8) % 2))
    made += [source("array-file", path=str(tmp_path / "a.npz"))]
    made += [source("text-file", path=str(tmp_path / "a.txt"), context=4)]
    made += [source("idx-files", path=str(tmp_path))]
    with monkeypatch.context() as patched:
        patched.setattr(budget, "free_memory", lambda: 2 * 500)
        for one in made:
            with pytest.raises(DataError, match=r"Expected at most 0.0 GB, half of the memory that is free"):
                catalogue.load(one)
    for one in made:
        catalogue.load(one)


def test_every_other_failure_of_a_reader_is_one_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = source("csv-file", path=write(tmp_path, TABLE))
    for failure, words in (
        (KeyError("of a reader"), r"t.csv: .*KeyError: 'of a reader'.* This is a mistake of the reader"),
        (MemoryError(), "Expected data that fit into memory"),
        (OSError(5, "Input/output error"), "Received: Input/output error"),
    ):
        monkeypatch.setattr(CsvFile, "describe", lambda self, failure=failure: raised(failure))
        monkeypatch.setattr(CsvFile, "load", lambda self, seed, failure=failure: raised(failure))
        for ask in (catalogue.describe, catalogue.load, catalogue.preview):
            catalogue.forget()
            with pytest.raises(DataError, match=words):
                ask(made)
    for passing in (CalledOffError, KeyboardInterrupt):
        monkeypatch.setattr(CsvFile, "describe", lambda self, passing=passing: raised(passing()))
        catalogue.forget()
        with pytest.raises(passing):
            catalogue.describe(made)


def raised(failure: BaseException) -> Any:
    raise failure


def test_every_long_reading_can_be_called_off(tmp_path: Path) -> None:
    def stop(*_: object) -> None:
        raise CalledOffError

    (tmp_path / "a.csv").write_text(TABLE)
    (tmp_path / "a.gz").write_bytes(gzip.compress(b"abc" * 100))
    np.savez(tmp_path / "a.npz", x=np.ones(9))
    (tmp_path / "a.idx").write_bytes(idx_bytes(np.zeros(9, np.uint8)))
    for read in (
        lambda: csv_table.outline(tmp_path / "a.csv"),
        lambda: text.outline(tmp_path / "a.gz"),
        lambda: open_store(tmp_path / "a.npz").rows("x"),
        lambda: outline(tmp_path / "a.npz", ArrayReading()),
        lambda: idx.check(tmp_path / "a.idx"),
    ):
        with listening(stop), pytest.raises(CalledOffError):
            read()
