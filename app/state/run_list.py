"""The runs of the open project as the window sees them: the list, which are chosen, and their curves.

Reading the disk happens in threads of its own. What lies there is the engine's; what is done with a run is in
`run_commands`; this knows no widget.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from PySide6.QtCore import QObject, QTimer, Signal

from app.state.run_controller import RunController
from app.state.session import Session
from app.widgets.background_task import BackgroundTask
from engine.runs.archive import (
    ArchiveError,
    Curves,
    RunRecord,
    curves_of,
    newest_first,
    record_of,
    run_folders,
)

LOOK_MS = 2_000
"""Time between two looks at the disk while somebody looks at the list."""
KEPT_CURVES = 32
INTERRUPTED, RUNNING = "interrupted", "running"


class Line(NamedTuple):
    """A run as it was found, and when its files had been written last."""

    record: RunRecord
    stamp: tuple[int, ...]


class RunListing(NamedTuple):
    """What was found in a folder of runs, by the names of their folders."""

    runs: Path
    lines: dict[str, Line]
    problem: str = ""
    """Why the folder cannot be read, as a sentence."""

    @property
    def records(self) -> tuple[RunRecord, ...]:
        """The newest first."""
        return newest_first(line.record for line in self.lines.values())


class RunList(QObject):
    """`records` newest first, `chosen` in the order of choosing."""

    changed = Signal()
    chosen_changed = Signal()
    curves_changed = Signal(object)  # Path of the run
    interrupted = Signal(object)  # RunRecord, found when a project is opened

    def __init__(
        self, session: Session, controller: RunController, place: Callable[[], Path], parent: QObject
    ) -> None:
        """`place` says where the runs of the present project are."""
        super().__init__(parent)
        self._session, self._place = session, place
        self._listing = RunListing(Path(), {})
        self._records: tuple[RunRecord, ...] = ()
        self._fresh = True
        self.chosen: tuple[Path, ...] = ()
        self.offered: RunRecord | None = None
        """The interrupted run that was told of last, for who comes late."""
        self.followed: dict[Path, RunRecord] = {}
        """Runs from elsewhere that are followed: listed with the project's own."""
        self._curves: OrderedDict[Path, Curves] = OrderedDict()
        self._asked: set[Path] = set()
        self._looking = self._again = False
        self._lister = BackgroundTask("list of runs", _look, self)
        self._lister.answered.connect(self._listed)
        self._reader = BackgroundTask("curves of a run", _read, self)
        self._reader.answered.connect(self._curves_read)
        self._lister.failed.connect(self._not_listed)
        self._reader.failed.connect(self._not_read)
        self._timer = QTimer(self, interval=LOOK_MS)
        self._timer.timeout.connect(self.refresh)
        self._soon = QTimer(self, singleShot=True, interval=0)
        self._soon.timeout.connect(self.refresh)
        session.file_changed.connect(self._soon.start)
        controller.state_changed.connect(self._soon.start)

    # The list ----------------------------------------------------------------------------------

    @property
    def records(self) -> tuple[RunRecord, ...]:
        return self._records

    def record(self, folder: Path) -> RunRecord | None:
        return next((record for record in self.records if record.folder == folder), None)

    def chosen_records(self) -> list[RunRecord]:
        found = (self.record(folder) for folder in self.chosen)
        return [record for record in found if record is not None]

    def opened(self) -> None:
        """Another project is open: what was interrupted there is told once."""
        self._fresh, self.offered = True, None
        self.followed.clear()
        self.choose(())
        self.refresh()

    def watch(self, watched: bool) -> None:
        """Somebody looks at the list, or no longer."""
        if watched:
            self._timer.start()
            self.refresh()
        else:
            self._timer.stop()

    def refresh(self) -> None:
        """Look at the disk; the answer comes by `changed`."""
        self._again = self._looking
        if not self._looking:
            self._looking = True
            held = self._listing if self._listing.runs == self._place() else RunListing(self._place(), {})
            self._lister.ask((held, tuple(self.followed)))

    def _not_listed(self) -> None:
        """The list could not be read, which is told elsewhere; it is read again at the next time."""
        self._looking = False

    def _not_read(self, folder: object, _error: str) -> None:
        """The curves of a run could not be read, which is told elsewhere; the next question reads them."""
        assert isinstance(folder, Path)
        self._asked.discard(folder)

    def follow(self, folder: Path) -> None:
        """List this run too, wherever it is."""
        if folder.parent != self._place():
            self.followed[folder] = record_of(folder)
        self.refresh()

    def replace(self, record: RunRecord) -> None:
        """A record that has just been changed here."""
        if record.folder in self.followed:
            self.followed[record.folder] = record
        self._records = tuple(record if old.folder == record.folder else old for old in self._records)
        self.changed.emit()

    def forget(self, folder: Path) -> None:
        """A run that is no longer there."""
        self.followed.pop(folder, None)
        self._records = tuple(record for record in self._records if record.folder != folder)
        self._curves.pop(folder, None)
        self.choose(tuple(other for other in self.chosen if other != folder))
        self.changed.emit()

    def choose(self, folders: tuple[Path, ...]) -> None:
        """These are what is acted on and shown; those that were chosen before keep their place."""
        kept = [folder for folder in self.chosen if folder in folders]
        ordered = (*kept, *(folder for folder in folders if folder not in kept))
        if ordered != self.chosen:
            self.chosen = ordered
            self.chosen_changed.emit()

    def _listed(self, _question: object, answer: object) -> None:
        self._looking = False
        assert isinstance(answer, tuple)
        listing, followed = answer
        assert isinstance(listing, RunListing)
        if listing.runs != self._place():
            self._soon.start()
            return
        if listing.problem and listing.problem != self._listing.problem:
            self._session.notify(listing.problem, "warn")
        old, self._listing, own = self._records, listing, listing.records
        self.followed = {one.folder: one for one in followed if one.folder not in _folders(own)}
        self._records = (*self.followed.values(), *own)
        if self.records != old or self._fresh:
            gone = set(_folders(old)) - set(_folders(self.records))
            self.choose(tuple(folder for folder in self.chosen if folder not in gone))
            self.changed.emit()
        self._read_growing(old)
        if self._again:  # asked while this was being read: it may be out of date
            self.refresh()
        elif self._fresh:
            self._fresh = False
            self._offer()

    def _offer(self) -> None:
        for record in self._records:
            if record.status == INTERRUPTED and record.resumable:
                self.offered = record
                self.interrupted.emit(record)
                return

    # Curves ------------------------------------------------------------------------------------

    def curves(self, folder: Path) -> Curves | None:
        """What the run measured; None while it is being read, which `curves_changed` ends."""
        if folder in self._curves:
            self._curves.move_to_end(folder)
            return self._curves[folder]
        self._ask_curves(folder)
        return None

    def _ask_curves(self, folder: Path) -> None:
        if folder not in self._asked:
            self._asked.add(folder)
            self._reader.ask(folder)

    def _read_growing(self, old: tuple[RunRecord, ...]) -> None:
        """The curves of chosen runs that have gone on since they were read."""
        before = {record.folder: record for record in old}
        for record in self.chosen_records():
            if record.folder in self._curves and record != before.get(record.folder):
                self._ask_curves(record.folder)

    def _curves_read(self, folder: object, answer: object) -> None:
        assert isinstance(folder, Path)
        self._asked.discard(folder)
        if isinstance(answer, ArchiveError):
            if folder not in self._curves:
                self._session.notify(str(answer), "bad")
            answer = self._curves.get(folder, Curves())
        assert isinstance(answer, Curves)
        self._curves[folder] = answer
        while len(self._curves) > KEPT_CURVES:
            self._curves.popitem(last=False)
        self.curves_changed.emit(folder)

    def close(self) -> None:
        """The window goes: nothing more is read."""
        self._timer.stop()
        self._soon.stop()
        for task in (self._lister, self._reader):
            task.call_off()


