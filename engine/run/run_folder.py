"""The files of a run: what was run, what was measured, and the weights. Written while it runs, complete at
any moment.

`run.json` (versions, device, seed, status), `project.loom` (the drawing), `metrics.sqlite` (write-ahead log,
rows in batches), `run.lock` (who runs it) and `checkpoints/`. What is stored depends on the steps alone, not
on when it was written, so that a run that was killed and resumed leaves what an uninterrupted one leaves.
"""

from __future__ import annotations

import os
import platform
import sqlite3
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from time import monotonic
from typing import Any

import msgspec
import torch

from engine.document.edits.check import problems_of
from engine.document.project import Project
from engine.messages.events import (
    Event,
    Finished,
    LearningRateSet,
    Paused,
    Progress,
    Resumed,
    Started,
    Validated,
    Warned,
)
from engine.runs.blocks import Blocks
from engine.runs.checkpoints import CHECKPOINTS
from engine.runs.curves import curves_of
from engine.runs.database import METRICS, MOST_BYTES, ROW_TABLES, SERIES_TABLES
from engine.runs.final_loss import final_losses
from engine.runs.lock import NAME as LOCK
from engine.runs.lock import HeldError, RunLock
from engine.runs.ownership import require_plain, require_tables
from engine.runs.places import is_free, require_no_link
from engine.runs.plain_files import ArchiveError, content, decoded, reason
from engine.runs.record import (
    ABOUT,
    DATA,
    DRAWING,
    FORMAT,
    LARGEST_ABOUT,
    drawing_bytes,
    next_number,
    require_known,
)
from engine.system import version
from engine.system.atomic_write import write_atomically
from nodes.user_error import UserError

OPEN_SECONDS = 60.0
"""Longest time for which the measurements so far are read and cut where a run goes on."""
WRITE_SECONDS = 0.5
"""Rows wait at most this long before they are on disk."""
WARNED = """
INSERT INTO messages SELECT ?1, ?2
    WHERE NOT EXISTS (SELECT 1 FROM messages WHERE step = ?1 AND message = ?2)
"""
"""Once, though a run that goes on from its beginning warns again."""
Row = tuple[Any, ...]


class TakenError(UserError, ValueError):
    """The folder belongs to another run, which is not overwritten. The message is the sentence."""


