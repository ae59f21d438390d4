"""The files of a run's folder and of the state folder, each as every part of the product reads it."""

from __future__ import annotations

import json
import random
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing, suppress
from pathlib import Path

import numpy as np
import torch

from engine.document.storage.recovery import OpenFiles, RecoveryStore
from engine.run.resume import going_on
from engine.run.run_folder import RunFolder
from engine.run.tail import Tail
from engine.runs import archive, lock
from engine.runs.checkpoints import broken_checkpoints, checkpoints_of
from engine.sample import export
from engine.sample.history import SampleHistory
from engine.weights.checkpoint import load_weights, save_checkpoint
from nodes.user_error import UserError
from tests.drawings import chain, with_settings
from tests.hostile.fuzz import Reader, mutated
from tests.stored_runs import noisy, store

DRAWING = with_settings(
    chain({"dataset": "circle", "validation": 0.0}, [("linear", "linear", {"out_features": 2})])
)
STEPS = 1500


def run_folder(folder: Path, name: str = "run") -> Path:
    """A run that was stopped at a step of 1,500, with curves, figures, notes and checkpoints."""
    losses = {"objective": noisy(STEPS)}
    made = store(
        folder / "p.runs" / name, DRAWING, losses=losses, total=2 * STEPS, status="stopped", terms=losses,
        metrics={"objective": 0.4, "accuracy": 0.8}, note="why", tags=("a",), name="first", checkpoint=STEPS,
        message="stopped",
    )  # fmt: skip
    save_checkpoint(made / "checkpoints" / "last.safetensors", _tensors(), _facts())
    return made


def _tensors() -> dict[str, torch.Tensor]:
    return {
        "linear.weight": torch.ones(2, 2),
        "linear.bias": torch.zeros(2),
        "@optimiser/objective/count/linear.bias": torch.tensor(3.0),
        "@random/cpu": torch.zeros(16, dtype=torch.uint8),
    }


def _facts() -> dict[str, object]:
    return {"step": STEPS, "epoch": 3, "seed": 0, "total_steps": 2 * STEPS, "resumable": True}


def _told(folder: Path) -> object:
    """What is said of a run without going on with it."""
    record = archive.record_of(folder)
    told = [record, record.sentence, lock.pulse_of(folder), len(Tail(folder).poll())]
    if len(record.sentence) > 700:
        raise ValueError(f"a sentence of {len(record.sentence):,} characters")
    return told


def _file(name: str) -> Callable[[Path], list[Path]]:
    return lambda folder: [run_folder(folder) / name]


# The database -------------------------------------------------------------------------------------------


def _database(folder: Path) -> list[Path]:
    made = run_folder(folder)
    with closing(sqlite3.connect(made / "metrics.sqlite")) as database:
        database.execute("PRAGMA journal_mode=DELETE")
    return [made / "metrics.sqlite"]


def _curves(path: Path) -> object:
    return [Tail(path.parent).poll(), archive.curves_of(path.parent)]


def _gone_on(path: Path) -> object:
    """A copy of the folder with this database goes on, as `resume` does."""
    folder = path.parent.parent / "again"
    (folder / "checkpoints").mkdir(parents=True, exist_ok=True)
    for ending in ("", "-wal", "-shm", "-journal"):
        (folder / f"metrics.sqlite{ending}").unlink(missing_ok=True)
    for name in ("metrics.sqlite", "run.json"):
        shutil.copyfile(path.parent / name, folder / name)
    try:
        made = RunFolder(folder, DRAWING, resumed_at=1000)
    except sqlite3.Error as error:
        raise UserError(str(error)) from error
    made.close()
    return made