def _folders(records: tuple[RunRecord, ...]) -> tuple[Path, ...]:
    return tuple(record.folder for record in records)


def _look(question: object) -> tuple[RunListing, tuple[RunRecord, ...]]:
    """The runs of a folder and those elsewhere; only what has been written since the last look is read."""
    assert isinstance(question, tuple)
    held, elsewhere = question
    assert isinstance(held, RunListing)
    try:
        folders = run_folders(held.runs)
    except ArchiveError as error:
        listing = RunListing(held.runs, {}, str(error))
    else:
        listing = RunListing(
            held.runs, {path.name: _line(path, held.lines.get(path.name)) for path in folders}
        )
    return listing, tuple(record_of(folder) for folder in elsewhere)


def _line(folder: Path, known: Line | None) -> Line:
    stamp = _stamp(folder)
    if known is not None and known.stamp == stamp and known.record.status != RUNNING:
        return known
    return Line(record_of(folder), stamp)


def _stamp(folder: Path) -> tuple[int, ...]:
    """When the files that a record is read from were written."""
    found = []
    for name in ("run.json", "run.lock", "notes.json"):
        try:
            found.append((folder / name).stat().st_mtime_ns)
        except OSError:
            found.append(0)
    return tuple(found)


def _read(folder: object) -> Curves | ArchiveError:
    assert isinstance(folder, Path)
    try:
        return curves_of(folder)
    except ArchiveError as error:
        return error