class RunFolder:
    """Used from the run's thread alone. Holds the run's lock until `close`."""

    def __init__(self, folder: Path, project: Project, *, resumed_at: int | None = None) -> None:
        """A new run, or one that goes on after step `resumed_at`: what was measured later is forgotten."""
        self.path = folder
        drawing = drawing_bytes(project, folder)
        if problems := problems_of(project):  # the folder could not be read again
            raise ArchiveError(f"The drawing cannot be kept. {problems[0][0]}: {problems[0][1]}")
        self._lock = _claimed(folder) if resumed_at is None else _taken(folder)
        try:
            self._open(drawing, resumed_at)
        except BaseException:
            self._lock.release()
            if resumed_at is None:
                _cleared(folder)
            raise

    def _open(self, drawing: bytes, resumed_at: int | None) -> None:
        if resumed_at is None:
            (self.path / CHECKPOINTS).mkdir(exist_ok=True)
            write_atomically(self.path / DRAWING, drawing)
            self._about: dict[str, Any] = {"format": FORMAT, "versions": versions(), "created": _now()}
            self._about["number"] = next_number(self.path.parent)
        else:
            require_tables(self.path)
            for leftover in self.path.rglob(".*.part"):
                leftover.unlink(missing_ok=True)  # of a process that was killed while it wrote
            self._about = _told_before(self.path)
            self._about["resumed"] = [*self._about["resumed"], {"at": _now(), "step": resumed_at}]
        self._about["status"] = "running"
        self._database = sqlite3.connect(self.path / METRICS, isolation_level=None)
        try:
            self._begin(resumed_at)
        except BaseException:
            self._database.close()
            raise
        self._waiting: dict[str, list[Row]] = {}
        self._written = monotonic()
        self._save_about()

    def _begin(self, resumed_at: int | None) -> None:
        database = self._database
        end = monotonic() + OPEN_SECONDS  # a damaged database may have no end
        database.set_progress_handler(lambda: monotonic() > end, 100_000)
        database.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, MOST_BYTES)
        database.execute("PRAGMA trusted_schema=OFF")
        database.execute("PRAGMA journal_mode=WAL")
        database.execute("PRAGMA synchronous=NORMAL")
        self._rates: dict[str, float] = {}
        self._epoch, self._metrics, self._earlier, self._begun = 0, dict[str, float](), 0.0, monotonic()
        try:
            database.executescript(SERIES_TABLES + ROW_TABLES)
            self._blocks = Blocks(database)
            if resumed_at is not None:
                self._forget_after(resumed_at)
        except (sqlite3.DatabaseError, TypeError, ValueError, OverflowError) as error:
            if isinstance(error, ArchiveError | sqlite3.OperationalError) and monotonic() < end:
                raise  # such as a full disk
            raise ArchiveError(f"{self.path}: {METRICS} is not a run's. {error}") from error
        database.set_progress_handler(None, 0)

    def _forget_after(self, step: int) -> None:
        database = self._database
        database.execute("BEGIN IMMEDIATE")
        self._blocks.cut(step)
        for table in ("rates", "validation", "messages"):
            database.execute(f"DELETE FROM {table} WHERE step > ?", (step,))
        self._blocks.write()
        database.execute("COMMIT")
        self._blocks.written()
        self._rates = dict(database.execute("SELECT objective, rate FROM rates ORDER BY step"))

    def went_on(self, epoch: int, seconds: float, metrics: dict[str, float]) -> None:
        """What was reached before the first step that is made now, and the time that it took."""
        self._epoch, self._earlier, self._metrics = epoch, seconds, metrics
        self._begun = monotonic()

    def keep_data(self, text: Callable[[], bytes]) -> None:
        """Keep what was fitted to the training data, unless the folder has it. Raises OSError."""
        if not os.path.lexists(self.path / DATA):
            write_atomically(self.path / DATA, text())

    @property
    def seconds(self) -> float:
        """Time that the run has taken, over all its parts."""
        return self._earlier + monotonic() - self._begun

    def record(self, event: Event) -> None:
        """Keep what this event says. Raises OSError or sqlite3.Error where the disk refuses."""
        if isinstance(event, Started):
            self._about["started"] = msgspec.to_builtins(event)
            self._save_about()
        elif isinstance(event, Progress):
            self._progress(event)
        elif isinstance(event, Validated):
            self._epoch, self._metrics = event.epoch, {**event.losses, **event.metrics}
            for kind, values in (("loss", event.losses), ("metric", event.metrics)):
                rows = [(event.step, event.epoch, name, kind, value) for name, value in values.items()]
                self._add("INSERT OR REPLACE INTO validation VALUES (?, ?, ?, ?, ?)", rows)
        elif isinstance(event, Warned | LearningRateSet):
            self._add(WARNED, [(event.step, event.message)])
        elif isinstance(event, Paused | Resumed):
            self.flush()  # whoever follows sees all that led here
            paused = isinstance(event, Paused)
            self._lock.beat(event.step, self._epoch, self.seconds, self._metrics, paused=paused)
        elif isinstance(event, Finished):
            self._lock.beat(event.step, event.epoch, event.seconds, event.metrics)
            self.flush(sync=True)
            self.end(event)
        if monotonic() - self._written > WRITE_SECONDS:
            self.flush()
            if isinstance(event, Progress):
                self._lock.beat(event.step, self._epoch, self.seconds, self._metrics)

    def _progress(self, event: Progress) -> None:
        if not event.steps:
            return
        for path, losses in event.losses.items():
            self._blocks.add("losses", path, event.steps[0], losses)
        for path, terms in event.terms.items():
            self._blocks.add("terms", path, event.steps[0], terms)
        rows: list[Row] = []
        for step, path, rate in event.rates:
            if self._rates.get(path) != rate:
                self._rates[path] = rate
                rows.append((step, path, rate))
        self._add("INSERT OR REPLACE INTO rates VALUES (?, ?, ?)", rows)

    def _add(self, statement: str, rows: list[Row]) -> None:
        if rows:
            self._waiting.setdefault(statement, []).extend(rows)

    def flush(self, *, sync: bool = False) -> None:
        """Write the rows that wait, in one transaction; `sync`: so that they outlast a power cut."""
        self._written = monotonic()
        database = self._database
        if sync:
            database.execute("PRAGMA synchronous=FULL")
        database.execute("BEGIN")
        try:
            for statement, rows in self._waiting.items():
                database.executemany(statement, rows)
            self._blocks.write()
            database.execute("COMMIT")
        except BaseException:
            if database.in_transaction:
                database.execute("ROLLBACK")
            raise
        finally:
            if sync:
                database.execute("PRAGMA synchronous=NORMAL")
        self._waiting.clear()
        self._blocks.written()

    def end(self, event: Finished) -> None:
        """Say how it ended, and nothing else: where rows cannot be written, this may still be."""
        result = msgspec.to_builtins(event) | {"status": event.status, "training": self._training()}
        self._about |= {"status": event.status, "finished": _now(), "result": result}
        self._save_about()

    def _training(self) -> dict[str, float]:
        """The final training loss by objective, over the last steps at which it acted."""
        with suppress(ArchiveError):
            return final_losses(curves_of(self.path))
        return {}

    def close(self) -> None:
        self._database.close()
        self._lock.release()

    def _save_about(self) -> None:
        text = msgspec.json.format(msgspec.json.encode(self._about, order="sorted"), indent=2)
        write_atomically(self.path / ABOUT, text + b"\n")


