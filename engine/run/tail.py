"""What the files of a run newly say, as the events of a run, for whoever follows it by its folder.

Looking costs a few system calls while nothing is new. Nothing here writes; does not import torch.
"""

from __future__ import annotations

import math
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec
import numpy as np
from numpy.typing import NDArray

from engine.messages.events import (
    Event,
    Finished,
    FinishReason,
    Progress,
    Started,
    Status,
    Validated,
    Warned,
)
from engine.runs.curves import MOST_MESSAGES, MOST_ROWS, Curves, Series, curves_of, texts
from engine.runs.database import METRICS, copy_rows, opened, tables_of
from engine.runs.plain_files import ArchiveError, Count, Seconds, content, decoded, reason
from engine.runs.record import ABOUT, LARGEST_ABOUT, Figures, project_of
from engine.train.throughput import Throughput

SHARED = ("nfs", "cifs", "smb", "9p", "fuse.sshfs", "lustre", "gpfs", "beegfs", "ceph", "afs", "glusterfs")
"""File systems of other machines."""
MOUNTS = Path("/proc/self/mounts")
ROWS = (METRICS, f"{METRICS}-wal")
NEVER = 1 << 62


class Result(msgspec.Struct, frozen=True):
    """The end as run.json stores it: a number that is not finite is null there.

    `reason` is missing in runs of earlier versions; the status then stands for it.
    """

    status: Status
    reason: FinishReason | None = None
    step: Count = 0
    epoch: Count = 0
    seconds: Seconds = 0.0
    metrics: Figures = {}
    message: str = ""
    nonfinite_epochs: Count = 0

    def event(self) -> Finished:
        metrics = {name: math.nan if value is None else value for name, value in self.metrics.items()}
        reached = self.step, self.epoch, self.seconds
        reason = self.reason or self.status
        return Finished(reason, *reached, metrics, self.message, self.nonfinite_epochs)


class Resumption(msgspec.Struct, frozen=True):
    """Where a run went on."""

    step: Count = 0


class About(msgspec.Struct, frozen=True):
    """What a follower reads of `run.json`."""

    status: str = "running"
    started: Started | None = None
    result: Result | None = None
    resumed: tuple[Resumption, ...] = ()


