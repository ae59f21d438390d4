"""The files of a run: what was run, what was measured, and the weights. Written while it runs, complete at
any moment.

`run.json` (project snapshot, versions, device, seed, status), `metrics.sqlite` (write-ahead log, rows in
batches) and `checkpoints/`. Knows nothing of how training works.
"""

from __future__ import annotations

import platform
import sqlite3
from datetime import UTC, datetime
from pathlib import Path
from time import monotonic
from typing import Any

import msgspec
import torch

from engine import product
from engine.atomic import write_atomically
from engine.document.project import Project
from engine.run.events import Event, Finished, Progress, Started, Validated, Warned

FORMAT = 1
ABOUT = "run.json"
WRITE_SECONDS = 0.5
"""Rows wait at most this long before they are on disk."""
SCHEMA = """
CREATE TABLE IF NOT EXISTS losses
    (step INTEGER, objective TEXT, loss REAL, PRIMARY KEY (step, objective)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS rates
    (step INTEGER, objective TEXT, rate REAL, PRIMARY KEY (step, objective)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS validation
    (step INTEGER, epoch INTEGER, name TEXT, kind TEXT, value REAL,
     PRIMARY KEY (step, name, kind)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS messages (step INTEGER, message TEXT);
"""
Row = tuple[Any, ...]


class TakenError(ValueError):
    """The folder belongs to another run, which is not overwritten. The message is the sentence."""


class RunFolder:
    """Used from the run's thread alone."""

    def __init__(self, folder: Path, project: Project) -> None:
        self.path = folder
        folder.mkdir(parents=True, exist_ok=True)
        try:
            (folder / ABOUT).open("x").close()  # whoever makes it has the folder, should two come at once
        except FileExistsError:
            raise TakenError(
                f"{folder}: Expected a new or empty folder. Received one that holds a run; choose another."
            ) from None
        (folder / "checkpoints").mkdir(exist_ok=True)
        self._about: dict[str, Any] = {
            "format": FORMAT,
            "project": msgspec.to_builtins(project),
            "versions": versions(),
            "created": _now(),
            "status": "running",
        }
        self._database = sqlite3.connect(folder / "metrics.sqlite", isolation_level=None)
        self._database.execute("PRAGMA journal_mode=WAL")
        self._database.execute("PRAGMA synchronous=NORMAL")
        self._database.executescript(SCHEMA)
        self._save_about()
        self._waiting: dict[str, list[Row]] = {}
        self._written = monotonic()

    def record(self, event: Event) -> None:
        """Keep what this event says. Raises OSError or sqlite3.Error where the disk refuses."""
        if isinstance(event, Started):
            self._about["started"] = msgspec.to_builtins(event)
            self._save_about()
        elif isinstance(event, Progress):
            self._losses(event)
        elif isinstance(event, Validated):
            for kind, values in (("loss", event.losses), ("metric", event.metrics)):
                rows = [(event.step, event.epoch, name, kind, value) for name, value in values.items()]
                self._add("INSERT OR REPLACE INTO validation VALUES (?, ?, ?, ?, ?)", rows)
        elif isinstance(event, Warned):
            self._add("INSERT INTO messages VALUES (?, ?)", [(event.step, event.message)])
        elif isinstance(event, Finished):
            self.flush()
            self._about |= {"status": event.status, "finished": _now(), "result": msgspec.to_builtins(event)}
            self._save_about()
        if monotonic() - self._written > WRITE_SECONDS:
            self.flush()

    def _losses(self, event: Progress) -> None:
        for path, losses in event.losses.items():
            pairs = zip(event.steps, losses, strict=True)
            rows = [
                (step, path, loss) for step, loss in pairs if loss == loss
            ]  # not a number: it did not act
            self._add("INSERT OR REPLACE INTO losses VALUES (?, ?, ?)", rows)
        rates = [(event.step, path, rate) for path, rate in event.learning_rates.items()]
        self._add("INSERT OR REPLACE INTO rates VALUES (?, ?, ?)", rates)

    def _add(self, statement: str, rows: list[Row]) -> None:
        self._waiting.setdefault(statement, []).extend(rows)

    def flush(self) -> None:
        """Write the rows that wait, in one transaction."""
        self._written = monotonic()
        if not self._waiting:
            return
        self._database.execute("BEGIN")
        try:
            for statement, rows in self._waiting.items():
                self._database.executemany(statement, rows)
        except sqlite3.Error:
            if self._database.in_transaction:
                self._database.execute("ROLLBACK")
            raise
        self._database.execute("COMMIT")
        self._waiting.clear()

    def close(self) -> None:
        self._database.close()

    def _save_about(self) -> None:
        text = msgspec.json.format(msgspec.json.encode(self._about, order="sorted"), indent=2)
        write_atomically(self.path / ABOUT, text + b"\n")


def versions() -> dict[str, str]:
    own = product.version()
    return {"layerloom": own, "torch": str(torch.__version__), "python": platform.python_version()}


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