def _told_before(folder: Path) -> dict[str, Any]:
    """What the run said of itself so far, but not how it ended. Raises `ArchiveError`."""
    try:
        text = content(folder / ABOUT, LARGEST_ABOUT)
        told: dict[str, Any] = decoded(text, dict)
        require_known(text)
    except (ArchiveError, OSError) as error:
        raise ArchiveError(f"{folder}: {ABOUT} cannot be read. {reason(error)}") from error
    told.pop("result", None)
    before = told.get("resumed")
    return told | {"resumed": before if isinstance(before, list) else []}


def _claimed(folder: Path) -> RunLock:
    """Whoever makes the lock's file has the folder, should two come at once."""
    require_no_link(folder)
    folder.mkdir(parents=True, exist_ok=True)
    taken = TakenError(
        f"{folder}: Expected a new or empty folder. Received one that holds files; choose another."
    )
    if not is_free(folder):
        raise taken
    try:
        return RunLock(folder, new=True)
    except (FileExistsError, HeldError):
        raise taken from None


def _cleared(folder: Path) -> None:
    """Take away what a run that could not begin has made: nobody can read it or go on with it."""
    with suppress(OSError):
        for name in (
            ABOUT,
            DRAWING,
            DATA,
            *(f"{METRICS}{end}" for end in ("", "-wal", "-shm", "-journal")),
            LOCK,
        ):
            (folder / name).unlink(missing_ok=True)
        (folder / CHECKPOINTS).rmdir()


def _taken(folder: Path) -> RunLock:
    require_no_link(folder)
    require_plain(folder)
    try:
        return RunLock(folder, new=False)
    except HeldError as error:
        raise TakenError(str(error)) from None


def versions() -> dict[str, str]:
    """Those of Layerloom, torch and Python, as `run.json` keeps them."""
    own = version.version()
    return {"layerloom": own, "torch": str(torch.__version__), "python": platform.python_version()}


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds")