_NAMES = ("series", "blocks", "rates", "validation", "messages", "losses", "other")
_STATEMENTS = (
    "CREATE VIEW {0} AS WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i, i FROM n",
    "CREATE TABLE {0} (step INTEGER, objective TEXT, rate REAL AS(instr(zeroblob(100000000), 'a')))",
    "CREATE TABLE {0} (step INTEGER, message TEXT GENERATED ALWAYS AS (printf('%.*c', 90000000, 'x')))",
    "CREATE VIRTUAL TABLE {0} USING fts5(step, message)",
    "CREATE TRIGGER t{1} AFTER INSERT ON rates BEGIN DELETE FROM blocks; END",
    "CREATE TRIGGER t{1} AFTER DELETE ON {0} BEGIN SELECT instr(zeroblob(100000000), 'a'); END",
    "CREATE INDEX i{1} ON {0} (step) WHERE instr(zeroblob(100000000), 'a') = 0",
    "CREATE TABLE {0} (step INTEGER CHECK (instr(zeroblob(100000000), 'a') = 0), message TEXT)",
    "DROP TABLE IF EXISTS {0}",
    "DELETE FROM {0}",
    "UPDATE blocks SET data = zeroblob(2000000)",
    "UPDATE blocks SET block = 9223372036854775807 WHERE block = 0",
    "UPDATE blocks SET data = 'text', series = 'x'",
    "UPDATE series SET name = zeroblob(300000)",
    "UPDATE series SET name = NULL, kind = x'00'",
    "UPDATE series SET id = 9223372036854775807 WHERE id = 1",
    "UPDATE validation SET step = 'x', value = 'y', name = NULL, epoch = 1e300",
    "UPDATE rates SET step = 1e300",
    "INSERT INTO messages VALUES ('x', x'ff')",
    "INSERT INTO messages SELECT 3, printf('%.*c', 60000, 'x') FROM validation, validation",
    "PRAGMA writable_schema=ON",
    "UPDATE sqlite_master SET sql = 'CREATE VIEW {0} AS SELECT 1, 2, 3'",
    "UPDATE sqlite_master SET sql = replace(sql, 'REAL', 'REAL AS (random())')",
    "INSERT INTO sqlite_master VALUES ('table', 'x{1}', '{0}', 2, 'CREATE TABLE {0} (a AS(random()))')",
    "UPDATE sqlite_master SET rootpage = 2",
    "UPDATE sqlite_master SET name = '{0}', tbl_name = '{0}'",
    "PRAGMA user_version=99",
    "PRAGMA application_id=1",
)


def _changed_database(data: bytes, chance: random.Random) -> bytes:
    """The database after accidents of its bytes, or after statements of somebody who means harm."""
    if chance.random() < 0.6:
        return mutated(data, chance)
    with closing(sqlite3.connect(":memory:")) as database:
        database.deserialize(data)
        for number in range(chance.choice((1, 2, 3, 8))):
            with suppress(sqlite3.Error):
                text = chance.choice(_STATEMENTS).format(chance.choice(_NAMES), number)
                database.execute(text)
        with suppress(sqlite3.Error):
            database.commit()
        return bytes(database.serialize())


# Weights ------------------------------------------------------------------------------------------------


def _weights(path: Path) -> object:
    folder = path.parent.parent
    told = [checkpoints_of(folder), broken_checkpoints(folder), archive.record_of(folder).sentence]
    model = torch.nn.ModuleDict({"linear": torch.nn.Linear(2, 2)})
    with suppress(UserError):
        told.append(going_on(path, DRAWING, folder))
    return [*told, load_weights(model, path)]


def _changed_weights(data: bytes, chance: random.Random) -> bytes:
    """The file after accidents, of its header alone in half of them: that keeps its length."""
    if chance.random() < 0.5:
        return mutated(data, chance)
    length = int.from_bytes(data[:8], "little")
    header = mutated(data[8 : 8 + length], chance)
    if chance.random() < 0.5:
        with suppress(ValueError):
            header = json.dumps(_reshaped(json.loads(data[8 : 8 + length]), chance)).encode()
    return len(header).to_bytes(8, "little") + header + data[8 + length :]


