"""Databases that somebody made to compute, to act or to have no end: none of their schema is executed."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from engine.run.tail import Tail
from engine.runs import curves
from engine.runs.archive import curves_of
from engine.runs.database import METRICS, opened
from engine.runs.ownership import require_plain, require_tables
from engine.runs.plain_files import ArchiveError
from tests.drawings import mlp
from tests.stored_runs import noisy, store

ENDLESS = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n)"
LONG = "instr(zeroblob(400000000), 'a')"


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("p.runs") / "run"
    return store(place, mlp("digits", 8), losses={"objective": noisy(30)}, metrics={"accuracy": 0.5})


@pytest.fixture
def folder(run: Path, tmp_path: Path) -> Iterator[Path]:
    made = tmp_path / "p.runs" / "run"
    made.mkdir(parents=True)
    for name in (METRICS, "run.json", "project.loom"):
        (made / name).write_bytes((run / name).read_bytes())
    return made


def changed(folder: Path, *statements: str) -> None:
    with closing(sqlite3.connect(folder / METRICS)) as database:
        for statement in statements:
            database.execute(statement)
        database.commit()


RATES = "CREATE TABLE rates (step INTEGER, objective TEXT, rate REAL {})"
NOT_PLAIN = {
    "a generated column": ("DROP TABLE rates", RATES.format(f"AS({LONG})")),
    "a hidden column": ("DROP TABLE rates", RATES.format(f", x TEXT/**/AS/**/({LONG}) VIRTUAL")),
    "a condition": ("DROP TABLE rates", RATES.format(f"CHECK ({LONG} = 0)")),
    "another column": ("ALTER TABLE rates ADD COLUMN x",),
    "a view": (
        "DROP TABLE rates",
        f"CREATE VIEW rates(step, objective, rate) AS {ENDLESS} SELECT i, 1, 1 FROM n",
    ),
    "a view behind 101 tables": (
        *(f"CREATE TABLE a{n} (x)" for n in range(101)),
        "DROP TABLE rates",
        "CREATE VIEW rates(step, objective, rate) AS SELECT 1, 2, 3",
    ),
    "a virtual table": ("DROP TABLE rates", "CREATE VIRTUAL TABLE rates USING fts5(step, objective, rate)"),
}


@pytest.mark.parametrize("statements", NOT_PLAIN.values(), ids=NOT_PLAIN)
def test_a_table_that_is_declared_otherwise_is_not_read(folder: Path, statements: tuple[str, ...]) -> None:
    changed(folder, *statements)
    with pytest.raises(ArchiveError, match=r"Expected (a plain table rates|the tables of a run)"):
        curves_of(folder)
    with pytest.raises(ArchiveError):
        require_tables(folder)


@pytest.mark.parametrize(
    "statement",
    [
        f"CREATE TRIGGER t AFTER DELETE ON rates BEGIN SELECT {LONG}; END",
        f"CREATE INDEX i ON rates (rate) WHERE {LONG} = 0",
        "CREATE VIEW other AS SELECT 1",
        "CREATE TABLE other (x)",
    ],
)
def test_what_acts_when_it_is_written_is_read_but_not_written(folder: Path, statement: str) -> None:
    changed(folder, statement)
    assert curves_of(folder).losses
    with pytest.raises(ArchiveError, match=r"Expected plain tables. Received '\w+' beside them."):
        require_tables(folder)


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT instr(message, 'a') FROM messages",
        f"{ENDLESS} SELECT i FROM n",
        "SELECT step FROM other",
        "SELECT rootpage FROM sqlite_master",
        "ATTACH 'other' AS other",
        "CREATE TEMP TABLE x (y)",
        "PRAGMA query_only=OFF",
    ],
)
def test_a_reader_may_read_the_columns_of_a_run_and_nothing_else(folder: Path, statement: str) -> None:
    changed(folder, "CREATE TABLE other (step)")
    with opened(folder) as database, pytest.raises(sqlite3.DatabaseError, match=r"prohibited|not authorized"):
        database.execute(statement).fetchall()


def test_series_and_texts_without_end_are_not_held(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(curves, "MOST_NAMES", 50)
    monkeypatch.setattr(curves, "MOST_TEXT", 5_000)
    numbers = f"{ENDLESS} SELECT i + 1, 'losses', i FROM n LIMIT 60"
    changed(folder, f"INSERT INTO series (id, kind, name) {numbers}")
    with pytest.raises(ArchiveError, match=r"Expected at most 50 series. Received more."):
        curves_of(folder)
    changed(folder, "DELETE FROM series WHERE id > 1")
    changed(folder, f"INSERT INTO messages {ENDLESS} SELECT 1, printf('%.*c', 1000, 'x') FROM n LIMIT 9")
    with pytest.raises(ArchiveError, match=r"Expected at most 5,000 characters of messages"):
        curves_of(folder)
    changed(folder, "DELETE FROM messages", "UPDATE blocks SET data = zeroblob(1000000)")
    with pytest.raises(ArchiveError, match=r"too big"):
        curves_of(folder)


def test_a_schema_that_is_no_text_is_refused_by_readers_and_writers(folder: Path) -> None:
    file = folder / METRICS
    file.write_bytes(file.read_bytes().replace(b"CREATE TABLE rates", b"CREATE TABL\xff rates"))
    for use in (curves_of, require_tables):
        with pytest.raises(ArchiveError, match=r"Expected text in UTF-8. Received other bytes."):
            use(folder)


def test_whoever_follows_a_run_that_has_ended_hears_why_it_has_no_curves(
    folder: Path,
) -> None:
    changed(folder, *NOT_PLAIN["a generated column"])
    told = Tail(folder).poll()
    assert [type(event).__name__ for event in told] == ["Started", "Warned", "Finished"]
    assert "its measurements cannot be read. metrics.sqlite: Expected a plain table rates" in told[1].message


def test_a_run_is_not_written_beside_a_journal_that_sqlite_would_play_back(folder: Path) -> None:
    (folder / f"{METRICS}-journal").write_bytes(b"")
    with pytest.raises(ArchiveError, match=r"Expected a whole metrics.sqlite."):
        require_tables(folder)


def test_a_file_with_another_name_elsewhere_is_not_written_in_its_place(folder: Path, tmp_path: Path) -> None:
    require_plain(folder)
    (tmp_path / "mine").write_text("mine")
    os.link(tmp_path / "mine", folder / "run.lock")
    with pytest.raises(ArchiveError, match=r"Received run.lock, which has another name elsewhere"):
        require_plain(folder)


@pytest.mark.parametrize("deep", ["", "checkpoints", "samples/look"])
def test_pipes_and_links_are_found_however_deep_they_lie(folder: Path, tmp_path: Path, deep: str) -> None:
    place = folder / deep
    place.mkdir(parents=True, exist_ok=True)
    (place / "link").symlink_to(tmp_path)
    with pytest.raises(ArchiveError, match=r"Expected plain files and folders. Received a link, link."):
        require_plain(folder)
    (place / "link").unlink()
    os.mkfifo(place / "pipe")
    with pytest.raises(ArchiveError, match=r"Received a pipe, a socket or a device, pipe."):
        require_plain(folder)


def test_a_folder_without_end_is_not_walked(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("engine.runs.ownership.MOST_ENTRIES", 2)
    with pytest.raises(ArchiveError, match=r"Expected at most 2 files. Received more."):
        require_plain(folder)