class Tail:
    """What the files of a run say that they did not say before. Used from one thread.

    `started`: the start of the run, where whoever asks hears that and the warnings from the run itself. Of
    a run that goes on, only what comes after the step from which it goes on is told then.
    """

    def __init__(self, folder: Path, *, started: Started | None = None) -> None:
        self.folder, self.started = folder, started
        self.step, self.epoch = 0, 0
        self.finished: Finished | None = None
        self.is_far = is_shared(folder)
        self._tells_warnings = started is None
        self._message = 0  # the last one told
        self._rates: dict[str, float] = {}
        self._pace = Throughput()
        self._about, self._stamp, self._batch = About(), 0, 1
        self._stamps: list[tuple[int, int]] = []
        self._unread = ""
        if started is not None:
            self._read_about()
            self.step = self._about.resumed[-1].step if self._about.resumed else 0
        self._validated = self.step

    def poll(self) -> list[Event]:
        """Everything that is new, in order; nothing where the files are not there yet or being written."""
        found: list[Event] = []
        self._read_about()
        ended = self._about.status != "running"
        if self.started is None and self._about.started is not None:
            self.started = self._about.started
            found.append(self.started)
        if self.started is not None:
            found.extend(self._measured())
        if ended and self.finished is None:
            if self._unread and self._tells_warnings:
                found.append(Warned(self.step, self._unread))
            self.finished = (
                self._about.result or Result(self._status(), None, self.step, self.epoch)
            ).event()
            found.append(self.finished)
        return found

    def _status(self) -> Status:
        """The stored status of a run that has ended; "failed" where it is none of ours."""
        match self._about.status:
            case "completed" | "stopped" as status:
                return status
            case _:
                return "failed"

    def _read_about(self) -> None:
        path = self.folder / ABOUT
        try:
            stamp = path.stat().st_mtime_ns
            if stamp != self._stamp:
                self._about = decoded(content(path, LARGEST_ABOUT), About)
                self._batch = project_of(self.folder).settings.batch_size
                self._stamp = stamp
        except (OSError, ArchiveError):
            return

    # Measurements ---------------------------------------------------------------------------------

    def _measured(self) -> list[Event]:
        """New rows; none where no byte of the database has changed since the last look."""
        stamps = [_stamp(self.folder / name) for name in ROWS]
        if stamps == self._stamps:
            return []
        try:
            with _readable(self.folder, copied=self.is_far) as folder:
                events = self._rows(folder)
        except (sqlite3.Error, OSError, ValueError, TypeError, OverflowError) as error:
            self._unread = f"{self.folder.name}: its measurements cannot be read. {reason(error)}"
            return []  # being written, not there yet, or no run's: perhaps the next look sees it
        self._stamps, self._unread = stamps, ""
        return events

    def _rows(self, folder: Path) -> list[Event]:
        with opened(folder) as database:
            tables_of(database)
            validated = self._validations(database)
            warned = self._messages(database)
        curves = curves_of(folder, self.step)
        found: list[Event] = []
        for event in validated:
            found.extend(self._progress(curves, event.step))
            self.epoch = event.epoch
            found.append(event)
        return [*found, *self._progress(curves, None), *warned]

    def _progress(self, curves: Curves, until: int | None) -> list[Progress]:
        """The steps after the last one told, up to and with `until`."""
        started, last = self.started, until if until is not None else NEVER
        assert started is not None
        losses = {path: _between(series, self.step, last) for path, series in curves.losses.items()}
        terms = {path: _between(series, self.step, last) for path, series in curves.terms.items()}
        told = [steps for steps, _ in (*losses.values(), *terms.values())]
        steps = np.unique(np.concatenate([np.empty(0, np.int64), *told]))
        if not len(steps):
            return []
        rates = {path: _between(series, self.step, last)[1] for path, series in curves.rates.items()}
        self._rates.update({path: float(values[-1]) for path, values in rates.items() if len(values)})
        newest = int(steps[-1])
        self._pace.count((newest - self.step) * self._batch)
        self._pace.measure()
        self._pace.go() if not self._pace.samples_per_second else None
        self.step, self.epoch = newest, (newest - 1) // max(started.steps_per_epoch, 1)
        left = max(started.total_steps - newest, 0)
        return [
            Progress(
                newest,
                self.epoch,
                steps.tolist(),
                {path: _spread(steps, series) for path, series in losses.items()},
                self._pace.samples_per_second,
                self._pace.seconds_left(left * self._batch, -(-left // max(started.steps_per_epoch, 1))),
                dict(self._rates),
                {},
                {path: _spread(steps, series) for path, series in terms.items()},
            )
        ]

    def _validations(self, database: sqlite3.Connection) -> list[Validated]:
        asked = "SELECT step, epoch, name, kind, value FROM validation WHERE step > ? ORDER BY step LIMIT ?"
        found: dict[int, Validated] = {}
        for step, epoch, name, kind, value in database.execute(asked, (self._validated, MOST_ROWS)):
            event = found.setdefault(int(step), Validated(int(step), int(epoch), {}, {}))
            number = math.nan if value is None else float(value)
            (event.losses if kind == "loss" else event.metrics)[str(name)] = number
        self._validated = max(found, default=self._validated)
        return list(found.values())

    def _messages(self, database: sqlite3.Connection) -> list[Warned]:
        if not self._tells_warnings:
            return []
        asked = "SELECT rowid, step, message FROM messages WHERE rowid > ? ORDER BY rowid LIMIT ?"
        rows = list(texts(database.execute(asked, (self._message, MOST_MESSAGES))))
        self._message = rows[-1][0] if rows else self._message
        return [Warned(step, message) for _, step, message in rows]


def _stamp(path: Path) -> tuple[int, int]:
    try:
        found = path.stat()
    except OSError:
        return 0, 0
    return found.st_mtime_ns, found.st_size


@contextmanager
def _readable(folder: Path, *, copied: bool) -> Iterator[Path]:
    """The folder, or a copy of its rows.

    A write-ahead log is shared by memory, which another machine does not see; it may read a copy.
    """
    if not copied:
        yield folder
        return
    with tempfile.TemporaryDirectory(prefix="layerloom-follow-") as place:
        before = _stamp(folder / METRICS)
        copy_rows(folder, Path(place))
        if _stamp(folder / METRICS) != before:
            raise OSError("the database was written while it was copied")
        yield Path(place)


def _between(series: Series, first: int, last: int) -> Series:
    """The part after step `first` up to and with step `last`."""
    steps, values = series
    start, end = np.searchsorted(steps, (first, last), "right")
    return steps[start:end], values[start:end]


def _spread(steps: NDArray[np.int64], series: Series) -> list[float]:
    """One value for each step; NaN where there is none."""
    values = np.full(len(steps), np.nan)
    values[np.searchsorted(steps, series[0])] = series[1]
    found: list[float] = values.tolist()
    return found


def is_shared(folder: Path) -> bool:
    """Whether the folder lies on a disk of another machine, as far as the system tells."""
    try:
        mounts = [line.split() for line in MOUNTS.read_text("utf-8", "replace").splitlines()]
    except OSError:
        return False
    place = folder.absolute()
    found = [
        (len(words[1]), words[2]) for words in mounts if len(words) > 2 and place.is_relative_to(words[1])
    ]
    return bool(found) and max(found)[1].startswith(SHARED)
