"""The cache of values on disk: shared, bounded, whole or not there, and safe to delete."""

from __future__ import annotations

import errno
import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from engine.data import catalogue
from nodes.data.source import DataSource
from nodes.reading import budget
from nodes.reading.dataset import DataSet
from nodes.reading.error import DataError
from nodes.reading.progress import CalledOffError, listening
from nodes.reading.spilled import cache
from nodes.reading.tables.csv_source import CsvSource
from tests.engine.data.sources import rows, source

ROWS = 300


def table(path: Path, add: int = 0) -> DataSource:
    lines = ["a,b,c,d,label"] + [f"{i + add}.5,{i % 7},{-i},{i * i}.25,{i % 3}.5" for i in range(ROWS)]
    path.write_text("\n".join(lines))
    return source("csv-file", path=str(path))


@pytest.fixture(autouse=True)
def little_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(budget, "free_memory", lambda: 2 * 80 * ROWS)


def load(made: DataSource) -> DataSet:
    catalogue.forget()
    return catalogue.load(made)


def entries() -> list[Path]:
    return sorted(cache.folder().iterdir())


def written(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names of arrays, as they are written."""
    names: list[str] = []
    usual = cache.SpillWriter.array

    def noted(self: cache.SpillWriter, name: str, *about: Any) -> Any:
        names.append(name)
        return usual(self, name, *about)

    monkeypatch.setattr(cache.SpillWriter, "array", noted)
    return names


def test_values_are_written_once_for_each_version_of_the_file_and_way_to_read_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = written(monkeypatch)
    made = table(tmp_path / "t.csv")
    first, again = load(made), load(made)
    assert names == ["inputs", "targets", "kept"]
    assert np.array_equal(rows(first.train.input), rows(again.train.input))
    load(source("csv-file", path=made.values["path"], validation=0.5))  # the same columns
    assert len(names) == 3
    load(source("csv-file", path=made.values["path"], input_columns="a, b, c"))
    assert len(names) == 6
    load(table(tmp_path / "t.csv", add=1))
    assert len(names) == 9
    assert len(entries()) == 3
    assert not any(path.name.endswith(cache.PART) for path in entries())


def test_the_cache_may_be_deleted_or_damaged_at_any_time(tmp_path: Path) -> None:
    made = table(tmp_path / "t.csv")
    data = load(made)
    wanted = rows(data.train.input)
    shutil.rmtree(cache.folder())
    assert np.array_equal(rows(data.train.input), wanted)  # a run that has it goes on
    assert np.array_equal(rows(load(made).train.input), wanted)
    values = entries()[0] / "inputs.npy"
    values.write_bytes(values.read_bytes()[:-100])
    assert np.array_equal(rows(load(made).train.input), wanted)
    (entries()[0] / cache.ENTRY).write_text("{")
    assert np.array_equal(rows(load(made).train.input), wanted)


def test_the_oldest_values_make_room_and_it_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made = [table(tmp_path / f"t{i}.csv", add=i) for i in range(3)]
    load(made[0])
    load(made[1])
    oldest = entries()
    size = sum(file.stat().st_size for file in oldest[0].iterdir())
    for i, path in enumerate(oldest):
        os.utime(path / cache.ENTRY, (i, i))
        for file in path.iterdir():
            os.utime(file, (i, i))
    usage = type(shutil.disk_usage(tmp_path))
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage(10**9, 0, 3 * size))
    notes = load(made[2]).notes
    assert oldest[0] not in entries()
    assert {oldest[1]} < {*entries()}
    assert any("The oldest values of 1 data set were removed" in note for note in notes)
    monkeypatch.setattr(cache, "SHARE", 0.01)
    with pytest.raises(DataError, match=r"Expected values of at most 0\.0 GB, half of what is free"):
        load(table(tmp_path / "t3.csv", add=9))


def test_a_full_disk_is_told_and_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made = table(tmp_path / "t.csv")

    def full(*_: object) -> None:
        with cache.refused(tmp_path / "t.csv", cache.folder()):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as patched:
        patched.setattr("nodes.reading.spilled.writing.ArrayWriter.add", full)
        words = r"Expected room on the disk for values of t\.csv.*Received: No space left on device"
        with pytest.raises(DataError, match=words):
            load(made)
    assert entries() == []
    load(made)


def test_a_file_that_changes_meanwhile_is_told_and_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = table(tmp_path / "t.csv")
    catalogue.describe(made)
    usual = CsvSource.blocks

    def changing(self: CsvSource) -> Any:
        with (tmp_path / "t.csv").open("a") as file:
            file.write("\n1,2,3,4,5.5")
        return usual(self)

    monkeypatch.setattr(CsvSource, "blocks", changing)
    with pytest.raises(DataError, match=r"t\.csv: Expected a file that stays as it is .*wait until it"):
        catalogue.load(made)
    assert entries() == []


def test_reading_tells_how_far_it_is_and_can_be_called_off(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = table(tmp_path / "t.csv")
    monkeypatch.setattr("nodes.reading.progress.REST", 0.0)
    catalogue.forget()
    catalogue.describe(made)
    told: list[str] = []

    def called_off(what: str, _share: float | None) -> None:
        told.append(what)
        if any(path.name.endswith(cache.PART) for path in _in_cache()):
            raise CalledOffError

    with listening(called_off), pytest.raises(CalledOffError):
        catalogue.load(made)
    assert told[-1] == "Reading t.csv"
    assert entries() == []


def _in_cache() -> Iterator[Path]:
    return cache.folder().iterdir() if cache.folder().exists() else iter(())


def test_what_an_ended_process_left_is_removed(tmp_path: Path) -> None:
    left, busy = (cache.folder() / f"{name}{cache.PART}" for name in ("1-1", "1-2"))
    for path in (left, busy):
        path.mkdir(parents=True)
        (path / "inputs.npy").write_bytes(b"half")
    os.utime(left / "inputs.npy", (1, 1))
    load(table(tmp_path / "t.csv"))
    assert not left.exists()
    assert busy.exists()


def test_rows_that_are_too_many_for_memory_are_refused_with_figures(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = table(tmp_path / "t.csv")
    monkeypatch.setattr(budget, "free_memory", lambda: 2 * 10 * ROWS)
    words = r"Received places of 300 rows in the split and in the batches that need 0\.0 GB; divide the file"
    with pytest.raises(DataError, match=words):
        load(made)
