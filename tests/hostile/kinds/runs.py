"""Folders of runs that a stranger made or a disk damaged, asked by every command that reads runs."""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
from collections.abc import Callable, Iterable
from contextlib import closing
from pathlib import Path

import numpy as np
import torch
from safetensors.torch import save_file

from engine.document.project import Project
from engine.document.storage import gallery
from engine.document.storage.file import save
from engine.run.run import Run
from engine.sample.history import SampleHistory
from tests.hostile.case import Case

Answer = tuple[str, tuple[int, ...]]
Harm = Callable[[Path], None]
LISTED, FOLLOWED = ("runs", "{}"), ("follow", "{}", "--json")
RESUMED, DRAWN = ("resume", "{}", "--steps", "9"), ("sample", "{}", "--out", "{folder}/s.gif")
COMMANDS = {"runs": LISTED, "follow": FOLLOWED, "resume": RESUMED, "sample": DRAWN}
LAST = "checkpoints/last.safetensors"


def trained(folder: Path) -> Path:
    """A project with samplers and a run of 6 steps; returns its file."""
    project: Project = gallery.make("gan-2d-ring")
    save(project, folder / "p.loom")
    finished = Run(project, folder=folder / "p.runs" / "R", steps=6, device="cpu").execute(lambda _: None)
    assert finished.status == "completed", finished
    return folder / "p.loom"


def _harmed(harm: Harm) -> Callable[[Path], Path]:
    """The project with a run that has come to harm; `harm` gets the run's folder."""

    def make(folder: Path) -> Path:
        file = trained(folder)
        harm(folder / "p.runs" / "R")
        return file

    return make


def _asked(
    kind: str,
    harms: dict[str, Harm],
    answers: dict[str, tuple[str, tuple[int, ...]]],
    quick: Iterable[str] = (),
) -> list[Case]:
    return [
        Case(
            kind,
            f"{name}, {command}",
            _harmed(harm),
            answer,
            command=COMMANDS[command],
            exits=exits,
            is_quick=f"{name}, {command}" in quick,
        )
        for name, harm in harms.items()
        for command, (answer, exits) in answers.items()
    ]


# What is no file ----------------------------------------------------------------------------------------


def _replaced(name: str, by: Callable[[Path], None]) -> Harm:
    def harm(run: Path) -> None:
        path = run / name
        if path.is_dir():
            path.rename(path.with_name(f"{path.name}-before"))
        else:
            path.unlink(missing_ok=True)
        by(path)

    return harm


def _pipe(path: Path) -> None:
    os.mkfifo(path)


def _device(path: Path) -> None:
    path.symlink_to("/dev/zero")


def _link(path: Path) -> None:
    root = next(place for place in path.parents if (place / "p.loom").exists())
    outside = root / "home" / path.name
    outside.parent.mkdir(exist_ok=True)
    before = path.with_name(f"{path.name}-before")
    before.rename(outside) if before.exists() else outside.write_bytes(b"mine")
    path.symlink_to(outside)


def _special() -> list[Case]:
    found = []
    for what, by in (("pipe", _pipe), ("link to /dev/zero", _device), ("link", _link)):
        refused = {
            "runs": ("cannot be read: .*(plain file|Expected)", (0,)),
            "follow": ("Expected a run. Received one that cannot be read", (2,)),
            "resume": ("Expected a run. Received one that cannot be read", (2,)),
            "sample": ("samples: 500.2, written", (0,)),
        }
        found += _asked(
            f"{what} in a run", {"run.json": _replaced("run.json", by)}, refused, ("run.json, runs",)
        )
        written = {"resume": ("Expected plain files and folders. Received a (link|pipe)", (1,))}
        for name in ("metrics.sqlite", "metrics.sqlite-wal", "run.lock", "project.loom-x", "samples/x.npz"):
            found += _asked(f"{what} in a run", {name: _replaced(name, by)}, written, ("run.lock, resume",))
        weights = {
            "runs": (r"completed, 6 steps", (0,)),
            "sample": (r"Expected weights in last.safetensors. Received", (2,)),
            "resume": (r"Expected plain files and folders. Received a (link|pipe)", (1,)),
        }
        found += _asked(f"{what} in a run", {LAST: _replaced(LAST, by)}, weights)
        if what != "link to /dev/zero":
            rows = {
                "follow": (r"its measurements cannot be read", (0,)),
                "runs": ("completed, 6 steps", (0,)),
            }
            found += _asked(f"{what} in a run", {"metrics.sqlite": _replaced("metrics.sqlite", by)}, rows)
    folders = {
        "runs": ("completed, 6 steps", (0,)),
        "sample": ("Expected a folder checkpoints. Received a link or none", (2,)),
        "resume": ("Expected a run with a checkpoint to go on from. Received none", (2,)),
    }
    found += _asked("link in a run", {"checkpoints": _replaced("checkpoints", _link)}, folders)
    refused = dict.fromkeys(COMMANDS, ("p.runs: Put a folder there.*Received a link", (2,)))
    refused["train"] = ("p.runs: Put the folder itself there.*Received a link", (1,))
    COMMANDS["train"] = ("train", "{}", "--steps", "1", "--device", "cpu")
    return found + _asked(
        "link in place of the runs", {"p.runs": _runs_elsewhere}, refused, ("p.runs, train",)
    )


