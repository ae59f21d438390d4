"""Folders that are no runs, or are made to harm: each is refused or listed as what it is."""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from pathlib import Path

import pytest

from engine.runs import archive
from tests.stored_runs import trained


def _truncate(folder: Path) -> None:
    for path in folder.rglob("*"):
        if path.is_file():
            path.write_bytes(path.read_bytes()[: path.stat().st_size // 3])


def _wrong_types(folder: Path) -> None:
    (folder / "run.json").write_text('{"format": 2, "status": ["running"], "started": 7}')
    (folder / "notes.json").write_text('{"tags": "one", "name": 4}')


def _link_of(name: str) -> Callable[[Path], None]:
    def change(folder: Path) -> None:
        outside = folder.parent.parent / "outside"
        path = folder / name
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)
        path.symlink_to(outside)

    change.__name__ = f"link_{name}"
    return change


def _pipe(folder: Path) -> None:
    (folder / "run.json").unlink()
    os.mkfifo(folder / "run.json")


def _huge(folder: Path) -> None:
    with (folder / "run.json").open("wb") as file:
        file.truncate(1 << 40)


def _future(folder: Path) -> None:
    about = json.loads((folder / "run.json").read_text())
    (folder / "run.json").write_text(json.dumps({**about, "format": 99}))


def _gone(folder: Path) -> None:
    (folder / "run.json").unlink()


def _deep(folder: Path) -> None:
    (folder / "run.json").write_text('{"format": 2, "status": ' + "[" * 100_000)


def _everywhere(name: str, value: bytes) -> Callable[[Path], None]:
    """Every JSON of the folder, heads of checkpoints too, has something that no run writes in front."""

    def change(folder: Path) -> None:
        (folder / "notes.json").write_text("{}")
        for path in (folder / each for each in ("run.json", "notes.json", "run.lock")):
            path.write_bytes(b"{" + value + b", " + path.read_bytes().lstrip(b"{").strip())
        for path in folder.glob("checkpoints/*.safetensors"):
            head = b"{" + value + b"}"
            path.write_bytes(len(head).to_bytes(8, "little") + head)

    change.__name__ = name
    return change


def _odd_database(folder: Path) -> None:
    path = folder / "metrics.sqlite"
    path.unlink()
    database = sqlite3.connect(path)
    database.execute(
        "CREATE VIEW losses(step, objective, loss) AS WITH RECURSIVE n(i) AS "
        "(SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i, 'a', 1.0 FROM n"
    )
    database.close()


def _odd_blocks(folder: Path) -> None:
    database = sqlite3.connect(folder / "metrics.sqlite")
    database.execute("UPDATE blocks SET data = x'010203', block = 9223372036854775807")
    database.execute("INSERT INTO validation VALUES ('x', 'y', 'z', 'w', 'v')")
    database.commit()
    database.close()


HOSTILE = [
    _truncate,
    _wrong_types,
    _pipe,
    _huge,
    _future,
    _gone,
    _deep,
    _everywhere(
        "no text", b'"status": "\xe9", "name": "\xe9", "host": "\xe9", "__metadata__": {"a": "\xe9"}'
    ),
    _everywhere("no end", b'"more": ' + b"[" * 100_000),
    _odd_database,
    _odd_blocks,
    *(
        _link_of(name)
        for name in (
            "run.json",
            "notes.json",
            "run.lock",
            "metrics.sqlite",
            "metrics.sqlite-shm",
            "checkpoints",
        )
    ),
]


@pytest.mark.parametrize("harm", HOSTILE, ids=lambda harm: harm.__name__)
def test_a_hostile_folder_harms_nobody(tmp_path: Path, harm: Callable[[Path], None]) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "last.safetensors").write_bytes(b"\x02\0\0\0\0\0\0\0{}")
    before = {path: path.stat().st_mtime_ns for path in (outside, *outside.rglob("*"))}
    runs = tmp_path / "NAME.runs"
    trained(runs / "good", steps=1)
    shutil.copytree(runs / "good", runs / "odd")
    harm(runs / "odd")
    names = {record.folder.name: record for record in archive.runs_in(runs)}
    assert names["good"].status == "completed"
    assert names["odd"].sentence
    archive.checkpoints_of(runs / "odd")
    note = partial(archive.annotate, note="seen")
    for use in (archive.project_of, archive.curves_of, note, archive.remove):
        with suppress(archive.ArchiveError):
            use(runs / "odd")
    assert {path: path.stat().st_mtime_ns for path in (outside, *outside.rglob("*"))} == before


def test_a_link_to_a_run_elsewhere_is_listed_as_unreadable(tmp_path: Path) -> None:
    trained(tmp_path / "elsewhere", steps=1)
    runs = tmp_path / "NAME.runs"
    runs.mkdir()
    (runs / "link").symlink_to(tmp_path / "elsewhere")
    (record,) = archive.runs_in(runs)
    assert record.status == "unreadable"
    with pytest.raises(archive.ArchiveError):
        archive.remove(runs / "link")
    assert (tmp_path / "elsewhere" / "run.json").exists()