_DTYPES = [
    "F64",
    "F32",
    "F16",
    "BF16",
    "I64",
    "I32",
    "I16",
    "I8",
    "U8",
    "BOOL",
    "U16",
    "U32",
    "U64",
    "C64",
    "F8_E4M3",
    "F8_E5M2",
    "F8_E8M0",
    "F4",
    "F6_E2M3",
    "X",
]


def _reshaped(header: dict[str, dict[str, object]], chance: random.Random) -> object:
    name = chance.choice([name for name in header if not name.startswith("__")])
    entry = header[name]
    kind = chance.randrange(5)
    if kind == 0:
        entry["dtype"] = chance.choice(_DTYPES)
    elif kind == 1:
        entry["shape"] = chance.choice(([], [4], [2, 2], [0], [-1], [2**62, 4], [1] * 80, [2**63], ["2"]))
    elif kind == 2:
        entry["data_offsets"] = chance.choice(([0, 0], [8, 4], [0, 2**62], [0, 16], [16, 24], [-1, 3]))
    elif kind == 3:
        header[chance.choice(("\x1b[2J", "a\u202eb", "", "@" * 9, "x" * 9000, "linear.bias"))] = header.pop(
            name
        )
    else:
        header["__metadata__"] = {"about": chance.choice(("", "[]", "[" * 9000, '{"step": 1e999}', "{}"))}  # type: ignore[dict-item]
    return header


# Samples ------------------------------------------------------------------------------------------------


def _sets(folder: Path) -> list[Path]:
    history = SampleHistory(folder / "samples")
    shades = np.linspace(0, 1, 2 * 64, dtype=np.float32)
    pictures = {"samples": shades.reshape(2, 1, 8, 8), "label": np.array([3, 7])}
    history.keep("look", 5, 1, {**pictures, "trail": shades.reshape(1, 2, 1, 8, 8)})
    history.keep("points", 5, 1, {"samples": np.ones((3, 2)), "real": np.zeros((4, 2))})
    history.keep("words", 5, 1, {"text": np.array(["one", "two"])})
    return sorted((folder / "samples").rglob("*.npz"))


def _samples(path: Path) -> object:
    history, sampler = SampleHistory(path.parent.parent), path.parent.name
    told: list[object] = [history.paths(), history.steps(sampler)]
    arrays = history.load(sampler, 5)
    for write in (export.png, lambda found: export.gif(export.stages(found)), export.text):
        with suppress(export.ExportError):
            told.append(len(write(arrays)))
    return told


# The state folder ---------------------------------------------------------------------------------------


def _state(folder: Path) -> list[Path]:
    store, files = RecoveryStore(folder / "recovery"), OpenFiles(folder / "open")
    store.write("one", DRAWING, folder / "p.loom")
    files.claim(folder / "p.loom")
    return [*(folder / "recovery").glob("*.recovery"), *(folder / "open").glob("*.lock")]


def _recovered(path: Path) -> object:
    root = path.parent.parent
    store, files = RecoveryStore(root / "recovery"), OpenFiles(root / "open")
    told = [store.pending(), store.damaged(), files.owner(root / "p.loom"), files.claim(root / "p.loom")]
    return [*told, store.adopt("one")]


READERS = (
    Reader("run.json", _file("run.json"), lambda path: _told(path.parent), beside=True),
    Reader("notes", _file("notes.json"), lambda path: _told(path.parent), beside=True),
    Reader("run.lock", _file("run.lock"), lambda path: _told(path.parent), beside=True),
    Reader("sqlite", _database, _curves, mutate=_changed_database, beside=True),
    Reader("sqlite written", _database, _gone_on, mutate=_changed_database, beside=True),
    Reader(
        "safetensors",
        lambda folder: [run_folder(folder) / "checkpoints" / "last.safetensors"],
        _weights,
        mutate=_changed_weights,
        beside=True,
    ),
    Reader("samples", _sets, _samples, beside=True),
    Reader("state folder", _state, _recovered, beside=True),
)