def _runs_elsewhere(run: Path) -> None:
    home = run.parent.parent / "home"
    home.mkdir(exist_ok=True)
    run.parent.rename(home / "runs")
    run.parent.symlink_to(home / "runs")


# The database -------------------------------------------------------------------------------------------


def _statements(*statements: str) -> Harm:
    def harm(run: Path) -> None:
        with closing(sqlite3.connect(run / "metrics.sqlite")) as database:
            for statement in statements:
                database.executescript(statement)
            database.commit()

    return harm


_ENDLESS = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n)"
_LONG = "instr(zeroblob(400000000), 'a')"
_ROWS = "CREATE TABLE rates (step INTEGER, objective TEXT, rate REAL {0}"
_DATABASES: dict[str, Harm] = {
    "a view for a table": _statements(
        f"DROP TABLE rates; CREATE VIEW rates(step, objective, rate) AS {_ENDLESS} SELECT i, 'a', 1.0 FROM n"
    ),
    "a generated column": _statements("DROP TABLE rates", _ROWS.format(f"AS({_LONG}))")),
    "a generated column in other words": _statements(
        "DROP TABLE rates", _ROWS.format(f"/**/as/**/({_LONG}) VIRTUAL)")
    ),
    "a view behind 101 tables": _statements(
        "".join(f"CREATE TABLE a{n} (x);" for n in range(101)),
        f"DROP TABLE rates; CREATE VIEW rates(step, objective, rate) AS {_ENDLESS} SELECT i, 'a', 1.0 FROM n",
    ),
    "a virtual table": _statements(
        "DROP TABLE rates; CREATE VIRTUAL TABLE rates USING fts5(step, objective, rate)"
    ),
    "1,000,000 names": _statements(
        f"INSERT OR IGNORE INTO series (kind, name) {_ENDLESS} SELECT 'losses', i FROM n LIMIT 1000000"
    ),
    "values of 64 MB": _statements("UPDATE blocks SET data = zeroblob(67108864)"),
}
_WRITTEN: dict[str, Harm] = {
    "a trigger": _statements(
        f"CREATE TRIGGER t AFTER DELETE ON rates BEGIN SELECT {_LONG}; END",
    ),
    "a condition of an index": _statements(f"CREATE INDEX i ON rates (rate) WHERE {_LONG} = 0"),
    "a view of its own": _statements("CREATE VIEW v AS SELECT 1"),
    "a check": _statements(
        "DROP TABLE messages",
        f"CREATE TABLE messages (step INTEGER CHECK ({_LONG} = 0), message TEXT)",
    ),
}


def _journal(run: Path) -> None:
    """A journal that names a file: whoever undoes what it says deletes that file."""
    (run.parent.parent / "mine").write_text("mine")
    name = str(run.parent.parent / "mine").encode()
    magic = b"\xd9\xd5\x05\xf9\x20\xa1\x63\xd7"
    head = magic + bytes(4) + bytes(8) + (512).to_bytes(4, "big") + (4096).to_bytes(4, "big")
    checked = sum(name).to_bytes(4, "big")
    tail = (0x40000000 // 4096 + 1).to_bytes(4, "big") + name + len(name).to_bytes(4, "big") + checked + magic
    (run / "metrics.sqlite-journal").write_bytes(head.ljust(512, b"\0") + tail)


def _databases() -> list[Case]:
    answers = {
        "runs": ("completed, 6 steps", (0,)),
        "follow": ("cannot be read|Expected (a plain table|at most)", (0,)),
        "resume": (
            "Expected (plain tables|a plain table|the tables|series)|too big",
            (1,),
        ),
    }
    found = _asked("sqlite that computes", _DATABASES, answers, ("a generated column, follow",))
    writers = {"resume": ("Expected (plain tables|a plain table)", (1,))}
    found += _asked("sqlite that acts when it is written", _WRITTEN, writers, ("a trigger, resume",))
    journal = {"resume": ("Expected a whole metrics.sqlite. Received", (1,))}
    return found + _asked("sqlite that acts when it is written", {"a journal": _journal}, journal)


# Weights ------------------------------------------------------------------------------------------------


def _weights(tensors: dict[str, torch.Tensor]) -> Harm:
    return lambda run: save_file(tensors, run / LAST)


def _header(text: bytes, rest: bytes = b"") -> Harm:
    return lambda run: (run / LAST).write_bytes(len(text).to_bytes(8, "little") + text + rest) and None


_LIE = b'{"a": {"dtype": "F32", "shape": [4611686018427387904, 4], "data_offsets": [0, 4]}}'
_EMPTY: dict[str, Harm] = {
    "no tensors": _header(b"{}"),
    "other names": _weights({"other.weight": torch.zeros(3)}),
    "other shapes": _weights({"generator.linear1.weight": torch.zeros(3)}),
    "names that move the cursor": _weights({"\x1b[2J\u202e": torch.zeros(3)}),
}
_BROKEN: dict[str, Harm] = {
    "zeros": lambda run: (run / LAST).write_bytes(bytes(1000)) and None,
    "nothing": lambda run: (run / LAST).write_bytes(b"") and None,
    "cut": lambda run: os.truncate(run / LAST, 3000),
    "a size that is none": _header(_LIE, bytes(4)),
    "a header of 2⁶³ bytes": lambda run: (run / LAST).write_bytes(b"\xff" * 7 + b"\x7f{}") and None,
    "a sparse file of 1 TB": lambda run: os.truncate(run / LAST, 1 << 40),
}


def _checkpoints() -> list[Case]:
    drawn = {
        "sample": ("Expected the 6 weights with which samples draws. Received 0; .*generator.linear1", (2,))
    }
    found = _asked("weights that are none of the drawing's", _EMPTY, drawn, ("no tensors, sample",))
    damaged = {
        "sample": ("Expected weights in last.safetensors. Received a file that cannot be read", (2,)),
        "resume": (
            "last.safetensors cannot be read: .*The run goes.*on.*step.*0, with\\s+initial",
            (0,),
        ),
    }
    found += _asked("damaged weights", _BROKEN, damaged, ("zeros, resume",))
    newer = {"resume": ("Received format 999: the run was made by a newer Layerloom", (2,))}
    found += _asked("a run of a newer version", {"format 999": _newer}, newer)
    missing = {"resume": (r"lacks.*values that the optimiser", (0,))}
    return found + _asked("a checkpoint without its optimiser", {"no moments": _without_moments}, missing)


def _newer(run: Path) -> None:
    about = json.loads((run / "run.json").read_text())
    (run / "run.json").write_text(json.dumps({**about, "format": 999}))


def _without_moments(run: Path) -> None:
    from engine.weights.checkpoint import read, save_checkpoint

    tensors, facts = read(run / LAST)
    kept = {name: tensor for name, tensor in tensors.items() if not name.startswith("@optimiser")}
    save_checkpoint(run / LAST, kept, facts)


# Samples, words and numbers -----------------------------------------------------------------------------


def _bomb(run: Path) -> None:
    """Sets of a few kilobytes whose film would have gigabytes."""
    history = SampleHistory(run / "samples")
    shutil.rmtree(run / "samples", ignore_errors=True)
    for step in range(1, 30):
        history.keep("samples", step, 0, {"samples": np.zeros((3000, 1, 56, 56), np.float32)})


def _long_words(run: Path) -> None:
    words = "\x1b[2J\u202eevil\n" + "x" * 500_000
    (run / "notes.json").write_text(json.dumps({"name": words, "note": words, "tags": [words] * 500}))
    about = json.loads((run / "run.json").read_text())
    about["result"] |= {"message": words, "metrics": {words[:900] + str(n): 1e300 for n in range(900)}}
    (run / "run.json").write_text(json.dumps(about))


def _large_numbers(run: Path) -> None:
    text = (run / "run.json").read_text()
    (run / "run.json").write_text(text.replace('"step": 6', f'"step": {"9" * 400}'))


def _others() -> list[Case]:
    found = _asked(
        "samples that unpack to gigabytes", {"a film": _bomb}, {"sample": ("Expected .*pixels", (2,))}
    )
    found += _asked("words without end", {"notes and figures": _long_words}, {"runs": ("completed, 6", (0,))})
    numbers = {"runs": ("cannot be read: run.json: ", (0,)), "resume": ("cannot be read", (2,))}
    return found + _asked("numbers without end", {"a step": _large_numbers}, numbers)


CASES = tuple(_special() + _databases() + _checkpoints() + _others())
